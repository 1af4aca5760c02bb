"""How seconds grow with connections, threads and the batch."""

from __future__ import annotations

import statistics
from functools import partial
from typing import NamedTuple

import joblib
import numpy as np

from benchmarks import data
from benchmarks.timing import on_threads, take_turns

from . import section
from .formulas import connection_count
from .internals import recorded_threads
from .ours import NETWORK, logged_fit, seconds_by_log
from .two_threads import compared
from .wide import wide

MOTIF_SIZES = (1, 2, 4)
EPOCHS = 2  # that are timed in a turn


class Sizes(NamedTuple):
    """What is measured."""

    rows: int = 1000
    hidden: tuple[int, ...] = (3000, 3000, 3000)
    neurons: tuple[int, ...] = (3000, 10_000, 30_000, 100_000, 500_000)
    epsilons: tuple[int, ...] = (5, 10, 20, 50, 100, 200, 500)
    batches: tuple[int, ...] = (1, 8, 16, 32, 40, 64, 128, 256)
    shared: tuple[int, int] = (5000, 30_000)  # rows of images, and neurons a layer
    rounds: int = 2


FULL = Sizes()
SMOKE = Sizes(120, (100, 100), (300, 1000), (5, 20), (1, 40), shared=(120, 300), rounds=1)


class Case(NamedTuple):
    """A point of a series: what the table calls it, its data, its parameters."""

    facts: dict
    X: np.ndarray
    y: np.ndarray
    parameters: dict


def series(cases, rounds):
    """Rows of facts and seconds a mini-batch."""
    runs = {
        i: partial(seconds_by_log, case.X, case.y, EPOCHS, **case.parameters)
        for i, case in enumerate(cases)
    }
    rows = []
    for case, values in zip(cases, take_turns(runs, rounds).values(), strict=True):
        parameters, n_rows = case.parameters, len(case.X)
        n_batches = -(-n_rows // parameters["batch_size"])
        n_outputs = np.unique(case.y).size
        layer_sizes = (
            case.X.shape[1],
            *parameters["hidden_layer_sizes"],
            n_outputs if n_outputs > 2 else 1,
        )
        connections = connection_count(layer_sizes, parameters["motif_size"], parameters["epsilon"])
        seconds = [value / n_batches for value in values]
        median = statistics.median(seconds)
        ratios = {"a_connection": median / connections, "a_sample": median * n_batches / n_rows}
        facts = {**case.facts, "connections": connections, "motif_size": parameters["motif_size"]}
        rows.append({**facts, "seconds_a_batch": seconds, "median": median, **ratios})
    return rows


def evolution(case, rounds):
    """Seconds of one evolution, by epochs of one mini-batch with and without it."""
    n = case.parameters["batch_size"]
    X, y, epochs = case.X[:n], case.y[:n], 6
    differences = []
    for _ in range(rounds):
        without = seconds_by_log(X, y, epochs, **case.parameters)
        model, seconds, _ = logged_fit(X, y, 1 + epochs, **case.parameters)
        # The last epoch has no evolution.
        differences.append(statistics.median(seconds[1:-1]) - without)
    median, connections = statistics.median(differences), model.n_connections_
    facts = {"connections": connections, "zeta": case.parameters["zeta"], "seconds": differences}
    return {**facts, "median": median, "a_connection": median / connections}


def threads_used(case):
    """Threads that a case trains on, of those that it may use."""
    n = case.parameters["batch_size"]
    with recorded_threads() as used:
        seconds_by_log(case.X[:n], case.y[:n], 1, **case.parameters)
    return max(used)


def thread_counts():
    """1, 2, 4, ... and the number of cores."""
    cores = joblib.cpu_count()
    return sorted({*(2**i for i in range(cores.bit_length())), cores})


def measure(sizes, data_dir):
    """Four series, one evolution, and two threads against one."""
    images = data.images(data_dir)
    X, y = images.X[: sizes.rows], images.y[: sizes.rows]
    # A small rate: single rows diverge at the usual one, and only time counts here.
    network = {**NETWORK, "hidden_layer_sizes": sizes.hidden, "learning_rate_init": 1e-4}
    by_size = [Case({"neurons": neurons}, *wide(neurons)) for neurons in sizes.neurons]
    few = 8 * NETWORK["batch_size"]
    by_epsilon = [
        Case({"epsilon": epsilon}, X[:few], y[:few], {**network, "epsilon": epsilon})
        for epsilon in sizes.epsilons
    ]
    by_batch = [
        Case({"batch": batch}, X, y, {**network, "batch_size": batch, "motif_size": m})
        for batch in sizes.batches
        for m in MOTIF_SIZES
    ]
    by_threads = [
        Case({"n_jobs": n}, X, y, {**network, "n_jobs": n, "motif_size": m})
        for n in thread_counts()
        for m in MOTIF_SIZES
    ]
    with on_threads(1):
        seconds_by_log(X[:80], y[:80], 1, **network)  # warm-up
        for case in by_threads:
            case.facts["threads"] = threads_used(case)
        return {
            "data": images.name,
            "n_rows": len(X),
            "hidden": sizes.hidden,
            "connections": series(by_size, sizes.rounds),
            "evolution": evolution(by_size[len(by_size) // 2], sizes.rounds),
            "epsilon": series(by_epsilon, sizes.rounds),
            "batch": series(by_batch, sizes.rounds),
            "threads": series(by_threads, sizes.rounds),
            "two_threads": compared(images, *sizes.shared, sizes.rounds),
        }


if __name__ == "__main__":
    section.run("scaling", measure, FULL, SMOKE)
