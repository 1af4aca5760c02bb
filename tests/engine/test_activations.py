"""Activations and the way back through them, one number at a time."""

import numba
import numpy as np
import pytest

from sklearn_motif.engine.activations import ACTIVATIONS, activate, activate_backward


@numba.njit
def both_ways(activation, slope, z):
    a = activate(activation, slope, z)
    return a, activate_backward(activation, slope, z, a, 1.0)


def both_ways_of_all(name, slope, z):
    pairs = [both_ways(ACTIVATIONS[name], slope, value) for value in z]
    return np.array(pairs).T


SLOPES = {"relu": 0.0, "all_relu": -0.6, "identity": 1.0, "tanh": 0.0, "logistic": 0.0}
FUNCTIONS = {
    "relu": lambda z: np.maximum(z, 0),
    "all_relu": lambda z: np.where(z > 0, z, -0.6 * z),
    "identity": lambda z: z,
    "tanh": np.tanh,
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_slopes(name):
    z = np.linspace(-6, 6, 50)  # not 0
    a, gradient = both_ways_of_all(name, SLOPES[name], z)
    f, h = FUNCTIONS[name], 1e-6
    np.testing.assert_allclose(a, f(z), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(gradient, (f(z + h) - f(z - h)) / (2 * h), atol=1e-9)


@pytest.mark.parametrize("name", ["tanh", "logistic"])
def test_what_saturates_stays_finite(name):
    a, gradient = both_ways_of_all(name, 0.0, np.array([-1e4, -800.0, 800.0, 1e4]))
    lowest = -1 if name == "tanh" else 0
    np.testing.assert_array_equal(a, [lowest, lowest, 1, 1])
    np.testing.assert_array_equal(gradient, 0)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_is_not_hidden(name):
    assert np.isnan(both_ways_of_all(name, SLOPES[name], np.array([np.nan]))[0]).all()


@pytest.mark.parametrize("name", ["relu", "all_relu"])
def test_the_slope_at_zero_is_that_left_of_it(name):
    slope = SLOPES[name]
    assert both_ways(ACTIVATIONS[name], slope, 0.0) == (0.0, slope)
