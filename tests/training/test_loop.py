"""The epoch loop: mini-batches, schedules, evolution, Ctrl-C, divergence."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from sklearn_motif import engine
from sklearn_motif._network import MotifNetwork
from sklearn_motif._training import loop
from sklearn_motif.engine import threads

from ..models import RAW, interrupt_step, small, state_of

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
        if len(calls) != 10:  # two hidden graphs an evolution
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
    monkeypatch.setattr(threads, "WORK_PER_THREAD", 1)
    X, y = blobs
    model = small(solver="sgd", learning_rate_init=1e6, activation=activation, n_jobs=n_jobs)
    with pytest.raises(ValueError, match=r"diverged.*learning_rate_init"):
        model.fit(1e3 * X, y)
    with pytest.raises(NotFittedError):
        model.predict(X)
