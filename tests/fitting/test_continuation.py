"""What fit, warm_start and partial_fit keep: the table of the user guide."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._fitting.continuation import known_network, start_of
from sklearn_motif._fitting.first_values import FIRST_VALUES

from ..models import RAW, assert_same_network, first_epochs, make_data, small, state_of

# partial_fit.


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
def test_partial_fit_goes_the_way_of_fit(blobs, options, k, dtype):
    X, y = blobs[0].astype(dtype), blobs[1]
    options = {**RAW, "shuffle": False, **options}
    expected = first_epochs(small(**options), X, y, k)
    model = small(**options)
    for _ in range(k):
        model.partial_fit(X, y, classes=[0, 1, 2])
        model = pickle.loads(pickle.dumps(model))
    assert_same_network(model, expected)
    for name in ("loss_curve_", "n_iter_", "t_", "loss_", "best_loss_"):
        assert getattr(model, name) == getattr(expected, name), name
    np.testing.assert_equal(model.input_degrees_, expected.input_degrees_)


def test_max_iter_calls_of_partial_fit_equal_a_whole_fit():
    """Where the first call has as many rows as columns and targets are known by."""
    X, names = make_data(n_rows=FIRST_VALUES)
    y = np.unique(names, return_inverse=True)[1]
    targets = np.column_stack([X[:, 0] + y, X[:, 1] * y])
    options = {"shuffle": False, "encode_features": 4, "screen_features": False}
    for expected, goal in (
        (small(**options), y),
        (small(zeta_schedule="constant", **options), (y == 1)),
        # Only `fit` looks at what labels show of their smoothing.
        (small(label_smoothing=0.0, **options), np.eye(3, dtype=int)[y]),
        (small(MotifSETRegressor, **options), targets),
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


def test_a_stream_of_batches_is_learned(blobs):
    X, y = blobs
    options = {"learning_rate": "constant", "zeta_schedule": "constant"}
    model, regressor = small(**options), small(MotifSETRegressor, **options)
    for start in range(0, 6000, 100):
        rows = np.arange(start, start + 100) % 300
        model.partial_fit(X[rows], y[rows], classes=[0, 1, 2])
        regressor.partial_fit(X[rows], X[rows, 0] + y[rows])
    assert model.score(X, y) > 0.95
    assert regressor.score(X, X[:, 0] + y) > 0.8
    assert model.n_iter_ == 60
    assert model.t_ == 6000


def digits(n_rows):
    """Rows to train on, as many as a stream would have, and to score on."""
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    X, y = X[order], y[order]
    return X[: min(n_rows, 1300)], y[: min(n_rows, 1300)], X[1300:], y[1300:]


def stream(model, X, y, *, size, n_rows):
    """Some rows a call, again from the first where they end."""
    for first in range(0, n_rows, size):
        rows = np.arange(first, first + size) % len(y)
        model.partial_fit(X[rows], y[rows], classes=np.arange(10))
    return model


@pytest.mark.parametrize(("size", "n_rows", "lag"), [(1, 500, 0.1), (90, 5400, 0.03)])
def test_a_stream_without_an_end_learns_about_what_a_fit_does(size, n_rows, lag):
    X, y, X_test, y_test = digits(n_rows)
    model = MotifSETClassifier((100,), random_state=0)
    expected = clone(model).fit(X, y).score(X_test, y_test)
    stream(model, X, y, size=size, n_rows=n_rows)
    assert model.score(X_test, y_test) > expected - lag


def test_targets_of_a_stream_without_an_end_are_learned():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((700, 5))
    y = 1e3 + X[:, 0] * X[:, 1] + np.abs(X[:, 2])
    model = MotifSETRegressor((100,), random_state=0)
    for first in range(0, 6000, 30):
        rows = np.arange(first, first + 30) % 500
        model.partial_fit(X[rows], y[rows])
    assert model.score(X[500:], y[500:]) > 0.8


def test_classes_that_change_late_are_learned():
    X, y, X_test, y_test = digits(1300)
    model = stream(MotifSETClassifier((100,), random_state=0), X, y, size=90, n_rows=9900)
    assert model.score(X_test, y_test) > 0.95
    stream(model, X, (y + 3) % 10, size=90, n_rows=1800)
    assert model.score(X_test, (y_test + 3) % 10) > 0.9
    assert model.score(X_test, y_test) < 0.1


def test_a_stream_that_goes_on_from_a_fit_is_not_thrown_off():
    X, y, X_test, y_test = digits(1300)
    model = MotifSETClassifier((100,), random_state=0).fit(X[:650], y[:650])
    expected = model.score(X_test, y_test)
    for first in range(650, 1300, 26):
        model.partial_fit(X[first : first + 26], y[first : first + 26])
        assert model.score(X_test, y_test) > expected - 0.02
    stream(model, X, (y + 3) % 10, size=90, n_rows=3600)
    assert model.score(X_test, (y_test + 3) % 10) > 0.9


def test_what_a_stream_without_an_end_learned_goes_on_where_it_was_pickled(blobs):
    models = [MotifSETClassifier((30,), random_state=0) for _ in range(2)]
    for first in range(0, 300, 30):
        rows = slice(first, first + 30)
        for i, model in enumerate(models):
            model.partial_fit(blobs[0][rows], blobs[1][rows], classes=[0, 1, 2])
            models[i] = pickle.loads(pickle.dumps(model)) if i else model
    assert_same_network(*models)


def test_another_solver_starts_its_state_anew(blobs):
    model = small().partial_fit(*blobs, classes=[0, 1, 2])
    model.set_params(solver="sgd").partial_fit(*blobs).set_params(solver="adam")
    model.partial_fit(*blobs)
    assert model._training_state["n_updates"] == -(-300 // 32)


# fit and warm_start.


def test_fit_keeps_nothing(blobs):
    X, y = blobs
    model = small().fit(X[:200], y[:200]).partial_fit(X, y).fit(X, y)
    expected = small().fit(X, y)
    assert_same_network(model, expected)
    assert vars(model).keys() == vars(expected).keys()
    assert model.loss_curve_ == expected.loss_curve_
    assert model._training_state["optimizer"] is None


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
        ("scale_features", False),
        ("encode_features", 3),
        ("categorical_features", [0]),
        ("precision", "float64"),
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


@pytest.mark.parametrize("is_partial", [False, True])
def test_what_goes_on_has_arrays_of_its_own(blobs, is_partial):
    model = small(warm_start=True).partial_fit(*blobs, classes=[0, 1, 2])
    start = start_of(model, is_partial=is_partial)
    assert not start.is_new
    assert (start.state.epoch, start.state.optimizer is not None) == (is_partial, is_partial)
    network = known_network(model, model._built_by)
    before = state_of(model)
    network.weights += 1
    start.streams.shuffling.random(3)
    for array in start.state.optimizer or ():
        array += 1
    np.testing.assert_equal(state_of(model), before)


def test_a_network_of_an_earlier_version_lacks_parameters_and_goes_on(blobs):
    model = small().fit(*blobs)
    structure = dict(model._built_by)
    del model._built_by["feature_shape"]
    known_network(model, structure)
    with pytest.raises(ValueError, match=r"epsilon=9.*was built with epsilon=4"):
        known_network(model, {**structure, "epsilon": 9.0})
