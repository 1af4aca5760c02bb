"""Quantiles of columns that follow weights: a weight of two is the row twice, zero its absence."""

from __future__ import annotations

import numpy as np

# Cumulated weights that differ by less than this share of their sum are equal.
ROUNDING = 1e-10
# Numbers that are looked at together, which keeps memory small.
NUMBERS_AT_A_TIME = 1 << 20
# Rows that are turned into columns at a time: they stay in the cache.
TURNED_ROWS = 256


def column_quantiles(X: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Quantiles of each column of X without its missing values.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns)
    weights : ndarray of float64, shape (n_rows,) or (n_rows, n_columns)
        Greater than zero; each value may have its own.
    levels : ndarray of float64, shape (n_levels,)
        From 0, the least value, to 1, the greatest.

    Returns
    -------
    ndarray of float64, shape (n_levels, n_columns)
        The mean of the values where the cumulated weights reach a level and where they exceed it;
        NaN in columns without any value.
    """
    n_rows, n_columns = X.shape
    are_equal = bool((weights == weights.ravel()[:1]).all())
    weights = np.broadcast_to(weights.T, (n_columns, n_rows))
    quantiles = np.empty((levels.size, n_columns))
    step = max(1, NUMBERS_AT_A_TIME // n_rows)
    for first in range(0, n_columns, step):
        some = slice(first, first + step)
        columns = turned(X[:, some])
        if are_equal:
            quantiles[:, some] = _quantiles_of_equals(columns, levels)
        else:
            quantiles[:, some] = _quantiles(columns.astype(np.float64), weights[some], levels)
    return quantiles


def turned(X: np.ndarray) -> np.ndarray:
    """A copy of X whose rows are the columns of X."""
    columns = np.empty(X.shape[::-1], dtype=X.dtype)
    for first in range(0, len(X), TURNED_ROWS):
        some = slice(first, first + TURNED_ROWS)
        columns[:, some] = X[some].T
    return columns


def _quantiles_of_equals(X: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """What `_quantiles` gives where all weights are equal; sorts X.

    Values need no order of their weights then, so that they are sorted alone, in their dtype, which
    takes a tenth of the time.
    """
    X.sort(axis=1)  # missing values come last
    n_values = np.full(len(X), X.shape[1])
    misses = np.isnan(X[:, -1])
    n_values[misses] -= np.count_nonzero(np.isnan(X[misses]), axis=1)
    last, rows = np.maximum(n_values - 1, 0), np.arange(len(X))
    quantiles = np.empty((levels.size, len(X)))
    for quantile, level in zip(quantiles, levels, strict=True):
        # Of the numbers 1 to n_values, how many are less than the target, and how many no more.
        reached = np.ceil((level - ROUNDING) * n_values).astype(np.int64) - 1
        exceeded = np.floor((level + ROUNDING) * n_values).astype(np.int64)
        quantile[:] = _between(X, rows, np.clip(reached, 0, last), np.minimum(exceeded, last))
    return quantiles


def _between(X: np.ndarray, rows: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Means of the values of rows at two places each."""
    lows, highs = (X[rows, places].astype(np.float64) for places in (low, high))
    return lows + (0.5 * highs - 0.5 * lows)  # their difference may be infinite


def _quantiles(X: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Quantiles of some columns of X, which are rows here."""
    order = np.argsort(X, axis=1)  # missing values come last
    X = np.take_along_axis(X, order, axis=1)
    of_values = np.take_along_axis(weights, order, axis=1)
    sums = np.cumsum(np.where(np.isnan(X), 0.0, of_values), axis=1)
    totals = sums[:, -1]
    last = np.maximum((~np.isnan(X)).sum(axis=1) - 1, 0)
    rows = np.arange(len(X))
    quantiles = np.empty((levels.size, len(X)))
    for quantile, level in zip(quantiles, levels, strict=True):
        target = level * totals
        reached = (sums < (target - ROUNDING * totals)[:, None]).sum(axis=1)
        exceeded = (sums <= (target + ROUNDING * totals)[:, None]).sum(axis=1)
        quantile[:] = _between(X, rows, np.minimum(reached, last), np.minimum(exceeded, last))
    return quantiles


def differences(quantiles: np.ndarray) -> np.ndarray:
    """Differences of sorted quantiles along the last axis, finite where they are too large."""
    with np.errstate(over="ignore"):
        return np.minimum(np.diff(quantiles), np.finfo(np.float64).max)
