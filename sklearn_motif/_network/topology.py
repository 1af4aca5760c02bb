"""Motifs and motif graphs: sizes, counts, Erdős–Rényi sampling, and windows of images.

A connection between input motif g and output motif h is the number ``g * motifs_out + h``,
its *key*. A graph stores its connections sorted by key.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable

import numpy as np

# Places in windows for each connection. Small windows learn most; some room is left to evolve.
PLACES_PER_CONNECTION = 1.05
GOLDEN_RATIO = (np.sqrt(5.0) - 1.0) / 2.0


def n_motifs(n_neurons: int, motif_size: int) -> int:
    """Motifs of a layer; the last one is shorter where the size does not divide."""
    return -(-n_neurons // motif_size)


def motif_lengths(n_neurons: int, motif_size: int) -> np.ndarray:
    """Neurons of each motif of a layer."""
    lengths = np.full(n_motifs(n_neurons, motif_size), motif_size)
    lengths[-1] -= lengths.size * motif_size - n_neurons
    return lengths


def n_connections(motifs_in: int, motifs_out: int, epsilon: float) -> int:
    """SET's number of connections of a motif graph."""
    return min(motifs_in * motifs_out, round(epsilon * (motifs_in + motifs_out)))


def sample_keys(
    population: int,
    count: int,
    rng: np.random.Generator,
    n_taken: int = 0,
    vacant: Callable[[np.ndarray], np.ndarray] | None = None,
) -> np.ndarray:
    """Sorted sample without replacement of `count` keys that are vacant.

    Parameters
    ----------
    population : int
        Keys are 0 to population - 1.
    count : int
        At most ``population - n_taken``.
    rng : numpy.random.Generator
    n_taken : int
        Keys that may not be drawn.
    vacant : callable, optional
        ``vacant(keys)`` tells which of some sorted keys may be drawn; all, if there is none.

    Returns
    -------
    ndarray of int64, shape (count,)
        Every such set is equally likely. Time and memory are O(count + n_taken), whatever the
        population.
    """
    if population - n_taken < 2 * count:
        # Few vacant places beside those asked for: list them.
        keys = np.arange(population)
        keys = keys if vacant is None else keys[vacant(keys)]
        return np.sort(rng.choice(keys, count, replace=False))
    keys = np.empty(0, dtype=np.int64)
    while keys.size < count:
        missing = (count - keys.size) * population // (population - n_taken)
        drawn = _draw_sorted(population, missing + missing // 8 + 8, rng)
        if vacant is not None:
            drawn = drawn[vacant(drawn)]
        if keys.size:
            drawn = np.sort(np.concatenate([keys, drawn]))
        keys = drawn[np.diff(drawn, prepend=-1) > 0]
    surplus = rng.choice(keys.size, keys.size - count, replace=False)
    return np.delete(keys, surplus)


def _draw_sorted(population, count, rng):
    """Independent uniform keys, sorted without sorting.

    Sums of exponential gaps, divided by the last of them, are distributed as sorted uniform
    numbers.
    """
    sums = np.cumsum(rng.standard_exponential(count + 1))
    keys = (sums[:-1] * (population / sums[-1])).astype(np.int64)
    return np.minimum(keys, population - 1, out=keys)


def image_windows(
    feature_shape: tuple[int, ...], motif_size: int, motifs_out: int, count: int
) -> np.ndarray:
    """The part of an image that each output motif looks at.

    Parameters
    ----------
    feature_shape : tuple of int
        Height, width and, unless it is 1, channels of the image that the features are.
    motif_size : int
        Of the features.
    motifs_out : int
    count : int
        Connections of the graph.

    Returns
    -------
    ndarray of int32, shape (motifs_out, 4)
        Squares of one size around evenly spread pixels, cut off at the edges: top, bottom, left
        and right, bottom and right excluded. They are the smallest with
        `PLACES_PER_CONNECTION` for each connection, or the whole image.
    """
    shape = np.array(feature_shape[:2])
    # Multiples of the golden ratio are evenly spread, however many there are.
    order = np.arange(motifs_out)
    spread = np.column_stack([(order + 0.5) / motifs_out, (order + 0.5) * GOLDEN_RATIO % 1.0])
    centres = (spread * shape).astype(np.int32)

    def of_side(side):
        start = centres - side // 2
        ends = np.minimum(start + side, shape)
        return np.stack([np.maximum(start, 0), ends], axis=2).reshape(-1, 4).astype(np.int32)

    def n_places(side):
        _, first, end = _rows_of_windows(of_side(side), feature_shape, motif_size)
        return int(np.sum(end - first))

    side, wanted = 1, PLACES_PER_CONNECTION * count
    while side < 2 * shape.max() and n_places(side) < wanted:
        side *= 2
    return of_side(bisect.bisect_left(range(side), wanted, lo=side // 2, key=n_places))


def window_keys(windows: np.ndarray, feature_shape: tuple[int, ...], motif_size: int) -> np.ndarray:
    """Sorted keys of all places in windows.

    A motif of features is in a window if one of them is. Time and memory are O(places), but
    for the sorting.
    """
    h, first, end = _rows_of_windows(windows, feature_shape, motif_size)
    keys = _ranges(first, end) * len(windows) + np.repeat(h, end - first)
    keys.sort()
    return keys


def _rows_of_windows(windows, feature_shape, motif_size):
    """Of each row of pixels in each window: the output motif, first input motif and end."""
    width, channels = (*feature_shape, 1)[1:3]
    top, bottom, left, right = windows.T.astype(np.int64)
    y = _ranges(top, bottom)
    h = np.repeat(np.arange(len(windows)), bottom - top)
    first = (y * width + left[h]) * channels // motif_size
    end = ((y * width + right[h]) * channels - 1) // motif_size + 1
    # A motif may reach from one row into the next.
    same = h[1:] == h[:-1]
    first[1:][same] = np.maximum(first[1:], end[:-1])[same]
    return h, first, end


def _ranges(starts, ends):
    """The numbers from each start up to its end, one after the other."""
    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
