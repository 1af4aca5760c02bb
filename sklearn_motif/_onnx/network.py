"""The layers of a network, which take the rows of X in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._network import MotifNetwork
from .graph import Adder
from .inputs import add_inputs

# Rows that the exported network takes at a time. Memory then does not grow with all rows, and
# what connections read stays in the cache.
ROWS = 64
ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid"}


def add_network(
    add: Adder, network: MotifNetwork, x: str, codes: np.ndarray, dtype: np.dtype
) -> str:
    """Add a network.

    Parameters
    ----------
    add : Adder
        Its dtype is that of `x`, and inputs are made in it.
    network : MotifNetwork
    x : str
        Rows of X as numbers, shape (n_samples, n_columns).
    codes : ndarray of float64
        What each indicator is equal to.
    dtype : dtype
        In which layers compute.

    Returns
    -------
    str
        Sums of the last layer, shape (n_samples, n_outputs), in `dtype`.
    """
    from onnx import helper

    nodes: list[Any] = []
    within = Adder(
        add.scope, lambda *args, **names: nodes.append(helper.make_node(*args, **names)), dtype
    )
    block = add.scope.get_unique_variable_name("block")
    made = add_inputs(within.of(add.dtype), network.inputs, codes, block)
    made = made if add.dtype == dtype else within.cast(made)
    n_columns, n_outputs = network.n_columns, network.layer_sizes[-1]
    sums = _add_layers(within, network, made)
    body = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info(block, add.type, [None, n_columns])],
        [helper.make_tensor_value_info(sums, within.type, [None, n_outputs])],
    )

    n_rows = add("Shape", x, start=0, end=1)
    n_some = add("Max", n_rows, [1])  # no rows are computed as one
    size = add("Min", n_some, [ROWS])
    n_blocks = add("Div", add("Sub", add("Add", n_some, size), [1]), size)
    n_missing = add("Sub", add("Mul", n_blocks, size), n_rows)
    x = add("Pad", x, add("Concat", [0, 0], n_missing, [0], axis=0))
    x = add("Reshape", x, add("Concat", n_blocks, size, [n_columns], axis=0))
    y = add("Scan", x, body=body, num_scan_inputs=1)
    return add("Slice", add("Reshape", y, [-1, n_outputs]), [0], n_rows)


def _add_layers(add: Adder, network: MotifNetwork, inputs: str) -> str:
    """Add all layers. Between them, rows are neurons or units, and columns are samples."""
    a = add("Transpose", inputs, perm=[1, 0])
    for i, layer in enumerate(network.layers[1:]):
        s, rows = _add_connections(add, network, i, _add_pooling(add, network, i, a))
        neurons = np.arange(layer["n_neurons"])
        z = add("Gather", s, rows[neurons // layer["group"]].astype(np.int32), axis=0)
        if layer["gain_out"] >= 0:
            z = add("Mul", z, network.nodes[layer["gain_out"] + neurons, None])
        z = add("Add", z, network.nodes[layer["bias"] + neurons, None])
        is_last = i + 2 == network.layers.size
        if is_last or network.activation == "identity":
            a = z
        elif network.activation == "all_relu":
            a = add("Max", z, add("Mul", z, layer["slope"]))
        else:
            a = add(ACTIVATIONS[network.activation], z)
    return add("Transpose", a, perm=[1, 0])


def _add_pooling(add: Adder, network: MotifNetwork, i: int, a: str) -> str:
    """Add what the connections of graph i read: a row for each of its input units."""
    layer = network.layers[i]
    if layer["group"] == 1:
        return a
    members = np.arange(layer["units"] * layer["group"]).reshape(layer["units"], 1, -1)
    gains = np.pad(network.gains_in(i), (0, members.size - layer["n_neurons"]))
    return _add_sums(add, a, np.minimum(members[:, 0], layer["n_neurons"] - 1), gains[members])


def _add_connections(add: Adder, network: MotifNetwork, i: int, p: str) -> tuple[str, np.ndarray]:
    """Add the sums over the connections of graph i; returns them and the row of each output unit.

    Motifs of similar fan-in are summed up together. Each has room for the largest fan-in among
    them, which is less than twice its own. ScatterND could add products up without such room,
    but threads of onnxruntime race for the sums, which then come out wrong at times.
    """
    graph = network.graphs[i]
    block_in, block_out = int(graph["block_in"]), int(graph["block_out"])
    targets = network.targets_of(i)
    order = np.argsort(targets, kind="stable")
    sources, weights = network.sources_in_order(i)[order], network.graph_weights(i)[order]
    fan_in = np.bincount(targets, minlength=graph["motifs_out"])
    first = np.cumsum(fan_in) - fan_in
    doublings = np.ceil(np.log2(np.maximum(fan_in, 1)))
    motif_sets = [np.flatnonzero(doublings == d) for d in np.unique(doublings)]
    sums = []
    for motifs in motif_sets:
        position = np.arange(max(1, fan_in[motifs].max()))
        is_used = position < fan_in[motifs, None]
        k = np.where(is_used, first[motifs, None] + position, 0)
        # The units that a shorter last motif lacks have weights of zero.
        units = sources[k][..., None] * block_in + np.arange(block_in)
        units = np.minimum(units, network.layers[i]["units"] - 1).reshape(motifs.size, -1)
        blocks = (weights[k] * is_used[..., None, None]).transpose(0, 3, 1, 2)
        sums.append(_add_sums(add, p, units, blocks.reshape(motifs.size, block_out, -1)))
    rows = np.argsort(np.concatenate(motif_sets))
    return add.joined(sums, axis=0), (rows[:, None] * block_out + np.arange(block_out)).ravel()


def _add_sums(add: Adder, rows: str, index: np.ndarray, weights: np.ndarray) -> str:
    """Add the sums over k of weights[v, j, k] · rows[index[v, k]], a row for each v and j."""
    sums = add("MatMul", weights, add("Gather", rows, index.astype(np.int32), axis=0))
    return add("Reshape", sums, [weights.shape[0] * weights.shape[1], -1])
