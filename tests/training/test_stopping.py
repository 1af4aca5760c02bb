"""When a training ends: patience, and the best network of early stopping."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from sklearn_motif._training.state import TrainingState
from sklearn_motif._training.stopping import StoppingRule

from ..models import make_options, small

# The rule itself, told of made-up losses and scores.


class Network(SimpleNamespace):
    """As much of a network as the rule looks at; `epoch` stands for all that training changes."""

    def copy(self):
        return Network(**vars(self))


def follow(options, losses, *, validations=None, motif_sizes=None, state=None):
    """Tell a rule of epochs as the loop does; gives it, and in which epoch it ended or None."""
    state = TrainingState() if state is None else state
    rule, network = StoppingRule(options, state), Network()
    for i, loss in enumerate(losses):
        state.epoch += 1
        network.epoch = state.epoch
        network.motif_size = options.motif_sizes[-1] if motif_sizes is None else motif_sizes[i]
        if rule.end_epoch(network, loss, None if validations is None else validations[i]):
            return rule, state.epoch
    return rule, None


def last_epoch(options, losses, **told):
    return follow(options, losses, **told)[1]


@pytest.mark.parametrize("patience", [1, 3])
def test_more_epochs_in_a_row_without_progress_than_the_patience_end_a_training(patience):
    options = make_options(n_iter_no_change=patience)
    assert last_epoch(options, [3.0, 2.0, 1.0, *[1.5] * 9]) == 3 + patience + 1
    rising_and_falling = [*[4.0] * patience, 3.0, *[5.0] * patience, 2.0, *[5.0] * patience]
    assert last_epoch(options, [5.0, *rising_and_falling]) is None


def test_progress_is_a_fall_by_tol_below_the_best_loss_so_far():
    falling = [8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0, 4.5]
    assert last_epoch(make_options(tol=0.5, n_iter_no_change=2), falling) is None
    # Not below the loss of the last progress: many small steps are none.
    assert last_epoch(make_options(tol=0.75, n_iter_no_change=2), falling) == 1 + 3
    # Nor below the last loss: what a rise lost must be won back first.
    sawtooth = [8.0, 9.0, 8.25, 9.0, 8.25, 9.0, 8.25]
    assert last_epoch(make_options(tol=0.5, n_iter_no_change=4), sawtooth) == 1 + 5
    # With no tol, a loss as good as the best one is progress.
    assert last_epoch(make_options(tol=0.0, n_iter_no_change=2), [1.0] * 20) is None


def test_adaptive_divides_the_rate_where_patience_ends_down_to_the_minimum():
    options = make_options(learning_rate="adaptive", n_iter_no_change=2)
    state, rates = TrainingState(learning_rate=1e-4), []
    rule = StoppingRule(options, state)
    while not rule.end_epoch(Network(motif_size=2), 9.0 if rates else 1.0, None):
        rates.append(state.learning_rate)
    # One epoch of progress; then three without for each rate, of which the last is below 1e-6.
    expected = 1e-4 / 5.0 ** np.array([0] * 3 + [1] * 3 + [2] * 3 + [3] * 3)
    np.testing.assert_allclose(rates, expected)
    assert 2e-7 < state.learning_rate < 1e-6


def test_progress_holds_the_rate_of_adaptive():
    options = make_options(learning_rate="adaptive", n_iter_no_change=2)
    state = TrainingState(learning_rate=1e-4)
    assert last_epoch(options, [5.0, 6.0, 6.0, 4.0, 6.0, 6.0, 3.0], state=state) is None
    assert state.learning_rate == 1e-4


def test_patience_waits_for_the_last_motif_size():
    options = make_options(motif_sizes=(4, 2), n_iter_no_change=2)
    sizes = [4] * 7 + [2] * 9
    assert last_epoch(options, [1.0] + [2.0] * 15, motif_sizes=sizes) == 7 + 3
    # A network whose motifs are smaller already is not waited for.
    assert last_epoch(options, [1.0] + [2.0] * 15, motif_sizes=[1] * 16) == 1 + 3


@pytest.mark.parametrize(
    ("options", "first_counted"),
    [
        ({"zeta_schedule": "constant", "zeta": 0.3}, 2),
        ({"zeta_schedule": "cosine", "zeta": 0.0}, 2),
        # 1 % of zeta is reached after 71 of 75 epochs.
        ({"zeta_schedule": "cosine", "zeta": 0.3}, 71),
    ],
)
def test_patience_waits_for_evolution_to_calm_down(options, first_counted):
    options = make_options(max_iter=100, n_iter_no_change=2, **options)
    assert last_epoch(options, [1.0] + [2.0] * 99) == first_counted + 2


def test_with_early_stopping_scores_decide():
    options = make_options(early_stopping=True, n_iter_no_change=2, tol=0.25)
    falling, flat = np.arange(9.0, 0.0, -1.0), [1.0] * 9
    rising = [(0.25 * i, 1.0) for i in range(9)]
    assert last_epoch(options, flat, validations=rising) is None
    assert last_epoch(options, falling, validations=[(0.5, 1.0)] * 9) == 1 + 3
    # Less than tol is no progress, but the better network is kept.
    slowly = [(0.5 + 0.125 * i, 1.0) for i in range(3)] + [(0.5, 1.0)] * 6
    rule, epoch = follow(options, falling, validations=slowly)
    assert (rule.best_epoch, epoch) == (3, 3 + 1)


@pytest.mark.parametrize(
    ("validations", "best"),
    [
        ([(0.5, 3.0), (0.75, 9.0), (0.625, 1.0)], 2),
        ([(0.5, 3.0), (0.5, 2.0), (0.5, 4.0)], 2),  # alike but for the loss
        ([(0.5, 3.0), (0.5, 3.0), (0.5, 3.0)], 1),  # alike
        ([(-2.0, 3.0), (-3.0, 2.0), (-4.0, 1.0)], 1),  # as r2 may be
    ],
)
def test_the_network_of_the_best_epoch_is_kept_as_it_was(validations, best):
    options = make_options(early_stopping=True)
    rule, _ = follow(options, [1.0] * 3, validations=validations)
    assert (rule.best_epoch, rule.best_network.epoch) == (best, best)


def test_without_early_stopping_validation_decides_nothing():
    options = make_options(n_iter_no_change=2)
    rising = [(0.25 * i, 1.0) for i in range(9)]
    rule, epoch = follow(options, [1.0] + [2.0] * 8, validations=rising)
    assert epoch == 1 + 3
    assert rule.best_network is rule.best_epoch is None


@pytest.mark.parametrize("learning_rate", ["constant", "adaptive"])
def test_counts_go_on_from_one_call_to_the_next(learning_rate):
    """Each call of partial_fit has a rule of its own, and the state of the one before."""
    options = make_options(is_partial=True, learning_rate=learning_rate, n_iter_no_change=3)
    losses = [5.0, 4.0, 6.0, 6.0, 3.0, *[4.0] * 40]
    whole = TrainingState(learning_rate=1e-4)
    expected = last_epoch(options, losses, state=whole)
    assert expected == (5 + 4 if learning_rate == "constant" else 5 + 4 * 4)
    state = TrainingState(learning_rate=1e-4)
    for loss in losses:
        state = TrainingState.from_dict(state.to_dict())
        if last_epoch(options, [loss], state=state) is not None:
            break
    assert state.epoch == expected
    assert state == whole


def test_a_new_patience_begins_where_one_has_ended():
    """A stream goes on after it."""
    options, state = make_options(is_partial=True, n_iter_no_change=2), TrainingState()
    ends = [last_epoch(options, [1.0 + (i > 0)], state=state) for i in range(10)]
    assert [epoch for epoch in ends if epoch] == [4, 7, 10]


@pytest.mark.parametrize("learning_rate", ["stream", "constant", "adaptive"])
def test_a_stream_without_an_end_never_ends(learning_rate):
    options = make_options(
        is_partial=True,
        is_endless=True,
        learning_rate=learning_rate,
        n_iter_no_change=2,
        zeta=0.3,
        zeta_schedule="stream",
    )
    state = TrainingState(learning_rate=1e-4)
    assert last_epoch(options, [1.0] + [2.0] * 99, state=state) is None
    assert (state.learning_rate < 1e-6) == (learning_rate == "adaptive")


# In a fit.


def test_early_stopping_restores_the_best_state(blobs):
    X, y = blobs
    y = np.where(np.random.default_rng(0).random(300) < 0.3, (y + 1) % 3, y)  # to overfit to
    X, X_val, y, y_val = train_test_split(X, y, random_state=0)
    weights = np.random.default_rng(1).random(y_val.size)
    options = {"learning_rate_init": 0.05, "max_iter": 60, "dropout": 0.0, "zeta": 0.0}
    model = small(early_stopping=True, **options)
    model.fit(X, y, X_val=X_val, y_val=y_val, sample_weight_val=weights)
    scores = model.validation_scores_
    best = int(np.argmax(scores))
    assert best + 1 < len(scores), "nothing to restore"
    assert model.best_validation_score_ == scores[best]
    assert model.score(X_val, y_val, weights) == scores[best]
    loss = log_loss(y_val, model.predict_proba(X_val), sample_weight=weights)
    assert model.validation_loss_curve_[best] == pytest.approx(loss)
    # Patience: more than 10 epochs in a row without a rise by tol.
    assert len(scores) == model.n_iter_ < 60
    assert max(scores[-11:]) < max(scores[:-11]) + 1e-4


def test_of_epochs_that_score_alike_the_one_of_least_loss_is_kept(blobs, monkeypatch):
    losses = iter([5.0, 3.0, 4.0, 2.0, 6.0, 7.0, 8.0, 9.0])
    networks = []

    def validate(network):
        networks.append(network.copy())
        return 0.5, next(losses)

    monkeypatch.setattr("sklearn_motif._base.validator", lambda *_: validate)
    model = small(early_stopping=True).fit(*blobs)
    np.testing.assert_array_equal(model.network_.weights, networks[3].weights)


def test_adaptive_divides_the_rate_when_progress_ends(blobs, steps):
    options = {"learning_rate": "adaptive", "zeta": 0, "max_iter": 100, "tol": 1e6}
    small(n_iter_no_change=2, learning_rate_init=1e-4, **options).fit(*blobs)
    rates = [step.learning_rate for step in steps]
    # The first epoch is progress; then every third without.
    expected = 1e-4 / 5.0 ** np.array([0] * 4 + [1] * 3 + [2] * 3 + [3] * 3)
    np.testing.assert_allclose(rates, expected)


def test_patience_waits_for_the_wiring_to_settle(blobs):
    options = {"max_iter": 100, "n_iter_no_change": 3, "tol": 1e6}
    # Every epoch but the first is without progress; more than 3 of them stop the training.
    assert small(zeta_schedule="constant", **options).fit(*blobs).n_iter_ == 5
    assert small(zeta=0, zeta_schedule="cosine", **options).fit(*blobs).n_iter_ == 5
    # 1 % of zeta is reached after 71 of 75 epochs.
    assert small(zeta_schedule="cosine", **options).fit(*blobs).n_iter_ == 71 + 3
