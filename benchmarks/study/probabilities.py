"""Generated sets on which probabilities count: what happens in few rows."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

from .splits import generator_seed

N_ROWS, N_COLUMNS = 12_000, 20  # half of the rows are for training
N_LABELS, LABEL_RATE = 20, 0.01


def rare_class(rate):
    """A loader of two classes, the second of which has a rate of the rows."""

    def load(data_dir, seed, part):
        X, y = make_classification(
            N_ROWS, N_COLUMNS, n_informative=8, weights=[1 - rate], class_sep=1.2, flip_y=0,
            random_state=generator_seed(seed, part),
        )  # fmt: skip
        return train_test_split(X, y, test_size=0.5, stratify=y, random_state=seed)

    return load


def rare_labels(data_dir, seed, part):
    """Labels of a hundredth of the rows each, where a noisy sum of columns is highest."""
    rng = np.random.default_rng(generator_seed(seed, part))
    X = rng.standard_normal((N_ROWS, N_COLUMNS))
    sums = X @ rng.standard_normal((N_COLUMNS, N_LABELS))
    sums += rng.standard_normal(sums.shape) * sums.std(axis=0) / 3
    y = (sums > np.quantile(sums, 1 - LABEL_RATE, axis=0)).astype(int)
    return train_test_split(X, y, test_size=0.5, random_state=seed)


RARE_CLASSES = {f"rare_1_in_{n}": rare_class(1 / n) for n in (100, 1000)}
RARE_LABELS = {"rare_labels": rare_labels}
