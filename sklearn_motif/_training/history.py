"""The record of a training."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .._network import MotifNetwork


def where_positive(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The places of counts other than 0, and these."""
    places = np.flatnonzero(counts)
    return places, counts[places]


@dataclass
class History:
    """What a training did, an entry for each epoch."""

    loss_curve: list[float] = field(default_factory=list)
    motif_size_curve: list[int] = field(default_factory=list)
    n_connections_curve: list[int] = field(default_factory=list)
    connections_changed: list[int] = field(default_factory=list)
    validation_scores: list[float] = field(default_factory=list)
    validation_loss_curve: list[float] = field(default_factory=list)
    # Only epochs 1, 2, 4, 8, ... are kept, so that memory hardly grows with the epochs, and only
    # columns with connections: few of those of sparse X may have any.
    input_degrees: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    kept_epoch: int | None = None  # the best epoch of early stopping; None: the last epoch
    ran_out: bool = False  # whether the epochs ran out before anything else ended the training

    def begin_epoch(self, epoch: int, network: MotifNetwork) -> None:
        """Note the wiring with which an epoch begins."""
        if epoch & (epoch - 1) == 0:
            self.input_degrees[epoch] = where_positive(network.input_degrees())

    def end_epoch(
        self, network: MotifNetwork, loss: float, validation: tuple[float, float] | None = None
    ) -> None:
        """Note the training loss of an epoch and any score and loss of validation."""
        if validation is not None:
            score, validation_loss = validation
            self.validation_scores.append(score)
            self.validation_loss_curve.append(validation_loss)
        self.motif_size_curve.append(network.motif_size)
        self.n_connections_curve.append(network.n_connections)
        self.loss_curve.append(loss)
