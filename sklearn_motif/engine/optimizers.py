"""The optimizers' updates, in place."""

from __future__ import annotations

from .jit import inlined, inner
from .layout import ADAM
from .simd import lanes_of, vadd, vdiv, vflush, vfma, vload, vmul, vsqrt, vstore, vsub, vsum, vzeros


@inlined
def adam(like, values, state_1, state_2, place, gradient, l2, settings):
    """Update as many values as `like` has; returns what they were."""
    rate, decay_1, rest_1, decay_2, rest_2, tiny, tiny_gradient, smallest = settings
    value = vload(values, place, like)
    g = vflush(vfma(l2, value, gradient), tiny_gradient)
    m = vfma(decay_1, vload(state_1, place, like), vmul(rest_1, g))
    v = vfma(decay_2, vload(state_2, place, like), vmul(vmul(rest_2, g), g))
    m = vflush(m, tiny)
    v = vflush(v, tiny)
    vstore(state_1, place, m)
    vstore(state_2, place, v)
    vstore(values, place, vsub(value, vdiv(vmul(rate, m), vadd(vsqrt(v), smallest))))
    return value


@inlined
def sgd(like, values, state_1, place, gradient, l2, settings):
    """The same; the last setting is 1 for Nesterov's momentum, else 0."""
    rate, decay, _, _, _, tiny, _, nesterov = settings
    value = vload(values, place, like)
    g = vmul(rate, vfma(l2, value, gradient))
    velocity = vsub(vmul(decay, vload(state_1, place, like)), g)
    velocity = vflush(velocity, tiny)
    vstore(state_1, place, velocity)
    ahead = vsub(vmul(decay, velocity), g)
    change = vfma(nesterov, vsub(ahead, velocity), velocity)
    vstore(values, place, vadd(value, change))
    return value


@inner
def optimize(solver, settings, l2, values, start, stop, gradient, base, state_1, state_2):
    """One update of values[start:stop] in place; returns the sum of their squares before it.

    Their gradients begin at gradient[base]. `settings` and `l2` are in the dtype of `values`,
    or float32 would be computed in float64.
    """
    step = lanes_of(values)
    squares = vzeros(values, 1)
    n_whole = (stop - start) // step * step
    for i in range(start, start + n_whole, step):
        g = vload(gradient, base + i - start, squares)
        if solver == ADAM:
            value = adam(squares, values, state_1, state_2, i, g, l2, settings)
        else:
            value = sgd(squares, values, state_1, i, g, l2, settings)
        squares = vfma(value, value, squares)
    total = vsum(squares)
    for i in range(start + n_whole, stop):
        g = gradient[base + i - start]
        if solver == ADAM:
            rest = adam(total, values, state_1, state_2, i, g, l2, settings)
        else:
            rest = sgd(total, values, state_1, i, g, l2, settings)
        total = vfma(rest, rest, total)
    return total


@inner
def optimize_nodes(net, work, state, solver, settings, start, stop):
    """Update of some biases or gains."""
    zero = settings[0] - settings[0]
    optimize(
        solver, settings, zero, net.nodes, start, stop, work.node_gradient, start,
        state.nodes_1, state.nodes_2,
    )  # fmt: skip
