"""When a training ends: patience, and the best network of early stopping."""

from __future__ import annotations

import numpy as np

from .._network import MotifNetwork
from .options import TrainingOptions
from .schedules import drop_fraction_at
from .state import TrainingState

# "adaptive" divides the learning rate by this, down to the minimum.
ADAPTIVE_DIVISOR = 5.0
MINIMUM_LEARNING_RATE = 1e-6
# Share of `zeta` below which the drop fraction no longer disturbs the loss.
SETTLED = 0.01


class StoppingRule:
    """Counts epochs without progress, and keeps the best network where scores decide.

    Progress is a training loss that falls below the best one so far by `tol`; with
    `early_stopping`, a validation score that rises above the best one by it.

    Parameters
    ----------
    options : TrainingOptions
    state : TrainingState
        Holds the counts, which go on from one call of `partial_fit` to the next; changed in place.

    Attributes
    ----------
    best_network : MotifNetwork or None
        A copy of the network of the best epoch; None without early stopping.
    best_epoch : int or None
    """

    best_network: MotifNetwork | None = None
    best_epoch: int | None = None

    def __init__(self, options: TrainingOptions, state: TrainingState):
        self._options = options
        self._state = state
        self._best = (-np.inf, -np.inf)

    def end_epoch(
        self, network: MotifNetwork, loss: float, validation: tuple[float, float] | None
    ) -> bool:
        """Take note of an epoch, once; gives whether the training ends with it.

        Parameters
        ----------
        network : MotifNetwork
        loss : float
            Training loss of the epoch.
        validation : tuple of float or None
            Score and loss on the validation rows.
        """
        options, state = self._options, self._state
        if validation is not None and options.early_stopping:
            has_progressed = self._progress_of_score(network, *validation)
        else:
            has_progressed = loss <= state.best_loss - options.tol
        state.best_loss = min(state.best_loss, loss)
        if self._has_settled(network):
            state.n_without_progress = 0 if has_progressed else state.n_without_progress + 1
        if state.n_without_progress <= options.n_iter_no_change:
            return False
        state.n_without_progress = 0
        if options.learning_rate == "adaptive" and state.learning_rate > MINIMUM_LEARNING_RATE:
            state.learning_rate /= ADAPTIVE_DIVISOR
            return False
        return not options.is_endless

    def _progress_of_score(self, network: MotifNetwork, score: float, loss: float) -> bool:
        has_progressed = score >= self._best[0] + self._options.tol
        # With few rows, many epochs score alike: the loss tells them apart.
        if (score, -loss) > self._best:
            self._best = (score, -loss)
            self.best_network, self.best_epoch = network.copy(), self._state.epoch
        return has_progressed

    def _has_settled(self, network: MotifNetwork) -> bool:
        """Whether motifs have their last size, and evolution no longer disturbs the loss."""
        options = self._options
        if network.motif_size > options.motif_sizes[-1]:
            return False
        fraction = drop_fraction_at(
            options.zeta_schedule, options.zeta, self._state.epoch, options.max_iter
        )
        return options.zeta_schedule != "cosine" or fraction <= SETTLED * options.zeta
