"""What the first import, fit and predict of a process cost beside the second."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import NamedTuple

from benchmarks.timing import ROOT, progress, row

from . import section

IMPORT = """
import time
import sklearn.base, sklearn.neural_network, numba
started = time.perf_counter()
import sklearn_motif
print(time.perf_counter() - started)
"""
FIRST_CALLS = """
import sys, time, warnings
from sklearn.datasets import load_digits
from sklearn_motif import MotifSETClassifier
warnings.simplefilter("ignore")
X, y = load_digits(return_X_y=True)
X = (X / 16).astype(sys.argv[1])
model = MotifSETClassifier((100,), max_iter=5, precision=sys.argv[1], random_state=0)
seconds = []
for call in (lambda: model.fit(X, y), lambda: model.predict(X)) * 2:
    started = time.perf_counter()
    call()
    seconds.append(time.perf_counter() - started)
print(*seconds)
"""
CALLS = ("first fit", "first predict", "second fit", "second predict")


class Sizes(NamedTuple):
    """What is measured."""

    dtypes: tuple[str, ...] = ("float32", "float64")
    caches: tuple[str, ...] = ("empty", "full")
    rounds: int = 2


FULL = Sizes()
# Compiling takes longer than all other smoke runs: the cache that is there serves.
SMOKE = Sizes(dtypes=("float32",), caches=("full",), rounds=1)


def printed(code, *arguments, **environment):
    """Numbers that some code prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [float(number) for number in done.stdout.split()]


def first_calls(dtype, caches):
    """Seconds of each call by the state of the cache; an empty one is full the second time."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"NUMBA_CACHE_DIR": folder} if "empty" in caches else {}
        for cache in caches:
            values = printed(FIRST_CALLS, dtype, **environment)
            for call, value in zip(CALLS, values, strict=True):
                yield f"{call}, {dtype}, {cache} cache", value


def measure(sizes, data_dir):
    """Seconds of imports and first calls."""
    seconds = {"import": []}
    printed(IMPORT)  # warm-up: files are in memory, byte code is compiled
    for i in range(sizes.rounds):
        seconds["import"] += printed(IMPORT)
        for dtype in sizes.dtypes:
            for name, value in first_calls(dtype, sizes.caches):
                seconds.setdefault(name, []).append(value)
        progress(f"round {i + 1} of {sizes.rounds}")
    return {"rows": [row(name, values) for name, values in seconds.items()]}


if __name__ == "__main__":
    section.run("start", measure, FULL, SMOKE)
