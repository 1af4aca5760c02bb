"""Dropout without a state: which activations drop out is a hash, the same for any threads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba.core import types

from .jit import JIT_IS_DISABLED, inlined
from .simd import INT32, constant, intrinsic, joined, parts_of, splat

# Steps of the Weyl sequences that tell updates, nodes and lanes apart, and the constants of
# MurmurHash3's 32-bit finalizer (Austin Appleby, public domain).
_STEPS = (0x9E3779B9, 0x85EBCA77, 0xC2B2AE3D)
_MIX = ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, None))


class Dropout(NamedTuple):
    """The dropout of a mini-batch."""

    rate: float
    seed: int
    update: int  # the number of the mini-batch


NO_DROPOUT = Dropout(0.0, 0, 0)


@intrinsic
def vdropout(typing_context, x, seed, update, node, place, rate):
    """One vector with the share `rate` of its lanes set to 0, the others divided by 1 - rate.

    Which ones is a hash of (seed, update, node, place in the batch).
    """

    def codegen(context, builder, signature, args):
        def mixed(value):
            for shift, factor in _MIX:
                value = builder.xor(value, builder.lshr(value, constant(value.type, shift)))
                if factor is not None:
                    value = builder.mul(value, constant(value.type, factor))
            return value

        value = builder.trunc(args[1], INT32)
        for counter, step in zip(args[2:4], _STEPS[:2], strict=True):
            counter = builder.mul(builder.trunc(counter, INT32), ir.Constant(INT32, step))
            value = mixed(builder.add(value, counter))
        (numbers,) = parts_of(builder, args[0])
        vector = numbers.type
        integers = ir.VectorType(INT32, vector.count)
        iota = ir.Constant(integers, list(range(vector.count)))
        places = builder.add(splat(builder, builder.trunc(args[4], INT32), integers), iota)
        places = builder.mul(places, constant(integers, _STEPS[2]))
        bits = mixed(builder.add(splat(builder, value, integers), places))
        double = ir.DoubleType()
        limit = builder.fptoui(builder.fmul(args[5], ir.Constant(double, 2.0**32)), ir.IntType(64))
        keep = builder.icmp_unsigned(
            ">=", bits, splat(builder, builder.trunc(limit, INT32), integers)
        )
        left = builder.fsub(ir.Constant(double, 1.0), args[5])
        left = splat(builder, context.cast(builder, left, types.float64, x.dtype), vector)
        kept = builder.select(keep, builder.fdiv(numbers, left), ir.Constant(vector, None))
        return joined(builder, args[0].type, [kept])

    return x(x, types.int64, types.int64, types.int64, types.int64, types.float64), codegen


@inlined
def drop(dropout, x, node, place):
    """What is left of lanes `place` and after of what neuron `node` sends, or of its gradient."""
    return vdropout(x, dropout.seed, dropout.update, node, place, dropout.rate)


if JIT_IS_DISABLED:

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
