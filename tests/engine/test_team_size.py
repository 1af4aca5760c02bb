"""The number of threads of a training: the fastest, found at little cost. No clock runs here."""

import itertools

import pytest

from sklearn_motif.engine.team_size import TeamSize


def train(team_size, seconds_of, n_batches, n_at_a_time=640):
    """Sizes that mini-batches ran on, one for each; ``seconds_of(size)`` is what each takes."""
    sizes = []
    while len(sizes) < n_batches:
        left = n_at_a_time
        while left > 0:
            size, n = team_size.next_run(left)
            assert 0 < n <= left
            team_size.note(n, n * seconds_of(size))
            sizes += n * [size]
            left -= n
    return sizes


def test_one_thread_is_never_left_where_no_more_are_allowed():
    team_size = TeamSize(1, 640)
    assert team_size.next_run(1000) == (1, 1000)
    assert set(train(team_size, lambda size: 1.0, 2000)) == {1}


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({1: 1.0, 2: 0.6}, 2),
        ({1: 1.0, 2: 1.0}, 1),
        ({1: 1.0, 2: 0.97}, 1),  # too little to count on
        ({1: 1.0, 2: 0.6, 4: 0.4}, 4),
        ({1: 1.0, 2: 0.6, 4: 0.7}, 2),
        ({1: 1.0, 2: 0.6, 4: 0.4, 6: 0.35}, 6),
        ({1: 1.0, 2: 1.1, 4: 5.0}, 1),
    ],
)
def test_the_fastest_size_is_found_and_kept(seconds, best):
    team_size = TeamSize(max(seconds), 640)
    sizes = train(team_size, seconds.__getitem__, 100_000)
    assert team_size.size == best
    assert sizes.count(best) > 0.97 * len(sizes)
    assert set(sizes) <= set(seconds)


@pytest.mark.parametrize("slower", [1.02, 1.2, 1.3, 2.0, 5.0, 100.0])
@pytest.mark.parametrize("n_at_a_time", [1, 10, 640, 100_000])
def test_threads_that_do_not_pay_cost_little(slower, n_at_a_time):
    """Whatever the size of the network, and however slow they are."""
    n_batches = max(2000, 2 * n_at_a_time)
    team_size = TeamSize(2, n_at_a_time)
    for part in (1, 2, 4):
        sizes = train(team_size, {1: 1.0, 2: slower}.__getitem__, part * n_batches)
        lost = sizes.count(2) * (slower - 1)
        assert lost < max(0.02 * len(sizes), 2 * (slower - 1) + 1)


def test_a_size_that_becomes_better_is_found():
    """Other processes come and go."""
    team_size = TeamSize(2, 640)
    for two, n_batches, best in ((2.0, 10_000, 1), (0.6, 40_000, 2), (1.5, 200_000, 1)):
        train(team_size, {1: 1.0, 2: two}.__getitem__, n_batches)
        assert team_size.size == best


def test_looks_become_rarer():
    sizes = train(TeamSize(2, 640), lambda size: 1.0, 200_000)
    starts = [i for i in range(1, len(sizes)) if (sizes[i - 1], sizes[i]) == (1, 2)]
    gaps = [late - early for early, late in itertools.pairwise(starts)]
    assert len(gaps) > 4
    assert gaps == sorted(gaps)
    assert gaps[-1] > 10 * gaps[0]


def test_a_probe_that_was_held_up_changes_nothing():
    """One mini-batch of each size takes a hundred times as long, by chance."""
    held_up = {1, 2}

    def seconds(size):
        is_first = size in held_up and team_size._n_to_wait <= 0
        held_up.discard(size if is_first else None)
        return {1: 1.0, 2: 0.6}[size] * (100 if is_first else 1)

    team_size = TeamSize(2, 640)
    train(team_size, seconds, 20_000)
    assert team_size.size == 2


def test_a_look_that_follows_another_may_lose_as_much():
    """Threads need time to wake up, those of the first look and then those of the second."""
    team_size, asleep = TeamSize(4, 640), {2: 1.6, 4: 1.0}

    def seconds(size):
        return {1: 1.0, 2: 0.6, 4: 0.4}[size] + asleep.pop(size, 0.0)

    sizes = train(team_size, seconds, 640)
    assert sizes.index(4) < 200
    assert team_size.size == 4


def test_short_calls_are_probes_of_their_own():
    """An epoch of two mini-batches gives no time to look, but many of them do."""
    team_size = TeamSize(2, 640)
    train(team_size, {1: 1.0, 2: 0.5}.__getitem__, 2000, n_at_a_time=2)
    assert team_size.size == 2
