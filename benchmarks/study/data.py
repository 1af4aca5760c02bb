"""Data sets of the study, and how each is split into training and test rows.

``part="test"`` trains on all training rows and is for the report; nothing is chosen by it.
``part="validation"`` trains on a part of the training rows and is judged on others of them. The
same seed gives the same rows to all configurations.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import scipy.sparse
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler

from benchmarks.data import fashion_mnist

# Columns of Madelon that mean something, from 0. For judging importances, never for choosing.
MADELON_USEFUL = [
    28, 48, 64, 105, 128, 153, 241, 281, 318, 336, 338, 378, 433, 442, 451, 453, 455, 472, 475, 493,
]  # fmt: skip
# Rows, columns and classes of the generated data that stand in for a set.
GENERATED = {
    "fashion_mnist_5k": (180, 784, 10),
    "fashion_mnist_60k": (180, 784, 10),
    "madelon": (120, 500, 2),
    "basehock": (120, 60, 2),
}
GENERATED_OTHERS = (120, 30, 3)


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


def two_thirds(X, y, seed, part):
    """A stratified 2/3-1/3 split; or three quarters of its training rows, and the fourth."""
    X, X_test, y, y_test = train_test_split(X, y, test_size=1 / 3, stratify=y, random_state=seed)
    return (X, X_test, y, y_test) if part == "test" else within(X, y, seed)


def within(X, y, seed):
    """A fourth of the rows to validate on; classes may have fewer rows than that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        train, test = next(StratifiedKFold(4, shuffle=True, random_state=seed).split(X, y))
    return X[train], X[test], y[train], y[test]


def from_file(name):
    """A loader of a file with arrays X and y."""

    def load(data_dir, seed, part):
        data = np.load(data_dir / f"{name}.npz")
        return two_thirds(data["X"], data["y"], seed, part)

    return load


def from_sklearn(load_data):
    """A loader of a set that comes with scikit-learn."""
    return lambda data_dir, seed, part: two_thirds(*load_data(return_X_y=True), seed, part)


def basehock(data_dir, seed, part):
    """Counts of words, sparse."""
    X = scipy.sparse.load_npz(data_dir / "basehock_sparse_X.npz").tocsr()
    return two_thirds(X, np.load(data_dir / "basehock_y.npy"), seed, part)


def generated(name, seed, part):
    """Rows around a center for each class, in place of a real set."""
    n_rows, n_columns, n_classes = GENERATED.get(name, GENERATED_OTHERS)
    rng = np.random.default_rng(0)
    y = np.arange(n_rows) % n_classes
    centers = 2 * rng.standard_normal((n_classes, n_columns))
    X = centers[y] + rng.standard_normal((n_rows, n_columns))
    return two_thirds(scipy.sparse.csr_array(X) if name == "basehock" else X, y, seed, part)


DATA = {
    "fashion_mnist_5k": fashion_mnist_5k,
    "fashion_mnist_60k": fashion_mnist_60k,
    "isolet": from_file("isolet"),
    "madelon": madelon,
    "basehock": basehock,
    "digits": from_sklearn(load_digits),
    "tox_171": from_file("tox_171"),
    "lymphoma": from_file("lymphoma"),
    "glioma": from_file("glioma"),
    "lung_small": from_file("lung_small"),
    "breast_cancer": from_sklearn(load_breast_cancer),
    "wine": from_sklearn(load_wine),
}


def load(name, data_dir, seed, part):
    """Training and test rows, standardized and float32; generated ones without a `data_dir`.

    Columns are standardized on the rows that are trained on, sparse ones without the mean.
    """
    if data_dir is None:
        X, X_test, y, y_test = generated(name, seed, part)
    else:
        X, X_test, y, y_test = DATA[name](Path(data_dir), seed, part)
    X, X_test = X.astype(np.float32), X_test.astype(np.float32)
    scaler = StandardScaler(with_mean=not scipy.sparse.issparse(X)).fit(X)
    return scaler.transform(X), scaler.transform(X_test), y, y_test
