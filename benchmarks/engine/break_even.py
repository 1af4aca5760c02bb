"""Density, width and batch at which a dense network becomes the faster one."""

from __future__ import annotations

import statistics
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from benchmarks import peers
from benchmarks.data import N_CLASSES, random_rows
from benchmarks.timing import median_ratio, on_threads, progress, row, timed

from . import section
from .ours import NETWORK, seconds_by_log

RATE = 1e-4  # the data are noise; nothing may diverge
MAX_UPDATES = 200


class Sizes(NamedTuple):
    """What is measured."""

    widths: tuple[int, ...] = (250, 1000, 3000)
    batches: tuple[int, ...] = (1, 32, 128, 512)
    densities: tuple[float, ...] = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
    work: float = 2e9  # dense multiply-adds of one product in an epoch, about
    rounds: int = 2


FULL = Sizes()
SMOKE = Sizes(widths=(60, 120), batches=(1, 32), densities=(0.05, 0.5), work=1e6, rounds=1)


def measure(sizes, data_dir):
    """A line of densities for each width and batch."""
    lines = []
    peers.torch()  # on_threads sets the threads of libraries that are loaded
    for width in sizes.widths:
        for batch in sizes.batches:
            updates = int(sizes.work / (width**2 * max(batch, 32)))
            n_rows = max(N_CLASSES, batch * min(max(updates, 2), MAX_UPDATES))
            X, y = random_rows(n_rows, width, N_CLASSES)
            with on_threads(1):
                lines.append(line(X, y, batch, sizes))
            progress(f"width {width}, batch {batch}")
    return {"lines": lines, "densities": sizes.densities}


def dense_peers(X, y, batch):
    """Calls that give the seconds of an epoch; all are warm."""
    width = X.shape[1]
    dense = peers.dense_classifier((width, width), batch, RATE)
    dense.partial_fit(X, y, classes=np.unique(y))
    runs = {"MLPClassifier": partial(timed, dense.partial_fit, X, y)}
    if peers.torch():
        other = peers.TorchDense((width, width, width, N_CLASSES), batch, RATE)
        other.epoch(X, y)
        runs["torch dense"] = partial(timed, other.epoch, X, y)
    return runs


def line(X, y, batch, sizes):
    """All densities of one width and batch."""
    width = X.shape[1]
    runs = dense_peers(X, y, batch)

    def ours_at(density):
        parameters = {
            **NETWORK,
            "hidden_layer_sizes": (width, width),
            "batch_size": batch,
            "epsilon": density * width / 2,
            "learning_rate_init": RATE,
        }
        return seconds_by_log(X, y, 2, **parameters)

    ours_at(sizes.densities[0])  # warm-up
    seconds = {name: [] for name in runs}
    cells = {density: [] for density in sizes.densities}
    for i in range(sizes.rounds):
        for name, run in runs.items():
            seconds[name].append(run())
        fastest = min(values[-1] for values in seconds.values())
        for density in list(cells):
            cells[density].append(ours_at(density))
            # Once the dense peer is twice as fast, denser networks only cost time.
            if i == 0 and cells[density][-1] > 2 * fastest:
                cells = {d: values for d, values in cells.items() if d <= density}
                break
    fastest = [min(values) for values in zip(*seconds.values(), strict=True)]
    rows = [
        {
            "density": density,
            "seconds": values,
            "median": statistics.median(values),
            "dense_over_ours": median_ratio(fastest, values),
        }
        for density, values in cells.items()
    ]
    return {
        "width": width,
        "batch": batch,
        "n_rows": len(X),
        "peers": [row(name, values) for name, values in seconds.items()],
        "cells": rows,
        "crossing": crossing(rows),
    }


def crossing(cells):
    """Density where dense and ours are equally fast, between the logarithms of two cells.

    None where no two measured cells lie on both sides of it.
    """
    for low, high in pairwise(cells):
        a, b = np.log(low["dense_over_ours"]), np.log(high["dense_over_ours"])
        if a >= 0 > b:
            x, y = np.log(low["density"]), np.log(high["density"])
            return float(np.exp(x + (y - x) * a / (a - b)))
    return None


if __name__ == "__main__":
    section.run("break_even", measure, FULL, SMOKE)
