"""What y stands for, and which y is refused."""

import numpy as np
import pytest

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._fitting.targets import (
    Classes,
    Labels,
    Numbers,
    known_targets,
    means_and_scales,
    new_targets,
)

from ..models import make_data, small, state_of

KINDS = {
    "two classes": (MotifSETClassifier, Classes, ["b", "a", "b", "a"], "logistic", 1),
    "three classes": (MotifSETClassifier, Classes, [7, 3, 5, 3], "softmax", 3),
    "labels": (MotifSETClassifier, Labels, [[0, 1], [1, 1], [0, 0], [1, 0]], "logistic", 2),
    "a number": (MotifSETRegressor, Numbers, [0.5, -2.0, 3.0, 8.0], "identity", 1),
    "numbers": (MotifSETRegressor, Numbers, [[1.0, 2.0], [3.0, 4.0]], "identity", 2),
}


@pytest.mark.parametrize(
    ("estimator", "kind", "y", "activation", "n_outputs"), KINDS.values(), ids=KINDS
)
def test_what_is_coded_is_read_back(estimator, kind, y, activation, n_outputs):
    y = np.array(y)
    targets = new_targets(estimator(), y, None, is_partial=False)
    assert type(targets) is kind
    assert (targets.out_activation, targets.n_outputs) == (activation, n_outputs)
    codes = targets.encode(y)
    assert codes.dtype == np.float64
    # Sums of the last layer of a network that has no doubt.
    scores = np.eye(3)[codes.astype(int)] if activation == "softmax" else codes.reshape(len(y), -1)
    decided = targets.decide(2 * scores - 1 if activation == "logistic" else scores)
    np.testing.assert_array_equal(targets.classes[decided] if kind is Classes else decided, y)


@pytest.mark.parametrize(
    ("estimator", "kind", "y", "activation", "n_outputs"), KINDS.values(), ids=KINDS
)
def test_a_fitted_estimator_knows_what_its_y_stood_for(estimator, kind, y, activation, n_outputs):
    X = np.arange(2.0 * len(y)).reshape(len(y), 2)
    targets = known_targets(small(estimator, max_iter=1).fit(X, y))
    assert type(targets) is kind
    assert (targets.out_activation, targets.n_outputs) == (activation, n_outputs)
    if estimator is MotifSETClassifier:
        expected = np.arange(2) if kind is Labels else np.unique(y)
        np.testing.assert_array_equal(targets.classes, expected)


def test_wrong_shapes_and_labels_are_refused(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match=r"0 sample"):
        small().fit(X[:0], y[:0])
    with pytest.raises(ValueError, match="inconsistent"):
        small().fit(X, y[:-1])
    with pytest.raises(ValueError, match="class"):
        small().fit(X, np.zeros(300))
    with pytest.raises(ValueError, match="continuous"):
        small().fit(X, X[:, 0])
    for labels in (np.eye(3, dtype=int)[y] + 1, np.where(np.eye(3)[y], 1, -1)):
        with pytest.raises(ValueError, match="must hold 0 and 1 only"):
            small().fit(X, labels)
    with pytest.raises(ValueError, match=r"must be of shape \(n_samples,\), or hold 0 and 1"):
        small().fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="y contains NaN"):
        MotifSETRegressor((9,)).fit(X, np.where(y == 1, np.nan, y))
    with pytest.raises(ValueError, match="y contains infinity"):
        MotifSETRegressor((9,)).fit(X, np.where(y == 1, np.inf, y))
    model = small().fit(X, y)
    with pytest.raises(ValueError, match="11 features"):
        model.predict(X[:, :11])
    with pytest.raises(ValueError, match="0 sample"):
        model.predict_proba(X[:0])


def test_batches_may_lack_classes_but_not_bring_new_ones(blobs):
    X, y = blobs
    model = small().partial_fit(X[y < 2], y[y < 2], classes=[0, 1, 2])
    assert model.predict_proba(X).shape == (300, 3)
    before = state_of(model)
    with pytest.raises(ValueError, match=r"y holds labels that are not among the classes.*\[7\]"):
        model.partial_fit(X, np.where(y == 2, 7, y))
    with pytest.raises(ValueError, match=r"classes=.*first call"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="11 features"):
        model.partial_fit(X[:, :11], y)
    with pytest.raises(ValueError, match="shape"):
        model.partial_fit(X, np.eye(3, dtype=int)[y])
    np.testing.assert_equal(state_of(model), before)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        small().partial_fit(X, y)
    with pytest.raises(ValueError, match="numbers of the 3 labels"):
        small().partial_fit(X, np.eye(3, dtype=int)[y], classes=[0, 1])
    regressor = small(MotifSETRegressor).partial_fit(X, X[:, :2])
    with pytest.raises(ValueError, match="y must have 2 targets; it has 3"):
        regressor.partial_fit(X, X[:, :3])


# Units of targets.


def regressor(**options):
    return small(MotifSETRegressor, precision="float64", **options)


UNITS = [(1e-6, 0), (1e9, 0), (-3.0, 1e3), (1.0, 1e9), (2.0**-40, 0)]


@pytest.mark.parametrize(("factor", "shift"), UNITS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_targets_in_any_unit_give_the_same_model(factor, shift, early_stopping):
    X, y = make_data(MotifSETRegressor, n_rows=250)
    y = np.round(256 * y) / 256  # 1e9 + y is exact
    options = {"early_stopping": early_stopping, "max_iter": 4}
    expected = regressor(**options).fit(X, y)
    model = regressor(**options).fit(X, factor * y + shift)
    predicted = (model.predict(X) - shift) / factor
    # 1e9 has half its digits after the point.
    np.testing.assert_allclose(predicted, expected.predict(X), atol=1e-6 if shift else 1e-9)
    sign = np.sign(factor)  # outputs start at zero, so that theirs is that of the target
    np.testing.assert_allclose(
        sign * model.coefs_[-1].toarray(), expected.coefs_[-1].toarray(), atol=1e-6
    )
    np.testing.assert_allclose(model.loss_curve_, expected.loss_curve_, rtol=1e-6)
    if early_stopping:
        for name in ("validation_scores_", "validation_loss_curve_"):
            np.testing.assert_allclose(getattr(model, name), getattr(expected, name), rtol=1e-6)


def test_targets_of_different_units_are_learned_alike():
    X, y = make_data(MotifSETRegressor, n_rows=250)
    Y = np.column_stack([y, X[:, 2] - X[:, 3]])
    means, units = np.array([1e6, -1e-3]), np.array([1e9, 1e-6])
    expected = regressor().fit(X, Y)
    model = regressor().fit(X, means + units * Y)
    predicted = (model.predict(X) - means) / units
    np.testing.assert_allclose(predicted, expected.predict(X), atol=1e-6)
    for j in range(2):
        assert np.corrcoef(predicted[:, j], Y[:, j])[0, 1] > 0.6, j


@pytest.mark.parametrize("precision", ["auto", "float32", "float64"])
@pytest.mark.parametrize("value", [0.0, 7.5, 1e9, 0.1, -1e-30])
def test_a_target_that_does_not_vary_is_predicted(value, precision):
    X, y = make_data(MotifSETRegressor, n_rows=250)
    Y = np.column_stack([y, np.full(250, value)])
    model = small(MotifSETRegressor, precision=precision, max_iter=30).fit(X, Y)
    np.testing.assert_allclose(model.predict(X)[:, 1], value, rtol=1e-9, atol=0.1)
    assert np.corrcoef(model.predict(X)[:, 0], y)[0, 1] > 0.8
    np.testing.assert_array_equal(model.network_.outputs.scales[1], 1)


def test_means_and_deviations_follow_weights():
    rng = np.random.default_rng(0)
    y, weights = rng.standard_normal((50, 2)) * [1e-6, 1e9] + [3, 1e10], rng.integers(1, 4, 50)
    means, scales = means_and_scales(y, weights.astype(float))
    repeated = np.repeat(y, weights, axis=0)
    np.testing.assert_allclose(means, repeated.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(scales, repeated.std(axis=0), rtol=1e-6)
    np.testing.assert_allclose(means_and_scales(y, 10.0 * weights), (means, scales), rtol=1e-12)


def test_rounding_errors_are_no_deviation():
    y = np.where(np.arange(50) % 2, 0.1 + 0.2, 0.3)
    assert np.ptp(y) > 0
    assert means_and_scales(y, np.ones(50))[1].item() == 1
    assert means_and_scales(y + 1e-9 * np.arange(50), np.ones(50))[1].item() < 1e-7


def test_the_largest_targets_have_a_finite_deviation():
    y = np.array([1.5e308, -1.5e308, 1.7e308, 1e308])
    assert np.isfinite(means_and_scales(y, np.ones(4))).all()
    assert means_and_scales(y / 1e308, np.ones(4))[1] == pytest.approx(
        means_and_scales(y, np.ones(4))[1] / 1e308
    )


def test_a_warm_start_keeps_the_units_of_targets():
    X, y = make_data(MotifSETRegressor, n_rows=250)
    model = regressor(warm_start=True, max_iter=30).fit(X, y)
    before = model.network_.copy().outputs
    model.fit(X, 10 * y + 5)
    np.testing.assert_equal(vars(model.network_.outputs), vars(before))
    assert model.score(X, 10 * y + 5) > 0.5
