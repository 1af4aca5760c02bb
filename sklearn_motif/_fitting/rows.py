"""X and y as users give them, checked and laid out for the network."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_array, check_X_y
from sklearn.utils.validation import column_or_1d, validate_data

from .._network import Inputs, Rows, may_miss_values
from .._training.log import warn_user
from .columns import Categories, as_numbers, is_missing

# X may miss values; frames, integers and lists become float64.
CHECKS: dict[str, Any] = {
    "accept_sparse": "csr",
    "dtype": (np.float64, np.float32),
    "order": "C",
    "ensure_all_finite": "allow-nan",
}


def validated_rows(
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    *,
    reset: bool,
    known: Categories | None = None,
    growing: Collection[int] = (),
) -> tuple[Rows, np.ndarray, Categories]:
    """Rows to train or to validate on, their y, and the values of categories.

    Parameters
    ----------
    estimator : BaseEstimator
        Learns the number and names of the columns where `reset` is true.
    X, y : array-like
    reset : bool
    known, growing
        See ``columns.as_numbers``.
    """
    _refuse_missing_targets(y)
    numbers, categories = as_numbers(X, estimator.categorical_features, known, growing)
    checks = {
        **CHECKS,
        "multi_output": True,
        "y_numeric": isinstance(estimator, RegressorMixin),
    }
    if numbers is X:
        numbers, y = validate_data(estimator, X, y, reset=reset, **checks)
    else:
        validate_data(estimator, X, skip_check_array=True, reset=reset)
        numbers, y = check_X_y(numbers, y, estimator=estimator, **checks)
    y = y.toarray() if scipy.sparse.issparse(y) else y
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return _laid_out(numbers), y, categories


def _refuse_missing_targets(y: Any) -> None:
    """Refuse y with missing values among objects, which scikit-learn does not look for."""
    if y is None or scipy.sparse.issparse(y):
        return
    cells = np.asarray(y)
    if cells.dtype.kind == "O" and any(is_missing(cell) for cell in cells.ravel()):
        raise ValueError("y misses values (None, NaN or NA); every row must have its own.")


def rows_to_predict(estimator: BaseEstimator, X: Any, inputs: Inputs) -> Rows:
    """Rows that a fitted estimator can take."""
    numbers, _ = as_numbers(X, estimator.categorical_features, inputs.category_values)
    if numbers is X:
        numbers = validate_data(estimator, X, reset=False, **CHECKS)
    else:
        validate_data(estimator, X, skip_check_array=True, reset=False)
        numbers = check_array(numbers, estimator=estimator, **CHECKS)
    warn_of_missing(estimator, [numbers], inputs)
    return _laid_out(numbers)


def warn_of_missing(estimator: BaseEstimator, parts: list[Rows], inputs: Inputs) -> None:
    """Tell of missing values in columns of numbers that have no input for them."""
    is_missing = np.zeros(inputs.n_columns, dtype=bool)
    for X in parts:
        if isinstance(X, np.ndarray) and may_miss_values(X):
            is_missing |= np.isnan(X).any(axis=0)
    silent = [*inputs.missing, *inputs.category_values]
    columns = np.setdiff1d(np.flatnonzero(is_missing), silent)
    columns = np.intersect1d(columns, inputs.columns)  # others are left out
    if columns.size:
        names = getattr(estimator, "feature_names_in_", np.arange(inputs.n_columns))[columns]
        warn_user(
            "X misses values in columns without an input for missing values, such as columns that "
            f"missed none in training: {names[:5].tolist()}. They count as the median of their "
            "column."
        )


def _laid_out(X: Rows) -> Rows:
    """Sparse X with its indices sorted in every row; the caller's X is left alone."""
    if isinstance(X, np.ndarray):
        return X
    if np.isnan(X.data).any():
        raise ValueError("X is sparse and holds NaN; missing values need dense X.")
    return X if X.has_sorted_indices else X.sorted_indices()
