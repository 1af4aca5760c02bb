"""How many threads a training runs on: chosen while it runs, by how long its mini-batches take."""

from __future__ import annotations

import statistics

# Mini-batches of a probe: a 64th of a compiled call, some two milliseconds, but four at least,
# because the first one fetches what other cores have in their caches.
PROBES_A_CALL = 64
LEAST_BATCHES = 4
# Those of the first round: where cores are busy, two threads may take several times as long.
FIRST_BATCHES = 2
# Probes of each of two sizes, in turn; their medians are compared.
ROUNDS = 5
# How much longer fewer threads must take before more of them are used.
GAIN = 1.05
# A size that takes so much longer is not tried to the end.
HOPELESS = 1.25
# Probes until the next look, which double from look to look, so that numbers are tried again soon
# after a look that other processes have disturbed.
PAUSE = 8
# The next look is at least so many times as far away as the last one took longer: about a
# sixtieth of the time is the most that looks cost.
COST = 64


class TeamSize:
    """The number of threads for the next mini-batches.

    A training begins on one thread. A *look* tries the present number and the next larger or
    smaller one in turn, a few mini-batches each, and keeps the faster. Where that is the new one,
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
        self._cost = 0.0  # seconds that were lost by trying slower sizes
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
        place = self._place if len(present) == len(other) else self._place + self._step
        return self._sizes[place], min(n_batches, self._probe, FIRST_BATCHES << len(other))

    def note(self, n_batches: int, seconds: float) -> None:
        """Learn how long the run took that :meth:`next_run` asked for."""
        if len(self._sizes) == 1:
            return
        if self._n_to_wait > 0:
            self._n_to_wait -= n_batches
            return
        present, other = self._seconds
        if len(present) == len(other):
            present.append(seconds / n_batches)
        else:
            other.append(seconds / n_batches)
            self._cost += max(0.0, seconds - n_batches * present[-1])
            medians = statistics.median(present), statistics.median(other)
            if len(other) == ROUNDS or medians[1] > HOPELESS * medians[0]:
                self._end_look(*medians)

    def _end_look(self, present: float, other: float) -> None:
        """Keep the present size or take the other one, by the seconds of a mini-batch."""
        goes_up = self._step > 0
        is_other_better = GAIN * other < present if goes_up else other <= GAIN * present
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
