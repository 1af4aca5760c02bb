"""Vectors for the kernels: as wide as the machine's registers, several side by side.

LLVM lowers them to whatever the machine has (SSE, AVX, AVX-512, NEON). Loads and stores
promise the alignment of one number only, because user arrays start anywhere. Every operation
takes plain floats, too, so that a formula written once serves a loop over vectors and the few
numbers that such a loop leaves over. Where the jit is disabled, the NumPy twins at the end of
this file stand in.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic as numba_intrinsic
from numba.extending import models, register_model
from numpy.typing import DTypeLike

from .jit import JIT_IS_DISABLED

# numba's type stubs take the typing context for a parameter of the call.
intrinsic: Any = numba_intrinsic
CACHE_LINE = 64
# A batch is padded to whole vectors. Where registers are narrower than a cache line, half a
# line less of padding is worth more than whole lines: vectors do not straddle either way.
VECTOR_BYTES = 64 if llvmlite.binding.get_host_cpu_features().get("avx512f") else 32
INT32 = ir.IntType(32)


def lanes(dtype: DTypeLike) -> int:
    """Number of lanes of a vector of `dtype`."""
    return VECTOR_BYTES // np.dtype(dtype).itemsize


def padded(n: int, dtype: DTypeLike) -> int:
    """`n` rounded up to whole vectors of `dtype`."""
    width = lanes(dtype)
    return -(-n // width) * width


def aligned_zeros(n: int, dtype: DTypeLike) -> np.ndarray:
    """A one-dimensional array of zeros that starts at a cache line."""
    dtype = np.dtype(dtype)
    raw = np.zeros(n * dtype.itemsize + CACHE_LINE, dtype=np.uint8)
    start = -raw.ctypes.data % CACHE_LINE
    return raw[start : start + n * dtype.itemsize].view(dtype)


class Vector(types.Type):
    """numba type of `count` vectors side by side."""

    def __init__(self, dtype, count):
        self.dtype = dtype
        self.count = count
        super().__init__(name=f"Vector({dtype}, {count})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, fe_type):
        element = manager.lookup(fe_type.dtype).get_value_type()
        vector = ir.VectorType(element, VECTOR_BYTES * 8 // fe_type.dtype.bitwidth)
        super().__init__(manager, fe_type, ir.ArrayType(vector, fe_type.count))


def _is_wide(value):
    return isinstance(value.type, ir.ArrayType)


def parts_of(builder, value):
    """The vectors side by side in `value`, or the one float that it is."""
    if not _is_wide(value):
        return [value]
    return [builder.extract_value(value, i) for i in range(value.type.count)]


def joined(builder, kind, parts):
    """Vectors side by side in one value, or the one float."""
    if not isinstance(kind, ir.ArrayType):
        return parts[0]
    value = ir.Constant(kind, ir.Undefined)
    for i, part in enumerate(parts):
        value = builder.insert_value(value, part, i)
    return value


def splat(builder, value, vector):
    """`value` in every lane."""
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(INT32, 0))
    zeros = ir.Constant(ir.VectorType(INT32, vector.count), None)
    return builder.shuffle_vector(first, undefined, zeros)


def constant(kind, value):
    """`value` in every lane of a vector type, or as a number of a scalar type."""
    return ir.Constant(kind, [value] * kind.count if isinstance(kind, ir.VectorType) else value)


def _operands(context, builder, fe_types, args, like):
    """Parts of each operand; a number goes with every part and lane of the type `like`."""
    kind = context.get_value_type(like)
    for fe_type, arg in zip(fe_types, args, strict=True):
        if isinstance(fe_type, Vector):
            yield parts_of(builder, arg)
            continue
        number = arg
        if isinstance(like, Vector):
            number = context.cast(builder, arg, fe_type, like.dtype)
            yield [splat(builder, number, kind.element)] * like.count
        else:
            yield [context.cast(builder, number, fe_type, like)]


def _common(*fe_types):
    """The first vector type among them, or the narrowest type of a float.

    Settings are float64, and what goes with float32 must not be computed in float64.
    """
    vector = next((t for t in fe_types if isinstance(t, Vector)), None)
    floats = [t for t in fe_types if isinstance(t, types.Float)]
    return vector or min(floats, key=lambda t: t.bitwidth)


def _lanewise(doc, n_operands, emit, like=None):
    """Make an operation on lanes from what emits LLVM code for one part.

    `like` is the number of the operand that gives the type of the result; without it,
    `_common` does.
    """

    def codegen_for(fe_types, result):
        def codegen(context, builder, signature, args):
            operands = _operands(context, builder, fe_types, args, result)
            parts = [emit(builder, *part) for part in zip(*operands, strict=True)]
            return joined(builder, context.get_value_type(result), parts)

        return codegen

    def result_of(*fe_types):
        return _common(*fe_types) if like is None else fe_types[like]

    def unary(typing_context, x):
        return result_of(x)(x), codegen_for((x,), result_of(x))

    def binary(typing_context, x, y):
        return result_of(x, y)(x, y), codegen_for((x, y), result_of(x, y))

    def ternary(typing_context, x, y, z):
        return result_of(x, y, z)(x, y, z), codegen_for((x, y, z), result_of(x, y, z))

    operation: Any = (unary, binary, ternary)[n_operands - 1]
    operation.__doc__ = doc
    return intrinsic(operation)


def _call(name):
    """Emit a call of an LLVM intrinsic that maps lanes to lanes."""

    def emit(builder, *args):
        kind = args[0].type
        element = kind.element if isinstance(kind, ir.VectorType) else kind
        suffix = "f32" if isinstance(element, ir.FloatType) else "f64"
        if isinstance(kind, ir.VectorType):
            suffix = f"v{kind.count}{suffix}"
        signature = ir.FunctionType(kind, [kind] * len(args))
        name_of_all = f"llvm.{name}.{suffix}"
        function = cgutils.get_or_insert_function(builder.module, signature, name_of_all)
        return builder.call(function, args)

    return emit


def _larger(builder, x, y):
    return builder.select(builder.fcmp_ordered(">", x, y), x, y)


def _slope(builder, z, slope, value):
    negative = builder.fcmp_ordered("<=", z, constant(z.type, 0.0))
    return builder.select(negative, builder.fmul(slope, value), value)


def _flush(builder, x, limit):
    small = builder.fcmp_ordered("<", _call("fabs")(builder, x), limit)
    return builder.select(small, constant(x.type, 0.0), x)


vsplat = _lanewise("`x` in every lane of the type of `like`.", 2, lambda builder, x, like: x, 1)
vfma = _lanewise("``x * y + z``, rounded once where the machine can.", 3, _call("fmuladd"), 2)
vadd = _lanewise("``x + y``.", 2, lambda builder, x, y: builder.fadd(x, y))
vsub = _lanewise("``x - y``.", 2, lambda builder, x, y: builder.fsub(x, y))
vmul = _lanewise("``x * y``.", 2, lambda builder, x, y: builder.fmul(x, y))
vdiv = _lanewise("``x / y``.", 2, lambda builder, x, y: builder.fdiv(x, y))
vmax = _lanewise("The larger of `x` and `y`; NaN in `x` gives `y`.", 2, _larger)
vexp = _lanewise("``exp(x)``.", 1, _call("exp"))
vsqrt = _lanewise("Square root.", 1, _call("sqrt"))
vslope = _lanewise("``value`` where ``z > 0`` or `z` is NaN, else ``slope * value``.", 3, _slope, 0)
vflush = _lanewise("0 where ``abs(x) < limit``, else `x`.", 2, _flush, 0)


def _pointer(context, builder, fe_array, array, offset, kind):
    data = context.make_array(fe_array)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [offset]), kind.as_pointer())


def _load(context, builder, fe_array, array, offset, like):
    kind = context.get_value_type(like)
    element = kind.element if isinstance(like, Vector) else kind
    where = _pointer(context, builder, fe_array, array, offset, element)
    parts = []
    for i in range(like.count if isinstance(like, Vector) else 1):
        load = builder.load(builder.gep(where, [ir.Constant(INT32, i)]))
        load.align = fe_array.dtype.bitwidth // 8
        parts.append(load)
    return joined(builder, kind, parts)


def _store(context, builder, fe_array, array, offset, parts):
    where = _pointer(context, builder, fe_array, array, offset, parts[0].type)
    for i, part in enumerate(parts):
        store = builder.store(part, builder.gep(where, [ir.Constant(INT32, i)]))
        store.align = fe_array.dtype.bitwidth // 8


@intrinsic(prefer_literal=True)
def vzeros(typing_context, array, count):
    """`count` vectors of zeros in the dtype of `array`."""
    result = Vector(array.dtype, count.literal_value)

    def codegen(context, builder, signature, args):
        return ir.Constant(context.get_value_type(result), None)

    return result(array, count), codegen


@intrinsic(prefer_literal=True)
def vrepeat(typing_context, zero, count):
    """`count` times as many vectors of zeros as `zero` has."""
    result = Vector(zero.dtype, zero.count * count.literal_value)

    def codegen(context, builder, signature, args):
        return ir.Constant(context.get_value_type(result), None)

    return result(zero, count), codegen


@intrinsic
def lanes_of(typing_context, array):
    """Lanes of a vector of the dtype of `array`: a constant, as its itemsize is not."""

    def codegen(context, builder, signature, args):
        n = VECTOR_BYTES * 8 // array.dtype.bitwidth
        return ir.Constant(context.get_value_type(types.intp), n)

    return types.intp(array), codegen


@intrinsic
def item(typing_context, array, place):
    """``array[place]``; no check of bounds, and no counting from the end."""

    def codegen(context, builder, signature, args):
        data = context.make_array(array)(context, builder, args[0]).data
        return builder.load(builder.gep(data, [args[1]]))

    return array.dtype(array, types.intp), codegen


@intrinsic
def vload(typing_context, array, offset, like):
    """The numbers at ``array[offset:]``, as many as `like` has; no check of bounds."""

    def codegen(context, builder, signature, args):
        return _load(context, builder, array, args[0], args[1], like)

    return like(array, types.intp, like), codegen


@intrinsic
def vstore(typing_context, array, offset, value):
    """Write numbers to ``array[offset:]``; no check of bounds."""

    def codegen(context, builder, signature, args):
        _store(context, builder, array, args[0], args[1], parts_of(builder, args[2]))
        return context.get_dummy_value()

    return types.void(array, types.intp, value), codegen


@intrinsic
def vouter(typing_context, weights, offset, step, row, total):
    """Add the products of `row` and several weights, each to its own part of `total`.

    The weights stand at ``weights[offset::step]``; `total` is as many rows side by side.
    """

    def codegen(context, builder, signature, args):
        kind = context.get_value_type(total)
        rows, parts = parts_of(builder, args[3]), parts_of(builder, args[4])
        data = context.make_array(weights)(context, builder, args[0]).data
        place, sums = args[1], []
        for j in range(total.count // row.count):
            weight = splat(builder, builder.load(builder.gep(data, [place])), kind.element)
            for i, part in enumerate(rows):
                term = parts[j * row.count + i]
                sums.append(_call("fmuladd")(builder, weight, part, term))
            place = builder.add(place, args[2])
        return joined(builder, kind, sums)

    return total(weights, types.intp, types.intp, row, total), codegen


@intrinsic
def vstore_rows(typing_context, array, offset, step, value, row):
    """Write rows that lie side by side in `value` to ``array[offset:]``, `step` apart."""

    def codegen(context, builder, signature, args):
        parts, where = parts_of(builder, args[3]), args[1]
        for first in range(0, value.count, row.count):
            _store(context, builder, array, args[0], where, parts[first : first + row.count])
            where = builder.add(where, args[2])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, value, row), codegen


@intrinsic
def vdot(typing_context, x, y):
    """Products of `x` and `y`, summed to one vector."""
    result = Vector(x.dtype, 1)

    def codegen(context, builder, signature, args):
        pairs = list(zip(*(parts_of(builder, arg) for arg in args), strict=True))
        total = builder.fmul(*pairs[0])
        for pair in pairs[1:]:
            total = _call("fmuladd")(builder, *pair, total)
        return joined(builder, context.get_value_type(result), [total])

    return result(x, y), codegen


def _halves(builder, value):
    """The lower half of a vector plus its upper half."""
    half = value.type.count // 2
    undefined = ir.Constant(value.type, ir.Undefined)

    def part(first):
        places = ir.Constant(ir.VectorType(INT32, half), list(range(first, first + half)))
        return builder.shuffle_vector(value, undefined, places)

    return builder.fadd(part(0), part(half))


@intrinsic
def vsum(typing_context, x):
    """Sum of the lanes of one vector, always in the same order; a float is its own sum."""
    result = x.dtype if isinstance(x, Vector) else x

    def codegen(context, builder, signature, args):
        if not isinstance(x, Vector):
            return args[0]
        (value,) = parts_of(builder, args[0])
        while value.type.count > 1:
            value = _halves(builder, value)
        return builder.extract_element(value, ir.Constant(INT32, 0))

    return result(x), codegen


@intrinsic
def vsums(typing_context, array, offset, x_0, x_1, x_2, x_3):
    """Write the sums of the lanes of four vectors to ``array[offset : offset + 4]``."""

    def codegen(context, builder, signature, args):
        # Four lanes of each vector are transposed at a time; what is left to add lies side by
        # side.
        def combined(x, y, low, high):
            n = x.type.count
            kind = ir.VectorType(INT32, n)

            def chosen(pattern):
                places = [
                    first + place + (n if is_second else 0)
                    for first in range(0, n, 4)
                    for place, is_second in pattern
                ]
                return builder.shuffle_vector(x, y, ir.Constant(kind, places))

            return builder.fadd(chosen(low), chosen(high))

        x, y, z, w = (parts_of(builder, arg)[0] for arg in args[2:])
        halves = ((0, 0), (0, 1), (1, 0), (1, 1)), ((2, 0), (2, 1), (3, 0), (3, 1))
        pairs = ((0, 0), (1, 0), (0, 1), (1, 1)), ((2, 0), (3, 0), (2, 1), (3, 1))
        sums = combined(combined(x, y, *halves), combined(z, w, *halves), *pairs)
        while sums.type.count > 4:
            sums = _halves(builder, sums)
        _store(context, builder, array, args[0], args[1], [sums])
        return context.get_dummy_value()

    return types.void(array, types.intp, x_0, x_1, x_2, x_3), codegen


@intrinsic
def prefetch(typing_context, array, place):
    """Let the cache fetch ``array[place]``, which is needed soon; no check of bounds."""

    def codegen(context, builder, signature, args):
        where = _pointer(context, builder, array, args[0], args[1], ir.IntType(8))
        kinds = [where.type, INT32, INT32, INT32]
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), kinds), "llvm.prefetch.p0i8"
        )
        # To be read, to stay in all levels, data.
        builder.call(function, [where, *(ir.Constant(INT32, n) for n in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, types.intp), codegen


# What threads tell each other: numbers that are written and read whole, and in order.


@intrinsic
def publish(typing_context, array, place, value):
    """Write ``array[place]``; who reads it sees everything that was written before."""

    def codegen(context, builder, signature, args):
        where = _pointer(context, builder, array, args[0], args[1], ir.IntType(64))
        builder.store_atomic(args[2], where, "release", 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), codegen


@intrinsic
def published(typing_context, array, place):
    """Read ``array[place]``."""

    def codegen(context, builder, signature, args):
        where = _pointer(context, builder, array, args[0], args[1], ir.IntType(64))
        return builder.load_atomic(where, "acquire", 8)

    return types.int64(array, types.intp), codegen


@intrinsic
def claim(typing_context, array, place):
    """Read ``array[place]`` and add 1 to it, in one go: no two threads get the same number."""

    def codegen(context, builder, signature, args):
        where = _pointer(context, builder, array, args[0], args[1], ir.IntType(64))
        return builder.atomic_rmw("add", where, ir.Constant(ir.IntType(64), 1), "monotonic")

    return types.int64(array, types.intp), codegen


if JIT_IS_DISABLED:

    def _alike(*operands):
        """Each in the dtype of a vector, or in the narrowest one of a float."""
        arrays = [np.asarray(x) for x in operands]
        dtype = min((x.dtype for x in arrays if x.dtype.kind == "f"), key=lambda t: t.itemsize)
        return [x.astype(dtype)[()] for x in arrays]

    def vsplat(x, like):
        return np.full_like(like, x)

    def vzeros(array, count):
        return np.zeros(count * lanes(array.dtype), dtype=array.dtype)

    def vrepeat(zero, count):
        return np.tile(zero, count)

    def lanes_of(array):
        return lanes(array.dtype)

    def item(array, place):
        return array[place]

    def vload(array, offset, like):
        return array[offset : offset + like.size].copy() if like.ndim else array[offset]

    def vstore(array, offset, value):
        array[offset : offset + value.size] = value

    def vfma(x, y, z):
        x, y, z = _alike(x, y, z)
        return x * y + z

    def vadd(x, y):
        x, y = _alike(x, y)
        return x + y

    def vsub(x, y):
        x, y = _alike(x, y)
        return x - y

    def vmul(x, y):
        x, y = _alike(x, y)
        return x * y

    def vdiv(x, y):
        x, y = _alike(x, y)
        return x / y

    def vmax(x, y):
        return np.where(x > y, x, y)

    def vexp(x):
        return np.exp(x)

    def vsqrt(x):
        return np.sqrt(x)

    def vslope(z, slope, value):
        slope, value = _alike(slope, value)
        return np.where(z <= 0, slope * value, value)

    def vflush(x, limit):
        return np.where(np.abs(x) < limit, x.dtype.type(0), x)[()]

    def vouter(weights, offset, step, row, total):
        n = total.size // row.size
        chosen = weights[offset : offset + (n - 1) * step + 1 : step]
        return total + np.outer(chosen, row).ravel()

    def vstore_rows(array, offset, step, value, row):
        for i, part in enumerate(value.reshape(-1, row.size)):
            array[offset + i * step : offset + i * step + row.size] = part

    def vdot(x, y):
        return (x * y).reshape(-1, lanes(x.dtype)).sum(axis=0)

    def vsum(x):
        return np.sum(x)

    def vsums(array, offset, *vectors):
        array[offset : offset + 4] = [np.sum(x) for x in vectors]

    def prefetch(array, place):
        pass

    def publish(array, place, value):
        array[place] = value

    def published(array, place):
        return array[place]

    def claim(array, place):
        array[place] += 1
        return array[place] - 1
