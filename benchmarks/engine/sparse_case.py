"""Rows that store words of a vocabulary in hashed columns, and the peak memory of a fit of them.

``python -m benchmarks.engine.sparse_case COLUMNS ROWS`` measures the latter, alone in its process.
"""

from __future__ import annotations

import json
import sys
import warnings

import numpy as np
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning

from benchmarks.timing import peak_rss

from .ours import ADAM, checked_fit

N_WORDS = 30_000
N_STORED = 20  # words of a row
N_CLASSES = 20
NETWORK = {**ADAM, "hidden_layer_sizes": (1000, 1000), "motif_size": 2, "dropout": 0.3}
NETWORK["group_features"] = False  # columns that form motifs are laid out


def hashed_rows(n_columns, n_rows):
    """(X, y) in CSR: words by Zipf's law, the same for any number of columns, and classes."""
    rng = np.random.default_rng(0)
    shares = 1 / np.arange(1, N_WORDS + 1)
    words = rng.choice(N_WORDS, (n_rows, N_STORED), p=shares / shares.sum())
    columns = np.random.default_rng(1).integers(1 << 30, size=N_WORDS) % n_columns
    values = np.full(words.size, N_STORED**-0.5, dtype=np.float32)
    ends = np.arange(0, words.size + 1, N_STORED)
    X = scipy.sparse.csr_array((values, columns[words].ravel(), ends), shape=(n_rows, n_columns))
    X.sum_duplicates()
    return X, rng.integers(N_CLASSES, size=n_rows)


def measure(n_columns, n_rows):
    """Peaks of the process before and after a fit."""
    X, y = hashed_rows(n_columns, n_rows)
    before = peak_rss()
    checked_fit(X, y, 2, **NETWORK)
    return {"rss_before": before, "rss_peak": peak_rss()}


if __name__ == "__main__":
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(json.dumps(measure(*map(int, sys.argv[1:]))))
