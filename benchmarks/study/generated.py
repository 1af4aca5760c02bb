"""Generated rows that stand in for the real ones where only the way through is tried."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from .frames import generated_frame

# Rows, columns and classes of a set; no classes: a regression.
SHAPES = {
    "fashion_mnist_5k": (180, 784, 10),
    "fashion_mnist_60k": (180, 784, 10),
    "madelon": (120, 500, 2),
    "basehock": (120, 60, 2),
}
OTHERS = (120, 30, 3)
SPARSE = ["basehock"]


def generated(name, group):
    """Rows around a center for each class, a noisy sum of columns, or a data frame."""
    n_rows, n_columns, n_classes = SHAPES.get(name, OTHERS)
    if group == "frames":
        return generated_frame(name, n_rows)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, n_columns))
    if group == "regression":
        return X, X[:, :5].sum(axis=1) + 0.1 * rng.standard_normal(n_rows)
    y = np.arange(n_rows) % n_classes
    X += (2 * rng.standard_normal((n_classes, n_columns)))[y]
    return scipy.sparse.csr_array(X) if name in SPARSE else X, y
