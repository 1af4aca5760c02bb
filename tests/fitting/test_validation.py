"""Rows to validate on: set aside or given."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import log_loss, r2_score

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._fitting.targets import Classes, Numbers
from sklearn_motif._fitting.validation import split_rows

from ..models import assert_same_network, small


@pytest.mark.parametrize("targets", [Classes(np.arange(3)), Numbers(1)])
def test_rows_are_split_in_two_and_the_stream_stays(targets):
    y, stream = np.arange(90.0) % 3, np.random.default_rng(0)
    splits = [split_rows(y, targets, 0.2, stream) for _ in range(2)]
    rows, held_out = splits[0]
    assert (rows.size, held_out.size) == (72, 18)
    np.testing.assert_array_equal(np.sort(np.concatenate([rows, held_out])), np.arange(90))
    assert np.all(np.diff(rows) > 0)
    assert np.all(np.diff(held_out) > 0)
    np.testing.assert_equal(splits[1], splits[0])
    other, _ = split_rows(y, targets, 0.2, np.random.default_rng(1))
    assert not np.array_equal(other, rows)


def rows_of(steps):
    """Rows that the steps since the last call trained on."""
    rows = np.unique(np.concatenate([step.rows for step in steps]))
    steps.clear()
    return rows


def test_a_validation_set_without_early_stopping_is_a_record_only(blobs):
    X, y = blobs
    plain = small().fit(X, y)
    model = small().fit(X, y, X_val=X[:50], y_val=y[:50])
    assert_same_network(model, plain)
    assert len(model.validation_scores_) == len(model.validation_loss_curve_) == 8
    assert model.validation_scores_[-1] == model.score(X[:50], y[:50])
    assert plain.validation_scores_ is plain.validation_loss_curve_ is None
    assert plain.best_validation_score_ is None


@pytest.mark.parametrize("kind", ["classes", "labels", "targets"])
def test_rows_held_out_are_not_trained_on(blobs, kind, steps):
    X, y = blobs
    y = {"classes": np.array(["a", "b", "c"])[y], "labels": np.eye(3, dtype=int)[y], "targets": X}[
        kind
    ]
    estimator = MotifSETRegressor if kind == "targets" else MotifSETClassifier
    options = {"early_stopping": True, "validation_fraction": 0.2, "max_iter": 6}
    model = small(estimator, **options).fit(X, y)
    trained = rows_of(steps)
    assert trained.size == 240
    held_out = np.setdiff1d(np.arange(300), trained)
    assert model.best_validation_score_ == pytest.approx(model.score(X[held_out], y[held_out]))
    if kind == "classes":  # stratified
        counts = [
            np.unique(y[rows], return_counts=True)[1] / rows.size for rows in (trained, held_out)
        ]
        np.testing.assert_allclose(*counts, atol=0.02)
    # Another seed holds out others; the same seed the same.
    small(estimator, random_state=1, **options).fit(X, y)
    assert not np.array_equal(rows_of(steps), trained)


def test_regression_scores_and_losses_on_validation_rows(blobs):
    X, y = blobs
    targets = np.column_stack([X[:, 0] + y, X[:, 1]])
    weights = np.random.default_rng(0).random(300)
    model = small(MotifSETRegressor).fit(
        X, targets, X_val=X, y_val=targets, sample_weight_val=weights
    )
    predicted = model.predict(X)
    expected = r2_score(targets, predicted, sample_weight=weights)
    assert model.validation_scores_[-1] == pytest.approx(expected)
    deviations = targets.std(axis=0)  # losses are those of scaled targets
    errors = 0.5 * ((predicted - targets) / deviations) ** 2
    loss = np.average(errors.sum(axis=1), weights=weights)
    assert model.validation_loss_curve_[-1] == pytest.approx(loss)


@pytest.mark.parametrize("kind", ["two", "three", "labels"])
def test_losses_of_classes_are_those_of_the_probabilities(blobs, kind):
    X, y = blobs
    y = {"two": y == 1, "three": y, "labels": np.eye(3, dtype=int)[y]}[kind]
    weights = np.random.default_rng(0).random(300)
    model = small(label_smoothing=0.3)
    model.fit(X, y, X_val=X, y_val=y, sample_weight_val=weights)
    probability = model.predict_proba(X)
    if kind == "labels":  # in training, they have the smoothing that they are trained with
        outputs = replace(model.network_.outputs, smoothing=0.3)
        probability = outputs.of(model.decision_function(X))
        likelihood = np.where(y, probability, 1 - probability)
        expected = np.average(-np.log(likelihood).sum(axis=1), weights=weights)
    else:
        expected = log_loss(y, probability, sample_weight=weights)
    assert model.validation_loss_curve_[-1] == pytest.approx(expected)
    assert model.validation_scores_[-1] == pytest.approx(model.score(X, y, weights))


def test_a_warm_start_holds_out_the_same_rows(blobs, steps):
    model = small(warm_start=True, early_stopping=True, max_iter=2)
    model.fit(*blobs)
    first = rows_of(steps)
    model.fit(*blobs)
    np.testing.assert_array_equal(rows_of(steps), first)
    assert first.size == 270


def test_rows_to_validate_on_must_not_all_have_a_weight_of_zero(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match=r"sample_weight_val.*zero|zero.*sample_weight_val"):
        small().fit(X, y, X_val=X, y_val=y, sample_weight_val=np.zeros(300))


def test_bad_validation_sets_are_named(blobs):
    X, y = blobs
    for given in ({"X_val": X}, {"y_val": y}, {"sample_weight_val": y}):
        with pytest.raises(ValueError, match="X_val and y_val must be given together"):
            small().fit(X, y, **given)
    for X_val, y_val in ((X[:, :5], y), (X, y + 7), (X[:9], y), (X, X)):
        with pytest.raises(ValueError, match="X_val, y_val"):
            small().fit(X, y, X_val=X_val, y_val=y_val)
    with pytest.raises(ValueError, match="zero"):
        small().fit(X, y, X_val=X, y_val=y, sample_weight_val=0 * y)
    with pytest.raises(ValueError, match=r"validation_fraction=0.1.*X_val"):
        small(early_stopping=True).fit(X[:8], y[:8])
    with pytest.raises(ValueError, match=r"at least 2 rows.*validation_fraction"):
        small(MotifSETRegressor, early_stopping=True).fit(X[:8], X[:8, 0])


def test_cells_that_are_no_numbers_are_those_of_the_validation(blobs):
    X, y = blobs
    broken = X.astype(object)
    broken[3, 4] = {}
    with pytest.raises(ValueError, match=r"In X_val.*Column 4 of X holds"):
        small().fit(X, y, X_val=broken, y_val=y)
