"""What the sums of the last layer stand for: probabilities, or targets in the units of y."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, softmax

# Targets need float64 where neighbors in float32 differ by more than this share of a scale.
RESOLUTION = 2.0**-13
# Narrowest bend that keeps probabilities positive, for a class without training rows.
NARROWEST = 1e-6
# How much more certain probabilities are made where classes are many.
CERTAINTY = 0.625


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
    smoothing : float, or ndarray of shape (n_outputs,)
        That of the labels in the last training, which probabilities are freed of; for several
        labels what the network shows of it.
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
    smoothing: float | np.ndarray = 0.0
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
        n_shared = float(n_rows)
        if goes_on and self.shares is not None:
            n_shared += self.n_shared
            # So that equal shares stay as they are, to the last bit.
            shares = self.shares + (shares - self.shares) * (n_rows / n_shared)
        return replace(self, smoothing=smoothing, shares=shares, n_shared=n_shared)

    @property
    def is_smoothed(self) -> bool:
        """Whether probabilities have a smoothing to be freed of."""
        return bool(np.any(self.smoothing))

    def certainty(self, n_classes: int) -> float:
        """What sums are multiplied by for probabilities of a softmax; 1 for two classes."""
        return float((n_classes / 2) ** (CERTAINTY * self.smoothing))

    def bends(self, n_outputs: int) -> np.ndarray:
        """Below what each probability bends away from 0, shape (n_classes,) or (n_outputs, 2)."""
        is_softmax = self.activation == "softmax"
        n_classes, smoothing = n_outputs if is_softmax else 2, np.asarray(self.smoothing)
        shares = np.full(n_outputs, 1 / n_classes) if self.shares is None else self.shares
        if not is_softmax:
            shares, smoothing = np.stack([1 - shares, shares], axis=-1), smoothing[..., None]
        return np.clip(2 * smoothing * (2 / n_classes) ** 2 * shares, NARROWEST, 1 / n_classes)

    def sums(self, scores: np.ndarray) -> np.ndarray:
        """Sums of the last layer in the dtype of the outputs, in which classes are decided."""
        return scores.astype(self.dtype, copy=False)

    def activated(self, scores: np.ndarray) -> np.ndarray:
        """Sums of the last layer as probabilities, or scaled targets, shape (n_rows, n_outputs)."""
        scores = self.sums(scores)
        if self.activation == "identity":
            return scores
        is_softmax, n_outputs = self.activation == "softmax", scores.shape[1]
        if not self.is_smoothed:
            probabilities = softmax(scores, axis=1) if is_softmax else expit(scores)
        elif is_softmax:
            smoothed = softmax(scores * scores.dtype.type(self.certainty(n_outputs)), axis=1)
            probabilities = unsmoothed(smoothed, self.smoothing, self.bends(n_outputs))
        else:
            ones = expit(scores)
            smoothed = np.stack([1 - ones, ones], axis=-1)
            smoothing = np.asarray(self.smoothing)[..., None]
            probabilities = unsmoothed(smoothed, smoothing, self.bends(n_outputs))[..., 1]
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


def unsmoothed(
    probabilities: np.ndarray, smoothing: float | np.ndarray, bends: np.ndarray
) -> np.ndarray:
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
    smoothing : float or ndarray
        In [0, 1).
    bends : ndarray
        These two are broadcast to the shape of `probabilities`.
    """
    # All times (1 - smoothing), which may be tiny.
    share = np.asarray(smoothing / probabilities.shape[-1], dtype=probabilities.dtype)
    excess = probabilities - share
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
