"""The products of a mini-batch: spmm, sddmm, and the same for connections with blocks.

A row of activations is taken a *tile* at a time, a few vectors that stay in registers. Whatever
the tiles, each lane sums in the same order.
"""

from __future__ import annotations

import numpy as np

from .jit import inlined, inner
from .simd import (
    VECTOR_BYTES,
    item,
    lanes_of,
    vadd,
    vdot,
    vfma,
    vload,
    vouter,
    vrepeat,
    vstore,
    vstore_rows,
    vsum,
    vsums,
    vzeros,
)

# With as many registers, rows of d serve both their products on one visit.
HAS_32_REGISTERS = VECTOR_BYTES == 64
# Vectors of a tile: five make a batch of 40 where they are narrow.
MOST = 4 if HAS_32_REGISTERS else 5


def tiled(most, kernel):
    """Make ``over_tiles(like, width, *args)``: calls of ``kernel(zero, lane, *args)``.

    `zero` has as many vectors as a tile, up to `most`, in the dtype of `like`; `lane` is where
    in the row the tile begins. The kernel is compiled for every size of tile.
    """

    @inlined
    def over_tiles(like, width, *args):
        lane = np.int64(0)
        while lane < width:
            # Nearly equal tiles.
            n_vectors = (width - lane) // lanes_of(like)
            n_tiles = (n_vectors + most - 1) // most
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

    larger = {3: nothing, 4: four, 5: four_or_five}[most]
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


row_sums = tiled(MOST, row_sum)


@inner
def spmm(out, indptr, rows, weights, base, values, width, first, last):
    """Rows first:last of a sparse matrix times `values`, into the same rows of `out`.

    `weights` begins with connection `base`.
    """
    rows = rows[base:]
    for h in range(first, last):
        k_0, k_1 = indptr[h] - base, indptr[h + 1] - base
        row_sums(values, width, out, h, rows, weights, k_0, k_1, values, width)


@inlined
def block_sum(
    zero, total, lane, out, out_row, rows, places, weights, weight, step, step_out, block, depth,
    units, first, last, values, width,
):  # fmt: skip
    """Several rows of the result; each row of `values` is loaded once for all."""
    for k in range(first, last):
        w = (k if places is None else item(places, k)) * block + weight
        row = item(rows, k) * depth
        for i in range(min(depth, units - row)):
            value = vload(values, (row + i) * width + lane, zero)
            total = vouter(weights, w + i * step, step_out, value, total)
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
        if n_rows - j >= 4:
            block_sums_4(
                values, width, out, out_row + j, rows, places, weights, j * step_out, step,
                step_out, block, depth, units, first, last, values, width,
            )  # fmt: skip
            j += 4
        else:
            block_sums_1(
                values, width, out, out_row + j, rows, places, weights, j * step_out, step,
                step_out, block, depth, units, first, last, values, width,
            )  # fmt: skip
            j += 1


# sddmm, for one row of `p` and the connections that leave it. Tiles of a row add up.


@inlined
def four_dots(x, d_0, d_1, d_2, d_3, gradient, place, four, is_first):
    """gradient[place : place + 4] of the first tile, or what a further tile adds to it."""
    dots = vdot(x, d_0), vdot(x, d_1), vdot(x, d_2), vdot(x, d_3)
    if is_first:
        vsums(gradient, place, *dots)
    else:
        vsums(four, 0, *dots)
        for i in range(4):
            gradient[place + i] += four[i]


@inlined
def one_dot(x, d_0, gradient, place, is_first):
    """The same for one number."""
    product = vsum(vdot(x, d_0))
    gradient[place] = product if is_first else gradient[place] + product


@inlined
def row_dot(zero, lane, gradient, base, first, last, rows, d, p, row, width, four):
    """gradient[first - base :]: products of a row of `p` with rows of `d`."""
    x = vload(p, row * width + lane, zero)
    k = first
    while k + 3 < last:
        d_0 = vload(d, item(rows, k) * width + lane, zero)
        d_1 = vload(d, item(rows, k + 1) * width + lane, zero)
        d_2 = vload(d, item(rows, k + 2) * width + lane, zero)
        d_3 = vload(d, item(rows, k + 3) * width + lane, zero)
        four_dots(x, d_0, d_1, d_2, d_3, gradient, k - base, four, lane == 0)
        k += 4
    while k < last:
        d_0 = vload(d, item(rows, k) * width + lane, zero)
        one_dot(x, d_0, gradient, k - base, lane == 0)
        k += 1


row_dots = tiled(MOST, row_dot)


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
        d_0 = vload(d, item(rows, k) * width + lane, zero)
        d_1 = vload(d, item(rows, k + 1) * width + lane, zero)
        d_2 = vload(d, item(rows, k + 2) * width + lane, zero)
        d_3 = vload(d, item(rows, k + 3) * width + lane, zero)
        even = vfma(item(weights, k + 2), d_2, vfma(item(weights, k), d_0, even))
        odd = vfma(item(weights, k + 3), d_3, vfma(item(weights, k + 1), d_1, odd))
        four_dots(x, d_0, d_1, d_2, d_3, gradient, k - base, four, lane == 0)
        k += 4
    while k < last:
        d_0 = vload(d, item(rows, k) * width + lane, zero)
        even = vfma(item(weights, k), d_0, even)
        one_dot(x, d_0, gradient, k - base, lane == 0)
        k += 1
    vstore(out, out_row * width + lane, vadd(even, odd))


sums_and_dots = tiled(MOST, sum_and_dot)


@inlined
def block_dot(
    zero, lane, gradient, place, block, first, last, rows, depth, units, d, p, row, width, four
):
    """`row_dot` for row `row` of the blocks first:last, the first weight of which is `place`."""
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
                four_dots(x, d_0, d_1, d_2, d_3, gradient, w, four, lane == 0)
                j += 4
            else:
                one_dot(x, d_0, gradient, w, lane == 0)
                j += 1


block_dots = tiled(MOST, block_dot)


@inner
def inner_product(x, start_x, y, start_y, width):
    """Of two rows."""
    total = vzeros(x, 1)
    for lane in range(0, width, lanes_of(x)):
        total = vfma(vload(x, start_x + lane, total), vload(y, start_y + lane, total), total)
    return vsum(total)


# Both of the way back.


@inner
def columns(indptr, targets, weights, p, d, width, dp, gradient, four, is_wanted, first, last):
    """Of the input motifs first:last, the gradients by their p and by their weights.

    One motif after the other: the rows of d that it needs are still near for the second.
    """
    base = indptr[first]
    for g in range(first, last):
        k_0, k_1 = indptr[g], indptr[g + 1]
        if is_wanted:
            if HAS_32_REGISTERS:
                sums_and_dots(
                    p, width, dp, g - first, weights, gradient, base, k_0, k_1, targets, d, p, g,
                    width, four,
                )  # fmt: skip
            else:
                row_sums(d, width, dp, g - first, targets, weights, k_0, k_1, d, width)
                row_dots(p, width, gradient, base, k_0, k_1, targets, d, p, g, width, four)
        else:
            row_dots(p, width, gradient, base, k_0, k_1, targets, d, p, g, width, four)


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
            block_dots(
                p, width, gradient, i * block_out - base * block, block, indptr[g],
                indptr[g + 1], targets, block_out, units_out, d, p, row + i, width, four,
            )  # fmt: skip
