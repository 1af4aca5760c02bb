"""How rows are split, by seed: every configuration trains on the same rows.

``part="test"`` trains on all training rows and is for the report; nothing is chosen by it.
``part="validation"`` trains on a part of the training rows and is judged on others of them.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split


def two_thirds(X, y, seed, part, *, at_most=None, is_regression=False):
    """A 2/3-1/3 split; or three quarters of its training rows, and the fourth.

    Classes are stratified. Of more than `at_most` training rows, as many are drawn.
    """
    X, X_test, y, y_test = train_test_split(
        X, y, test_size=1 / 3, stratify=None if is_regression else y, random_state=seed
    )
    if at_most is not None and len(y) > at_most:
        rows = np.random.default_rng(seed).choice(len(y), at_most, replace=False)
        X, y = take(X, rows), y[rows]
    return (X, X_test, y, y_test) if part == "test" else within(X, y, seed, is_regression)


def within(X, y, seed, is_regression=False):
    """A fourth of the rows to validate on; classes may have fewer rows than that."""
    folds = (KFold if is_regression else StratifiedKFold)(4, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        train, test = next(folds.split(X, y))
    return take(X, train), take(X, test), y[train], y[test]


def take(X, rows):
    """Rows of an array, a sparse one or a DataFrame."""
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def generator_seed(seed, part):
    """What a generated set is drawn by: the rows of the parts have nothing in common."""
    return seed if part == "test" else 1000 + seed
