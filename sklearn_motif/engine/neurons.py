"""What happens between the products: inputs, activations, the output's loss.

*Gather* and *spread* go from what a unit sums up (s) to what connections read (p), and back.
"""

from __future__ import annotations

import numpy as np

from .jit import inlined, inner
from .layout import LOGISTIC, PIECEWISE, SIGMOID, SOFTMAX, TINY
from .products import inner_product
from .simd import (
    item,
    lanes_of,
    vadd,
    vdiv,
    vdropout,
    vexp,
    vflush,
    vfma,
    vload,
    vmax,
    vmul,
    vslope,
    vsplat,
    vstore,
    vsub,
    vsum,
    vsums,
    vzeros,
)

# Activations. The piecewise-linear ones (relu, all_relu, identity) differ by their slope.


@inlined
def sigmoid(z):
    return vdiv(1.0, vadd(1.0, vexp(vmul(-1.0, z))))


@inner
def squash(kind, z):
    """Logistic function or tanh; on its own, because LLVM writes out an exp for each lane."""
    scale = 1.0 if kind == LOGISTIC else 2.0
    return vsub(vmul(scale, sigmoid(vmul(scale, z))), scale - 1.0)


@inlined
def activate(kind, slope, z):
    if kind == PIECEWISE:
        return vslope(z, slope, z)
    return squash(kind, z)


@inlined
def through_activation(kind, slope, z, a, gradient):
    """Gradient by z from the gradient by a = activate(z)."""
    if kind == PIECEWISE:
        return vslope(z, slope, gradient)
    if kind == LOGISTIC:
        return vmul(gradient, vmul(a, vsub(1.0, a)))
    return vmul(gradient, vsub(1.0, vmul(a, a)))


@inlined
def keeps_sums(layer):
    """Whether the way back needs s: where p alone does not tell the activation's derivative."""
    return layer["gain_in"] >= 0 or layer["slope"] < 0.0


# Gather and spread: from what a unit sums up (s) to what connections read (p), and back.


@inner
def load_rows(values, n_features, rows, x, width, first, last):
    """Copy the features first:last of some dense rows into `x`, batch-minor, zero-padded."""
    for feature in range(first, last):
        start = feature * width
        for b in range(rows.size):
            x[start + b] = item(values, item(rows, b) * n_features + feature)
        for b in range(rows.size, width):
            x[start + b] = 0


@inner
def load_sparse_rows(X, rows, cursors, x, width, first, last):
    """The same from CSR rows. A thread's features only ever move up: so do its cursors."""
    x[first * width : last * width] = 0
    for b in range(rows.size):
        k, end = cursors[b], X.indptr[rows[b] + 1]
        while k < end and X.indices[k] < first:
            k += 1
        while k < end and X.indices[k] < last:
            x[X.indices[k] * width + b] += X.values[k]
            k += 1
        cursors[b] = k


@inner
def gather_inputs(net, x, p, width, first, last):
    """p of the units first:last of layer 0: the mean of a motif, or its sum by learned gains."""
    layer = net.layers[0]
    group, n_features, gains = layer["group"], layer["n_neurons"], layer["gain_in"]
    nodes = net.nodes
    if group == 1:
        return
    for unit in range(first, last):
        start = unit * group
        stop = min(start + group, n_features)
        for lane in range(0, width, lanes_of(p)):
            total = vzeros(p, 1)
            for i in range(start, stop):
                gain = nodes[gains + i] if gains >= 0 else nodes.dtype.type(1.0)
                total = vfma(gain, vload(x, i * width + lane, total), total)
            if gains < 0:
                total = vdiv(total, stop - start)
            vstore(p, unit * width + lane, total)


@inner
def respond(nodes, layer, kind, sums, outputs, width, first, last, seed, update, rate):
    """Outputs of units: their neurons' activations, summed by their gains."""
    group, n_neurons = layer["group"], layer["n_neurons"]
    bias, gain_out, gain_in = layer["bias"], layer["gain_out"], layer["gain_in"]
    slope = nodes.dtype.type(layer["slope"])
    for unit in range(first, last):
        row = unit * width
        for lane in range(0, width, lanes_of(sums)):
            total = vzeros(sums, 1)
            s = vload(sums, row + lane, total)
            if gain_in < 0:
                total = activate(kind, slope, vadd(s, item(nodes, bias + unit)))
                if rate > 0.0:
                    total = vdropout(total, seed, update, bias + unit, lane, rate)
            else:
                for j in range(unit * group, min((unit + 1) * group, n_neurons)):
                    z = vfma(item(nodes, gain_out + j), s, vsplat(item(nodes, bias + j), s))
                    a = activate(kind, slope, z)
                    if rate > 0.0:
                        a = vdropout(a, seed, update, bias + j, lane, rate)
                    total = vfma(item(nodes, gain_in + j), a, total)
            vstore(outputs, row + lane, total)


@inner
def add_bias(nodes, bias, sums, width, first, last):
    """Output neurons have nothing but a bias before the loss."""
    for unit in range(first, last):
        for lane in range(unit * width, (unit + 1) * width, lanes_of(sums)):
            vstore(sums, lane, vadd(nodes[bias + unit], vload(sums, lane, vzeros(sums, 1))))


@inner
def respond_backward(
    nodes, node_gradient, layer, kind, dp, outputs, sums, width, first, last, rows, four, seed,
    update, rate,
):  # fmt: skip
    """From the gradient `dp` by the units' outputs to d, and to their biases' and gains'.

    `dp` begins with unit `first`; d replaces s in `sums`. `rows` and `four` are scratch.
    """
    group, n_neurons = layer["group"], layer["n_neurons"]
    bias, gain_out, gain_in = layer["bias"], layer["gain_out"], layer["gain_in"]
    slope = nodes.dtype.type(layer["slope"])
    for unit in range(first, last):
        from_dp = (unit - first) * width
        from_s = unit * width
        if gain_in < 0:
            by_bias = vzeros(dp, 1)
            for lane in range(0, width, lanes_of(dp)):
                # What dropout has set to 0 has no gradient either.
                a = vmul(1.0 - rate, vload(outputs, from_s + lane, by_bias))
                z = a
                if keeps_sums(layer):
                    z = vadd(vload(sums, from_s + lane, by_bias), item(nodes, bias + unit))
                gradient = vload(dp, from_dp + lane, z)
                if rate > 0.0:
                    gradient = vdropout(gradient, seed, update, bias + unit, lane, rate)
                ds = through_activation(kind, slope, z, a, gradient)
                by_bias = vadd(by_bias, ds)
                vstore(sums, from_s + lane, ds)
            node_gradient[bias + unit] = vsum(by_bias)
            continue
        start = unit * group
        stop = min(start + group, n_neurons)
        for j in range(start, stop):
            by_bias = vzeros(dp, 1)
            by_gain_out = by_bias
            by_gain_in = by_bias
            if kind != PIECEWISE:
                # Apart: calls of exp empty the registers.
                for lane in range(0, width, lanes_of(dp)):
                    s = vload(sums, from_s + lane, by_bias)
                    z = vfma(item(nodes, gain_out + j), s, vsplat(item(nodes, bias + j), s))
                    vstore(rows, width + lane, squash(kind, z))
            for lane in range(0, width, lanes_of(dp)):
                s = vload(sums, from_s + lane, by_bias)
                upstream = vload(dp, from_dp + lane, by_bias)
                # Biases and gains are read for every vector: copies of them in registers would
                # be spilled to the stack, where vectors lie across cache lines.
                z = vfma(item(nodes, gain_out + j), s, vsplat(item(nodes, bias + j), s))
                a = vslope(z, slope, z) if kind == PIECEWISE else vload(rows, width + lane, z)
                gradient = vmul(upstream, item(nodes, gain_in + j))
                kept = a
                if rate > 0.0:
                    gradient = vdropout(gradient, seed, update, bias + j, lane, rate)
                    kept = vdropout(a, seed, update, bias + j, lane, rate)
                by_gain_in = vfma(upstream, kept, by_gain_in)
                dz = through_activation(kind, slope, z, a, gradient)
                by_bias = vadd(by_bias, dz)
                by_gain_out = vfma(dz, s, by_gain_out)
                ds = vmul(dz, item(nodes, gain_out + j))
                if j > start:
                    ds = vadd(vload(rows, lane, ds), ds)
                # The last neuron of a unit is the last to need its s.
                if j + 1 < stop:
                    vstore(rows, lane, ds)
                else:
                    vstore(sums, from_s + lane, ds)
            vsums(four, 0, by_bias, by_gain_out, by_gain_in, by_gain_in)
            node_gradient[bias + j] = four[0]
            node_gradient[gain_out + j] = four[1]
            node_gradient[gain_in + j] = four[2]


@inner
def input_gain_gradient(layer, dp, x, width, first, last, node_gradient):
    """Gradients of the gains of units of layer 0; `dp` begins with unit `first`."""
    group, n_features, gain_in = layer["group"], layer["n_neurons"], layer["gain_in"]
    for unit in range(first, last):
        for i in range(unit * group, min((unit + 1) * group, n_features)):
            product = inner_product(dp, (unit - first) * width, x, i * width, width)
            node_gradient[gain_in + i] = product


# Output and loss.


@inner
def activate_outputs(scores, n_outputs, out, width):
    """Softmax, logistic function or nothing over the rows of `scores`, in place."""
    if out == SIGMOID:
        for lane in range(0, n_outputs * width, lanes_of(scores)):
            vstore(scores, lane, sigmoid(vload(scores, lane, vzeros(scores, 1))))
    if out != SOFTMAX:
        return
    for lane in range(0, width, lanes_of(scores)):
        total = vzeros(scores, 1)
        top = vload(scores, lane, total)
        for j in range(1, n_outputs):
            top = vmax(vload(scores, j * width + lane, top), top)
        for j in range(n_outputs):
            value = vexp(vsub(vload(scores, j * width + lane, top), top))
            vstore(scores, j * width + lane, value)
            total = vadd(total, value)
        for j in range(n_outputs):
            vstore(scores, j * width + lane, vdiv(vload(scores, j * width + lane, total), total))


@inner
def output_loss(net, work, out, y, weights, rows, shares, smoothing):
    """Loss of some rows, summed, and the gradient of its mean by the output's s.

    Cross-entropy, or half the squared error, times the row's weight. Softmax has the number of a
    class in `y` for each row, the others a number for each output. Targets of the cross-entropy
    are mixed with the share `smoothing` of equal ones. `shares` is scratch.
    """
    width, n = work.width, rows.size
    layer = net.layers[net.layers.size - 1]
    n_outputs = layer["units"]
    start = (layer["row"] - net.layers[0]["units"]) * width
    d = work.s[start:]
    activate_outputs(d, n_outputs, out, width)
    smallest = np.float64(np.finfo(d.dtype).eps)  # where MLPClassifier clips, too
    loss = 0.0
    for b in range(n):
        row = rows[b]
        row_loss = 0.0
        if out == SOFTMAX:
            label = np.int64(y[row])
            for j in range(n_outputs):
                place = j * width + b
                target = smoothing / n_outputs
                if j == label:
                    target += 1.0 - smoothing
                if target > 0.0:
                    row_loss -= target * np.log(max(np.float64(d[place]), smallest))
                d[place] -= target
        else:
            for j in range(n_outputs):
                place = j * width + b
                target = np.float64(y[row * n_outputs + j])
                value = np.float64(d[place])
                if out == SIGMOID:
                    target += smoothing * (0.5 - target)
                    row_loss -= target * np.log(max(value, smallest))
                    row_loss -= (1.0 - target) * np.log(max(1.0 - value, smallest))
                else:
                    row_loss += 0.5 * (value - target) ** 2
                d[place] -= target
        loss += weights[row] * row_loss
        shares[b] = np.float64(weights[row]) / n
    shares[n:width] = 0
    for j in range(n_outputs):
        d[j * width + n : (j + 1) * width] = 0
        total = vzeros(d, 1)
        for lane in range(0, width, lanes_of(d)):
            value = vmul(vload(shares, lane, total), vload(d, j * width + lane, total))
            value = vflush(value, TINY)
            vstore(d, j * width + lane, value)
            total = vadd(total, value)
        work.node_gradient[layer["bias"] + j] = vsum(total)
    work.loss[0] += loss
