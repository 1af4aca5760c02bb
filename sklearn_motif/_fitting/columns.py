"""Columns of frames and arrays as numbers: categories become codes, missing values NaN."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.utils import check_array

Categories = dict[int, np.ndarray]
# The code of a value that is none of the known categories.
UNKNOWN = -1


def is_frame(X: Any) -> bool:
    """Whether X is a frame of pandas or polars."""
    return _is_of("pandas", X) or _is_of("polars", X)


def _is_of(library: str, X: Any) -> bool:
    module = sys.modules.get(library)
    return module is not None and isinstance(X, module.DataFrame)


def as_numbers(
    X: Any,
    categorical_features: Any,
    known: Categories | None = None,
    growing: Collection[int] = (),
) -> tuple[Any, Categories]:
    """X in numbers, and the values that the codes of categories stand for.

    Parameters
    ----------
    X : frame, array-like or sparse matrix of shape (n_samples, n_columns)
    categorical_features : "from_dtype", array-like or None
        The parameter of this name.
    known : dict of int to ndarray, default=None
        Columns of categories, with the values that have a code: others become UNKNOWN. None:
        `categorical_features` says which, and all values of X have a code.
    growing : collection of int, default=()
        Known columns in which new values get a code, too, after those that had one.

    Returns
    -------
    X : ndarray where it was a frame or may hold categories, else as it was
    categories : dict of int to ndarray of object
        The values of the codes 0, 1, ... of each column of categories.
    """
    is_listed = lists_columns(categorical_features)
    if scipy.sparse.issparse(X):
        if known or (is_listed and np.size(categorical_features)):
            raise ValueError("X is sparse; columns of categories need dense X.")
        return X, {}
    if not is_frame(X):
        may_hold_words = isinstance(X, np.ndarray) and X.dtype.kind == "O" and X.ndim == 2
        if not (may_hold_words or (is_listed if known is None else known)):
            return X, {}
        X = check_array(
            X, dtype=None if isinstance(X, np.ndarray) else object, ensure_all_finite=False
        )
    names = list(X.columns) if is_frame(X) else [*range(X.shape[1])]
    chosen = _chosen_columns(X, names, categorical_features) if known is None else list(known)
    is_float32 = isinstance(X, np.ndarray) and X.dtype == np.float32
    dtype = np.float32 if is_float32 else np.float64
    numbers, categories = np.empty((X.shape[0], len(names)), dtype=dtype), {}
    for j, name in enumerate(names):
        cells, is_categorical = _column(X, j, name)
        if chosen is not None:
            is_categorical = j in chosen
        elif is_categorical is None:
            is_categorical = _are_words(cells, name)
        if is_categorical:
            values = np.empty(0, dtype=object) if known is None else known[j]
            if known is None or j in growing:
                values = _values(cells, values)
            numbers[:, j], categories[j] = _codes(cells, values), values
        else:
            numbers[:, j] = _floats(cells, name)
    return numbers, categories


def lists_columns(categorical_features: Any) -> bool:
    """Whether the parameter of this name lists columns, which sparse X cannot have."""
    return not (categorical_features is None or isinstance(categorical_features, str))


def _chosen_columns(X: Any, names: list, categorical_features: Any) -> list[int] | None:
    """Numbers of the columns that the parameter lists; None: those of such a dtype."""
    if categorical_features is None:
        return []
    if isinstance(categorical_features, str):
        return None if is_frame(X) else []
    listed = np.asarray(categorical_features)
    if listed.dtype.kind == "b" and listed.shape == (len(names),):
        return np.flatnonzero(listed).tolist()
    columns = set()
    for column in listed.ravel().tolist():
        if isinstance(column, str) and column in names:
            columns.add(names.index(column))
        elif type(column) is int and 0 <= column < len(names):  # a bool is no number
            columns.add(column)
        else:
            raise ValueError(
                "categorical_features must list names of columns of a frame, or numbers from 0 to "
                f"{len(names) - 1}, or hold a bool for each column; got {column!r}."
            )
    return sorted(columns)


def _column(X: Any, j: int, name: Any) -> tuple[np.ndarray, bool | None]:
    """Cells of a column, and whether they are categories by their dtype; None: the cells tell.

    Cells are float64 with NaN, or objects with None, where a value is missing.
    """
    if _is_of("pandas", X):
        return _pandas_column(X.iloc[:, j], name)
    if _is_of("polars", X):
        return _polars_column(X.to_series(j), name)
    if X.dtype.kind != "O":
        return X[:, j].astype(np.float64), False
    cells = np.empty(X.shape[0], dtype=object)
    cells[:] = [None if is_missing(cell) else cell for cell in X[:, j]]
    return cells, False


def _pandas_column(series: Any, name: Any) -> tuple[np.ndarray, bool | None]:
    import pandas

    is_category = isinstance(series.dtype, pandas.CategoricalDtype)
    kind = getattr(series.dtype, "kind", "O")
    if kind in "iuf" and not is_category:
        return series.to_numpy(dtype=np.float64, na_value=np.nan), False
    if kind in "mMc":
        raise _unknown_kind(name, series.dtype)
    cells = series.to_numpy(dtype=object, copy=True)
    cells[series.isna().to_numpy()] = None
    return cells, True if is_category or kind == "b" else None


def _polars_column(series: Any, name: Any) -> tuple[np.ndarray, bool | None]:
    import polars

    if series.dtype.is_numeric():
        return series.cast(polars.Float64).to_numpy(), False
    if series.dtype.is_temporal() or series.dtype.is_nested():
        raise _unknown_kind(name, series.dtype)
    cells = np.array(series.to_list(), dtype=object)
    return cells, None if series.dtype == polars.Object else True


def _unknown_kind(name: Any, dtype: Any) -> ValueError:
    return ValueError(
        f"Column {name!r} of X is of dtype {dtype}; columns must hold numbers, strings, "
        "booleans or categories."
    )


def is_missing(cell: Any) -> bool:
    """Whether a cell is None, NaN, or the NA or NaT of pandas."""
    is_marked = cell is None or type(cell).__name__ in ("NAType", "NaTType")
    return is_marked or (isinstance(cell, (float, np.floating)) and bool(np.isnan(cell)))


def _are_words(cells: np.ndarray, name: Any) -> bool:
    """Whether objects are strings or booleans; numbers if not."""
    kinds = {isinstance(cell, (str, bool, np.bool_)) for cell in cells if cell is not None}
    if len(kinds) == 2:
        raise ValueError(
            f"Column {name!r} of X holds numbers beside strings or booleans; it must hold one "
            "kind, or be listed in categorical_features."
        )
    return kinds == {True}


def _floats(cells: np.ndarray, name: Any) -> np.ndarray:
    """Cells of a column of numbers."""
    if cells.dtype.kind != "f" and any(isinstance(cell, str) for cell in cells):
        raise ValueError(
            f"Column {name!r} of X holds strings, but is a column of numbers: list it in "
            "categorical_features, or take away what is no number."
        )
    try:
        return cells.astype(np.float64)  # None becomes NaN
    except (TypeError, ValueError) as error:
        raise type(error)(f"Column {name!r} of X must hold numbers: {error}") from error


def _plain(cell: Any) -> Any:
    """A value as a builtin: a string, a bool or a number."""
    cell = cell.item() if isinstance(cell, np.generic) else cell
    if isinstance(cell, (dict, list, set, np.ndarray)):
        raise TypeError(
            f"X holds {cell!r} in a column of categories; a category as an argument must be a "
            "string, a boolean or a number."
        )
    return cell if isinstance(cell, (str, bool, int, float)) else str(cell)


def _values(cells: np.ndarray, known: Any) -> np.ndarray:
    """Known values and the others of a column of categories: strings, booleans or numbers."""
    values = {_plain(cell) for cell in cells.tolist() if cell is not None and cell == cell}
    new = values.difference(known)
    ordered = [*known, *sorted(new, key=lambda value: (isinstance(value, str), value))]
    result = np.empty(len(ordered), dtype=object)
    result[:] = ordered
    return result


def _codes(cells: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Places of cells among some values, as float64: NaN where a cell is missing."""
    code_of = {value: code for code, value in enumerate(values.tolist())}
    return np.array(
        [
            np.nan if cell is None or cell != cell else code_of.get(_plain(cell), UNKNOWN)
            for cell in cells.tolist()
        ],
        dtype=np.float64,
    )
