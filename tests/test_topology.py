"""Motif graphs: exact counts, uniform sampling, order and transpose."""

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


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), st.data())
def test_sample_keys_draws_distinct_vacant_places(population, data):
    n_taken = data.draw(st.integers(0, population))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    taken = np.sort(rng.choice(population, n_taken, replace=False))
    count = data.draw(st.integers(0, population - n_taken))
    keys = _topology.sample_keys(population, count, taken, rng)
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
        hits[_topology.sample_keys(20, count, taken, rng)] += 1
    share = count / 17
    deviation = np.sqrt(4000 * share * (1 - share))
    assert not hits[taken].any()
    assert np.all(np.abs(np.delete(hits, taken) - 4000 * share) < 5 * deviation)


def test_sample_keys_takes_no_memory_for_the_population():
    rng = np.random.default_rng(0)
    tracemalloc.start()
    keys = _topology.sample_keys(10**12, 10_000, np.empty(0, dtype=np.int64), rng)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert keys.size == 10_000
    assert peak < 20 * keys.nbytes


def test_compress_gives_rows_and_columns_of_the_same_graph():
    rng = np.random.default_rng(0)
    motifs_in, motifs_out = 13, 8
    keys = _topology.sample_keys(motifs_in * motifs_out, 30, np.empty(0, dtype=int), rng)
    indptr, sources, indptr_t, targets, places = _topology.compress(keys, motifs_in, motifs_out)
    dense = np.zeros((motifs_out, motifs_in), dtype=int)
    dense.flat[keys] = np.arange(1, 31)
    for h in range(motifs_out):
        row = slice(indptr[h], indptr[h + 1])
        np.testing.assert_array_equal(sources[row], np.flatnonzero(dense[h]))
        np.testing.assert_array_equal(np.arange(30)[row] + 1, dense[h][dense[h] > 0])
    for g in range(motifs_in):
        column = slice(indptr_t[g], indptr_t[g + 1])
        np.testing.assert_array_equal(targets[column], np.flatnonzero(dense[:, g]))
        np.testing.assert_array_equal(places[column] + 1, dense[:, g][dense[:, g] > 0])
