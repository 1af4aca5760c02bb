"""Between the products: from what a unit sums up (s) to what connections read (p), and back."""

from __future__ import annotations

from .activations import PIECEWISE, activate, activate_backward, squash
from .dropout import draw, drop
from .jit import inlined, inner
from .products import inner_product
from .simd import (
    item,
    lanes_of,
    vadd,
    vdiv,
    vfma,
    vload,
    vmul,
    vslope,
    vsplat,
    vstore,
    vsum,
    vsums,
    vzeros,
)


@inlined
def keeps_sums(layer):
    """Whether the way back needs s: where p alone does not tell the activation's derivative."""
    return layer["gain_in"] >= 0 or layer["slope"] < 0.0


@inner
def gather_inputs(net, x, p, width, first, last):
    """What units of layer 0 send (p): the mean of a motif, or its sum by learned gains."""
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
            if gains >= 0:
                for i in range(start, stop):
                    total = vfma(item(nodes, gains + i), vload(x, i * width + lane, total), total)
            else:
                for i in range(start, stop):
                    total = vadd(vload(x, i * width + lane, total), total)
                total = vdiv(total, stop - start)
            vstore(p, unit * width + lane, total)


@inlined
def forward_without_gains(
    nodes, layer, activation, slope, dropout, sums, outputs, width, first, last
):
    """Units that are one neuron, or one for their motif."""
    for unit in range(first, last):
        node, row = layer["bias"] + unit, unit * width
        for lane in range(0, width, lanes_of(sums)):
            z = vadd(vload(sums, row + lane, vzeros(sums, 1)), item(nodes, node))
            a = activate(activation, slope, z)
            if dropout.rate > 0.0:
                a = draw(dropout, a, node, width, lane)
            vstore(outputs, row + lane, a)


@inlined
def forward_with_gains(nodes, layer, activation, slope, dropout, sums, outputs, width, first, last):
    """Motifs whose neurons differ by gains and biases."""
    group, n_neurons = layer["group"], layer["n_neurons"]
    bias, gain_out, gain_in = layer["bias"], layer["gain_out"], layer["gain_in"]
    for unit in range(first, last):
        row = unit * width
        for lane in range(0, width, lanes_of(sums)):
            total = vzeros(sums, 1)
            s = vload(sums, row + lane, total)
            for j in range(unit * group, min((unit + 1) * group, n_neurons)):
                z = vfma(item(nodes, gain_out + j), s, vsplat(item(nodes, bias + j), s))
                a = activate(activation, slope, z)
                if dropout.rate > 0.0:
                    a = draw(dropout, a, bias + j, width, lane)
                total = vfma(item(nodes, gain_in + j), a, total)
            vstore(outputs, row + lane, total)


@inner
def forward(nodes, layer, activation, dropout, sums, outputs, width, first, last):
    """What units send (p): their neurons' activations, summed by their gains."""
    slope = nodes.dtype.type(layer["slope"])
    if layer["gain_in"] < 0:
        forward_without_gains(
            nodes, layer, activation, slope, dropout, sums, outputs, width, first, last
        )
    elif activation == PIECEWISE:
        # Apart, as `backward` says.
        forward_with_gains(
            nodes, layer, PIECEWISE, slope, dropout, sums, outputs, width, first, last
        )
    else:
        forward_with_gains(
            nodes, layer, activation, slope, dropout, sums, outputs, width, first, last
        )


@inner
def add_bias(nodes, bias, sums, width, first, last):
    """Output neurons have nothing but a bias before the loss."""
    for unit in range(first, last):
        for lane in range(unit * width, (unit + 1) * width, lanes_of(sums)):
            vstore(sums, lane, vadd(nodes[bias + unit], vload(sums, lane, vzeros(sums, 1))))


@inlined
def backward_without_gains(
    nodes, node_gradient, layer, activation, slope, dropout, dp, from_dp, outputs, sums, width, unit
):
    """A unit that is one neuron, or one for its motif; its `dp` begins at `from_dp`."""
    node, from_s = layer["bias"] + unit, unit * width
    by_bias = vzeros(dp, 1)
    for lane in range(0, width, lanes_of(dp)):
        # What dropout has set to 0 has no gradient either.
        a = vmul(1.0 - dropout.rate, vload(outputs, from_s + lane, by_bias))
        z = a
        if keeps_sums(layer):
            z = vadd(vload(sums, from_s + lane, by_bias), item(nodes, node))
        gradient = vload(dp, from_dp + lane, z)
        if dropout.rate > 0.0:
            gradient = drop(dropout, gradient, node, width, lane)
        ds = activate_backward(activation, slope, z, a, gradient)
        by_bias = vadd(by_bias, ds)
        vstore(sums, from_s + lane, ds)
    node_gradient[node] = vsum(by_bias)


@inlined
def backward_with_gains(
    nodes, node_gradient, layer, activation, slope, dropout, dp, from_dp, sums, width, unit, rows,
    four,
):  # fmt: skip
    """A motif whose neurons differ by gains and biases; its `dp` begins at `from_dp`."""
    bias, gain_out, gain_in = layer["bias"], layer["gain_out"], layer["gain_in"]
    from_s = unit * width
    start = unit * layer["group"]
    stop = min(start + layer["group"], layer["n_neurons"])
    for j in range(start, stop):
        by_bias = vzeros(dp, 1)
        by_gain_out = by_bias
        by_gain_in = by_bias
        if activation != PIECEWISE:
            # Apart: calls of exp empty the registers.
            for lane in range(0, width, lanes_of(dp)):
                s = vload(sums, from_s + lane, by_bias)
                z = vfma(item(nodes, gain_out + j), s, vsplat(item(nodes, bias + j), s))
                vstore(rows, width + lane, squash(activation, z))
        for lane in range(0, width, lanes_of(dp)):
            s = vload(sums, from_s + lane, by_bias)
            upstream = vload(dp, from_dp + lane, by_bias)
            # Biases and gains are read for every vector: copies of them in registers would be
            # spilled to the stack, where vectors lie across cache lines.
            z = vfma(item(nodes, gain_out + j), s, vsplat(item(nodes, bias + j), s))
            a = vslope(z, slope, z) if activation == PIECEWISE else vload(rows, width + lane, z)
            gradient = vmul(upstream, item(nodes, gain_in + j))
            kept = a
            if dropout.rate > 0.0:
                gradient = drop(dropout, gradient, bias + j, width, lane)
                kept = drop(dropout, a, bias + j, width, lane)
            by_gain_in = vfma(upstream, kept, by_gain_in)
            dz = activate_backward(activation, slope, z, a, gradient)
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
def backward(
    nodes, node_gradient, layer, activation, dropout, dp, outputs, sums, width, first, last, rows,
    four,
):  # fmt: skip
    """From the gradient `dp` by the units' outputs to d, and to their biases' and gains'.

    `dp` begins with unit `first`; d replaces s in `sums`. `rows` and `four` are scratch.
    """
    slope = nodes.dtype.type(layer["slope"])
    if layer["gain_in"] < 0:
        for unit in range(first, last):
            backward_without_gains(
                nodes, node_gradient, layer, activation, slope, dropout, dp, (unit - first) * width,
                outputs, sums, width, unit,
            )  # fmt: skip
    elif activation == PIECEWISE:
        # Apart: calls of exp empty the registers, of what stays the same for all units, too.
        for unit in range(first, last):
            backward_with_gains(
                nodes, node_gradient, layer, PIECEWISE, slope, dropout, dp, (unit - first) * width,
                sums, width, unit, rows, four,
            )  # fmt: skip
    else:
        for unit in range(first, last):
            backward_with_gains(
                nodes, node_gradient, layer, activation, slope, dropout, dp, (unit - first) * width,
                sums, width, unit, rows, four,
            )  # fmt: skip


@inner
def input_gain_gradients(layer, dp, x, width, first, last, node_gradient):
    """Gradients of the gains of units of layer 0; `dp` begins with unit `first`."""
    group, n_features, gain_in = layer["group"], layer["n_neurons"], layer["gain_in"]
    for unit in range(first, last):
        for i in range(unit * group, min((unit + 1) * group, n_features)):
            product = inner_product(dp, (unit - first) * width, x, i * width, width)
            node_gradient[gain_in + i] = product
