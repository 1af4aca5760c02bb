"""The optimizers: against their definitions, and without denormal numbers."""

import numpy as np
import pytest

from ..models import make_network, make_step, sample, train_on
from ..oracle import Oracle


def reference_sgd(w, g, state, rate, momentum, nesterov):
    velocity = momentum * state - rate * g
    return w + (momentum * velocity - rate * g if nesterov else velocity), velocity


@pytest.mark.parametrize("nesterov", [True, False])
def test_sgd_with_momentum_and_l2(nesterov):
    network = make_network(weight_sharing="scaled", motif_size=2)
    X, y = sample()
    alpha, rate, momentum = 3.0, 0.05, 0.8
    step = make_step(
        network, learning_rate=rate, momentum=momentum, nesterovs_momentum=nesterov, alpha=alpha
    )
    velocity = np.zeros_like(network.weights), np.zeros_like(network.nodes)
    for _ in range(3):
        oracle = Oracle(network)
        gradients = oracle.gradients(X, y)
        # L2 holds for weights, not for biases and gains; its share is 1 / batch.
        gradients = gradients[0] + alpha / y.size * network.weights, gradients[1]
        expected_loss = oracle.loss(X, y) + 0.5 * alpha / y.size * np.sum(network.weights**2)
        expected = []
        for values, gradient, old in zip(
            (network.weights, network.nodes), gradients, velocity, strict=True
        ):
            expected.append(reference_sgd(values, gradient, old, rate, momentum, nesterov))
        loss = train_on(step, X, y)
        assert loss == pytest.approx(expected_loss)
        np.testing.assert_allclose(network.weights, expected[0][0], rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(network.nodes, expected[1][0], rtol=1e-10, atol=1e-13)
        velocity = expected[0][1], expected[1][1]


def test_adam_equals_its_definition():
    network = make_network()
    X, y = sample()
    step = make_step(network, solver="adam", learning_rate=0.01)
    m = v = np.zeros_like(network.weights)
    for t in range(1, 5):
        g, _ = Oracle(network).gradients(X, y)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        corrected = 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        expected = network.weights - corrected * m / (np.sqrt(v) + 1e-8)
        train_on(step, X, y)
        np.testing.assert_allclose(network.weights, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_no_denormals_after_2000_updates_without_gradient(solver):
    """A column of zeros: its connections' optimizer state must reach exact zeros."""
    network = make_network((4, 6, 2), motif_size=1, dtype=np.float32, epsilon=5)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 4)).astype(np.float32)
    y = (X[:, 1] > 0).astype(np.int32)
    # beta_2 = 0.999 would keep the second moment alive for far more updates.
    step = make_step(
        network, solver=solver, learning_rate=1e-3, momentum=0.9, beta_2=0.95, batch_size=20
    )
    rows = np.arange(20)
    train_on(step, X, y, rows)
    dead = network.keys(0) // 6 == 0
    assert np.any(network.graph_weights(0, step.state.weights_1)[dead])
    X[:, 0] = 0
    for _ in range(2000):
        train_on(step, X, y, rows)
    moments = [step.state.weights_1] + ([step.state.weights_2] if solver == "adam" else [])
    for moment in moments:
        assert np.all(network.graph_weights(0, moment)[dead] == 0)
    for state in (*moments, step.state.nodes_1, step.state.nodes_2):
        assert not np.any((state != 0) & (np.abs(state) < np.finfo(np.float32).tiny))
