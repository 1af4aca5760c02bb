"""What the sums of the last layer stand for: probabilities, or targets in the units of y."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, softmax

# Targets need float64 where neighbors in float32 differ by more than this share of a scale.
RESOLUTION = 2.0**-13
# Narrowest bend that keeps probabilities positive, for a class without training rows.
NARROWEST = 1e-6


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
    shares : ndarray of float64, shape (n_outputs,), or None
        Shares of the classes among the training rows by weight, or of ones for each logistic
        output. None: all classes have equal ones.
    n_shared : float
        Rows that `shares` are of.
    """

    activation: str
    dtype: str
    means: np.ndarray | None = None
    scales: np.ndarray | None = None
    rows_dtype: str | None = None
    smoothing: float = 0.0
    shares: np.ndarray | None = None
    n_shared: float = 0.0

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

    def with_labels(
        self, smoothing: float, shares: np.ndarray, n_rows: int, *, goes_on: bool
    ) -> Outputs:
        """These outputs after rows with some shares of classes, which join those before or not."""
        n_before = self.n_shared if goes_on and self.shares is not None else 0.0
        n_shared = n_before + n_rows
        if n_before:
            shares = (n_before * self.shares + n_rows * shares) / n_shared
        return replace(self, smoothing=smoothing, shares=shares, n_shared=n_shared)

    def bends(self, n_outputs: int) -> np.ndarray:
        """Below what each probability bends away from 0, shape (n_classes,) or (n_outputs, 2)."""
        if self.activation == "softmax":
            n_classes, shares = n_outputs, self.shares
        else:
            n_classes = 2
            shares = None if self.shares is None else np.stack([1 - self.shares, self.shares], -1)
        if shares is None:
            shares = np.full(n_classes, 1 / n_classes)
        bends = 2 * self.smoothing * (2 / n_classes) ** 2 * shares
        return np.clip(bends, NARROWEST, 1 / n_classes)

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
            bends = self.bends(scores.shape[1])
            probabilities = unsmoothed(probabilities, self.smoothing, bends)
        elif self.smoothing > 0:
            both = np.stack([1 - probabilities, probabilities], axis=-1)
            bends = self.bends(scores.shape[1])
            probabilities = unsmoothed(both, self.smoothing, bends)[..., 1]
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


def unsmoothed(probabilities: np.ndarray, smoothing: float, bends: np.ndarray) -> np.ndarray:
    """Probabilities of labels from those of smoothed ones, in the same dtype.

    Smoothing makes (1 - smoothing) * p + smoothing / n_classes of a probability p, which is taken
    back. Where a network is near or below what smoothing gives to any class, p would be near 0 or
    negative, and certainty that it does not have: below its bend b, p becomes b**2 / (2 * b - p),
    which is positive and keeps the order. As no bend is above 1 / n_classes, the largest
    probability stays the largest one.

    Parameters
    ----------
    probabilities : ndarray of shape (..., n_classes)
        Each row of the last axis sums to 1, and so does that of what is returned.
    smoothing : float
        In [0, 1).
    bends : ndarray, broadcast to the shape of `probabilities`
    """
    # All times (1 - smoothing), which may be tiny.
    excess = probabilities - smoothing / probabilities.shape[-1]
    bends = ((1 - smoothing) * bends).astype(probabilities.dtype)
    freed = np.where(excess >= bends, excess, bends**2 / (2 * bends - np.minimum(excess, bends)))
    return freed / freed.sum(axis=-1, keepdims=True)


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
