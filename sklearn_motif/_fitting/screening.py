"""What the training rows tell of the columns before training.

A column is *isolated* if it correlates with no other column and is associated with no target.
Isolated columns of wide data are left out if they look like noise together, too, because a network
would learn them by heart.

Columns that stand next to each other may be more alike than others, as in images and spectra.
Only such columns form motifs.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2
from scipy.stats import t as student

# Few rows cannot tell noise; with many rows for each column, a network copes with it by itself.
MINIMUM_ROWS = 500
ROWS_PER_COLUMN = 10
# What is looked at has bounds: time is O(rows * columns**2), memory O(rows * columns).
MAXIMUM_ROWS = 2000
MAXIMUM_COLUMNS = 4000
# Probability that a set of nothing but noise has a column that seems to be something.
LEVEL = 0.01
MINIMUM_SHARE = 0.1  # of all columns; a smaller share of noise does little harm
BINS = 8
BLOCK = 512  # columns that are compared with all others at a time
# How often a pair of neighbors must be more alike than a pair of any columns.
NEIGHBORS_WIN = 0.75
MAXIMUM_NUMBERS = 20_000_000  # entries of X by which neighbors are judged


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
    is_wide = MINIMUM_ROWS <= n_rows < ROWS_PER_COLUMN * n_columns
    if not is_wide or n_columns > MAXIMUM_COLUMNS:
        return None
    rows = _spread(rows, MAXIMUM_ROWS)
    X, y = X[rows].astype(np.float64), y[rows].reshape(rows.size, -1)
    related = _related_columns(X)
    statistics, degrees = _associations(X, y, is_discrete)
    telling = (chi2.sf(statistics, degrees) < LEVEL / statistics.size).any(axis=0)
    isolated = ~(related | telling)
    if isolated.all() or isolated.mean() < MINIMUM_SHARE:
        return None
    # Many columns may each say too little to be noticed, and much together.
    if chi2.sf(statistics[:, isolated].sum(), degrees[:, isolated].sum()) < LEVEL:
        return None
    return np.flatnonzero(~isolated)


def neighbors_are_alike(X: np.ndarray, rows: np.ndarray) -> bool:
    """Whether columns correlate with their neighbors more than with others.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_columns)
    rows : ndarray of int64
        Rows to judge by.
    """
    n_columns = X.shape[1]
    X = _normalized(X[_spread(rows, min(MAXIMUM_ROWS, MAXIMUM_NUMBERS // n_columns))])
    near = np.abs(np.einsum("ij,ij->j", X[:, 1:], X[:, :-1]))
    others = np.random.default_rng(0).permutation(n_columns)
    far = np.sort(np.abs(np.einsum("ij,ij->j", X, X[:, others]))[others != np.arange(n_columns)])
    wins = np.searchsorted(far, near, side="left")
    return bool(wins.mean() > NEIGHBORS_WIN * far.size)


def _spread(rows: np.ndarray, maximum: int) -> np.ndarray:
    """At most `maximum` rows, evenly spread from the first to the last."""
    count = min(rows.size, max(maximum, 2))
    return rows[np.linspace(0, rows.size - 1, count).astype(np.int64)]


def _normalized(X: np.ndarray) -> np.ndarray:
    """The columns with mean 0 and length 1; constant columns become 0."""
    X = X.astype(np.float64)
    X -= X.mean(axis=0)
    X /= np.maximum(np.sqrt((X**2).sum(axis=0)), np.finfo(X.dtype).tiny)
    return X


def _related_columns(X: np.ndarray) -> np.ndarray:
    """Which columns correlate with another one beyond chance."""
    n_rows, n_columns = X.shape
    X = _normalized(X)
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
