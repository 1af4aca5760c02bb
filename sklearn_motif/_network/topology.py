"""Motifs and motif graphs: sizes, keys, and uniform sampling.

A motif graph has a cell for each pair of an input motif g and an output motif h; a connection
takes up one. The *key* of a cell, and of the connection in it, is ``g * motifs_out + h``. A graph
stores its connections sorted by key.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

# Draws by shares until the rest is drawn by equal ones: motifs of a large share may be full.
MAXIMUM_ROUNDS = 20


def n_motifs(n_neurons: int, motif_size: int) -> int:
    """Motifs of a layer; the last one is shorter where the size does not divide."""
    return -(-n_neurons // motif_size)


def motif_lengths(n_neurons: int, motif_size: int) -> np.ndarray:
    """Neurons of each motif of a layer."""
    lengths = np.full(n_motifs(n_neurons, motif_size), motif_size)
    lengths[-1] -= lengths.size * motif_size - n_neurons
    return lengths


def sample_keys(
    population: int,
    count: int,
    rng: np.random.Generator,
    n_taken: int = 0,
    vacant: Callable[[np.ndarray], np.ndarray] | None = None,
    shares: np.ndarray | None = None,
) -> np.ndarray:
    """Sorted sample without replacement of `count` keys that are vacant.

    Parameters
    ----------
    population : int
        Keys are 0 to population - 1.
    count : int
        At most ``population - n_taken``.
    rng : numpy.random.Generator
    n_taken : int
        Keys that may not be drawn.
    vacant : callable, optional
        ``vacant(keys)`` tells which of some sorted keys may be drawn; all, if there is none.
    shares : ndarray of float64, optional
        Probability of each input motif, while there are vacant keys enough; equal ones otherwise.

    Returns
    -------
    ndarray of int64, shape (count,)
        Every such set is equally likely, unless there are `shares`. Time and memory are O(count +
        n_taken), whatever the population.
    """
    if population - n_taken < 2 * count:
        # Few vacant cells beside those asked for: list them.
        keys = np.arange(population)
        keys = keys if vacant is None else keys[vacant(keys)]
        return np.sort(rng.choice(keys, count, replace=False))
    keys = np.empty(0, dtype=np.int64)
    for n_rounds in itertools.count():
        if keys.size >= count:
            break
        missing = (count - keys.size) * population // (population - n_taken)
        drawn = _draw_sorted(population, missing + missing // 8 + 8, rng)
        if shares is not None and n_rounds < MAXIMUM_ROUNDS:
            drawn = _by_shares(drawn, population, shares)
        drawn = np.minimum(drawn.astype(np.int64), population - 1)
        if vacant is not None:
            drawn = drawn[vacant(drawn)]
        if keys.size:
            drawn = np.sort(np.concatenate([keys, drawn]))
        keys = drawn[np.diff(drawn, prepend=-1) > 0]
    surplus = rng.choice(keys.size, keys.size - count, replace=False)
    return np.delete(keys, surplus)


def _draw_sorted(population: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """Independent uniform numbers below `population`, sorted without sorting.

    Sums of exponential gaps, divided by the last of them, are distributed as sorted uniform
    numbers.
    """
    sums = np.cumsum(rng.standard_exponential(count + 1))
    return sums[:-1] * (population / sums[-1])


def _by_shares(places: np.ndarray, population: int, shares: np.ndarray) -> np.ndarray:
    """Uniform sorted places among keys, moved so that motifs get their shares of them."""
    ends, n_targets = np.cumsum(shares), population // shares.size
    levels = places * (ends[-1] / population)
    levels = np.minimum(levels, np.nextafter(ends[-1], 0.0))
    motifs = np.searchsorted(ends, levels, side="right")  # none of share 0
    within = (levels - (ends - shares)[motifs]) / shares[motifs]
    return n_targets * (motifs + np.clip(within, 0.0, np.nextafter(1.0, 0.0)))


def runs(lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of a run, and the place in it, for each item of runs that follow each other."""
    run = np.repeat(np.arange(lengths.size), lengths)
    place = np.arange(run.size)
    place -= np.repeat(np.cumsum(lengths) - lengths, lengths)
    return run, place


def member_pairs(n_in: np.ndarray, n_out: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of members that connections join.

    Connection k joins `n_in[k]` members to `n_out[k]` members, each to each.

    Returns
    -------
    connection, member_in, member_out : ndarray of int64
        An item for each pair, those of a connection together, by input member and then by
        output member.
    """
    connection, pair = runs(n_in * n_out)
    return connection, *np.divmod(pair, n_out[connection])
