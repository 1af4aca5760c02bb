"""Motifs and motif graphs: sizes, uniform sampling, and pairs of members."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif._network import topology


@pytest.mark.parametrize(
    ("n_neurons", "motif_size", "expected"),
    [(6, 2, [2, 2, 2]), (7, 3, [3, 3, 1]), (5, 5, [5]), (4, 1, [1] * 4), (8, 5, [5, 3])],
)
def test_motif_lengths(n_neurons, motif_size, expected):
    assert topology.motif_lengths(n_neurons, motif_size).tolist() == expected


def sample(population, count, taken, rng):
    return topology.sample_keys(
        population, count, rng, taken.size, lambda keys: ~np.isin(keys, taken)
    )


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), st.data())
def test_sample_keys_draws_distinct_vacant_cells(population, data):
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
    """Both ways of sampling give every vacant cell its share."""
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
    keys = topology.sample_keys(10**12, 10_000, rng)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert keys.size == 10_000
    assert peak < 20 * keys.nbytes


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=8))
def test_runs_follow_each_other(lengths):
    run, place = topology.runs(np.array(lengths, dtype=np.int64))
    expected = [(i, j) for i, length in enumerate(lengths) for j in range(length)]
    assert list(zip(run.tolist(), place.tolist(), strict=True)) == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=8))
def test_member_pairs_join_each_to_each(lengths):
    n_in, n_out = np.array(lengths, dtype=np.int64).reshape(-1, 2).T
    expected = [
        (k, i, j)
        for k, (rows, columns) in enumerate(lengths)
        for i in range(rows)
        for j in range(columns)
    ]
    pairs = topology.member_pairs(n_in, n_out)
    assert list(zip(*(part.tolist() for part in pairs), strict=True)) == expected
