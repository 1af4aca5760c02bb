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
from .inputs import COMPARED_NUMBERS, FEW_COLUMNS, ORDERED_COLUMNS, Table, some_rows
from .parameters import FEW_ROWS, goes_by_noise
from .targets import Targets

# Rows whose neighbors are looked at, and rows among which they are looked for, at most.
ASKED_ROWS = 500
OTHER_ROWS = 5000
# Neighbors of other classes, as a share of what they would be by chance, from which y is noisy.
NOISY = 0.4
# Inputs are rounded to this part of their unit: distances are then whole numbers, which have the
# same bits in any order of summation, that is for any number of threads.
STEPS = 16
FARTHEST = 1e4  # what was not scaled ends there: sums of squares of more would be rounded


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
    rows = some_rows(np.random.default_rng(0).permutation(table.rows), count)
    X = inputs.of(table.X[rows], np.float64)
    ends = np.cumsum([inputs.values.size, inputs.bins.size])
    values, indicators = X[:, : ends[0]], X[:, ends[1] :]
    if inputs.is_sparse:  # all values are entries
        values = scipy.sparse.csr_array(values).toarray()
    asked = np.arange(min(rows.size, ASKED_ROWS))
    distances = _distances(values, asked) + _distances(indicators, asked)
    distances[asked, asked] = np.inf  # no row is its own neighbor
    y, weights = table.y[rows].reshape(rows.size, -1), table.weights[rows]
    others = distances.argmin(axis=1)
    differ = np.average(y[others] != y[asked], axis=0, weights=weights[asked])
    by_chance = [_differ_by_chance(of_target, weights) for of_target in y.T]
    return bool(differ.sum() > NOISY * np.sum(by_chance))


def _distances(X: Rows, asked: np.ndarray) -> np.ndarray:
    """Squared distances of some rows to all, but for a constant of each of the former."""
    if isinstance(X, np.ndarray):
        X = _rounded(X)
        return np.sum(X**2, axis=1) - 2.0 * (X[asked] @ X.T)
    X = X.copy()
    X.data = _rounded(X.data)
    X.eliminate_zeros()
    return np.ravel(X.multiply(X).sum(axis=1)) - 2.0 * (X[asked] @ X.T).toarray()


def _rounded(numbers: np.ndarray) -> np.ndarray:
    return np.rint(STEPS * np.clip(numbers, -FARTHEST, FARTHEST))


def _differ_by_chance(y: np.ndarray, weights: np.ndarray) -> float:
    """How often two rows are of different classes."""
    shares = np.bincount(y.astype(np.int64), weights) / weights.sum()
    return 1.0 - float(np.sum(shares**2))
