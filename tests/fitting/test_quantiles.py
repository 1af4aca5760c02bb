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
