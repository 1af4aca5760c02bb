"""Motif graphs: sizes, exact counts, uniform sampling."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif import _topology


@pytest.mark.parametrize(
    ("n_neurons", "motif_size", "expected"),
    [(6, 2, [2, 2, 2]), (7, 3, [3, 3, 1]), (5, 5, [5]), (4, 1, [1] * 4), (8, 5, [5, 3])],
)
def test_motif_lengths(n_neurons, motif_size, expected):
    assert _topology.motif_lengths(n_neurons, motif_size).tolist() == expected


def test_number_of_connections():
    assert _topology.n_connections(784, 3000, 20) == 20 * 3784
    assert _topology.n_connections(3000, 10, 20) == 30_000
    assert _topology.n_connections(3, 5, 0.31) == 2


def sample(population, count, taken, rng):
    return _topology.sample_keys(
        population, count, rng, taken.size, lambda keys: ~np.isin(keys, taken)
    )


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), st.data())
def test_sample_keys_draws_distinct_vacant_places(population, data):
    n_taken = data.draw(st.integers(0, population))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    taken = np.sort(rng.choice(population, n_taken, replace=False))
    count = data.draw(st.integers(0, population - n_taken))
    keys = sample(population, count, taken, rng)
    assert keys.size == count
    assert np.all(np.diff(keys) > 0)
    assert not np.isin(keys, taken).any()
    assert np.all((keys >= 0) & (keys < population))


@pytest.mark.parametrize("count", [3, 12])
def test_sample_keys_is_uniform(count):
    """Both ways of sampling give every vacant place its share."""
    rng = np.random.default_rng(0)
    taken = np.array([0, 5, 19])
    hits = np.zeros(20)
    for _ in range(4000):
        hits[sample(20, count, taken, rng)] += 1
    share = count / 17
    deviation = np.sqrt(4000 * share * (1 - share))
    assert not hits[taken].any()
    assert np.all(np.abs(np.delete(hits, taken) - 4000 * share) < 5 * deviation)


def test_sample_keys_takes_no_memory_for_the_population():
    rng = np.random.default_rng(0)
    tracemalloc.start()
    keys = _topology.sample_keys(10**12, 10_000, rng)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert keys.size == 10_000
    assert peak < 20 * keys.nbytes
