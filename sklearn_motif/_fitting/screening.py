"""Columns that look like noise, which a network would learn by heart.

A column is *isolated* if it correlates with no other column and is associated with no target,
neither by itself nor in a pair. Isolated columns of wide data are left out if they look like noise
together, too.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2
from scipy.stats import t as student

from .quantiles import turned

# Few rows cannot tell noise; with many rows for each column, a network copes with it by itself.
MINIMUM_ROWS = 500
ROWS_PER_COLUMN = 10
MAXIMUM_COLUMNS = 4000
FIRST_PART = 4  # of so many parts of the rows one is looked at first
# Probability that a set of nothing but noise has a column that seems to be something.
LEVEL = 0.01
MINIMUM_SHARE = 0.1  # of all columns; a smaller share of noise does little harm
# Rows on the smaller side of the median: by fewer, no column can be told from noise.
MINIMUM_SIDE = 10
# Pairs of columns times classes of targets, or bins, that are looked at: some seconds. With more,
# nothing is left out.
MOST_PAIRS = 200_000_000
BINS = 8
QUANTILES = np.linspace(0, 1, BINS + 1)[1:-1]
BLOCK = 256  # columns that are compared with all others at a time


def may_be_screened(n_rows: int, n_columns: int) -> bool:
    """Whether there are enough rows to tell noise, and columns enough for it to do harm."""
    is_wide = MINIMUM_ROWS <= n_rows < ROWS_PER_COLUMN * n_columns
    return is_wide and n_columns <= MAXIMUM_COLUMNS


def noise_columns(X: np.ndarray, y: np.ndarray, *, is_discrete: bool) -> np.ndarray:
    """Which columns are noise, by some rows.

    Time is O(n_rows * n_columns**2).

    Parameters
    ----------
    X : ndarray of float32 or float64, shape (n_rows, n_columns)
    y : ndarray of shape (n_rows,) or (n_rows, n_targets)
    is_discrete : bool
        Whether y holds classes or labels; numbers otherwise.

    Returns
    -------
    ndarray of bool, shape (n_columns,)
    """
    y = y.reshape(len(X), -1)
    # A part of the rows will do where nearly all columns tell, as pixels do.
    for step in (FIRST_PART, 1) if len(X) >= FIRST_PART * MINIMUM_ROWS else (1,):
        columns = turned(X[::step])
        columns.sort(axis=1)
        bins = _binned_columns(X[::step], columns)
        statistics, degrees = _associations(bins, y[::step], is_discrete)
        is_seen = (chi2.sf(statistics, degrees) < LEVEL / statistics.size).any(axis=0)
        if np.mean(~is_seen) < MINIMUM_SHARE:
            return np.zeros_like(is_seen)
    is_seen |= _related_columns(X)
    is_noise = ~is_seen
    if is_noise.mean() >= MINIMUM_SHARE:
        signs = _signs(X, columns)
        larger_sides = (len(X) + np.abs(signs.sum(axis=0))) / 2
        is_noise &= len(X) - larger_sides >= MINIMUM_SIDE
        if _n_pairs(y, is_noise, is_discrete) > MOST_PAIRS:
            return np.zeros_like(is_noise)
        is_seen |= _telling_pairs(signs, y, is_noise, is_discrete)
        is_noise &= ~is_seen
    is_worth_it = is_seen.any() and is_noise.mean() >= MINIMUM_SHARE
    # Many columns may each say too little to be noticed, and much together.
    together = chi2.sf(statistics[:, is_noise].sum(), degrees[:, is_noise].sum())
    return is_noise if is_worth_it and together >= LEVEL else np.zeros_like(is_noise)


def normalized(X: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The columns with mean 0 and length 1, by which they correlate; constant ones become 0.

    `weights` are those of rows, which are multiplied by the roots.
    """
    weights = np.ones(len(X)) if weights is None else weights
    X = X - ((weights.astype(X.dtype) @ X) / weights.sum()).astype(X.dtype)
    X *= np.sqrt(weights).astype(X.dtype)[:, None]
    lengths = np.sqrt(np.einsum("ij,ij->j", X, X))
    X *= np.divide(1, lengths, where=lengths > 0, out=np.zeros_like(lengths))
    return X


def _related_columns(X: np.ndarray) -> np.ndarray:
    """Which columns correlate with another one beyond chance."""
    n_rows, n_columns = X.shape
    X = normalized(X)
    highest = np.zeros(n_columns)
    for first in range(0, n_columns, BLOCK):
        correlations = np.abs(X[:, first : first + BLOCK].T @ X[:, first:])
        np.fill_diagonal(correlations, 0)
        some, rest = highest[first : first + BLOCK], highest[first:]
        np.maximum(rest, correlations.max(axis=0), out=rest)
        np.maximum(some, correlations.max(axis=1), out=some)
    freedom = n_rows - 2
    value = student.isf(LEVEL / n_columns**2, freedom)  # for both signs and each pair once
    return highest > value / np.sqrt(freedom + value**2)


def _binned_columns(X: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The bin of each value in its column, 0 to BINS - 1; `columns` are sorted."""
    bins = np.zeros(X.shape, dtype=np.uint8)
    # Between a value and the next one no limit tells more than the value itself.
    for limit in columns[:, (QUANTILES * (len(X) - 1)).astype(np.int64)].T:
        bins += limit < X
    return bins


def _associations(
    bins: np.ndarray, y: np.ndarray, is_discrete: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Pearson's chi-squared statistic of each target and binned column; degrees of freedom."""
    statistics, degrees = np.zeros((2, y.shape[1], bins.shape[1]))
    is_in_bin = np.empty(bins.shape, dtype=np.float32)
    for t, target in enumerate(y.T):
        if not is_discrete:
            target = _binned(target)
        classes = np.equal.outer(np.unique(target), target).astype(np.float32)
        counts = np.empty((BINS, len(classes), bins.shape[1]))
        for number, of_bin in enumerate(counts):
            np.equal(bins, number, out=is_in_bin)
            of_bin[:] = classes @ is_in_bin  # whole numbers: exact in float32, in any order
        sizes = counts.sum(axis=1)  # ties leave some bins empty
        expected = sizes[:, None] * classes.mean(axis=1, dtype=np.float64)[:, None]
        statistics[t] = np.divide(
            (counts - expected) ** 2, expected, where=expected > 0, out=0 * expected
        ).sum(axis=(0, 1))
        degrees[t] = (np.count_nonzero(sizes, axis=0) - 1) * (len(classes) - 1)
    return statistics, degrees


def _binned(target: np.ndarray) -> np.ndarray:
    """The bin of each number, 0 to BINS - 1."""
    return np.searchsorted(np.quantile(target, QUANTILES), target)


def _signs(X: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """On which side of the median of its column a value lies, 1 or -1 in float32.

    The median itself goes to the smaller side: a column of two values keeps both. `columns` are
    sorted.
    """
    n_rows = len(X)
    above, from_it = columns[:, (n_rows - 1) // 2] < X, columns[:, n_rows // 2] <= X
    n_above, n_from_it = (part.sum(axis=0, dtype=np.int32) for part in (above, from_it))
    is_even = np.abs(2 * n_above - n_rows) <= np.abs(2 * n_from_it - n_rows)
    above |= from_it & ~is_even
    return 2 * above.astype(np.float32) - 1


def _n_pairs(y: np.ndarray, candidates: np.ndarray, is_discrete: bool) -> int:
    """Pairs of a candidate and a column, times the classes or bins of all targets."""
    n_classes = sum(np.unique(target).size if is_discrete else BINS for target in y.T)
    return n_classes * int(np.count_nonzero(candidates)) * candidates.size


def _telling_pairs(
    signs: np.ndarray, y: np.ndarray, candidates: np.ndarray, is_discrete: bool
) -> np.ndarray:
    """Which columns have a partner beside which they are associated with a target.

    Columns tell together where their signs correlate otherwise in the rows of one class, or bin of
    numbers, than in others, which what a column tells by itself does not bring about. One of a
    pair is a candidate, the other is any one.

    Returns
    -------
    ndarray of bool, shape (n_columns,)
    """
    numbers = np.flatnonzero(candidates)
    limit = LEVEL / max(numbers.size * signs.shape[1] * y.shape[1], 1)
    tells = np.zeros(signs.shape[1], dtype=bool)
    for target in y.T:
        target = target if is_discrete else _binned(target)
        order = np.argsort(target, kind="stable")
        starts = np.flatnonzero(np.diff(target[order])) + 1
        classes = np.split(signs[order], starts)
        degrees = max(len(starts), 1) if is_discrete else 1
        least = chi2.isf(limit, degrees)
        for first in range(0, numbers.size, BLOCK):
            some = numbers[first : first + BLOCK]
            is_telling = _statistics_of_pairs(classes, some, is_discrete) > least
            tells |= is_telling.any(axis=0)
            tells[some] |= is_telling.any(axis=1)
    return tells


def _statistics_of_pairs(
    classes: list[np.ndarray], some: np.ndarray, is_discrete: bool
) -> np.ndarray:
    """How correlations of some columns with all differ by class, or rise or fall with bins.

    By chance they are chi-squared, of one degree of freedom less than classes, or of one for bins.
    """
    freedom = np.array([len(signs) - 1.0 for signs in classes])
    scores = np.arange(len(classes)) - (np.arange(len(classes)) @ freedom) / max(freedom.sum(), 1)
    weights = freedom if is_discrete else freedom * scores
    total, squares = np.zeros((2, some.size, classes[0].shape[1]))
    for signs, of_class, weight in zip(classes, freedom, weights, strict=True):
        sums = signs[:, some].T @ signs  # whole numbers: exact in float32, in any order
        means = signs.mean(axis=0, dtype=np.float64)
        lengths = np.sqrt(len(signs) * (1 - means**2))
        scales = np.divide(1, lengths, where=lengths > 0, out=np.zeros_like(lengths))
        correlations = sums * scales[some, None]
        correlations *= scales
        means *= np.sqrt(len(signs)) * scales
        correlations -= np.outer(means[some], means)
        total += weight * correlations
        if is_discrete:
            squares += of_class * correlations**2
    if is_discrete:
        return squares - total**2 / max(freedom.sum(), 1)
    return total**2 / max((freedom * scores**2).sum(), 1)
