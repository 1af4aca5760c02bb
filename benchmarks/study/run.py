"""One run: a configuration is fitted and judged, which gives one row of the CSV file."""

from __future__ import annotations

import pickle
import warnings
from typing import NamedTuple

import numpy as np
import scipy.sparse

from benchmarks import machine
from benchmarks.timing import on_threads, timed

from .data import is_regression, load
from .judge import MEASURES, judge, useful_columns
from .models import connections, core, is_ours, make, shorten
from .peers import REALMLP
from .streams import STREAMS, learn

COLUMNS = (
    "data", "part", "config", "seed", "n_train", "n_test", "n_features", *MEASURES,
    "fit_seconds", "n_iter", "connections", "model_bytes", "useful_in_top_20", "motif_sizes",
    "jobs", "machine",
)  # fmt: skip
# What the results may depend on.
PACKAGES = ("numpy", "scipy", "scikit-learn", "numba", "lightgbm", "catboost")
# Epochs, or calls of a stream, where only the way through the study is tried.
SMOKE_MAX_ITER = 2

warmed_up = set()


class Run(NamedTuple):
    """What is run, and what tells a row of the CSV file from all others."""

    data: str
    part: str
    config: str
    seed: int


def measure(run, data_dir, n_jobs):
    """A row of the CSV file; without a `data_dir`, of a short training on generated rows.

    `n_jobs` is how many runs share the machine: it is written down beside their seconds.
    """
    with warnings.catch_warnings(), on_threads(1):
        warnings.simplefilter("ignore")  # max_iter is reached; classes are rare
        X, X_test, y, y_test = load(run.data, data_dir, run.seed, run.part)
        warm_up(run, X, y)
        model, stream = make(run.config, run.seed, X, run.data), STREAMS.get(run.data)
        if data_dir is None:
            shorten(model, SMOKE_MAX_ITER)
            stream = stream and stream._replace(n_calls=SMOKE_MAX_ITER)
        seconds = timed(learn, model, X, y, stream)
        measures = judge(run, model, X_test, y_test)
    n_iter = getattr(core(model), "n_iter_", None)
    packages = [*PACKAGES, "pytabkit", "torch"] if run.config == REALMLP else PACKAGES
    return {
        **run._asdict(),
        "n_train": X.shape[0],
        "n_test": X_test.shape[0],
        "n_features": X.shape[1],
        **dict.fromkeys(MEASURES, ""),
        **measures,
        "fit_seconds": round(seconds, 4),
        "n_iter": 0 if n_iter is None else np.max(n_iter),
        "connections": connections(model),
        "model_bytes": len(pickle.dumps(model)),
        "useful_in_top_20": useful_columns(run, model),
        "motif_sizes": " ".join(map(str, np.ravel(getattr(model, "motif_size_", "")))),
        "jobs": n_jobs,
        "machine": machine.words(machine.describe(packages)),
    }


def warm_up(run, X, y):
    """Compile, or load from a cache, what a configuration needs, before the clock starts."""
    if (run.data, run.config) in warmed_up:
        return
    model, stream = make(run.config, run.seed, X, run.data), STREAMS.get(run.data)
    shorten(model, 1)
    # How many columns of sparse rows hold a value tells which part of our engine trains on them.
    n_rows = X.shape[0] if is_ours(run.config) and scipy.sparse.issparse(X) else 60
    X, y = X[:n_rows], y[:n_rows] if is_regression(run.data) else some_of_each(y[:n_rows])
    learn(model, X, y, stream and stream._replace(n_calls=1))
    warmed_up.add((run.data, run.config))


def some_of_each(y):
    """Three classes, or both values of each label, however rare they are among the rows."""
    classes = np.arange(y.size).reshape(y.shape) % 3
    return classes if y.ndim == 1 else (classes == 0).astype(int)
