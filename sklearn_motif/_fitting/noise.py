"""What y holds, by which "auto" goes: numbers, or classes that are noisy or not.

Nearest neighbors tell noise.

In large samples the nearest neighbor errs at most twice as often as the best of all classifiers
(Cover and Hart, "Nearest neighbor pattern classification", 1967).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator

from .._network import MotifNetwork, Rows
from .._network.inputs import blocks
from .inputs import COMPARED_NUMBERS, FEW_COLUMNS, ORDERED_COLUMNS, Table, some_rows
from .parameters import FEW_ROWS, goes_by_noise
from .targets import Targets

# Rows whose neighbors are looked at, and rows among which they are looked for, at most.
ASKED_ROWS = 500
OTHER_ROWS = 5000
# Neighbors of other classes, as a share of what they would be by chance, from which y is noisy.
NOISY = 0.4
# The first of them tell, where what they say is so many standard errors away from the limit.
FIRST_ASKED = 100
SURE = 4.0
# Inputs are rounded to this part of their unit: distances are then halves of whole numbers, which
# have the same bits in any order of summation, that is for any number of threads.
STEPS = 16
# What was not scaled ends there: sums of squares of more would be rounded.
FARTHEST = 160_000
# Sums of squares up to which float32 rounds nothing, also not of two kinds of inputs together.
EXACT_IN_FLOAT32 = 1 << 21
# Numbers that are rounded at a time: they stay in the cache.
ROUNDED_NUMBERS = 1 << 17


def kind_of_y(
    estimator: BaseEstimator,
    network: MotifNetwork,
    table: Table,
    targets: Targets,
    *,
    is_partial: bool,
) -> str:
    """One of the kinds of ``parameters.AUTO_OF_KIND``.

    Noise takes time to look for, and more than a few rows: calls of `partial_fit` do not, nor does
    a `fit` in which no parameter goes by it.

    Parameters
    ----------
    estimator : BaseEstimator
    network : MotifNetwork
    table : Table
    targets : Targets
    is_partial : bool
        Whether this is a call of `partial_fit`.
    """
    if not targets.is_discrete:
        return "numbers"
    asks_for_noise = goes_by_noise(estimator) and not is_partial
    if asks_for_noise and table.rows.size >= FEW_ROWS and is_noisy(network, table):
        return "noisy classes"
    inputs = network.inputs
    if network.sparse_inputs and inputs.is_plain:
        return "classes by rare values"
    limit = FEW_COLUMNS if inputs.bins.size else ORDERED_COLUMNS - 1
    return "classes by few columns" if inputs.values.size <= limit else "classes"


def is_noisy(network: MotifNetwork, table: Table) -> bool:
    """Whether nearest neighbors are of other classes nearly as often as any rows are.

    Parameters
    ----------
    network : MotifNetwork
        Its inputs are compared, but for bins, which say the same as values.
    table : Table
        y holds class numbers, or labels.
    """
    inputs = network.inputs
    count = OTHER_ROWS
    if isinstance(table.X, np.ndarray) or not inputs.is_plain:  # as wide as it may be
        count = min(count, max(COMPARED_NUMBERS // inputs.numbers_a_row, 2))
    drawn = some_rows(np.random.default_rng(0).permutation(table.rows), count)
    rows = np.sort(drawn)  # as they lie in memory
    X = table.inputs_of(rows, network)
    ends = np.cumsum([inputs.values.size, inputs.bins.size])
    values, indicators = X[:, : ends[0]], X[:, ends[1] :]
    if inputs.is_sparse:  # all values are entries
        values = scipy.sparse.csr_array(values).toarray()
    parts = [_rounded(part) for part in (values, indicators) if part.shape[1]]
    places = np.searchsorted(rows, drawn)
    y, weights = table.y[drawn].reshape(drawn.size, -1), table.weights[drawn]
    limit = NOISY * sum(_differ_by_chance(of_target, weights) for of_target in y.T)
    n_asked, excess = min(rows.size, ASKED_ROWS), np.empty(0)
    for end in (min(n_asked, FIRST_ASKED), n_asked):
        asked = np.arange(excess.size, end)
        others = _neighbors(parts, places, asked)
        differ = np.count_nonzero(y[others] != y[asked], axis=1)
        excess = np.concatenate([excess, differ - limit])
        if _is_clear(excess, weights[:end], limit):
            break
    return bool(np.average(excess, weights=weights[: excess.size]) > 0)


def _is_clear(excess: np.ndarray, weights: np.ndarray, limit: float) -> bool:
    """Whether a mean is far from 0, by its standard error or by what that is at the limit."""
    mean = np.average(excess, weights=weights)
    variance = max(np.average((excess - mean) ** 2, weights=weights), limit * (1 - limit))
    error = np.sqrt(variance * np.sum(weights**2)) / np.sum(weights)
    return bool(np.abs(mean) > SURE * error)


def _neighbors(
    parts: list[tuple[Rows, np.ndarray]], places: np.ndarray, asked: np.ndarray
) -> np.ndarray:
    """The nearest of all rows to some, none of which is its own neighbor.

    Row k lies at ``places[k]`` of the parts. Of rows that are as near the first one is taken.
    """
    distances = _distances(*parts[0], places[asked])
    for part in parts[1:]:
        distances += _distances(*part, places[asked])
    distances = distances.take(places, axis=1)
    distances[np.arange(asked.size), asked] = np.inf
    return distances.argmin(axis=1)


def _distances(X: Rows, halves: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Half the squared distances of some rows to all, but for a constant of each of the former."""
    products = X[asked] @ X.T
    products = products.toarray() if scipy.sparse.issparse(products) else products
    return np.subtract(halves, products, out=products)


def _rounded(X: Rows) -> tuple[Rows, np.ndarray]:
    """Rows in whole numbers, in float32 where this is exact, and half their sums of squares."""
    if isinstance(X, np.ndarray):
        whole, squares = np.empty_like(X, order="C"), np.empty(len(X), dtype=X.dtype)
        for some in blocks(len(X), X.shape[1], ROUNDED_NUMBERS):
            _round(X[some], whole[some])
            squares[some] = _squares(whole[some])
    else:
        whole = X.copy()
        _round(X.data, whole.data)
        whole.eliminate_zeros()
        squares = _squares(whole)
    if squares.max() <= EXACT_IN_FLOAT32:
        return whole.astype(np.float32, copy=False), squares.astype(np.float32, copy=False) / 2
    numbers = whole if isinstance(whole, np.ndarray) else whole.data
    np.clip(numbers, -FARTHEST, FARTHEST, out=numbers)
    whole = whole.astype(np.float64, copy=False)
    return whole, _squares(whole) / 2


def _round(numbers: np.ndarray, whole: np.ndarray) -> None:
    """Write numbers as whole ones."""
    with np.errstate(over="ignore"):  # far beyond what is clipped later
        np.multiply(numbers, STEPS, out=whole)
    np.rint(whole, out=whole)


def _squares(X: Rows) -> np.ndarray:
    """Sums of squares of rows, infinite where numbers are not clipped yet and far away."""
    with np.errstate(over="ignore"):
        if isinstance(X, np.ndarray):
            return np.einsum("ij,ij->i", X, X)
        return np.ravel(X.multiply(X).sum(axis=1))


def _differ_by_chance(y: np.ndarray, weights: np.ndarray) -> float:
    """How often two rows are of different classes."""
    shares = np.bincount(y.astype(np.int64), weights) / weights.sum()
    return 1.0 - float(np.sum(shares**2))
