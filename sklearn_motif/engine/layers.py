"""One layer forward, and one backward with its update, as parts that threads take.

Work is shared between threads by rows of units, in parts that do not depend on the number of
threads, so that every number of threads gives the same bits.
"""

from __future__ import annotations

import numpy as np

from .jit import inner
from .layout import CHUNK, ORDERED, PARTS, ROWS, SPINS
from .neurons import (
    add_bias,
    gather_inputs,
    input_gain_gradient,
    keeps_sums,
    load_rows,
    load_sparse_rows,
    respond,
    respond_backward,
)
from .optimizers import optimize
from .products import block_columns, block_spmm, columns, spmm
from .simd import claim, item, published


@inner
def reached(meet, turn, n_parts):
    """Whether every thread has finished `turn` turns; waits a little."""
    for other in range(n_parts):
        spins = 0
        while published(meet, other * 8) < turn:
            spins += 1
            if spins > SPINS:
                return False
    return True


@inner
def first_row(indptr, n_rows, part):
    """First row of a part, with rows weighed by their connections."""
    if part >= PARTS:
        return n_rows
    goal = (indptr[n_rows] - indptr[0] + n_rows) * part // PARTS
    low, high = 0, n_rows
    while low < high:
        middle = (low + high) // 2
        if indptr[middle] - indptr[0] + middle < goal:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def chunk_end(indptr, first, last, most):
    """Row after a run of rows with up to `most` connections, but at least one row."""
    stop = first + 1
    while stop < last and indptr[stop + 1] - indptr[first] <= most:
        stop += 1
    return stop


@inner
def longest(indptr, n_rows):
    """Connections of the longest row."""
    length = 0
    for row in range(n_rows):
        length = max(length, indptr[row + 1] - indptr[row])
    return length


@inner
def scratch_sizes(net, training):
    """Numbers that `ordered` and `gradient` must hold: a chunk, or the longest row."""
    n_ordered, n_gradient = ORDERED, 0
    for i in range(net.graphs.size):
        graph = net.graphs[i]
        block = graph["block_in"] * graph["block_out"]
        if block == 1:
            row = longest(net.indptr_t[graph["indptr_t"] :], graph["motifs_out"])
            n_ordered = max(n_ordered, row)
        if training:
            row = longest(net.indptr[graph["indptr"] :], graph["motifs_in"])
            n_gradient = max(n_gradient, max(row, CHUNK // graph["block_in"]) * block)
    return n_ordered, n_gradient


@inner
def load_inputs(net, work, cursors, X, rows, turn):
    """Layer 0: features, and what is gathered from them."""
    layer = net.layers[0]
    units, group, n_features = layer["units"], layer["group"], layer["n_neurons"]
    is_sparse = X.indptr.size > 0
    if is_sparse:
        for b in range(rows.size):
            cursors[b] = X.indptr[rows[b]]
    part = claim(work.parts, turn)
    while part < PARTS:
        first, last = units * part // PARTS, units * (part + 1) // PARTS
        feature, last_feature = first * group, min(last * group, n_features)
        if is_sparse:
            load_sparse_rows(X, rows, cursors, work.x, work.width, feature, last_feature)
        else:
            load_rows(X.values, n_features, rows, work.x, work.width, feature, last_feature)
        gather_inputs(net, work.x, work.p, work.width, first, last)
        part = claim(work.parts, turn)


# One layer forward and backward.


@inner
def forward(net, work, scratch, blocks, index, kind, seed, update, rate, training, turn):
    """From p of layer `index` to s, where it is kept, and p of the next."""
    graph, below, layer = net.graphs[index], net.layers[index], net.layers[index + 1]
    width, nodes = work.width, net.nodes
    is_output = index == net.graphs.size - 1
    block_in, block_out = graph["block_in"], graph["block_out"]
    block = block_in * block_out
    indptr = net.indptr_t[graph["indptr_t"] :]
    sources = net.sources[graph["connection"] :]
    places = net.places[graph["connection"] :]
    weights = net.weights[graph["weight"] :]
    values = work.p[below["row"] * width :]
    outputs = work.p[layer["row"] * width :]
    if training and (is_output or keeps_sums(layer)):
        sums = work.s[(layer["row"] - net.layers[0]["units"]) * width :]
    else:
        # Prediction has room in s for the output layer only.
        sums = work.s if is_output else outputs
    ordered = scratch.ordered
    part = claim(work.parts, turn)
    while part < PARTS:
        first = first_row(indptr, graph["motifs_out"], part)
        last = first_row(indptr, graph["motifs_out"], part + 1)
        while first < last:
            stop = chunk_end(indptr, first, last, ORDERED)
            k_0, k_1 = indptr[first], indptr[stop]
            if blocks is None:
                # One look-up for all lanes.
                for k in range(k_0, k_1):
                    ordered[k - k_0] = item(weights, item(places, k))
            while first < stop:
                # A few rows at a time, from s to p while they are near.
                next_row = min(stop, first + ROWS)
                if blocks is None:
                    spmm(sums, indptr, sources, ordered, k_0, values, width, first, next_row)
                else:
                    for h in range(first, next_row):
                        unit = h * block_out
                        block_spmm(
                            sums, unit, sources, places, weights, block_out, 1, block, block_in,
                            below["units"], min(block_out, layer["units"] - unit), indptr[h],
                            indptr[h + 1], values, width,
                        )  # fmt: skip
                first_unit, last_unit = first * block_out, min(next_row * block_out, layer["units"])
                if is_output:
                    add_bias(nodes, layer["bias"], sums, width, first_unit, last_unit)
                else:
                    respond(
                        nodes, layer, kind, sums, outputs, width, first_unit, last_unit, seed,
                        update, rate,
                    )  # fmt: skip
                first = next_row
        part = claim(work.parts, turn)


@inner
def backward(
    net, work, scratch, state, blocks, index, kind, solver, settings, l2, seed, update, rate, turn
):
    """From d of layer `index + 1` to d of `index`, and the update of all that lies between.

    Every weight is read once, for dP, and changed right after: nothing else reads it before
    the next mini-batch. `blocks` is None where a connection carries one number; code for
    blocks is compiled only where there are some.
    """
    graph, layer, above = net.graphs[index], net.layers[index], net.layers[index + 1]
    width, n_inputs = work.width, net.layers[0]["units"]
    block_in, block_out = graph["block_in"], graph["block_out"]
    block = block_in * block_out
    indptr = net.indptr[graph["indptr"] :]
    targets = net.targets[graph["connection"] :]
    weights = net.weights[graph["weight"] :]
    state_1 = state.weights_1[graph["weight"] :]
    state_2 = state.weights_2[graph["weight"] :]
    p = work.p[layer["row"] * width :]
    d_above = work.s[(above["row"] - n_inputs) * width :]
    own = (layer["row"] - n_inputs) * width if index > 0 else 0
    sums = work.s[own:]
    dp = scratch.dp
    nodes, node_gradient, x = net.nodes, work.node_gradient, work.x
    nodes_1, nodes_2 = state.nodes_1, state.nodes_2
    is_wanted = index > 0 or layer["gain_in"] >= 0
    gradient, rows, four = scratch.gradient, scratch.rows, scratch.four
    part = claim(work.parts, turn)
    while part < PARTS:
        begin = first_row(indptr, graph["motifs_in"], part)
        last = first_row(indptr, graph["motifs_in"], part + 1)
        squares = 0.0
        first = begin
        while first < last:
            stop = chunk_end(indptr, first, min(last, first + ROWS), CHUNK // block_in)
            k_0, k_1 = indptr[first] * block, indptr[stop] * block
            first_unit, last_unit = first * block_in, min(stop * block_in, layer["units"])
            if blocks is None:
                columns(
                    indptr, targets, weights, p, d_above, width, dp, gradient, four, is_wanted,
                    first, stop,
                )  # fmt: skip
            else:
                gradient[: k_1 - k_0] = 0  # a shorter motif leaves some places unused
                block_columns(
                    indptr, targets, weights, block_in, block_out, layer["units"], above["units"],
                    p, d_above, width, dp, gradient, four, is_wanted, first, stop,
                )  # fmt: skip
            if index > 0:
                respond_backward(
                    nodes, node_gradient, layer, kind, dp, p, sums, width, first_unit,
                    last_unit, rows, four, seed, update, rate,
                )  # fmt: skip
            elif is_wanted:
                input_gain_gradient(layer, dp, x, width, first_unit, last_unit, node_gradient)
            squares += optimize(
                solver, settings, l2, weights, k_0, k_1, gradient, np.int64(0), state_1, state_2
            )
            first = stop
        work.squares[index * PARTS + part] += squares
        # Biases and gains of the units that this part has gone through.
        n_together = block_in * layer["group"]
        first_neuron = min(begin * n_together, layer["n_neurons"])
        last_neuron = min(last * n_together, layer["n_neurons"])
        for start in (layer["bias"] if index > 0 else -1, layer["gain_out"], layer["gain_in"]):
            if start >= 0:
                optimize(
                    solver, settings, l2 - l2, nodes, start + first_neuron, start + last_neuron,
                    node_gradient, start + first_neuron, nodes_1, nodes_2,
                )  # fmt: skip
        part = claim(work.parts, turn)
