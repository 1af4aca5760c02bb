"""What the sums of the last layer stand for: probabilities, or targets in the units of y."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, softmax

# Targets need float64 where neighbors in float32 differ by more than this share of a scale.
RESOLUTION = 2.0**-13


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
    """

    activation: str
    dtype: str
    means: np.ndarray | None = None
    scales: np.ndarray | None = None
    rows_dtype: str | None = None

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

    def activated(self, scores: np.ndarray) -> np.ndarray:
        """Sums of the last layer as probabilities, or scaled targets, shape (n_rows, n_outputs)."""
        scores = scores.astype(self.dtype, copy=False)
        if self.activation == "softmax":
            return softmax(scores, axis=1)
        return expit(scores) if self.activation == "logistic" else scores

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
