"""Generated sets with columns that say nothing alone: their effect depends on another column."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder

from .splits import generator_seed

N_TEST = 2000


def drawn(n_train, draw):
    """A loader of rows that `draw` makes, given their number and a generator."""

    def load(data_dir, seed, part):
        X, y = draw(n_train + N_TEST, np.random.default_rng(generator_seed(seed, part)))
        return X[:n_train], X[n_train:], y[:n_train], y[n_train:]

    return load


def xor_in_noise(n_rows, rng):
    """The exclusive or of two columns beside 300 that mean nothing."""
    bits, noise = rng.integers(2, size=(n_rows, 2)), rng.standard_normal((n_rows, 300))
    return np.column_stack([bits, noise]), bits[:, 0] ^ bits[:, 1]


def xor_or_third(n_rows, rng):
    """The same, or a third column is large."""
    X, y = xor_in_noise(n_rows, rng)
    return X, y | (X[:, 2] > 0.8)


def product_and_column(n_rows, rng):
    """The product of two columns and a third one, of 60."""
    X = rng.standard_normal((n_rows, 60))
    return X, X[:, 0] * X[:, 1] + X[:, 5]


def one_hot_and_numbers(data_dir, seed, part):
    """Six categories with many values, in columns of their own, beside four numbers.

    Values of the categories have effects, the first one another where a number is positive; two
    numbers matter by their product.
    """
    rng = np.random.default_rng(generator_seed(seed, part))
    n_rows, n_categories, n_values = 3 * N_TEST, 6, 200
    categories = rng.zipf(1.5, size=(n_rows, n_categories)) % n_values
    effects = rng.standard_normal((n_categories, n_values))
    numbers = rng.standard_normal((n_rows, 4))
    logit = effects[np.arange(n_categories), categories].sum(axis=1)
    logit += 1.5 * numbers[:, 0] * numbers[:, 1]
    logit += effects[0][categories[:, 1]] * (numbers[:, 2] > 0)
    y = (logit + rng.logistic(size=n_rows) > 0).astype(int)
    train, test = train_test_split(np.arange(n_rows), test_size=N_TEST, random_state=seed)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(categories[train])
    X = np.column_stack([encoder.transform(categories), numbers])
    return X[train], X[test], y[train], y[test]


INTERACTIONS = {
    "xor_in_noise": drawn(1500, xor_in_noise),
    "xor_or_third": drawn(1500, xor_or_third),
    "product_and_column": drawn(590, product_and_column),
    "one_hot_and_numbers": one_hot_and_numbers,
}
REGRESSION = ["product_and_column"]
