"""X and y as users give them, checked and laid out for the network."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_array, check_X_y
from sklearn.utils.validation import column_or_1d, validate_data

from .._network import Inputs, Rows
from .._training.log import logger, show_log
from ..engine import warn_user
from .cells import is_missing
from .columns import Categories, as_numbers, is_frame, unknown_columns

# Frames, integers and lists become float64. What is not finite is told by the names of columns.
CHECKS: dict[str, Any] = {
    "accept_sparse": "csr",
    "dtype": (np.float64, np.float32),
    "order": "C",
    "ensure_all_finite": False,
}
# Columns that a message names.
MAXIMUM_NAMES = 5


def validated_rows(
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    *,
    reset: bool,
    inputs: Inputs | None = None,
    growing: Collection[int] = (),
) -> tuple[Rows, np.ndarray, Categories]:
    """Rows to train or to validate on, their y, and the values of categories.

    Parameters
    ----------
    estimator : BaseEstimator
        Learns the number and names of the columns where `reset` is true.
    X, y : array-like
    reset : bool
    inputs : Inputs, default=None
        What is known of the columns; None: nothing yet.
    growing : collection of int, default=()
        Columns of which more is to be learned.
    """
    numbers, categories = _in_numbers(estimator, X, reset, inputs, growing)
    checks = {
        **CHECKS,
        "multi_output": True,
        "y_numeric": isinstance(estimator, RegressorMixin),
    }
    _check_no_gaps(y)
    if numbers is X:
        numbers, y = validate_data(estimator, X, y, reset=reset, **checks)
    else:
        numbers, y = check_X_y(numbers, y, estimator=estimator, **checks)
    y = y.toarray() if scipy.sparse.issparse(y) else y
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return _laid_out(estimator, numbers), y, categories


def rows_to_predict(estimator: BaseEstimator, X: Any, inputs: Inputs) -> Rows:
    """Rows that a fitted estimator can take."""
    # What a scorer gets in every epoch was checked before the first one.
    checked = vars(estimator).get("_checked_rows")
    if checked is not None and checked[0] is X:
        return checked[1]
    numbers, _ = _in_numbers(estimator, X, False, inputs)
    if numbers is X:
        numbers = validate_data(estimator, X, reset=False, **CHECKS)
    else:
        numbers = check_array(numbers, estimator=estimator, **CHECKS)
    numbers = _laid_out(estimator, numbers)
    warn_of_cells(estimator, numbers, inputs)
    return numbers


def _in_numbers(
    estimator: BaseEstimator,
    X: Any,
    reset: bool,
    inputs: Inputs | None,
    growing: Collection[int] = (),
) -> tuple[Any, Categories]:
    """X in numbers, whose columns are those of the estimator: see ``columns.as_numbers``."""
    if is_frame(X):  # names that do not fit say more than what their columns hold
        validate_data(estimator, X, skip_check_array=True, reset=reset)
    known, unread = None, np.empty(0, dtype=np.int64)
    if inputs is not None:
        known = inputs.category_values
    if inputs is not None and not scipy.sparse.issparse(X):  # of which every cell is a number
        unread = np.setdiff1d(inputs.left_out, list(growing))
    numbers, categories = as_numbers(X, estimator.categorical_features, known, growing, unread)
    if not (numbers is X or is_frame(X)):
        validate_data(estimator, X, skip_check_array=True, reset=reset)
    if reset and estimator.feature_shape is not None:  # pixels are numbers
        categories = {j: values for j, values in categories.items() if values.size}
    return numbers, categories


def _check_no_gaps(y: Any) -> None:
    """Refuse a y that misses values among objects, which cannot be compared with them."""
    if y is None or scipy.sparse.issparse(y):
        return
    try:
        cells = np.asarray(y)
    except ValueError:  # scikit-learn says what is wrong
        return
    if cells.dtype.kind == "O" and any(is_missing(cell) for cell in cells.ravel()):
        raise ValueError("y contains missing values (None or NaN); leave such rows out.")


def warn_of_cells(estimator: BaseEstimator, X: Rows, inputs: Inputs, X_name: str = "X") -> None:
    """Tell of categories and of missing values that no input tells of."""
    _warn_of_missing(estimator, X, inputs, X_name)
    _warn_of_unknown(estimator, X, inputs, X_name)


def _warn_of_unknown(estimator: BaseEstimator, X: Rows, inputs: Inputs, X_name: str) -> None:
    """Tell of columns of categories of which none is known: they may be of another type."""
    if scipy.sparse.issparse(X):
        return
    columns = unknown_columns(X, inputs.category_values)
    if columns.size:
        warn_user(
            f"{X_name} holds none of the known categories in columns "
            f"{column_names(estimator, columns)}: all that they hold counts as unknown. Are they "
            "of the type of the training rows?"
        )


def _warn_of_missing(estimator: BaseEstimator, X: Rows, inputs: Inputs, X_name: str) -> None:
    """Tell of missing values that no input tells of."""
    if scipy.sparse.issparse(X) or np.isfinite(_total(X)):
        return
    columns = np.intersect1d(inputs.read_columns, inputs.values)
    columns = np.setdiff1d(columns, inputs.missing)
    columns = columns[np.isnan(X[:, columns]).any(axis=0)]
    if columns.size:
        fills = np.broadcast_to(inputs.fills, inputs.n_columns)[columns]
        fill = "the median of their column" if fills.any() else "0"
        warn_user(
            f"{X_name} misses values in columns that have no input for it: "
            f"{column_names(estimator, columns)}. They count as {fill}."
        )


def log_left_out(estimator: BaseEstimator, X: Rows, rows: np.ndarray, inputs: Inputs) -> None:
    """Log how many columns are left out, and why.

    Parameters
    ----------
    estimator : BaseEstimator
        Knows the names of the columns.
    X : array of shape (n_samples, n_columns)
    rows : ndarray of int64
        Those to train on.
    inputs : Inputs
    """
    show_log()
    varies = np.zeros(inputs.left_out.size, dtype=bool)
    if isinstance(X, np.ndarray):  # sparse X leaves out what it has no value of
        varies[:] = [_varies(X[rows, j]) for j in inputs.left_out]
    for columns, reason in (
        (inputs.left_out[varies], "look like noise (screen_features=False keeps them)"),
        (inputs.left_out[~varies], "hold one value or none"),
    ):
        if columns.size:
            names = ", ".join(map(str, column_names(estimator, columns)))
            more = ", ..." if columns.size > MAXIMUM_NAMES else ""
            logger.info(
                "%d of %d columns left out, which %s: %s%s",
                columns.size,
                inputs.n_columns,
                reason,
                names,
                more,
            )


def _varies(column: np.ndarray) -> bool:
    """Whether a column holds two values or more."""
    values = column[~np.isnan(column)]
    return bool((values != values[:1]).any())


def column_names(estimator: BaseEstimator, columns: np.ndarray) -> list:
    """Names or numbers of the first of some columns."""
    names = getattr(estimator, "feature_names_in_", None)
    return (columns if names is None else names[columns])[:MAXIMUM_NAMES].tolist()


def _total(numbers: np.ndarray) -> float:
    """Sum of all numbers: finite only where each of them is."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sum(numbers))


def _laid_out(estimator: BaseEstimator, X: Rows) -> Rows:
    """Rows without infinity, sparse ones with sorted columns, each once; X is left alone."""
    if isinstance(X, np.ndarray):
        if not np.isfinite(_total(X)):
            _refuse_infinity(estimator, np.nonzero(np.isinf(X))[1])
        return X
    if not np.isfinite(_total(X.data)):
        _refuse_infinity(estimator, X.indices[np.isinf(X.data)])
        if np.isnan(X.data).any():
            raise ValueError("X is sparse and contains NaN; missing values need dense X.")
    if X.indices.size and not (0 <= X.indices.min() and X.indices.max() < X.shape[1]):
        raise ValueError(f"X is sparse and has indices of columns outside 0 to {X.shape[1] - 1}.")
    if X.has_canonical_format:
        return X
    X = X.copy()
    X.sum_duplicates()  # sorts them, too
    return X


def _refuse_infinity(estimator: BaseEstimator, columns: np.ndarray) -> None:
    if columns.size:
        raise ValueError(
            f"X contains infinity, in columns {column_names(estimator, np.unique(columns))}; "
            "columns must hold finite numbers."
        )
