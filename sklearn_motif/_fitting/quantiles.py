"""Quantiles of columns that follow weights: a weight of two is the row twice, zero its absence."""

from __future__ import annotations

import numpy as np

# Cumulated weights that differ by less than this share of their sum are equal.
ROUNDING = 1e-10
# Numbers that are looked at together, which keeps memory small.
NUMBERS_AT_A_TIME = 1 << 20


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
    weights = np.broadcast_to(weights.T, (n_columns, n_rows))
    quantiles = np.empty((levels.size, n_columns))
    step = max(1, NUMBERS_AT_A_TIME // n_rows)
    for first in range(0, n_columns, step):
        some = slice(first, first + step)
        quantiles[:, some] = _quantiles(X[:, some].T.astype(np.float64), weights[some], levels)
    return quantiles


def _quantiles(X: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The same for some columns of X, which are rows here."""
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
        low, high = (X[rows, np.minimum(place, last)] for place in (reached, exceeded))
        quantile[:] = low + (0.5 * high - 0.5 * low)  # their difference may be infinite
    return quantiles


def differences(quantiles: np.ndarray) -> np.ndarray:
    """Differences of sorted quantiles along the last axis, finite where they are too large."""
    with np.errstate(over="ignore"):
        return np.minimum(np.diff(quantiles), np.finfo(np.float64).max)
