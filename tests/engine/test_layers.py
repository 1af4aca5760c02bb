"""Layers forward and backward: against the oracle and finite differences."""

import numpy as np
import pytest

from ..models import (
    ACTIVATIONS,
    SHARING,
    engine_gradients,
    make_network,
    make_step,
    sample,
    train_on,
)
from ..oracle import Oracle, block_places

# Sizes that the layers of make_network do not divide by: ragged last motifs on both sides.
MOTIF_SIZES = (1, 2, 3, 5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("motif_size", MOTIF_SIZES)
@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_kernels_equal_the_oracle(activation, weight_sharing, motif_size, dtype):
    network = make_network(
        activation=activation, weight_sharing=weight_sharing, motif_size=motif_size, dtype=dtype
    )
    X, y = sample(dtype=dtype)
    oracle = Oracle(network)
    rtol = 2e-4 if dtype == np.float32 else 1e-10
    expected, _ = oracle.forward(X.astype(np.float64))
    np.testing.assert_allclose(network.predict(X), expected.T, rtol=rtol)
    weights, nodes, loss = engine_gradients(network, X, y)
    expected_weights, expected_nodes = oracle.gradients(X, y)
    # A gradient is the difference of two numbers near 1.
    atol = 2e-6 if dtype == np.float32 else 1e-14
    np.testing.assert_allclose(weights, expected_weights, rtol=rtol, atol=atol)
    np.testing.assert_allclose(nodes, expected_nodes, rtol=rtol, atol=atol)
    assert loss == pytest.approx(oracle.loss(X, y), rel=rtol)


@pytest.mark.parametrize(
    ("sizes", "group_features"), [((11, 7, 1), True), ((11, 7, 1), False), ((11, 3), True)]
)
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_binary_ungrouped_and_without_hidden_layers(weight_sharing, sizes, group_features):
    network = make_network(sizes, weight_sharing=weight_sharing, group_features=group_features)
    X, y = sample(n_classes=max(2, sizes[-1]))
    oracle = Oracle(network)
    np.testing.assert_allclose(network.predict(X), oracle.forward(X)[0].T, rtol=1e-10)
    weights, nodes, loss = engine_gradients(network, X, y)
    expected_weights, expected_nodes = oracle.gradients(X, y)
    np.testing.assert_allclose(weights, expected_weights, atol=1e-14)
    np.testing.assert_allclose(nodes, expected_nodes, atol=1e-14)
    assert loss == pytest.approx(oracle.loss(X, y), rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight_sharing", ["scaled", "none"])
@pytest.mark.parametrize("batch", [1, 5, 33, 47, 70, 200])
def test_every_width_of_a_batch(batch, weight_sharing, dtype):
    """Tiles of one to five vectors, alone and several: against the oracle, motifs of 5 = 4 + 1."""
    network = make_network(
        (11, 23, 9, 3), weight_sharing=weight_sharing, motif_size=5, dtype=dtype, epsilon=4
    )
    X, y = sample(n=batch, dtype=dtype)
    weights, nodes, _ = engine_gradients(network, X, y)
    expected_weights, expected_nodes = Oracle(network).gradients(X, y)
    atol = 1e-5 if dtype == np.float32 else 1e-13
    np.testing.assert_allclose(weights, expected_weights, atol=atol)
    np.testing.assert_allclose(nodes, expected_nodes, atol=atol)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("motif_size", [1, 2, 3])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_gradients_equal_finite_differences(weight_sharing, motif_size, activation):
    network = make_network(
        weight_sharing=weight_sharing, motif_size=motif_size, activation=activation
    )
    X, y = sample()
    gradients = engine_gradients(network, X, y)[:2]

    def loss():
        return -np.mean(np.log(network.predict(X)[np.arange(y.size), y]))

    h = 1e-6
    for values, gradient in zip((network.weights, network.nodes), gradients, strict=True):
        for i in range(values.size):
            value = values[i]
            values[i] = value + h
            above = loss()
            values[i] = value - h
            below = loss()
            values[i] = value
            assert gradient[i] == pytest.approx((above - below) / (2 * h), abs=1e-8), i


def test_unused_weights_of_a_shorter_motif_stay_zero():
    network = make_network(weight_sharing="none", motif_size=4)
    X, y = sample()
    with make_step(network, solver="adam", learning_rate=0.1, alpha=1.0) as step:
        for _ in range(5):
            train_on(step, X, y)
    n_unused = network.weights.size - sum(
        len(list(block_places(network, i))) for i in range(network.graphs.size)
    )
    assert n_unused > 0
    assert np.count_nonzero(network.weights == 0) == n_unused
    assert network.n_parameters == network.weights.size - n_unused + network.nodes.size
