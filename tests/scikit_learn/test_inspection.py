"""What a fitted network tells about its features."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.feature_selection import SelectFromModel
from sklearn.inspection import permutation_importance
from sklearn.pipeline import make_pipeline

from sklearn_motif import MotifSETClassifier

from ..models import ESTIMATORS, NAMES, busy


@pytest.fixture(scope="module", params=ESTIMATORS)
def needle(request):
    """An unfitted estimator, rows of 20 features, targets, the three features that tell."""
    rng = np.random.default_rng(0)
    X, informative = rng.standard_normal((400, 20)), [3, 8, 17]
    if request.param is MotifSETClassifier:
        y = NAMES[X[:, informative].argmax(axis=1)]
    else:
        y = X[:, informative].sum(axis=1)
    return busy(request.param, max_iter=30, batch_size=32), X, y, informative


def test_feature_importances_select_what_is_informative(needle):
    model, X, y, informative = needle
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=[f"gene {i}" for i in range(20)])
    selector = SelectFromModel(model).fit(frame, y)  # above the mean importance
    expected = [f"gene {i}" for i in informative]
    assert selector.get_feature_names_out().tolist() == expected
    np.testing.assert_array_equal(
        selector.get_support(),
        selector.estimator_.feature_importances_ >= 1 / 20,
    )
    best = SelectFromModel(model, threshold=-np.inf, max_features=3)
    pipeline = make_pipeline(best, clone(model)).fit(X, y)
    np.testing.assert_array_equal(pipeline[0].get_support(indices=True), informative)
    assert pipeline[-1].n_features_in_ == 3
    assert pipeline.score(X, y) > 0.8


def test_permutation_finds_what_is_informative(needle):
    model, X, y, informative = needle
    model = clone(model).fit(X[:300], y[:300])
    options = {"n_repeats": 3, "random_state": 0}
    result = permutation_importance(model, X[300:], y[300:], **options)
    noise = np.delete(result.importances_mean, informative)
    assert result.importances_mean[informative].min() > 3 * np.abs(noise).max()
    parallel = permutation_importance(model, X[300:], y[300:], n_jobs=2, **options)
    np.testing.assert_array_equal(parallel.importances, result.importances)
