"""One layer forward, and one backward with its update, as parts that threads take."""

from __future__ import annotations

import numpy as np

from . import neurons
from .buffers import CHUNK, ORDERED
from .jit import inner
from .layout import incoming, outgoing
from .optimizers import Parameters, optimize
from .sharing import PARTS, ROWS, chunk_end, first_row, next_part
from .simd import lanes_of


@inner
def sums_and_outputs(net, work, index):
    """Where layer `index + 1` leaves what it sums up (s), if it is kept, and what it sends (p)."""
    layer = net.layers[index + 1]
    is_output = index == net.graphs.size - 1
    outputs = work.p[layer["row"] * work.width :]
    if work.is_training and (is_output or neurons.keeps_sums(layer)):
        return work.s[(layer["row"] - net.layers[0]["units"]) * work.width :], outputs
    # Prediction has room in s for the output layer only.
    return (work.s if is_output else outputs), outputs


@inner
def forward(products, net, work, scratch, activation, dropout, index, share):
    """From p of layer `index` to s, where it is kept, and p of the next."""
    graph, layer = net.graphs[index], net.layers[index + 1]
    width, block_out = work.width, graph["block_out"]
    is_output = index == net.graphs.size - 1
    connections = incoming(net, index)
    indptr = connections.indptr
    values = work.p[net.layers[index]["row"] * width :]
    sums, outputs = sums_and_outputs(net, work, index)
    part, expected, last = next_part(work.parts, share), np.int64(0), np.int64(0)
    while part < PARTS:
        # A search takes its time: mostly the next part begins where the last one ended.
        first = last if part == expected else first_row(indptr, graph["motifs_out"], part)
        last = first_row(indptr, graph["motifs_out"], part + 1)
        expected = part + 1
        while first < last:
            stop = chunk_end(indptr, first, last, np.int64(ORDERED))
            base = indptr[first]
            products.order(connections, scratch.ordered, first, stop)
            while first < stop:
                # A few rows at a time, from s to p while they are near.
                next_row = min(stop, first + ROWS)
                products.sums(
                    connections, scratch.ordered, base, values, width, sums, first, next_row
                )
                first_unit, last_unit = first * block_out, min(next_row * block_out, layer["units"])
                if is_output:
                    neurons.add_bias(net.nodes, layer["bias"], sums, width, first_unit, last_unit)
                else:
                    neurons.forward(
                        net.nodes, layer, activation, dropout, sums, outputs, width, first_unit,
                        last_unit,
                    )  # fmt: skip
                first = next_row
        part = next_part(work.parts, share)


@inner
def optimize_nodes(net, work, state, update, first, last):
    """Update the biases and gains first:last of the network."""
    parameters = Parameters(net.nodes, state.nodes_1, state.nodes_2)
    optimize(update, 0.0, parameters, first, last, work.node_gradient, first)


@inner
def part_of_nodes(net, part):
    """Where a part of the biases and gains after layer 0 begins: parts are whole vectors."""
    first, n = net.layers[0]["bias"], lanes_of(net.nodes)
    n_vectors = (net.nodes.size - first + n - 1) // n
    return min(first + n_vectors * part // PARTS * n, net.nodes.size)


@inner
def backward(products, net, state, work, scratch, activation, dropout, update, index, share):
    """From d of layer `index + 1` to d of `index`, and the update of all that lies between.

    Every weight is read once, for dP, and changed right after: nothing else reads it before
    the next mini-batch.
    """
    graph, layer = net.graphs[index], net.layers[index]
    width, n_inputs = work.width, net.layers[0]["units"]
    block_in = graph["block_in"]
    block = block_in * graph["block_out"]
    connections = outgoing(net, index)
    indptr = connections.indptr
    weights = Parameters(
        connections.weights, state.weights_1[graph["weight"] :], state.weights_2[graph["weight"] :]
    )
    p = work.p[layer["row"] * width :]
    d_above = work.s[(net.layers[index + 1]["row"] - n_inputs) * width :]
    sums = work.s[(layer["row"] - n_inputs) * width if index > 0 else 0 :]
    dp, gradient, four = scratch.dp, scratch.gradient, scratch.four
    part, expected, last = next_part(work.parts, share), np.int64(0), np.int64(0)
    while part < PARTS:
        begin = last if part == expected else first_row(indptr, graph["motifs_in"], part)
        last = first_row(indptr, graph["motifs_in"], part + 1)
        expected = part + 1
        squares = 0.0
        first = begin
        while first < last:
            stop = chunk_end(indptr, first, min(last, first + ROWS), CHUNK // block_in)
            first_unit, last_unit = first * block_in, min(stop * block_in, layer["units"])
            if index > 0 or layer["gain_in"] >= 0:
                products.gradients(connections, p, d_above, width, dp, gradient, four, first, stop)
            else:
                products.weight_gradients(
                    connections, p, d_above, width, gradient, four, first, stop
                )
            if index > 0:
                neurons.backward(
                    net.nodes, work.node_gradient, layer, activation, dropout, dp, p, sums, width,
                    first_unit, last_unit, scratch.rows, four,
                )  # fmt: skip
            elif layer["gain_in"] >= 0:
                neurons.input_gain_gradients(
                    layer, dp, work.x, width, first_unit, last_unit, work.node_gradient
                )
            squares += optimize(
                update, update.l2, weights, indptr[first] * block, indptr[stop] * block, gradient,
                np.int64(0),
            )  # fmt: skip
            first = stop
        work.squares[index * PARTS + part] += squares
        if index == 0:
            # All others are complete: together they are few calls, with few numbers left over.
            optimize_nodes(
                net, work, state, update, part_of_nodes(net, part), part_of_nodes(net, part + 1)
            )
            if layer["gain_in"] >= 0:
                group, n_features = layer["group"], layer["n_neurons"]
                optimize_nodes(
                    net, work, state, update, min(begin * group, n_features),
                    min(last * group, n_features),
                )  # fmt: skip
        part = next_part(work.parts, share)
