"""What the sums of the last layer stand for: probabilities, or targets in the units of y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, softmax


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
    """

    activation: str
    dtype: str
    means: np.ndarray | None = None
    scales: np.ndarray | None = None

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
