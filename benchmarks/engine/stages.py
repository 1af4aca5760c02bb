"""Where the time of an epoch goes: the stages of a mini-batch, and what else there is, by motif."""

from __future__ import annotations

import statistics
from typing import NamedTuple

import numpy as np

from benchmarks import data
from benchmarks.timing import on_threads, progress

from . import section
from .ours import logged_fit, seconds_by_log
from .turns import last_call, seconds_of_turns

MOTIF_SIZES = (1, 2, 4)
EPOCHS = 5  # that a median is taken of


class Sizes(NamedTuple):
    """What is measured."""

    rows: int = 5000
    hidden: tuple[int, ...] = (1000, 1000)
    batches: int = 12  # that are timed together
    repeats: int = 60
    rounds: int = 3


FULL = Sizes()
SMOKE = Sizes(rows=100, hidden=(60, 40), batches=2, repeats=2, rounds=1)


def names_of_turns(n_graphs):
    """What the turns of a mini-batch do, in their order."""
    numbers = range(1, n_graphs + 1)
    forward = [f"forward, graph {i}" for i in numbers]
    backward = [f"backward and update, graph {i}" for i in reversed(numbers)]
    return ["load rows and gather motifs", *forward, "loss", *backward]


def turns(X, y, sizes, parameters):
    """Seconds of each turn by motif size: medians of means over a few mini-batches."""
    calls, found = {}, {}
    for m in MOTIF_SIZES:
        with last_call() as call:
            logged_fit(X, y, 1, motif_size=m, **parameters)
        calls[m], found[m] = call, []
    for i in range(sizes.repeats):
        for m, call in calls.items():
            values = seconds_of_turns(*call, i * sizes.batches, sizes.batches)
            # The first one warms the caches up.
            found[m].append(values[1:].mean(axis=0))
    return {m: np.median(values, axis=0) for m, values in found.items()}


def epochs(X, y, sizes, parameters):
    """Median seconds of an epoch, of its evolution, and of what comes before, by motif size."""
    found = {m: [] for m in MOTIF_SIZES}
    for i in range(sizes.rounds):
        for m in MOTIF_SIZES:
            case = {**parameters, "motif_size": m}
            alone = seconds_by_log(X, y, EPOCHS, **case)
            # The first epoch is warm-up, and the last one has no evolution.
            _, seconds, rest = logged_fit(X, y, EPOCHS + 2, evolve_every=1, **case)
            evolution = statistics.median(seconds[1:-1]) - alone
            found[m].append((alone, evolution, rest))
        progress(f"round {i + 1} of {sizes.rounds}")
    return {
        m: [statistics.median(part) for part in zip(*values, strict=True)]
        for m, values in found.items()
    }


def measure(sizes, data_dir):
    """Seconds an epoch of each stage, for each motif size; the network is as it comes."""
    images = data.images(data_dir)
    X, y = images.X[: sizes.rows], images.y[: sizes.rows]
    parameters = {"hidden_layer_sizes": sizes.hidden, "group_features": True, "batch_size": 32}
    with on_threads(1):
        of_turns = turns(X, y, sizes, parameters)
        of_epochs = epochs(X, y, sizes, parameters)
    n_batches = -(-len(X) // parameters["batch_size"])
    columns = {}
    for m in MOTIF_SIZES:
        alone, evolution, rest = of_epochs[m]
        in_batches = (of_turns[m] * n_batches).tolist()
        columns[m] = [*in_batches, alone - sum(in_batches), evolution, alone + evolution, rest]
    names = names_of_turns(len(sizes.hidden) + 1)
    names += ["rest of an epoch", "evolution", "epoch with evolution", "fit without its epochs"]
    rows = [
        {"name": name, "seconds": [columns[m][i] for m in MOTIF_SIZES]}
        for i, name in enumerate(names)
    ]
    return {
        "data": images.name,
        "n_rows": len(X),
        "hidden": sizes.hidden,
        "motif_sizes": MOTIF_SIZES,
        "batch": parameters["batch_size"],
        "rows": rows,
    }


if __name__ == "__main__":
    section.run("stages", measure, FULL, SMOKE)
