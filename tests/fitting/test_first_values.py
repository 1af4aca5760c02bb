"""The first values of a stream: which of them are kept, and when it is time to learn of them."""

import copy

import numpy as np
import pytest

from sklearn_motif._fitting.first_values import FIRST_VALUES, FirstValues

NAN = np.nan
N_COLUMNS = 6


def make_rows(n_rows=2000, seed=0):
    """Columns with many and few values, whole numbers, and some that begin with equal ones."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_rows, N_COLUMNS))
    X[rng.random(n_rows) < 0.6, 1] = NAN
    X[:, 2] = X[:, 2] > 0
    X[: FIRST_VALUES + 100, 3] = 7.0
    X[:, 4] = NAN
    X[: FIRST_VALUES - 1, 5] = 7.0
    return X, rng.uniform(0.5, 2, n_rows)


def expected(x, weights):
    """First values of a column, by the words of the class."""
    is_value = ~np.isnan(x)
    x, weights = x[is_value], weights[is_value]
    others = np.flatnonzero(x != x[:1])
    n_equal = others[0] if others.size else x.size
    skipped = n_equal - 1 if n_equal >= FIRST_VALUES else 0
    kept = np.r_[:1, 1 + skipped : x.size][:FIRST_VALUES] if x.size else []
    return x[kept], weights[kept]


@pytest.mark.parametrize("size", [1, 7, 499, 500, 2000])
def test_first_values_do_not_depend_on_the_size_of_calls(size):
    X, weights = make_rows()
    first, complete = FirstValues.none_of(np.arange(N_COLUMNS)), {}
    for start in range(0, len(X), size):
        rows = slice(start, start + size)
        now = first.joined(X[rows][:, first.waiting], weights[rows])
        for place in np.flatnonzero(now.due & (now.counts == FIRST_VALUES)):
            values, of_values = now.of(np.array([place]))
            is_value = ~np.isnan(values)
            complete[int(now.waiting[place])] = values[is_value], of_values[is_value]
        first = now.not_known()
    assert first.waiting.tolist() == [4]
    assert sorted(complete) == [0, 1, 2, 3, 5]
    for column, found in complete.items():
        np.testing.assert_array_equal(found, expected(X[:, column], weights))


def test_nothing_is_kept_of_columns_that_never_vary_or_have_no_value():
    first = FirstValues.none_of(np.arange(3))
    X = np.tile([7.0, NAN, 0.0], (90, 1))
    for _ in range(40):
        first = first.joined(X, np.ones(90)).not_known()
    assert first.waiting.tolist() == [0, 1, 2]
    assert sum(values.size for values in first.values) <= 3
    assert not first.due.any()


def test_few_values_are_kept_where_columns_miss_most():
    rng = np.random.default_rng(0)
    X = np.where(rng.random((4000, 50)) < 0.02, rng.standard_normal((4000, 50)), NAN)
    first = FirstValues.none_of(np.arange(50))
    for rows in np.array_split(X, 1000):
        first = first.joined(rows, np.ones(len(rows))).not_known()
    assert sum(values.size for values in first.values) < 4 * np.count_nonzero(~np.isnan(X))


def test_values_are_learned_of_anew_where_there_are_a_tenth_more():
    first, n_times = FirstValues.none_of(np.arange(1)), 0
    rng = np.random.default_rng(0)
    while first is not None:
        now = first.joined(rng.standard_normal((1, 1)), np.ones(1))
        n_times += int(now.due[0])
        first = now.not_known()
    assert 20 < n_times < 80


def test_what_was_kept_before_stays():
    X, weights = make_rows()
    first = FirstValues.none_of(np.arange(N_COLUMNS))
    for start in range(0, 700, 50):
        before, rows = copy.deepcopy(vars(first)), slice(start, start + 50)
        now = first.joined(X[rows][:, first.waiting], weights[rows]).not_known()
        np.testing.assert_equal(vars(first), before)
        first = now
