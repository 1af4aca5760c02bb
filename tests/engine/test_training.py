"""Runs of mini-batches: the promises about bits, and the work of every thread."""

import threading

import numpy as np
import pytest

from sklearn_motif.engine import training

from ..models import (
    SHARING,
    AllThreads,
    make_network,
    make_step,
    sample,
    train_on,
    use_all_threads,
)


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_training_with_n_jobs_gives_the_same_bits(weight_sharing, solver, monkeypatch):
    use_all_threads(monkeypatch)
    X, y = sample(n=90)
    results = []
    for n_jobs in (1, 2, 3):
        network = make_network((11, 60, 50, 3), weight_sharing=weight_sharing, epsilon=30)
        options = {"learning_rate": 0.01, "alpha": 1e-3, "dropout": 0.2, "n_jobs": n_jobs}
        options |= {"label_smoothing": 0.1}
        with make_step(network, solver=solver, **options) as step:
            assert step.n_threads == n_jobs
            losses = [train_on(step, X, y, np.arange(start, start + 30)) for start in (0, 30, 60)]
        results.append((network.weights, network.nodes, losses))
    for weights, nodes, losses in results[1:]:
        np.testing.assert_array_equal(weights, results[0][0])
        np.testing.assert_array_equal(nodes, results[0][1])
        assert losses == results[0][2]


def test_the_number_of_threads_may_change_at_any_mini_batch(monkeypatch):
    """Neither weights nor losses tell on how many threads each mini-batch ran."""

    class Changing(AllThreads):
        def next_run(self, n_batches):
            self.size = self.size % 3 + 1
            sizes.append(self.size)
            return self.size, min(n_batches, 2)

    use_all_threads(monkeypatch)
    X, y = sample(n=90)
    results, sizes = [], []
    for kind in (AllThreads, Changing):
        monkeypatch.setattr(training, "TeamSize", kind)
        network = make_network((11, 60, 50, 3), epsilon=30)
        options = {"solver": "adam", "learning_rate": 0.01, "alpha": 1e-3, "dropout": 0.2}
        with make_step(network, batch_size=8, n_jobs=3, **options) as step:
            losses = [train_on(step, X, y) for _ in range(2)]
            assert step.n_updates == 2 * 12
        results.append((network.weights, network.nodes, losses))
    assert set(sizes) == {1, 2, 3}
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_run_of_mini_batches_is_one_compiled_call_and_equals_them_one_by_one(n_jobs, monkeypatch):
    use_all_threads(monkeypatch)
    parts = []
    run_turns = training.run_turns

    def counted(*args):
        parts.append(args[-1])
        return run_turns(*args)

    X, y = sample(n=80)
    y = y.astype(np.int32)
    rows = np.random.default_rng(0).permutation(80)
    networks = [make_network((11, 60, 50, 40, 3), epsilon=30) for _ in range(2)]
    options = {"solver": "adam", "learning_rate": 0.01, "alpha": 0.1, "batch_size": 32}
    with make_step(networks[0], n_jobs=n_jobs, **options) as step:
        monkeypatch.setattr(training, "run_turns", counted)
        loss = train_on(step, X, y, rows)
        # A thread calls again only where it had to wait for the other.
        assert parts.count(0) == 1 or n_jobs == 2
        assert set(parts) == set(range(n_jobs))
        monkeypatch.undo()
        assert step.n_updates == 3
    with make_step(networks[1], **options) as step:
        losses = [train_on(step, X, y, part) * part.size for part in np.split(rows, [32, 64])]
    assert loss == pytest.approx(sum(losses) / 80, rel=1e-12)
    np.testing.assert_array_equal(networks[0].weights, networks[1].weights)
    np.testing.assert_array_equal(networks[0].nodes, networks[1].nodes)


@pytest.mark.parametrize("worker", [0, 1, 2])
def test_every_thread_of_the_team_takes_whatever_there_is_to_do(worker, monkeypatch):
    """All threads but one come too late for every part: it does the work of all, but the loss."""
    use_all_threads(monkeypatch)
    all_are_here = threading.Barrier(3, timeout=60)

    def alone(*args):
        _, _, net, _, work, *_, begin, part = args
        n_turns = 2 * net.graphs.size + 2
        if begin == 0:  # else the worker comes back after it has waited for the others
            all_are_here.wait()
        if part == worker:
            return run_turns(*args)
        for turn in range(n_turns):
            work.parts[((turn + 1) % 3 * 3 + part) * 8] = 0
            work.meet[part * 8] = turn + 1
            while work.meet[worker * 8] <= turn:
                step._team.give_way()
        return n_turns

    run_turns = training.run_turns
    X, y = sample()
    networks = [make_network((11, 60, 50, 3), epsilon=30) for _ in range(2)]
    one = make_step(networks[0])
    train_on(one, X, y)
    before = networks[1].weights.copy(), networks[1].nodes.copy()
    monkeypatch.setattr(training, "run_turns", alone)
    with make_step(networks[1], n_jobs=3) as step:
        assert step.n_threads == 3
        train_on(step, X, y)
    for index in range(3):
        np.testing.assert_array_equal(step.signals(index)[1], one.signals(index)[1])
    for old, values in zip(before, (networks[1].weights, networks[1].nodes), strict=True):
        assert np.mean(values != old) > 0.9
    if worker == 0:  # the one that takes the loss
        np.testing.assert_array_equal(networks[1].weights, networks[0].weights)
        np.testing.assert_array_equal(networks[1].nodes, networks[0].nodes)


@pytest.mark.parametrize("hidden", [8, 80, 800])
def test_rows_at_a_time_are_whole_mini_batches_and_about_a_moment(hidden, monkeypatch):
    """A large network takes one mini-batch at a time, a small one many."""
    monkeypatch.setattr(training, "MOMENT", 1_000_000)
    network = make_network((11, hidden, hidden, 3), motif_size=1, epsilon=30)
    step = make_step(network, batch_size=32)
    n_batches, rest = divmod(step.rows_at_a_time, 32)
    assert rest == 0
    work = network.weights.size * 32
    assert n_batches * work <= max(work, 1_000_000) < (n_batches + 1) * work
