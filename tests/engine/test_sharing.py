"""Who takes which part of a turn."""

import numpy as np
import pytest

from sklearn_motif.engine.jit import entry
from sklearn_motif.engine.sharing import PARTS, Share, next_part


@entry
def take(parts, slot, thread, n_threads):
    return next_part(parts, Share(slot, thread, n_threads))


@pytest.mark.parametrize("n_threads", [1, 2, 3, PARTS, PARTS + 5])
def test_every_part_is_taken_once_by_whomever(n_threads):
    parts = np.zeros(3 * n_threads * 8, dtype=np.int64)
    taken = []
    rng = np.random.default_rng(0)
    while len(taken) < PARTS:
        taken.append(take(parts, 1, int(rng.integers(n_threads)), n_threads))
    assert sorted(taken) == list(range(PARTS))
    assert {take(parts, 1, thread, n_threads) for thread in range(n_threads)} == {PARTS}
    # The counters of other turns are untouched.
    assert not parts.reshape(3, -1)[[0, 2]].any()


def test_a_thread_takes_its_own_parts_before_those_of_others():
    for slot in range(3):
        parts = np.zeros(3 * 3 * 8, dtype=np.int64)
        first = [take(parts, slot, thread, 3) for thread in range(3)]
        assert first == [0, PARTS // 3, 2 * PARTS // 3]
        rest = [take(parts, slot, 1, 3) for _ in range(PARTS - 3)]
        n_own = first[2] - first[1] - 1
        assert rest[:n_own] == list(range(first[1] + 1, first[2]))
        assert set(rest[n_own:]) == {*range(1, first[1]), *range(first[2] + 1, PARTS)}
