"""Kernels of one mini-batch: spmm, sddmm, gather, spread, losses and optimizer updates.

Activations are batch-minor: row r of a buffer holds unit r for every place of the batch, the
batch padded to whole vectors. Buffers of all layers are flat arrays, one layer after the
other; `LAYER` and `GRAPH` say where each begins.

A *unit* is what connections see: a motif where one number is shared by the motif ("scaled",
"tied"), a neuron otherwise. Connections stand in the order of their input motifs, because the
way back, which reads and updates them, is longer than the way forward. Work is shared between
threads by rows of units, in parts that do not depend on the number of threads, so that every
number of threads gives the same bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import inlined, inner
from .simd import (
    VECTOR_BYTES,
    claim,
    item,
    lanes_of,
    published,
    vadd,
    vdiv,
    vdot,
    vdropout,
    vexp,
    vflush,
    vfma,
    vload,
    vmax,
    vmul,
    vouter,
    vslope,
    vsplat,
    vsqrt,
    vstore,
    vstore_rows,
    vsub,
    vsum,
    vsums,
    vzeros,
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
        ("block_in", np.int64),  # a connection carries block_in x block_out weights
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
    indptr: np.ndarray  # int64; connections of input motif g are indptr[g]:indptr[g + 1]
    targets: np.ndarray  # int32; output motif of each connection
    indptr_t: np.ndarray  # int64; the same by output motif
    sources: np.ndarray  # int32; input motif of each connection, by output motif
    places: np.ndarray  # int32; place of that connection in the order by input motif
    weights: np.ndarray  # in the order by input motif
    nodes: np.ndarray  # biases and gains


class Work(NamedTuple):
    """Scratch buffers of a mini-batch, flat and aligned."""

    width: int  # padded batch
    x: np.ndarray  # input features; the same memory as `p` where they are not grouped
    p: np.ndarray  # what connections read, layers 0 to n_layers - 2
    s: np.ndarray  # what connections sum up, layers 1 to n_layers - 1, where the way back needs
    # it (`keeps_sums`); then the loss's gradient by it, d
    dp: np.ndarray  # gradient by `p` of the units that a thread is at, for each thread
    node_gradient: np.ndarray
    squares: np.ndarray  # float64 sums of squared weights over updates, `PARTS` for each graph
    loss: np.ndarray  # (1,) float64; sum over rows
    meet: np.ndarray  # int64, a cache line a thread; turns that it has finished
    parts: np.ndarray  # int64, a cache line for each of three turns; parts that were claimed


class Scratch(NamedTuple):
    """Small buffers of one thread."""

    dp: np.ndarray  # this thread's part of Work.dp
    ordered: np.ndarray  # weights in the order of their output motifs
    gradient: np.ndarray  # by weights that are about to be updated
    rows: np.ndarray  # two of the padded batch
    four: np.ndarray


class State(NamedTuple):
    """Optimizer state: momentum (SGD), or first and second moments (Adam)."""

    weights_1: np.ndarray
    weights_2: np.ndarray
    nodes_1: np.ndarray
    nodes_2: np.ndarray


PIECEWISE, TANH, LOGISTIC = range(3)
ADAM, SGD = range(2)
ROWS = 32  # units that are taken through all stages at a time, while their rows are in the cache
ORDERED = 16384  # weights that forward puts in its own order at a time
CHUNK = 1024  # weights that go from their gradients to the optimizer at a time
# Parts of a turn's work, the same for any number of threads, as sums over them are. A thread
# that is done with one takes the next, so that a thread that is held up holds up no other.
PARTS = 32
# With as many registers, rows of d serve both their products on one visit.
HAS_32_REGISTERS = VECTOR_BYTES == 64
# Smaller numbers become 0 before they, or the squares of gradients, turn into slow denormals.
TINY = 1e-30
TINY_GRADIENT = 1e-18
# Looks at another thread's progress, a fraction of a millisecond, before a thread sleeps.
SPINS = 500_000


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


@inlined
def tile(n_vectors, most):
    """Vectors of a row to take at a time: nearly equal tiles of up to `most`."""
    n_tiles = (n_vectors + most - 1) // most
    return (n_vectors + n_tiles - 1) // n_tiles


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


# spmm. A row is summed a tile of vectors at a time; whatever the tile, each lane sums in the
# same order.


@inlined
def row_sum(zero, out, place, rows, weights, first, last, values, width, lane):
    """One tile of a row: the connections first:last, even and odd ones apart."""
    even = zero
    odd = zero
    k = first
    while k + 1 < last:
        row = vload(values, item(rows, k) * width + lane, zero)
        even = vfma(item(weights, k), row, even)
        row = vload(values, item(rows, k + 1) * width + lane, zero)
        odd = vfma(item(weights, k + 1), row, odd)
        k += 2
    if k < last:
        row = vload(values, item(rows, k) * width + lane, zero)
        even = vfma(item(weights, k), row, even)
    vstore(out, place, vadd(even, odd))


@inlined
def tile_of_row(n, out, place, rows, weights, first, last, values, width, lane):
    """`row_sum` of n vectors."""
    if n == 5:
        zero = vzeros(values, 5)
        row_sum(zero, out, place, rows, weights, first, last, values, width, lane)
    elif n == 4:
        zero = vzeros(values, 4)
        row_sum(zero, out, place, rows, weights, first, last, values, width, lane)
    elif n == 3:
        zero = vzeros(values, 3)
        row_sum(zero, out, place, rows, weights, first, last, values, width, lane)
    elif n == 2:
        zero = vzeros(values, 2)
        row_sum(zero, out, place, rows, weights, first, last, values, width, lane)
    else:
        zero = vzeros(values, 1)
        row_sum(zero, out, place, rows, weights, first, last, values, width, lane)


@inner
def spmm(out, indptr, rows, weights, base, values, width, first, last):
    """Rows first:last of a sparse matrix times `values`, into the same rows of `out`.

    `weights` begins with connection `base`.
    """
    rows = rows[base:]
    for h in range(first, last):
        k_0, k_1 = indptr[h] - base, indptr[h + 1] - base
        lane = np.int64(0)
        while lane < width:
            n = tile((width - lane) // lanes_of(values), 5)
            tile_of_row(n, out, h * width + lane, rows, weights, k_0, k_1, values, width, lane)
            lane += n * lanes_of(values)


@inlined
def block_sum(
    zero, total, out, place, rows, places, weights, weight, step, step_out, block, depth, units,
    first, last, values, width, lane,
):  # fmt: skip
    """One tile of several rows of blocks; each row of `values` is loaded once for all."""
    for k in range(first, last):
        w = (k if places is None else item(places, k)) * block + weight
        row = item(rows, k) * depth
        for i in range(min(depth, units - row)):
            value = vload(values, (row + i) * width + lane, zero)
            total = vouter(weights, w + i * step, step_out, value, total)
    vstore_rows(out, place, width, total, zero)


@inlined
def tile_of_blocks(
    n, height, out, place, rows, places, weights, weight, step, step_out, block, depth, units,
    first, last, values, width, lane,
):  # fmt: skip
    """`block_sum` of n vectors of `height` rows."""
    if height == 4 and n == 3:
        block_sum(
            vzeros(values, 3), vzeros(values, 12), out, place, rows, places, weights, weight, step,
            step_out, block, depth, units, first, last, values, width, lane,
        )  # fmt: skip
    elif height == 4 and n == 2:
        block_sum(
            vzeros(values, 2), vzeros(values, 8), out, place, rows, places, weights, weight, step,
            step_out, block, depth, units, first, last, values, width, lane,
        )  # fmt: skip
    elif height == 4:
        block_sum(
            vzeros(values, 1), vzeros(values, 4), out, place, rows, places, weights, weight, step,
            step_out, block, depth, units, first, last, values, width, lane,
        )  # fmt: skip
    elif n == 3:
        block_sum(
            vzeros(values, 3), vzeros(values, 3), out, place, rows, places, weights, weight, step,
            step_out, block, depth, units, first, last, values, width, lane,
        )  # fmt: skip
    elif n == 2:
        block_sum(
            vzeros(values, 2), vzeros(values, 2), out, place, rows, places, weights, weight, step,
            step_out, block, depth, units, first, last, values, width, lane,
        )  # fmt: skip
    else:
        block_sum(
            vzeros(values, 1), vzeros(values, 1), out, place, rows, places, weights, weight, step,
            step_out, block, depth, units, first, last, values, width, lane,
        )  # fmt: skip


@inner
def block_spmm(
    out, out_row, rows, places, weights, step, step_out, block, depth, units,
    n_rows, first, last, values, width,
):  # fmt: skip
    """The rows of one motif, as many as it has units: its connections are first:last.

    A connection has a block of weights, `step` apart for one row of `values` after the other,
    of which the input motif has `depth` (`units` cuts the last one), and `step_out` apart for
    one row of the result after the other. `places` says where the block stands; None: at its
    own number.
    """
    j = np.int64(0)
    while j < n_rows:
        height = 4 if n_rows - j >= 4 else 1
        lane = np.int64(0)
        while lane < width:
            n = tile((width - lane) // lanes_of(values), 3)
            tile_of_blocks(
                n, height, out, (out_row + j) * width + lane, rows, places, weights, j * step_out,
                step, step_out, block, depth, units, first, last, values, width, lane,
            )  # fmt: skip
            lane += n * lanes_of(values)
        j += height


# sddmm, for one row of `p` and the connections that leave it. Tiles of a row add up.


@inlined
def add_four(x, d_0, d_1, d_2, d_3, gradient, place, four, is_first):
    """gradient[place : place + 4] of the first tile, or what a further tile adds to it."""
    dots = vdot(x, d_0), vdot(x, d_1), vdot(x, d_2), vdot(x, d_3)
    if is_first:
        vsums(gradient, place, *dots)
    else:
        vsums(four, 0, *dots)
        for i in range(4):
            gradient[place + i] += four[i]


@inlined
def add_one(x, d_0, gradient, place, is_first):
    """The same for one number."""
    product = vsum(vdot(x, d_0))
    gradient[place] = product if is_first else gradient[place] + product


@inlined
def four_dots(x, d, start_0, start_1, start_2, start_3, gradient, place, four, is_first):
    """Products of x and four rows of d."""
    add_four(
        x, vload(d, start_0, x), vload(d, start_1, x), vload(d, start_2, x), vload(d, start_3, x),
        gradient, place, four, is_first,
    )  # fmt: skip


@inlined
def row_dots(zero, gradient, base, first, last, rows, d, p, row, width, lane, four):
    """gradient[first - base :]: one tile of the products of a row of `p` with rows of `d`."""
    x = vload(p, row * width + lane, zero)
    k = first
    while k + 3 < last:
        start_0, start_1 = item(rows, k) * width + lane, item(rows, k + 1) * width + lane
        start_2, start_3 = item(rows, k + 2) * width + lane, item(rows, k + 3) * width + lane
        four_dots(x, d, start_0, start_1, start_2, start_3, gradient, k - base, four, lane == 0)
        k += 4
    while k < last:
        add_one(x, vload(d, item(rows, k) * width + lane, x), gradient, k - base, lane == 0)
        k += 1


@inlined
def tile_of_dots(n, gradient, base, first, last, rows, d, p, row, width, lane, four):
    """`row_dots` of n vectors."""
    if n == 5:
        row_dots(vzeros(p, 5), gradient, base, first, last, rows, d, p, row, width, lane, four)
    elif n == 4:
        row_dots(vzeros(p, 4), gradient, base, first, last, rows, d, p, row, width, lane, four)
    elif n == 3:
        row_dots(vzeros(p, 3), gradient, base, first, last, rows, d, p, row, width, lane, four)
    elif n == 2:
        row_dots(vzeros(p, 2), gradient, base, first, last, rows, d, p, row, width, lane, four)
    else:
        row_dots(vzeros(p, 1), gradient, base, first, last, rows, d, p, row, width, lane, four)


@inlined
def sum_and_dots(
    zero, out, place, gradient, base, rows, weights, first, last, d, p, row, width, lane, four
):
    """`row_sum` of rows of `d`, and `row_dots` with the same ones."""
    x = vload(p, row * width + lane, zero)
    even = zero
    odd = zero
    k = first
    while k + 3 < last:
        d_0 = vload(d, item(rows, k) * width + lane, zero)
        d_1 = vload(d, item(rows, k + 1) * width + lane, zero)
        d_2 = vload(d, item(rows, k + 2) * width + lane, zero)
        d_3 = vload(d, item(rows, k + 3) * width + lane, zero)
        even = vfma(item(weights, k + 2), d_2, vfma(item(weights, k), d_0, even))
        odd = vfma(item(weights, k + 3), d_3, vfma(item(weights, k + 1), d_1, odd))
        add_four(x, d_0, d_1, d_2, d_3, gradient, k - base, four, lane == 0)
        k += 4
    while k < last:
        d_0 = vload(d, item(rows, k) * width + lane, zero)
        even = vfma(item(weights, k), d_0, even)
        add_one(x, d_0, gradient, k - base, lane == 0)
        k += 1
    vstore(out, place, vadd(even, odd))


@inlined
def tile_of_both(
    n, out, place, gradient, base, rows, weights, first, last, d, p, row, width, lane, four
):
    """`sum_and_dots` of n vectors."""
    if n == 4:
        sum_and_dots(
            vzeros(p, 4), out, place, gradient, base, rows, weights, first, last, d, p, row, width,
            lane, four,
        )  # fmt: skip
    elif n == 3:
        sum_and_dots(
            vzeros(p, 3), out, place, gradient, base, rows, weights, first, last, d, p, row, width,
            lane, four,
        )  # fmt: skip
    elif n == 2:
        sum_and_dots(
            vzeros(p, 2), out, place, gradient, base, rows, weights, first, last, d, p, row, width,
            lane, four,
        )  # fmt: skip
    else:
        sum_and_dots(
            vzeros(p, 1), out, place, gradient, base, rows, weights, first, last, d, p, row, width,
            lane, four,
        )  # fmt: skip


@inlined
def block_dots(
    zero, gradient, place, block, first, last, rows, depth, units, d, p, row, width, lane, four
):
    """The same for row `row` of the blocks first:last, the first weight of which is `place`."""
    x = vload(p, row * width + lane, zero)
    for k in range(first, last):
        target = item(rows, k) * depth
        n = min(depth, units - target)
        j = np.int64(0)
        while j < n:
            start = (target + j) * width + lane
            w = place + k * block + j
            if j + 3 < n:
                start_2 = start + 2 * width
                four_dots(
                    x, d, start, start + width, start_2, start_2 + width, gradient, w, four,
                    lane == 0,
                )  # fmt: skip
                j += 4
            else:
                add_one(x, vload(d, start, x), gradient, w, lane == 0)
                j += 1


@inlined
def tile_of_block_dots(
    n, gradient, place, block, first, last, rows, depth, units, d, p, row, width, lane, four
):
    """`block_dots` of n vectors."""
    if n == 5:
        block_dots(
            vzeros(p, 5), gradient, place, block, first, last, rows, depth, units, d, p, row,
            width, lane, four,
        )  # fmt: skip
    elif n == 4:
        block_dots(
            vzeros(p, 4), gradient, place, block, first, last, rows, depth, units, d, p, row,
            width, lane, four,
        )  # fmt: skip
    elif n == 3:
        block_dots(
            vzeros(p, 3), gradient, place, block, first, last, rows, depth, units, d, p, row,
            width, lane, four,
        )  # fmt: skip
    elif n == 2:
        block_dots(
            vzeros(p, 2), gradient, place, block, first, last, rows, depth, units, d, p, row,
            width, lane, four,
        )  # fmt: skip
    else:
        block_dots(
            vzeros(p, 1), gradient, place, block, first, last, rows, depth, units, d, p, row,
            width, lane, four,
        )  # fmt: skip


@inner
def inner_product(x, start_x, y, start_y, width):
    """Of two rows."""
    total = vzeros(x, 1)
    for lane in range(0, width, lanes_of(x)):
        total = vfma(vload(x, start_x + lane, total), vload(y, start_y + lane, total), total)
    return vsum(total)


# Gather and spread: from what a unit sums up (s) to what connections read (p), and back.


@inner
def load_rows(X, n_features, rows, x, width, first, last):
    """Copy the features first:last of some rows of X into `x`, batch-minor, zero-padded."""
    for feature in range(first, last):
        start = feature * width
        for b in range(rows.size):
            x[start + b] = item(X, item(rows, b) * n_features + feature)
        for b in range(rows.size, width):
            x[start + b] = 0


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
def load_inputs(net, work, X, rows, turn):
    """Layer 0: features, and what is gathered from them. X is flat, one row after the other."""
    layer = net.layers[0]
    units, group, n_features = layer["units"], layer["group"], layer["n_neurons"]
    part = claim(work.parts, turn)
    while part < PARTS:
        first, last = units * part // PARTS, units * (part + 1) // PARTS
        last_feature = min(last * group, n_features)
        load_rows(X, n_features, rows, work.x, work.width, first * group, last_feature)
        gather_inputs(net, work.x, work.p, work.width, first, last)
        part = claim(work.parts, turn)


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


# The optimizer's update.


@inlined
def adam(like, values, state_1, state_2, place, gradient, l2, settings):
    """Update as many values as `like` has; returns what they were."""
    rate, decay_1, rest_1, decay_2, rest_2, tiny, tiny_gradient, smallest = settings
    value = vload(values, place, like)
    g = vflush(vfma(l2, value, gradient), tiny_gradient)
    m = vfma(decay_1, vload(state_1, place, like), vmul(rest_1, g))
    v = vfma(decay_2, vload(state_2, place, like), vmul(vmul(rest_2, g), g))
    m = vflush(m, tiny)
    v = vflush(v, tiny)
    vstore(state_1, place, m)
    vstore(state_2, place, v)
    vstore(values, place, vsub(value, vdiv(vmul(rate, m), vadd(vsqrt(v), smallest))))
    return value


@inlined
def sgd(like, values, state_1, place, gradient, l2, settings):
    """The same; the last setting is 1 for Nesterov's momentum, else 0."""
    rate, decay, _, _, _, tiny, _, nesterov = settings
    value = vload(values, place, like)
    g = vmul(rate, vfma(l2, value, gradient))
    velocity = vsub(vmul(decay, vload(state_1, place, like)), g)
    velocity = vflush(velocity, tiny)
    vstore(state_1, place, velocity)
    ahead = vsub(vmul(decay, velocity), g)
    change = vfma(nesterov, vsub(ahead, velocity), velocity)
    vstore(values, place, vadd(value, change))
    return value


@inner
def optimize(solver, settings, l2, values, start, stop, gradient, base, state_1, state_2):
    """One update of values[start:stop] in place; returns the sum of their squares before it.

    Their gradients begin at gradient[base]. `settings` and `l2` are in the dtype of `values`,
    or float32 would be computed in float64.
    """
    step = lanes_of(values)
    squares = vzeros(values, 1)
    n_whole = (stop - start) // step * step
    for i in range(start, start + n_whole, step):
        g = vload(gradient, base + i - start, squares)
        if solver == ADAM:
            value = adam(squares, values, state_1, state_2, i, g, l2, settings)
        else:
            value = sgd(squares, values, state_1, i, g, l2, settings)
        squares = vfma(value, value, squares)
    total = vsum(squares)
    for i in range(start + n_whole, stop):
        g = gradient[base + i - start]
        if solver == ADAM:
            rest = adam(total, values, state_1, state_2, i, g, l2, settings)
        else:
            rest = sgd(total, values, state_1, i, g, l2, settings)
        total = vfma(rest, rest, total)
    return total


@inner
def optimize_nodes(net, work, state, solver, settings, start, stop):
    """Update of some biases or gains."""
    zero = settings[0] - settings[0]
    optimize(
        solver, settings, zero, net.nodes, start, stop, work.node_gradient, start,
        state.nodes_1, state.nodes_2,
    )  # fmt: skip


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


@inner
def columns(indptr, targets, weights, p, d, width, dp, gradient, four, is_wanted, first, last):
    """Of the input motifs first:last, the gradients by their p and by their weights.

    One motif after the other: the rows of d that it needs are still near for the second.
    """
    base = indptr[first]
    for g in range(first, last):
        lane = np.int64(0)
        while lane < width:
            n_left = (width - lane) // lanes_of(p)
            n = tile(n_left, 5)
            k_0, k_1 = indptr[g], indptr[g + 1]
            if is_wanted:
                place = (g - first) * width + lane
                if HAS_32_REGISTERS:
                    n = tile(n_left, 4)
                    tile_of_both(
                        n, dp, place, gradient, base, targets, weights, k_0, k_1, d, p, g, width,
                        lane, four,
                    )  # fmt: skip
                else:
                    tile_of_row(n, dp, place, targets, weights, k_0, k_1, d, width, lane)
                    tile_of_dots(n, gradient, base, k_0, k_1, targets, d, p, g, width, lane, four)
            else:
                tile_of_dots(n, gradient, base, k_0, k_1, targets, d, p, g, width, lane, four)
            lane += n * lanes_of(p)


@inner
def block_columns(
    indptr, targets, weights, block_in, block_out, units_in, units_out, p, d, width, dp, gradient,
    four, is_wanted, first, last,
):  # fmt: skip
    """The same where connections carry blocks."""
    base, block = indptr[first], block_in * block_out
    for g in range(first, last):
        row = g * block_in
        n_rows = min(block_in, units_in - row)
        if is_wanted:
            block_spmm(
                dp, row - first * block_in, targets, None, weights, 1, block_out, block, block_out,
                units_out, n_rows, indptr[g], indptr[g + 1], d, width,
            )  # fmt: skip
        for i in range(n_rows):
            lane = np.int64(0)
            while lane < width:
                n = tile((width - lane) // lanes_of(p), 5)
                tile_of_block_dots(
                    n, gradient, i * block_out - base * block, block, indptr[g], indptr[g + 1],
                    targets, block_out, units_out, d, p, row + i, width, lane, four,
                )  # fmt: skip
                lane += n * lanes_of(p)


# Output and loss.


@inner
def probabilities(scores, n_outputs, width):
    """Logistic (one output) or softmax over the rows of `scores`, in place."""
    for lane in range(0, width, lanes_of(scores)):
        total = vzeros(scores, 1)
        if n_outputs == 1:
            vstore(scores, lane, sigmoid(vload(scores, lane, total)))
            continue
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
def log_loss(net, work, y, rows):
    """Cross-entropy of some rows, summed, and the gradient of its mean by the output's s."""
    width, n = work.width, rows.size
    layer = net.layers[net.layers.size - 1]
    n_outputs = layer["units"]
    start = (layer["row"] - net.layers[0]["units"]) * width
    d = work.s[start:]
    probabilities(d, n_outputs, width)
    loss = 0.0
    for b in range(n):
        label = y[rows[b]]
        place = b if n_outputs == 1 else label * width + b
        probability = np.float64(d[place])
        if n_outputs > 1 or label == 1:
            d[place] = probability - 1.0
        else:
            probability = 1.0 - probability
        # Clipped where MLPClassifier clips, too.
        loss -= np.log(max(probability, np.float64(np.finfo(d.dtype).eps)))
    share_of_row = d.dtype.type(1.0 / n)
    for j in range(n_outputs):
        d[j * width + n : (j + 1) * width] = 0
        total = vzeros(d, 1)
        for lane in range(j * width, (j + 1) * width, lanes_of(d)):
            value = vflush(vmul(share_of_row, vload(d, lane, total)), TINY)
            vstore(d, lane, value)
            total = vadd(total, value)
        work.node_gradient[layer["bias"] + j] = vsum(total)
    work.loss[0] += loss
