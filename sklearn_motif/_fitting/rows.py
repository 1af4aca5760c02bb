"""X and y as users give them, checked and laid out for the network."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import column_or_1d, validate_data

from .._network import Rows


def validated_rows(
    estimator: BaseEstimator, X: Any, y: Any, dtype: Any, *, reset: bool
) -> tuple[Rows, np.ndarray]:
    """Rows to train or to validate on, and their y.

    Parameters
    ----------
    estimator : BaseEstimator
        Learns the number and names of the features where `reset` is true.
    X, y : array-like
    dtype : dtype or tuple of dtype
        X is converted to the first one, unless it has one of them.
    reset : bool
    """
    X, y = validate_data(
        estimator,
        X,
        y,
        accept_sparse="csr",
        dtype=dtype,
        order="C",
        multi_output=True,
        y_numeric=isinstance(estimator, RegressorMixin),
        reset=reset,
    )
    y = y.toarray() if scipy.sparse.issparse(y) else y
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return _with_sorted_indices(X), y


def rows_to_predict(estimator: BaseEstimator, X: Any, dtype: Any) -> Rows:
    """Rows that a fitted estimator can take."""
    X = validate_data(estimator, X, accept_sparse="csr", dtype=dtype, order="C", reset=False)
    return _with_sorted_indices(X)


def _with_sorted_indices(X: Rows) -> Rows:
    """Sparse X with its indices sorted in every row; the caller's X is left alone."""
    return X if isinstance(X, np.ndarray) or X.has_sorted_indices else X.sorted_indices()
