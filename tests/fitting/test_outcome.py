"""What the training rows tell of a network when its training is over."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._network import MotifNetwork

from ..models import make_data, small

# A network that learned next to nothing.


def warned(call, *arguments, **parameters):
    """The warnings of a call that say so."""
    with warnings.catch_warnings(record=True) as record:
        warnings.simplefilter("always")
        call(*arguments, **parameters)
    return [w for w in record if "learned next to nothing" in str(w.message)]


def kinds_of_y(y):
    """Goals that the numbers of three classes make, and the estimator of each."""
    return {
        "classes": (MotifSETClassifier, y),
        "two classes": (MotifSETClassifier, y == 1),
        "labels": (MotifSETClassifier, np.eye(3, dtype=int)[y]),
        "numbers": (MotifSETRegressor, 1e6 + 1e3 * y),
        "several numbers": (MotifSETRegressor, np.column_stack([y, -1e-3 * y])),
    }


KINDS = list(kinds_of_y(np.zeros(1, dtype=int)))
# Each leaves a network near its start: a single epoch, steps that are too short, a penalty that
# is too strong.
NEAR_THE_START = [
    {"max_iter": 1, "learning_rate_init": 1e-4},
    {"learning_rate_init": 1e-6},
    {"alpha": 1e6},
]


@pytest.mark.parametrize("parameters", NEAR_THE_START, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_a_network_near_its_start_is_told_of(blobs, kind, parameters):
    X, y = blobs
    estimator, goal = kinds_of_y(y)[kind]
    (warning,) = warned(small(estimator, **parameters).fit, X, goal)
    assert issubclass(warning.category, ConvergenceWarning)
    assert all(name in str(warning.message) for name in ("max_iter", "learning_rate_init", "X"))
    assert warning.filename == __file__
    assert not warned(small(estimator, max_iter=40).fit, X, goal)


@pytest.mark.parametrize("kind", KINDS)
def test_few_rows_are_asked_where_they_tell_clearly(kind, monkeypatch):
    asked, scores_of = [], MotifNetwork.scores_of

    def count(self, features, n_samples, n_jobs=None):
        asked.append(n_samples)
        return scores_of(self, features, n_samples, n_jobs)

    monkeypatch.setattr(MotifNetwork, "scores_of", count)
    y = np.random.default_rng(0).integers(3, size=3000)
    X = np.random.default_rng(1).standard_normal((3000, 4)) + 4 * np.eye(3, 4)[y]
    estimator, goal = kinds_of_y(y)[kind]
    small(estimator, max_iter=8, batch_size=100).fit(X, goal)
    # Of labels the smoothing that they show is looked for in all of them.
    assert asked == ([2000] if kind == "labels" else [256])
    asked.clear()
    assert warned(small(estimator, max_iter=1, learning_rate_init=1e-6).fit, X, goal)
    assert asked == ([2000] if kind == "labels" else [256, 2000])


@pytest.mark.parametrize("kind", KINDS)
def test_the_losses_that_it_tells_are_those_of_the_network_and_of_a_constant(blobs, kind):
    """Which is the entropy of classes, and half the variance of scaled targets."""
    X, y = blobs
    estimator, goal = kinds_of_y(y)[kind]
    (warning,) = warned(small(estimator, max_iter=1, learning_rate_init=1e-6).fit, X, goal)
    shares = np.bincount(y) / len(y)
    binary = -(shares * np.log(shares) + (1 - shares) * np.log(1 - shares))
    expected = {
        "classes": -shares @ np.log(shares),
        "two classes": binary[1],
        "labels": binary.sum(),
        "numbers": 0.5,
        "several numbers": 1.0,
    }
    assert f"the same for every row {expected[kind]:.4g}." in str(warning.message)


def test_targets_that_x_does_not_tell_are_told_of():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((3000, 4)), rng.integers(2, size=3000)
    for model in (small(dropout=0.5), small(MotifSETRegressor, dropout=0.5)):
        assert warned(model.fit, X, y)


def test_a_network_that_learned_what_little_there_is_is_not_told_of():
    """Rare events and weak signals leave most of the loss of a constant to anybody."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((6000, 4))
    weak = 0.25 * X[:, 0] + rng.standard_normal(6000)
    for model, y in ((small(MotifSETRegressor), weak), (small(), weak > 2)):
        model.set_params(max_iter=4, dropout=0.3)
        assert not warned(model.fit, X, y)
    assert model.score(X, y) > 0.9
    # The same rows, too few updates to learn it.
    model = small(MotifSETRegressor, batch_size=1000, max_iter=1, learning_rate_init=1e-4)
    assert warned(model.fit, X, weak)


@pytest.mark.parametrize("n_rows", [30, 300])
def test_targets_that_do_not_vary_are_no_fault_of_the_network(blobs, n_rows):
    X = blobs[0][:n_rows]
    for y in (np.full(n_rows, 3.0), np.full(n_rows, 0.1), np.full((n_rows, 2), 1e9 / 3)):
        assert not warned(small(MotifSETRegressor, max_iter=2).fit, X, y)
    labels = np.tile([0, 1], (n_rows, 1))
    assert not warned(small(max_iter=2).fit, X, labels)
    model = small(max_iter=2, warm_start=True).fit(X, np.arange(n_rows) % 2)
    assert not warned(model.fit, X, np.zeros(n_rows, dtype=int))


def test_calls_of_partial_fit_are_no_trainings_that_are_over(blobs):
    X, y = blobs
    for max_iter in ("auto", 2):
        model = small(max_iter=max_iter, learning_rate_init=1e-6)
        for _ in range(3):
            assert not warned(model.partial_fit, X, y, classes=[0, 1, 2])


def test_rows_count_by_their_weights(blobs):
    """All classes alike for each row of X tell nothing, unless only one of them weighs anything."""
    X, y = blobs
    X, y = np.vstack([X] * 3), np.concatenate([y, (y + 1) % 3, (y + 2) % 3])
    for weight, n_warnings in ((0, 0), (1e-6, 0), (1, 1)):
        weights = np.repeat([1, weight, weight], 300)
        model = small(max_iter=40, dropout=0.5, epsilon=1)
        assert len(warned(model.fit, X, y, sample_weight=weights)) == n_warnings


def test_only_rows_to_train_on_are_asked(blobs):
    """Rows to validate on have scores of their own."""
    X, y = blobs
    model = small(max_iter=40)
    assert not warned(model.fit, X, y, X_val=X, y_val=(y + 1) % 3)


# Labels are freed of the smoothing that they show.


def rare_labels(n_rows=1500, n_labels=8, rate=0.02):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, 10))
    sums = X @ rng.standard_normal((10, n_labels)) / 3 + rng.standard_normal((n_rows, n_labels))
    return X, (sums > np.quantile(sums, 1 - rate, axis=0)).astype(int)


def test_rare_labels_are_no_more_probable_than_they_come():
    X, Y = rare_labels()
    model = small(hidden_layer_sizes=(50,), max_iter=10).fit(X, Y)
    smoothing, shares = model.network_.outputs.smoothing, Y.mean(axis=0)
    assert smoothing.shape == shares.shape
    assert np.all((smoothing >= 0.1) & (smoothing <= 0.2))
    means = model.predict_proba(X).mean(axis=0)
    assert np.all((means <= shares * 1.01) | (smoothing > 0.199))
    assert means.sum() == pytest.approx(shares.sum(), rel=0.2)
    # Which labels a row has is decided by the scores as they are.
    np.testing.assert_array_equal(model.predict(X), model.decision_function(X) > 0)


def test_labels_without_smoothing_have_none_to_be_freed_of():
    X, Y = rare_labels(300)
    model = small(label_smoothing=0.0).fit(X, Y)
    assert model.network_.outputs.smoothing == 0.0


@pytest.mark.parametrize("seed", range(3))
def test_a_weight_of_two_is_the_row_twice_and_zero_its_absence(seed):
    X, Y = rare_labels(300, rate=0.2)
    rng = np.random.default_rng(seed)
    weights = rng.integers(0, 3, 300)
    rows = np.repeat(np.arange(300), weights)
    options = {"precision": "float64", "dropout": 0.0, "max_iter": 100, "encode_features": False}
    one, two = (small(**options, batch_size=n) for n in (np.sum(weights > 0), rows.size))
    one.fit(X[weights > 0], Y[weights > 0], sample_weight=weights[weights > 0])
    two.fit(X[rows], Y[rows])
    assert 0.1 < two.network_.outputs.smoothing.max() < 0.199
    np.testing.assert_allclose(one.predict_proba(X), two.predict_proba(X), rtol=1e-6, atol=1e-9)


def test_the_next_training_begins_with_the_smoothing_that_it_is_told(blobs):
    X, Y = rare_labels(300)
    model = small(max_iter=20).fit(X, Y)
    assert model.network_.outputs.smoothing.max() > 0.1
    model.set_params(label_smoothing=0.3).partial_fit(X, Y)
    assert model.network_.outputs.smoothing == 0.3


def test_numbers_and_classes_are_left_as_they_are():
    X, y = make_data()
    assert small().fit(X, y).network_.outputs.smoothing == 0.1
    assert small(MotifSETRegressor).fit(X, X[:, 0]).network_.outputs.smoothing == 0.0
