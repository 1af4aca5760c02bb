"""What the training rows tell of the columns: scales, bins, categories, missing values."""

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETRegressor
from sklearn_motif._fitting.inputs import (
    AUTO_BINS,
    FEW_COLUMNS,
    ORDERED_COLUMNS,
    ROWS_PER_BIN,
    some_rows,
)
from sklearn_motif._network.inputs import CLIP

from ..models import (
    ESTIMATORS,
    ONE_EPOCH,
    RAW,
    assert_same_inputs,
    assert_same_network,
    inputs_of,
    make_data,
    make_frame,
    small,
    smooth,
)

# Weights.


@pytest.mark.parametrize("options", [{}, {"encode_features": 5}, RAW])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_weight_of_two_is_the_row_twice_and_zero_its_absence(estimator, options):
    X, y = make_data(estimator, n_rows=120)
    X[::7, 2] = np.nan  # rows of weight zero alone miss values in another column
    weights = np.random.default_rng(0).integers(0, 4, 120)
    X[:, 1] = np.where(weights > 0, X[:, 1], np.nan)
    repeated = np.repeat(np.arange(120), weights)
    options = {"precision": "float64", **ONE_EPOCH, **options}
    weighted = small(estimator, **options).fit(X, y, sample_weight=weights)
    expected = small(estimator, **options).fit(X[repeated], y[repeated])
    assert_same_inputs(weighted, expected)
    assert weighted.input_names_.tolist() == expected.input_names_.tolist()
    assert "x2 missing" in weighted.input_names_
    assert "x1 missing" not in weighted.input_names_
    for name in ("means", "scales"):
        ours, theirs = (getattr(m.network_.outputs, name) for m in (weighted, expected))
        if estimator is MotifSETRegressor:
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("n_rows", [1, 99, 100, 101, 150, 199, 12345])
def test_some_rows_are_from_everywhere_and_each_comes_once(n_rows):
    rows = 3 * np.arange(n_rows)
    some = some_rows(rows, 100)
    assert some.size == min(n_rows, 100)
    assert set(some) <= set(rows)
    assert np.all(np.diff(some) > 0)
    gaps = np.diff([-1, *(some // 3), n_rows])
    assert gaps.max() <= 2 * np.ceil(n_rows / 100)


def test_rows_to_validate_on_tell_nothing(steps):
    X, y = make_data()
    X_val, y_val = 100 * X, y
    with pytest.warns(UserWarning, match="Most values of X_val lie far"):
        one = small(**ONE_EPOCH).fit(X, y, X_val=X_val, y_val=y_val)
    assert_same_inputs(one, small(**ONE_EPOCH).fit(X, y))
    # Nor do those that early stopping sets aside.
    steps.clear()
    one = small(early_stopping=True, validation_fraction=0.5, **ONE_EPOCH).fit(X, y)
    held_out = np.setdiff1d(np.arange(90), np.concatenate([step.rows for step in steps]))
    assert held_out.size == 45
    changed = X.copy()
    changed[held_out] *= 100
    assert_same_network(clone(one).fit(changed, y), one)


# Scales.


def exact_data():
    """Numbers with few bits, so that shifts and powers of two are exact."""
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=250)
    X = (rng.standard_normal((250, 6)) + 2 * np.eye(3, 6)[y]) * 64
    return np.round(X) / 64, y


@pytest.mark.parametrize("options", [{}, {"encode_features": 4}])
@pytest.mark.parametrize(
    ("factor", "shift"), [(2.0**20, 0), (2.0**-20, 0), (1, 2.0**30), (0.5, 1e9)]
)
def test_neither_unit_nor_origin_of_a_column_changes_a_bit(factor, shift, options):
    X, y = exact_data()
    model, other = small(**options).fit(X, y), small(**options).fit(factor * X + shift, y)
    for name in ("weights", "nodes", "sources"):
        np.testing.assert_array_equal(getattr(other.network_, name), getattr(model.network_, name))
    np.testing.assert_array_equal(other.predict_proba(factor * X + shift), model.predict_proba(X))


@pytest.mark.parametrize("factor", [1e6, 1e-6, -1e6])
@pytest.mark.parametrize("shift", [0, 1e3])
def test_inputs_are_the_same_in_any_unit(factor, shift):
    X, y = exact_data()
    options = {"encode_features": 4, **ONE_EPOCH}
    inputs = inputs_of(small(**options).fit(X, y), X)
    Z = factor * (X + shift)
    others = inputs_of(small(**options).fit(Z, y), Z)
    for name in inputs:
        if "bin" not in name:
            np.testing.assert_allclose(others[name], np.sign(factor) * inputs[name], atol=1e-6)
        elif factor > 0:
            np.testing.assert_allclose(others[name], inputs[name], atol=1e-6)


def test_seconds_since_1970_are_told_apart():
    """They are 128 apart in float32."""
    rng = np.random.default_rng(0)
    seconds = 1.7e9 + rng.permutation(300)
    X, y = np.column_stack([seconds, rng.standard_normal(300)]), seconds % 300 > 150
    model = small(max_iter=30).fit(X, y)
    assert model.network_.weights.dtype == np.float32
    assert model.score(X, y) > 0.95


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("far", [1e30, -1e30])
def test_a_value_far_away_changes_little_and_stays_finite(far, dtype):
    X, y = make_data(n_rows=300)
    X = X.astype(dtype)
    broken = X.copy()
    broken[5, 0] = far
    model = small().fit(broken, y)
    assert np.isfinite(model.predict_proba(broken)).all()
    assert np.mean(model.predict(X) == small().fit(X, y).predict(X)) > 0.9
    assert np.isfinite(small().fit(X, y).predict_proba(broken)).all()


def test_the_largest_numbers_of_all_are_finite_inputs():
    X, y = make_data()
    X = X / np.abs(X).max() * 1.7e308
    for options in ({}, {"encode_features": 7}):
        model = small(**options).fit(X, y)
        assert np.isfinite(model.network_.inputs.of(X, np.float32)).all()
        assert model.score(X, y) > 0.6
        streamed = small(**options).partial_fit(X, y, classes=np.unique(y)).partial_fit(X, y)
        assert np.isfinite(streamed.predict_proba(X)).all()


def test_a_column_is_scaled_by_values_that_the_quantiles_miss(monkeypatch):
    """They look at some rows only."""
    monkeypatch.setattr("sklearn_motif._fitting.inputs.QUANTILE_ROWS", 10)
    X, y = make_data(n_rows=300)
    X[:, 3] = 0
    X[7, 3], X[8, 3] = 1, -2
    options = {"encode_features": False, **ONE_EPOCH}
    model, other = (small(**options).fit(factor * X, y) for factor in (1, 2.0**-20))
    assert model.network_.inputs.scales[3] == 1.5
    assert other.network_.inputs.scales[3] == 1.5 * 2.0**-20


def test_a_column_of_which_half_is_equal_is_scaled_by_half_its_range():
    X, y = make_data()
    X[:, 0] = np.where(np.arange(90) < 5, 1000.0, 0.0)
    model = small(encode_features=False, **ONE_EPOCH).fit(X, y)
    values = inputs_of(model, X)["x0"]
    assert np.ptp(values) == pytest.approx(2 / np.sqrt(1 + (2 / CLIP) ** 2))


def test_raw_columns_do_as_well_as_standardized_ones():
    """The columns of wine differ in scale by a factor of ten thousand."""
    X, y = load_wine(return_X_y=True)
    model = small(hidden_layer_sizes=(100,), epsilon=20, max_iter=40)
    raw = cross_val_score(model, X, y, cv=3).mean()
    assert raw > 0.95
    assert raw >= cross_val_score(make_pipeline(StandardScaler(), model), X, y, cv=3).mean() - 0.02
    X = np.column_stack(
        [X, 1e6 * np.random.default_rng(0).standard_normal(len(X)), np.arange(len(X))]
    )
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    assert model.fit(X_train, y_train).score(X_test, y_test) > 0.9


@pytest.mark.parametrize("options", [{}, RAW])
def test_x_is_not_changed(options):
    X, y = make_data()
    X[3, 4] = np.nan
    before = X.copy()
    small(**options).fit(X, y).predict(X)
    np.testing.assert_array_equal(X, before)


def test_x_as_it_is():
    X, y = make_data()
    model = small(**RAW).fit(X, y)
    np.testing.assert_array_equal(model.network_.inputs.of(X, np.float64), X)
    assert model.input_names_.tolist() == [f"x{j}" for j in range(6)]


# Bins.


def test_bins_lie_between_quantiles_and_tell_steps():
    X, y = make_data(n_rows=300)
    model = small(encode_features=4, **ONE_EPOCH).fit(X, y)
    inputs = inputs_of(model, X)
    assert list(inputs)[6:14] == [f"x{j} bin {k}" for j in (0, 1) for k in (1, 2, 3, 4)]
    order = np.argsort(X[:, 0])
    for k in range(1, 5):
        of_bin = inputs[f"x0 bin {k}"][order]
        assert np.all(np.diff(of_bin) >= 0)
        is_within = (of_bin > 0) & (of_bin < of_bin.max())
        assert is_within.mean() == pytest.approx(0.25, abs=0.02)
        assert np.flatnonzero(is_within).mean() == pytest.approx(300 * (k - 0.5) / 4, abs=3)


def test_columns_of_two_values_have_no_bins_and_of_three_two():
    X, y = make_data(n_rows=300)
    model = small(encode_features=4, **ONE_EPOCH).fit(X > 0, y)
    assert model.input_names_.tolist() == [f"x{j}" for j in range(6)]
    X, y = make_data(n_rows=300)
    X[:, 1] = X[:, 1] > 0
    X[:, 2] = np.arange(300) % 3
    X[:, 3] = np.arange(300) % 2  # the median is between the two
    X[:2, 3] = np.nan
    for options in ({}, {"encode_features": 8}):
        names = small(**ONE_EPOCH, **options).fit(X, y).input_names_.tolist()
        assert "x0 bin 1" in names
        assert not any(name.startswith(("x1 bin", "x3 bin")) for name in names)
    assert [name for name in names if name.startswith("x2 bin")] == ["x2 bin 1", "x2 bin 2"]


def test_a_row_that_comes_twice_makes_no_bins():
    X, y = make_data(n_rows=300)
    rows = np.repeat(np.arange(300), 3)
    one, three = (small(**ONE_EPOCH).fit(X[some], y[some]) for some in (range(300), rows))
    assert one.input_names_.tolist() == three.input_names_.tolist()


@pytest.mark.parametrize(("n_rows", "n_columns"), [(100, 20), (300, 40), (300, 5), (400, 50)])
def test_there_are_no_more_bins_than_rows(n_rows, n_columns):
    X, y = make_data(n_rows=n_rows, n_features=n_columns)
    n_bins = small(screen_features=False, **ONE_EPOCH).fit(X, y).network_.inputs.bins.size
    expected = n_columns * min(AUTO_BINS, n_rows // ROWS_PER_BIN, n_rows // n_columns)
    assert n_bins == expected <= n_rows


def test_columns_of_two_values_take_no_bins_from_others():
    X, y = make_data(n_rows=300, n_features=3)
    flags = np.random.default_rng(0).integers(0, 2, (300, 60))
    n_bins = small(screen_features=False, **ONE_EPOCH).fit(X, y).network_.inputs.bins.size
    both = small(screen_features=False, **ONE_EPOCH).fit(np.hstack([flags, X]), y)
    assert both.network_.inputs.bins.size == n_bins


def test_all_columns_together_have_the_bins_of_rows_that_come_twice():
    """By weight or as they are, also where there are more rows than columns are compared by."""
    X, y = make_data(n_rows=1200, n_features=70)
    options = {"screen_features": False, **ONE_EPOCH}
    weighted = small(**options).fit(X, y, sample_weight=np.full(1200, 2.0))
    rows = np.repeat(np.arange(1200), 2)
    assert_same_inputs(small(**options).fit(X[rows], y[rows]), weighted)
    assert weighted.network_.inputs.bins.size == 70 * (1200 // 70)


def test_columns_like_their_neighbors_have_no_bins_unless_they_are_few():
    """Wavelengths of a spectrum are; in another order they are not."""
    X, y = smooth(300)[:, : 2 * ORDERED_COLUMNS], np.arange(300) % 2
    assert X.shape[1] <= FEW_COLUMNS
    shuffled = X[:, np.random.default_rng(0).permutation(X.shape[1])]
    few = X[:, : ORDERED_COLUMNS - 1]
    for some, has_bins in ((X, False), (shuffled, True), (few, True)):
        model = small(motif_size=1, **ONE_EPOCH).fit(some, y)
        assert (model.network_.inputs.bins.size > 0) == has_bins
    assert small(encode_features=3, **ONE_EPOCH).fit(X, y).network_.inputs.bins.size


def test_columns_of_one_value_are_columns_in_the_order_of_others():
    """Digits have 64 pixels, of which some are always white."""
    X, y = load_digits(return_X_y=True)
    assert np.count_nonzero(np.ptp(X, axis=0)) < ORDERED_COLUMNS == X.shape[1]
    assert not small(**ONE_EPOCH).fit(X, y).network_.inputs.bins.size
    stream = small().partial_fit(X, y, classes=np.arange(10))
    assert not stream.network_.inputs.bins.size


def test_columns_beyond_a_limit_are_encoded_on_demand_only():
    X, y = make_data(n_rows=300, n_features=1000)
    assert small(**ONE_EPOCH).fit(X, y).coefs_[0].shape[0] == 1000
    assert small(encode_features=3, **ONE_EPOCH).fit(X, y).coefs_[0].shape[0] == 4000


def test_sparse_x_that_is_not_rare_is_taken_as_it_is():
    X, y = make_data()
    for options in ({}, {"encode_features": 3}):
        model = small(**options, **ONE_EPOCH).fit(scipy.sparse.csr_array(X), y)
        np.testing.assert_array_equal(model.network_.inputs.of(X, np.float64), X)


@pytest.mark.parametrize("options", [{}, {"encode_features": 3}, {"scale_features": False}])
def test_images_are_not_encoded_and_lose_no_pixel(options):
    X, y = make_data(n_features=12)
    X[:, 3] = 5
    X[7, 2] = np.nan
    model = small(feature_shape=(3, 4), **ONE_EPOCH, **options).fit(X, y)
    assert model.input_names_.tolist() == [f"x{j}" for j in range(12)]


def test_images_have_no_categories():
    X, y = make_data()
    with pytest.raises(ValueError, match="columns of categories, but with feature_shape"):
        small(feature_shape=(2, 3), categorical_features=[1]).fit(X.round(), y)


# Columns that tell nothing.


def test_constant_and_empty_columns_are_left_out():
    X, y = make_data()
    X[:, 1], X[:, 3], X[:, 5] = 7.0, np.nan, np.where(np.arange(90) < 9, np.nan, 7.0)
    model = small(**ONE_EPOCH).fit(X, y)
    assert np.unique(model.network_.inputs.values).tolist() == [0, 2, 4]
    # Where a value is missing, the constant column tells something.
    assert model.input_names_[-1] == "x5 missing"
    assert np.flatnonzero(model.feature_importances_ == 0).tolist() == [1, 3]
    expected = small(**ONE_EPOCH).fit(np.delete(X, [1, 3], axis=1), y)
    np.testing.assert_array_equal(
        model.predict_proba(X), expected.predict_proba(np.delete(X, [1, 3], axis=1))
    )
    # What they hold later is not read, and no reason to warn.
    other = X.copy()
    other[:, 1], other[:, 3] = np.nan, 5.0
    np.testing.assert_array_equal(model.predict_proba(other), model.predict_proba(X))


def test_rows_of_weight_zero_do_not_make_a_column_vary():
    X, y = make_data()
    X[:, 1] = 7.0
    X[3, 1] = 8.0
    weights = np.where(np.arange(90) == 3, 0, 1)
    assert "x1" in small(**ONE_EPOCH).fit(X, y).input_names_
    assert "x1" not in small(**ONE_EPOCH).fit(X, y, sample_weight=weights).input_names_


def test_categories_of_one_value_are_left_out():
    X, y = make_frame()
    X["one"], X["none"], X["some"] = "always", None, np.where(X["open"], "here", None)
    names = small(**ONE_EPOCH).fit(X, y).input_names_.tolist()
    assert not any(name.startswith(("one", "none")) for name in names)
    assert {"some=here", "some missing"} <= set(names)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("X", [np.full((20, 3), 7.0), np.full((20, 3), np.nan), np.zeros((20, 1))])
def test_columns_that_all_tell_nothing_still_fit(estimator, X):
    y = np.arange(20) % 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model = small(estimator).fit(X, y)
        predicted = model.predict(X)
        np.testing.assert_array_equal(model.predict(1e3 + 0 * X), predicted)
        np.testing.assert_array_equal(model.predict(np.nan_to_num(X)), predicted)
    assert np.unique(predicted).size == 1
    if estimator is MotifSETRegressor:
        np.testing.assert_allclose(predicted, 0.5, atol=0.01)


def test_categories_that_all_tell_nothing_still_fit():
    X = pd.DataFrame({"a": ["x"] * 20, "b": [None] * 20})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model = small().fit(X, np.arange(20) % 2)
        expected = model.predict_proba(X)
        np.testing.assert_array_equal(model.predict_proba(X.assign(a="y")), expected)
    np.testing.assert_allclose(expected, 0.5, atol=0.05)


# What is asked by column.


@pytest.mark.parametrize("options", [{}, RAW, {"encode_features": 3}, {"motif_size": [4, 2]}])
def test_each_input_has_a_row_and_a_name_and_each_column_its_share(options):
    X, y = make_data(n_rows=300)
    X[::9, 1] = np.nan
    X[:, 4] = 1
    model = small(**options).fit(X, y)
    columns = model.network_.inputs.columns
    strengths = abs(model.coefs_[0]).sum(axis=1)
    assert model.input_names_.shape == columns.shape == strengths.shape
    expected = np.bincount(columns, strengths, minlength=6)
    np.testing.assert_allclose(model.feature_importances_, expected / expected.sum(), rtol=1e-5)
    assert model.feature_importances_[4] == 0
    last = model.input_degrees_[max(model.input_degrees_)]
    assert last.shape == (6,)
    assert last[4] == 0
    for name, column in zip(model.input_names_, columns, strict=True):
        assert name.split()[0] == f"x{column}"
