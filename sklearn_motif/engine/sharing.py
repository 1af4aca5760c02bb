"""How threads share a turn: in parts of its rows, which whoever is free takes next.

The parts do not depend on the number of threads, so that every number of threads gives the
same bits.
"""

from __future__ import annotations

from .jit import inner
from .simd import published

# Parts of a turn's work, the same for any number of threads, as sums over them are. A thread
# that is done with one takes the next, so that a thread that is held up holds up no other.
PARTS = 32
# Units that are taken through all stages at a time, while their rows are in the cache.
ROWS = 32
# Looks at another thread's progress, a fraction of a millisecond, before a thread sleeps.
SPINS = 500_000


@inner
def reached(meet, turn, n_parts):
    """Whether every thread has finished `turn` turns; waits a little."""
    for other in range(n_parts):
        spins = 0
        while published(meet, other * 8) < turn:
            spins += 1
            if spins > SPINS:
                return False
    return True


@inner
def first_row(indptr, n_rows, part):
    """First row of a part, with rows weighed by their connections."""
    if part >= PARTS:
        return n_rows
    goal = (indptr[n_rows] - indptr[0] + n_rows) * part // PARTS
    low, high = 0, n_rows
    while low < high:
        middle = (low + high) // 2
        if indptr[middle] - indptr[0] + middle < goal:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def chunk_end(indptr, first, last, maximum):
    """Row after a run of rows with up to `maximum` connections, but at least one row."""
    stop = first + 1
    while stop < last and indptr[stop + 1] - indptr[first] <= maximum:
        stop += 1
    return stop
