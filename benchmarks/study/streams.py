"""Streams: rows that come in calls of `partial_fit`; a data set is a stream up to some call."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits

from .loaders import fashion_mnist_60k
from .splits import two_thirds

N_CLASSES = 10


class Stream(NamedTuple):
    """How rows come."""

    n_rows: int  # of a call
    n_calls: int  # after which a model is judged
    change: int | None = None  # calls before the classes change

    def has_changed(self, n_calls):
        """Whether the classes have changed when so many calls are done."""
        return self.change is not None and n_calls > self.change


def digits(stream, data_dir, seed, part):
    """Digits between 0 and 1; test rows have the classes of the last call."""
    X, X_test, y, y_test = two_thirds(*load_digits(return_X_y=True), seed, part)
    y_test = changed(y_test) if stream.has_changed(stream.n_calls) else y_test
    return X / 16, X_test / 16, y, y_test


def fashion(stream, data_dir, seed, part):
    """All of Fashion-MNIST between 0 and 1, its training rows in random order."""
    X, X_test, y, y_test = fashion_mnist_60k(data_dir, seed, part)
    rows = np.random.default_rng(seed).permutation(len(y))
    return X[rows] / np.float32(255), X_test / np.float32(255), y[rows], y_test


def changed(y):
    """Classes that mean something else than before."""
    return (y + 3) % N_CLASSES


def learn(model, X, y, stream=None):
    """Fit a model; or call its `partial_fit`, again from the first row where the rows end."""
    if stream is None:
        model.fit(X, y)
        return
    classes = np.unique(y)
    for call in range(stream.n_calls):
        rows = np.arange(call * stream.n_rows, (call + 1) * stream.n_rows) % len(y)
        labels = changed(y[rows]) if stream.has_changed(call + 1) else y[rows]
        model.partial_fit(X[rows], labels, classes=classes)


# By the name of the data set; a stream that is judged several times is run as many times.
STREAMS = {
    **{f"digits_by_90_after_{n}": Stream(90, n) for n in (20, 50, 100, 200)},
    **{f"digits_by_1_after_{n}": Stream(1, n) for n in (400, 1300)},
    **{f"digits_changed_at_150_after_{n}": Stream(90, n, change=150) for n in (150, 200, 250)},
    **{f"fashion_by_5000_after_{n}": Stream(5000, n) for n in (12, 50)},
}
LOADERS = {
    name: partial(digits if name.startswith("digits") else fashion, stream)
    for name, stream in STREAMS.items()
}
