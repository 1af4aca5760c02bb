"""Values of columns, scaled and bent, in one pass over the rows."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from .inputs import flat_view
from .jit import JIT_IS_DISABLED, entry
from .simd import vfma


@partial(entry, tells=False)
def scale_rows(values, centers, scales, far, clip, result, width):
    """Write rows of scaled values to the beginning of rows of `result`, which are `width` wide."""
    n_columns = centers.size
    part = 1.0 / clip
    for i in range(values.size // n_columns):
        row = values[i * n_columns : (i + 1) * n_columns]
        scaled = result[i * width : i * width + n_columns]
        for j in range(n_columns):
            z = (np.float64(row[j]) - centers[j]) / scales[j]
            z = min(max(z, -far), far)
            # What z / clip is rounded to, without a division, which takes long: the error of
            # the product is exact where the machine fuses.
            share = z * part
            share = vfma(vfma(-clip, share, z), part, share)
            scaled[j] = z / math.sqrt(1.0 + share * share)


def scale(
    X: np.ndarray,
    centers: np.ndarray,
    scales: np.ndarray,
    result: np.ndarray,
    *,
    far: float,
    clip: float,
) -> None:
    """Write z / sqrt(1 + (z / clip)²) with z = (x - center) / scale, at most `far`, of every value.

    Computed in float64, with the bits of NumPy where the machine fuses a product and a sum.

    Parameters
    ----------
    X : ndarray of float32 or float64, shape (n_rows, n_columns)
        Without missing values.
    centers, scales : ndarray of float64, shape (n_columns,)
    result : ndarray of float32 or float64, shape (n_rows, n_inputs)
        C-ordered; its first columns are written.
    far, clip : float
    """
    if JIT_IS_DISABLED:
        z = np.clip((X.astype(np.float64) - centers) / scales, -far, far)
        result[:, : centers.size] = z / np.sqrt(1.0 + (z / clip) ** 2)
        return
    values = flat_view(np.require(X, requirements=("C", "A")))
    scale_rows(values, centers, scales, far, clip, result.reshape(-1), result.shape[1])
