"""Pruning: which connections of a graph go.

A rule is ``rule(network, index, fraction, maximum, rng)`` and gives a bool for each connection of
graph `index`: True goes. It prunes a share of them, rounded down, and no more than `maximum`.
`PRUNE` finds it by name.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .._network import MotifNetwork

PruneRule = Callable[[MotifNetwork, int, float, int, np.random.Generator], np.ndarray]


def prune_magnitude(
    network: MotifNetwork, index: int, fraction: float, maximum: int, rng: np.random.Generator
) -> np.ndarray:
    """The smallest of the positive and the smallest of the negative weights, a share of each.

    Blocks have no sign: they are one group.
    """
    importance = network.importance(index)
    weights = network.graph_weights(index)
    has_sign = weights[0].size == 1
    is_negative = weights.ravel() < 0 if has_sign else np.zeros(importance.size, dtype=bool)
    pruned = np.zeros_like(is_negative)
    for group in (~is_negative, is_negative):
        pruned |= smallest(importance, group, int(fraction * np.count_nonzero(group)))
    return pruned if np.count_nonzero(pruned) <= maximum else smallest(importance, pruned, maximum)


def prune_random(
    network: MotifNetwork, index: int, fraction: float, maximum: int, rng: np.random.Generator
) -> np.ndarray:
    """Any connections."""
    pruned = np.zeros(int(network.graphs[index]["n_connections"]), dtype=bool)
    count = min(maximum, int(fraction * pruned.size))
    pruned[rng.choice(pruned.size, count, replace=False)] = True
    return pruned


def smallest(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Mask of the `count` smallest values of a group, ties in the order in which they stand."""
    if count == 0:
        return np.zeros_like(group)
    of_group = np.compress(group, values)  # several times faster than indexing
    of_group.partition(count - 1)
    limit = of_group[count - 1]
    chosen = group & (values < limit)
    ties = np.flatnonzero(group & (values == limit))
    chosen[ties[: count - np.count_nonzero(chosen)]] = True
    return chosen


PRUNE: dict[str, PruneRule] = {"magnitude": prune_magnitude, "random": prune_random}
