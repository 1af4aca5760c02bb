"""Evolution of the wiring: prune the weakest connections, grow new ones.

Functions are found by name in `PRUNE` and `GROW`.
"""

from __future__ import annotations

import numpy as np

from . import _topology, engine
from ._network import MotifNetwork


def drop_fraction(zeta: float, schedule: str, epoch: int, max_iter: int) -> float:
    """Share of connections to replace after `epoch` epochs.

    "cosine" anneals it to 0 at three quarters of `max_iter`.
    """
    if schedule == "constant":
        return zeta
    progress = min(1.0, epoch / (0.75 * max_iter))
    return zeta * 0.5 * (1.0 + np.cos(np.pi * progress))


def evolve(
    network: MotifNetwork,
    state: engine.State,
    fraction: float,
    *,
    prune: str,
    grow: str,
    gradients,
    rng: np.random.Generator,
) -> int:
    """Prune and regrow a share of the connections of every hidden layer, in place.

    New connections start with a weight of 0, so that evolution leaves the function as it was
    but for what it pruned; drawn weights cost accuracy.

    Parameters
    ----------
    network : MotifNetwork
    state : engine.State
        Optimizer state: kept for connections that stay, zero for new ones.
    fraction : float
        Share of a layer's connections to replace. No more are pruned than there were
        vacant places.
    prune : {"magnitude", "random"}
    grow : {"random", "gradient"}
    gradients : callable
        ``gradients(index)`` gives (d, p) of a graph on the last mini-batch: the gradient by
        what its output units sum up, and what its input units send, both of shape
        (n_units, batch).
    rng : numpy.random.Generator

    Returns
    -------
    n_changed : int
        Connections replaced.
    """
    n_changed = 0
    # The output layer keeps its wiring.
    for index in range(network.graphs.size - 1):
        n_changed += _evolve_graph(network, state, index, fraction, prune, grow, gradients, rng)
    return n_changed


def _evolve_graph(network, state, index, fraction, prune, grow, gradients, rng):
    graph = network.graphs[index]
    population = int(graph["motifs_in"] * graph["motifs_out"])
    keys = network.keys(index)
    pruned = PRUNE[prune](network, index, keys, fraction, rng)[: population - keys.size]
    if pruned.size == 0:
        return 0
    # Old places, the pruned ones too, are not grown again at once.
    grown = GROW[grow](network, index, keys, pruned.size, gradients, rng)
    kept = np.delete(np.arange(keys.size), pruned)
    merged = np.concatenate([keys[kept], grown])
    order = np.argsort(merged)
    for array in (network.weights, state.weights_1, state.weights_2):
        if array.size:
            values = network.graph_weights(index, array)
            new = np.zeros((grown.size, *values.shape[1:]), dtype=values.dtype)
            values[:] = np.concatenate([values[kept], new])[order]
    network.set_keys(index, merged[order])
    return pruned.size


def prune_magnitude(network, index, keys, fraction, rng):
    """The least of the positive and the least of the negative weights, a share of each.

    In "scaled" mode a weight counts with the norms of its motifs' gains; a block counts by
    its Frobenius norm, without signs. Least important first.
    """
    weights = network.graph_weights(index)
    motifs_in = int(network.graphs[index]["motifs_in"])
    norm_in, norm_out = network.gain_norms(index)
    importance = np.sqrt(np.einsum("kji,kji->k", weights, weights, dtype=np.float64))
    importance *= norm_in[keys % motifs_in] * norm_out[keys // motifs_in]
    if weights[0].size > 1:
        groups = [np.arange(keys.size)]
    else:
        positive = weights[:, 0, 0] >= 0
        groups = [np.flatnonzero(positive), np.flatnonzero(~positive)]
    pruned = [_least(group, importance, int(fraction * group.size)) for group in groups]
    pruned = np.concatenate(pruned)
    return pruned[np.argsort(importance[pruned], kind="stable")]


def _least(group, importance, count):
    if count == 0:
        return group[:0]
    return group[np.argpartition(importance[group], count - 1)[:count]]


def prune_random(network, index, keys, fraction, rng):
    """Any connections."""
    return rng.choice(keys.size, int(fraction * keys.size), replace=False)


def grow_random(network, index, keys, count, gradients, rng):
    """Any vacant places."""
    graph = network.graphs[index]
    population = int(graph["motifs_in"] * graph["motifs_out"])
    return _topology.sample_keys(population, count, keys, rng)


# Up to this many places for each connection, growth by gradient looks at every one.
EXACT_PLACES = 64
CANDIDATES = 8


def grow_gradient(network, index, keys, count, gradients, rng):
    """The vacant places of largest gradient on the last mini-batch.

    Exact up to `EXACT_PLACES` places for each connection, else the best of `CANDIDATES`
    times as many places drawn uniformly. Memory is O(connections) either way.
    """
    graph = network.graphs[index]
    motifs_in, motifs_out = int(graph["motifs_in"]), int(graph["motifs_out"])
    block_in, block_out = int(graph["block_in"]), int(graph["block_out"])
    population = motifs_in * motifs_out
    d, p = gradients(index)
    d = _by_motif(d, motifs_out, block_out)
    p = _by_motif(p, motifs_in, block_in)
    if population <= EXACT_PLACES * keys.size:
        return _largest_vacant(d, p, keys, count)
    n_candidates = min(CANDIDATES * count, population - keys.size)
    candidates = _topology.sample_keys(population, n_candidates, keys, rng)
    # As many at a time as there are units, which is what their signals take.
    parts = np.array_split(candidates, 1 + n_candidates // max(motifs_in, motifs_out))
    scores = np.concatenate(
        [_squared_gradients(d[part // motifs_in], p[part % motifs_in]) for part in parts]
    )
    best = np.argpartition(-scores, count - 1)[:count]
    return np.sort(candidates[best])


def _squared_gradients(d, p):
    blocks = d @ p.transpose(0, 2, 1)
    return np.einsum("kji,kji->k", blocks, blocks)


def _by_motif(rows, n_motifs, block):
    """Rows of units as (n_motifs, block, batch), zeros where the last motif is shorter."""
    if rows.shape[0] < n_motifs * block:
        rows = np.pad(rows, ((0, n_motifs * block - rows.shape[0]), (0, 0)))
    return rows.reshape(n_motifs, block, -1)


def _largest_vacant(d, p, keys, count):
    """Keys of the `count` vacant places of largest squared gradient, sorted.

    Goes by blocks of rows that hold no more places than there are connections, and keeps a
    running best.
    """
    motifs_in = p.shape[0]
    n_rows = max(1, keys.size // (motifs_in * d.shape[1] * p.shape[1]))
    columns = p.reshape(-1, p.shape[2]).T
    best_keys, best_scores = np.empty(0, dtype=np.int64), np.empty(0, dtype=d.dtype)
    for first in range(0, d.shape[0], n_rows):
        rows = d[first : first + n_rows]
        block = rows.reshape(-1, rows.shape[2]) @ columns
        block = block.reshape(rows.shape[0], rows.shape[1], motifs_in, p.shape[1])
        scores = np.einsum("hjgi,hjgi->hg", block, block).ravel()
        start = first * motifs_in
        inside = keys[np.searchsorted(keys, start) : np.searchsorted(keys, start + scores.size)]
        scores[inside - start] = -1.0
        top = np.argpartition(-scores, min(count, scores.size) - 1)[:count]
        best_keys = np.concatenate([best_keys, top + start])
        best_scores = np.concatenate([best_scores, scores[top]])
        if best_keys.size > count:
            top = np.argpartition(-best_scores, count - 1)[:count]
            best_keys, best_scores = best_keys[top], best_scores[top]
    return np.sort(best_keys)


PRUNE = {"magnitude": prune_magnitude, "random": prune_random}
GROW = {"random": grow_random, "gradient": grow_gradient}
