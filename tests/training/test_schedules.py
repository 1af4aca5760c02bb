"""What changes by the epoch: the learning rate, the drop fraction and the motif size."""

import itertools

import numpy as np
import pytest

from sklearn_motif._training.schedules import (
    FIRST_STREAM_RATE,
    LAST_STREAM_RATE,
    STREAM_ROWS,
    drop_fraction_at,
    learning_rate_at,
    motif_size_at,
    stream_epochs,
    stream_rate_at,
)

MAX_ITERS = (1, 2, 3, 7, 50, 101)
SIZES = [(2,), (4, 2), (4, 2, 1), (16, 8, 4, 2)]


# The learning rate.


def test_learning_rates_of_schedules():
    assert learning_rate_at("constant", 0.1, 77, 100) == 0.1
    rates = [learning_rate_at("cosine", 0.1, epoch, 4) for epoch in (1, 2, 3, 4, 5, 99)]
    expected = 0.05 * (1 + np.cos(np.pi * np.arange(4) / 4))
    np.testing.assert_allclose(rates[:4], expected)
    assert rates[4:] == pytest.approx([0.01, 0.01])  # a stream goes on


@pytest.mark.parametrize("max_iter", MAX_ITERS)
def test_a_cosine_rate_falls_from_the_first_one_to_nearly_nothing(max_iter):
    rates = [learning_rate_at("cosine", 0.3, epoch, max_iter) for epoch in range(1, max_iter + 1)]
    assert rates[0] == 0.3
    assert all(a > b > 0 for a, b in itertools.pairwise(rates))
    # The cosine is odd about its middle.
    assert np.sum(rates) == pytest.approx(0.3 * (max_iter + 1) / 2)


def test_the_rate_of_a_stream_without_an_end_falls_to_a_part_of_the_given_one_and_stays():
    n_updates = np.concatenate([np.arange(3000), 10 ** np.arange(4, 19)])
    rates = np.array([stream_rate_at(0.2, n) for n in n_updates.tolist()])
    assert rates[0] == pytest.approx(0.2 * FIRST_STREAM_RATE)
    assert np.all(np.diff(rates) <= 0)
    assert rates[1000] < 0.2
    assert rates.min() >= 0.2 * LAST_STREAM_RATE
    assert rates[-1] == pytest.approx(0.2 * LAST_STREAM_RATE)
    assert LAST_STREAM_RATE > 0


def test_rows_of_a_stream_are_epochs():
    assert [stream_epochs(n) for n in (0, STREAM_ROWS - 1, STREAM_ROWS)] == [0, 0, 1]
    assert stream_epochs(10**12 * STREAM_ROWS) == 10**12


# The drop fraction.


@pytest.mark.parametrize("max_iter", MAX_ITERS)
def test_a_cosine_drop_fraction_falls_to_zero_at_three_quarters(max_iter):
    epochs = np.arange(1, max_iter + 1)
    fractions = np.array([drop_fraction_at("cosine", 0.4, epoch, max_iter) for epoch in epochs])
    is_over = epochs >= 0.75 * max_iter
    assert not fractions[is_over].any()
    assert np.all(fractions[~is_over] > 0)
    assert np.all(np.diff(fractions[~is_over]) < 0)
    assert fractions.max() < 0.4


def test_a_cosine_drop_fraction_is_half_of_zeta_in_the_middle_of_the_evolution():
    assert drop_fraction_at("cosine", 0.4, 0, 80) == 0.4
    assert drop_fraction_at("cosine", 0.4, 30, 80) == pytest.approx(0.2)
    for epoch in range(60):
        both = [drop_fraction_at("cosine", 0.4, e, 80) for e in (epoch, 60 - epoch)]
        assert sum(both) == pytest.approx(0.4)


@pytest.mark.parametrize("epoch", [1, 80, 800])
def test_a_constant_drop_fraction_is_zeta(epoch):
    assert drop_fraction_at("constant", 0.4, epoch, 80) == 0.4


def test_a_stream_drops_what_a_cosine_does_on_average():
    course = [drop_fraction_at("cosine", 0.4, epoch, 1000) for epoch in range(1000)]
    for epoch in (1, 1000, 10**9):
        assert drop_fraction_at("stream", 0.4, epoch, 1000) == pytest.approx(np.mean(course), 0.01)


# The motif size.


@pytest.mark.parametrize("max_iter", MAX_ITERS)
@pytest.mark.parametrize("sizes", SIZES)
def test_motif_sizes_come_in_their_order(sizes, max_iter):
    course = [motif_size_at(sizes, epoch, max_iter) for epoch in range(1, max_iter + 1)]
    assert course[-1] == motif_size_at(sizes, 10 * max_iter, max_iter) == sizes[-1]
    assert course[0] == sizes[0] or max_iter == 1
    assert sorted(course, reverse=True) == course


@pytest.mark.parametrize("max_iter", MAX_ITERS)
@pytest.mark.parametrize("sizes", SIZES)
def test_every_motif_size_has_an_epoch_where_there_are_enough(sizes, max_iter):
    course = [motif_size_at(sizes, epoch, max_iter) for epoch in range(1, max_iter + 1)]
    n_sizes = min(max_iter, len(sizes))
    if max_iter >= len(sizes):
        assert set(course) == set(sizes)
    else:
        assert len(set(course[:-1])) == n_sizes - 1  # an epoch each, as far as they go


@pytest.mark.parametrize("max_iter", [12, 50, 100])
@pytest.mark.parametrize("sizes", SIZES[1:])
def test_splits_are_evenly_spaced_up_to_half_of_the_epochs(sizes, max_iter):
    course = np.array([motif_size_at(sizes, epoch, max_iter) for epoch in range(1, max_iter + 1)])
    last = [np.flatnonzero(course == size)[-1] + 1 for size in sizes[:-1]]
    assert last[-1] == max_iter // 2
    n_splits = len(sizes) - 1
    expected = max_iter / 2 * np.arange(1, n_splits + 1) / n_splits
    np.testing.assert_array_equal(last, np.floor(expected))
