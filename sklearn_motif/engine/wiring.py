"""Motif graphs in linear time: the order by output motif, membership, and rewiring.

A graph is a list of connections in the order of their input motifs, those of motif g being
``targets[indptr[g]:indptr[g + 1]]``, sorted. The key of a connection is the number
``g * motifs_out + target``.
"""

from __future__ import annotations

import numpy as np

from .jit import entry


@entry
def transpose(indptr, targets, indptr_t, sources, places):
    """Write the order by output motif: where each begins, its sources and their places."""
    indptr_t[:] = 0
    for k in range(targets.size):
        indptr_t[targets[k] + 1] += 1
    for h in range(indptr_t.size - 1):
        indptr_t[h + 1] += indptr_t[h]
    free = indptr_t[:-1].copy()
    for g in range(indptr.size - 1):
        for k in range(indptr[g], indptr[g + 1]):
            place = free[targets[k]]
            sources[place] = g
            places[place] = k
            free[targets[k]] += 1


@entry
def vacant(indptr, targets, motifs_out, keys):
    """Which of some sorted keys are no connection of the graph."""
    result = np.ones(keys.size, np.bool_)
    g, k, first_key = 0, 0, 0
    for i in range(keys.size):
        while keys[i] >= first_key + motifs_out:
            g += 1
            first_key += motifs_out
            k = max(k, indptr[g])
        target = keys[i] - first_key
        while k < indptr[g + 1] and targets[k] < target:
            k += 1
        result[i] = k == indptr[g + 1] or targets[k] != target
    return result


@entry
def move(values, origins):
    """values[k] becomes what values[origins[k]] was; zero where that is negative."""
    if values.size == 0:
        return
    old = values.copy()
    for k in range(origins.size):
        for i in range(values.shape[1]):
            values[k, i] = old[origins[k], i] if origins[k] >= 0 else 0


@entry
def rewire(indptr, targets, indptr_t, sources, places, weights, moment_1, moment_2, pruned, grown):
    """Replace the pruned connections by as many grown ones, in place.

    Parameters
    ----------
    weights, moment_1, moment_2 : ndarray of shape (n_connections, block) or (0, 0)
        A grown connection has zeros.
    pruned : ndarray of bool
        Which connections go.
    grown : ndarray of int64
        Sorted keys of vacant places.
    """
    motifs_out = indptr_t.size - 1
    old_targets = targets.copy()
    origins = np.empty(targets.size, np.int32)
    k, new, i = 0, 0, 0
    for g in range(indptr.size - 1):
        last = indptr[g + 1]
        while True:
            while k < last and pruned[k]:
                k += 1
            is_grown = i < grown.size and grown[i] < (g + 1) * motifs_out
            if is_grown and (k == last or grown[i] - g * motifs_out < old_targets[k]):
                targets[new] = grown[i] - g * motifs_out
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
    move(weights, origins)
    move(moment_1, origins)
    move(moment_2, origins)
    transpose(indptr, targets, indptr_t, sources, places)
