"""Splitting: motifs become smaller without losing what the network learned."""

from __future__ import annotations

import numpy as np

from .. import engine
from .._network import MotifNetwork, topology
from .grow import VacantCells
from .prune import PruneRule

# Clones share what their motif sent in the ratio of uniform numbers to this power: most of a
# weight goes to one of them, so that they learn different things and pruning takes little away.
SHARE_POWER = 4
# Of a weight's factor in the weight, its first moment, and its second moment.
POWERS = (1, 1, 2)


def split(
    network: MotifNetwork,
    state: engine.OptimizerState,
    motif_size: int,
    epsilon: float,
    *,
    prune: PruneRule,
    rng: np.random.Generator,
) -> engine.OptimizerState:
    """Split the motifs of a network in place and keep the connections of most importance.

    Parameters
    ----------
    network : MotifNetwork
    state : engine.OptimizerState
        Optimizer state, left as it is.
    motif_size : int
        A smaller size that divides the present one.
    epsilon : float
        SET's density, which gives the number of connections at the new size.
    prune : callable
        One of `PRUNE`.
    rng : numpy.random.Generator

    Returns
    -------
    OptimizerState
        What `state` becomes.
    """
    new, state = refined(network, state, motif_size, rng)
    new, state = with_density(new, state, epsilon, prune=prune, rng=rng)
    vars(network).update(vars(new))  # at once: Ctrl-C comes before or after it
    return state


def refined(
    network: MotifNetwork, state: engine.OptimizerState, motif_size: int, rng: np.random.Generator
) -> tuple[MotifNetwork, engine.OptimizerState]:
    """The same function of smaller motifs, up to rounding: network and optimizer state.

    Each connection becomes one for each pair of parts that its motifs fall into. A layer that is
    narrower than its motif size is one short motif, and is split at multiples of the new size as
    a short last motif is.
    """
    sizes = list(zip(network.layer_sizes, network.motif_sizes, strict=True))
    if any(n > old and old % min(motif_size, old) for n, old in sizes):
        raise ValueError(
            f"Motifs of {network.motif_size} neurons cannot be split into motifs of {motif_size}."
        )
    parents = [np.arange(0, n, min(motif_size, old)) // old for n, old in sizes]
    pairs = [
        _Pairs(network, index, *parents[index : index + 2]) for index in range(network.graphs.size)
    ]
    new = network.rebuilt(motif_size, [pair.keys for pair in pairs])
    new_state = _empty_state(new, state)
    for index, pair in enumerate(pairs):
        factors = _factors(network, new, index, pair, rng)
        arrays = _arrays("weights", network, state, new, new_state)
        for (old, values), power in zip(arrays, POWERS, strict=False):
            part = network.graph_weights(index, old)
            new.graph_weights(index, values)[:] = _split_weights(
                part, new.graphs[index], pair, factors**power
            )
    for i, parent in enumerate(parents):
        for old, values in _arrays("nodes", network, state, new, new_state):
            _split_nodes(network, new, i, parent, old, values)
    return new, new_state


class _Pairs:
    """The pairs of parts that each connection of a graph becomes, in the order of their keys."""

    def __init__(
        self, network: MotifNetwork, index: int, parent_in: np.ndarray, parent_out: np.ndarray
    ):
        g, h = network.sources_in_order(index), network.targets_of(index)
        n_in, n_out = np.bincount(parent_in)[g], np.bincount(parent_out)[h]
        k, place_in, place_out = topology.member_pairs(n_in, n_out)
        part_in = np.searchsorted(parent_in, g)[k] + place_in
        part_out = np.searchsorted(parent_out, h)[k] + place_out
        keys = part_in * parent_out.size + part_out
        order = np.argsort(keys, kind="stable")
        self.keys = keys[order]
        self.connection = k[order]  # which one each was
        self.part_in, self.part_out = part_in[order], part_out[order]  # motifs now
        self.place_in, self.place_out = place_in[order], place_out[order]  # in the motif then
        # Those of one sum: a connection, and one of the parts that it leads to.
        self.group = ((np.cumsum(n_out) - n_out)[k] + place_out)[order]


def _factors(
    network: MotifNetwork, new: MotifNetwork, index: int, pair: _Pairs, rng: np.random.Generator
) -> np.ndarray:
    """What a connection's number is multiplied by for each pair of parts."""
    factors = np.ones(pair.keys.size)
    if network.weight_sharing == "scaled":
        # Motifs of one neuron have no gains.
        for i, part, name in (
            (index, pair.part_in, "gain_in"),
            (index + 1, pair.part_out, "gain_out"),
        ):
            if network.layers[i][name] >= 0 > new.layers[i][name]:
                factors *= network.layer_nodes(i, name)[part]
    elif network.weight_sharing == "tied":
        if index == 0:  # a motif of features sends their mean
            shares = new.motif_lengths(0)[pair.part_in]
        else:
            shares = rng.random(pair.keys.size) ** SHARE_POWER + 1e-6
        factors = shares / np.bincount(pair.group, shares)[pair.group]
    return factors


def _split_weights(
    weights: np.ndarray, graph: np.void, pair: _Pairs, factors: np.ndarray
) -> np.ndarray:
    """What the weights of a graph become: each a share, or a block of its block."""
    if weights[0].size == 1:
        return weights[pair.connection] * factors[:, None, None]
    size_in, size_out = int(graph["block_in"]), int(graph["block_out"])
    short = [(0, -weights.shape[1] % size_in), (0, -weights.shape[2] % size_out)]
    weights = np.pad(weights, [(0, 0), *short])
    n_in, n_out = weights.shape[1] // size_in, weights.shape[2] // size_out
    blocks = weights.reshape(-1, n_in, size_in, n_out, size_out)
    return blocks[pair.connection, pair.place_in, :, pair.place_out]


def _split_nodes(
    network: MotifNetwork,
    new: MotifNetwork,
    i: int,
    parent: np.ndarray,
    old: np.ndarray,
    values: np.ndarray,
) -> None:
    """Fill the new gains and biases of a layer; each part has those of its motif."""
    for name in ("gain_in", "gain_out", "bias"):
        if new.layers[i][name] >= 0:
            part = network.layer_nodes(i, name, old)
            now = new.layer_nodes(i, name, values)
            now[:] = part if part.size == now.size else part[parent]


def with_density(
    network: MotifNetwork,
    state: engine.OptimizerState,
    epsilon: float,
    *,
    prune: PruneRule,
    rng: np.random.Generator,
) -> tuple[MotifNetwork, engine.OptimizerState]:
    """A network with SET's number of connections in every graph, and its optimizer state.

    The surplus is pruned. Where short motifs left too few, others grow at random.
    """
    kept, keys = [], []
    for index, wanted in enumerate(network.n_connections_by(epsilon)):
        old = network.keys(index)
        surplus = old.size - wanted
        stays, grown = np.ones(old.size, dtype=bool), old[:0]
        if surplus > 0:
            # The shares of both signs are rounded down; `surplus` bounds them from above.
            fraction = min(1.0, (surplus + 2) / old.size)
            stays = ~prune(network, index, fraction, surplus, rng)
        elif surplus < 0:
            grown = VacantCells(network, index).sample(-surplus, rng)
        kept.append(stays)
        keys.append(np.sort(np.concatenate([old[stays], grown])))
    new = network.rebuilt(network.motif_size, keys)
    new_state = _empty_state(new, state)
    for index, stays in enumerate(kept):
        now = np.searchsorted(keys[index], network.keys(index)[stays])
        for old, values in _arrays("weights", network, state, new, new_state):
            new.graph_weights(index, values)[now] = network.graph_weights(index, old)[stays]
    for old, values in _arrays("nodes", network, state, new, new_state):
        values[:] = old
    return new, new_state


def _empty_state(network: MotifNetwork, state: engine.OptimizerState) -> engine.OptimizerState:
    """State of zeros of the solver that `state` is of."""
    return network.new_optimizer_state("adam" if state.weights_2.size else "sgd")


def _arrays(
    part: str,
    network: MotifNetwork,
    state: engine.OptimizerState,
    new: MotifNetwork,
    new_state: engine.OptimizerState,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The "weights" or "nodes" and the moments that the solver keeps of them, old and new."""
    moments = [f"{part}_1", f"{part}_2"]
    pairs = [(getattr(state, name), getattr(new_state, name)) for name in moments]
    kept = [(old, values) for old, values in pairs if old.size]
    return [(getattr(network, part), getattr(new, part)), *kept]
