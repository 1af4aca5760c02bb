"""Whether the values of columns form motifs."""

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif._fitting import grouping
from sklearn_motif._fitting.grouping import neighbors_are_alike

from ..models import small, smooth


def motif_size_of_inputs(X, *, is_partial=False, **options):
    y = np.arange(X.shape[0]) % 2
    model = small(max_iter=1, **options)
    model = model.partial_fit(X, y, classes=[0, 1]) if is_partial else model.fit(X, y)
    return model.network_.motif_sizes[0]


@pytest.mark.parametrize("is_partial", [False, True])
@pytest.mark.parametrize(("weight_sharing", "fewest"), [("scaled", 64), ("none", 64), ("tied", 8)])
def test_few_columns_stay_apart(weight_sharing, fewest, is_partial):
    X = np.random.default_rng(0).standard_normal((60, 2 * fewest))
    options = {"weight_sharing": weight_sharing, "is_partial": is_partial}
    assert motif_size_of_inputs(X[:, 2:], group_features=True, **options) == 1
    assert motif_size_of_inputs(X[:, 1:], group_features=True, **options) == 2
    assert motif_size_of_inputs(X, group_features=False, **options) == 1


@pytest.mark.parametrize("is_partial", [False, True])
def test_columns_form_motifs_where_neighbors_are_alike(is_partial):
    X, rng = smooth(), np.random.default_rng(1)
    options = {"is_partial": is_partial}
    assert motif_size_of_inputs(X, **options) == 2
    assert motif_size_of_inputs(X[:, rng.permutation(200)], **options) == 1
    assert motif_size_of_inputs(scipy.sparse.csr_array(X), **options) == 1
    assert motif_size_of_inputs(rng.standard_normal((100, 200)), **options) == 1
    assert motif_size_of_inputs(np.ones((100, 200)), **options) == 1


def test_a_part_of_many_rows_tells_of_neighbors_that_are_clearly_alike(monkeypatch):
    X, rng, looked = smooth(1200), np.random.default_rng(1), []
    normalized = grouping.normalized

    def count(X, weights):
        looked.append(len(X))
        return normalized(X, weights)

    monkeypatch.setattr(grouping, "normalized", count)
    assert neighbors_are_alike(X, np.ones(1200))
    assert looked == [300]
    looked.clear()
    assert neighbors_are_alike(X[:400], np.ones(400))
    assert looked == [400]
    looked.clear()
    assert not neighbors_are_alike(X[:, rng.permutation(200)], np.ones(1200))
    assert looked == [300, 1200]


def test_neighbors_that_only_many_rows_tell_are_alike():
    rng = np.random.default_rng(0)
    X = 0.07 * np.cumsum(rng.standard_normal((20_000, 200)), axis=1) + rng.standard_normal(
        (20_000, 200)
    )
    X = X - X.mean(axis=1, keepdims=True)
    assert neighbors_are_alike(X, np.ones(20_000))


def test_rows_that_take_turns_are_judged_together():
    """Neighbors are alike in every fourth row only."""
    X = np.random.default_rng(0).standard_normal((1600, 100))
    X[::4] = 0.3 * np.cumsum(X[::4], axis=1)
    for first in range(4):
        assert not neighbors_are_alike(np.roll(X, first, axis=0), np.ones(1600))


def test_neither_units_nor_missing_values_nor_constant_columns_matter():
    X, rng = smooth(), np.random.default_rng(1)
    assert motif_size_of_inputs(X * rng.uniform(1e-6, 1e6, 200) + 1e6) == 2
    broken = np.where(rng.random(X.shape) < 0.05, np.nan, X)
    assert motif_size_of_inputs(broken) == 2
    with_constants = np.insert(X, np.arange(0, 200, 2), 7.0, axis=1)
    assert motif_size_of_inputs(with_constants) == 2
    y = np.arange(100) % 2
    assert_same_network_of_values(small().fit(with_constants, y), small().fit(X, y))


def assert_same_network_of_values(one, other):
    """But for the columns that were left out."""
    for name in ("weights", "nodes", "sources"):
        np.testing.assert_array_equal(getattr(one.network_, name), getattr(other.network_, name))


@pytest.mark.parametrize("is_partial", [False, True])
def test_columns_in_motifs_are_not_encoded(is_partial):
    X, y = smooth(n_columns=130)[:, :128], np.arange(100) % 2
    for options, size, n_inputs in (
        ({"group_features": True}, 2, 128),  # few enough for bins
        ({"group_features": "auto"}, 2, 128),
        ({"group_features": True, "encode_features": 3}, 1, 128 * 4),
        ({"group_features": True, "encode_features": False}, 2, 128),
    ):
        model = small(max_iter=1, **options)
        model = model.partial_fit(X, y, classes=[0, 1]) if is_partial else model.fit(X, y)
        assert model.network_.motif_sizes[0] == size
        assert model.network_.inputs.size == n_inputs


def test_motifs_have_inputs_for_missing_values_and_learn():
    X = smooth(300)
    y = (X[:, 100] > 0).astype(int)
    X[np.random.default_rng(0).random(300) < 0.3, 50] = np.nan
    model = small(max_iter=30).fit(X, y)
    assert model.network_.motif_sizes[0] == 2
    assert model.input_names_[200:].tolist() == ["x50 missing"]
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("is_partial", [False, True])
def test_no_unit_hides_that_columns_are_alike(is_partial):
    for X in (smooth(), 1e7 * smooth() + 1e9, 1e-9 * smooth()):
        assert motif_size_of_inputs(X, is_partial=is_partial) == 2
    assert motif_size_of_inputs(smooth()[:1], is_partial=True) == 1  # one row tells nothing


def test_neighbors_that_are_opposite_are_alike():
    X = smooth()
    assert neighbors_are_alike(X, np.ones(len(X)))
    X[:, ::2] *= -1
    assert neighbors_are_alike(X, np.ones(len(X)))
    assert not neighbors_are_alike(X[:, np.random.default_rng(0).permutation(200)], np.ones(len(X)))


@pytest.mark.parametrize("seed", range(20))
def test_a_weight_of_two_is_the_row_twice(seed):
    """Few rows that are about as much alike as it takes."""
    rng = np.random.default_rng(seed)
    steps = rng.standard_normal((30, 303))
    X = steps[:, 3:] + 0.3 * steps[:, 2:-1]
    weights = rng.integers(1, 3, 30)
    repeated = np.repeat(X, weights, axis=0)
    twice = neighbors_are_alike(repeated, np.ones(len(repeated)))
    assert neighbors_are_alike(X, weights.astype(float)) == twice
