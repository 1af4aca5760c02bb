"""The optimizers: their state, and their updates, in place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import inlined, inner
from .layout import TINY, Net
from .options import ADAM, StepOptions
from .simd import lanes_of, vadd, vdiv, vflush, vfma, vload, vmul, vsqrt, vstore, vsub, vsum, vzeros

EPSILON = 1e-8  # that Adam adds to the root of the second moment
# Smaller gradients become 0 before their squares turn into slow denormals.
TINY_GRADIENT = 1e-18


class OptimizerState(NamedTuple):
    """Momentum (SGD), or first and second moments (Adam), of weights and of biases and gains."""

    weights_1: np.ndarray
    weights_2: np.ndarray
    nodes_1: np.ndarray
    nodes_2: np.ndarray


def new_optimizer_state(net: Net, solver: str) -> OptimizerState:
    """Optimizer state of zeros; SGD has one moment only."""
    second = (net.weights, net.nodes) if solver == "adam" else (net.weights[:0], net.nodes[:0])
    return OptimizerState(
        weights_1=np.zeros_like(net.weights),
        weights_2=np.zeros_like(second[0]),
        nodes_1=np.zeros_like(net.nodes),
        nodes_2=np.zeros_like(second[1]),
    )


class Parameters(NamedTuple):
    """Weights, or biases and gains, with their optimizer state."""

    values: np.ndarray
    moment_1: np.ndarray
    moment_2: np.ndarray


class Update(NamedTuple):
    """What the updates after one mini-batch have in common."""

    options: StepOptions
    learning_rate: float  # with the correction for Adam's moments, which began at zero
    l2: float  # of weights; biases and gains have none


NO_DECAY = 0.0


@inner
def log_left(options, learning_rate, n_rows):
    """Logarithm of what the L2 penalty leaves of a weight after a mini-batch of `n_rows`.

    A penalty that went through the momentum of SGD would act so many times.
    """
    if options.solver != ADAM:
        learning_rate /= 1.0 - options.momentum
    return np.log(max(1.0 - learning_rate * options.alpha / n_rows, TINY))


@inner
def update_after(options, learning_rate, n_updates, n_rows):
    """The update after mini-batch `n_updates`, of `n_rows`."""
    if options.solver == ADAM:
        learning_rate *= np.sqrt(1.0 - options.beta_2**n_updates) / (
            1.0 - options.beta_1**n_updates
        )
    return Update(options, learning_rate, options.alpha / n_rows)


@inlined
def adam(like, parameters, place, gradient, update, l2):
    """Update as many values as `like` has; returns what they were."""
    beta_1, beta_2 = update.options.beta_1, update.options.beta_2
    value = vload(parameters.values, place, like)
    g = vflush(vfma(l2, value, gradient), TINY_GRADIENT)
    m = vfma(beta_1, vload(parameters.moment_1, place, like), vmul(1.0 - beta_1, g))
    v = vfma(beta_2, vload(parameters.moment_2, place, like), vmul(vmul(1.0 - beta_2, g), g))
    m = vflush(m, TINY)
    v = vflush(v, TINY)
    vstore(parameters.moment_1, place, m)
    vstore(parameters.moment_2, place, v)
    change = vdiv(vmul(update.learning_rate, m), vadd(vsqrt(v), EPSILON))
    vstore(parameters.values, place, vsub(value, change))
    return value


@inlined
def sgd(like, parameters, place, gradient, update, l2):
    """Update as many values as `like` has; returns what they were."""
    momentum = update.options.momentum
    nesterov = 1.0 if update.options.nesterovs_momentum else 0.0
    value = vload(parameters.values, place, like)
    g = vmul(update.learning_rate, vfma(l2, value, gradient))
    velocity = vsub(vmul(momentum, vload(parameters.moment_1, place, like)), g)
    velocity = vflush(velocity, TINY)
    vstore(parameters.moment_1, place, velocity)
    ahead = vsub(vmul(momentum, velocity), g)
    change = vfma(nesterov, vsub(ahead, velocity), velocity)
    vstore(parameters.values, place, vadd(value, change))
    return value


@inner
def optimize(update, l2, parameters, start, stop, gradient, base):
    """One update of values[start:stop] in place; returns the sum of their squares before it.

    Their gradients begin at gradient[base].
    """
    step = lanes_of(parameters.values)
    squares = vzeros(parameters.values, 1)
    n_whole = (stop - start) // step * step
    for i in range(start, start + n_whole, step):
        g = vload(gradient, base + i - start, squares)
        if update.options.solver == ADAM:
            value = adam(squares, parameters, i, g, update, l2)
        else:
            value = sgd(squares, parameters, i, g, update, l2)
        squares = vfma(value, value, squares)
    total = vsum(squares)
    for i in range(start + n_whole, stop):
        g = gradient[base + i - start]
        if update.options.solver == ADAM:
            rest = adam(total, parameters, i, g, update, l2)
        else:
            rest = sgd(total, parameters, i, g, update, l2)
        total = vfma(rest, rest, total)
    return total
