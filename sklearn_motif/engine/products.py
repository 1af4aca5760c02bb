"""The products of a mini-batch where a connection carries one number: spmm and sddmm.

A row of activations is taken a *tile* at a time, a few vectors that stay in registers. Whatever
the tiles, each lane sums in the same order.
"""

from __future__ import annotations

import numpy as np

from .jit import inlined, inner
from .kernel_sets import Products
from .simd import (
    VECTOR_BYTES,
    item,
    lanes_of,
    vadd,
    vdot,
    vfma,
    vload,
    vstore,
    vsum,
    vsums,
    vzeros,
)

# With as many registers, rows of d serve both their products on one visit.
HAS_32_REGISTERS = VECTOR_BYTES == 64
# Vectors of a tile: five make a batch of 40 where they are narrow.
TILE = 4 if HAS_32_REGISTERS else 5


def tiled(maximum, kernel):
    """Make ``over_tiles(like, width, *args)``: calls of ``kernel(zero, lane, *args)``.

    `zero` has as many vectors as a tile, up to `maximum`, in the dtype of `like`; `lane` is where
    in the row the tile begins. The kernel is compiled for every size of tile.
    """

    @inlined
    def over_tiles(like, width, *args):
        lane = np.int64(0)
        while lane < width:
            # Nearly equal tiles.
            n_vectors = (width - lane) // lanes_of(like)
            n_tiles = (n_vectors + maximum - 1) // maximum
            n = (n_vectors + n_tiles - 1) // n_tiles
            if n == 1:
                kernel(vzeros(like, 1), lane, *args)
            elif n == 2:
                kernel(vzeros(like, 2), lane, *args)
            elif n == 3:
                kernel(vzeros(like, 3), lane, *args)
            else:
                larger(n, like, lane, *args)
            lane += n * lanes_of(like)

    @inlined
    def four(n, like, lane, *args):
        kernel(vzeros(like, 4), lane, *args)

    @inlined
    def four_or_five(n, like, lane, *args):
        if n == 4:
            kernel(vzeros(like, 4), lane, *args)
        else:
            kernel(vzeros(like, 5), lane, *args)

    @inlined
    def nothing(n, like, lane, *args):
        pass

    larger = {3: nothing, 4: four, 5: four_or_five}[maximum]
    return over_tiles


# spmm


@inlined
def row_sum(zero, lane, out, out_row, rows, weights, first, last, values, width):
    """Row `out_row` of the result, from the connections first:last, even and odd ones apart."""
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
    vstore(out, out_row * width + lane, vadd(even, odd))


row_sums = tiled(TILE, row_sum)


@inner
def spmm(out, indptr, rows, weights, base, values, width, first, last):
    """Rows first:last of a sparse matrix times `values`, into the same rows of `out`.

    `weights` begins with connection `base`.
    """
    rows = rows[base:]
    for h in range(first, last):
        k_0, k_1 = indptr[h] - base, indptr[h + 1] - base
        row_sums(values, width, out, h, rows, weights, k_0, k_1, values, width)


# sddmm, for one row of `p` and the connections that leave it. Tiles of a row add up.


@inlined
def four_rows(zero, d, rows, k, start, width):
    """The tiles of four connections' rows of `d`; they begin at lane `start`."""
    return (
        vload(d, item(rows, k) * width + start, zero),
        vload(d, item(rows, k + 1) * width + start, zero),
        vload(d, item(rows, k + 2) * width + start, zero),
        vload(d, item(rows, k + 3) * width + start, zero),
    )


@inlined
def four_dots(x, d_0, d_1, d_2, d_3, gradient, place, four, lane):
    """gradient[place : place + 4] of a row's first tile, or what a further tile adds to it."""
    dots = vdot(x, d_0), vdot(x, d_1), vdot(x, d_2), vdot(x, d_3)
    if lane == 0:
        vsums(gradient, place, *dots)
    else:
        vsums(four, 0, *dots)
        for i in range(4):
            gradient[place + i] += four[i]


@inlined
def one_dot(x, d_0, gradient, place, lane):
    """gradient[place] of a row's first tile, or what a further tile adds to it."""
    product = vsum(vdot(x, d_0))
    gradient[place] = product if lane == 0 else gradient[place] + product


@inlined
def row_dot(zero, lane, gradient, base, first, last, rows, d, p, row, width, four):
    """gradient[first - base :]: products of a row of `p` with rows of `d`."""
    x = vload(p, row * width + lane, zero)
    k = first
    while k + 3 < last:
        d_0, d_1, d_2, d_3 = four_rows(zero, d, rows, k, lane, width)
        four_dots(x, d_0, d_1, d_2, d_3, gradient, k - base, four, lane)
        k += 4
    while k < last:
        d_0 = vload(d, item(rows, k) * width + lane, zero)
        one_dot(x, d_0, gradient, k - base, lane)
        k += 1


row_dots = tiled(TILE, row_dot)


@inlined
def sum_and_dot(
    zero, lane, out, out_row, weights, gradient, base, first, last, rows, d, p, row, width, four
):
    """`row_sum` of rows of `d`, and `row_dot` with the same ones."""
    x = vload(p, row * width + lane, zero)
    even = zero
    odd = zero
    k = first
    while k + 3 < last:
        d_0, d_1, d_2, d_3 = four_rows(zero, d, rows, k, lane, width)
        even = vfma(item(weights, k + 2), d_2, vfma(item(weights, k), d_0, even))
        odd = vfma(item(weights, k + 3), d_3, vfma(item(weights, k + 1), d_1, odd))
        four_dots(x, d_0, d_1, d_2, d_3, gradient, k - base, four, lane)
        k += 4
    while k < last:
        d_0 = vload(d, item(rows, k) * width + lane, zero)
        even = vfma(item(weights, k), d_0, even)
        one_dot(x, d_0, gradient, k - base, lane)
        k += 1
    vstore(out, out_row * width + lane, vadd(even, odd))


sums_and_dots = tiled(TILE, sum_and_dot)


@inner
def inner_product(x, start_x, y, start_y, width):
    """Of two rows."""
    total = vzeros(x, 1)
    for lane in range(0, width, lanes_of(x)):
        total = vfma(vload(x, start_x + lane, total), vload(y, start_y + lane, total), total)
    return vsum(total)


# What layers call, for a run of motifs.


@inner
def order(connections, ordered, first, last):
    """Look the weights of the output motifs first:last up, once for all lanes."""
    base = connections.indptr[first]
    for k in range(base, connections.indptr[last]):
        ordered[k - base] = item(connections.weights, item(connections.places, k))


@inner
def sums(connections, ordered, base, values, width, out, first, last):
    """Sums (s) of the output motifs first:last; `ordered` begins with connection `base`."""
    spmm(out, connections.indptr, connections.sources, ordered, base, values, width, first, last)


@inner
def gradients(connections, p, d, width, dp, gradient, four, first, last):
    """Of the input motifs first:last, the gradients by their p and by their weights.

    One motif after the other: the rows of d that it needs are still near for the second.
    """
    indptr, targets, weights = connections.indptr, connections.targets, connections.weights
    base = indptr[first]
    for g in range(first, last):
        k_0, k_1 = indptr[g], indptr[g + 1]
        if HAS_32_REGISTERS:
            sums_and_dots(
                p, width, dp, g - first, weights, gradient, base, k_0, k_1, targets, d, p, g,
                width, four,
            )  # fmt: skip
        else:
            row_sums(d, width, dp, g - first, targets, weights, k_0, k_1, d, width)
            row_dots(p, width, gradient, base, k_0, k_1, targets, d, p, g, width, four)


@inner
def weight_gradients(connections, p, d, width, gradient, four, first, last):
    """Of the input motifs first:last, the gradients by their weights."""
    indptr = connections.indptr
    base = indptr[first]
    for g in range(first, last):
        row_dots(
            p, width, gradient, base, indptr[g], indptr[g + 1], connections.targets, d, p, g,
            width, four,
        )  # fmt: skip


PRODUCTS = Products(__name__, "PRODUCTS", order, sums, gradients, weight_gradients)
