"""The thread budget, and a team of Python threads over kernels that release the GIL."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import joblib

# Multiply-adds of a mini-batch for each thread below which meeting costs more than it saves.
WORK_PER_THREAD = 1_500_000
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


def n_useful(n_jobs: int | None, work: int) -> int:
    """Threads for a task of so many multiply-adds: small work stays on one."""
    return min(n_threads(n_jobs), max(1, work // WORK_PER_THREAD))


class Failed(Exception):
    """Another thread of the team failed; its error is the one to raise."""


class Team:
    """`size` threads, this one included, that do parts of one task at the same time."""

    def __init__(self, size: int):
        self.size = size
        self._pool = ThreadPoolExecutor(size - 1) if size > 1 else None
        self._has_failed = False

    def run(self, task: Callable[[int], None]) -> None:
        """Call ``task(part)`` for every part.

        Parts that wait for each other call :meth:`give_way`, which ends them when one has
        failed; its error is raised.
        """
        if self._pool is None:
            task(0)
            return
        others = []
        self._has_failed = False
        try:
            for part in range(1, self.size):
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
