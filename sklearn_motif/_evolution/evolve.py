"""Evolution of the wiring: prune the weakest connections, grow new ones.

Functions are found by name in `PRUNE` and `GROW`.
"""

from __future__ import annotations

import numpy as np

from .. import engine
from .._network import MotifNetwork, topology


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
    state: engine.OptimizerState,
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
    state : engine.OptimizerState
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
    vacant = _vacant_in_windows(network, index)
    if vacant is None:
        n_vacant = int(graph["motifs_in"] * graph["motifs_out"]) - int(graph["n_connections"])
    else:
        n_vacant = vacant.size
    pruned = PRUNE[prune](network, index, fraction, n_vacant, rng)
    n_pruned = int(np.count_nonzero(pruned))
    if n_pruned == 0:
        return 0
    # Old places, the pruned ones too, are not grown again at once.
    grown = GROW[grow](network, index, n_pruned, gradients, rng)
    network.rewire(index, pruned, grown, state)
    return n_pruned


def prune_magnitude(network, index, fraction, most, rng):
    """The least of the positive and the least of the negative weights, a share of each.

    Blocks have no sign: they are one group. No more than `most` in all; True is pruned.
    """
    importance = network.importance(index)
    weights = network.graph_weights(index)
    is_negative = (
        weights.ravel() < 0 if weights[0].size == 1 else np.zeros(len(weights), dtype=bool)
    )
    pruned = _least(importance, ~is_negative, fraction) | _least(importance, is_negative, fraction)
    n_pruned = np.count_nonzero(pruned)
    return pruned if n_pruned <= most else _least(importance, pruned, count=most)


def _least(importance, group, fraction=0.0, count=None):
    """The least important of a group, ties in the order of the connections."""
    values = np.compress(group, importance)  # several times faster than indexing
    count = int(fraction * values.size) if count is None else count
    if count == 0:
        return np.zeros_like(group)
    values.partition(count - 1)
    limit = values[count - 1]
    least = group & (importance < limit)
    ties = np.flatnonzero(group & (importance == limit))
    least[ties[: count - np.count_nonzero(least)]] = True
    return least


def prune_random(network, index, fraction, most, rng):
    """Any connections."""
    pruned = np.zeros(int(network.graphs[index]["n_connections"]), dtype=bool)
    count = min(most, int(fraction * pruned.size))
    pruned[rng.choice(pruned.size, count, replace=False)] = True
    return pruned


def grow_random(network, index, count, gradients, rng):
    """Any vacant places."""
    return _sample(network, index, count, rng)


def _vacant_in_windows(network, index):
    """Sorted keys of the vacant places of a graph with windows; None for others."""
    places = network.places_in_windows(index)
    return None if places is None else places[network.vacant(index, places)]


def _sample(network, index, count, rng):
    vacant = _vacant_in_windows(network, index)
    # A split may leave windows of one pixel with too few; then it is any places.
    if vacant is not None and vacant.size >= count:
        return vacant[topology.sample_keys(vacant.size, count, rng)]
    graph = network.graphs[index]
    population = int(graph["motifs_in"] * graph["motifs_out"])
    n_taken = int(graph["n_connections"])
    return topology.sample_keys(
        population, count, rng, n_taken, lambda keys: network.vacant(index, keys)
    )


# Up to this many places for each connection, growth by gradient looks at every one.
EXACT_PLACES = 64
CANDIDATES = 8


def grow_gradient(network, index, count, gradients, rng):
    """The vacant places of largest gradient on the last mini-batch.

    Exact in windows and up to `EXACT_PLACES` places for each connection, else the best of
    `CANDIDATES` times as many places drawn uniformly. Memory is O(connections) either way.
    """
    graph = network.graphs[index]
    motifs_in, motifs_out = int(graph["motifs_in"]), int(graph["motifs_out"])
    n_connections = int(graph["n_connections"])
    population = motifs_in * motifs_out

    def scores(keys):
        sources, targets = np.divmod(keys, motifs_out)
        return gradients(index, targets, sources)

    vacant = _vacant_in_windows(network, index)
    if vacant is not None:
        return _largest(vacant, scores(vacant), count)[0]
    if population > EXACT_PLACES * n_connections:
        n_candidates = min(CANDIDATES * count, population - n_connections)
        candidates = _sample(network, index, n_candidates, rng)
        return _largest(candidates, scores(candidates), count)[0]
    # By rows that hold no more places than there are connections, with a running best.
    best, best_scores = np.empty(0, dtype=np.int64), np.empty(0, dtype=network.weights.dtype)
    n_rows = max(1, n_connections // motifs_out)
    for first in range(0, motifs_in, n_rows):
        places = np.arange(first * motifs_out, min(first + n_rows, motifs_in) * motifs_out)
        places = places[network.vacant(index, places)]
        best = np.concatenate([best, places])
        best, best_scores = _largest(best, np.concatenate([best_scores, scores(places)]), count)
    return best


def _largest(keys, scores, count):
    """The `count` keys of largest score, sorted, and their scores."""
    if keys.size > count:
        top = np.sort(np.argpartition(-scores, count - 1)[:count])
        keys, scores = keys[top], scores[top]
    return keys, scores


PRUNE = {"magnitude": prune_magnitude, "random": prune_random}
GROW = {"random": grow_random, "gradient": grow_gradient}
