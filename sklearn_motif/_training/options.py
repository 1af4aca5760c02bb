"""What a training is told: the estimators' parameters with every "auto" decided."""

from __future__ import annotations

from dataclasses import dataclass

from .._evolution.grow import GrowRule
from .._evolution.prune import PruneRule
from ..engine import StepOptions


@dataclass(frozen=True)
class TrainingOptions:
    """Options of the epoch loop, named as the estimators' parameters.

    Attributes
    ----------
    step : StepOptions
        What all mini-batches have in common.
    motif_sizes : tuple of int
        The schedule of motif sizes. A network whose motifs are smaller already is not merged.
    prune, grow : callable
        The rules that the parameters of these names stand for.
    is_partial : bool
        Whether to run one epoch instead of up to `max_iter`.
    is_endless : bool
        Whether it is one of a stream that has no end. Epochs are then counted by rows, see
        ``schedules.stream_epochs``, and `max_iter` is what motif sizes go by.
    learning_rate : {"constant", "cosine", "adaptive", "stream"}
    zeta_schedule : {"constant", "cosine", "stream"}
        "stream" is what "cosine" is in a stream without an end.
    """

    step: StepOptions
    motif_sizes: tuple[int, ...]
    is_partial: bool
    is_endless: bool
    epsilon: float
    learning_rate: str
    learning_rate_init: float
    max_iter: int
    tol: float
    early_stopping: bool
    n_iter_no_change: int
    shuffle: bool
    zeta: float
    zeta_schedule: str
    evolve_every: int
    prune: PruneRule
    grow: GrowRule
    verbose: bool
