"""The types of ONNX inputs that X shows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .._fitting.columns import is_frame

# By the dtype of a column. Where skl2onnx has no type for inputs, one that holds it.
TYPE_NAMES = {
    "bool": "Boolean",
    "int8": "Int8",
    "uint8": "UInt8",
    "int16": "Int32",
    "uint16": "Int32",
    "int32": "Int32",
    "uint32": "Int64",
    "int64": "Int64",
    "uint64": "Double",
    "float16": "Float",
    "float32": "Float",
    "float64": "Double",
    "object": "String",
}


class InputType(NamedTuple):
    """An input: its name, the type by which skl2onnx knows it, and the dtype that it takes."""

    name: str
    type: Any
    dtype: np.dtype


def input_types(X: Any, *, is_network: bool) -> list[InputType]:
    """An input "X" for an array, and one for each column of a frame, of ``X[[name]].to_numpy()``.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), or frame of pandas or polars
    is_network : bool
        Whether a network reads the inputs. Transformers get whole numbers and booleans as float64:
        in skl2onnx, most do not take them, and some make whole numbers of the columns beside.

    Raises
    ------
    ValueError
        If a column has an empty name, or is of a dtype that no input takes.
    """
    if not is_frame(X):
        return [_input_type("X", X, "X is", is_network=is_network)]
    types = []
    for j, (name, dtype) in enumerate(zip(X.columns, X.dtypes, strict=True)):
        if str(name) == "":
            raise ValueError(
                f"Column {j} of X has an empty name, which no ONNX input can have. Rename it in "
                "the X that to_onnx gets."
            )
        cells = (X.iloc[:, [j]] if hasattr(X, "iloc") else X[:, [j]]).to_numpy()
        what, is_category = f"Column {name!r} of X is", str(dtype) == "category"
        types.append(_input_type(str(name), cells, what, is_category, is_network=is_network))
    return types


def _input_type(
    name: str, cells: np.ndarray, what: str, is_category: bool = False, *, is_network: bool
) -> InputType:
    from skl2onnx.common import data_types

    dtype = np.dtype(object) if cells.dtype.kind == "U" else cells.dtype
    kind = TYPE_NAMES.get(dtype.name)
    if kind is None and is_category:
        raise ValueError(
            f"{what} a category of {dtype}; categories must be numbers, strings or booleans. Train "
            f"on strings: X[{name!r}].cat.rename_categories(str)."
        )
    if kind is None:
        raise ValueError(
            f"{what} of dtype {dtype}; columns must hold numbers, strings or booleans."
        )
    if dtype.kind in "biu" and not is_network:
        kind = "Double"
    elif is_category and dtype == np.uint64:
        kind = "Int64"  # which tells more whole numbers apart
    return InputType(name, getattr(data_types, f"{kind}TensorType")([None, cells.shape[1]]), dtype)


def take_dtypes(model: Any, types: list[InputType]) -> None:
    """Let the inputs of an exported model take their dtypes: some are cast to what it computes in.

    Parameters
    ----------
    model : onnx.ModelProto
    types : list of InputType
        In the order of its inputs.
    """
    from onnx import helper

    for value, (_, _, dtype) in zip(model.graph.input, types, strict=True):
        known_as, taken = value.type.tensor_type, helper.np_dtype_to_tensor_dtype(dtype)
        if known_as.elem_type != taken:
            within = f"{value.name} in {dtype.name}"  # no name of skl2onnx has blanks
            _rename(model.graph, value.name, within)
            cast = helper.make_node("Cast", [value.name], [within], to=known_as.elem_type)
            model.graph.node.insert(0, cast)
            known_as.elem_type = taken


def _rename(graph: Any, old: str, new: str) -> None:
    """Give another name to what nodes read, here and in graphs within."""
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename(attribute.g, old, new)
