"""Columns of frames and arrays as numbers: categories become codes, missing values NaN."""

from __future__ import annotations

import sys
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.utils import check_array

from .cells import UNKNOWN, Objects, Values

Categories = dict[int, np.ndarray]
SCALARS = (str, bool, np.bool_, int, float, np.number, Decimal, Fraction)
# So many values of which none is known are hardly new ones by chance.
MANY_UNKNOWN = 10
# What to do about strings among numbers.
IN_FRAMES = "list it in categorical_features, or take away what is no number."
IN_ARRAYS = (
    "of arrays, categories are the columns that categorical_features lists. Frames tell them by "
    'their dtypes, and a ColumnTransformer gives one after .set_output(transform="pandas").'
)


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
    unread: Collection[int] = (),
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
        Known columns in which new values get a code, too, after those that had one. If there was
        no value yet, it is decided anew whether they are categories.
    unread : collection of int, default=()
        Columns that become 0, whatever they hold, where X is converted.

    Returns
    -------
    X : ndarray where it was a frame or may hold categories, else as it was
    categories : dict of int to ndarray of object
        The values of the codes 0, 1, ... of each column of categories. A column of a frame of
        which there is no value is one of them, because it may turn out to be one.
    """
    is_listed = lists_columns(categorical_features)
    if scipy.sparse.issparse(X):
        if known or (is_listed and np.size(categorical_features)):
            raise ValueError("X is sparse; columns of categories need dense X.")
        return X, {}
    if not is_frame(X):
        if not (_may_hold_objects(X) or (is_listed if known is None else known)):
            return X, {}
        X = check_array(
            X, dtype=None if isinstance(X, np.ndarray) else object, ensure_all_finite=False
        )
        X = X.astype(str) if X.dtype.kind == "S" else X
    names = list(X.columns) if is_frame(X) else [*range(X.shape[1])]
    kinds = _kinds(X, names, categorical_features, known, growing)
    is_float32 = isinstance(X, np.ndarray) and X.dtype == np.float32
    numbers = np.zeros((X.shape[0], len(names)), dtype=np.float32 if is_float32 else np.float64)
    read = np.setdiff1d(np.arange(len(names)), list(unread))
    simple = read[_are_simple(X, kinds)[read]]
    numbers[:, simple] = _floats(X, simple)
    is_empty = np.isnan(numbers[:, simple]).all(axis=0)
    categories: dict[int, list] = {j: [] for j in simple[is_empty] if kinds[j] is None}
    for j in np.setdiff1d(read, simple).tolist():
        column = _column(X, j, names[j], kinds[j])
        if isinstance(column, np.ndarray):
            numbers[:, j] = column
        else:
            values = [] if known is None else known[j].tolist()
            is_growing = known is None or j in growing
            numbers[:, j], categories[j] = column.coded(values, names[j], is_growing=is_growing)
    return numbers, _in_order(categories, known, unread)


def lists_columns(categorical_features: Any) -> bool:
    """Whether the parameter of this name lists columns, which sparse X cannot have."""
    return not (categorical_features is None or isinstance(categorical_features, str))


def unknown_columns(numbers: np.ndarray, categories: Categories) -> np.ndarray:
    """Columns of categories that hold many values, but none that is known."""
    columns = [j for j, values in categories.items() if values.size]
    codes = numbers[:, columns]
    n_unknown = np.count_nonzero(codes == UNKNOWN, axis=0)
    is_unknown = (n_unknown >= MANY_UNKNOWN) & ~(codes >= 0).any(axis=0)
    return np.array(columns, dtype=np.int64)[is_unknown]


def _may_hold_objects(X: Any) -> bool:
    """Whether X is an array of cells that scikit-learn would not tell by their column."""
    if not isinstance(X, np.ndarray):
        return False
    if X.dtype.kind in "mM":
        raise ValueError(_other_dtype("X", X.dtype))
    return X.dtype.kind == "O" and X.ndim == 2


def _in_order(
    categories: dict[int, list], known: Categories | None, unread: Collection[int]
) -> Categories:
    """Values as arrays, sorted by their columns, with those that are not read."""
    result = {} if known is None else {j: known[j] for j in unread if j in known}
    for j, values in categories.items():
        result[int(j)] = np.empty(len(values), dtype=object)
        result[int(j)][:] = values
    return dict(sorted(result.items()))


def _kinds(
    X: Any,
    names: list,
    categorical_features: Any,
    known: Categories | None,
    growing: Collection[int],
) -> list[bool | None]:
    """For each column whether it holds categories; None: its dtype or its cells tell."""
    columns = range(len(names))
    if known is None:
        open_columns = set(columns)
    else:
        open_columns = {j for j, values in known.items() if j in growing and not values.size}
    kinds: list[bool | None] = [known is not None and j in known for j in columns]
    if not open_columns:
        return kinds
    if lists_columns(categorical_features):
        listed = _listed_columns(names, categorical_features, has_names=is_frame(X))
        decided: list[bool | None] = [j in listed for j in columns]
    else:
        can_tell = categorical_features is not None and (is_frame(X) or known is not None)
        decided = [None if can_tell else False for _ in columns]
    return [decided[j] if j in open_columns else kinds[j] for j in columns]


def _listed_columns(names: list, categorical_features: Any, *, has_names: bool) -> set[int]:
    """Numbers of the columns that the parameter lists."""
    listed = list(categorical_features)
    if listed and all(isinstance(column, (bool, np.bool_)) for column in listed):
        if len(listed) != len(names):
            raise ValueError(
                f"categorical_features holds {len(listed)} bools, but X has {len(names)} columns."
            )
        return set(np.flatnonzero(listed).tolist())
    columns = set()
    for column in listed:
        if has_names and isinstance(column, str) and column in names:
            columns.add(names.index(column))
        elif _is_number_below(column, len(names)):
            columns.add(int(column))
        else:
            raise ValueError(
                "categorical_features must list names of columns of a frame, or numbers from 0 to "
                f"{len(names) - 1}, or hold a bool for each column; got {column!r}."
            )
    return columns


def _is_number_below(column: Any, end: int) -> bool:
    is_integer = isinstance(column, Integral) and not isinstance(column, bool)
    return is_integer and 0 <= column < end


# Columns of numbers as they are.


def _are_simple(X: Any, kinds: list[bool | None]) -> np.ndarray:
    """Which columns hold numbers by their dtype, so that many of them can be read at once."""
    if _is_of("pandas", X):
        dtypes = [getattr(dtype, "kind", "O") for dtype in X.dtypes]
    elif _is_of("polars", X):
        dtypes = ["f" if dtype.is_numeric() else "O" for dtype in X.dtypes]
    else:
        dtypes = [X.dtype.kind] * X.shape[1]
    simple = {True: "", False: "biuf", None: "iuf"}
    return np.array(
        [of in simple[kind] for of, kind in zip(dtypes, kinds, strict=True)], dtype=bool
    )


def _floats(X: Any, columns: np.ndarray) -> np.ndarray:
    """Simple columns, missing values as NaN."""
    if _is_of("pandas", X):
        some = X.iloc[:, columns]
        if all(isinstance(dtype, np.dtype) for dtype in some.dtypes):
            return some.to_numpy(dtype=np.float64)
        parts = [some.iloc[:, i] for i in range(columns.size)]
        return np.column_stack([part.to_numpy(dtype=np.float64, na_value=np.nan) for part in parts])
    if _is_of("polars", X):
        import polars

        return X[:, columns.tolist()].cast(polars.Float64).to_numpy().reshape(len(X), -1)
    return X[:, columns]


# Other columns.


def _column(X: Any, j: int, name: Any, kind: bool | None) -> Values | np.ndarray:
    """A column as categories or, in float64, as numbers; `kind` is that of ``_kinds``."""
    if _is_of("pandas", X):
        return _pandas_column(X.iloc[:, j], name, kind)
    if _is_of("polars", X):
        return _polars_column(X.to_series(j), name, kind)
    if X.dtype.kind in "OU":
        if X.dtype.kind == "U" and not kind:
            return _spelled_numbers(X[:, j], name)
        return _of_objects(Objects.of(X[:, j].tolist(), name), name, kind, IN_ARRAYS)
    return Values.of_array(X[:, j])


def _of_objects(
    objects: Objects, name: Any, kind: bool | None, hint: str = IN_FRAMES
) -> Values | np.ndarray:
    """Objects as categories or as numbers; no value is no category yet."""
    if kind is None:
        kind = not objects.types or objects.are_words(name)
    return Values.of_objects(objects, name) if kind else objects.numbers(name, hint)


def _spelled_numbers(cells: np.ndarray, name: Any) -> np.ndarray:
    try:
        return cells.astype(np.float64)
    except ValueError:
        return Objects(cells.tolist(), {str}).numbers(name, IN_ARRAYS)


def _pandas_column(series: Any, name: Any, kind: bool | None) -> Values | np.ndarray:
    import pandas

    dtype, is_categorical = series.dtype, isinstance(series.dtype, pandas.CategoricalDtype)
    of_dtype = getattr(dtype, "kind", "O")
    if of_dtype in "mMc":
        raise ValueError(_other_dtype(f"Column {name!r} of X", dtype))
    if kind is None and (is_categorical or of_dtype == "b" or getattr(dtype, "type", None) is str):
        kind = True
    if kind and is_categorical:
        return _pandas_categories(series, name)
    if kind and isinstance(dtype, np.dtype) and of_dtype in "biuf":
        return Values.of_array(series.to_numpy())
    return _of_objects(Objects.of(series.to_numpy(dtype=object).tolist(), name), name, kind)


def _pandas_categories(series: Any, name: Any) -> Values:
    """Categories that occur; those of other types, such as intervals, as they are written."""
    found, places = np.unique(series.cat.codes.to_numpy(), return_inverse=True)
    values = series.cat.categories.to_numpy(dtype=object)[found[found >= 0]].tolist()
    values = [value if isinstance(value, SCALARS) else str(value) for value in values]
    objects = Objects.of(values, name)
    if len(Values.of_objects(objects, name).values) < len(values):
        raise ValueError(f"Column {name!r} of X has two categories that are written alike.")
    return Values(objects.cells, places - np.count_nonzero(found < 0))


def _polars_column(series: Any, name: Any, kind: bool | None) -> Values | np.ndarray:
    import polars

    if series.dtype.is_temporal() or series.dtype.is_nested():
        raise ValueError(_other_dtype(f"Column {name!r} of X", series.dtype))
    if kind is None and series.dtype not in (polars.Object, polars.Null):
        kind = True
    if kind and series.dtype == polars.Boolean and not series.null_count():
        return Values.of_array(series.to_numpy())
    return _of_objects(Objects.of(series.to_list(), name), name, kind)


def _other_dtype(what: str, dtype: Any) -> str:
    return (
        f"{what} is of dtype {dtype}; columns must hold numbers, strings, booleans or categories."
    )
