"""How seconds and memory are measured."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parents[1]
K = TypeVar("K")  # what tells contestants apart


def timed(call: Callable, *args, **kwargs) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    call(*args, **kwargs)
    return time.perf_counter() - started


def take_turns(
    contestants: dict[K, Callable[[], float]],
    rounds: int,
    *,
    slow: Collection[K] = (),
    turns: int = 1,
) -> dict[K, list[float]]:
    """Seconds of each contestant in each turn; contestants return their seconds.

    They run one after the other, round by round, so that a slow minute of the machine hits all
    of them. A round has several turns, in which the slow contestants run but once; that one
    time stands for all turns of the round.
    """
    seconds: dict[K, list[float]] = {name: [] for name in contestants}
    for i in range(rounds):
        for name in slow:
            seconds[name] += [contestants[name]()] * turns
        for _ in range(turns):
            for name, run in contestants.items():
                if name not in slow:
                    seconds[name].append(run())
        progress(f"round {i + 1} of {rounds}")
    return seconds


def median_ratio(over: list[float], under: list[float]) -> float:
    """Median of the ratios of each turn."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def row(name: str, seconds: list[float], **more) -> dict:
    """A row of a table: all seconds and their median."""
    return {"name": name, "median": statistics.median(seconds), "seconds": seconds, **more}


@contextmanager
def on_threads(n: int) -> Iterator[None]:
    """Give every BLAS, OpenMP and PyTorch, where it is loaded, that many threads."""
    with threadpool_limits(n):
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(n)
        yield


def fresh_process(module: str, *arguments: str) -> dict:
    """Run a module in a process of its own; what it prints last is the result as JSON."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def peak_rss() -> int:
    """Largest resident memory of this process so far, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # what `resource` tells may be of the process that started this one
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def progress(text: str) -> None:
    """Tell who waits how far the measurement has come."""
    print(f"  {text}", file=sys.stderr, flush=True)
