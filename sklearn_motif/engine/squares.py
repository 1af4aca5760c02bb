"""Squares of numbers, transposed in registers while they are loaded: from rows to a batch."""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba.core import types

from .jit import JIT_IS_DISABLED
from .simd import INT32, VECTOR_BYTES, Vector, intrinsic, joined, lanes


@intrinsic
def vload_square(typing_context, array, starts, first, offset):
    """The numbers at ``array[starts[first + i] + offset:]``, transposed: lane i of each vector.

    As many vectors as each has lanes, side by side.
    """
    n = VECTOR_BYTES * 8 // array.dtype.bitwidth
    result = Vector(array.dtype, n)

    def codegen(context, builder, signature, args):
        kind = context.get_value_type(result)
        numbers, begins = (
            context.make_array(kind_of)(context, builder, value).data
            for kind_of, value in zip((array, starts), args[:2], strict=True)
        )
        rows = []
        for i in range(n):
            begin = builder.gep(begins, [builder.add(args[2], ir.Constant(args[2].type, i))])
            where = builder.gep(numbers, [builder.add(builder.load(begin), args[3])])
            row = builder.load(builder.bitcast(where, kind.element.as_pointer()))
            row.align = array.dtype.bitwidth // 8
            rows.append(row)
        return joined(builder, kind, transposed(builder, rows))

    return result(array, starts, types.intp, types.intp), codegen


def transposed(builder, square):
    """Vectors of as many lanes as there are vectors, lane i of each in vector i."""
    n = len(square)
    columns, distance = list(square), n // 2
    while distance > 0:
        # Blocks of that size change places across the diagonal.
        first = [i if not i & distance else n + i - distance for i in range(n)]
        second = [i + distance if not i & distance else n + i for i in range(n)]
        kind = ir.VectorType(INT32, n)
        for i in range(n):
            if not i & distance:
                pair = columns[i], columns[i + distance]
                columns[i] = builder.shuffle_vector(*pair, ir.Constant(kind, first))
                columns[i + distance] = builder.shuffle_vector(*pair, ir.Constant(kind, second))
        distance //= 2
    return columns


if JIT_IS_DISABLED:

    def vload_square(array, starts, first, offset):
        side = np.arange(lanes(array.dtype))
        return array[starts[first + side] + offset + side[:, None]].ravel()
