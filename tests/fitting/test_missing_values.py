"""Missing values: inputs of their own, or the median of their column."""

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.model_selection import GridSearchCV

from ..models import (
    ONE_EPOCH,
    RAW,
    assert_same_model,
    inputs_of,
    make_data,
    make_frame,
    small,
)


def test_missing_values_are_an_input_where_the_training_rows_had_some():
    X, y = make_data()
    X[::5, 2] = np.nan
    model = small(**ONE_EPOCH).fit(X, y)
    inputs = inputs_of(model, X)
    np.testing.assert_array_equal(inputs["x2 missing"], np.isnan(X[:, 2]))
    for name, values in inputs.items():
        if name.startswith("x2") and "missing" not in name:
            assert not values[::5].any()
    assert [name for name in inputs if "missing" in name] == ["x2 missing"]


def test_what_is_missing_can_tell_the_class():
    X, y = make_data(n_rows=300, n_classes=2, noise=3.0)
    X[:, 3] = np.where(y == "blue", np.nan, X[:, 3])
    for options in ({}, RAW):
        assert small(max_iter=20, **options).fit(X, y).score(X, y) > 0.95


@pytest.mark.parametrize("options", [{}, RAW, {"encode_features": 3}])
def test_other_missing_values_count_as_the_median_with_one_warning(options):
    X, y = make_data(n_rows=91)
    frame = pd.DataFrame(X, columns=[f"feature {j}" for j in range(6)])
    model = small(**options).fit(frame, y)
    broken, filled = frame.copy(), frame.copy()
    broken.iloc[3:9, 2] = broken.iloc[4, 5] = np.nan
    filled.iloc[3:9, 2], filled.iloc[4, 5] = np.median(X[:, 2]), np.median(X[:, 5])
    with pytest.warns(UserWarning, match="median") as warned:
        predicted = model.predict_proba(broken)
    assert len(warned) == 1
    assert "['feature 2', 'feature 5']" in str(warned[0].message)
    assert warned[0].filename == __file__
    np.testing.assert_array_equal(predicted, model.predict_proba(filled))


def test_missing_values_among_rows_to_validate_on_count_as_the_median():
    X, y = make_data(n_rows=91)
    broken, filled = X.copy(), X.copy()
    broken[3:9, 2], filled[3:9, 2] = np.nan, np.median(X[:, 2])
    with pytest.warns(UserWarning, match=r"X_val misses values.*\[2\].*median") as warned:
        model = small(max_iter=60).fit(X, y, X_val=broken, y_val=y)
    assert len(warned) == 1
    expected = small(max_iter=60).fit(X, y, X_val=filled, y_val=y)
    assert model.validation_loss_curve_ == expected.validation_loss_curve_
    assert_same_model(model, expected)
    # A column that misses values in training says so for both.
    small().fit(broken, y, X_val=broken, y_val=y)


def test_a_rare_missing_value_does_not_fail_a_search():
    X, y = make_data()
    X[7, 2] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        search = GridSearchCV(small(max_iter=2), {"motif_size": [1, 2]}, cv=3, error_score="raise")
        search.fit(X, y)
        early = small(early_stopping=True, validation_fraction=0.5)
        early.fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_warm_start_tells_of_missing_values_that_it_has_no_input_for():
    X, y = make_data()
    model = small(warm_start=True).fit(X, y)
    broken = X.copy()
    broken[3, 2] = np.nan
    with pytest.warns(UserWarning, match=r"X misses values.*\[2\].*median"):
        model.fit(broken, y)
    assert model.network_.inputs.missing.size == 0


def test_fit_does_not_warn_of_what_it_learned():
    X, y = make_data()
    X[3, 2] = np.nan
    images = small(feature_shape=(2, 3), **ONE_EPOCH).fit(X, y)
    with pytest.warns(UserWarning, match=r"X misses values in columns that have no .*: \[2\]"):
        images.predict(X)
    small(**ONE_EPOCH).fit(np.where(y[:, None] == y[0], np.nan, X), y, sample_weight=y != y[0])
    empty = pd.DataFrame({"a": [np.nan] * 90, "b": [None] * 90})
    small(**ONE_EPOCH).fit(empty, y).predict(empty)


def test_what_missing_values_count_as_is_said():
    X, y = make_data()
    broken = X.copy()
    broken[3, 2] = np.nan
    model = small(**ONE_EPOCH).fit(scipy.sparse.csr_array(X), y)
    with pytest.warns(UserWarning, match=r"X misses values.*\[2\]. They count as 0\."):
        missing = model.predict_proba(broken)
    np.testing.assert_array_equal(missing, model.predict_proba(np.nan_to_num(broken)))


def test_the_part_that_early_stopping_sets_aside_may_miss_others(steps):
    X, y = make_data(n_rows=120)
    options = {"early_stopping": True, **ONE_EPOCH}
    small(**options).fit(X, y)
    held_out = np.setdiff1d(np.arange(120), np.concatenate([step.rows for step in steps]))
    X[held_out[0], 2] = np.nan
    with pytest.warns(UserWarning, match=r"X misses values .*: \[2\]"):
        small(**options).fit(X, y)


def test_training_goes_on_with_a_warning_where_no_category_is_known():
    X, y = make_frame()
    model = small(warm_start=True, **ONE_EPOCH).fit(X, y)
    for call in (model.fit, model.partial_fit):
        with pytest.warns(UserWarning, match=r"none of the known categories.*color"):
            call(X.assign(color="purple"), y)
