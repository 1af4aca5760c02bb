"""What the sums of the last layer stand for: probabilities, or targets in the units of y."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, softmax

# Targets need float64 where neighbors in float32 differ by more than this share of a scale.
RESOLUTION = 2.0**-13
# What a bend is wide at least: probabilities stay above 0 without any training row of a class.
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
    smoothing : float, or ndarray of float64, shape (n_outputs,)
        What the labels were smoothed by in the last training, of which probabilities are freed.
        An array after a fit of several labels: what the network shows of it for each.
    shares : ndarray of float64, shape (n_outputs,), or None
        Shares of the classes among the training rows by weight, or of ones for each logistic
        output. None: all classes have equal ones.
    shared_weight : float
        Of the rows that `shares` are of.
    trained_smoothing : float
        What the labels were smoothed by, whatever the network shows of it.
    """

    activation: str
    dtype: str
    means: np.ndarray | None = None
    scales: np.ndarray | None = None
    rows_dtype: str | None = None
    smoothing: float | np.ndarray = 0.0
    shares: np.ndarray | None = None
    shared_weight: float = 0.0
    trained_smoothing: float = 0.0

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
        self, smoothing: float, shares: np.ndarray, weight: float, *, goes_on: bool
    ) -> Outputs:
        """These outputs for training on some rows.

        Parameters
        ----------
        smoothing : float
            That of the labels.
        shares : ndarray of float64, shape (n_outputs,)
            As the attribute, of these rows.
        weight : float
            That of all these rows.
        goes_on : bool
            Whether the rows join those before.
        """
        shown: float | np.ndarray = smoothing
        if goes_on and smoothing == self.trained_smoothing:
            shown = self.smoothing
        if goes_on and self.shares is not None:
            part = weight / (self.shared_weight + weight)
            # So that equal shares stay as they are, to the last bit.
            shares = self.shares + part * (shares - self.shares)
            weight += self.shared_weight
        return replace(
            self,
            smoothing=shown,
            shares=shares,
            shared_weight=weight,
            trained_smoothing=smoothing,
        )

    @property
    def is_smoothed(self) -> bool:
        """Whether probabilities have a smoothing to be freed of."""
        return bool(np.any(self.smoothing))

    def certainty(self, n_classes: int) -> float:
        """What the sums of a softmax are multiplied by; 1 for two classes."""
        return float((n_classes / 2) ** (CERTAINTY * self.smoothing))

    def bends(self, n_outputs: int) -> np.ndarray:
        """Below what each probability bends, shape (n_classes,) or, logistic, (n_outputs, 2)."""
        is_softmax, smoothing = self.activation == "softmax", np.asarray(self.smoothing)
        n_classes = n_outputs if is_softmax else 2
        shares = np.full(n_outputs, 1 / n_classes) if self.shares is None else self.shares
        if not is_softmax:
            shares, smoothing = np.stack([1 - shares, shares], axis=-1), smoothing[..., None]
        return np.clip(2 * smoothing * (2 / n_classes) ** 2 * shares, NARROWEST, 1 / n_classes)

    def sums(self, scores: np.ndarray) -> np.ndarray:
        """Sums of the last layer in the dtype of the outputs, in which classes are decided."""
        return scores.astype(self.dtype, copy=False)

    def activated(self, scores: np.ndarray) -> np.ndarray:
        """Sums of the last layer as probabilities, or scaled targets, shape (n_rows, n_outputs).

        The probabilities decide as the sums do, also where rounding would have made them equal.
        """
        scores = self.sums(scores)
        if self.activation == "identity":
            return scores
        if self.activation == "softmax":
            return self._of_classes(scores)
        return np.ascontiguousarray(self._pairs(scores)[..., 1])

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities of all classes or labels, shape (n_rows, n_classes) or (n_rows, n_labels).

        Of one logistic output those of 0 and of 1, each as exact as its dtype allows.
        """
        if self.activation == "logistic" and scores.shape[1] == 1:
            return self._pairs(self.sums(scores))[:, 0]
        return self.activated(scores)

    def _of_classes(self, scores: np.ndarray) -> np.ndarray:
        if self.is_smoothed:
            n_classes = scores.shape[1]
            smoothed = softmax(self.certainty(n_classes) * scores.astype(np.float64), axis=1)
            freed = unsmoothed(smoothed, self.smoothing, self.bends(n_classes))
            probabilities = (freed / freed.sum(axis=1, keepdims=True)).astype(self.dtype)
        else:
            probabilities = softmax(scores, axis=1)
        best = scores.argmax(axis=1)
        rows = np.flatnonzero(probabilities.argmax(axis=1) != best)
        largest = probabilities[rows].max(axis=1)
        probabilities[rows, best[rows]] = np.nextafter(largest, largest.dtype.type(1))
        return probabilities

    def _pairs(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities of 0 and of 1 of each logistic output, shape (n_rows, n_outputs, 2)."""
        if self.is_smoothed:
            pairs = np.stack([-scores, scores], axis=-1).astype(np.float64)
            smoothing = np.asarray(self.smoothing)[..., None]
            freed = unsmoothed(expit(pairs), smoothing, self.bends(scores.shape[1]))
            # Not divided by the sum, whose rounding may change the order of rows.
            probabilities = (1 / (1 + freed[..., ::-1] / freed)).astype(self.dtype)
        else:
            ones = expit(scores)
            probabilities = np.stack([1 - ones, ones], axis=-1)
        half = probabilities.dtype.type(0.5)
        zeros, ones, is_one = probabilities[..., 0], probabilities[..., 1], scores > 0
        zeros[:] = np.where(is_one, np.minimum(zeros, half), np.maximum(zeros, half))
        above = np.nextafter(half, half + half)
        ones[:] = np.where(is_one, np.maximum(ones, above), np.minimum(ones, half))
        return probabilities

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
    """What is left of probabilities of smoothed labels, up to a factor of each row.

    Smoothing makes (1 - smoothing) * p + smoothing / n_classes of a probability p. What it added
    is taken away. Where less is left than 1 - smoothing times the bend b, this r becomes
    b**2 / (2 * b - r): a network is never so certain that p may be 0, and r may be negative. No
    bend is above 1 / n_classes, so that the largest probability does not bend and stays the
    largest.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (..., n_classes)
        Each row of the last axis sums to 1.
    smoothing : float or ndarray of float64
        From 0 to below 1.
    bends : ndarray of float64
        As ``Outputs.bends`` gives them. These two are broadcast to the shape of `probabilities`.

    Returns
    -------
    ndarray of float64, shape (..., n_classes)
        Above 0, in the order of `probabilities` wherever the bend is the same.
    """
    rest, bends = probabilities - smoothing / probabilities.shape[-1], (1 - smoothing) * bends
    return np.where(rest >= bends, rest, bends / (2 - np.minimum(rest / bends, 1)))
