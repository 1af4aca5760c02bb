"""Searches and curves, some of which give fits fewer rows or epochs, and their workers."""

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.utils.fixes import parse_version

from sklearn_motif import MotifSETClassifier

from ..models import ESTIMATORS, NAMES, assert_same_model, busy, make_data, make_weights, small

FOLDS = KFold(2, shuffle=True, random_state=0)


def test_searches_and_cross_validation_in_parallel(blobs):
    pipeline = make_pipeline(SelectKBest(k=8), small(max_iter=100))
    grid = {"motifsetclassifier__motif_size": [1, 2, 3]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(*blobs)
    assert search.best_score_ > 0.9
    scores = cross_val_score(pipeline, *blobs, cv=3, n_jobs=-1)
    assert scores.shape == (3,)
    np.testing.assert_array_equal(scores, cross_val_score(pipeline, *blobs, cv=3))


@pytest.mark.parametrize("incremental", [False, True])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_learning_curves_fit_or_go_on_with_more_rows(estimator, incremental):
    X, y = make_data(estimator, noise=2.0)
    weights, sizes = make_weights(), [16, 45]
    if incremental and parse_version(sklearn.__version__) < parse_version("1.9"):
        weights = np.ones(90)  # older versions pass partial_fit those of all rows
    _, train_scores, test_scores = learning_curve(
        busy(estimator),
        X,
        y,
        train_sizes=sizes,
        cv=FOLDS,
        exploit_incremental_learning=incremental,
        params={"sample_weight": weights} if np.ptp(weights) else None,
    )
    classes = {"classes": NAMES} if estimator is MotifSETClassifier else {}
    for fold, (train, test) in enumerate(FOLDS.split(X)):
        model, seen = busy(estimator), 0
        for i, size in enumerate(sizes):
            new = train[seen:size]
            if incremental:
                model.partial_fit(X[new], y[new], sample_weight=weights[new], **classes)
                seen = size
            else:
                model.fit(X[new], y[new], weights[new])
            assert model.n_iter_ == (i + 1 if incremental else 4)
            assert train_scores[i, fold] == model.score(X[train[:size]], y[train[:size]])
            assert test_scores[i, fold] == model.score(X[test], y[test])


def test_halving_gives_the_better_candidates_more_epochs():
    X, y = make_data()
    grid = {"learning_rate_init": [1e-9, 1e-8, 0.1, 1e-7]}
    options = {"resource": "max_iter", "min_resources": 3, "max_resources": 12}
    search = HalvingGridSearchCV(busy(), grid, cv=FOLDS, factor=2, **options).fit(X, y)
    assert search.n_resources_ == [3, 6, 12]
    assert search.best_params_ == {"learning_rate_init": 0.1, "max_iter": 12}
    assert_same_model(search.best_estimator_, busy(**search.best_params_).fit(X, y))


def test_halving_gives_the_better_candidates_more_rows():
    X, y = make_data(n_rows=240)
    grid = {"learning_rate_init": [1e-9, 1e-8, 0.1, 1e-7]}
    options = {"resource": "n_samples", "min_resources": 60, "random_state": 0}
    model = busy(max_iter=12)
    search = HalvingGridSearchCV(model, grid, cv=FOLDS, factor=2, **options).fit(X, y)
    assert search.n_resources_ == [60, 120, 240]
    assert search.best_params_ == {"learning_rate_init": 0.1}
    assert_same_model(search.best_estimator_, model.set_params(**search.best_params_).fit(X, y))


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_bits_do_not_depend_on_joblibs_backend(estimator, backend):
    X, y = make_data(estimator)
    options = {"cv": KFold(4), "return_estimator": True}
    expected = cross_validate(busy(estimator), X, y, **options)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        results = cross_validate(busy(estimator), X, y, **options)
    for one, other in zip(results["estimator"], expected["estimator"], strict=True):
        assert_same_model(one, other)
    np.testing.assert_array_equal(results["test_score"], expected["test_score"])
