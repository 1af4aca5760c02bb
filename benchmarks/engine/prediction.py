"""Prediction of many rows and of one row, after an epoch on few rows."""

from __future__ import annotations

import statistics
from functools import partial
from typing import NamedTuple

import joblib
import numpy as np

from benchmarks import data, peers
from benchmarks.timing import median_ratio, on_threads, row, take_turns, timed

from . import section
from .ours import NETWORK, checked_fit

N_TRAIN = 200


class Sizes(NamedTuple):
    """What is measured."""

    hidden: tuple[int, ...] = (3000, 3000, 3000)
    rows: int = 10_000
    single: int = 30  # predictions of one row
    rounds: int = 3


FULL = Sizes()
SMOKE = Sizes(hidden=(200, 200, 200), rows=200, single=3, rounds=1)


def measure(sizes, data_dir):
    """Seconds by MLPClassifier and by ours, on one thread and on two."""
    images = data.images(data_dir)
    X, y, X_test = images.X[:N_TRAIN], images.y[:N_TRAIN], images.X_test[: sizes.rows]
    threads = sorted({1, min(2, joblib.cpu_count())})
    dense = peers.dense_classifier(sizes.hidden, 40, 0.01)
    dense.partial_fit(X, y, classes=np.unique(y))

    def predict_on(model, n, call):
        if model is not dense:
            model.set_params(n_jobs=n)
        with on_threads(n):
            return call(model)

    def many(model):
        return timed(model.predict, X_test)

    def single(model):
        seconds = [timed(model.predict, X_test[i : i + 1]) for i in range(1 + sizes.single)]
        return statistics.median(seconds[1:])

    parameters = {**NETWORK, "hidden_layer_sizes": sizes.hidden}
    models = {
        f"ours, m={m}": checked_fit(X, y, 1, **{**parameters, "motif_size": m})[0]
        for m in (1, 2, 4)
    }
    tables = {}
    for title, call in (("many", many), ("single", single)):
        runs = {
            f"{name}, at most {n} thread{'s' * (n > 1)}": partial(predict_on, model, n, call)
            for name, model in {"MLPClassifier": dense, **models}.items()
            for n in threads
        }
        take_turns(runs, 1)  # warm-up
        seconds = take_turns(runs, sizes.rounds)
        base = seconds["MLPClassifier, at most 1 thread"]
        tables[title] = [
            row(name, values, dense_over_this=median_ratio(base, values))
            for name, values in seconds.items()
        ]
    return {"data": images.name, "n_rows": len(X_test), "hidden": sizes.hidden, **tables}


if __name__ == "__main__":
    section.run("prediction", measure, FULL, SMOKE)
