"""Arrays of a network, as the kernels see them.

Activations are batch-minor: row r of a buffer holds unit r for every place of the batch, the
batch padded to whole vectors. Buffers of all layers are flat arrays, one layer after the
other; `LAYER` and `GRAPH` say where each begins.

A *unit* is what connections see: a motif where one number is shared by the motif ("scaled",
"tied"), a neuron otherwise. Connections stand in the order of their input motifs, because the
way back, which reads and updates them, is longer than the way forward.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import inlined

LAYER = np.dtype(
    [
        ("units", np.int64),
        ("row", np.int64),  # of its first unit in the buffers
        ("n_neurons", np.int64),  # of the layer; in "tied" mode one for each motif
        ("group", np.int64),  # neurons a unit
        ("bias", np.int64),  # where its biases begin in `nodes`
        ("gain_out", np.int64),  # where its gains begin in `nodes`; -1: no gains
        ("gain_in", np.int64),
        ("slope", np.float64),  # of a piecewise-linear activation left of zero
    ]
)
GRAPH = np.dtype(
    [
        ("motifs_in", np.int64),
        ("motifs_out", np.int64),
        ("block_in", np.int64),  # a connection carries block_in x block_out weights
        ("block_out", np.int64),
        ("n_connections", np.int64),
        ("connection", np.int64),  # where its connections begin
        ("weight", np.int64),  # where its weights begin
        ("indptr", np.int64),
        ("indptr_t", np.int64),
    ]
)
# Smaller numbers become 0 before they turn into slow denormals.
TINY = 1e-30


class Net(NamedTuple):
    """Arrays of a network as the kernels see them."""

    layers: np.ndarray  # (n_layers,) LAYER
    graphs: np.ndarray  # (n_layers - 1,) GRAPH
    indptr: np.ndarray  # int64; connections of input motif g are indptr[g]:indptr[g + 1]
    targets: np.ndarray  # int32; output motif of each connection
    indptr_t: np.ndarray  # int64; connections of output motif h are indptr_t[h]:indptr_t[h + 1]
    sources: np.ndarray  # int32; input motif of each connection, by output motif
    places: np.ndarray  # int32; place of that connection in the order by input motif
    weights: np.ndarray  # in the order by input motif
    nodes: np.ndarray  # biases and gains


class Incoming(NamedTuple):
    """The connections of one graph, in the order of their output motifs."""

    indptr: np.ndarray
    sources: np.ndarray
    places: np.ndarray
    weights: np.ndarray
    block_in: int
    block_out: int
    units_in: int
    units_out: int


class Outgoing(NamedTuple):
    """The connections of one graph, in the order of their input motifs."""

    indptr: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    block_in: int
    block_out: int
    units_in: int
    units_out: int


def without_inputs(net: Net) -> Net:
    """A network whose inputs are laid out in no buffer: what its kernels see has none."""
    layers = net.layers.copy()
    layers["row"] -= layers[0]["units"]
    layers[0]["row"] = layers[0]["units"] = layers[0]["n_neurons"] = 0
    return net._replace(layers=layers)


def n_weights_of(net: Net, index: int) -> int:
    """Weights of one graph."""
    graph = net.graphs[index]
    return int(graph["n_connections"] * graph["block_in"] * graph["block_out"])


@inlined
def incoming(net, index):
    """The connections of graph `index` by output motif."""
    graph = net.graphs[index]
    return Incoming(
        net.indptr_t[graph["indptr_t"] :],
        net.sources[graph["connection"] :],
        net.places[graph["connection"] :],
        net.weights[graph["weight"] :],
        graph["block_in"],
        graph["block_out"],
        net.layers[index]["units"],
        net.layers[index + 1]["units"],
    )


@inlined
def outgoing(net, index):
    """The connections of graph `index` by input motif."""
    graph = net.graphs[index]
    return Outgoing(
        net.indptr[graph["indptr"] :],
        net.targets[graph["connection"] :],
        net.weights[graph["weight"] :],
        graph["block_in"],
        graph["block_out"],
        net.layers[index]["units"],
        net.layers[index + 1]["units"],
    )
