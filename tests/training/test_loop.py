"""The epoch loop: mini-batches, schedules, evolution, Ctrl-C, divergence."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from sklearn_motif import engine
from sklearn_motif._network import MotifNetwork
from sklearn_motif._training import loop
from sklearn_motif._training.schedules import drop_fraction_at, stream_rate_at

from ..models import RAW, interrupt_step, small, state_of, use_all_threads

# Epochs and mini-batches.


def test_shuffle_off_takes_the_rows_in_order(blobs, steps, monkeypatch):
    X, y = blobs
    monkeypatch.setattr(engine.training, "MOMENT", 1)  # a mini-batch a call
    small(shuffle=False, batch_size=120, max_iter=2).fit(X, y)
    seen = [step.rows for step in steps]
    np.testing.assert_array_equal(np.concatenate(seen), np.tile(np.arange(300), 2))
    assert [rows.size for rows in seen] == [120, 120, 60] * 2
    steps.clear()
    small(shuffle=True, batch_size=120, max_iter=2).fit(X, y)
    seen = [step.rows for step in steps]
    first, second = np.concatenate(seen[:3]), np.concatenate(seen[3:])
    assert not np.array_equal(first, second)
    for order in (first, second):
        np.testing.assert_array_equal(np.sort(order), np.arange(300))


def test_cosine_reaches_the_steps_and_ends_without_a_warning(blobs, steps):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        small(learning_rate="cosine").fit(*blobs)
    rates = [step.learning_rate for step in steps]
    np.testing.assert_allclose(rates, 0.005 * (1 + np.cos(np.pi * np.arange(8) / 8)))


def endless(model, X, y, *, size, n_rows):
    """A stream without an end: some rows a call, again from the first where they end."""
    for first in range(0, n_rows, size):
        rows = np.arange(first, first + size) % len(y)
        model.partial_fit(X[rows], y[rows], classes=[0, 1, 2])
    return model


@pytest.mark.parametrize("size", [1, 10, 32, 320])
def test_the_rate_of_a_stream_without_an_end_goes_by_updates(blobs, size, steps):
    """In a call, too, however many rows it has."""
    model = endless(small(max_iter="auto"), *blobs, size=size, n_rows=960)
    rates = {step.n_updates: step.learning_rate for step in steps}
    assert rates == {n: stream_rate_at(model.learning_rate_init, n) for n in rates}
    assert max(np.diff(sorted(rates))) <= 8
    assert len(rates) > 3


def test_a_stream_keeps_the_rate_that_is_asked_for(blobs, steps):
    options = {"max_iter": "auto", "learning_rate": "constant"}
    endless(small(**options), *blobs, size=100, n_rows=1000)
    assert {step.learning_rate for step in steps} == {0.01}


def test_a_stream_that_goes_on_from_a_fit_goes_on_with_its_updates(blobs, steps):
    model = small(max_iter=60).fit(*blobs)
    last = steps[-1].n_updates + -(-steps[-1].rows.size // 32)
    assert last == model.n_iter_ * 10 > 100
    steps.clear()
    endless(model.set_params(max_iter="auto"), *blobs, size=32, n_rows=64)
    assert [step.learning_rate for step in steps] == [
        stream_rate_at(0.01, last + n) for n in range(2)
    ]
    assert [step.n_updates for step in steps] == [0, 1]  # of an optimizer of its own


# Changes of the wiring.


def test_evolution_changes_hidden_layers_only_and_keeps_counts(blobs):
    X, y = blobs
    options = {"epsilon": 2, "max_iter": 5}
    fixed, evolved = (small(zeta=zeta, **options).fit(X, y) for zeta in (0, 0.3))
    assert fixed.n_connections_ == evolved.n_connections_
    for i in range(2):
        assert not np.array_equal(fixed.network_.keys(i), evolved.network_.keys(i))
    np.testing.assert_array_equal(fixed.network_.keys(2), evolved.network_.keys(2))


@pytest.mark.parametrize(
    ("options", "evolutions"),
    [
        ({"zeta_schedule": "constant"}, [1, 2, 3, 4, 5, 6, 7]),
        ({"zeta_schedule": "constant", "evolve_every": 3}, [3, 6]),
        ({"zeta_schedule": "cosine"}, [1, 2, 3, 4, 5]),
    ],
)
def test_clock_of_evolution(blobs, options, evolutions, monkeypatch):
    """Never after the last epoch; in "cosine" none from three quarters of max_iter on."""
    records = []

    def spy(*args, **kwargs):
        records.append(loop.train(*args, **kwargs))
        return records[-1]

    monkeypatch.setattr("sklearn_motif._base.train", spy)
    options["hidden_layer_sizes"] = (200, 100)
    small(epsilon=1.5, zeta=0.6, n_iter_no_change=99, **options).fit(*blobs)
    changed = np.array(records[0].connections_changed)
    assert (np.flatnonzero(changed) + 1).tolist() == evolutions


# The part of `zeta` that an evolution of a stream without an end replaces.
STREAM_SHARE = drop_fraction_at("stream", 1.0, 1, 1)


@pytest.fixture
def evolutions(monkeypatch):
    """The drop fraction of each evolution, where few rows are an epoch of a stream."""
    fractions, evolve = [], loop.evolve

    def spy(network, state, fraction, **others):
        fractions.append(fraction)
        return evolve(network, state, fraction, **others)

    monkeypatch.setattr("sklearn_motif._training.loop.evolve", spy)
    monkeypatch.setattr("sklearn_motif._training.schedules.STREAM_ROWS", 40)
    return fractions


@pytest.mark.parametrize(("evolve_every", "n_evolutions"), [("auto", 6), (1, 6), (4, 1)])
@pytest.mark.parametrize("size", [1, 8, 12, 40])
def test_a_stream_without_an_end_evolves_by_rows(
    blobs, size, evolve_every, n_evolutions, evolutions
):
    model = small(max_iter="auto", evolve_every=evolve_every)
    endless(model, *blobs, size=size, n_rows=240)
    assert evolutions == [STREAM_SHARE * model.zeta] * n_evolutions


def test_a_stream_without_an_end_evolves_for_ever_and_once_a_call_at_most(blobs, evolutions):
    model = small(max_iter="auto")
    endless(model, *blobs, size=200, n_rows=200 * 120)
    assert evolutions == [STREAM_SHARE * model.zeta] * 120
    endless(model.set_params(zeta=0.1), *blobs, size=200, n_rows=400)
    endless(model.set_params(zeta_schedule="constant"), *blobs, size=200, n_rows=400)
    assert evolutions[120:] == pytest.approx([0.1 * STREAM_SHARE] * 2 + [0.1] * 2)


@pytest.mark.parametrize("size", [1, 40, 80])
def test_a_stream_without_an_end_splits_motifs_by_rows(blobs, size, evolutions):
    model = endless(small(max_iter="auto", motif_size=[4, 2]), *blobs, size=size, n_rows=1200)
    split = model.motif_size_curve_.index(2)
    assert split * size == pytest.approx(1000, abs=size)


# How a training ends before its time.


def test_ctrl_c_keeps_the_model(blobs, monkeypatch):
    calls = []

    def interrupt(*args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return 0

    monkeypatch.setattr("sklearn_motif._training.loop.evolve", interrupt)
    with pytest.warns(UserWarning, match="interrupted"):
        model = small(**RAW).fit(*blobs)
    assert model.n_iter_ == 3
    assert model.score(*blobs) > 0.6


@pytest.mark.parametrize("comes", ["before", "after"])
def test_ctrl_c_in_an_evolution_keeps_wiring_and_weights_together(comes, blobs, monkeypatch):
    """A graph changes in one compiled call, which Ctrl-C cannot cut in two."""
    rewire = engine.rewire
    calls = []

    def interrupt(*args):
        calls.append(1)
        if len(calls) != 13:  # three new graphs, and two hidden ones an evolution
            return rewire(*args)
        if comes == "after":
            rewire(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "rewire", interrupt)
    options = {"epsilon": 3, "max_iter": 40, "zeta": 0.9, "hidden_layer_sizes": (200, 100)}
    with pytest.warns(UserWarning, match="interrupted"):
        model = small(**RAW, **options).fit(*blobs)
    assert model.n_iter_ == 5
    assert model.score(*blobs) > 0.8


def test_ctrl_c_in_the_first_epoch(blobs, monkeypatch):
    interrupt_step(monkeypatch, 4)
    with pytest.warns(UserWarning, match="interrupted"):
        model = small().fit(*blobs)
    assert model.n_iter_ == 1
    assert model.predict(blobs[0]).shape == (300,)
    interrupt_step(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):  # nothing learned yet
        small().fit(*blobs)


def test_ctrl_c_in_a_validation_keeps_curves_together(blobs, monkeypatch):
    scores_of, calls = MotifNetwork.scores_of, []

    def interrupt(*arguments):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return scores_of(*arguments)

    monkeypatch.setattr(MotifNetwork, "scores_of", interrupt)
    with pytest.warns(UserWarning, match="interrupted"):
        model = small().fit(*blobs, X_val=blobs[0], y_val=blobs[1])
    assert len(model.loss_curve_) == len(model.validation_scores_) == model.n_iter_ == 3


def test_ctrl_c_in_partial_fit_is_heard_and_leaves_the_model(blobs, monkeypatch):
    model = small().partial_fit(*blobs, classes=[0, 1, 2])
    before = state_of(model)
    interrupt_step(monkeypatch, 4)
    with pytest.raises(KeyboardInterrupt):
        model.partial_fit(*blobs)
    np.testing.assert_equal(state_of(model), before)


@pytest.mark.parametrize("activation", ["relu", "identity"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_diverging_fit_ends_in_an_error(blobs, activation, n_jobs, monkeypatch):
    use_all_threads(monkeypatch)
    X, y = blobs
    model = small(solver="sgd", learning_rate_init=1e6, activation=activation, n_jobs=n_jobs)
    with pytest.raises(ValueError, match=r"diverged.*learning_rate_init"):
        model.fit(1e3 * X, y)
    with pytest.raises(NotFittedError):
        model.predict(X)
