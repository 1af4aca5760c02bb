"""The team of threads: every part runs, errors end all of it, nothing hangs."""

import joblib
import pytest

from sklearn_motif.engine import threads


@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_part_runs_and_may_wait_for_the_others(size):
    done = [False] * size

    def task(part):
        done[part] = True
        while not all(done):
            team.give_way()

    with threads.Team(size) as team:
        for _ in range(3):
            done[:] = [False] * size
            team.run(task)
            assert all(done)


@pytest.mark.parametrize("part_that_fails", [0, 1, 2])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_in_one_part_ends_all_and_is_raised(part_that_fails, error):
    def task(part):
        if part == part_that_fails:
            raise error("of this part")
        while True:
            team.give_way()

    with threads.Team(3) as team:
        with pytest.raises(error, match="of this part"):
            team.run(task)
        # The team can be used again.
        parts = []
        team.run(parts.append)
        assert sorted(parts) == [0, 1, 2]


@pytest.mark.parametrize(("n_jobs", "expected"), [(None, 1), (1, 1), (3, 3), (-1000, 1)])
def test_number_of_threads(n_jobs, expected):
    assert threads.n_threads(n_jobs) == expected


def test_no_threads_at_all_are_refused():
    with pytest.raises(ValueError, match="n_jobs must be None or an int other than 0"):
        threads.n_threads(0)


def test_all_cores_are_those_that_joblib_grants(monkeypatch):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 6)
    assert threads.n_threads(-1) == 6
    assert threads.n_threads(-2) == 5


def test_small_work_stays_on_one_thread(monkeypatch):
    monkeypatch.setattr(threads, "WORK_PER_THREAD", 100)
    monkeypatch.setattr(threads, "LEAST_WORK", 100)
    assert [threads.n_to_predict(4, work) for work in (0, 199, 200, 10_000)] == [1, 1, 2, 4]
    assert [threads.n_to_train(4, work) for work in (0, 99, 100)] == [1, 1, 4]
    assert threads.n_to_predict(None, 10_000) == threads.n_to_train(None, 10_000) == 1


def test_a_team_can_leave_threads_out():
    with threads.Team(4) as team:
        for size in (1, 3, 2, 4):
            parts = []
            team.run(parts.append, size)
            assert sorted(parts) == list(range(size))


def test_a_thread_that_cannot_start_leaves_none_waiting(monkeypatch):
    with threads.Team(3) as team:
        submit = team._pool.submit
        calls = []

        def fail_at_the_second(*args):
            calls.append(1)
            if len(calls) == 2:
                raise RuntimeError("can't start new thread")
            return submit(*args)

        monkeypatch.setattr(team._pool, "submit", fail_at_the_second)

        def wait_for_ever(part):
            while True:
                team.give_way()

        with pytest.raises(RuntimeError, match="new thread"):
            team.run(wait_for_ever)
