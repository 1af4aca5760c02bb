"""One epoch of the network, on one thread and, for most contestants, on two."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from benchmarks import data
from benchmarks.timing import median_ratio, on_threads, row, take_turns

from . import section
from .contestants import contestants


class Sizes(NamedTuple):
    """What is measured."""

    rows: int = 5000
    hidden: tuple[int, ...] = (3000, 3000, 3000)
    rounds: int = 2
    turns: int = 4  # of ours in a round
    epochs: int = 5  # of ours in a turn: its epochs are too short for one to be timed alone


FULL = Sizes()
SMOKE = Sizes(rows=200, hidden=(200, 200, 200), rounds=1, turns=1, epochs=2)


def measure(sizes, data_dir):
    """Seconds of an epoch by everybody, and ratios of them."""
    images = data.images(data_dir)
    X, y = images.X[: sizes.rows], images.y[: sizes.rows]
    runs, facts, failed = {}, {}, {}

    def on_its_threads(key, kind, call):
        """What the call gives; an error of a peer is told in the tables and ends nothing."""
        try:
            with on_threads(key[1]):
                return call()
        except Exception as error:
            if kind != "sparselab":
                raise
            fact = {"name": key[0], "allowed": key[1], "kind": kind}
            failed[key] = fact | {"error": f"{type(error).__name__}: {error}"}
            return None

    for name, kind, prepare, allowed in contestants(X, y, sizes.hidden, sizes.epochs):
        for n in allowed:
            key = name, n
            ready = on_its_threads(key, kind, partial(prepare, n))
            if ready is not None:
                runs[key] = partial(on_its_threads, key, kind, ready.run)
                facts[key] = {"kind": kind, "threads": ready.threads, "weights": ready.weights}
    slow = [key for key, fact in facts.items() if fact["kind"] != "ours"]
    seconds = take_turns(runs, sizes.rounds, slow=slow, turns=sizes.turns)
    seconds = {key: values for key, values in seconds.items() if key not in failed}
    return {
        "data": images.name,
        "n_rows": len(X),
        "hidden": sizes.hidden,
        "epochs": sizes.epochs,
        "rows": compared(seconds, facts),
        "failed": list(failed.values()),
    }


def compared(seconds, facts):
    """Rows of the table: each beside MLPClassifier, itself on one thread, and plain SET."""
    rows = []
    for (name, n), values in seconds.items():
        fact = {"allowed": n, **facts[name, n]}
        fact["dense_over_this"] = median_ratio(seconds["MLPClassifier", 1], values)
        has_pair = n > 1 and (name, 1) in seconds
        fact["one_thread_over_this"] = median_ratio(seconds[name, 1], values) if has_pair else None
        is_ours = fact["kind"] == "ours"
        fact["share_of_plain"] = median_ratio(values, seconds["ours, m=1", n]) if is_ours else None
        rows.append(row(name, values, **fact))
    return rows


if __name__ == "__main__":
    section.run("epoch", measure, FULL, SMOKE)
