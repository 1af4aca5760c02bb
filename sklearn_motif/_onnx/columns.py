"""The tensors that a model gets as one matrix of numbers: categories as codes, NaN if missing."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._fitting.columns import UNKNOWN
from .._network import Inputs
from .graph import Adder

# What strings stand for in columns of numbers and, unless they are a category, in others: a
# missing value is the empty string, or what onnxruntime makes of None, NaN and pandas' NA.
MISSING = ("", "None", "nan", "NaN", "<NA>")
NUMBERS = {**dict.fromkeys(MISSING, "nan"), "True": "1", "False": "0"}


def dtype_of(tensor: Any) -> np.dtype:
    """NumPy's dtype of a variable of skl2onnx; object for strings."""
    from onnx import helper

    element = tensor.type.to_onnx_type().tensor_type.elem_type
    return np.dtype(helper.tensor_dtype_to_np_dtype(element))


def is_of_strings(tensor: Any) -> bool:
    """Whether a variable of skl2onnx holds strings."""
    return dtype_of(tensor).kind not in "biuf"


def common_dtype(tensors: list[Any]) -> np.dtype:
    """float32 where it holds all that comes in some tensors, else float64."""
    dtypes = [np.float64 if is_of_strings(x) else dtype_of(x) for x in tensors]
    return np.result_type(np.float32, *dtypes)


def add_numbers(
    add: Adder, tensors: list[Any], inputs: Inputs, names: list[str]
) -> tuple[str, np.ndarray]:
    """Add the columns of X as numbers.

    Parameters
    ----------
    add : Adder
    tensors : list of skl2onnx Variable
        Each has one column of X or more.
    inputs : Inputs
    names : list of str
        Of the columns.

    Returns
    -------
    x : str
        Rows, shape (n_samples, n_columns).
    codes : ndarray of float64
        What each indicator is equal to.

    Raises
    ------
    ValueError
        If the widths of the tensors do not tell which columns they have, or if one of numbers
        has a column of strings.
    """
    parts, codes, first = [], inputs.codes.astype(np.float64), 0
    for tensor, width in zip(tensors, _widths(tensors, inputs), strict=True):
        columns = np.arange(first, first + width)
        known = {
            j: values for j, values in inputs.category_values.items() if first <= j < first + width
        }
        first += width
        if not is_of_strings(tensor):
            _check_numbers(known, names)
        if dtype_of(tensor).kind == "f":
            for j, values in known.items():
                is_code = (inputs.indicators == j) & ~np.isnan(codes)
                codes[is_code] = [_number(values[int(code)]) for code in codes[is_code]]
            known = {}
        # A column of categories is alone, columns of numbers that are neighbors stay together.
        is_known = np.isin(columns, list(known))
        for run in np.split(columns, np.flatnonzero(is_known[1:] | is_known[:-1]) + 1):
            x = tensor.full_name
            x = x if run.size == width else add("Gather", x, run - columns[0], axis=1)
            of_run = known.get(run[0])
            if is_of_strings(tensor):
                x = _add_strings(add, x, of_run, names[run[0]])
            elif of_run is not None:
                x = add.cast_to_integers(x)
                x = _add_table(add, x, "keys_int64s", _codes_of_integers(of_run))
            parts.append(add.cast(x))
    return add.joined(parts, axis=1), codes


def _add_strings(add: Adder, x: str, values: np.ndarray | None, name: str) -> str:
    """Add the codes that strings stand for, or the numbers that they spell."""
    if values is None:
        return _add_spelled_numbers(add, x)
    return _add_table(add, x, "keys_strings", _codes_of_strings(values, name))


def _widths(tensors: list[Any], inputs: Inputs) -> list[int]:
    """Number of columns of each tensor; at most one does not tell its own."""
    widths = [x.type.shape[1] for x in tensors]
    if widths.count(None) > 1:
        raise ValueError(
            "initial_types must tell the number of columns of each input, but "
            f"{[x.raw_name for x in tensors if x.type.shape[1] is None]} do not."
        )
    rest = inputs.n_columns - sum(width for width in widths if width is not None)
    return [rest if width is None else width for width in widths]


def _check_numbers(known: dict[int, np.ndarray], names: list[str]) -> None:
    """Refuse a tensor of numbers for columns whose categories are all strings."""
    columns = [
        names[j] for j, values in known.items() if values.size and all(map(_is_string, values))
    ]
    if columns:
        raise ValueError(
            f"The columns {columns[:5]} are of strings, but X or initial_types show numbers. Pass "
            "rows of a DataFrame, or an initial type of strings, StringTensorType, for them."
        )


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> float:
    """A category as float64; NaN, which nothing is equal to, where it is no such number."""
    if _is_string(value):
        return np.nan
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond all of float64
        return np.nan
    return number if number == value else np.nan


def _spellings(value: Any) -> list[str]:
    """The strings that stand for a category: of a whole number, as an int and as a float."""
    number = np.nan if _is_string(value) else _number(value)
    is_whole = number == number // 1
    return [str(value), *([str(int(value)), str(number)] if is_whole else [])]


def _codes_of_strings(values: np.ndarray, name: str) -> dict[str, float]:
    """The code of each string that is a category: NaN where it says that a value is missing."""
    code_of: dict[str, float] = {}
    for code, value in enumerate(values.tolist()):
        for word in _spellings(value):
            if code_of.setdefault(word, code) != code:
                raise ValueError(
                    f"Column {name!r} has two categories that are spelled {word!r}, a string and a "
                    "number; an input of strings cannot tell them apart."
                )
    for word in MISSING:
        code_of.setdefault(word, np.nan)
    return code_of


def _codes_of_integers(values: np.ndarray) -> dict[int, float]:
    """The code of each whole number or boolean that is a category."""
    code_of = {
        int(value): float(code)
        for code, value in enumerate(values.tolist())
        if not _is_string(value) and value == value // 1 and abs(value) < 2**63
    }
    code_of.setdefault(0, UNKNOWN)  # there must be some
    return code_of


def _add_table(add: Adder, x: str, kind: str, code_of: dict[Any, float]) -> str:
    """Add the code of each item of x."""
    attributes: dict[str, Any] = {kind: list(code_of)}
    return add(
        "LabelEncoder",
        x,
        op_domain="ai.onnx.ml",
        op_version=2,
        values_floats=[float(code) for code in code_of.values()],
        default_float=float(UNKNOWN),
        **attributes,
    )


def _add_spelled_numbers(add: Adder, x: str) -> str:
    """Add the numbers that strings spell, still as strings."""
    words = list(NUMBERS)
    place = add(
        "LabelEncoder",
        x,
        op_domain="ai.onnx.ml",
        op_version=2,
        keys_strings=words,
        values_int64s=list(range(1, len(words) + 1)),
        default_int64=0,
    )
    spelled = add("Gather", np.array(["", *NUMBERS.values()], dtype=object), place)
    return add("Where", add("Equal", place, [0]), x, spelled)
