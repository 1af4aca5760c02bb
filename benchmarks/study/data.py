"""Data sets of the study, as they come: nothing is scaled, encoded or filled in here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_wine

from . import interactions, streams
from .few_rows import FEW_ROWS
from .frames import CLASSIFICATION, TARGETS
from .generated import generated
from .loaders import (
    basehock,
    fashion_mnist_5k,
    fashion_mnist_60k,
    frame,
    from_file,
    from_sklearn,
    madelon,
    table,
)
from .probabilities import RARE_CLASSES, RARE_LABELS
from .splits import two_thirds
from .text import TEXT

TABLES = [
    "adult", "churn", "credit_g", "phoneme", "spambase", "satimage", "waveform_40", "letter",
    "optdigits", "dna", "mfeat_factors", "gametes_1000",
]  # fmt: skip
REGRESSION = [
    "r_houses", "r_cpu_act", "r_pol", "r_satellite_image", "r_pm10", "r_tecator",
    "r_fri_c4_1000_100", "r_melting_point",
]  # fmt: skip
# Loaders by group: the sets of a group have the same peers.
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
    "tables": {name: table(name) for name in TABLES},
    "regression": {name: table(name, is_regression=True) for name in REGRESSION},
    "frames": {name: frame(name) for name in TARGETS},
    "probabilities": RARE_CLASSES,
    "labels": RARE_LABELS,
    "streams": streams.LOADERS,
    "interactions": interactions.INTERACTIONS,
    "few_rows": FEW_ROWS,
    "text": TEXT,
}
# Groups whose sets are read from files; all others are drawn, or come with scikit-learn.
FROM_FILES = ("defaults", "tables", "regression", "frames")
GROUP_OF = {name: group for group, loaders in GROUPS.items() for name in loaders}
DATA = {name: load for loaders in GROUPS.values() for name, load in loaders.items()}


def is_regression(name):
    """Whether the target is a number."""
    if GROUP_OF[name] == "frames":
        return name not in CLASSIFICATION
    return name in REGRESSION or name in interactions.REGRESSION


def load(name, data_dir, seed, part):
    """Training and test rows, float32 but for data frames.

    Without a `data_dir`, generated rows stand in for those of files.
    """
    group = GROUP_OF[name]
    if data_dir is None and group in FROM_FILES:
        X, y = generated(name, group)
        split = two_thirds(X, y, seed, part, is_regression=is_regression(name))
    else:
        split = DATA[name](data_dir and Path(data_dir), seed, part)
    X, X_test, y, y_test = split
    if group != "frames":
        X, X_test = X.astype(np.float32), X_test.astype(np.float32)
    return X, X_test, y, y_test
