"""Columns that look like noise, which a network would learn by heart.

A column is *isolated* if it correlates with no other column and is associated with no target.
Isolated columns of wide data are left out if they look like noise together, too.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2
from scipy.stats import t as student

# Few rows cannot tell noise; with many rows for each column, a network copes with it by itself.
MINIMUM_ROWS = 500
ROWS_PER_COLUMN = 10
MAXIMUM_COLUMNS = 4000
# Probability that a set of nothing but noise has a column that seems to be something.
LEVEL = 0.01
MINIMUM_SHARE = 0.1  # of all columns; a smaller share of noise does little harm
BINS = 8
BLOCK = 512  # columns that are compared with all others at a time


def may_be_screened(n_rows: int, n_columns: int) -> bool:
    """Whether there are enough rows to tell noise, and columns enough for it to do harm."""
    is_wide = MINIMUM_ROWS <= n_rows < ROWS_PER_COLUMN * n_columns
    return is_wide and n_columns <= MAXIMUM_COLUMNS


def noise_columns(X: np.ndarray, y: np.ndarray, *, is_discrete: bool) -> np.ndarray:
    """Which columns are noise, by some rows.

    Time is O(n_rows * n_columns**2).

    Parameters
    ----------
    X : ndarray of float64, shape (n_rows, n_columns)
    y : ndarray of shape (n_rows,) or (n_rows, n_targets)
    is_discrete : bool
        Whether y holds classes or labels; numbers otherwise.

    Returns
    -------
    ndarray of bool, shape (n_columns,)
    """
    y = y.reshape(len(X), -1)
    related = _related_columns(X)
    statistics, degrees = _associations(X, y, is_discrete)
    telling = (chi2.sf(statistics, degrees) < LEVEL / statistics.size).any(axis=0)
    isolated = ~(related | telling)
    is_worth_it = not isolated.all() and isolated.mean() >= MINIMUM_SHARE
    # Many columns may each say too little to be noticed, and much together.
    together = chi2.sf(statistics[:, isolated].sum(), degrees[:, isolated].sum())
    return isolated if is_worth_it and together >= LEVEL else np.zeros_like(isolated)


def normalized(X: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The columns with mean 0 and length 1, by which they correlate; constant ones become 0.

    `weights` are those of rows, which are multiplied by the roots.
    """
    X = X - np.average(X, axis=0, weights=weights)
    if weights is not None:
        X *= np.sqrt(weights)[:, None]
    X /= np.maximum(np.sqrt((X**2).sum(axis=0)), np.finfo(X.dtype).tiny)
    return X


def _related_columns(X: np.ndarray) -> np.ndarray:
    """Which columns correlate with another one beyond chance."""
    n_rows, n_columns = X.shape
    X = normalized(X)
    highest = np.zeros(n_columns)
    for first in range(0, n_columns, BLOCK):
        correlations = np.abs(X[:, first : first + BLOCK].T @ X)
        own = np.arange(len(correlations))
        correlations[own, first + own] = 0
        highest[first : first + BLOCK] = correlations.max(axis=1)
    freedom = n_rows - 2
    value = student.isf(LEVEL / n_columns**2, freedom)  # for both signs and each pair once
    return highest > value / np.sqrt(freedom + value**2)


def _associations(X: np.ndarray, y: np.ndarray, is_discrete: bool) -> tuple[np.ndarray, np.ndarray]:
    """Pearson's chi-squared statistic of each target and binned column; degrees of freedom."""
    n_columns = X.shape[1]
    quantiles = np.linspace(0, 1, BINS + 1)[1:-1]
    limits = np.quantile(X, quantiles, axis=0)
    above = [(X > limit).astype(np.float64) for limit in limits]
    statistics, degrees = np.zeros((2, y.shape[1], n_columns))
    for t, target in enumerate(y.T):
        if not is_discrete:
            target = np.searchsorted(np.quantile(target, quantiles), target)
        classes = np.equal.outer(target, np.unique(target)).astype(np.float64)
        totals = np.broadcast_to(classes.sum(axis=0), (n_columns, classes.shape[1]))
        tails = np.stack([totals, *(part.T @ classes for part in above), 0 * totals])
        counts = tails[:-1] - tails[1:]  # (bin, column, class)
        sizes = counts.sum(axis=2)  # ties leave some bins empty
        expected = sizes[:, :, None] * classes.mean(axis=0)
        statistics[t] = np.divide(
            (counts - expected) ** 2, expected, where=expected > 0, out=0 * expected
        ).sum(axis=(0, 2))
        degrees[t] = (np.count_nonzero(sizes, axis=0) - 1) * (classes.shape[1] - 1)
    return statistics, degrees
