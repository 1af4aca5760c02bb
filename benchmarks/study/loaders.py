"""How data sets that exist are loaded, by seed and part, as they come."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from benchmarks.data import fashion_mnist

from .frames import CLASSIFICATION, read_frame
from .splits import two_thirds, within

# Tables and frames may have more rows; kernels and boosting would take minutes.
MOST_TRAINING_ROWS = 6000


def fashion_mnist_5k(data_dir, seed, part):
    """5000 random training rows; all official test rows, or 10000 other training rows."""
    X, y, X_test, y_test = fashion_mnist(data_dir)
    rows = np.random.default_rng(seed).permutation(len(y))
    if part == "validation":
        X_test, y_test = X[rows[5000:15000]], y[rows[5000:15000]]
    return X[rows[:5000]], X_test, y[rows[:5000]], y_test


def fashion_mnist_60k(data_dir, seed, part):
    """The official parts; or 50000 random training rows, and the other 10000."""
    X, y, X_test, y_test = fashion_mnist(data_dir)
    if part == "test":
        return X, X_test, y, y_test
    rows = np.random.default_rng(seed).permutation(len(y))
    return X[rows[:50000]], X[rows[50000:]], y[rows[:50000]], y[rows[50000:]]


def madelon(data_dir, seed, part):
    """Rows 0 to 1999 and the others; or three quarters of the former, and the fourth."""
    data = np.load(data_dir / "madelon.npz")
    X, y = data["X"], data["y"]
    if part == "test":
        return X[:2000], X[2000:], y[:2000], y[2000:]
    return within(X[:2000], y[:2000], seed)


def basehock(data_dir, seed, part):
    """Counts of words, sparse."""
    X = scipy.sparse.load_npz(data_dir / "basehock_sparse_X.npz").tocsr()
    return two_thirds(X, np.load(data_dir / "basehock_y.npy"), seed, part)


def from_file(name):
    """A loader of a file with arrays X and y."""

    def load(data_dir, seed, part):
        data = np.load(data_dir / f"{name}.npz")
        return two_thirds(data["X"], data["y"], seed, part)

    return load


def from_sklearn(load_data):
    """A loader of a set that comes with scikit-learn."""
    return lambda data_dir, seed, part: two_thirds(*load_data(return_X_y=True), seed, part)


def table(name, *, is_regression=False):
    """A loader of a table of numbers."""

    def load(data_dir, seed, part):
        data = np.load(data_dir / "tables" / f"{name}.npz")
        return two_thirds(data["X"], data["y"], seed, part, at_most=MOST_TRAINING_ROWS,
                          is_regression=is_regression)  # fmt: skip

    return load


def frame(name):
    """A loader of a data frame."""
    return lambda data_dir, seed, part: two_thirds(
        *read_frame(name, data_dir), seed, part, at_most=MOST_TRAINING_ROWS,
        is_regression=name not in CLASSIFICATION,
    )  # fmt: skip
