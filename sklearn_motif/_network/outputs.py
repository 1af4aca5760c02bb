"""What the sums of the last layer stand for: probabilities, or targets in the units of y."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, softmax

# Targets need float64 where neighbors in float32 differ by more than this share of a scale.
RESOLUTION = 2.0**-13
# Width of the bend that keeps probabilities positive, as a share of what smoothing gives a class.
SOFTNESS = 0.02


@dataclass
class Outputs:
    """What follows after the last layer, in arrays and builtins only.

    Attributes
    ----------
    activation : {"softmax", "logistic", "identity"}
    dtype : str
        Of the outputs.
    means, scales : ndarray of float64, shape (n_outputs,), or None
        Targets are learned as (y - mean) / scale. None: as they are.
    rows_dtype : str or None
        Of the training rows. None: that of the outputs.
    smoothing : float
        That of the labels in the last training, which probabilities are freed of.
    """

    activation: str
    dtype: str
    means: np.ndarray | None = None
    scales: np.ndarray | None = None
    rows_dtype: str | None = None
    smoothing: float = 0.0

    @property
    def needs_float64(self) -> bool:
        """Whether float32 does not tell targets apart, or does not hold them."""
        if self.means is None or self.scales is None:
            return False
        with np.errstate(over="ignore", invalid="ignore"):
            spacings = np.spacing((np.abs(self.means) + 3 * self.scales).astype(np.float32))
        return not np.all(spacings <= RESOLUTION * self.scales)  # NaN where they are infinite

    def with_targets(self, means: np.ndarray, scales: np.ndarray) -> Outputs:
        """These outputs for targets of some means and scales, in the dtype that they need."""
        rows_dtype = self.rows_dtype or self.dtype
        outputs = replace(self, means=means, scales=scales, rows_dtype=rows_dtype)
        return replace(outputs, dtype="float64" if outputs.needs_float64 else rows_dtype)

    def sums(self, scores: np.ndarray) -> np.ndarray:
        """Sums of the last layer in the dtype of the outputs, in which classes are decided."""
        return scores.astype(self.dtype, copy=False)

    def activated(self, scores: np.ndarray) -> np.ndarray:
        """Sums of the last layer as probabilities, or scaled targets, shape (n_rows, n_outputs)."""
        scores = self.sums(scores)
        if self.activation == "identity":
            return scores
        is_softmax = self.activation == "softmax"
        probabilities = softmax(scores, axis=1) if is_softmax else expit(scores)
        if self.smoothing > 0 and is_softmax:
            probabilities = unsmoothed(probabilities, self.smoothing)
        elif self.smoothing > 0:
            both = np.stack([1 - probabilities, probabilities], axis=-1)
            probabilities = unsmoothed(both, self.smoothing)[..., 1]
        return _ranked(probabilities, scores, is_softmax=is_softmax)

    def of(self, scores: np.ndarray) -> np.ndarray:
        """Sums of the last layer as probabilities, or targets, shape (n_rows, n_outputs)."""
        outputs = self.activated(scores)
        if self.means is None or self.scales is None:
            return outputs
        return (self.means + self.scales * outputs).astype(self.dtype)

    def scaled(self, y: np.ndarray) -> np.ndarray:
        """Targets as the network learns them; classes stay."""
        if self.means is None or self.scales is None:
            return y
        return ((y.reshape(len(y), -1) - self.means) / self.scales).reshape(y.shape)


def unsmoothed(probabilities: np.ndarray, smoothing: float) -> np.ndarray:
    """Probabilities of labels from those of smoothed ones, in the same dtype.

    Smoothing makes (1 - smoothing) * p + share of a probability p. Where a network is below the
    share, p would be negative: a hyperbola takes the place of the difference, which is positive,
    keeps the order and leaves what is far above the share as it is.

    Parameters
    ----------
    probabilities : ndarray of shape (..., n_classes)
        Each row of the last axis sums to 1, and so does that of what is returned.
    smoothing : float
        In [0, 1).
    """
    share, square = smoothing_of(probabilities.shape[-1], smoothing)
    excess = probabilities - share
    upper = (np.abs(excess) + np.sqrt(excess**2 + square)) / 2
    freed = np.where(excess > 0, upper, square / 4 / upper)
    return freed / freed.sum(axis=-1, keepdims=True)


def smoothing_of(n_classes: int, smoothing: float) -> tuple[float, float]:
    """What smoothing gives to each class, and the square of the width of the bend there."""
    share = smoothing / n_classes
    return share, (SOFTNESS * (1 - smoothing) * share) ** 2


def _ranked(probabilities: np.ndarray, scores: np.ndarray, *, is_softmax: bool) -> np.ndarray:
    """Probabilities that decide as the scores do, also where rounding made them equal."""
    if not is_softmax:
        above = np.nextafter(probabilities.dtype.type(0.5), probabilities.dtype.type(1))
        return np.where(
            scores > 0, np.maximum(probabilities, above), np.minimum(probabilities, 0.5)
        )
    best = scores.argmax(axis=1)
    rows = np.flatnonzero(probabilities.argmax(axis=1) != best)
    largest = probabilities[rows].max(axis=1)
    probabilities[rows, best[rows]] = np.nextafter(largest, probabilities.dtype.type(1))
    return probabilities
