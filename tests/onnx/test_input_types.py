"""Types of inputs by what X shows."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETRegressor
from sklearn_motif._onnx.input_types import TYPE_NAMES, input_types, take_dtypes
from sklearn_motif.onnx import to_onnx

from ..models import ONE_EPOCH, run_onnx, shaken, small

pl = pytest.importorskip("polars")

pytest.importorskip("skl2onnx")
pytest.importorskip("onnxruntime")

COLUMNS = {
    "strings": ["a", None, "b"],
    "words": pd.Series(["a", "b", "b"], dtype="category"),
    "missing words": pd.Series(["a", None, "b"], dtype="category"),
    "floats": [0.5, np.nan, 1.0],
    "missing float32": np.array([0.5, np.nan, 1.0], dtype=np.float32),
    "missing float16": np.array([0.5, np.nan, 1.0], dtype=np.float16),
    "integers": [1, 2, 3],
    "missing integers": pd.Series([1, None, 3], dtype="Int64"),
    "levels": pd.Series([1, 2, 2], dtype="category"),
    "missing levels": pd.Series([1, None, 2], dtype="category"),
    **{dtype: np.array([1, 2, 3], dtype=dtype) for dtype in TYPE_NAMES if dtype[-1].isdigit()},
    "booleans": [True, False, True],
    "missing booleans": pd.Series([True, None, True], dtype="boolean"),
    "mixed": pd.Series([1, "a", 2.5], dtype=object),
}


def identity(input_type):
    """A model that gives its only input in the type by which skl2onnx knows it."""
    from onnx import helper

    element = input_type.type.to_onnx_type().tensor_type.elem_type
    x = helper.make_tensor_value_info("x", element, [None, 1])
    y = helper.make_tensor_value_info("y", element, [None, 1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    take_dtypes(model, [input_type])
    return model


def fed(X):
    """What comes through inputs of the types of a frame, by column."""
    return {
        t.name: run_onnx(identity(t), {"x": X[[t.name]].to_numpy()})["y"].ravel()
        for t in input_types(X, is_network=True)
    }


@pytest.mark.parametrize("name", COLUMNS)
def test_an_input_takes_the_column_as_it_is(name):
    X = pd.DataFrame({name: COLUMNS[name]})
    cells, values = X[[name]].to_numpy().ravel(), fed(X)[name]
    if cells.dtype == object:  # strings
        assert values.tolist() == [str(cell) for cell in cells]
    else:
        np.testing.assert_array_equal(values, cells)


def test_columns_of_polars():
    X = pl.DataFrame(
        {
            "a": ["x", None],
            "b": pl.Series(["x", "y"], dtype=pl.Categorical),
            "c": [1, None],
            "d": [1, 2],
            "e": [True, False],
            "f": pl.Series([0.5, 1], dtype=pl.Float32),
        }
    )
    values = fed(X)
    assert values["a"].tolist() == ["x", "None"]
    assert values["b"].tolist() == ["x", "y"]
    np.testing.assert_array_equal(values["c"], [1.0, np.nan])
    assert [values[name].dtype for name in "def"] == [np.int64, bool, np.float32]


@pytest.mark.parametrize("dtype", [dtype for dtype in TYPE_NAMES if dtype != "object"])
def test_an_input_holds_all_numbers_of_its_dtype(dtype):
    limits = np.iinfo(dtype) if "int" in dtype else np.finfo(dtype) if "float" in dtype else None
    cells = [limits.min, limits.max] if limits else [False, True]
    X = pd.DataFrame({"a": np.array(cells, dtype=dtype)})
    values = fed(X)["a"]
    np.testing.assert_array_equal(values, X["a"].astype(values.dtype))
    assert values.dtype == (np.float64 if dtype == "uint64" else np.result_type(values, dtype))


@pytest.mark.parametrize("to_X", [pd.DataFrame, np.asarray], ids=["frame", "array"])
@pytest.mark.parametrize("dtype", [dtype for dtype in TYPE_NAMES if dtype != "object"])
def test_a_model_takes_what_it_was_shown(dtype, to_X):
    rng = np.random.default_rng(0)
    X = to_X(rng.integers(0, 2 if dtype == "bool" else 100, (90, 2)).astype(dtype))
    model = shaken(small(MotifSETRegressor, **ONE_EPOCH).fit(X, rng.random(90)))
    exported = to_onnx(model, X[:1])
    outputs = run_onnx(exported, X)["variable"].ravel()
    np.testing.assert_allclose(outputs, model.predict(X), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("to_X", [pd.DataFrame, np.asarray], ids=["frame", "array"])
@pytest.mark.parametrize(
    "dtype", [dtype for dtype in TYPE_NAMES if "int" in dtype or dtype == "bool"]
)
def test_transformers_take_whole_numbers_and_booleans(dtype, to_X):
    """Those of skl2onnx refuse most dtypes, or make whole numbers of the columns beside."""
    rng = np.random.default_rng(0)
    X = to_X(rng.integers(0, 2 if dtype == "bool" else 100, (90, 2)).astype(dtype))
    if to_X is pd.DataFrame:
        X.columns = ["a", "b"]
        X["c"] = rng.random(90)
    network = small(MotifSETRegressor, encode_features=False, **ONE_EPOCH)
    model = make_pipeline(StandardScaler(), network).fit(X, rng.random(90))
    shaken(model[-1])
    outputs = run_onnx(to_onnx(model, X[:1]), X)["variable"].ravel()
    np.testing.assert_allclose(outputs, model.predict(X), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64", "int16"])
def test_categories_of_any_whole_numbers(dtype):
    numbers = np.array([0, 1, min(np.iinfo(dtype).max, 2**63 - 1)], dtype=dtype)
    numbers = np.append(numbers, numbers[-1] - numbers[1])  # only whole numbers tell them apart
    X = pd.DataFrame({"a": pd.Categorical(numbers[np.arange(40) % 4])})
    assert X[["a"]].to_numpy().dtype == dtype
    model = shaken(small(MotifSETRegressor, **ONE_EPOCH).fit(X, np.arange(40.0)))
    outputs = run_onnx(to_onnx(model, X), X)["variable"].ravel()
    assert np.unique(outputs).size == 4
    np.testing.assert_allclose(outputs, model.predict(X), rtol=1e-5, atol=1e-5)


def test_inputs_that_are_cast_may_be_read_by_several_and_by_none():
    X = pd.DataFrame({name: np.arange(90, dtype=np.uint16) for name in ("a", "b a", "b_a")})
    chosen = ColumnTransformer([("x", "passthrough", ["a", "b_a"]), ("y", "passthrough", ["a"])])
    model = make_pipeline(chosen, small(MotifSETRegressor)).fit(X, np.arange(90.0))
    outputs = run_onnx(to_onnx(model, X), X)["variable"].ravel()
    np.testing.assert_allclose(outputs, model.predict(X), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["datetime64[s]", "timedelta64[s]", "complex128"])
def test_a_dtype_that_is_no_number(dtype):
    X = pd.DataFrame({"a": [1.0], "when": np.zeros(1, dtype=dtype)})
    with pytest.raises(ValueError, match=f"Column 'when' of X is of dtype {re.escape(dtype)}"):
        input_types(X, is_network=True)
    with pytest.raises(ValueError, match=f"^X is of dtype {re.escape(dtype)}"):
        input_types(X[["when"]].to_numpy(), is_network=True)


def test_categories_that_are_no_numbers():
    X = pd.DataFrame({"when": pd.Categorical(pd.to_datetime(["2020-01-01", "2021-01-01"]))})
    with pytest.raises(ValueError, match="'when' of X is a category of datetime64") as caught:
        input_types(X, is_network=True)
    (advised,) = re.findall(r"X\[.*\)", str(caught.value))
    X["when"] = eval(advised, {"X": X})
    assert fed(X)["when"].tolist() == X["when"].tolist()


@pytest.mark.parametrize("library", [pd, pl])
def test_a_column_without_a_name(library):
    with pytest.raises(ValueError, match="Column 1 of X has an empty name"):
        input_types(library.DataFrame({"a": [1.0], "": [2.0]}), is_network=True)


def test_arrays_of_strings():
    cells = np.array([["a"], ["bc"]])
    ((_, kind, dtype),) = input_types(cells, is_network=True)
    assert (type(kind).__name__, dtype) == ("StringTensorType", np.dtype(object))
