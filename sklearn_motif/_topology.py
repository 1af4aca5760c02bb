"""Motifs and motif graphs: sizes, Erdős–Rényi sampling, row order and its transpose.

A connection between input motif g and output motif h is the number ``h * motifs_in + g``,
its *key*; a graph in row order is the sorted array of its keys.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse


def n_motifs(n_neurons: int, motif_size: int) -> int:
    """Motifs of a layer; the last one is shorter where the size does not divide."""
    return -(-n_neurons // motif_size)


def motif_lengths(n_neurons: int, motif_size: int) -> np.ndarray:
    """Neurons of each motif of a layer."""
    lengths = np.full(n_motifs(n_neurons, motif_size), motif_size)
    lengths[-1] -= lengths.size * motif_size - n_neurons
    return lengths


def n_connections(motifs_in: int, motifs_out: int, epsilon: float) -> int:
    """SET's number of connections of a motif graph."""
    return min(motifs_in * motifs_out, round(epsilon * (motifs_in + motifs_out)))


def sample_keys(
    population: int, count: int, taken: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Sorted sample without replacement of `count` keys that are not in `taken`.

    Parameters
    ----------
    population : int
        Keys are 0 to population - 1.
    count : int
        At most ``population - len(taken)``.
    taken : ndarray of int64
        Sorted keys that may not be drawn.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int64, shape (count,)
        Every such set is equally likely. Time and memory are
        O(count + len(taken)), whatever the population.
    """
    if population - taken.size < 2 * count:
        # Few vacant places beside those asked for: list them.
        vacant = np.ones(population, dtype=bool)
        vacant[taken] = False
        return np.sort(rng.choice(np.flatnonzero(vacant), count, replace=False))
    keys = np.empty(0, dtype=np.int64)
    while keys.size < count:
        missing = (count - keys.size) * population // (population - taken.size)
        # Sorted, the search among `taken` walks through memory in one direction.
        drawn = np.sort(rng.integers(population, size=missing + missing // 8 + 8))
        drawn = drawn[~is_member(drawn, taken)]
        keys = np.sort(np.concatenate([keys, drawn]))
        keys = keys[np.diff(keys, prepend=-1) > 0]
    surplus = rng.choice(keys.size, keys.size - count, replace=False)
    return np.delete(keys, surplus)


def is_member(keys: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Which of `keys` are among the sorted keys `ordered`."""
    if ordered.size == 0:
        return np.zeros(keys.size, dtype=bool)
    place = np.minimum(np.searchsorted(ordered, keys), ordered.size - 1)
    return ordered[place] == keys


def compress(keys: np.ndarray, motifs_in: int, motifs_out: int):
    """Row order and its transpose for sorted keys.

    Returns
    -------
    indptr, sources, indptr_t, targets, places : ndarray
        Connections of output motif h are ``indptr[h]:indptr[h + 1]``, coming from
        `sources`; those of input motif g are ``indptr_t[g]:indptr_t[g + 1]``, going to
        `targets`, and stand at `places` of the row order.
    """
    rows, sources = np.divmod(keys, motifs_in)
    indptr = np.searchsorted(rows, np.arange(motifs_out + 1))
    order = np.arange(keys.size, dtype=np.int32)
    graph = scipy.sparse.csr_array((order, sources, indptr), shape=(motifs_out, motifs_in))
    transpose = graph.tocsc()
    return indptr, sources, transpose.indptr, transpose.indices, transpose.data
