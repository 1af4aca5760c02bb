"""The thread budget, and a team of Python threads over kernels that release the GIL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import joblib

# Multiply-adds of a mini-batch for each thread below which joins cost more than they save.
WORK_PER_THREAD = 6_000_000


def n_threads(n_jobs: int | None) -> int:
    """Number of threads that `n_jobs` asks for: None is one, -1 every core of this process."""
    if n_jobs is None:
        return 1
    if n_jobs == 0:
        raise ValueError("n_jobs must be None or an int other than 0.")
    if n_jobs < 0:
        return max(1, joblib.cpu_count() + 1 + n_jobs)
    return n_jobs


class Team:
    """`size` threads, this one included, that do parts of one task at the same time."""

    def __init__(self, size: int):
        self.size = size
        self.barrier = threading.Barrier(size)
        self._pool = ThreadPoolExecutor(size - 1) if size > 1 else None

    def run(self, task: Callable[[int], None]) -> None:
        """Call ``task(part)`` for every part; `task` may wait at `barrier` between steps.

        An error in one part ends the others at their next step, and is raised.
        """
        if self._pool is None:
            task(0)
            return
        others = []
        try:
            for part in range(1, self.size):
                others.append(self._pool.submit(self._or_abort, task, part))
            self._or_abort(task, 0)
        except threading.BrokenBarrierError:
            pass  # another part failed; its error is raised below
        except BaseException:
            self.barrier.abort()
            raise
        finally:
            wait(others)
            self.barrier.reset()
        errors = [other.exception() for other in others]
        for error in errors:
            if error is not None and not isinstance(error, threading.BrokenBarrierError):
                raise error

    def _or_abort(self, task, part):
        try:
            task(part)
        except BaseException:
            self.barrier.abort()
            raise

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *exception) -> None:
        if self._pool is not None:
            self._pool.shutdown()
