"""The rows to train on: their inputs made once, or some rows at a time."""

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif import MotifSETRegressor
from sklearn_motif._network import Inputs, MotifNetwork
from sklearn_motif._training import rows as module
from sklearn_motif._training.rows import RowSource, TrainingRows

from ..models import RAW, assert_same_model, busy, make_data, make_frame, make_network


@pytest.fixture
def little_memory(monkeypatch):
    monkeypatch.setattr(module, "free_memory", lambda: 0)


def make_noise():
    """Rows of 150 columns, of which most are noise."""
    X = np.random.default_rng(0).standard_normal((700, 150))
    X[:, 10:40] += 2 * X[:, :1]
    return X, (X[:, 0] > 0).astype(int)


@pytest.fixture
def made(monkeypatch):
    """Numbers of rows whose inputs were made, a call after the other, by trainings alone."""
    monkeypatch.setattr("sklearn_motif._base.look_at_outcome", lambda *_: None)
    counts, inputs_of = [], MotifNetwork.inputs_of

    def count(self, X):
        counts.append(X.shape[0])
        return inputs_of(self, X)

    monkeypatch.setattr(MotifNetwork, "inputs_of", count)
    return counts


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"early_stopping": True},
        {"motif_size": [4, 2], "grow": "gradient"},
        {"shuffle": False, "precision": "float64"},
        RAW,
    ],
)
def test_where_memory_is_little_the_bits_are_the_same(options, monkeypatch):
    X, y = make_frame(300)
    if options == RAW:
        X, y = make_data(n_rows=300)
    monkeypatch.setattr("sklearn_motif.engine.training.MOMENT", 1)  # a mini-batch a call
    expected = busy(**options).fit(X, y)
    monkeypatch.setattr(module, "free_memory", lambda: 0)
    assert_same_model(busy(**options).fit(X, y), expected)


def test_where_memory_is_little_many_categories_have_the_same_bits(monkeypatch):
    X, y = make_words()
    expected = busy().fit(X, y)
    monkeypatch.setattr(module, "free_memory", lambda: 0)
    assert_same_model(busy().fit(X, y), expected)


def test_where_memory_is_little_a_stream_and_several_targets_have_the_same_bits(monkeypatch):
    X, y = make_data(MotifSETRegressor, n_rows=300)
    y = np.column_stack([y, -y])

    def models():
        return [
            busy(MotifSETRegressor).fit(X, y),
            busy(MotifSETRegressor).partial_fit(X, y).partial_fit(X, y),
        ]

    expected = models()
    monkeypatch.setattr(module, "free_memory", lambda: 0)
    for model, other in zip(models(), expected, strict=True):
        assert_same_model(model, other)


def make_words(n_rows=300):
    """A frame with many more categories than all else, which tell of the target."""
    X, y = make_frame(n_rows)
    word = np.random.default_rng(2).integers(0, 400, n_rows)
    words = [f"word {i}" for i in word]
    return X.assign(word=words).drop(columns=["age", "size"]), y ^ (word % 2)


@pytest.mark.parametrize(
    "options", [{}, {"motif_size": [4, 2], "grow": "gradient"}, {"precision": "float64"}]
)
def test_sparse_inputs_give_the_bits_of_dense_ones(options, monkeypatch):
    """Where they are not so sparse that the first layer goes by what they store."""
    X, y = make_words()
    monkeypatch.setattr("sklearn_motif._fitting.occurrences.SPARSE_SHARE", 0)
    model = busy(**options).fit(X, y)
    assert model.network_.inputs.is_sparse
    probabilities = model.predict_proba(X)
    monkeypatch.setattr(Inputs, "is_sparse", False)
    other = busy(**options).fit(X, y)
    assert_same_model(model, other)
    np.testing.assert_array_equal(other.predict_proba(X), probabilities)


def test_many_categories_need_memory_for_their_rows_only(made, monkeypatch):
    """Inputs are kept where dense ones would not have room."""
    X, y = make_words()
    n_inputs = busy(max_iter=1).fit(X, y).network_.inputs.size
    monkeypatch.setattr(module, "free_memory", lambda: 4 * len(X) * n_inputs)
    made.clear()
    model = busy(max_iter=2).fit(X, y)
    assert made == [len(X)]
    made.clear()
    numbers_a_time = 50 * model.network_.inputs.numbers_a_row
    monkeypatch.setattr("sklearn_motif._network.network.PREDICTED_NUMBERS", numbers_a_time)
    model.predict(X)
    assert made == [50] * 6


def test_inputs_are_made_once_where_memory_is_free(made):
    X, y = make_data(n_rows=300)
    busy().fit(X, y)
    assert made == [300]


def test_values_that_columns_are_compared_by_are_made_with_those_of_all_rows(monkeypatch):
    """Noise is told by them, neighbors are compared, and the rest is trained on."""
    X, y = make_noise()
    counts, inputs_of_rows = [], Inputs.of

    def count(self, X, dtype):
        counts.append(X.shape)
        return inputs_of_rows(self, X, dtype)

    monkeypatch.setattr(Inputs, "of", count)
    model = busy(max_iter=1, motif_size=2).fit(X, y)
    assert 0 < model.left_out_features_.size < 150
    assert counts == [X.shape]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("options", [{}, {"precision": "float64"}, {"early_stopping": True}])
def test_where_memory_is_little_noise_is_left_out_with_the_same_bits(options, dtype, monkeypatch):
    X, y = make_noise()
    X, options = X.astype(dtype), {"max_iter": 2, "motif_size": 2, **options}
    model = busy(**options).fit(X, y)
    monkeypatch.setattr(module, "free_memory", lambda: 0)
    assert_same_model(model, busy(**options).fit(X, y))


def test_inputs_of_validation_rows_are_made_once(made):
    X, y = make_data(n_rows=300)
    busy(max_iter=3).fit(X, y, X_val=X[:50], y_val=y[:50])
    assert sorted(made) == [50, 300]


def test_inputs_of_validation_rows_have_the_same_bits_where_memory_is_little(monkeypatch):
    X, y = make_frame(300)
    given = {"X_val": X[:50], "y_val": y[:50]}
    expected = busy(max_iter=3).fit(X, y, **given)
    monkeypatch.setattr(module, "free_memory", lambda: 0)
    model = busy(max_iter=3).fit(X, y, **given)
    assert model.validation_loss_curve_ == expected.validation_loss_curve_


@pytest.mark.parametrize(("options", "calls"), [({}, [1] * 300), (RAW, [300])])
def test_predictions_make_some_inputs_at_a_time_unless_they_are_x_itself(
    options, calls, made, monkeypatch
):
    X, y = make_data(n_rows=300)
    model = busy(**options).fit(X, y)
    expected = model.predict_proba(X)
    made.clear()
    monkeypatch.setattr("sklearn_motif._network.network.PREDICTED_NUMBERS", 1)
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    assert made == calls


def test_inputs_are_made_for_some_rows_at_a_time_where_it_is_not(made, little_memory, monkeypatch):
    monkeypatch.setattr("sklearn_motif.engine.training.MOMENT", 1)
    X, y = make_data(n_rows=300)
    busy(batch_size=20, max_iter=2).fit(X, y)
    assert made == [20] * 15 * 2


def test_sparse_rows_stay_sparse_where_they_can(made, little_memory):
    X, y = make_data(n_rows=300)
    busy().fit(scipy.sparse.csr_array(X), y)
    assert made == [300]


def source_of(inputs, X, y):
    network = make_network((inputs.size, 5, 2), inputs=inputs, dtype=np.float32)
    weights = np.arange(len(X), dtype=np.float32)
    kept = module.kept_inputs(network, X)
    data = TrainingRows(X, y.astype(np.float32), weights, np.arange(len(X)), kept)
    return RowSource(network, data)


@pytest.mark.parametrize("memory", [0, 1 << 40])
@pytest.mark.parametrize("n_targets", [1, 2])
@pytest.mark.parametrize(
    "inputs",
    [
        Inputs.plain(3),
        Inputs(3, np.arange(3), np.zeros(3), centers=np.ones(3), scales=np.full(3, 2.0)),
    ],
)
def test_each_row_comes_with_its_target_and_weight(inputs, n_targets, memory, monkeypatch):
    monkeypatch.setattr(module, "free_memory", lambda: memory)
    X = np.random.default_rng(0).standard_normal((40, 3))
    y = np.arange(40.0 * n_targets).reshape(40, n_targets)
    y = y.ravel() if n_targets == 1 else y
    chosen = np.array([7, 3, 39, 3])
    features, targets, weights, rows = source_of(inputs, X, y)(chosen)
    made = features.values.reshape(-1, 3)[rows]
    np.testing.assert_array_equal(made, inputs.of(X[chosen], np.float32))
    np.testing.assert_array_equal(
        targets.reshape(-1, n_targets)[rows], y.reshape(40, n_targets)[chosen]
    )
    np.testing.assert_array_equal(weights[rows], chosen)
