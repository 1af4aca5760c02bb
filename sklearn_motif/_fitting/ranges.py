"""Rows to validate on that lie far outside the range of the rows to train on."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from scipy.special import gammaln
from sklearn.base import BaseEstimator

from .._network import Inputs, Rows
from ..engine import warn_user
from .advice import TRANSFORM
from .rows import column_names

# By chance, fewer of all calls than this find a column whose values lie far outside.
CHANCE = 1e-6
# Stored values of a column of sparse X that tell of its range.
MANY_VALUES = 10


def warn_of_ranges(estimator: BaseEstimator, X: Rows, X_val: Rows, inputs: Inputs) -> None:
    """Tell of columns whose values in `X_val` are of another kind than in `X`, the training rows.

    Codes of categories have no range, and values that no input reads do not matter.
    """
    columns = far_columns(X, X_val, np.intersect1d(inputs.read_columns, inputs.values))
    if columns.size:
        warn_user(
            "Most values of X_val lie far outside the range of the training rows in columns "
            f"{column_names(estimator, columns)}. {TRANSFORM}"
        )


def far_columns(X: Rows, X_val: Rows, columns: np.ndarray) -> np.ndarray:
    """Those of some columns in which most values of `X_val` lie far outside the range of `X`.

    They are farther away from it than it is wide, and random rows would hardly be so. Stored
    values of sparse `X_val` are judged together: it has far columns where most rows are far.
    """
    low, high, n_values = _ranges(X)
    with np.errstate(over="ignore", invalid="ignore"):
        low, high = low - (high - low), high + (high - low)
    if scipy.sparse.issparse(X_val):
        is_told = np.isin(np.arange(X.shape[1]), columns) & (n_values >= MANY_VALUES)
        return _far_columns_of_sparse(X_val, low, high, is_told, X.shape[0])
    values = X_val[:, columns]
    n_far = np.count_nonzero((values < low[columns]) | (values > high[columns]), axis=0)
    n_given = np.count_nonzero(~np.isnan(values), axis=0)
    return columns[_is_most(n_far, n_given, n_values[columns], columns.size)]


def _ranges(X: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lowest and highest value of each column, NaN if there is none, and how many there are.

    In sparse X, 0 is always between the two, and stored values are counted.
    """
    if isinstance(X, np.ndarray):
        low, high = np.fmin.reduce(X, axis=0), np.fmax.reduce(X, axis=0)
        return low, high, X.shape[0] - np.count_nonzero(np.isnan(X), axis=0)
    low, high = np.zeros((2, X.shape[1]))
    np.minimum.at(low, X.indices, X.data)
    np.maximum.at(high, X.indices, X.data)
    return low, high, np.bincount(X.indices, minlength=X.shape[1])


def _far_columns_of_sparse(
    X: scipy.sparse.csr_array, low: np.ndarray, high: np.ndarray, is_told: np.ndarray, n_rows: int
) -> np.ndarray:
    """Columns of which most stored values are far, where rows are: see `far_columns`."""
    of = X.indices
    is_far = is_told[of] & ((X.data < low[of]) | (X.data > high[of]))
    row = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    n_far, n_told = (np.bincount(row[some], minlength=X.shape[0]) for some in (is_far, is_told[of]))
    n_far_rows, n_told_rows = np.count_nonzero(2 * n_far > n_told), np.count_nonzero(n_told)
    if not _is_most(n_far_rows, n_told_rows, n_rows, 1):
        return np.empty(0, dtype=np.int64)
    far, stored = (np.bincount(of[some], minlength=X.shape[1]) for some in (is_far, is_told[of]))
    return np.flatnonzero(2 * far > stored)


def _is_most(n_far: Any, n_val: Any, n_train: Any, n_columns: int) -> Any:
    """Whether most of `n_val` values are far, and more than would be by chance.

    Of values in random order, however they are distributed, the k lowest are all among the last
    `n_val` with the probability below. So are some of the lowest and the rest of k of the highest,
    for each of the k + 1 ways to choose how many.
    """
    n = n_train + n_val
    logarithm = gammaln(n_val + 1) - gammaln(n_val - n_far + 1)
    logarithm += gammaln(n - n_far + 1) - gammaln(n + 1) + np.log(n_far + 1)
    return (2 * n_far > n_val) & (logarithm + np.log(max(n_columns, 1)) < np.log(CHANCE))
