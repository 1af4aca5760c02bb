"""Probabilities: for scorers, and calibrated."""

import warnings

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import get_scorer, roc_auc_score
from sklearn.model_selection import (
    FixedThresholdClassifier,
    StratifiedKFold,
    TunedThresholdClassifierCV,
)
from sklearn.utils.fixes import parse_version

from ..models import NAMES, assert_same_model, busy, make_data, make_weights


@pytest.mark.parametrize("n_classes", [2, 3])
def test_scorers_take_probabilities_in_float32_without_a_warning(n_classes):
    X, y = make_data(noise=2.0, n_classes=n_classes)
    X = X.astype(np.float32)
    model = busy().fit(X, y)
    probability = model.predict_proba(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss, area = (get_scorer(name)(model, X, y) for name in ("neg_log_loss", "roc_auc_ovr"))
    likelihood = probability[np.arange(90), np.searchsorted(NAMES, y)]
    assert loss == pytest.approx(np.mean(np.log(likelihood)), rel=1e-5)
    decisive = probability[:, 1] if n_classes == 2 else probability
    assert area == pytest.approx(roc_auc_score(y, decisive, multi_class="ovr"))


@pytest.mark.parametrize("method", ["decision_function", "predict_proba"])
def test_thresholds_of_scores_and_of_probabilities(method):
    X, y = make_data(n_rows=200, noise=3.0, n_classes=2)
    model = busy().fit(X, y)
    scores = getattr(model, method)(X)
    scores = scores[:, 1] if scores.ndim == 2 else scores
    threshold = np.quantile(scores, 0.3)
    fixed = FixedThresholdClassifier(model, threshold=threshold, response_method=method)
    np.testing.assert_array_equal(fixed.fit(X, y).predict(X) == NAMES[1], scores >= threshold)
    options = {"scoring": "balanced_accuracy", "cv": "prefit", "refit": False}
    tuned = TunedThresholdClassifierCV(model, response_method=method, **options).fit(X, y)
    score = get_scorer("balanced_accuracy")
    assert score(tuned, X, y) >= score(model, X, y)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_areas_are_those_of_the_scores(smoothing):
    X, y = make_data(n_rows=200, noise=3.0)
    model, Y = busy(label_smoothing=smoothing), (y[:, None] == NAMES).astype(int)
    assert get_scorer("roc_auc")(model.fit(X, Y), X, Y) == pytest.approx(
        roc_auc_score(Y, model.predict_proba(X))
    )
    area = get_scorer("roc_auc")(model.fit(X, y == "red"), X, y == "red")
    assert area == pytest.approx(roc_auc_score(y == "red", model.predict_proba(X)[:, 1]))


def brier(y, probability):
    return np.mean(np.sum((probability - (y[:, None] == np.unique(y))) ** 2, axis=1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(
    "method",
    [
        "sigmoid",
        "isotonic",
        pytest.param(
            "temperature",
            marks=pytest.mark.skipif(
                parse_version(sklearn.__version__) < parse_version("1.8"),
                reason="scikit-learn scales by a temperature from 1.8 on",
            ),
        ),
    ],
)
def test_calibration_mends_an_overconfident_network(method, n_classes, dtype):
    X, y = make_data(n_rows=400, noise=3.0, n_classes=n_classes)
    X, X_test, y, y_test = X[:200].astype(dtype), X[200:].astype(dtype), y[:200], y[200:]
    # In the dtype of X: scikit-learn 1.6 mixes no others in the sigmoid.
    weights, folds = make_weights(200).astype(dtype), StratifiedKFold(2)
    options = {"dropout": 0, "label_smoothing": 0, "batch_size": 32}
    model = busy(hidden_layer_sizes=60, max_iter=120, **options)
    calibrated = CalibratedClassifierCV(model, method=method, cv=folds)
    calibrated.fit(X, y, sample_weight=weights)
    parts = calibrated.calibrated_classifiers_
    for part, (train, _) in zip(parts, folds.split(X, y), strict=True):
        assert_same_model(part.estimator, clone(model).fit(X[train], y[train], weights[train]))

    raw = model.fit(X, y, weights).predict_proba(X_test)
    assert raw.dtype == dtype
    probability = calibrated.predict_proba(X_test)
    for rows in (raw, probability):
        assert np.all(rows >= 0)
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=4 * np.finfo(dtype).eps)
    assert brier(y_test, probability) < 0.9 * brier(y_test, raw)
