"""The products of a mini-batch where a connection carries a block of weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from . import products
from .jit import inlined, inner
from .kernel_sets import Products
from .layout import Net
from .products import TILE, four_dots, one_dot, tiled
from .simd import item, vload, vouter, vrepeat, vstore_rows


class Blocks(NamedTuple):
    """The blocks of a graph's connections, one way or the other."""

    weights: np.ndarray
    size: int  # weights of a block
    step: int  # between those for one row of the values and for the next
    step_out: int  # between those for one row of the result and for the next
    depth: int  # rows of the values that belong to a block
    units: int  # all rows of the values, where the last block ends


@inlined
def block_sum(
    zero, total, lane, out, out_row, rows, places, blocks, offset, first, last, values, width
):
    """Several rows of the result; each row of `values` is loaded once for all."""
    for k in range(first, last):
        w = (k if places is None else item(places, k)) * blocks.size + offset
        row = item(rows, k) * blocks.depth
        for i in range(min(blocks.depth, blocks.units - row)):
            value = vload(values, (row + i) * width + lane, zero)
            total = vouter(blocks.weights, w + i * blocks.step, blocks.step_out, value, total)
    vstore_rows(out, out_row * width + lane, width, total, zero)


@inlined
def block_sum_4(zero, lane, *args):
    """Of four rows."""
    block_sum(zero, vrepeat(zero, 4), lane, *args)


@inlined
def block_sum_1(zero, lane, *args):
    """Of one row."""
    block_sum(zero, zero, lane, *args)


block_sums_4 = tiled(3, block_sum_4)
block_sums_1 = tiled(3, block_sum_1)


@inner
def block_spmm(out, out_row, rows, places, blocks, n_rows, first, last, values, width):
    """The rows of one motif, as many as it has units: its connections are first:last.

    `rows` has the motif at the other end of each connection, `places` where its block stands;
    None: at its own number.
    """
    j = np.int64(0)
    while j < n_rows:
        offset = j * blocks.step_out
        if n_rows - j >= 4:
            block_sums_4(
                values, width, out, out_row + j, rows, places, blocks, offset, first, last,
                values, width,
            )  # fmt: skip
            j += 4
        else:
            block_sums_1(
                values, width, out, out_row + j, rows, places, blocks, offset, first, last,
                values, width,
            )  # fmt: skip
            j += 1


@inlined
def block_dot(
    zero, lane, gradient, place, block, first, last, rows, depth, units, d, p, row, width, four
):
    """Products of row `row` of `p` with the rows of `d` that the blocks first:last lead to.

    The first block's begin at gradient[place].
    """
    x = vload(p, row * width + lane, zero)
    for k in range(first, last):
        target = item(rows, k) * depth
        n = min(depth, units - target)
        j = np.int64(0)
        while j < n:
            start = (target + j) * width + lane
            w = place + k * block + j
            d_0 = vload(d, start, zero)
            if j + 3 < n:
                d_1 = vload(d, start + width, zero)
                d_2 = vload(d, start + 2 * width, zero)
                d_3 = vload(d, start + 3 * width, zero)
                four_dots(x, d_0, d_1, d_2, d_3, gradient, w, four, lane)
                j += 4
            else:
                one_dot(x, d_0, gradient, w, lane)
                j += 1


block_dots = tiled(TILE, block_dot)


@inlined
def clear(gradient, connections, first, last):
    """Zeros for the motifs first:last: a shorter motif leaves some places unused."""
    n_connections = connections.indptr[last] - connections.indptr[first]
    gradient[: n_connections * connections.block_in * connections.block_out] = 0


@inlined
def motif_dots(connections, p, d, width, gradient, four, first, g):
    """Gradients by the weights of input motif `g`; those of motif `first` begin at gradient[0]."""
    indptr, block_in, block_out = connections.indptr, connections.block_in, connections.block_out
    block = block_in * block_out
    for i in range(min(block_in, connections.units_in - g * block_in)):
        block_dots(
            p, width, gradient, i * block_out - indptr[first] * block, block, indptr[g],
            indptr[g + 1], connections.targets, block_out, connections.units_out, d, p,
            g * block_in + i, width, four,
        )  # fmt: skip


# What layers call, for a run of motifs.


@inner
def order(connections, ordered, first, last):
    """Nothing: blocks are read where they stand."""


@inner
def sums(connections, ordered, base, values, width, out, first, last):
    """Sums (s) of the output motifs first:last."""
    indptr, block_out = connections.indptr, connections.block_out
    blocks = Blocks(
        connections.weights, connections.block_in * block_out, block_out, 1,
        connections.block_in, connections.units_in,
    )  # fmt: skip
    for h in range(first, last):
        unit = h * block_out
        n_rows = min(block_out, connections.units_out - unit)
        block_spmm(
            out, unit, connections.sources, connections.places, blocks, n_rows, indptr[h],
            indptr[h + 1], values, width,
        )  # fmt: skip


@inner
def gradients(connections, p, d, width, dp, gradient, four, first, last):
    """Of the input motifs first:last, the gradients by their p and by their weights.

    One motif after the other: the rows of d that it needs are still near for the second.
    """
    indptr, block_in = connections.indptr, connections.block_in
    block_out = connections.block_out
    blocks = Blocks(
        connections.weights, block_in * block_out, 1, block_out, block_out, connections.units_out
    )
    clear(gradient, connections, first, last)
    for g in range(first, last):
        n_rows = min(block_in, connections.units_in - g * block_in)
        block_spmm(
            dp, (g - first) * block_in, connections.targets, None, blocks, n_rows, indptr[g],
            indptr[g + 1], d, width,
        )  # fmt: skip
        motif_dots(connections, p, d, width, gradient, four, first, g)


@inner
def weight_gradients(connections, p, d, width, gradient, four, first, last):
    """Of the input motifs first:last, the gradients by their weights."""
    clear(gradient, connections, first, last)
    for g in range(first, last):
        motif_dots(connections, p, d, width, gradient, four, first, g)


PRODUCTS = Products(__name__, "PRODUCTS", order, sums, gradients, weight_gradients)


def products_for(net: Net) -> Products:
    """Those of blocks, or those of connections that carry one number each."""
    return PRODUCTS if net.weights.size > net.sources.size else products.PRODUCTS
