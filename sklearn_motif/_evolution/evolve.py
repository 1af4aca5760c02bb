"""Evolution of the wiring: prune the weakest connections of each graph, grow as many new ones."""

from __future__ import annotations

import numpy as np

from .. import engine
from .._network import MotifNetwork
from .grow import Gradients, GrowRule, VacantCells
from .prune import PruneRule


def evolve(
    network: MotifNetwork,
    state: engine.OptimizerState,
    fraction: float,
    *,
    prune: PruneRule,
    grow: GrowRule,
    gradients: Gradients,
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
        vacant cells.
    prune : callable
        One of `PRUNE`.
    grow : callable
        One of `GROW`.
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
        vacant = VacantCells(network, index)
        pruned = prune(network, index, fraction, vacant.count, rng)
        n_pruned = int(np.count_nonzero(pruned))
        if n_pruned > 0:
            # Cells that connections just left are not among the vacant ones.
            grown = grow(vacant, n_pruned, gradients, rng)
            network.rewire(index, pruned, grown, state)
        n_changed += n_pruned
    return n_changed
