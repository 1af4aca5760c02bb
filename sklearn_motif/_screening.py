"""Which columns of wide data are noise, judged by the training rows before training.

A column is *isolated* if it goes with no other column and with no target. Isolated columns are
left out if they look like noise together, too. A network would learn them by heart.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2
from scipy.stats import t as student

# Too few rows tell noise from nothing; with many for each column, a network copes by itself.
FEWEST_ROWS = 500
ROWS_PER_COLUMN = 10
# What is looked at: time is O(rows * columns**2), memory O(rows * columns).
MOST_ROWS = 2000
MOST_COLUMNS = 4000
# Probability that a set of nothing but noise has a column that seems to be something.
LEVEL = 0.01
LEAST_SHARE = 0.1  # of all columns; fewer that are noise do little harm
BINS = 8
BLOCK = 512  # columns that are compared with all others at a time


def columns_to_keep(
    X: np.ndarray, y: np.ndarray, rows: np.ndarray, *, is_discrete: bool
) -> np.ndarray | None:
    """Columns that are no noise, sorted; None where all stay.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_columns)
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
    rows : ndarray of int64
        Rows to judge by.
    is_discrete : bool
        Whether y holds classes or labels; numbers otherwise.
    """
    n_rows, n_columns = rows.size, X.shape[1]
    is_wide = FEWEST_ROWS <= n_rows < ROWS_PER_COLUMN * n_columns
    if not is_wide or n_columns > MOST_COLUMNS:
        return None
    rows = rows[np.linspace(0, n_rows - 1, min(n_rows, MOST_ROWS)).astype(np.int64)]
    X, y = X[rows].astype(np.float64), y[rows].reshape(rows.size, -1)
    related = _related_columns(X)
    statistics, degrees = _associations(X, y, is_discrete)
    telling = chi2.sf(statistics, degrees) < LEVEL / n_columns
    isolated = ~(related | telling)
    if isolated.all() or isolated.mean() < LEAST_SHARE:
        return None
    # Many columns may each say too little to be noticed, and much together.
    if chi2.sf(statistics[isolated].sum(), degrees[isolated].sum()) < LEVEL:
        return None
    return np.flatnonzero(~isolated)


def _related_columns(X):
    """Which columns correlate with another one beyond chance."""
    n_rows, n_columns = X.shape
    X = X - X.mean(axis=0)
    X /= np.maximum(np.sqrt((X**2).sum(axis=0)), np.finfo(X.dtype).tiny)
    highest = np.zeros(n_columns)
    for first in range(0, n_columns, BLOCK):
        correlations = np.abs(X[:, first : first + BLOCK].T @ X)
        own = np.arange(len(correlations))
        correlations[own, first + own] = 0
        highest[first : first + BLOCK] = correlations.max(axis=1)
    freedom = n_rows - 2
    value = student.isf(LEVEL / n_columns**2, freedom)  # of either sign, each pair once
    return highest > value / np.sqrt(freedom + value**2)


def _associations(X, y, is_discrete):
    """Pearson's chi-squared statistic of each column, in bins, and all targets; its degrees."""
    n_rows, n_columns = X.shape
    quantiles = np.linspace(0, 1, BINS + 1)[1:-1]
    limits = np.quantile(X, quantiles, axis=0)
    above = [(X > limit).astype(np.float64) for limit in limits]
    statistics, degrees = np.zeros(n_columns), np.zeros(n_columns)
    for target in y.T:
        if not is_discrete:
            target = np.searchsorted(np.quantile(target, quantiles), target)
        classes = np.equal.outer(target, np.unique(target)).astype(np.float64)
        totals = np.broadcast_to(classes.sum(axis=0), (n_columns, classes.shape[1]))
        tails = np.stack([totals, *(part.T @ classes for part in above), 0 * totals])
        counts = tails[:-1] - tails[1:]  # (bin, column, class)
        sizes = counts.sum(axis=2)  # ties leave some bins empty
        expected = sizes[:, :, None] * classes.mean(axis=0)
        statistics += np.divide(
            (counts - expected) ** 2, expected, where=expected > 0, out=0 * expected
        ).sum(axis=(0, 2))
        degrees += (np.count_nonzero(sizes, axis=0) - 1) * (classes.shape[1] - 1)
    return statistics, degrees
