"""The smoothing that several labels show, of which their probabilities are freed."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_motif._fitting.smoothing import settled
from sklearn_motif._network import Outputs

from ..models import small

# From labels that show much more smoothing than 0.1 to one that shows less.
LOWEST = np.array([0.15, 0.075, 0.07, 0.06, 0.02])


def some_labels(n_rows=400, dtype="float64"):
    """Outputs, and scores of rows of which one in ten has each label."""
    rng = np.random.default_rng(0)
    y = (rng.random((n_rows, LOWEST.size)) < 0.1).astype(float)
    low = LOWEST * rng.uniform(0.8, 1.2, y.shape)
    p = np.where(y > 0, 0.9, low)
    outputs = Outputs("logistic", dtype, smoothing=0.1, shares=y.mean(axis=0))
    return outputs, np.log(p / (1 - p)).astype(dtype), y


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_mean_probabilities_are_the_shares_of_ones(dtype):
    outputs, scores, y = some_labels(dtype=dtype)
    weights = np.random.default_rng(1).uniform(0.1, 3, len(y))
    found = settled(outputs, scores, y, weights)
    assert found.smoothing[0] == pytest.approx(0.2, rel=1e-12)  # at most twice
    assert np.all((found.smoothing[1:4] > 0.1) & (found.smoothing[1:4] < 0.2))
    assert found.smoothing[4] == 0.1  # never less
    shares = np.average(y, axis=0, weights=weights)
    means = np.average(found.of(scores), axis=0, weights=weights)
    np.testing.assert_allclose(means[1:4], shares[1:4], rtol=5e-3)
    assert means[0] > shares[0]
    assert means[4] < shares[4]
    np.testing.assert_array_equal(found.of(scores) > 0.5, scores > 0)


@pytest.mark.parametrize("smoothing", [1e-12, 0.5, 0.9, 1 - 1e-12])
def test_any_smoothing_stays_below_one(smoothing):
    outputs, scores, y = some_labels()
    scores[:, 0], y[:, 1] = 0, 0  # nothing known, no row
    found = settled(replace(outputs, smoothing=smoothing), scores, y, np.ones(len(y)))
    assert np.all((found.smoothing >= smoothing) & (found.smoothing < 1))
    assert np.all((found.of(scores) > 0) & (found.of(scores) <= 1))


def test_a_weight_of_two_is_the_row_twice():
    outputs, scores, y = some_labels()
    weights = np.random.default_rng(1).integers(0, 3, len(y))
    rows = np.repeat(np.arange(len(y)), weights)
    weighted = settled(outputs, scores, y, weights / weights.mean())
    repeated = settled(outputs, scores[rows], y[rows], np.ones(rows.size))
    np.testing.assert_allclose(weighted.smoothing, repeated.smoothing, rtol=1e-12)


def test_labels_of_a_stream_have_the_smoothing_that_they_are_trained_with(blobs):
    X, y = blobs[0], np.eye(3, dtype=int)[blobs[1]]
    model = small().partial_fit(X, y)
    assert model.network_.outputs.smoothing == 0.1
    model.fit(X, y)
    assert model.network_.outputs.smoothing.shape == (3,)
    model.set_params(label_smoothing=0.0).fit(X, y)
    assert model.network_.outputs.smoothing == 0.0


def test_calls_after_a_fit_go_on_with_the_smoothing_that_it_found():
    """Unless labels are smoothed otherwise from then on."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((1500, 5))
    Y = (X @ rng.standard_normal((5, 6)) + rng.standard_normal((1500, 6)) > 3).astype(int)
    model = small(hidden_layer_sizes=(50,), max_iter=3, label_smoothing=0.1).fit(X, Y)
    found = model.network_.outputs.smoothing
    assert np.any(found > 0.1)
    model.partial_fit(X[:1], Y[:1])
    np.testing.assert_array_equal(model.network_.outputs.smoothing, found)
    model.set_params(label_smoothing=0.2).partial_fit(X[:1], Y[:1])
    np.testing.assert_array_equal(model.network_.outputs.smoothing, 0.2)
