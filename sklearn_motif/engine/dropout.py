"""Dropout without a state: which activations drop out is a hash, the same for any threads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba.core import types
from numpy.typing import DTypeLike

from .jit import JIT_IS_DISABLED, inlined
from .simd import (
    INT32,
    constant,
    intrinsic,
    item,
    joined,
    lanes,
    lanes_of,
    parts_of,
    splat,
    vdiv,
    vstore,
)

# Steps of the Weyl sequences that tell updates, nodes and lanes apart, and the constants of
# MurmurHash3's 32-bit finalizer (Austin Appleby, public domain).
_STEPS = (0x9E3779B9, 0x85EBCA77, 0xC2B2AE3D)
_MIX = ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, None))


class Dropout(NamedTuple):
    """The dropout of a mini-batch."""

    rate: float
    seed: int
    update: int  # the number of the mini-batch
    kept: np.ndarray  # of `make_kept`; written on the way forward, read on the way back


def make_kept(n_nodes: int, width: int, dtype: DTypeLike) -> np.ndarray:
    """Room for which places of each node's row are kept: a bit each, a number for a vector."""
    return np.zeros(n_nodes * width // lanes(dtype), dtype=np.uint16)


def _resized(builder, bits, n):
    """The lowest `n` bits of an integer, or zeros before it."""
    kind = ir.IntType(n)
    return builder.zext(bits, kind) if n > bits.type.width else builder.trunc(bits, kind)


@intrinsic
def vkept(typing_context, like, seed, update, node, place, rate):
    """Which lanes of a vector like `like` are kept, all but the share `rate`: a bit for each.

    A hash of (seed, update, node, place in the batch).
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
        n = numbers.type.count
        integers = ir.VectorType(INT32, n)
        iota = ir.Constant(integers, list(range(n)))
        places = builder.add(splat(builder, builder.trunc(args[4], INT32), integers), iota)
        places = builder.mul(places, constant(integers, _STEPS[2]))
        bits = mixed(builder.add(splat(builder, value, integers), places))
        double = ir.DoubleType()
        limit = builder.fptoui(builder.fmul(args[5], ir.Constant(double, 2.0**32)), ir.IntType(64))
        keep = builder.icmp_unsigned(
            ">=", bits, splat(builder, builder.trunc(limit, INT32), integers)
        )
        return _resized(builder, builder.bitcast(keep, ir.IntType(n)), 16)

    places = (types.int64,) * 4
    return types.uint16(like, *places, types.float64), codegen


@intrinsic
def vwhere(typing_context, kept, x):
    """`x` in the lanes that are `kept`, else 0."""

    def codegen(context, builder, signature, args):
        (numbers,) = parts_of(builder, args[1])
        n = numbers.type.count
        bits = _resized(builder, args[0], n)
        keep = builder.bitcast(bits, ir.VectorType(ir.IntType(1), n))
        kept_numbers = builder.select(keep, numbers, ir.Constant(numbers.type, None))
        return joined(builder, args[1].type, [kept_numbers])

    return x(types.uint16, x), codegen


@inlined
def _place(x, node, width, lane):
    """Where `kept` has the lanes `lane` and after of a node's row."""
    return (node * width + lane) // lanes_of(x)


@inlined
def draw(dropout, x, node, width, lane):
    """What is left of lanes `lane` and after of what neuron `node` sends; notes which are kept."""
    kept = vkept(x, dropout.seed, dropout.update, node, lane, dropout.rate)
    vstore(dropout.kept, _place(x, node, width, lane), kept)
    return vwhere(kept, vdiv(x, 1.0 - dropout.rate))


@inlined
def drop(dropout, x, node, width, lane):
    """What is left of it, or of its gradient, on the way back."""
    kept = item(dropout.kept, _place(x, node, width, lane))
    return vwhere(kept, vdiv(x, 1.0 - dropout.rate))


if JIT_IS_DISABLED:

    def vkept(like, seed, update, node, place, rate):
        def mixed(value):
            for shift, factor in _MIX:
                value = value ^ (value >> np.uint32(shift))
                if factor is not None:
                    value = value * np.uint32(factor)
            return value

        value = np.array([seed & 0xFFFFFFFF], dtype=np.uint32)
        for counter, step in zip((update, node), _STEPS[:2], strict=True):
            value = mixed(value + np.array([counter * step & 0xFFFFFFFF], dtype=np.uint32))
        places = np.arange(place, place + like.size, dtype=np.uint32) * np.uint32(_STEPS[2])
        keep = mixed(value + places) >= np.uint32(rate * 2.0**32)
        return np.uint16(np.sum(keep << np.arange(like.size)))

    def vwhere(kept, x):
        return np.where(int(kept) >> np.arange(x.size) & 1, x, x.dtype.type(0))
