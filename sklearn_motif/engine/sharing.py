"""How threads share a turn: in parts of its rows, of which each thread has its own.

A thread begins with the same parts in every turn, so that their weights, moments and activations
stay in its cache; then it takes what others have not begun. The parts do not depend on the number
of threads, so that every number of threads gives the same bits.
"""

from __future__ import annotations

from typing import NamedTuple

from .jit import inner
from .simd import claim, published

# Parts of a turn's work, the same for any number of threads, as sums over them are.
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


class Share(NamedTuple):
    """A thread's share of a turn."""

    slot: int  # of the turn: three turns use the counters in rotation
    thread: int
    n_threads: int


ALONE = Share(0, 0, 1)  # of a turn that no other thread shares


@inner
def counter(slot, thread, n_threads):
    """Where the number of parts stands that were taken of a thread's own in a turn."""
    return (slot * n_threads + thread) * 8


@inner
def next_part(parts, share):
    """A part that nobody has taken, of this thread's own or else of another's; PARTS: none."""
    n = share.n_threads
    for i in range(n):
        owner = (share.thread + i) % n
        first = PARTS * owner // n
        last = PARTS * (owner + 1) // n
        place = counter(share.slot, owner, n)
        # A look is cheaper than a claim, which takes the counter away from its owner's cache.
        if published(parts, place) < last - first:
            part = first + claim(parts, place)
            if part < last:
                return part
    return PARTS


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
