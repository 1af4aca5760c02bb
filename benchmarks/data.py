"""Where the rows come from: Fashion-MNIST from a folder, or a random generator."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.preprocessing import StandardScaler

N_TRAIN = 5000
N_PIXELS = 784
N_CLASSES = 10
# Generated rows, for smoke runs.
N_GENERATED = 400


class Images(NamedTuple):
    """Standardized float32 rows for training and for testing, and what they are called."""

    name: str
    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray


def folder(argument: str | None) -> Path:
    """Folder of the real data: the argument of a command, or else SKLEARN_MOTIF_DATA."""
    name = argument or os.environ.get("SKLEARN_MOTIF_DATA")
    if not name:
        raise ValueError("DATA_DIR or SKLEARN_MOTIF_DATA must name the folder of the data.")
    return Path(name).resolve()


def images(data_dir: Path | None) -> Images:
    """Fashion-MNIST: 5000 random training rows and all test rows; generated rows without a folder.

    Columns are standardized by the training rows.
    """
    if data_dir is None:
        X, y = random_rows(2 * N_GENERATED, N_PIXELS, N_CLASSES)
        return Images(
            "random numbers in Fashion-MNIST's shape",
            X[:N_GENERATED],
            y[:N_GENERATED],
            X[N_GENERATED:],
        )
    X, y, X_test, _ = fashion_mnist(data_dir)
    rows = np.random.default_rng(0).permutation(len(y))[:N_TRAIN]
    X = X[rows].astype(np.float32)
    scaler = StandardScaler().fit(X)
    X_test = scaler.transform(X_test.astype(np.float32))
    return Images("Fashion-MNIST", scaler.transform(X), y[rows], X_test)


@cache
def fashion_mnist(data_dir: Path) -> list[np.ndarray]:
    """Rows and classes of the official training part, then those of the test part."""
    parts = [np.load(data_dir / f"fashion_mnist_{part}.npz") for part in ("train", "test")]
    return [array for p in parts for array in (p["X"].reshape(-1, N_PIXELS), p["y"])]


def random_rows(n_rows: int, n_features: int, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Normal numbers in float32, and classes in turn that have nothing to do with them."""
    X = np.random.default_rng(0).standard_normal((n_rows, n_features), dtype=np.float32)
    return X, np.arange(n_rows) % n_classes
