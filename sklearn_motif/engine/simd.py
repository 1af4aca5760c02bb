"""Vectors of 64 bytes for the kernels: 16 lanes of float32 or 8 of float64.

LLVM lowers them to whatever the machine has (SSE, AVX, AVX-512, NEON). Loads and stores
promise the alignment of one number only, because user arrays start anywhere. Where the jit
is disabled, the NumPy twins at the end of this file stand in.
"""

from __future__ import annotations

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, models, register_model

VECTOR_BYTES = 64
_I32 = ir.IntType(32)


def lanes(dtype) -> int:
    """Number of lanes of a vector of `dtype`."""
    return VECTOR_BYTES // np.dtype(dtype).itemsize


def padded(n: int, dtype) -> int:
    """`n` rounded up to whole vectors of `dtype`."""
    width = lanes(dtype)
    return -(-n // width) * width


def aligned_zeros(n: int, dtype) -> np.ndarray:
    """A one-dimensional array of zeros that starts at a cache line."""
    dtype = np.dtype(dtype)
    raw = np.zeros(n * dtype.itemsize + VECTOR_BYTES, dtype=np.uint8)
    start = -raw.ctypes.data % VECTOR_BYTES
    return raw[start : start + n * dtype.itemsize].view(dtype)


class Vector(types.Type):
    """numba type of a 64-byte vector."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.count = VECTOR_BYTES * 8 // dtype.bitwidth
        super().__init__(name=f"Vector({dtype})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, fe_type):
        element = manager.lookup(fe_type.dtype).get_value_type()
        super().__init__(manager, fe_type, ir.VectorType(element, fe_type.count))


def _splat(builder, value, vector):
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(_I32, 0))
    zeros = ir.Constant(ir.VectorType(_I32, vector.count), None)
    return builder.shuffle_vector(first, undefined, zeros)


def _constant(vector, value):
    return ir.Constant(vector, [value] * vector.count)


def _as_vector(context, builder, value, fe_type, to):
    """`value` itself if it is a vector, else the scalar in every lane of type `to`."""
    if isinstance(fe_type, Vector):
        return value
    scalar = context.cast(builder, value, fe_type, to.dtype)
    return _splat(builder, scalar, context.get_value_type(to))


def _pointer(context, builder, fe_array, array, offset, vector):
    data = context.make_array(fe_array)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [offset]), vector.as_pointer())


def _call(builder, name, vector, args, **options):
    """Call an LLVM intrinsic that maps vectors to a vector."""
    bits = 32 if isinstance(vector.element, ir.FloatType) else 64
    kind = ir.FunctionType(vector, [vector] * len(args))
    function = cgutils.get_or_insert_function(
        builder.module, kind, f"llvm.{name}.v{vector.count}f{bits}"
    )
    return builder.call(function, args, **options)


@intrinsic
def vload(typing_context, array, offset):
    """The vector at ``array[offset:]``; no check of bounds."""
    result = Vector(array.dtype)

    def codegen(context, builder, signature, args):
        vector = context.get_value_type(result)
        where = _pointer(context, builder, array, args[0], args[1], vector)
        load = builder.load(where)
        load.align = array.dtype.bitwidth // 8
        return load

    return result(array, types.intp), codegen


@intrinsic
def vstore(typing_context, array, offset, value):
    """Write a vector to ``array[offset:]``; no check of bounds."""

    def codegen(context, builder, signature, args):
        vector = context.get_value_type(value)
        where = _pointer(context, builder, array, args[0], args[1], vector)
        store = builder.store(args[2], where)
        store.align = array.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(array, types.intp, value), codegen


@intrinsic
def vzero(typing_context, array):
    """Zeros in the dtype of `array`."""
    result = Vector(array.dtype)

    def codegen(context, builder, signature, args):
        return ir.Constant(context.get_value_type(result), None)

    return result(array), codegen


@intrinsic
def vfma(typing_context, x, y, z):
    """``x * y + z``; `x` may be a scalar."""

    def codegen(context, builder, signature, args):
        first = _as_vector(context, builder, args[0], x, z)
        return _call(builder, "fmuladd", args[2].type, [first, args[1], args[2]])

    return z(x, y, z), codegen


def _binary(name, doc):
    """A lane-wise operation; one of the two operands may be a scalar."""

    def operation(typing_context, x, y):
        result = x if isinstance(x, Vector) else y

        def codegen(context, builder, signature, args):
            first = _as_vector(context, builder, args[0], x, result)
            second = _as_vector(context, builder, args[1], y, result)
            return getattr(builder, name)(first, second)

        return result(x, y), codegen

    operation.__doc__ = doc
    return intrinsic(operation)


vadd = _binary("fadd", "``x + y``; one of them may be a scalar.")
vmul = _binary("fmul", "``x * y``; one of them may be a scalar.")
vdiv = _binary("fdiv", "``x / y``; one of them may be a scalar.")


@intrinsic
def vmax(typing_context, x, y):
    """The greater of two vectors; NaN in `x` gives `y`."""

    def codegen(context, builder, signature, args):
        greater = builder.fcmp_ordered(">", args[0], args[1])
        return builder.select(greater, args[0], args[1])

    return x(x, y), codegen


@intrinsic
def vexp(typing_context, x):
    """``exp(x)``."""

    def codegen(context, builder, signature, args):
        return _call(builder, "exp", args[0].type, args)

    return x(x), codegen


@intrinsic
def vslope(typing_context, z, slope, value):
    """``value`` where ``z > 0`` or `z` is NaN, else ``slope * value``."""

    def codegen(context, builder, signature, args):
        vector = args[0].type
        slopes = _as_vector(context, builder, args[1], slope, z)
        negative = builder.fcmp_ordered("<=", args[0], ir.Constant(vector, None))
        return builder.select(negative, builder.fmul(slopes, args[2]), args[2])

    return z(z, slope, value), codegen


@intrinsic
def vsum(typing_context, x):
    """Sum of the lanes, always in the same order."""

    def codegen(context, builder, signature, args):
        value, width = args[0], x.count
        while width > 1:
            width //= 2
            half = ir.VectorType(_I32, width)
            low = ir.Constant(half, list(range(width)))
            high = ir.Constant(half, list(range(width, 2 * width)))
            undefined = ir.Constant(value.type, ir.Undefined)
            value = builder.fadd(
                builder.shuffle_vector(value, undefined, low),
                builder.shuffle_vector(value, undefined, high),
            )
        return builder.extract_element(value, ir.Constant(_I32, 0))

    return x.dtype(x), codegen


# Steps of the Weyl sequences that tell updates, nodes and lanes apart, and the constants of
# MurmurHash3's 32-bit finaliser (Austin Appleby, public domain).
_STEPS = (0x9E3779B9, 0x85EBCA77, 0xC2B2AE3D)
_MIX = ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, None))


@intrinsic
def vdropout(typing_context, x, seed, update, node, place, rate):
    """`x` with the share `rate` of its lanes set to 0, the others divided by 1 - rate.

    Which ones is a hash of (seed, update, node, place in the batch): no state, and the same
    for any number of threads.
    """

    def codegen(context, builder, signature, args):
        def mixed(value):
            for shift, factor in _MIX:
                value = builder.xor(value, builder.lshr(value, constant(value, shift)))
                if factor is not None:
                    value = builder.mul(value, constant(value, factor))
            return value

        def constant(like, value):
            return _constant(like.type, value) if like.type != _I32 else ir.Constant(_I32, value)

        value = builder.trunc(args[1], _I32)
        for counter, step in zip(args[2:4], _STEPS[:2], strict=True):
            counter = builder.mul(builder.trunc(counter, _I32), ir.Constant(_I32, step))
            value = mixed(builder.add(value, counter))
        integers = ir.VectorType(_I32, x.count)
        iota = ir.Constant(integers, list(range(x.count)))
        places = builder.add(_splat(builder, builder.trunc(args[4], _I32), integers), iota)
        places = builder.mul(places, _constant(integers, _STEPS[2]))
        bits = mixed(builder.add(_splat(builder, value, integers), places))
        limit = builder.fptoui(
            builder.fmul(args[5], ir.Constant(ir.DoubleType(), 2.0**32)), ir.IntType(64)
        )
        limit = _splat(builder, builder.trunc(limit, _I32), integers)
        keep = builder.icmp_unsigned(">=", bits, limit)
        left = builder.fsub(ir.Constant(ir.DoubleType(), 1.0), args[5])
        left = _as_vector(context, builder, left, types.float64, x)
        vector = args[0].type
        return builder.select(keep, builder.fdiv(args[0], left), ir.Constant(vector, None))

    return x(x, types.int64, types.int64, types.int64, types.int64, types.float64), codegen


if numba.config.DISABLE_JIT:

    def vload(array, offset):
        return array[offset : offset + lanes(array.dtype)].copy()

    def vstore(array, offset, value):
        array[offset : offset + lanes(array.dtype)] = value

    def vzero(array):
        return np.zeros(lanes(array.dtype), dtype=array.dtype)

    def _like(x, vector):
        return x if isinstance(x, np.ndarray) else np.asarray(x).astype(vector.dtype)

    def vfma(x, y, z):
        return _like(x, z) * y + z

    def vadd(x, y):
        return _like(x, y) + _like(y, x)

    def vmul(x, y):
        return _like(x, y) * _like(y, x)

    def vdiv(x, y):
        return _like(x, y) / _like(y, x)

    def vmax(x, y):
        return np.where(x > y, x, y)

    def vexp(x):
        return np.exp(x)

    def vslope(z, slope, value):
        return np.where(z <= 0, _like(slope, z) * value, value)

    def vsum(x):
        while x.size > 1:
            x = x[: x.size // 2] + x[x.size // 2 :]
        return x[0]

    def vdropout(x, seed, update, node, place, rate):
        def mixed(value):
            for shift, factor in _MIX:
                value = value ^ (value >> np.uint32(shift))
                if factor is not None:
                    value = value * np.uint32(factor)
            return value

        value = np.array([seed & 0xFFFFFFFF], dtype=np.uint32)
        for counter, step in zip((update, node), _STEPS[:2], strict=True):
            value = mixed(value + np.array([counter * step & 0xFFFFFFFF], dtype=np.uint32))
        places = np.arange(place, place + x.size, dtype=np.uint32) * np.uint32(_STEPS[2])
        keep = mixed(value + places) >= np.uint32(rate * 2.0**32)
        return np.where(keep, x / x.dtype.type(1.0 - rate), x.dtype.type(0))
