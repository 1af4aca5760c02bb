"""Frames as they come, and columns that scikit-learn transformed."""

import warnings

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder

from sklearn_motif import MotifSETClassifier

from ..models import ESTIMATORS, NAMES, assert_same_model, busy, make_data, without_a_warning


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_give_the_bits_of_arrays_without_a_warning(library, output):
    frames = pytest.importorskip(library)
    if output != "default":
        pytest.importorskip(output)
    X, y = make_data()
    colors = np.array(["cyan", "pink"])[np.arange(90) // 7 % 2]
    names = [f"gene {i}" for i in range(6)]
    frame = frames.DataFrame({**dict(zip(names, X.T, strict=True)), "color": colors})
    columns = ColumnTransformer(
        [
            # Not the mean and deviation: their last bits depend on the order in memory.
            ("numbers", MinMaxScaler(), names),
            ("words", OneHotEncoder(sparse_output=False), ["color"]),
        ],
        verbose_feature_names_out=False,
    ).set_output(transform=output)
    model = make_pipeline(columns, busy())
    with without_a_warning():
        probability = model.fit(frame, frames.Series(y)).predict_proba(frame)
        assert model.predict(frame).tolist() == NAMES[probability.argmax(axis=1)].tolist()

    one_hot = colors[:, None] == ["cyan", "pink"]
    array = np.hstack([MinMaxScaler().fit_transform(X), one_hot])
    direct = busy().fit(array, y)
    np.testing.assert_array_equal(probability, direct.predict_proba(array))
    if output == "default":
        assert not hasattr(model[-1], "feature_names_in_")
    else:
        expected = [*names, "color_cyan", "color_pink"]
        assert model[-1].feature_names_in_.tolist() == expected


def test_a_sparse_column_transformer_gives_what_a_dense_one_does():
    pandas = pytest.importorskip("pandas")
    X, y = make_data()
    frame = pandas.DataFrame(X, columns=list("abcdef"))
    frame["color"] = np.array(["cyan", "pink", "teal"])[np.arange(90) // 7 % 3]
    models = []
    for sparse_threshold in (0, 1):
        columns = ColumnTransformer(
            [("numbers", MinMaxScaler(), list("abcdef")), ("words", OneHotEncoder(), ["color"])],
            sparse_threshold=sparse_threshold,
        )
        # Dense X would be scaled and have bins.
        network = busy(scale_features=False, encode_features=False)
        models.append(make_pipeline(columns, network).fit(frame, y))
    dense, sparse = (model.predict_proba(frame) for model in models)
    np.testing.assert_allclose(sparse, dense, rtol=1e-9)


COLORS = np.array(["cyan", "pink", "teal"])[np.arange(90) // 7 % 3]
IS_OLD = np.arange(90) % 4 == 1


def make_array():
    """Columns of make_data, the second of which misses values; colors, of which one is missing."""
    X, y = make_data()
    array = np.empty((90, 8), dtype=object)
    array[:, :6], array[:, 6], array[:, 7] = X, COLORS, IS_OLD
    array[5::9, 1] = np.nan
    array[11, 6] = None
    return array, y


def pandas_strings(pandas, array):
    return pandas.Series(array[:, 6])


def pandas_nullable_strings(pandas, array):
    return pandas.Series(array[:, 6], dtype="string")


def pandas_categories(pandas, array):
    """In another order, with a category that no row has."""
    return pandas.Categorical(array[:, 6], categories=["teal", "red", "pink", "cyan"])


@pytest.mark.parametrize("colors", [pandas_strings, pandas_nullable_strings, pandas_categories])
@pytest.mark.parametrize("missing", ["NaN", "NA", "None"])
@pytest.mark.parametrize("booleans", ["bool", "boolean", "object"])
def test_a_pandas_frame_gives_the_bits_of_an_array(colors, missing, booleans):
    pandas = pytest.importorskip("pandas")
    array, y = make_array()
    frame = pandas.DataFrame(array[:, :6].astype(float), columns=list("abcdef"))
    if missing != "NaN":
        values = [None if np.isnan(value) else value for value in array[:, 1].astype(float)]
        frame["b"] = pandas.Series(values, dtype="Float64" if missing == "NA" else object)
    frame["color"] = colors(pandas, array)
    frame["is_old"] = pandas.Series(IS_OLD, dtype=booleans)
    assert_gives_the_bits_of(array, frame, y)


@pytest.mark.parametrize("words", ["String", "Categorical", "Enum"])
def test_a_polars_frame_gives_the_bits_of_an_array(words):
    polars = pytest.importorskip("polars")
    array, y = make_array()
    dtype = polars.Enum(["teal", "red", "pink", "cyan"]) if words == "Enum" else None
    frame = polars.DataFrame(
        {
            **{name: array[:, i].astype(float) for i, name in enumerate("abcdef")},
            "color": polars.Series(array[:, 6].tolist(), dtype=dtype or getattr(polars, words)),
            "is_old": IS_OLD,
        }
    ).with_columns(polars.col("b").fill_nan(None))
    assert_gives_the_bits_of(array, frame, y)


def assert_gives_the_bits_of(array, frame, y):
    expected = busy(categorical_features=[6, 7], encode_features=3).fit(array, y)
    with without_a_warning():
        model = busy(encode_features=3).fit(frame, y)
        assert_same_model(model, expected)
        probability = model.predict_proba(frame)
        np.testing.assert_array_equal(probability, expected.predict_proba(array))
        assert probability.dtype == np.float64
    names = set(model.input_names_)
    assert {"a", "b bin 2", "b missing", "color=cyan", "color missing", "is_old=True"} <= names
    assert not {"a missing", "is_old missing", "color=red"} & names


def make_frame():
    """A pandas frame of the columns a to f, which are numbers, and color."""
    pandas = pytest.importorskip("pandas")
    X, y = make_data()
    return pandas.DataFrame(X, columns=list("abcdef")).assign(color=COLORS), X, y


def assert_same_weights(one, other):
    """Two networks have the same bits, whatever columns their inputs come from."""
    for name in ("weights", "nodes", "sources", "indptr"):
        np.testing.assert_array_equal(getattr(one.network_, name), getattr(other.network_, name))


def test_categories_are_inputs_of_zeros_and_ones():
    frame, X, y = make_frame()
    one_hot = np.hstack([X, COLORS[:, None] == np.unique(COLORS)])
    options = {"scale_features": False, "encode_features": False}
    model, other = busy(**options).fit(frame, y), busy(**options).fit(one_hot, y)
    assert_same_weights(model, other)
    assert model.input_names_.tolist() == [*"abcdef", "color=cyan", "color=pink", "color=teal"]
    # Neither an unknown category nor a missing one is one of the known.
    frame.loc[7, "color"], frame.loc[8, "color"] = "mauve", None
    one_hot[7:9, 6:] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        probability = model.predict_proba(frame)
    np.testing.assert_array_equal(probability, other.predict_proba(one_hot))


def test_categories_are_listed_by_name_number_or_mask():
    frame, _, y = make_frame()
    frame["a"] = np.arange(90) // 3 % 4
    models = [
        busy(categorical_features=columns).fit(frame, y)
        for columns in (["color", "a"], [0, 6], np.array([True, *5 * [False], True]))
    ]
    for model in models[1:]:
        assert_same_model(model, models[0])
    assert {"a=0", "a=1", "a=2", "a=3", "color=pink"} < set(models[0].input_names_)
    assert "a" not in models[0].input_names_
    assert "a" in busy().fit(frame, y).input_names_


@pytest.mark.parametrize(
    ("column", "parameters", "message"),
    [
        (np.datetime64("2020-01-01") + np.arange(90), {}, "'a' of X is of dtype datetime64"),
        ([1, "b"] * 45, {}, "'a' of X holds numbers beside strings"),
        (["a", "b"] * 45, {"categorical_features": ["color"]}, "'a' of X holds strings"),
        (["a", "b"] * 45, {"categorical_features": None}, "'a' of X holds strings"),
        (1.0, {"categorical_features": ["hue"]}, "categorical_features .* 'hue'"),
        (1.0, {"categorical_features": [7]}, "categorical_features .* to 6, .* got 7"),
        (1.0, {"categorical_features": [True, False]}, "categorical_features"),
    ],
)
def test_columns_that_cannot_be_inputs_are_named(column, parameters, message):
    frame, _, y = make_frame()
    frame["a"] = column
    with pytest.raises(ValueError, match=message):
        busy(**parameters).fit(frame, y)


@pytest.mark.parametrize("name", ["a", "color"])
def test_a_column_of_another_kind_than_in_training_is_named(name):
    frame, _, y = make_frame()
    model = busy().fit(frame, y)
    frame["a"] = "old"
    with pytest.raises(ValueError, match="'a' of X holds strings"):
        model.predict(frame)
    frame["a"], frame["color"] = 1.0, 2.0  # no known color
    with pytest.warns(UserWarning, match=r"none of the known categories in columns \['color'\]"):
        probabilities = model.predict_proba(frame)
    assert np.unique(probabilities, axis=0).shape[0] == 90


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_search_goes_through_folds_that_miss_what_is_rare(estimator):
    frame, _, y = make_frame()
    y = y if estimator is MotifSETClassifier else np.arange(90.0)
    frame.loc[3, "b"] = np.nan
    frame.loc[4, "color"] = "mauve"
    frame["only"] = np.where(np.arange(90) < 30, 1.0, np.nan)  # no value in one of the folds
    grid = {"motif_size": [1, 2]}
    search = GridSearchCV(busy(estimator), grid, cv=KFold(3), error_score="raise")
    with pytest.warns(UserWarning, match=r"X misses values .*\['b'\].* median"):
        search.fit(frame, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    names = search.best_estimator_.input_names_
    assert {"b missing", "color=mauve", "only missing"} < set(names)
    assert "only" not in names  # all its values are equal


def test_columns_that_tell_nothing_are_left_out():
    frame, _, y = make_frame()
    expected = busy().fit(frame, y)
    frame["constant"], frame["empty"], frame["none"], frame["word"] = 7.0, np.nan, None, "word"
    model = busy().fit(frame, y)
    assert_same_weights(model, expected)
    np.testing.assert_array_equal(model.input_names_, expected.input_names_)
    importances = model.feature_importances_
    np.testing.assert_allclose(importances[:7], expected.feature_importances_, rtol=1e-12)
    np.testing.assert_array_equal(model.feature_importances_[7:], 0)
    np.testing.assert_array_equal(model.input_degrees_[1][7:], 0)
    probability = model.predict_proba(frame)
    frame["constant"], frame["empty"], frame["none"], frame["word"] = np.nan, 7.0, "x", None
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what is left out may miss values
        np.testing.assert_array_equal(model.predict_proba(frame.assign(none=1.0)), probability)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("kind", ["list", "array", "pandas", "nullable", "polars"])
def test_a_y_that_misses_values_is_named(estimator, kind):
    X, _ = make_data()
    y = [None, "old", "new"] * 30 if estimator is MotifSETClassifier else [None, 1.0, 2.0] * 30
    if kind in ("pandas", "nullable"):
        pandas = pytest.importorskip("pandas")
        dtype = {"pandas": None, "nullable": "string" if "old" in y else "Float64"}[kind]
        y = pandas.Series(y, dtype=dtype)
    elif kind == "polars":
        y = pytest.importorskip("polars").Series(y)
    elif kind == "array":
        y = np.array(y, dtype=object)
    classes = {"classes": ["old", "new"]} if estimator is MotifSETClassifier else {}
    for call in (
        lambda: busy(estimator).fit(X, y),
        lambda: busy(estimator).partial_fit(X, y, **classes),
        lambda: busy(estimator).fit(X, np.arange(90) % 3, X_val=X, y_val=y),
    ):
        with pytest.raises(ValueError, match=r"\by contains (missing values|NaN)"):
            call()
