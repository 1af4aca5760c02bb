"""A new network for some rows."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.metrics import r2_score

from sklearn_motif import MotifSETClassifier, MotifSETRegressor

from ..models import ESTIMATORS, ONE_EPOCH, RAW, make_data, make_frame, small

pl = pytest.importorskip("polars")


def test_images(blobs):
    X, y = blobs
    options = {"epsilon": 1, "motif_size": 1, "max_iter": 30, **RAW}
    shapes = [(3, 4), [np.int64(3), 4], np.array([3, 4]), (3, 2, 2)]
    models = [small(feature_shape=shape, **options).fit(X, y) for shape in shapes]
    free = small(**options).fit(X, y)
    for model in models:
        assert model.n_connections_ == free.n_connections_
        assert model.score(X, y) > 0.7
        model.partial_fit(X, y)
    for model in models[1:3]:
        np.testing.assert_array_equal(model.predict_proba(X), models[0].predict_proba(X))
    for model in (models[3], free):
        assert np.any(model.predict_proba(X) != models[0].predict_proba(X))
    regressor = MotifSETRegressor((20,), feature_shape=(3, 4), max_iter=2, epsilon=1).fit(X, y)
    assert regressor.network_.windows.shape == (10, 4)
    sparse = small(feature_shape=(3, 4), **options).fit(scipy.sparse.csr_array(X), y)
    np.testing.assert_array_equal(sparse.network_.windows, models[0].network_.windows)
    with pytest.raises(ValueError, match=r"feature_shape=\(3, 5\) is of 15 .* but X has 12"):
        small(feature_shape=(3, 5)).fit(X, y)


# Precision.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("n_rows", "precision", "expected"),
    [
        (199, "auto", None),
        (200, "auto", np.float32),
        (90, "float32", np.float32),
        (300, "float64", np.float64),
    ],
)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_network_computes_in_a_precision_and_answers_in_that_of_x(
    estimator, n_rows, precision, expected, dtype
):
    X, y = make_data(estimator, n_rows=n_rows)
    model = small(estimator, precision=precision, **ONE_EPOCH).fit(X.astype(dtype), y)
    assert model.network_.weights.dtype == (dtype if expected is None else expected)
    assert model.coefs_[0].dtype == model.network_.weights.dtype
    for other in (np.float32, np.float64):
        outputs = model.network_.predict(X.astype(other))
        assert outputs.dtype == dtype
    if estimator is MotifSETClassifier:
        sums = model.predict_proba(X).sum(axis=1)
        np.testing.assert_allclose(sums, 1, atol=1e-12 if dtype == np.float64 else 1e-6)


@pytest.mark.parametrize("kind", [np.asarray, scipy.sparse.csr_array])
@pytest.mark.parametrize("n_rows", [120, 300])
@pytest.mark.parametrize("unit", [lambda y: 1e9 + y, lambda y: 1e43 * y, lambda y: 1e-42 * y])
def test_targets_that_float32_does_not_tell_apart_are_answered_in_float64(unit, n_rows, kind):
    X, y = make_data(MotifSETRegressor, n_rows=n_rows)
    X = kind(X.astype(np.float32))
    plain = small(MotifSETRegressor).fit(X, y)
    model = small(MotifSETRegressor).fit(X, unit(y))
    assert plain.predict(X).dtype == np.float32
    assert model.predict(X).dtype == np.float64
    assert model.score(X, unit(y)) == pytest.approx(plain.score(X, y), abs=0.01)
    both = np.column_stack([y, unit(y)])
    predicted = small(MotifSETRegressor).fit(X, both).predict(X)
    assert predicted.dtype == np.float64
    scores = r2_score(both, predicted, multioutput="raw_values")
    assert scores[1] == pytest.approx(scores[0], abs=1e-3)


def test_the_dtype_of_answers_follows_the_targets_of_a_stream():
    X, y = make_data(MotifSETRegressor, n_rows=300)
    X, model = X.astype(np.float32), small(MotifSETRegressor)
    for offset, dtype in ((1e6, np.float64), (0, np.float32)):
        assert model.partial_fit(X[:100], y[:100] + offset).predict(X).dtype == dtype


@pytest.mark.parametrize("convert", [pd.DataFrame, pl.DataFrame, np.ndarray.tolist])
def test_frames_and_lists_are_answered_in_float64(convert):
    X, y = make_data(n_rows=300)
    X = convert(X)
    assert small(**ONE_EPOCH).fit(X, y).predict_proba(X).dtype == np.float64


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_row_is_predicted_by_the_same_bits_in_any_company(estimator, n_classes):
    X, y = make_frame(300)
    y = y if n_classes == 2 else y + (X["size"] > 0.5)
    model = small(estimator).fit(X, y)
    outputs = model.predict if estimator is MotifSETRegressor else model.predict_proba
    together = outputs(X)
    for some in (slice(0, 1), slice(5, 7), slice(100, 165), [7] * 70):
        np.testing.assert_array_equal(outputs(X.iloc[some]), together[some])
