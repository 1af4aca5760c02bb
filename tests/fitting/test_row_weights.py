"""What each row counts: sample weights and class weights."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.class_weight import compute_class_weight

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._fitting.row_weights import row_weights
from sklearn_motif._fitting.targets import Classes

from ..models import (
    ESTIMATORS,
    assert_same_model,
    assert_same_network,
    busy,
    make_data,
    make_weights,
    small,
)


def test_weights_are_one_on_average_over_the_rows_to_train_on():
    y, weights = np.arange(30.0) % 3, make_weights(30)
    rows = np.arange(20)
    scaled, mean = row_weights(y, weights, rows, Classes(np.arange(3)), None)
    assert scaled[rows].mean() == pytest.approx(1)
    np.testing.assert_allclose(scaled * mean, weights)
    # Rows held out have no say.
    other, _ = row_weights(
        y, np.where(np.arange(30) < 20, weights, 99), rows, Classes(np.arange(3)), None
    )
    np.testing.assert_array_equal(other[rows], scaled[rows])


def test_balanced_classes_count_the_same_over_the_rows_to_train_on():
    y, weights = np.repeat([0.0, 1.0, 2.0], [20, 7, 3]), make_weights(30)
    rows = np.arange(0, 30, 2)
    balanced, _ = row_weights(y, weights, rows, Classes(np.arange(3)), "balanced")
    totals = np.bincount(y[rows].astype(int), balanced[rows])
    np.testing.assert_allclose(totals, rows.size / 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_of_one_are_no_weights(blobs, dtype):
    X, y = blobs[0].astype(dtype), blobs[1]
    for estimator, goal in (
        (MotifSETClassifier, y),
        (MotifSETClassifier, np.eye(3, dtype=int)[y]),
        (MotifSETRegressor, X[:, :2]),
    ):
        plain = small(estimator).fit(X, goal)
        assert_same_network(small(estimator).fit(X, goal, np.ones(300)), plain)
        # With no penalty only their proportions count.
        one, other = (small(estimator, alpha=0).fit(X, goal, w) for w in (None, np.full(300, 3)))
        other.network_.outputs.shared_weight /= 3  # counts in calls to come
        assert_same_network(one, other)


@pytest.mark.parametrize("kind", ["classes", "labels", "targets"])
def test_weights_are_numbers_of_rows(blobs, kind):
    X, y = blobs[0][:90], blobs[1][:90]
    goal = {"classes": y, "labels": np.eye(3, dtype=int)[y], "targets": X[:, 0] * y}[kind]
    weights = np.random.default_rng(0).integers(4, size=90)
    assert 0 in weights
    assert 2 in weights
    estimator = MotifSETRegressor if kind == "targets" else MotifSETClassifier
    assert weights.sum() < 200  # full batches, no dropout
    options = {"alpha": 0.5, "max_iter": 30}
    weighted = small(estimator, **options).fit(X, goal, weights)
    repeated = small(estimator, **options)
    repeated.fit(np.repeat(X, weights, axis=0), np.repeat(goal, weights, axis=0))
    np.testing.assert_allclose(
        weighted.network_.weights, repeated.network_.weights, rtol=1e-6, atol=1e-9
    )
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_)


def test_class_weights_multiply_sample_weights(blobs):
    X, y = blobs
    y = np.where(np.random.default_rng(0).random(300) < 0.5, 0, y)
    weights = np.random.default_rng(1).random(300)
    each = len(y) / (3 * np.bincount(y))
    np.testing.assert_allclose(each, compute_class_weight("balanced", classes=np.arange(3), y=y))
    balanced = small(class_weight="balanced").fit(X, y)
    by_dict = small(class_weight=dict(enumerate(each))).fit(X, y)
    by_hand = small().fit(X, y, each[y])
    np.testing.assert_allclose(balanced.network_.weights, by_hand.network_.weights, rtol=1e-9)
    assert_same_network(by_dict, by_hand)
    one = small(class_weight={1: 5}).fit(X, y, weights)
    assert_same_network(one, small().fit(X, y, weights * np.array([1, 5, 1])[y]))
    totals = np.bincount(y, weights)
    one = small(class_weight="balanced", alpha=0).fit(X, y, weights)
    other = small(alpha=0).fit(X, y, weights / totals[y])
    np.testing.assert_allclose(one.network_.weights, other.network_.weights, rtol=1e-6, atol=1e-9)
    stream = small(class_weight={1: 5}).partial_fit(X, y, [0, 1, 2])
    assert_same_network(stream, small().partial_fit(X, y, [0, 1, 2], np.array([1, 5, 1])[y]))


def test_a_rare_class_is_found_when_balanced():
    rng = np.random.default_rng(0)
    y = (rng.random(1000) < 0.05).astype(int)
    X = rng.standard_normal((1000, 10)) + 0.8 * y[:, None]
    recall = [
        small(class_weight=weight).fit(X, y).predict(X)[y == 1].mean()
        for weight in (None, "balanced")
    ]
    assert recall[1] > max(0.9, recall[0] + 0.1)


def test_bad_weights_are_named(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match="sample_weight"):
        small().fit(X, y, -np.ones(300))
    with pytest.raises(ValueError, match="sample_weight"):
        small().fit(X, y, np.ones(299))
    with pytest.raises(ValueError, match="zero"):
        small().fit(X, y, np.zeros(300))
    with pytest.raises(ValueError, match="All rows to train on have a weight of zero"):
        small(class_weight=dict.fromkeys(range(3), 0)).fit(X, y)
    for extreme in (1e308, 1e-320):
        with pytest.raises(ValueError, match="sample_weight"):
            small().fit(X, y, np.full(300, extreme))
    with pytest.raises(ValueError, match="class_weight"):
        small(class_weight={0: -1}).fit(X, y)
    with pytest.raises(ValueError, match="class_weight"):
        small(class_weight={0: 1}).fit(X, np.eye(3, dtype=int)[y])
    with pytest.raises(ValueError, match="class_weight"):
        small(class_weight="even").fit(X, y)
    with pytest.raises(ValueError, match=r"class_weight names \[9\]"):
        small(class_weight={9: 2}).fit(X, y)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_rows_without_weight_are_as_if_they_were_not_there(estimator, early_stopping):
    X, y = make_data(estimator, n_rows=300)
    weights = np.random.default_rng(0).integers(3, size=300)
    weighs = weights > 0
    model = busy(estimator, early_stopping=early_stopping, precision="float64")
    kept = clone(model).fit(X[weighs], y[weighs], weights[weighs])
    X[~weighs] = 1e300
    if estimator is MotifSETRegressor:
        y[~weighs] = -1e300
    assert_same_model(model.fit(X, y, weights), kept)
