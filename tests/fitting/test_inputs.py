"""What the training rows tell of the columns: scales, bins, categories, missing values."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from sklearn.datasets import load_wine
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier, MotifSETRegressor

from ..models import (
    ESTIMATORS,
    RAW,
    assert_same_inputs,
    assert_same_model,
    assert_same_network,
    make_data,
    small,
)

ONE_EPOCH = {"max_iter": 1, "learning_rate": "cosine"}
FRAMES = [pd.DataFrame, pl.DataFrame]


def inputs_of(model, X):
    """Inputs by their names, in float64, of an X that holds numbers only."""
    values = model.network_.inputs.of(X, np.float64)
    return dict(zip(model.input_names_, values.T, strict=True))


def a_frame(n_rows=90, *, frame=pd.DataFrame, seed=0):
    """Columns of all kinds, and a target that goes by most of them."""
    rng = np.random.default_rng(seed)
    age = rng.normal(40, 10, n_rows).round(1)
    color = rng.choice(["blue", "green", "red"], n_rows).astype(object)
    is_open = rng.random(n_rows) < 0.5
    y = (age > 40) ^ (color == "red")
    age[rng.random(n_rows) < 0.1] = np.nan
    color[rng.random(n_rows) < 0.1] = None
    columns = {"age": age, "color": color, "open": is_open, "size": rng.standard_normal(n_rows)}
    return frame(columns), y.astype(int)


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what rows of weight zero miss
        weighted = small(estimator, **options).fit(X, y, sample_weight=weights)
    expected = small(estimator, **options).fit(X[repeated], y[repeated])
    assert_same_inputs(weighted, expected)
    assert weighted.input_names_.tolist() == expected.input_names_.tolist()
    assert "x2 missing" in weighted.input_names_ or options.get("scale_features") is False
    assert "x1 missing" not in weighted.input_names_
    for name in ("means", "scales"):
        ours, theirs = (getattr(m.network_.outputs, name) for m in (weighted, expected))
        if estimator is MotifSETRegressor:
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_rows_to_validate_on_tell_nothing():
    X, y = make_data()
    X_val, y_val = 100 * X, y
    one = small(**ONE_EPOCH).fit(X, y, X_val=X_val, y_val=y_val)
    assert_same_inputs(one, small(**ONE_EPOCH).fit(X, y))
    # Nor do those that early stopping sets aside.
    model = small(early_stopping=True, validation_fraction=0.5, **ONE_EPOCH)
    is_trained = np.zeros(90, dtype=bool)
    for _ in range(3):
        centers = model.fit(X, y).network_.inputs.centers
        row = np.flatnonzero(~is_trained)[0]
        changed = X.copy()
        changed[row] = 1e5
        is_trained[row] = np.any(model.fit(changed, y).network_.inputs.scales > 1e3)
        np.testing.assert_allclose(model.fit(changed, y).network_.inputs.centers, centers, atol=1)


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


def test_a_column_of_which_half_is_equal_is_scaled_by_its_range():
    X, y = make_data()
    X[:, 0] = np.where(np.arange(90) < 5, 1000.0, 0.0)
    model = small(encode_features=False, **ONE_EPOCH).fit(X, y)
    values = inputs_of(model, X)["x0"]
    assert 1 < np.ptp(values) < 3


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
    X[:, 1] = X[:, 1] > 0
    X[:, 2] = np.arange(300) % 3
    for options in ({}, {"encode_features": 8}):
        names = small(**ONE_EPOCH, **options).fit(X, y).input_names_.tolist()
        assert "x0 bin 1" in names
        assert not any(name.startswith("x1 bin") for name in names)
    assert [name for name in names if name.startswith("x2 bin")] == ["x2 bin 1", "x2 bin 2"]


def test_a_row_that_comes_twice_makes_no_bins():
    X, y = make_data(n_rows=300)
    rows = np.repeat(np.arange(300), 3)
    one, three = (small(**ONE_EPOCH).fit(X[some], y[some]) for some in (range(300), rows))
    assert one.input_names_.tolist() == three.input_names_.tolist()


def test_columns_beyond_a_limit_are_encoded_on_demand_only():
    X, y = make_data(n_rows=300, n_features=1000)
    assert small(**ONE_EPOCH).fit(X, y).coefs_[0].shape[0] == 1000
    assert small(encode_features=3, **ONE_EPOCH).fit(X, y).coefs_[0].shape[0] == 4000


def test_sparse_x_is_taken_as_it_is():
    X, y = make_data()
    for options in ({}, {"encode_features": 3}):
        model = small(**options, **ONE_EPOCH).fit(scipy.sparse.csr_array(X), y)
        np.testing.assert_array_equal(model.network_.inputs.of(X, np.float64), X)


@pytest.mark.parametrize("options", [{}, {"encode_features": 3}, {"scale_features": False}])
def test_images_are_not_encoded_and_lose_no_pixel(options):
    X, y = make_data(n_features=12)
    X[:, 3] = 5
    X[7, 2] = np.nan
    with pytest.warns(UserWarning, match=r"X misses values.*\[2\].*median"):
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
    X, y = a_frame()
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
    assert np.unique(predicted).size == 1
    if estimator is MotifSETRegressor:
        np.testing.assert_allclose(predicted, 0.5, atol=0.01)


def test_categories_that_all_tell_nothing_still_fit():
    X = pd.DataFrame({"a": ["x"] * 20, "b": [None] * 20})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model = small().fit(X, np.arange(20) % 2)
        np.testing.assert_allclose(model.predict_proba(X), 0.5, atol=0.05)
        assert model.predict(X.assign(a="y")).shape == (20,)


# Missing values.


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
        model = small().fit(X, y, X_val=broken, y_val=y)
    assert len(warned) == 1
    expected = small().fit(X, y, X_val=filled, y_val=y)
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


# Categories.


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_of_all_kinds_is_learned(frame):
    X, y = a_frame(400, frame=frame)
    model = small(max_iter=40).fit(X[:300], y[:300])
    assert model.score(X[300:], y[300:]) > 0.75
    names = model.input_names_.tolist()
    assert names[:2] == ["age", "size"]
    indicators = ["color=blue", "color=green", "color=red", "open=False", "open=True"]
    assert set(names) >= {*indicators, "age missing", "color missing", "age bin 1", "size bin 1"}
    assert len(names) == len(set(names)) == model.coefs_[0].shape[0]
    assert model.feature_importances_.shape == (4,)
    assert model.feature_importances_.sum() == pytest.approx(1)
    assert all(degrees.shape == (4,) for degrees in model.input_degrees_.values())
    assert model.n_features_in_ == 4


def test_frames_of_pandas_and_polars_give_the_same_bits():
    models = [small().fit(*a_frame(frame=frame)) for frame in FRAMES]
    assert_same_model(*models)
    X, _ = a_frame(frame=pl.DataFrame)
    np.testing.assert_array_equal(models[0].predict_proba(X), models[1].predict_proba(X))


def test_an_unknown_category_is_none_of_the_known_ones():
    X, y = a_frame()
    model = small().fit(X, y)
    results = []
    for value in ("purple", "", "BLUE"):
        results.append(model.predict_proba(X.assign(color=value)))
    known = [model.predict_proba(X.assign(color=value)) for value in ("blue", "green", "red", None)]
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
    for other in known:
        assert np.any(other != results[0])


def test_a_missing_category_that_was_never_missing_is_unknown_without_a_warning():
    X, y = a_frame()
    X["color"] = X["color"].fillna("red")
    model = small().fit(X, y)
    np.testing.assert_array_equal(
        model.predict_proba(X.assign(color=None)), model.predict_proba(X.assign(color="other"))
    )


def test_categories_of_rows_to_validate_on_may_be_unknown():
    X, y = a_frame()
    model = small().fit(X, y, X_val=X.assign(color="purple"), y_val=y)
    assert "color=purple" not in model.input_names_
    assert np.isfinite(model.validation_loss_curve_).all()


def test_rare_categories_are_inputs_too():
    """No limit to their number."""
    X = pd.DataFrame({"word": [f"word {i}" for i in range(500)], "x": np.arange(500) % 7})
    y = np.arange(500) % 2
    model = small(epsilon=20, max_iter=30, dropout=0).fit(X, y)
    assert sum(name.startswith("word=") for name in model.input_names_) == 500
    assert model.score(X, y) > 0.9


LISTED = [["color", "age"], [0, 1], [True, True, False, False], np.array([1, 0])]


@pytest.mark.parametrize("listed", LISTED, ids=str)
def test_listed_columns_are_categories(listed):
    X, y = a_frame()
    X["open"] = X["open"].astype(float)
    model = small(categorical_features=listed, **ONE_EPOCH).fit(X, y)
    assert list(model.network_.inputs.category_values) == [0, 1]
    assert "open" in model.input_names_
    assert_same_network(model, small(categorical_features=LISTED[0], **ONE_EPOCH).fit(X, y))
    array = small(categorical_features=[0, 1], **ONE_EPOCH).fit(X.to_numpy(), y)
    np.testing.assert_array_equal(array.predict_proba(X.to_numpy()), model.predict_proba(X))


def test_columns_of_categories_are_numbers_where_none_are_listed():
    X, y = a_frame()
    model = small(categorical_features=None, **ONE_EPOCH).fit(X.drop(columns="color"), y)
    assert model.network_.inputs.category_values == {}
    with pytest.raises(ValueError, match="Column 'color' of X holds strings"):
        small(categorical_features=None).fit(X, y)


def test_predictions_go_by_what_was_listed_in_the_training():
    X, y = a_frame()
    model = small(**ONE_EPOCH).fit(X, y)
    expected = model.predict_proba(X)
    model.set_params(categorical_features=None)
    np.testing.assert_array_equal(model.predict_proba(X), expected)


# Columns of another X.


def test_columns_must_come_by_their_names_and_in_their_order():
    X, y = a_frame()
    model = small(**ONE_EPOCH).fit(X, y)
    for wrong, said in (
        (X[["color", "age", "open", "size"]], "order"),
        (X.rename(columns={"age": "years"}), "years"),
        (X.drop(columns="age"), "age"),
    ):
        with pytest.raises(ValueError, match=said):
            model.predict(wrong)
        with pytest.raises(ValueError, match=rf"X_val[\s\S]*{said}"):
            small().fit(X, y, X_val=wrong, y_val=y)


def test_a_frame_in_training_and_an_array_to_predict():
    X, y = a_frame()
    model = small(**ONE_EPOCH).fit(X, y)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        predicted = model.predict_proba(X.to_numpy())
    np.testing.assert_array_equal(predicted, model.predict_proba(X))
    with (
        pytest.warns(UserWarning, match="X does not have valid feature names"),
        pytest.raises(ValueError, match="3 features"),
    ):
        model.predict(X.to_numpy()[:, :3])


def test_an_array_in_training_and_a_frame_to_predict():
    X, y = make_data()
    model = small(**ONE_EPOCH).fit(X, y)
    frame = pd.DataFrame(X, columns=list("abcdef"))
    with pytest.warns(UserWarning, match="fitted without feature names"):
        predicted = model.predict_proba(frame)
    np.testing.assert_array_equal(predicted, model.predict_proba(X))
    with (
        pytest.warns(UserWarning, match="fitted without feature names"),
        pytest.raises(ValueError, match="Column 'b' of X holds strings"),
    ):
        model.predict(frame.assign(b="word"))


def test_sparse_x_cannot_stand_for_categories():
    X, y = a_frame()
    model = small(**ONE_EPOCH).fit(X, y)
    sparse = scipy.sparse.csr_array(np.zeros((5, 4)))
    with pytest.raises(ValueError, match="X is sparse; columns of categories need dense X"):
        model.predict(sparse)
    with pytest.raises(ValueError, match="X is sparse; columns of categories need dense X"):
        small(categorical_features=[0]).fit(sparse, np.arange(5) % 2)


# Names and what is asked by column.


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


@pytest.mark.parametrize("convert", [pd.DataFrame, pl.DataFrame, np.ndarray.tolist])
def test_frames_and_lists_are_answered_in_float64(convert):
    X, y = make_data(n_rows=300)
    X = convert(X)
    assert small(**ONE_EPOCH).fit(X, y).predict_proba(X).dtype == np.float64


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_row_is_predicted_by_the_same_bits_in_any_company(estimator, n_classes):
    X, y = a_frame(300)
    y = y if n_classes == 2 else y + (X["size"] > 0.5)
    model = small(estimator).fit(X, y)
    outputs = model.predict if estimator is MotifSETRegressor else model.predict_proba
    together = outputs(X)
    for some in (slice(0, 1), slice(5, 7), slice(100, 165), [7] * 70):
        np.testing.assert_array_equal(outputs(X.iloc[some]), together[some])
