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
        ``gradients(index, targets, sources)`` gives the squared gradients of the loss on the
        last mini-batch by possible connections of a graph.
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
    moved = []
    for array in (network.weights, state.weights_1, state.weights_2):
        if array.size:
            values = network.graph_weights(index, array)
            new = np.zeros((grown.size, *values.shape[1:]), dtype=values.dtype)
            moved.append((values, np.concatenate([values[kept], new])[order]))
    # All is computed before anything changes, which leaves Ctrl-C no more than a few copies to
    # come between.
    network.set_keys(index, merged[order], moved)
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
    population = motifs_in * motifs_out
    if population > EXACT_PLACES * keys.size:
        n_candidates = min(CANDIDATES * count, population - keys.size)
        candidates = _topology.sample_keys(population, n_candidates, keys, rng)
        return _largest(candidates, gradients(index, *np.divmod(candidates, motifs_in)), count)[0]
    # By rows that hold no more places than there are connections, with a running best.
    best, best_scores = np.empty(0, dtype=np.int64), np.empty(0, dtype=network.weights.dtype)
    n_rows = max(1, keys.size // motifs_in)
    for first in range(0, motifs_out, n_rows):
        last = min(first + n_rows, motifs_out)
        vacant = np.arange(first * motifs_in, last * motifs_in)
        inside = keys[np.searchsorted(keys, vacant[0]) : np.searchsorted(keys, vacant[-1] + 1)]
        vacant = np.delete(vacant, inside - vacant[0])
        scores = gradients(index, *np.divmod(vacant, motifs_in))
        best = np.concatenate([best, vacant])
        best, best_scores = _largest(best, np.concatenate([best_scores, scores]), count)
    return best


def _largest(keys, scores, count):
    """The `count` keys of largest score, sorted, and their scores."""
    if keys.size > count:
        top = np.sort(np.argpartition(-scores, count - 1)[:count])
        keys, scores = keys[top], scores[top]
    return keys, scores


PRUNE = {"magnitude": prune_magnitude, "random": prune_random}
GROW = {"random": grow_random, "gradient": grow_gradient}
