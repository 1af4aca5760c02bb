"""The smoothing that a network shows of several labels, of which their probabilities are freed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .._network import Outputs

# How much more smoothing than it was trained with a network may show.
MOST_SMOOTHING = 2.0
# Guesses of it, each by a straight line between the two nearest ones: a few thousandths are left.
STEPS = 6
SMALLEST = np.finfo(np.float64).tiny


def settled(outputs: Outputs, scores: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Outputs:
    """Free labels of so much smoothing that mean probabilities come to the shares of ones.

    A rare label gets little more than what smoothing gives it in nearly all rows. Where a network
    shows more smoothing than it was trained with, what is left over would be more than the label
    itself. None is freed of less than it was trained with, or of more than twice that.

    Parameters
    ----------
    outputs : Outputs
        Smoothed by one number.
    scores : ndarray of shape (n_rows, n_labels)
        Sums of the last layer for some rows.
    y : ndarray of shape (n_rows, n_labels)
        Their zeros and ones.
    weights : ndarray of float64, shape (n_rows,)
    """
    shares = np.average(y, axis=0, weights=weights)

    def excess(smoothing: np.ndarray) -> np.ndarray:
        probabilities = replace(outputs, smoothing=smoothing).activated(scores)
        return np.average(probabilities, axis=0, weights=weights) - shares

    low = np.full(shares.size, outputs.smoothing)
    high = np.minimum(MOST_SMOOTHING * low, 0.5 + low / 2)
    # Where one end is enough, or none: that end.
    above, below = np.maximum(excess(low), 0), np.minimum(excess(high), 0)
    for _ in range(STEPS):
        middle = low + (high - low) * above / np.maximum(above - below, SMALLEST)
        found = excess(middle)
        is_more = found > 0
        low, above = np.where(is_more, middle, low), np.where(is_more, found, above)
        high, below = np.where(is_more, high, middle), np.where(is_more, below, found)
    return replace(outputs, smoothing=middle)
