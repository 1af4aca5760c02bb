"""What a default fit does before its first epoch and after its last one, beside an epoch."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks import data
from benchmarks.timing import median_ratio, on_threads, progress, row, timed
from sklearn_motif import MotifSETClassifier

from . import section
from .internals import seconds_of_steps

STEPS = {
    "validated_rows": "X and y are checked",
    "new_network": "columns are looked at, inputs are made of X, a network is wired",
    "with_inputs": "inputs are made of X, where they were not",
    "kind_of_y": "are the classes noisy?",
    "look_at_outcome": "after the last epoch: was anything learned?",
}
EPOCH, REST = "one epoch", "all of a fit but its epochs"


class Sizes(NamedTuple):
    """What is measured."""

    rows: int = 5000
    epochs: int = 5
    rounds: int = 7


FULL = Sizes()
SMOKE = Sizes(rows=300, epochs=1, rounds=1)


def fit(X, y, epochs):
    """A default fit of so many epochs."""
    model = MotifSETClassifier(max_iter=epochs, n_iter_no_change=epochs, tol=0, random_state=0)
    model.fit(X, y)
    assert model.n_iter_ == epochs


def measure(sizes, data_dir):
    """Seconds of each step of a fit, and of an epoch with its evolution."""
    images = data.images(data_dir)
    X, y = images.X[: sizes.rows], images.y[: sizes.rows]
    seconds = {name: [] for name in (EPOCH, REST, *STEPS)}
    with on_threads(1):
        fit(X, y, 1)  # warm-up
        for i in range(sizes.rounds):
            with seconds_of_steps(STEPS) as steps:
                one = timed(fit, X, y, 1)
            epoch = (timed(fit, X, y, 1 + sizes.epochs) - one) / sizes.epochs
            for name, value in {EPOCH: epoch, REST: one - epoch, **steps}.items():
                seconds[name].append(value)
            progress(f"round {i + 1} of {sizes.rounds}")
    rows = [
        row(STEPS.get(name, name), values, over_epoch=median_ratio(values, seconds[EPOCH]))
        for name, values in seconds.items()
    ]
    return {"data": images.name, "n_rows": len(X), "features": X.shape[1], "rows": rows}


if __name__ == "__main__":
    section.run("first_epoch", measure, FULL, SMOKE)
