"""Outputs and losses: against the oracle, in training and of what was predicted."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from sklearn_motif.engine import mean_loss

from ..models import engine_gradients, make_network
from ..oracle import Oracle


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_outputs", [1, 3, 17])
@pytest.mark.parametrize("out_activation", ["softmax", "logistic", "identity"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_outputs_and_losses_equal_the_oracle(smoothing, out_activation, n_outputs, weighted, dtype):
    if out_activation == "softmax" and n_outputs == 1:
        pytest.skip("a softmax of one output is always one")
    network = make_network((11, 7, n_outputs), out_activation=out_activation, dtype=dtype)
    rng = np.random.default_rng(1)
    X = rng.standard_normal((23, 11)).astype(dtype)
    y = {
        "softmax": rng.integers(n_outputs, size=23),
        "logistic": rng.integers(2, size=(23, n_outputs)),
        "identity": rng.standard_normal((23, n_outputs)),
    }[out_activation]
    row_weights = rng.integers(3, size=23) if weighted else np.ones(23)
    oracle = Oracle(network, smoothing)
    rtol, atol = (2e-4, 2e-6) if dtype == np.float32 else (1e-10, 1e-14)
    expected = oracle.forward(X.astype(np.float64))[0].T
    np.testing.assert_allclose(network.predict(X), expected, rtol=rtol, atol=atol)
    weights, nodes, loss = engine_gradients(network, X, y, row_weights, label_smoothing=smoothing)
    expected_weights, expected_nodes = oracle.gradients(X, y, row_weights)
    np.testing.assert_allclose(weights, expected_weights, rtol=rtol, atol=atol)
    np.testing.assert_allclose(nodes, expected_nodes, rtol=rtol, atol=atol)
    assert loss == pytest.approx(oracle.loss(X, y, row_weights), rel=rtol)
    if smoothing > 0:
        return  # a validation loss has none
    targets = y.astype(dtype)
    validation_loss = mean_loss(network.predict(X), targets, row_weights, out_activation)
    assert validation_loss == pytest.approx(loss * 23 / row_weights.sum(), rel=rtol)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("out_activation", ["softmax", "logistic"])
def test_a_probability_of_zero_counts_as_for_scikit_learn(out_activation, dtype):
    probabilities = np.array([[0, 1], [0.25, 0.75]], dtype=dtype)
    outputs = probabilities if out_activation == "softmax" else probabilities[:, 1:]
    loss = mean_loss(outputs, np.array([0.0, 1.0]), np.ones(2), out_activation)
    assert loss == pytest.approx(log_loss([0, 1], probabilities))
