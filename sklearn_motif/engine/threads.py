"""The thread budget, and a team of Python threads over kernels that release the GIL."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import joblib

# Multiply-adds of a mini-batch below which a second thread is not tried, wherever it runs: meeting
# costs about what it saves, and a look costs more.
LEAST_WORK = 1_250_000
# Multiply-adds of a prediction for each thread, some milliseconds: its start takes a tenth of one.
WORK_PER_THREAD = 20_000_000
# Seconds that a thread sleeps when it has waited in vain for another one.
NAP = 50e-6
# Multiply-adds of a compiled call, a tenth of a second or so on one thread: Ctrl-C waits for it.
MOMENT = 1_000_000_000


def n_threads(n_jobs: int | None) -> int:
    """Number of threads that `n_jobs` asks for: None is one, -1 every core of this process."""
    if n_jobs is None:
        return 1
    if n_jobs == 0:
        raise ValueError("n_jobs must be None or an int other than 0.")
    if n_jobs < 0:
        return max(1, joblib.cpu_count() + 1 + n_jobs)
    return n_jobs


def n_to_train(n_jobs: int | None, work: int) -> int:
    """Most threads for mini-batches of so many multiply-adds."""
    return n_threads(n_jobs) if work >= LEAST_WORK else 1


def n_to_predict(n_jobs: int | None, work: int) -> int:
    """Threads for a prediction of so many multiply-adds: small ones stay on one."""
    return min(n_threads(n_jobs), max(1, work // WORK_PER_THREAD))


class Failed(Exception):
    """Another thread of the team failed; its error is the one to raise."""


class Team:
    """Up to `size` threads, this one included, that do parts of one task at the same time.

    Those that have nothing to do sleep.
    """

    def __init__(self, size: int):
        self.size = size
        self._pool = ThreadPoolExecutor(size - 1) if size > 1 else None
        self._has_failed = False

    def run(self, task: Callable[[int], None], size: int | None = None) -> None:
        """Call ``task(part)`` for `size` parts, by default as many as there are threads.

        Parts that wait for each other call :meth:`give_way`, which ends them when one has
        failed; its error is raised.
        """
        size = self.size if size is None else size
        if self._pool is None or size == 1:
            task(0)
            return
        others = []
        self._has_failed = False
        try:
            for part in range(1, size):
                others.append(self._pool.submit(self._noting_failure, task, part))
            task(0)
        except Failed:
            pass  # raised below
        except BaseException:
            self._has_failed = True
            raise
        finally:
            wait(others)
        errors = [other.exception() for other in others]
        for error in errors:
            if error is not None and not isinstance(error, Failed):
                raise error

    def give_way(self) -> None:
        """Let others run for a moment; raises when one of the team has failed."""
        if self._has_failed:
            raise Failed
        time.sleep(NAP)

    def _noting_failure(self, task: Callable[[int], None], part: int) -> None:
        try:
            task(part)
        except BaseException:
            self._has_failed = True
            raise

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()
