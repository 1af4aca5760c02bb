"""The types of ONNX inputs that the columns of a frame show."""

from __future__ import annotations

from typing import Any

# By the dtype of a column. Where skl2onnx has no type for inputs, the next wider one.
TYPE_NAMES = {
    "bool": "Boolean",
    "int8": "Int8",
    "uint8": "UInt8",
    "int16": "Int32",
    "uint16": "Int32",
    "int32": "Int32",
    "uint32": "Int64",
    "int64": "Int64",
    "uint64": "Int64",
    "float16": "Float",
    "float32": "Float",
    "float64": "Double",
    "object": "String",
}


def frame_types(X: Any) -> list[tuple[str, Any]]:
    """A name and a type for each column, that of ``X[[name]].to_numpy()``.

    Parameters
    ----------
    X : frame of pandas or polars

    Raises
    ------
    ValueError
        If a column is of a dtype that no input takes.
    """
    from skl2onnx.common import data_types

    types = []
    for j, name in enumerate(X.columns):
        dtype = (X.iloc[:, [j]] if hasattr(X, "iloc") else X[:, [j]]).to_numpy().dtype
        kind = TYPE_NAMES.get(dtype.name)
        if kind is None:
            raise ValueError(
                f"Column {name!r} of X is of dtype {dtype}; columns must hold numbers, strings or "
                "booleans."
            )
        types.append((str(name), getattr(data_types, f"{kind}TensorType")([None, 1])))
    return types
