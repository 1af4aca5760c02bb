"""Motif graphs: sizes, exact counts, uniform sampling."""

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


def test_number_of_connections():
    assert topology.n_connections(784, 3000, 20) == 20 * 3784
    assert topology.n_connections(3000, 10, 20) == 30_000
    assert topology.n_connections(3, 5, 0.31) == 2


def sample(population, count, taken, rng):
    return topology.sample_keys(
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
    keys = topology.sample_keys(10**12, 10_000, rng)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert keys.size == 10_000
    assert peak < 20 * keys.nbytes


@settings(max_examples=200, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 3)),
    motif_size=st.integers(1, 12),
    motifs_out=st.integers(1, 12),
    share=st.floats(0, 1),
)
def test_windows_have_room(shape, motif_size, motifs_out, share):
    shape = shape[:2] if shape[2] == 1 else shape
    motifs_in = topology.n_motifs(int(np.prod(shape)), motif_size)
    count = max(1, int(share * motifs_in * motifs_out))
    windows = topology.image_windows(shape, motif_size, motifs_out, count)
    assert windows.shape == (motifs_out, 4)
    keys = topology.window_keys(windows, shape, motif_size)
    assert np.all(np.diff(keys) > 0)
    # By the definition: pixels of the image, and a motif of features for each that is marked.
    expected = np.zeros((motifs_in, motifs_out), dtype=bool)
    for h, (top, bottom, left, right) in enumerate(windows):
        assert 0 <= top < bottom <= shape[0]
        assert 0 <= left < right <= shape[1]
        image = np.zeros(shape, dtype=bool)
        image[top:bottom, left:right] = True
        expected[np.flatnonzero(image) // motif_size, h] = True
    np.testing.assert_array_equal(keys, np.flatnonzero(expected))
    is_whole = keys.size == motifs_in * motifs_out
    assert keys.size >= topology.PLACES_PER_CONNECTION * count or is_whole


def test_windows_lie_all_over_the_image():
    shape, count = (28, 20, 2), 20 * (28 * 20 + 500)
    windows = topology.image_windows(shape, 2, 500, count)
    sides = np.diff(windows.reshape(-1, 2, 2), axis=2)
    # A pixel is a motif here, and each window needs 44.5: 49 less what edges cut off are too few.
    assert sides.max() == np.median(sides) == 8
    hits = np.zeros(shape[:2])
    for top, bottom, left, right in windows:
        hits[top:bottom, left:right] += 1
    inner = hits[4:-4, 4:-4]
    assert inner.min() > 0.7 * inner.mean()
    assert inner.max() < 1.3 * inner.mean()
    assert hits.min() > 0


def test_windows_take_no_memory_for_the_image():
    shape, count = (2000, 3000), 100_000
    tracemalloc.start()
    windows = topology.image_windows(shape, 1, 5000, count)
    keys = topology.window_keys(windows, shape, 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count < keys.size < 1.5 * count
    assert peak < 20 * keys.nbytes
