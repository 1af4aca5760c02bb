"""A network that grows: inputs and connections that are added to those that there are."""

from __future__ import annotations

import numpy as np

from .. import engine
from .inputs import Inputs
from .layout import graph_table
from .network import MotifNetwork


def change_inputs(network: MotifNetwork, inputs: Inputs) -> None:
    """Take other inputs: all those that there were, and new ones without connections yet.

    New indicators are the last ones; values and bins are new in columns that had none.
    """
    before, network.inputs = network.inputs, inputs
    is_new = np.concatenate(
        [
            ~np.isin(inputs.values, before.values),
            ~np.isin(inputs.bins, before.bins),
            np.arange(inputs.indicators.size) >= before.indicators.size,
        ]
    )
    if not is_new.any():
        return
    sources, first = network.part("sources", 0), network.part("indptr", 0)
    sources[:] = np.flatnonzero(~is_new)[sources]
    degrees = np.zeros(inputs.size, dtype=np.int64)
    degrees[~is_new] = np.diff(first)
    counts = network.graphs["n_connections"].tolist()
    network.indptr = np.concatenate([[0], np.cumsum(degrees), network.indptr[first.size :]])
    network.layer_sizes = (inputs.size, *network.layer_sizes[1:])
    network.lay_out_layers()
    network.graphs = graph_table(
        network.n_motifs(), network.motif_sizes, counts, network.weight_sharing
    )
    if network.occurrences is not None:
        occurrences = np.zeros(inputs.size)
        occurrences[~is_new] = network.occurrences
        network.occurrences = occurrences


def add_connections(
    network: MotifNetwork, index: int, keys: np.ndarray, state: engine.OptimizerState | None
) -> engine.OptimizerState | None:
    """Add connections to a graph in place, with weights of zero; gives the state that fits.

    Parameters
    ----------
    network : MotifNetwork
    index : int
        Of the graph.
    keys : ndarray of int64
        Sorted keys of vacant cells.
    state : engine.OptimizerState or None
        Optimizer state, left as it is; that of the new connections is zero.
    """
    graph, before = network.graphs[index], network.keys(index)
    block = int(graph["block_in"] * graph["block_out"])
    places = np.searchsorted(before, keys)
    of_weights = int(graph["weight"]) + np.repeat(places * block, block)

    def with_zeros(values: np.ndarray) -> np.ndarray:
        return np.insert(values, of_weights, 0) if values.size else values

    all_keys = [network.keys(i) for i in range(network.graphs.size)]
    all_keys[index] = np.insert(before, places, keys)
    grown = network.rebuilt(network.motif_size, all_keys)
    grown.nodes, grown.weights = network.nodes, with_zeros(network.weights)
    vars(network).update(vars(grown))
    if state is None:
        return None
    return state._replace(
        weights_1=with_zeros(state.weights_1), weights_2=with_zeros(state.weights_2)
    )
