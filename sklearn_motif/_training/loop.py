"""The epoch loop: mini-batches, validation, the record, and changes of the wiring."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from .._evolution.evolve import evolve
from .._evolution.split import split
from .._network import MotifNetwork
from ..engine import OptimizerState, TrainingStep, warn_user
from .history import History
from .log import log_epoch, show_log
from .options import TrainingOptions
from .rows import RowSource, TrainingRows
from .schedules import (
    drop_fraction_at,
    learning_rate_at,
    motif_size_at,
    stream_epochs,
    stream_rate_at,
)
from .state import Streams, TrainingState
from .stopping import StoppingRule

# Updates of a stream without an end that one learning rate serves, at most.
UPDATES_OF_A_RATE = 8


class Monitor(Protocol):
    """What is told about every epoch."""

    def begin(self) -> None:
        """Tell it that an epoch begins."""

    def end(self, network: MotifNetwork, history: History) -> bool:
        """Tell it of the network as it would be kept; gives whether to stop the training."""


def train(
    network: MotifNetwork,
    data: TrainingRows,
    streams: Streams,
    state: TrainingState,
    options: TrainingOptions,
    *,
    validate: Callable[[MotifNetwork], tuple[float, float]] | None = None,
    monitor: Monitor | None = None,
) -> History:
    """Train a network in place.

    Parameters
    ----------
    network : MotifNetwork
    data : TrainingRows
    streams : Streams
        The streams for shuffling, dropout and evolution move on.
    state : TrainingState
        Where the training starts; changed to where it has come.
    options : TrainingOptions
    validate : callable, optional
        ``validate(network)`` gives a score and a loss.
    monitor : Monitor, optional

    Returns
    -------
    History

    Raises
    ------
    ValueError
        When weights or loss become infinite or NaN.
    KeyboardInterrupt
        When Ctrl-C comes before the first mini-batch, or with `is_partial`; otherwise the network
        is kept as it stands, with a warning.
    """
    if options.verbose:
        show_log()
    history, stopping = History(), StoppingRule(options, state)
    training = _Training(network, data, streams, state, options)
    try:
        with training:
            for _ in range(1 if options.is_partial else options.max_iter):
                started = time.perf_counter()
                if monitor is not None:
                    monitor.begin()
                history.begin_epoch(state.epoch + 1, network)
                loss = training.run_epoch()
                validation = None if validate is None else validate(network)
                history.end_epoch(network, loss, validation)
                state.epoch += 1
                state.n_rows += data.rows.size
                is_over = stopping.end_epoch(network, loss, validation)
                history.kept_epoch = stopping.best_epoch
                # Told before the wiring changes: a network that was just pruned is worse.
                best = network if stopping.best_network is None else stopping.best_network
                if monitor is not None and monitor.end(best, history):
                    is_over = True
                history.connections_changed.append(0 if is_over else training.change_wiring())
                if options.verbose:
                    seconds = time.perf_counter() - started
                    max_iter = None if options.is_endless else options.max_iter
                    log_epoch(history, network, state.epoch, max_iter, seconds)
                if is_over:
                    break
            else:
                history.ran_out = True
    except KeyboardInterrupt:
        if options.is_partial or not (history.loss_curve or training.n_seen):
            raise
        if not history.loss_curve:  # Ctrl-C came in the first epoch
            history.end_epoch(network, training.mean_loss())
            state.epoch += 1
        check_finite(network, history.loss_curve[-1])
        warn_user("Training interrupted by user; the model is kept as it stands.")
    if stopping.best_network is not None:
        network.restore(stopping.best_network)
    state.n_updates = training.step.n_updates
    return history


class _Training:
    """A network in training: the current training step, and what an epoch does by it."""

    def __init__(
        self,
        network: MotifNetwork,
        data: TrainingRows,
        streams: Streams,
        state: TrainingState,
        options: TrainingOptions,
    ):
        self.network, self.rows, self.streams = network, data.rows, streams
        self._of_rows = RowSource(network, data)
        self.state, self.options = state, options
        self.step = self._new_step(state.begin(network, options, streams))
        self._sum_of_losses, self.n_seen = 0.0, 0  # of the rows of the current epoch

    def __enter__(self) -> _Training:
        return self

    def __exit__(self, *exception: object) -> None:
        self.step.__exit__(*exception)

    def _new_step(self, optimizer: OptimizerState) -> TrainingStep:
        return self.network.training_step(
            optimizer,
            self.options.step,
            learning_rate=self.options.learning_rate_init,
            dropout_seed=self.state.dropout_seed,
            n_updates=self.state.n_updates,
        )

    def run_epoch(self) -> float:
        """Train on all rows once; gives their mean loss."""
        step, rows = self.step, self.rows
        order = rows
        if self.options.shuffle:
            order = rows[self.streams.shuffling.permutation(rows.size)]
        self._sum_of_losses, self.n_seen = 0.0, 0
        n_at_a_time = step.rows_at_a_time
        if self.options.learning_rate == "stream":
            n_at_a_time = min(n_at_a_time, UPDATES_OF_A_RATE * self.options.step.batch_size)
        for first in range(0, rows.size, n_at_a_time):
            step.learning_rate = self._learning_rate(self.state.epoch + 1)
            chosen = order[first : first + n_at_a_time]
            self._sum_of_losses += step(*self._of_rows(chosen)) * chosen.size
            self.n_seen += chosen.size
        loss = self.mean_loss()
        check_finite(self.network, loss)
        return loss

    def mean_loss(self) -> float:
        """Mean loss of the rows that the current epoch has seen."""
        return self._sum_of_losses / self.n_seen

    def _learning_rate(self, epoch: int) -> float:
        options = self.options
        if options.learning_rate == "adaptive":
            return self.state.learning_rate
        if options.learning_rate == "stream":
            n_updates = self.state.n_updates_before + self.step.n_updates
            return stream_rate_at(options.learning_rate_init, n_updates)
        return learning_rate_at(
            options.learning_rate, options.learning_rate_init, epoch, options.max_iter
        )

    def change_wiring(self) -> int:
        """Split motifs or evolve connections, if it is time; gives the connections replaced.

        Nothing changes after epoch `max_iter`. A stream that goes on from there evolves again.
        """
        options, state = self.options, self.state
        epoch, before = state.epoch, state.epoch - 1
        if options.is_endless:
            epoch, before = map(stream_epochs, (state.n_rows, state.n_rows - self.rows.size))
        elif epoch == options.max_iter:
            return 0
        motif_size = motif_size_at(options.motif_sizes, epoch + 1, options.max_iter)
        if self.network.motif_size > motif_size:
            self._split(motif_size)
        elif epoch // options.evolve_every > before // options.evolve_every:
            return evolve(
                self.network,
                self.step.state,
                drop_fraction_at(options.zeta_schedule, options.zeta, epoch, options.max_iter),
                prune=options.prune,
                grow=options.grow,
                gradients=self.step.squared_gradients,
                rng=self.streams.evolution,
            )
        return 0

    def _split(self, motif_size: int) -> None:
        """Split motifs, without evolution: the last mini-batch tells of the old motifs only."""
        self.state.n_updates = self.step.n_updates
        self.state.optimizer = split(
            self.network,
            self.step.state,
            motif_size,
            self.options.epsilon,
            prune=self.options.prune,
            rng=self.streams.evolution,
        )
        self.step.__exit__(None, None, None)
        self.step = self._new_step(self.state.optimizer)


def check_finite(network: MotifNetwork, loss: float) -> None:
    """Refuse a training that has diverged."""
    finite = np.isfinite(loss)
    if not (finite and np.isfinite(network.weights).all() and np.isfinite(network.nodes).all()):
        scale = "" if network.inputs.centers is not None else ", or scale the columns of X"
        raise ValueError(
            "The training diverged: weights or loss are no longer finite. Lower "
            f"learning_rate_init{scale}."
        )
