"""Kernels of one mini-batch: spmm, sddmm, gather, spread, losses and optimizer updates.

Activations are batch-minor: row r of a buffer holds unit r for every place of the batch, the
batch padded to whole vectors. Buffers of all layers are flat arrays, one layer after the
other; `LAYER` and `GRAPH` say where each begins.

A *unit* is what connections see: a motif where one number is shared by the motif ("scaled",
"tied"), a neuron otherwise. Work is shared between threads by rows of units, never by
places of a sum, so that every number of threads gives the same bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import inner
from .simd import (
    VECTOR_BYTES,
    vadd,
    vdiv,
    vdropout,
    vexp,
    vfma,
    vload,
    vmax,
    vmul,
    vslope,
    vstore,
    vsum,
    vzero,
)

LAYER = np.dtype(
    [
        ("units", np.int64),
        ("row", np.int64),  # of its first unit in the buffers
        ("n_neurons", np.int64),  # of the layer; in "tied" mode one for each motif
        ("group", np.int64),  # neurons a unit
        ("bias", np.int64),  # where its biases begin in `nodes`
        ("gain_out", np.int64),  # likewise; -1: no gains
        ("gain_in", np.int64),
        ("slope", np.float64),  # of a piecewise-linear activation left of zero
    ]
)
GRAPH = np.dtype(
    [
        ("motifs_in", np.int64),
        ("motifs_out", np.int64),
        ("block_in", np.int64),  # a connection carries block_out x block_in weights
        ("block_out", np.int64),
        ("n_connections", np.int64),
        ("connection", np.int64),  # where its connections begin
        ("weight", np.int64),  # where its weights begin
        ("indptr", np.int64),
        ("indptr_t", np.int64),
    ]
)


class Net(NamedTuple):
    """Arrays of a network as the kernels see them."""

    layers: np.ndarray  # (n_layers,) LAYER
    graphs: np.ndarray  # (n_layers - 1,) GRAPH
    indptr: np.ndarray  # int64; connections of output motif h are indptr[h]:indptr[h + 1]
    sources: np.ndarray  # int32; input motif of each connection
    indptr_t: np.ndarray  # int64; the same by input motif
    targets: np.ndarray  # int32; output motif of each connection, by input motif
    places: np.ndarray  # int32; place of that connection in the order by output motif
    weights: np.ndarray
    nodes: np.ndarray  # biases and gains


class Work(NamedTuple):
    """Scratch buffers of a mini-batch, flat and aligned."""

    width: int  # padded batch
    x: np.ndarray  # input features; the same memory as `p` where they are not grouped
    p: np.ndarray  # what connections read, layers 0 to n_layers - 2
    s: np.ndarray  # what connections sum up, layers 1 to n_layers - 1
    d: np.ndarray  # gradient of the loss by `s`
    y: np.ndarray  # int32 class of each place
    node_gradient: np.ndarray
    squares: np.ndarray  # sum of squared weights, a number a chunk
    loss: np.ndarray  # (1,) float64
    gradient_size: int  # weights that a thread's gradient scratch must hold


class State(NamedTuple):
    """Optimizer state: momentum (SGD), or first and second moments (Adam)."""

    weights_1: np.ndarray
    weights_2: np.ndarray
    nodes_1: np.ndarray
    nodes_2: np.ndarray


PIECEWISE, TANH, LOGISTIC = range(3)
ADAM, SGD = range(2)
CHUNK = 1024  # weights that sddmm hands to the optimizer at a time
# Smaller numbers become 0 before they, or the squares of gradients, turn into slow denormals.
TINY = 1e-30
TINY_GRADIENT = 1e-18


@inner
def share(indptr, start, n_rows, part, n_parts):
    """First row of thread `part`, with rows weighed by their connections."""
    if part == n_parts:
        return n_rows
    total = indptr[start + n_rows] - indptr[start] + n_rows
    goal = total * part // n_parts
    low, high = 0, n_rows
    while low < high:
        middle = (low + high) // 2
        if indptr[start + middle] - indptr[start] + middle < goal:
            low = middle + 1
        else:
            high = middle
    return low


# Activations. The piecewise-linear ones (relu, all_relu, identity) differ by their slope.


@inner
def sigmoid(z):
    return vdiv(1.0, vadd(1.0, vexp(vmul(-1.0, z))))


@inner
def activate(kind, slope, z):
    if kind == PIECEWISE:
        return vslope(z, slope, z)
    if kind == LOGISTIC:
        return sigmoid(z)
    return vadd(vmul(2.0, sigmoid(vmul(2.0, z))), -1.0)


@inner
def through_activation(kind, slope, z, a, gradient):
    """Gradient by z from the gradient by a = activate(z)."""
    if kind == PIECEWISE:
        return vslope(z, slope, gradient)
    if kind == LOGISTIC:
        return vmul(gradient, vmul(a, vadd(1.0, vmul(-1.0, a))))
    return vmul(gradient, vadd(1.0, vmul(-1.0, vmul(a, a))))


# Sparse products.


@inner
def connection_sum(weights, rows, first, last, values, width, lane):
    """Sum of weights times rows of `values` over the connections first:last.

    The four accumulators, one for each connection number modulo four, are a fixed order of
    summation.
    """
    sum_0 = vzero(values)
    sum_1 = vzero(values)
    sum_2 = vzero(values)
    sum_3 = vzero(values)
    k = first
    while k + 3 < last:
        sum_0 = vfma(weights[k], vload(values, rows[k] * width + lane), sum_0)
        sum_1 = vfma(weights[k + 1], vload(values, rows[k + 1] * width + lane), sum_1)
        sum_2 = vfma(weights[k + 2], vload(values, rows[k + 2] * width + lane), sum_2)
        sum_3 = vfma(weights[k + 3], vload(values, rows[k + 3] * width + lane), sum_3)
        k += 4
    while k < last:
        sum_0 = vfma(weights[k], vload(values, rows[k] * width + lane), sum_0)
        k += 1
    return vadd(vadd(sum_0, sum_1), vadd(sum_2, sum_3))


@inner
def block_sum(weights, rows, places, first, last, block, step, depth, units, values, width, lane):
    """The same for blocks: connection k carries `depth` weights for this row.

    They are `step` apart, `weights` beginning with the first one of place 0, and `block`
    weights lie between two connections. `units` cuts the last, shorter motif.
    """
    even = vzero(values)
    odd = vzero(values)
    for k in range(first, last):
        weight = (k if places is None else places[k]) * block
        row = rows[k] * depth
        n = min(depth, units - row)
        i = 0
        while i + 1 < n:
            even = vfma(weights[weight], vload(values, row * width + lane), even)
            odd = vfma(weights[weight + step], vload(values, (row + 1) * width + lane), odd)
            weight += 2 * step
            row += 2
            i += 2
        if i < n:
            even = vfma(weights[weight], vload(values, row * width + lane), even)
    return vadd(even, odd)


# Gather and spread: from what a unit sums up (s) to what connections read (p).


@inner
def gather_inputs(net, work, part, n_parts):
    """p of layer 0: the mean of a motif of features, or their sum by learned gains."""
    layer = net.layers[0]
    group, n_features, gains = layer["group"], layer["n_neurons"], layer["gain_in"]
    if group == 1:
        return
    width = work.width
    first, last = input_share(net, part, n_parts)
    for unit in range(first, last):
        start = unit * group
        stop = min(start + group, n_features)
        for lane in range(0, width, lanes_of(work.p)):
            total = vzero(work.p)
            for i in range(start, stop):
                x = vload(work.x, i * width + lane)
                if gains >= 0:
                    total = vfma(net.nodes[gains + i], x, total)
                else:
                    total = vadd(total, x)
            if gains < 0:
                total = vdiv(total, stop - start)
            vstore(work.p, unit * width + lane, total)


@inner
def input_share(net, part, n_parts):
    """The units of layer 0 that thread `part` loads and gathers."""
    units = net.layers[0]["units"]
    return units * part // n_parts, units * (part + 1) // n_parts


@inner
def lanes_of(array):
    return VECTOR_BYTES // array.itemsize


@inner
def respond(nodes, layer, unit, kind, s, seed, update, lane, rate):
    """Output of a unit: its neurons' activations, summed by their gains."""
    start = unit * layer["group"]
    stop = min(start + layer["group"], layer["n_neurons"])
    bias, gain_out, gain_in = layer["bias"], layer["gain_out"], layer["gain_in"]
    total = vzero(nodes)
    for j in range(start, stop):
        z = vmul(s, nodes[gain_out + j]) if gain_out >= 0 else s
        a = activate(kind, layer["slope"], vadd(z, nodes[bias + j]))
        if rate > 0.0:
            a = vdropout(a, seed, update, bias + j, lane, rate)
        if gain_in < 0:
            return a
        total = vfma(nodes[gain_in + j], a, total)
    return total


@inner
def respond_backward(
    nodes, node_gradient, layer, unit, kind, dp, sums, d, start_s, seed, update, rate
):
    """From the gradient `dp` by a unit's output to d, and to its biases' and gains' gradients.

    The unit's row of `sums` and `d` begins at `start_s`.
    """
    start = unit * layer["group"]
    stop = min(start + layer["group"], layer["n_neurons"])
    bias, gain_out, gain_in = layer["bias"], layer["gain_out"], layer["gain_in"]
    slope = layer["slope"]
    for j in range(start, stop):
        by_bias = vzero(dp)
        by_gain_out = vzero(dp)
        by_gain_in = vzero(dp)
        for lane in range(0, dp.size, lanes_of(dp)):
            s = vload(sums, start_s + lane)
            upstream = vload(dp, lane)
            z = vmul(s, nodes[gain_out + j]) if gain_out >= 0 else s
            z = vadd(z, nodes[bias + j])
            a = activate(kind, slope, z)
            gradient = vmul(upstream, nodes[gain_in + j]) if gain_in >= 0 else upstream
            if rate > 0.0:
                gradient = vdropout(gradient, seed, update, bias + j, lane, rate)
            if gain_in >= 0:
                kept = vdropout(a, seed, update, bias + j, lane, rate) if rate > 0.0 else a
                by_gain_in = vfma(upstream, kept, by_gain_in)
            dz = through_activation(kind, slope, z, a, gradient)
            by_bias = vadd(by_bias, dz)
            ds = dz
            if gain_out >= 0:
                by_gain_out = vfma(dz, s, by_gain_out)
                ds = vmul(dz, nodes[gain_out + j])
            if j > start:
                ds = vadd(vload(d, start_s + lane), ds)
            vstore(d, start_s + lane, ds)
        node_gradient[bias + j] = vsum(by_bias)
        if gain_out >= 0:
            node_gradient[gain_out + j] = vsum(by_gain_out)
        if gain_in >= 0:
            node_gradient[gain_in + j] = vsum(by_gain_in)


# One layer forward and backward.


@inner
def forward(net, work, index, kind, seed, update, rate, training, part, n_parts):
    """From p of layer `index` to s and p of the next; without training s is not kept."""
    graph, below, layer = net.graphs[index], net.layers[index], net.layers[index + 1]
    is_output = index == net.graphs.size - 1
    width = work.width
    block_in, block_out = graph["block_in"], graph["block_out"]
    block = block_in * block_out
    sources = net.sources[graph["connection"] :]
    weights = net.weights[graph["weight"] :]
    values = work.p[below["row"] * width :]
    outputs = work.p[layer["row"] * width :]
    # Prediction has room in s for the output layer only.
    s_row = layer["row"] - net.layers[0]["units"] if training else 0
    sums = work.s[s_row * width :]
    nodes = net.nodes
    first = share(net.indptr, graph["indptr"], graph["motifs_out"], part, n_parts)
    last = share(net.indptr, graph["indptr"], graph["motifs_out"], part + 1, n_parts)
    for h in range(first, last):
        k_0, k_1 = net.indptr[graph["indptr"] + h], net.indptr[graph["indptr"] + h + 1]
        for unit in range(h * block_out, min((h + 1) * block_out, layer["units"])):
            row_weights = weights[(unit - h * block_out) * block_in :]
            for lane in range(0, width, lanes_of(values)):
                if block == 1:
                    s = connection_sum(weights, sources, k_0, k_1, values, width, lane)
                else:
                    s = block_sum(
                        row_weights,
                        sources,
                        None,
                        k_0,
                        k_1,
                        block,
                        1,
                        block_in,
                        below["units"],
                        values,
                        width,
                        lane,
                    )
                if is_output:
                    vstore(sums, unit * width + lane, vadd(s, nodes[layer["bias"] + unit]))
                    continue
                if training:
                    vstore(sums, unit * width + lane, s)
                p = respond(nodes, layer, unit, kind, s, seed, update, lane, rate)
                vstore(outputs, unit * width + lane, p)


@inner
def backward(net, work, index, kind, seed, update, rate, part, n_parts):
    """From d of layer `index + 1` to d, and the gradients of biases and gains, of `index`."""
    graph, layer, above = net.graphs[index], net.layers[index], net.layers[index + 1]
    width = work.width
    step = lanes_of(work.d)
    block_in, block_out = graph["block_in"], graph["block_out"]
    block = block_in * block_out
    targets = net.targets[graph["connection"] :]
    places = net.places[graph["connection"] :]
    weights = net.weights[graph["weight"] :]
    n_inputs = net.layers[0]["units"]
    values = work.d[(above["row"] - n_inputs) * width :]
    nodes, node_gradient, sums, d = net.nodes, work.node_gradient, work.s, work.d
    dp = np.empty(width, d.dtype)
    row = np.empty(graph["motifs_out"], weights.dtype)
    first = share(net.indptr_t, graph["indptr_t"], graph["motifs_in"], part, n_parts)
    last = share(net.indptr_t, graph["indptr_t"], graph["motifs_in"], part + 1, n_parts)
    for g in range(first, last):
        k_0, k_1 = net.indptr_t[graph["indptr_t"] + g], net.indptr_t[graph["indptr_t"] + g + 1]
        if block == 1:
            # Weights stand in the order of the other side: fetch them once for all lanes.
            for k in range(k_0, k_1):
                row[k - k_0] = weights[places[k]]
        for unit in range(g * block_in, min((g + 1) * block_in, layer["units"])):
            for lane in range(0, width, step):
                if block == 1:
                    total = connection_sum(row, targets[k_0:], 0, k_1 - k_0, values, width, lane)
                else:
                    total = block_sum(
                        weights[unit - g * block_in :],
                        targets,
                        places,
                        k_0,
                        k_1,
                        block,
                        block_in,
                        block_out,
                        above["units"],
                        values,
                        width,
                        lane,
                    )
                vstore(dp, lane, total)
            if index > 0:
                respond_backward(
                    nodes,
                    node_gradient,
                    layer,
                    unit,
                    kind,
                    dp,
                    sums,
                    d,
                    (layer["row"] + unit - n_inputs) * width,
                    seed,
                    update,
                    rate,
                )
            else:
                input_gain_gradient(layer, unit, dp, work.x, node_gradient)


@inner
def input_gain_gradient(layer, unit, dp, x, node_gradient):
    start = unit * layer["group"]
    for i in range(start, min(start + layer["group"], layer["n_neurons"])):
        node_gradient[layer["gain_in"] + i] = inner_product(dp, 0, x, i * dp.size, dp.size)


# Output and loss.


@inner
def probabilities(scores, n_outputs, width):
    """Logistic (one output) or softmax over the rows of `scores`, in place."""
    for lane in range(0, width, lanes_of(scores)):
        if n_outputs == 1:
            vstore(scores, lane, sigmoid(vload(scores, lane)))
            continue
        top = vload(scores, lane)
        for j in range(1, n_outputs):
            top = vmax(vload(scores, j * width + lane), top)
        top = vmul(top, -1.0)
        total = vzero(scores)
        for j in range(n_outputs):
            value = vexp(vadd(vload(scores, j * width + lane), top))
            vstore(scores, j * width + lane, value)
            total = vadd(total, value)
        for j in range(n_outputs):
            vstore(scores, j * width + lane, vdiv(vload(scores, j * width + lane), total))


@inner
def log_loss(net, work, n):
    """Cross-entropy over the first `n` places, and its gradient by the output layer's s."""
    width = work.width
    layer = net.layers[net.layers.size - 1]
    n_outputs = layer["units"]
    start = (layer["row"] - net.layers[0]["units"]) * width
    scores = work.s[start:]
    d = work.d[start:]
    probabilities(scores, n_outputs, width)
    smallest = np.finfo(scores.dtype).eps  # where MLPClassifier's loss clips, too
    loss = 0.0
    for j in range(n_outputs):
        total = 0.0
        for b in range(width):
            probability = scores[j * width + b]
            label = work.y[b] == j if n_outputs > 1 else work.y[b] == 1
            gradient = 0.0
            if b < n:
                gradient = (probability - 1.0 if label else probability * 1.0) / n
                if abs(gradient) < TINY:
                    gradient = 0.0
                if label:
                    loss -= np.log(smallest if probability < smallest else probability)
                elif n_outputs == 1:
                    left = 1.0 - probability
                    loss -= np.log(smallest if left < smallest else left)
            d[j * width + b] = gradient
            total += gradient
        work.node_gradient[layer["bias"] + j] = total
    work.loss[0] = loss / n


# sddmm and the optimizer's update.


@inner
def inner_product(x, start_x, y, start_y, width):
    """Of two rows."""
    total = vzero(x)
    for lane in range(0, width, lanes_of(x)):
        total = vfma(vload(x, start_x + lane), vload(y, start_y + lane), total)
    return vsum(total)


@inner
def sddmm(net, work, index, first, last, gradient):
    """Gradients of the weights of the connections first:last of a graph."""
    graph, below, above = net.graphs[index], net.layers[index], net.layers[index + 1]
    width = work.width
    step = lanes_of(work.d)
    sources = net.sources[graph["connection"] :]
    indptr = net.indptr[graph["indptr"] :]
    values = work.p[below["row"] * width :]
    d = work.d[(above["row"] - net.layers[0]["units"]) * width :]
    block_in, block_out = graph["block_in"], graph["block_out"]
    h = np.searchsorted(indptr[: graph["motifs_out"] + 1], first, side="right") - 1
    k = first
    while k < last:
        while indptr[h + 1] <= k:
            h += 1
        stop = min(last, indptr[h + 1])
        if block_in * block_out == 1:
            while k + 3 < stop:
                sum_0 = vzero(d)
                sum_1 = vzero(d)
                sum_2 = vzero(d)
                sum_3 = vzero(d)
                for lane in range(0, width, step):
                    row = vload(d, h * width + lane)
                    sum_0 = vfma(row, vload(values, sources[k] * width + lane), sum_0)
                    sum_1 = vfma(row, vload(values, sources[k + 1] * width + lane), sum_1)
                    sum_2 = vfma(row, vload(values, sources[k + 2] * width + lane), sum_2)
                    sum_3 = vfma(row, vload(values, sources[k + 3] * width + lane), sum_3)
                gradient[k - first] = vsum(sum_0)
                gradient[k + 1 - first] = vsum(sum_1)
                gradient[k + 2 - first] = vsum(sum_2)
                gradient[k + 3 - first] = vsum(sum_3)
                k += 4
        while k < stop:
            place = (k - first) * block_in * block_out
            for j in range(block_out):
                for i in range(block_in):
                    out, source = h * block_out + j, sources[k] * block_in + i
                    gradient[place] = 0
                    if out < above["units"] and source < below["units"]:
                        gradient[place] = inner_product(
                            d, out * width, values, source * width, width
                        )
                    place += 1
            k += 1


@inner
def sum_of_squares(values):
    total = vzero(values)
    n_whole = values.size - values.size % lanes_of(values)
    for i in range(0, n_whole, lanes_of(values)):
        value = vload(values, i)
        total = vfma(value, value, total)
    result = vsum(total)
    for i in range(n_whole, values.size):
        result += values[i] * values[i]
    return result


@inner
def optimize(solver, settings, l2, values, gradient, state_1, state_2):
    """One update of `values` in place; returns the sum of their squares before it.

    `settings` is in the dtype of `values`, or float32 would be computed in float64.
    """
    rate, decay_1, rest_1, decay_2, rest_2, tiny, tiny_gradient, nesterov, smallest = settings
    zero = tiny - tiny
    squares = sum_of_squares(values)
    if solver == ADAM:
        for i in range(values.size):
            value = values[i]
            g = gradient[i] + l2 * value
            g = zero if abs(g) < tiny_gradient else g
            m = decay_1 * state_1[i] + rest_1 * g
            v = decay_2 * state_2[i] + rest_2 * g * g
            m = zero if abs(m) < tiny else m
            v = zero if v < tiny else v
            state_1[i] = m
            state_2[i] = v
            values[i] = value - rate * m / (np.sqrt(v) + smallest)
    else:
        for i in range(values.size):
            value = values[i]
            g = rate * (gradient[i] + l2 * value)
            velocity = decay_1 * state_1[i] - g
            velocity = zero if abs(velocity) < tiny else velocity
            state_1[i] = velocity
            ahead = decay_1 * velocity - g
            values[i] = value + (velocity + nesterov * (ahead - velocity))
    return squares
