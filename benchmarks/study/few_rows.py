"""Sets of fewer than 200 rows in three folds; a set has as many shuffles as it gets seeds."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.model_selection import StratifiedKFold

from .splits import within

N_FOLDS = 3
MOST_ROWS = 180


def folds_of(load_data):
    """A loader: a seed stands for a fold, three seeds for the folds of one shuffle."""

    def load(data_dir, seed, part):
        X, y = load_data(return_X_y=True)
        rows = np.random.default_rng(0).permutation(len(y))[:MOST_ROWS]
        X, y = X[rows], y[rows]
        shuffle, fold = divmod(seed, N_FOLDS)
        folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=shuffle)
        train, test = list(folds.split(X, y))[fold]
        if part == "test":
            return X[train], X[test], y[train], y[test]
        return within(X[train], y[train], seed)

    return load


FEW_ROWS = {
    "few_iris": folds_of(load_iris),
    "few_wine": folds_of(load_wine),
    "few_breast_cancer": folds_of(load_breast_cancer),
}
