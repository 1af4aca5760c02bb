"""Types of inputs by the columns of a frame."""

import numpy as np
import pandas as pd
import pytest

from sklearn_motif._onnx.input_types import frame_types

pl = pytest.importorskip("polars")

pytest.importorskip("skl2onnx")
onnxruntime = pytest.importorskip("onnxruntime")

COLUMNS = {
    "strings": ["a", None, "b"],
    "words": pd.Series(["a", "b", "b"], dtype="category"),
    "missing words": pd.Series(["a", None, "b"], dtype="category"),
    "floats": [0.5, np.nan, 1.0],
    "float32": np.array([0.5, np.nan, 1.0], dtype=np.float32),
    "integers": [1, 2, 3],
    "missing integers": pd.Series([1, None, 3], dtype="Int64"),
    "int8": np.array([1, 2, 3], dtype=np.int8),
    "uint8": np.array([1, 2, 3], dtype=np.uint8),
    "int32": np.array([1, 2, 3], dtype=np.int32),
    "levels": pd.Series([1, 2, 2], dtype="category"),
    "missing levels": pd.Series([1, None, 2], dtype="category"),
    "booleans": [True, False, True],
    "missing booleans": pd.Series([True, None, True], dtype="boolean"),
    "mixed": pd.Series([1, "a", 2.5], dtype=object),
}


def identity_of(kind):
    """A model that returns its only input."""
    from onnx import helper

    element = kind.to_onnx_type().tensor_type.elem_type
    x = helper.make_tensor_value_info("x", element, [None, 1])
    y = helper.make_tensor_value_info("y", element, [None, 1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    return onnxruntime.InferenceSession(model.SerializeToString())


def fed(X):
    """What comes through inputs of the types of a frame, by column."""
    values = {}
    for name, kind in frame_types(X):
        values[name] = identity_of(kind).run(None, {"x": X[[name]].to_numpy()})[0].ravel()
    return values


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


@pytest.mark.parametrize("dtype", ["int16", "uint16", "uint32", "uint64", "float16"])
def test_a_dtype_that_no_input_has_takes_one_that_holds_it(dtype):
    ((_, kind),) = frame_types(pd.DataFrame({"a": np.zeros(2, dtype=dtype)}))
    largest = np.finfo(dtype).max if dtype == "float16" else min(np.iinfo(dtype).max, 2**63 - 1)
    values = np.array([[0], [largest]], dtype=dtype)
    wider = {"Int32": np.int32, "Int64": np.int64, "Float": np.float32}
    wide = values.astype(wider[type(kind).__name__.removesuffix("TensorType")])
    np.testing.assert_array_equal(identity_of(kind).run(None, {"x": wide})[0], values)


def test_a_dtype_that_is_no_number():
    X = pd.DataFrame({"a": [1.0], "when": pd.to_datetime(["2020-01-01"])})
    with pytest.raises(ValueError, match="Column 'when' of X is of dtype datetime64"):
        frame_types(X)
