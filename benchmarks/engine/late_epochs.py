"""Early against late epochs, on data with columns that never get a gradient.

Without care their optimizer state would decay into slow denormal numbers.
"""

from __future__ import annotations

import statistics
from typing import NamedTuple

import numpy as np

from benchmarks import data
from benchmarks.timing import median_ratio, on_threads, progress

from . import section
from .ours import ADAM, NETWORK, logged_fit

N_CONSTANT = 100
BATCH = NETWORK["batch_size"]
# Epochs that a median is taken of.
N_TIMED = 5
CASES = {
    "adam, m=1, alpha 0": {**ADAM, "motif_size": 1, "alpha": 0},
    "adam, m=2, alpha 0": {**ADAM, "motif_size": 2, "alpha": 0},
    "sgd, m=1, alpha 0": {**NETWORK, "motif_size": 1, "alpha": 0},
    "sgd, m=2, alpha 0": {**NETWORK, "motif_size": 2, "alpha": 0},
    "adam, m=1, alpha 1e-4": {**ADAM, "motif_size": 1, "alpha": 1e-4},
}


class Sizes(NamedTuple):
    """What is measured."""

    rows: int = 5000
    hidden: tuple[int, ...] = (1000, 1000)
    updates: int = 2000  # before the late epochs
    rounds: int = 3


FULL = Sizes()
SMOKE = Sizes(rows=200, hidden=(100, 100), updates=40, rounds=1)


def measure(sizes, data_dir):
    """Seconds of early and of late epochs of the same fits."""
    images = data.images(data_dir)
    X, y = images.X[: sizes.rows], images.y[: sizes.rows]
    X = np.hstack([X, np.zeros((len(X), N_CONSTANT), dtype=np.float32)])
    updates = -(-len(X) // BATCH)
    # The first epoch is warm-up, and the last one has no evolution.
    before = max(-(-sizes.updates // updates), 1 + N_TIMED)
    epochs = before + N_TIMED + 1
    seconds = {name: {"early": [], "late": []} for name in CASES}
    with on_threads(1):
        for i in range(sizes.rounds):
            for name, case in CASES.items():
                case = {**case, "hidden_layer_sizes": sizes.hidden, "batch_size": BATCH}
                values = logged_fit(X, y, epochs, **case)[1]
                seconds[name]["early"].append(statistics.median(values[1 : 1 + N_TIMED]))
                seconds[name]["late"].append(statistics.median(values[-1 - N_TIMED : -1]))
            progress(f"round {i + 1} of {sizes.rounds}")
    rows = [
        {
            "name": name,
            **values,
            "median_early": statistics.median(values["early"]),
            "median_late": statistics.median(values["late"]),
            "late_over_early": median_ratio(values["late"], values["early"]),
        }
        for name, values in seconds.items()
    ]
    return {
        "data": images.name,
        "rows": rows,
        "n_rows": len(X),
        "features": X.shape[1],
        "constant": int((np.ptp(X, axis=0) == 0).sum()),
        "hidden": sizes.hidden,
        "updates_before": before * updates,
    }


if __name__ == "__main__":
    section.run("late_epochs", measure, FULL, SMOKE)
