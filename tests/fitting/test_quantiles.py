"""Quantiles of columns that follow weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif._fitting.quantiles import column_quantiles, differences

QUARTERS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
TENTHS = np.linspace(0, 1, 11)

columns = st.lists(
    st.tuples(st.integers(-5, 5), st.integers(1, 4)), min_size=1, max_size=30
)  # few values, so that there are ties, and their weights


def as_column(rows):
    values, weights = np.array(rows, dtype=float).T
    return values[:, None], weights


@settings(max_examples=200, deadline=None)
@given(columns)
def test_whole_weights_are_rows_that_come_as_often(rows):
    X, weights = as_column(rows)
    repeated = np.repeat(X[:, 0], weights.astype(int))
    expected = np.quantile(repeated, QUARTERS, method="averaged_inverted_cdf")
    np.testing.assert_array_equal(column_quantiles(X, weights, QUARTERS)[:, 0], expected)


@settings(max_examples=200, deadline=None)
@given(columns, st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_neither_the_unit_of_weights_nor_the_order_of_rows_matters(rows, unit, random):
    X, weights = as_column(rows)
    expected = column_quantiles(X, weights, TENTHS)
    order = random.sample(range(len(rows)), len(rows))
    np.testing.assert_array_equal(
        column_quantiles(X[order], unit * weights[order], TENTHS), expected
    )
    twice = column_quantiles(
        np.repeat(X, weights.astype(int), axis=0), np.ones(int(weights.sum())), TENTHS
    )
    np.testing.assert_array_equal(twice, expected)


@settings(max_examples=100, deadline=None)
@given(columns, st.lists(st.booleans(), min_size=30, max_size=30))
def test_missing_values_are_as_absent(rows, gaps):
    X, weights = as_column(rows)
    is_gap = np.array(gaps[: len(rows)])
    broken = np.where(is_gap[:, None], np.nan, X)
    result = column_quantiles(np.hstack([broken, X]), weights, TENTHS)
    np.testing.assert_array_equal(result[:, 1:], column_quantiles(X, weights, TENTHS))
    if is_gap.all():
        assert np.isnan(result[:, 0]).all()
    else:
        expected = column_quantiles(X[~is_gap], weights[~is_gap], TENTHS)
        np.testing.assert_array_equal(result[:, :1], expected)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 5).flatmap(lambda n: st.lists(st.integers(-5, 5), min_size=n, max_size=40)),
    st.integers(0, 8),
    st.floats(0.01, 100),
)
def test_equal_weights_give_the_bits_of_rows_that_come_twice(values, n_missing, weight):
    """Whole weights that are not all equal take another way, which sorts rows with them."""
    rng = np.random.default_rng(0)
    X = rng.permutation(np.array(values + n_missing * [np.nan] + [0.1]))[:, None]
    levels = np.linspace(0, 1, 33)
    weights = weight * rng.integers(1, 3, len(X))
    weights[0] = 3 * weight
    repeated = np.repeat(X, np.rint(weights / weight).astype(int), axis=0)
    expected = column_quantiles(X, weights, levels)
    result = column_quantiles(repeated, np.full(len(repeated), weight), levels)
    np.testing.assert_array_equal(result, expected)
    single = column_quantiles(X.astype(np.float32), np.ones(len(X)), levels)
    np.testing.assert_array_equal(
        single, column_quantiles(X.astype(np.float32).astype(float), np.ones(len(X)), levels)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_weights_are_not_sorted_with_their_values(dtype, monkeypatch):
    """That takes ten times as long, and most fits have no weights."""
    X = np.random.default_rng(0).standard_normal((300, 3)).astype(dtype)
    before, expected = X.copy(), np.quantile(X, QUARTERS, axis=0, method="averaged_inverted_cdf")
    monkeypatch.setattr("sklearn_motif._fitting.quantiles._quantiles", None)
    np.testing.assert_allclose(column_quantiles(X, np.full(300, 0.7), QUARTERS), expected)
    np.testing.assert_array_equal(X, before)


def test_each_value_may_have_a_weight_of_its_own():
    rng = np.random.default_rng(0)
    X, weights = rng.standard_normal((50, 3)), rng.uniform(0.1, 2, (50, 3))
    together = column_quantiles(X, weights, TENTHS)
    for j in range(3):
        alone = column_quantiles(X[:, [j]], weights[:, j], TENTHS)
        np.testing.assert_array_equal(together[:, [j]], alone)
    assert np.any(column_quantiles(X, weights[:, 0], TENTHS) != together)


def test_quantiles_lie_between_the_least_and_the_greatest_in_their_order():
    rng = np.random.default_rng(0)
    X, weights = rng.standard_cauchy((200, 4)), rng.uniform(0.001, 10, 200)
    quantiles = column_quantiles(X, weights, TENTHS)
    assert np.all(np.diff(quantiles, axis=0) >= 0)
    np.testing.assert_array_equal(quantiles[[0, -1]], [X.min(axis=0), X.max(axis=0)])
    # About half of the weight lies below the median.
    below = (weights[:, None] * (X < quantiles[5])).sum(axis=0) / weights.sum()
    np.testing.assert_allclose(below, 0.5, atol=0.06)


@pytest.mark.parametrize("values", [[-1.7e308, 1.7e308], [1.7e308, 1.7e308], [-1.7e308, 0]])
def test_the_largest_numbers_have_finite_quantiles(values):
    X = np.array(values)[:, None]
    quantiles = column_quantiles(X, np.ones(2), QUARTERS)
    assert np.isfinite(quantiles).all()
    assert values[0] <= quantiles[2, 0] <= values[1]
    assert np.isfinite(differences(quantiles[[0, -1]].T)).all()
