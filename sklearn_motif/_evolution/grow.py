"""Growth: which vacant cells of a graph get connections.

A rule is ``rule(vacant, count, gradients, rng)`` and gives the sorted keys of `count` cells of
`vacant`. `GROW` finds it by name.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .._network import MotifNetwork, topology

# ``gradients(index, targets, sources)``: squared gradients of the loss by possible connections.
Gradients = Callable[[int, np.ndarray, np.ndarray], np.ndarray]
# Up to this many cells for each connection, growth by gradient looks at every one.
EXACT_CELLS = 64
CANDIDATES = 8


class VacantCells:
    """The cells of a graph where a connection may grow.

    Attributes
    ----------
    keys : ndarray of int64, or None
        Sorted keys where the graph has windows; None: all that hold no connection.
    count : int
    """

    def __init__(self, network: MotifNetwork, index: int):
        self.network = network
        self.index = index
        graph = network.graphs[index]
        self.n_connections = int(graph["n_connections"])
        self.motifs_in, self.motifs_out = int(graph["motifs_in"]), int(graph["motifs_out"])
        self.population = self.motifs_in * self.motifs_out
        allowed = network.allowed_keys(index)
        if allowed is None:
            self.keys, self.count = None, self.population - self.n_connections
        else:
            self.keys = self.among(allowed)
            self.count = self.keys.size

    def among(self, keys: np.ndarray) -> np.ndarray:
        """Those of some sorted keys that hold no connection."""
        return keys[self.network.vacant(self.index, keys)]

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Sorted keys of `count` cells, every set equally likely."""
        # A split may leave windows of one pixel with too few; then it is any cells.
        if self.keys is not None and self.keys.size >= count:
            return self.keys[topology.sample_keys(self.keys.size, count, rng)]
        return topology.sample_keys(
            self.population,
            count,
            rng,
            self.n_connections,
            lambda keys: self.network.vacant(self.index, keys),
            self.network.shares(self.index),
        )


GrowRule = Callable[[VacantCells, int, Gradients, np.random.Generator], np.ndarray]


def grow_random(
    vacant: VacantCells, count: int, gradients: Gradients, rng: np.random.Generator
) -> np.ndarray:
    """Any vacant cells."""
    return vacant.sample(count, rng)


def grow_gradient(
    vacant: VacantCells, count: int, gradients: Gradients, rng: np.random.Generator
) -> np.ndarray:
    """The vacant cells of largest gradient on the last mini-batch.

    Exact in windows and up to `EXACT_CELLS` cells for each connection, else the best of
    `CANDIDATES` times as many cells drawn uniformly. Memory is O(connections) either way.
    """

    def scores(keys: np.ndarray) -> np.ndarray:
        sources, targets = np.divmod(keys, vacant.motifs_out)
        return gradients(vacant.index, targets, sources)

    if vacant.keys is not None:
        return largest(vacant.keys, scores(vacant.keys), count)[0]
    if vacant.population > EXACT_CELLS * vacant.n_connections:
        candidates = vacant.sample(min(CANDIDATES * count, vacant.count), rng)
        return largest(candidates, scores(candidates), count)[0]
    # By rows that hold no more cells than there are connections, with a running best.
    best = np.empty(0, dtype=np.int64)
    best_scores = np.empty(0, dtype=vacant.network.weights.dtype)
    n_rows = max(1, vacant.n_connections // vacant.motifs_out)
    for first in range(0, vacant.motifs_in, n_rows):
        end = min(first + n_rows, vacant.motifs_in)
        keys = vacant.among(np.arange(first * vacant.motifs_out, end * vacant.motifs_out))
        best, best_scores = largest(
            np.concatenate([best, keys]), np.concatenate([best_scores, scores(keys)]), count
        )
    return best


def largest(keys: np.ndarray, scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The `count` keys of largest score, sorted, and their scores."""
    if keys.size > count:
        top = np.sort(np.argpartition(-scores, count - 1)[:count])
        keys, scores = keys[top], scores[top]
    return keys, scores


GROW: dict[str, GrowRule] = {"random": grow_random, "gradient": grow_gradient}
