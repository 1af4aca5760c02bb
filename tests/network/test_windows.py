"""Windows of images: where they lie, and that the connections of a graph fit in."""

import tracemalloc

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif._network import topology
from sklearn_motif._network.windows import CELLS_PER_CONNECTION, image_windows, window_keys


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
    windows = image_windows(shape, motif_size, motifs_out, count)
    assert windows.shape == (motifs_out, 4)
    keys = window_keys(windows, shape, motif_size)
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
    assert keys.size >= CELLS_PER_CONNECTION * count or is_whole


def test_windows_lie_all_over_the_image():
    shape, count = (28, 20, 2), 20 * (28 * 20 + 500)
    windows = image_windows(shape, 2, 500, count)
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
    windows = image_windows(shape, 1, 5000, count)
    keys = window_keys(windows, shape, 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count < keys.size < 1.5 * count
    assert peak < 20 * keys.nbytes
