"""Windows of images: the part of an image that each motif of the first hidden layer looks at."""

from __future__ import annotations

import bisect

import numpy as np

from . import topology

# Cells in windows for each connection. Small windows learn most; some room is left to evolve.
CELLS_PER_CONNECTION = 1.05
GOLDEN_RATIO = (np.sqrt(5.0) - 1.0) / 2.0


def image_windows(
    feature_shape: tuple[int, ...], motif_size: int, motifs_out: int, n_connections: int
) -> np.ndarray:
    """The part of an image that each output motif looks at.

    Parameters
    ----------
    feature_shape : tuple of int
        Height, width and, unless it is 1, channels of the image that the features are.
    motif_size : int
        Of the features.
    motifs_out : int
    n_connections : int
        Of the graph.

    Returns
    -------
    ndarray of int32, shape (motifs_out, 4)
        Squares of one size around evenly spread pixels, cut off at the edges: top, bottom, left
        and right, bottom and right excluded. They are the smallest with
        `CELLS_PER_CONNECTION` for each connection, or the whole image.
    """
    shape = np.array(feature_shape[:2])
    # Multiples of the golden ratio are evenly spread, however many there are.
    order = np.arange(motifs_out)
    spread = np.column_stack([(order + 0.5) / motifs_out, (order + 0.5) * GOLDEN_RATIO % 1.0])
    centers = (spread * shape).astype(np.int32)

    def of_side(side: int) -> np.ndarray:
        starts = centers - side // 2
        ends = np.minimum(starts + side, shape)
        return np.stack([np.maximum(starts, 0), ends], axis=2).reshape(-1, 4).astype(np.int32)

    def n_cells(side: int) -> int:
        _, first, end = _rows_of_windows(of_side(side), feature_shape, motif_size)
        return int(np.sum(end - first))

    side, wanted = 1, CELLS_PER_CONNECTION * n_connections
    while side < 2 * shape.max() and n_cells(side) < wanted:
        side *= 2
    return of_side(bisect.bisect_left(range(side), wanted, lo=side // 2, key=n_cells))


def window_keys(windows: np.ndarray, feature_shape: tuple[int, ...], motif_size: int) -> np.ndarray:
    """Sorted keys of all cells in windows.

    A motif of features is in a window if one of them is. Time and memory are O(cells), but
    for the sorting.
    """
    h, first, end = _rows_of_windows(windows, feature_shape, motif_size)
    row, g = topology.runs(end - first)
    g += first[row]
    keys = g * len(windows) + h[row]
    keys.sort()
    return keys


def _rows_of_windows(
    windows: np.ndarray, feature_shape: tuple[int, ...], motif_size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each row of pixels in each window: the output motif, first input motif and end."""
    width, channels = (*feature_shape, 1)[1:3]
    top, bottom, left, right = windows.T.astype(np.int64)
    h, y = topology.runs(bottom - top)
    y += top[h]
    first = (y * width + left[h]) * channels // motif_size
    end = ((y * width + right[h]) * channels - 1) // motif_size + 1
    # A motif may reach from one row into the next.
    same = h[1:] == h[:-1]
    first[1:][same] = np.maximum(first[1:], end[:-1])[same]
    return h, first, end
