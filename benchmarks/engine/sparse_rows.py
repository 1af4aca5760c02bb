"""Sparse X by its columns, at constant stored values: an epoch, predictions, peak memory."""

from __future__ import annotations

import statistics
from functools import partial
from typing import NamedTuple

from benchmarks.timing import fresh_process, on_threads, take_turns, timed

from . import section
from .internals import rows_laid_out
from .ours import logged_fit
from .sparse_case import N_STORED, NETWORK, hashed_rows

EPOCHS = 3


class Sizes(NamedTuple):
    """What is measured."""

    rows: int = 4000
    columns: tuple[int, ...] = (2**12, 2**14, 2**16, 2**18, 2**20)
    columns_laid_out: tuple[int, ...] = (2**12, 2**14, 2**16)  # more would take minutes
    rounds: int = 3


FULL = Sizes()
SMOKE = Sizes(rows=200, columns=(2**12, 2**13), columns_laid_out=(2**12,), rounds=1)


def epoch(models, n_columns, X, y):
    """Seconds of an epoch with its evolution; the first is warm-up."""
    models[n_columns], seconds, _ = logged_fit(X, y, 1 + EPOCHS, **NETWORK)
    return statistics.median(seconds[1:])


def epoch_laid_out(X, y):
    """Seconds of an epoch of one that lays all occupied columns out, as of dense X."""
    with rows_laid_out():
        return epoch({}, None, X, y)


def measure(sizes, data_dir):
    """A row for each number of columns."""
    data = {n: hashed_rows(n, sizes.rows) for n in sizes.columns}
    models = {}
    runs = {("epoch", n): partial(epoch, models, n, *rows) for n, rows in data.items()}
    runs |= {("laid out", n): partial(epoch_laid_out, *data[n]) for n in sizes.columns_laid_out}
    with on_threads(1):
        epoch(models, sizes.columns[0], *data[sizes.columns[0]])  # warm-up
        seconds = take_turns(runs, sizes.rounds)
        runs = {("predict", n): partial(timed, models[n].predict, data[n][0]) for n in data}
        take_turns(runs, 1)  # warm-up
        seconds |= take_turns(runs, 3 * sizes.rounds)
    median = {key: statistics.median(values) for key, values in seconds.items()}
    rows = [
        {
            "columns": n,
            "inputs": models[n].network_.inputs.size,
            "connections": models[n].n_connections_,
            "epoch": median["epoch", n],
            "laid_out": median.get(("laid out", n)),
            "predicted": sizes.rows / median["predict", n],
            **fresh_process("benchmarks.engine.sparse_case", str(n), str(sizes.rows)),
        }
        for n in sizes.columns
    ]
    facts = {"n_rows": sizes.rows, "hidden": NETWORK["hidden_layer_sizes"], "stored": N_STORED}
    return {**facts, "rows": rows}


if __name__ == "__main__":
    section.run("sparse_rows", measure, FULL, SMOKE)
