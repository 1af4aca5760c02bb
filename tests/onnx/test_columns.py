"""Columns as users have them, from their tensors on, by what ``predict`` makes of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif import MotifSETRegressor
from sklearn_motif.onnx import to_onnx

from ..models import run_onnx, shaken, small

pl = pytest.importorskip("polars")

pytest.importorskip("onnxruntime")
data_types = pytest.importorskip("skl2onnx.common.data_types")

N = 90
LARGE = 2**60  # float64 does not tell the next number from it


def missing(rng, cells, dtype=object):
    """Cells of which some are missing."""
    cells = pd.Series(cells, dtype=object)
    cells[rng.random(cells.size) < 0.25] = None
    return cells.astype(dtype)


def integers(rng, *values):
    """Some of these as Python's own."""
    return [values[k] for k in rng.integers(0, len(values), N)]


# Columns by what is particular about them.
COLUMNS = {
    "strings": lambda rng: pd.Series(rng.choice(["a", "b", "ü"], N)),
    "objects": lambda rng: pd.Series(rng.choice(["a", "", "nan", "None"], N), dtype=object),
    "missing strings": lambda rng: missing(rng, rng.choice(["a", "b"], N), "str"),
    "missing objects": lambda rng: missing(rng, rng.choice(["a", "b"], N)),
    "categories": lambda rng: pd.Series(rng.choice(["a", "b"], N), dtype="category"),
    "missing categories": lambda rng: missing(rng, rng.choice(["a", "b"], N), "category"),
    "mixed categories": lambda rng: missing(rng, integers(rng, 1, 2.5, 3.0, "x"), "category"),
    "whole categories": lambda rng: pd.Series(
        integers(rng, -5, 0, LARGE, LARGE + 1), dtype="category"
    ),
    "missing whole categories": lambda rng: missing(rng, integers(rng, -5, 0, 7), "category"),
    "float categories": lambda rng: missing(rng, rng.choice([0.1, 2.5, 3.0], N), "category"),
    "booleans": lambda rng: pd.Series(rng.random(N) < 0.5),
    "missing booleans": lambda rng: missing(rng, rng.random(N) < 0.5),
    "nullable booleans": lambda rng: missing(rng, rng.random(N) < 0.5, "boolean"),
    "float64": lambda rng: pd.Series(rng.standard_normal(N)),
    "float32": lambda rng: missing(rng, rng.standard_normal(N), "float32"),
    "float objects": lambda rng: missing(rng, rng.standard_normal(N)),
    "small": lambda rng: pd.Series(1e-7 * rng.standard_normal(N)),
    "large": lambda rng: missing(rng, 1e12 + 1e9 * rng.standard_normal(N), "float64"),
    "timestamps": lambda rng: pd.Series(1_700_000_000 + rng.permutation(N)),
    "few numbers": lambda rng: missing(rng, rng.integers(0, 4, N), "Int64"),
    "int8": lambda rng: pd.Series(rng.integers(0, 100, N), dtype="int8"),
    "uint8": lambda rng: pd.Series(rng.integers(0, 200, N), dtype="uint8"),
    "int32": lambda rng: pd.Series(rng.integers(0, 10**9, N), dtype="int32"),
    "constant": lambda rng: pd.Series(np.full(N, 4.0)),
    "empty": lambda rng: pd.Series(np.full(N, np.nan)),
}


def frame(names, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: COLUMNS[name](rng) for name in names})


def fitted(X, y=None, **parameters):
    """A regressor of two targets for which every input matters."""
    y = np.random.default_rng(1).standard_normal((len(X), 2)) if y is None else y
    options = {"epsilon": 100, "max_iter": 2, "precision": "float64", **parameters}
    return shaken(small(MotifSETRegressor, **options).fit(X, y))


def assert_same(model, X, exported=None):
    """The exported model predicts what the model predicts; returns this."""
    expected = model.predict(X)
    outputs = run_onnx(to_onnx(model, X) if exported is None else exported, X)["variable"]
    is_double = outputs.dtype == np.float64 and model.network_.weights.dtype == np.float64
    close = 1e-11 if is_double else 1e-5
    np.testing.assert_allclose(outputs, expected, rtol=close, atol=close)
    return expected


# Frames.


@pytest.mark.filterwarnings("ignore:X misses values")
@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_each_kind(name):
    X = frame([name])
    model = fitted(X[:60])
    expected = assert_same(model, X)
    if name not in ("constant", "empty"):
        assert expected.std(axis=0).max() > 0.05


@pytest.mark.filterwarnings("ignore:X misses values")
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_columns_of_all_kinds_together(precision):
    model = fitted(frame(COLUMNS), precision=precision)
    assert_same(model, frame(COLUMNS, seed=1))


@pytest.mark.filterwarnings("ignore:X misses values")
@settings(max_examples=20, deadline=None)
@given(
    names=st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=6, unique=True),
    seed=st.integers(0, 1000),
    precision=st.sampled_from(["float32", "float64"]),
    n_bins=st.sampled_from([False, 5]),
    scale=st.sampled_from([False, "auto"]),
)
def test_random_frames(names, seed, precision, n_bins, scale):
    if scale is False:
        names = [name for name in names if name not in ("large", "timestamps", "int32")]
        names = names or ["float64"]
    parameters = {"precision": precision, "encode_features": n_bins, "scale_features": scale}
    model = fitted(frame(names, seed), **parameters)
    assert_same(model, frame(names, seed + 1))


def test_unknown_categories_are_none_of_the_known_ones():
    names = ["strings", "categories", "whole categories", "float categories", "booleans"]
    X = frame(names)
    model = fitted(X[~X["booleans"]])
    others = {"strings": "z", "categories": "z", "whole categories": 8, "float categories": 8.5}
    for name, value in others.items():
        X[name] = pd.Series([value] * N, dtype=X[name].dtype if name == "strings" else "category")
        with pytest.warns(UserWarning, match=rf"none of the known categories.*'{name}'"):
            assert_same(model, X)


def test_missing_values_in_columns_that_missed_none():
    X = frame(["strings", "float64", "float32", "large"]).ffill().bfill()
    model = fitted(X)
    X.loc[::2, "strings"] = None
    X.loc[::3, "float64"] = np.nan
    X.loc[1::3, ["float32", "large"]] = np.nan
    with pytest.warns(UserWarning, match="misses values in columns that have no input for it"):
        assert_same(model, X)


def test_polars():
    rng = np.random.default_rng(0)
    words = [None if rng.random() < 0.2 else word for word in rng.choice(["a", "b"], N).tolist()]
    X = pl.DataFrame(
        {
            "words": words,
            "categories": pl.Series(words, dtype=pl.Categorical),
            "booleans": rng.random(N) < 0.5,
            "missing booleans": [None, True, False] * (N // 3),
            "numbers": rng.standard_normal(N),
            "counts": [None, 1, 2, 3, 5] * (N // 5),
            "int8": pl.Series(rng.integers(0, 9, N), dtype=pl.Int8),
        }
    )
    assert_same(fitted(X), X)


def test_order_of_the_columns():
    X = frame(["float64", "small"])
    with pytest.raises(ValueError, match="in another order than in training"):
        to_onnx(fitted(X), X[["small", "float64"]])


# Strings.


@pytest.mark.parametrize("word", ["", "None", "nan", "NaN", "<NA>"])
def test_words_for_missing_values(word):
    X = frame(["missing objects", "float objects"])
    model = fitted(X)
    expected = model.predict(pd.DataFrame({name: [None, X[name][5]] for name in X}))
    inputs = {name: np.array([[word], [X[name][5]]], dtype=object) for name in X}
    names = ["missing_objects", "float_objects"]
    exported = to_onnx(model, X)
    outputs = run_onnx(exported, dict(zip(names, inputs.values(), strict=True)))["variable"]
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)


def test_a_category_is_no_word_for_missing_values():
    X = pd.DataFrame({"a": pd.Series(["None", "b", np.nan] * 30, dtype=object)})
    assert_same(fitted(X), X)


def test_categories_that_are_no_strings_are_known_by_what_they_are_spelled():
    X = frame(["mixed categories"])
    model, values = fitted(X), [1, 2.5, 3.0, "x", 4]
    expected = model.predict(
        pd.DataFrame({"mixed categories": pd.Series(values, dtype="category")})
    )
    exported = to_onnx(model, X)
    for spelled in (["1", "2.5", "3", "x", "4"], ["1.0", "2.5", "3.0", "x", "X"]):
        inputs = {"mixed_categories": np.array(spelled)[:, None]}
        outputs = run_onnx(exported, inputs)["variable"]
        np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)


def test_categories_that_are_spelled_alike():
    X = pd.DataFrame({"a": pd.Series([1, "1", "b"] * 30, dtype="category")})
    with pytest.raises(ValueError, match="'a' has two categories that are spelled '1'"):
        to_onnx(fitted(X), X)


@pytest.mark.parametrize("X", [None, np.zeros((1, 2)), np.zeros((1, 2), dtype=np.int64)], ids=type)
def test_numbers_where_the_model_has_strings(X):
    model = fitted(frame(["float64", "strings"]))
    with pytest.raises(ValueError, match=r"\['strings'\] are of strings, but X or initial_types"):
        to_onnx(model, X)


# Arrays, and several columns in one input.


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64, object])
def test_categories_of_an_array(dtype):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 5, (N, 4)).astype(dtype)
    model = fitted(X, categorical_features=[0, 2])
    X[::4, [0, 2]] = 7  # which training did not have
    assert assert_same(model, X).std(axis=0).max() > 0.05


@pytest.mark.parametrize("dtype", [np.int64, np.int32, bool])
def test_whole_numbers_where_the_model_has_none(dtype):
    values = ["x", 0.5, 2**63, -(2**70)]
    X = pd.DataFrame({"a": pd.Series(values * 20, dtype="category")})
    model = fitted(X)
    X = pd.DataFrame({"a": pd.Series([0, 1], dtype=dtype)})
    expected = model.predict(X.astype("category"))
    outputs = run_onnx(to_onnx(model, X), X)["variable"]
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


def test_array_of_objects():
    names = ["missing objects", "float objects", "missing booleans", "timestamps"]
    X = frame(names).to_numpy(dtype=object)
    assert_same(fitted(X, categorical_features=[0, 2]), X)


def test_booleans_as_numbers():
    X = frame(["missing booleans", "booleans", "strings"])
    model = fitted(X, categorical_features=["strings"])
    assert assert_same(model, X).std(axis=0).max() > 0.05


def test_inputs_of_several_columns():
    names = ["float64", "large", "strings", "missing objects", "timestamps", "booleans"]
    X = frame(names)
    model = fitted(X)
    types = [
        ("numbers", data_types.DoubleTensorType([None, 2])),
        ("words", data_types.StringTensorType([None, 2])),
        ("whole", data_types.Int64TensorType([None, 2])),
    ]
    exported = to_onnx(model, initial_types=types)
    inputs = {
        "numbers": X[names[:2]].to_numpy(),
        "words": X[names[2:4]].to_numpy(dtype=object),
        "whole": X[names[4:]].to_numpy(dtype=np.int64),
    }
    outputs = run_onnx(exported, inputs)["variable"]
    np.testing.assert_allclose(outputs, model.predict(X), rtol=1e-11)


def test_inputs_that_do_not_tell_their_columns():
    X = frame(["float64", "small", "strings"])
    model, numbers = fitted(X), X[["float64", "small"]].to_numpy()
    words = data_types.StringTensorType
    types = [("numbers", data_types.DoubleTensorType([None, None])), ("words", words([None, 1]))]
    inputs = {"numbers": numbers, "words": X[["strings"]].to_numpy()}
    outputs = run_onnx(to_onnx(model, initial_types=types), inputs)["variable"]
    np.testing.assert_allclose(outputs, model.predict(X), rtol=1e-11)
    types = [(name, data_types.DoubleTensorType([None, None])) for name in ("some", "more")]
    with pytest.raises(ValueError, match=r"number of columns of each input, but \['some', 'more"):
        to_onnx(model, initial_types=types)
