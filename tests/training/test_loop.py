"""The course of training: partial_fit, warm_start, validation, weights, schedules."""

import copy
import logging
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, r2_score
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_class_weight

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._network import MotifNetwork
from sklearn_motif._training import loop as _training
from sklearn_motif._training.loop import learning_rate_at

from ..models import interrupt_step

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {
    "hidden_layer_sizes": (30, 20),
    "epsilon": 4,
    "learning_rate_init": 0.01,
    "max_iter": 8,
    "random_state": 0,
}


def small(**parameters):
    return MotifSETClassifier(**{**SMALL, **parameters})


def small_regressor(**parameters):
    return MotifSETRegressor(**{**SMALL, **parameters})


def assert_same_network(one, other):
    for name in ("weights", "nodes", "sources", "indptr"):
        np.testing.assert_array_equal(getattr(one.network_, name), getattr(other.network_, name))


def state_of(model):
    """A copy of all that a model holds."""
    state = copy.deepcopy(vars(model))
    return {**state, "network_": vars(state["network_"])}


# partial_fit.


def first_epochs(model, X, y, k, monkeypatch):
    """A fit that was interrupted after the evolution of its epoch k."""
    log_epoch = _training._log_epoch

    def interrupt(history, epoch, *rest):
        if epoch == k:
            raise KeyboardInterrupt

    monkeypatch.setattr(_training, "_log_epoch", interrupt)
    with pytest.warns(UserWarning, match="interrupted"):
        model.set_params(verbose=True).fit(X, y)
    monkeypatch.setattr(_training, "_log_epoch", log_epoch)
    return model.set_params(verbose=False)


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"learning_rate": "cosine", "grow": "gradient", "weight_sharing": "none"},
        {"solver": "sgd", "zeta_schedule": "constant", "prune": "random", "evolve_every": 2},
        {"learning_rate": "adaptive", "zeta": 0, "n_iter_no_change": 1, "tol": 10, "max_iter": 20},
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_partial_fit_goes_the_way_of_fit(blobs, options, k, dtype, monkeypatch):
    X, y = blobs[0].astype(dtype), blobs[1]
    expected = first_epochs(small(shuffle=False, **options), X, y, k, monkeypatch)
    model = small(shuffle=False, **options)
    for _ in range(k):
        model.partial_fit(X, y, classes=[0, 1, 2])
        model = pickle.loads(pickle.dumps(model))
    assert_same_network(model, expected)
    for name in ("loss_curve_", "n_iter_", "t_", "loss_", "best_loss_"):
        assert getattr(model, name) == getattr(expected, name), name
    np.testing.assert_equal(model.input_degrees_, expected.input_degrees_)


def test_max_iter_calls_of_partial_fit_equal_a_whole_fit(blobs):
    X, y = blobs
    targets = np.column_stack([X[:, 0] + y, X[:, 1] * y])
    for expected, goal in (
        (small(shuffle=False), y),
        (small(shuffle=False, zeta_schedule="constant"), (y == 1)),
        (small(shuffle=False), np.eye(3, dtype=int)[y]),
        (small_regressor(shuffle=False), targets),
    ):
        model = clone(expected)
        expected.fit(X, goal)
        for _ in range(expected.n_iter_):
            classes = {"classes": np.unique(goal)} if goal.ndim == 1 else {}
            model.partial_fit(X, goal, **classes)
        assert_same_network(model, expected)


def test_partial_fit_shuffles_and_drops_anew_in_every_call(blobs, steps):
    model = small()
    for _ in range(2):
        model.partial_fit(*blobs, classes=[0, 1, 2])
    first, second = steps
    assert not np.array_equal(first.rows, second.rows)
    assert first.dropout_seed == second.dropout_seed  # of which each update draws its own
    assert (first.n_updates, second.n_updates) == (0, -(-300 // 32))


def test_a_stream_of_batches_is_learnt(blobs):
    X, y = blobs
    options = {"learning_rate": "constant", "zeta_schedule": "constant"}
    model, regressor = small(**options), small_regressor(**options)
    for start in range(0, 6000, 100):
        rows = np.arange(start, start + 100) % 300
        model.partial_fit(X[rows], y[rows], classes=[0, 1, 2])
        regressor.partial_fit(X[rows], X[rows, 0] + y[rows])
    assert model.score(X, y) > 0.95
    assert regressor.score(X, X[:, 0] + y) > 0.8
    assert model.n_iter_ == 60
    assert model.t_ == 6000


def test_batches_may_lack_classes_but_not_bring_new_ones(blobs):
    X, y = blobs
    model = small().partial_fit(X[y < 2], y[y < 2], classes=[0, 1, 2])
    assert model.predict_proba(X).shape == (300, 3)
    before = state_of(model)
    with pytest.raises(ValueError, match=r"y holds labels that are not among the classes.*\[7\]"):
        model.partial_fit(X, np.where(y == 2, 7, y))
    with pytest.raises(ValueError, match=r"classes=.*first call"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="11 features"):
        model.partial_fit(X[:, :11], y)
    with pytest.raises(ValueError, match="shape"):
        model.partial_fit(X, np.eye(3, dtype=int)[y])
    np.testing.assert_equal(state_of(model), before)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        small().partial_fit(X, y)
    regressor = small_regressor().partial_fit(X, X[:, :2])
    with pytest.raises(ValueError, match="y must have 2 targets; it has 3"):
        regressor.partial_fit(X, X[:, :3])


def test_what_partial_fit_refuses(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match="class_weight"):
        small(class_weight="balanced").partial_fit(X, y, classes=[0, 1, 2])
    for model in (small(early_stopping=True), small_regressor(early_stopping=True)):
        with pytest.raises(ValueError, match="early_stopping"):
            model.partial_fit(X, y)


@pytest.mark.parametrize("method", ["partial_fit", "fit"])
def test_a_failed_call_leaves_the_model_as_it_was(blobs, method):
    X, y = blobs
    model = small(warm_start=True, solver="sgd").fit(X, y).partial_fit(X, y)
    before = state_of(model)
    with pytest.raises(ValueError, match="diverged"):
        getattr(model, method)(1e30 * X, y)
    with pytest.raises(ValueError, match="NaN"):
        getattr(model, method)(np.full_like(X, np.nan), y)
    np.testing.assert_equal(state_of(model), before)


def test_float32_is_decided_by_the_first_call(blobs):
    X, y = blobs
    model = small().partial_fit(X.astype(np.float32), y, classes=[0, 1, 2]).partial_fit(X, y)
    assert model.predict_proba(X).dtype == np.float32


def test_ctrl_c_in_partial_fit_is_heard_and_leaves_the_model(blobs, monkeypatch):
    model = small().partial_fit(*blobs, classes=[0, 1, 2])
    before = state_of(model)
    interrupt_step(monkeypatch, 4)
    with pytest.raises(KeyboardInterrupt):
        model.partial_fit(*blobs)
    np.testing.assert_equal(state_of(model), before)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("solver", "foo"),
        ("learning_rate", "slow"),
        ("learning_rate_init", -0.1),
        ("dropout", 2.0),
        ("batch_size", 2.5),
        ("max_iter", 0),
        ("class_weight", "even"),
    ],
)
def test_parameters_are_validated_in_every_call(blobs, name, value):
    model = small().partial_fit(*blobs, classes=[0, 1, 2]).set_params(**{name: value})
    with pytest.raises(ValueError, match=name):
        model.partial_fit(*blobs)


# What fit, warm_start and partial_fit keep: the table of the user guide.


def test_fit_keeps_nothing(blobs):
    X, y = blobs
    model = small().fit(X[:200], y[:200]).partial_fit(X, y).fit(X, y)
    expected = small().fit(X, y)
    assert_same_network(model, expected)
    assert vars(model).keys() == vars(expected).keys()
    assert model.loss_curve_ == expected.loss_curve_
    assert model._course["optimizer"] is None


def test_warm_start_keeps_the_network_and_starts_the_clock_anew(blobs, steps):
    X, y = blobs
    model = small(warm_start=True, zeta=0, dropout=0.0, max_iter=3).fit(X, y)
    wiring, first = model.network_.keys(0), model.loss_curve_
    steps.clear()
    model.set_params(learning_rate="cosine", max_iter=4).fit(X, y)
    assert (steps[0].learning_rate, steps[0].n_updates) == (0.01, 0)
    np.testing.assert_array_equal(model.network_.keys(0), wiring)
    assert model.loss_curve_[:3] == first
    assert model.loss_curve_[3] < first[-1]
    assert model.n_iter_ == 3 + 4
    assert model.t_ == 7 * 300
    assert list(model.input_degrees_) == [1, 2, 4]


def test_random_streams_go_on(blobs, steps):
    """Two warm fits of an epoch do not see the rows in the same order."""
    small(warm_start=True, max_iter=1).fit(*blobs).fit(*blobs).partial_fit(*blobs)
    assert len({step.rows.tobytes() for step in steps}) == 3
    assert len({step.dropout_seed for step in steps}) == 3  # a new optimizer each time


def test_partial_fit_after_fit_goes_on_with_the_clock(blobs):
    X, y = blobs
    model = small(max_iter=8, learning_rate="cosine").fit(X, y)
    before = model.network_.weights.copy()
    wiring = model.network_.keys(0)
    model.partial_fit(X, y)
    np.testing.assert_array_equal(model.network_.keys(0), wiring)  # zeta is annealed
    assert 0 < np.abs(model.network_.weights - before).max() < 0.01
    assert model.n_iter_ == 9


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("motif_size", 3),
        ("epsilon", 5),
        ("hidden_layer_sizes", (30,)),
        ("weight_sharing", "tied"),
        ("activation", "tanh"),
        ("group_features", False),
        ("feature_shape", (3, 4)),
    ],
)
def test_what_goes_on_cannot_be_built_otherwise(blobs, name, value):
    model = small(warm_start=True).fit(*blobs).set_params(**{name: value})
    before = state_of(model)
    for method in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match=rf"{name}=.*was built with {name}="):
            method(*blobs)
    np.testing.assert_equal(state_of(model), before)
    model.set_params(warm_start=False).fit(*blobs)


def test_another_solver_starts_its_state_anew(blobs):
    model = small().partial_fit(*blobs, classes=[0, 1, 2])
    model.set_params(solver="sgd").partial_fit(*blobs).set_params(solver="adam")
    model.partial_fit(*blobs)
    assert model._course["n_updates"] == -(-300 // 32)


# Validation and stopping.


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


def test_a_validation_set_without_early_stopping_is_a_record_only(blobs):
    X, y = blobs
    plain = small().fit(X, y)
    model = small().fit(X, y, X_val=X[:50], y_val=y[:50])
    assert_same_network(model, plain)
    assert len(model.validation_scores_) == len(model.validation_loss_curve_) == 8
    assert model.validation_scores_[-1] == model.score(X[:50], y[:50])
    assert plain.validation_scores_ is plain.validation_loss_curve_ is None
    assert plain.best_validation_score_ is None


def rows_of(steps):
    """Rows that the steps since the last call trained on."""
    rows = np.unique(np.concatenate([step.rows for step in steps]))
    steps.clear()
    return rows


@pytest.mark.parametrize("kind", ["classes", "labels", "targets"])
def test_rows_held_out_are_not_trained_on(blobs, kind, steps):
    X, y = blobs
    y = {"classes": np.array(["a", "b", "c"])[y], "labels": np.eye(3, dtype=int)[y], "targets": X}[
        kind
    ]
    make = small_regressor if kind == "targets" else small
    options = {"early_stopping": True, "validation_fraction": 0.2, "max_iter": 6}
    model = make(**options).fit(X, y)
    trained = rows_of(steps)
    assert trained.size == 240
    held_out = np.setdiff1d(np.arange(300), trained)
    assert model.best_validation_score_ == pytest.approx(model.score(X[held_out], y[held_out]))
    if kind == "classes":  # stratified
        counts = [
            np.unique(y[rows], return_counts=True)[1] / rows.size for rows in (trained, held_out)
        ]
        np.testing.assert_allclose(*counts, atol=0.02)
    # Another seed holds out others; the same seed the same.
    make(random_state=1, **options).fit(X, y)
    assert not np.array_equal(rows_of(steps), trained)


def test_regression_scores_and_losses_on_validation_rows(blobs):
    X, y = blobs
    targets = np.column_stack([X[:, 0] + y, X[:, 1]])
    weights = np.random.default_rng(0).random(300)
    model = small_regressor().fit(X, targets, X_val=X, y_val=targets, sample_weight_val=weights)
    predicted = model.predict(X)
    expected = r2_score(targets, predicted, sample_weight=weights)
    assert model.validation_scores_[-1] == pytest.approx(expected)
    loss = np.average(0.5 * ((predicted - targets) ** 2).sum(axis=1), weights=weights)
    assert model.validation_loss_curve_[-1] == pytest.approx(loss)


def test_of_epochs_that_score_alike_the_one_of_least_loss_is_kept(blobs, monkeypatch):
    losses = iter([5.0, 3.0, 4.0, 2.0, 6.0, 7.0, 8.0, 9.0])
    networks = []

    def validator(self, validation, task):
        def validate(network):
            networks.append(network.copy())
            return 0.5, next(losses)

        return validate

    monkeypatch.setattr(MotifSETClassifier, "_validator", validator)
    model = small(early_stopping=True).fit(*blobs)
    np.testing.assert_array_equal(model.network_.weights, networks[3].weights)


def test_ctrl_c_in_a_validation_keeps_curves_together(blobs, monkeypatch):
    predict, calls = MotifNetwork.predict, []

    def interrupt(*arguments):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return predict(*arguments)

    monkeypatch.setattr(MotifNetwork, "predict", interrupt)
    with pytest.warns(UserWarning, match="interrupted"):
        model = small().fit(*blobs, X_val=blobs[0], y_val=blobs[1])
    assert len(model.loss_curve_) == len(model.validation_scores_) == model.n_iter_ == 3


def test_a_warm_start_holds_out_the_same_rows(blobs, steps):
    model = small(warm_start=True, early_stopping=True, max_iter=2)
    model.fit(*blobs)
    first = rows_of(steps)
    model.fit(*blobs)
    np.testing.assert_array_equal(rows_of(steps), first)
    assert first.size == 270


def test_bad_validation_sets_are_named(blobs):
    X, y = blobs
    for given in ({"X_val": X}, {"y_val": y}, {"sample_weight_val": y}):
        with pytest.raises(ValueError, match="X_val and y_val must be given together"):
            small().fit(X, y, **given)
    for X_val, y_val in ((X[:, :5], y), (X, y + 7), (X[:9], y), (X, X)):
        with pytest.raises(ValueError, match="X_val, y_val"):
            small().fit(X, y, X_val=X_val, y_val=y_val)
    with pytest.raises(ValueError, match="zero"):
        small().fit(X, y, X_val=X, y_val=y, sample_weight_val=0 * y)
    with pytest.raises(ValueError, match=r"validation_fraction=0.1.*X_val"):
        small(early_stopping=True).fit(X[:8], y[:8])
    with pytest.raises(ValueError, match=r"at least 2 rows.*validation_fraction"):
        small_regressor(early_stopping=True).fit(X[:8], X[:8, 0])


# Weights.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_of_one_are_no_weights(blobs, dtype):
    X, y = blobs[0].astype(dtype), blobs[1]
    for make, goal in ((small, y), (small, np.eye(3, dtype=int)[y]), (small_regressor, X[:, :2])):
        plain = make().fit(X, goal)
        assert_same_network(make().fit(X, goal, np.ones(300)), plain)
        # With no penalty only their proportions count.
        one, other = (make(alpha=0).fit(X, goal, w) for w in (None, np.full(300, 3)))
        assert_same_network(one, other)


@pytest.mark.parametrize("kind", ["classes", "labels", "targets"])
def test_weights_are_numbers_of_rows(blobs, kind):
    X, y = blobs[0][:90], blobs[1][:90]
    goal = {"classes": y, "labels": np.eye(3, dtype=int)[y], "targets": X[:, 0] * y}[kind]
    weights = np.random.default_rng(0).integers(4, size=90)
    assert 0 in weights
    assert 2 in weights
    make = small_regressor if kind == "targets" else small
    options = {"batch_size": 10_000, "dropout": 0.0, "alpha": 0.5, "max_iter": 30}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weighted = make(**options).fit(X, goal, weights)
        repeated = make(**options).fit(np.repeat(X, weights, axis=0), np.repeat(goal, weights, 0))
    np.testing.assert_allclose(
        weighted.network_.weights, repeated.network_.weights, rtol=1e-6, atol=1e-9
    )
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_)


def test_class_weights_multiply_sample_weights(blobs):
    X, y = blobs
    y = np.where(np.random.default_rng(0).random(300) < 0.5, 0, y)
    weights = np.random.default_rng(1).random(300)
    each = len(y) / (3 * np.bincount(y))
    np.testing.assert_allclose(each, compute_class_weight("balanced", classes=np.arange(3), y=y))
    balanced = small(class_weight="balanced").fit(X, y)
    by_dict = small(class_weight=dict(enumerate(each))).fit(X, y)
    by_hand = small().fit(X, y, each[y])
    np.testing.assert_allclose(balanced.network_.weights, by_hand.network_.weights, rtol=1e-9)
    assert_same_network(by_dict, by_hand)
    one = small(class_weight={1: 5}).fit(X, y, weights)
    assert_same_network(one, small().fit(X, y, weights * np.array([1, 5, 1])[y]))
    totals = np.bincount(y, weights)
    one = small(class_weight="balanced", alpha=0).fit(X, y, weights)
    other = small(alpha=0).fit(X, y, weights / totals[y])
    np.testing.assert_allclose(one.network_.weights, other.network_.weights, rtol=1e-6, atol=1e-9)
    stream = small(class_weight={1: 5}).partial_fit(X, y, [0, 1, 2])
    assert_same_network(stream, small().partial_fit(X, y, [0, 1, 2], np.array([1, 5, 1])[y]))


def test_a_rare_class_is_found_when_balanced():
    rng = np.random.default_rng(0)
    y = (rng.random(1000) < 0.05).astype(int)
    X = rng.standard_normal((1000, 10)) + 0.8 * y[:, None]
    recall = [
        small(class_weight=weight).fit(X, y).predict(X)[y == 1].mean()
        for weight in (None, "balanced")
    ]
    assert recall[1] > max(0.9, recall[0] + 0.1)


def test_bad_weights_are_named(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match="sample_weight"):
        small().fit(X, y, -np.ones(300))
    with pytest.raises(ValueError, match="sample_weight"):
        small().fit(X, y, np.ones(299))
    with pytest.raises(ValueError, match="zero"):
        small().fit(X, y, np.zeros(300))
    for extreme in (1e308, 1e-320):
        with pytest.raises(ValueError, match="sample_weight"):
            small().fit(X, y, np.full(300, extreme))
    with pytest.raises(ValueError, match="class_weight"):
        small(class_weight={0: -1}).fit(X, y)
    with pytest.raises(ValueError, match="class_weight"):
        small(class_weight={0: 1}).fit(X, np.eye(3, dtype=int)[y])
    with pytest.raises(ValueError, match="class_weight"):
        small(class_weight="even").fit(X, y)
    with pytest.raises(ValueError, match=r"class_weight names \[9\]"):
        small(class_weight={9: 2}).fit(X, y)


# The learning rate.


def test_learning_rates_of_schedules():
    assert learning_rate_at("constant", 0.1, 77, 100) == 0.1
    rates = [learning_rate_at("cosine", 0.1, epoch, 4) for epoch in (1, 2, 3, 4, 5, 99)]
    expected = 0.05 * (1 + np.cos(np.pi * np.arange(4) / 4))
    np.testing.assert_allclose(rates[:4], expected)
    assert rates[4:] == pytest.approx([0.01, 0.01])  # a stream goes on


def test_cosine_reaches_the_steps_and_ends_without_a_warning(blobs, steps):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        small(learning_rate="cosine").fit(*blobs)
    rates = [step.learning_rate for step in steps]
    np.testing.assert_allclose(rates, 0.005 * (1 + np.cos(np.pi * np.arange(8) / 8)))


def test_adaptive_divides_the_rate_when_progress_ends(blobs, steps):
    options = {"learning_rate": "adaptive", "zeta": 0, "max_iter": 100, "tol": 1e6}
    small(n_iter_no_change=2, learning_rate_init=1e-4, **options).fit(*blobs)
    rates = [step.learning_rate for step in steps]
    # The first epoch is progress; then every third without.
    expected = 1e-4 / 5.0 ** np.array([0] * 4 + [1] * 3 + [2] * 3 + [3] * 3)
    np.testing.assert_allclose(rates, expected)


# What it learns.


def test_learns_several_labels():
    X, Y = make_multilabel_classification(600, 20, n_classes=4, random_state=0)
    X = (X - X.mean(0)) / X.std(0)
    model = small(max_iter=40).fit(X[:450], Y[:450])
    assert model.out_activation_ == "logistic"
    np.testing.assert_array_equal(model.classes_, np.arange(4))
    probability = model.predict_proba(X[450:])
    assert probability.shape == (150, 4)
    np.testing.assert_array_equal(model.predict(X[450:]), probability > 0.5)
    assert np.mean(model.predict(X[450:]) == Y[450:]) > 0.75


def test_learns_a_regression(data_dir):
    """A column of Isolet from the other 616."""
    X = np.load(data_dir / "isolet.npz")["X"].reshape(-1, 617).astype(np.float32)
    X = (X - X.mean(0)) / X.std(0)
    X, y = np.delete(X, 400, axis=1), X[:, 400]
    model = small_regressor(hidden_layer_sizes=(300,), epsilon=20, max_iter=30).fit(
        X[:1000], y[:1000]
    )
    assert model.score(X[1000:], y[1000:]) > 0.85
    assert model.predict(X).dtype == np.float32
    assert model.predict(X).shape == (1560,)


def test_a_regression_does_not_mind_an_offset(blobs):
    X = blobs[0]
    y = np.column_stack([X[:, 0], X[:, 1] * X[:, 2]])
    predicted = small_regressor().fit(X, y).predict(X)
    offset = np.array([1e6, -1e3])
    shifted = small_regressor().fit(X, y + offset).predict(X)
    np.testing.assert_allclose(shifted - offset, predicted, atol=1e-5)


# The log and the warnings.


def test_the_log_follows_stderr_and_leaves_the_applications_log_alone(blobs):
    """In a fresh process: pytest sets up a log of its own."""
    code = """
import contextlib, io, logging, warnings
import numpy as np
from sklearn_motif import MotifSETClassifier
warnings.simplefilter("ignore")
X, y = np.random.default_rng(0).standard_normal((30, 4)), np.arange(30) % 2
def fit():
    text = io.StringIO()
    with contextlib.redirect_stderr(text):
        MotifSETClassifier((5,), max_iter=2, verbose=True, random_state=0).fit(X, y)
    lines = text.getvalue().splitlines()
    text.close()
    return lines
first, second = fit(), fit()
assert len(first) == len(second) == 2, (first, second)
log = io.StringIO()
logging.basicConfig(stream=log)
assert fit() == []
assert log.getvalue().count("INFO:sklearn_motif:epoch") == 2, log.getvalue()
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""


def test_warnings_name_the_line_of_the_user(blobs, monkeypatch):
    with pytest.warns(UserWarning, match="batch_size|max_iter") as record:
        small(batch_size=999, learning_rate="constant").fit(*blobs)
    monkeypatch.setattr(
        "sklearn_motif._evolution.evolve.evolve",
        lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt),
    )
    with pytest.warns(UserWarning, match="interrupted") as interrupted:
        small().fit(*blobs)
    assert len(record) + len(interrupted) == 3
    assert {warning.filename for warning in [*record, *interrupted]} == {__file__}


@pytest.mark.parametrize("validated", [False, True])
def test_lines_of_the_log_are_aligned(blobs, validated, caplog):
    caplog.set_level(logging.INFO, logger="sklearn_motif")
    X, y = blobs
    validation = {"X_val": X, "y_val": y} if validated else {}
    model = small(verbose=True, max_iter=11).fit(X, y, **validation)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 11
    assert len({line.index("connections") for line in lines}) == 1
    assert len(set(map(len, lines))) == 1
    if validated:
        assert [float(line.split("score")[1].split()[0]) for line in lines] == pytest.approx(
            model.validation_scores_, abs=1e-5
        )
