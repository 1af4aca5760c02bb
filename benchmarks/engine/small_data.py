"""A small data set, where overheads show: the fit of 100 hidden neurons on digits."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from benchmarks.timing import median_ratio, on_threads, row, take_turns, timed

from . import section
from .ours import fixed_length


class Sizes(NamedTuple):
    """What is measured."""

    epochs: int = 50
    batches: tuple[int, ...] = (200, 32)
    rounds: int = 7


FULL = Sizes()
SMOKE = Sizes(epochs=2, rounds=1)


def measure(sizes, data_dir):
    """Seconds of a fit by MLPClassifier and by ours, both with Adam and their own defaults."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    batches = {}
    for batch in sizes.batches:
        ours = partial(fixed_length, sizes.epochs, hidden_layer_sizes=(100,), batch_size=batch)
        models = {
            "MLPClassifier": MLPClassifier(
                (100,),
                batch_size=batch,
                max_iter=sizes.epochs,
                n_iter_no_change=sizes.epochs,
                tol=0,
                random_state=0,
            ),
            "ours, motif_size=2": ours(motif_size=2),
            "ours, motif_size=1": ours(motif_size=1),
        }
        runs = {name: partial(timed, model.fit, X, y) for name, model in models.items()}
        with on_threads(1):
            take_turns(runs, 1)  # warm-up
            seconds = take_turns(runs, sizes.rounds)
        assert all(model.n_iter_ == sizes.epochs for model in models.values())
        batches[batch] = [
            row(name, values, dense_over_this=median_ratio(seconds["MLPClassifier"], values))
            for name, values in seconds.items()
        ]
    return {"n_rows": len(X), "epochs": sizes.epochs, "batches": batches}


if __name__ == "__main__":
    section.run("small_data", measure, FULL, SMOKE)
