"""Motif graphs in linear time: the order by output motif, membership, and rewiring.

A graph is a list of connections in the order of their input motifs, those of motif g being
``targets[indptr[g]:indptr[g + 1]]``, sorted. The key of a connection is the number
``g * motifs_out + target``.
"""

from __future__ import annotations

import numpy as np

from .jit import entry, inlined, inner


@inlined
def transpose(indptr, targets, indptr_t, sources, places):
    """Write the order by output motif: where each begins, its sources and their places."""
    for h in range(indptr_t.size):
        indptr_t[h] = 0
    for k in range(targets.size):
        indptr_t[targets[k] + 1] += 1
    # Counts become starts, one place ahead: filling moves them to where they belong.
    start = np.int64(0)
    for h in range(1, indptr_t.size):
        count = indptr_t[h]
        indptr_t[h] = start
        start += count
    for g in range(indptr.size - 1):
        for k in range(indptr[g], indptr[g + 1]):
            place = indptr_t[targets[k] + 1]
            sources[place] = g
            places[place] = k
            indptr_t[targets[k] + 1] = place + 1


@inner
def move(values, origins, block, old):
    """values[k] becomes what values[origins[k]] was, of `block` numbers; 0 if that is negative."""
    if values.size == 0:
        return
    for i in range(values.size):
        old[i] = values[i]
    for k in range(origins.size):
        for i in range(block):
            values[k * block + i] = old[origins[k] * block + i] if origins[k] >= 0 else 0


@entry
def rewire_in_place(wires, values, block, pruned, grown, scratch):
    """Replace connections and write the order by output motif."""
    indptr, targets, indptr_t, sources, places = wires
    old_targets, origins, old_values = scratch
    motifs_out = indptr_t.size - 1
    for c in range(targets.size):
        old_targets[c] = targets[c]
    k, new, i = np.int64(0), np.int64(0), np.int64(0)
    for g in range(indptr.size - 1):
        first_key, last = g * motifs_out, indptr[g + 1]
        while True:
            while k < last and pruned[k]:
                k += 1
            is_grown = i < grown.size and grown[i] < first_key + motifs_out
            if is_grown and (k == last or grown[i] - first_key < old_targets[k]):
                targets[new] = grown[i] - first_key
                origins[new] = -1
                i += 1
            elif k < last:
                targets[new] = old_targets[k]
                origins[new] = k
                k += 1
            else:
                break
            new += 1
        indptr[g + 1] = new
    for array in values:
        move(array, origins, block, old_values)
    transpose(indptr, targets, indptr_t, sources, places)


@entry
def find_vacant(indptr, targets, motifs_out, keys, result):
    """Write which of some sorted keys are no connection of the graph."""
    g, k, first_key = np.int64(0), np.int64(0), np.int64(0)
    for i in range(keys.size):
        while keys[i] >= first_key + motifs_out:
            g += 1
            first_key += motifs_out
        if k < indptr[g]:
            k = indptr[g]
        target = keys[i] - first_key
        while k < indptr[g + 1] and targets[k] < target:
            k += 1
        result[i] = k == indptr[g + 1] or targets[k] != target


def vacant(
    indptr: np.ndarray, targets: np.ndarray, motifs_out: int, keys: np.ndarray
) -> np.ndarray:
    """Which of some sorted keys are no connection of the graph."""
    result = np.empty(keys.size, dtype=np.bool_)
    find_vacant(indptr, targets, motifs_out, keys, result)
    return result


def rewire(
    wires: tuple[np.ndarray, ...],
    values: tuple[np.ndarray, ...],
    pruned: np.ndarray,
    grown: np.ndarray,
) -> None:
    """Replace the pruned connections by as many grown ones, in place.

    Parameters
    ----------
    wires : tuple of ndarray
        indptr, targets, indptr_t, sources and places. The last three are written only.
    values : tuple of three ndarray
        The weights and their moments, flat and of one dtype; empty ones stay so. A grown
        connection has zeros.
    pruned : ndarray of bool
        Which connections go.
    grown : ndarray of int64
        Sorted keys of vacant places.
    """
    scratch = (
        np.empty_like(wires[1]),
        np.empty(pruned.size, dtype=np.int32),
        np.empty_like(values[0]),
    )
    block = values[0].size // max(pruned.size, 1)
    rewire_in_place(wires, values, block, pruned, grown, scratch)
