"""How many threads a training runs on: chosen while it runs, by how long its mini-batches take."""

from __future__ import annotations

import math
import statistics

# Mini-batches of a probe: a 64th of a compiled call, some two milliseconds, but two at least.
PROBES_A_CALL = 64
LEAST_BATCHES = 2
# Probes of each of two sizes, one size after the other; their medians are compared. A thread that
# has slept needs some milliseconds until its core runs at full speed: the first probes suffer.
ROUNDS = 5
# How much longer fewer threads must take before more of them are used.
GAIN = 1.05
# What a look may lose, in seconds or else in mini-batches: waking up takes less. Where other
# processes keep a core busy, two threads may take many times as long.
MOST_LOST = 0.005
MOST_LOST_BATCHES = 3
# Probes until the next look, which double from look to look, so that numbers are tried again soon
# after a look that other processes have disturbed.
PAUSE = 8
# The next look is at least so many times as far away as the last one took longer: about a
# sixtieth of the time is the most that looks cost.
COST = 64


class TeamSize:
    """The number of threads for the next mini-batches.

    A training begins on one thread. A *look* times the present number and then the next larger
    or smaller one, for some mini-batches each, and keeps the faster. Where that is the new one,
    the next in the same direction follows at once; else looks become rarer and rarer.

    Parameters
    ----------
    most : int
        Sizes are 1, 2, 4, ... and this one.
    n_at_a_time : int
        Mini-batches of a usual run.
    """

    def __init__(self, most: int, n_at_a_time: int):
        self._sizes = sorted({*(2**i for i in range(most.bit_length())), most})
        self._probe = max(LEAST_BATCHES, n_at_a_time // PROBES_A_CALL)
        self._place = 0  # of the present size
        self._step = 1  # from there to the size that it is compared with
        self._seconds: tuple[list[float], list[float]] = [], []  # of the present, the other size
        self._lost = 0.0  # seconds that this look has lost by trying a slower size
        self._cost = 0.0  # those of looks that followed each other at once
        # The first mini-batches load kernels and touch new memory.
        self._n_to_wait = self._probe
        self._pause = PAUSE * self._probe

    @property
    def size(self) -> int:
        """The present number of threads."""
        return self._sizes[self._place]

    def next_run(self, n_batches: int) -> tuple[int, int]:
        """Threads for the next run, and its mini-batches: `n_batches` or fewer."""
        if len(self._sizes) == 1:
            return self.size, n_batches
        if self._n_to_wait > 0:
            return self.size, min(n_batches, self._n_to_wait)
        present, other = self._seconds
        if len(present) < ROUNDS:
            return self.size, min(n_batches, self._probe)
        # Few at first, for what they may lose.
        n = min(n_batches, self._probe, LEAST_BATCHES << len(other))
        return self._sizes[self._place + self._step], n

    def note(self, n_batches: int, seconds: float) -> None:
        """Learn how long the run took that :meth:`next_run` asked for."""
        if len(self._sizes) == 1:
            return
        if self._n_to_wait > 0:
            self._n_to_wait -= n_batches
            return
        present, other = self._seconds
        if len(present) < ROUNDS:
            present.append(seconds / n_batches)
            return
        other.append(seconds / n_batches)
        usual = statistics.median(present)
        self._lost += max(0.0, seconds - n_batches * usual)
        if len(other) == ROUNDS:
            self._end_look(usual, statistics.median(other))
        elif self._lost > max(MOST_LOST, MOST_LOST_BATCHES * usual):
            self._end_look(usual, math.inf)

    def _end_look(self, present: float, other: float) -> None:
        """Keep the present size or take the other one, by the seconds of a mini-batch."""
        goes_up = self._step > 0
        is_other_better = GAIN * other < present if goes_up else other <= GAIN * present
        self._cost += self._lost
        self._lost = 0.0
        if is_other_better:
            self._place += self._step
        if not is_other_better or not self._has(self._place + self._step):
            # In mini-batches; a clock that stands still tells no cost.
            cost = self._cost / present if present > 0 else 0
            self._n_to_wait = max(self._pause, int(COST * cost))
            self._cost = 0.0
            self._pause *= 2
            if self._has(self._place - self._step):
                self._step = -self._step
        self._seconds = [], []

    def _has(self, place: int) -> bool:
        return 0 <= place < len(self._sizes)
