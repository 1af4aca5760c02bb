"""Activations of neurons, and the way back through them.

The piecewise-linear ones (relu, all_relu, identity) differ by their slope left of zero.
"""

from __future__ import annotations

from .jit import inlined, inner
from .simd import vadd, vdiv, vexp, vmul, vslope, vsub

PIECEWISE, TANH, LOGISTIC = range(3)
ACTIVATIONS = {
    "relu": PIECEWISE,
    "all_relu": PIECEWISE,
    "identity": PIECEWISE,
    "tanh": TANH,
    "logistic": LOGISTIC,
}


@inlined
def sigmoid(z):
    """Logistic function."""
    return vdiv(1.0, vadd(1.0, vexp(vmul(-1.0, z))))


@inner
def squash(activation, z):
    """Logistic function or tanh; on its own, because LLVM writes out an exp for each lane."""
    scale = 1.0 if activation == LOGISTIC else 2.0
    return vsub(vmul(scale, sigmoid(vmul(scale, z))), scale - 1.0)


@inlined
def activate(activation, slope, z):
    """What a neuron that receives `z` sends."""
    if activation == PIECEWISE:
        return vslope(z, slope, z)
    return squash(activation, z)


@inlined
def activate_backward(activation, slope, z, a, gradient):
    """Gradient by z from the gradient by a = activate(z)."""
    if activation == PIECEWISE:
        return vslope(z, slope, gradient)
    if activation == LOGISTIC:
        return vmul(gradient, vmul(a, vsub(1.0, a)))
    return vmul(gradient, vsub(1.0, vmul(a, a)))
