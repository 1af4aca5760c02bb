"""Data sets of the study, as they come: nothing is scaled, encoded or filled in here."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import scipy.sparse
from sklearn.datasets import load_breast_cancer, load_digits, load_wine

from benchmarks.data import fashion_mnist

from .frames import CLASSIFICATION, TARGETS, read_frame
from .generated import generated
from .splits import two_thirds, within

# Columns of Madelon that mean something, from 0. For judging importances, never for choosing.
MADELON_USEFUL = [
    28, 48, 64, 105, 128, 153, 241, 281, 318, 336, 338, 378, 433, 442, 451, 453, 455, 472, 475, 493,
]  # fmt: skip
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


def table(name, data_dir, seed, part):
    """A table of numbers."""
    data = np.load(data_dir / "tables" / f"{name}.npz")
    return two_thirds(data["X"], data["y"], seed, part, at_most=MOST_TRAINING_ROWS,
                      is_regression=is_regression(name))  # fmt: skip


def frame(name, data_dir, seed, part):
    """A data frame."""
    return two_thirds(*read_frame(name, data_dir), seed, part, at_most=MOST_TRAINING_ROWS,
                      is_regression=is_regression(name))  # fmt: skip


TABLES = [
    "adult", "churn", "credit_g", "phoneme", "spambase", "satimage", "waveform_40", "letter",
    "optdigits", "dna", "mfeat_factors", "gametes_1000",
]  # fmt: skip
REGRESSION = [
    "r_houses", "r_cpu_act", "r_pol", "r_satellite_image", "r_pm10", "r_tecator",
    "r_fri_c4_1000_100", "r_melting_point",
]  # fmt: skip
# Loaders by group; a group has the name of the table of the plan where it meets its peers.
GROUPS = {
    "defaults": {
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
    },
    "tables": {name: partial(table, name) for name in TABLES},
    "regression": {name: partial(table, name) for name in REGRESSION},
    "frames": {name: partial(frame, name) for name in TARGETS},
}
GROUP_OF = {name: group for group, loaders in GROUPS.items() for name in loaders}
DATA = {name: load for loaders in GROUPS.values() for name, load in loaders.items()}


def is_regression(name):
    """Whether the target is a number."""
    group = GROUP_OF[name]
    return group == "regression" or (group == "frames" and name not in CLASSIFICATION)


def load(name, data_dir, seed, part):
    """Training and test rows, float32 but for data frames; generated ones without a `data_dir`."""
    if data_dir is None:
        X, y = generated(name, GROUP_OF[name])
        split = two_thirds(X, y, seed, part, is_regression=is_regression(name))
    else:
        split = DATA[name](Path(data_dir), seed, part)
    X, X_test, y, y_test = split
    if GROUP_OF[name] != "frames":
        X, X_test = X.astype(np.float32), X_test.astype(np.float32)
    return X, X_test, y, y_test
