"""The epoch loop: mini-batches, evolution, validation, the record, and when to stop."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Protocol

import numpy as np

from .._evolution import evolve, split
from .._network import MotifNetwork
from ..engine import (
    Features,
    OptimizerState,
    StepOptions,
    TrainingStep,
    new_optimizer_state,
)

logger = logging.getLogger("sklearn_motif")

# "adaptive" divides the learning rate by this, down to the smallest.
ADAPTIVE_DIVISOR = 5.0
SMALLEST_LEARNING_RATE = 1e-6
# "cosine" after `max_iter` epochs, as a share of the first rate.
STREAM_RATE = 0.1
# Share of the epochs after which motifs have their last size; splits are evenly spaced up to it.
LAST_SPLIT = 0.5


@dataclass
class Streams:
    """Independent random streams, so that none depends on how much another was used."""

    wiring: np.random.Generator
    values: np.random.Generator
    shuffling: np.random.Generator
    dropout: np.random.Generator
    evolution: np.random.Generator
    validation: np.random.Generator

    @classmethod
    def from_random_state(cls, random_state: np.random.RandomState) -> Streams:
        seeds = np.random.SeedSequence(random_state.randint(2**32, size=4, dtype=np.uint32))
        return cls(*map(np.random.default_rng, seeds.spawn(len(fields(cls)))))

    @classmethod
    def from_states(cls, states: dict[str, dict]) -> Streams:
        """Streams that go on where those went that gave `states`."""
        streams = {}
        for name, state in states.items():
            streams[name] = np.random.default_rng(0)
            streams[name].bit_generator.state = state
        return cls(**streams)

    def states(self) -> dict[str, dict]:
        """The generators' states, builtins only."""
        return {name: stream.bit_generator.state for name, stream in vars(self).items()}


@dataclass
class Course:
    """How far a training has come: what the next one needs to go on from there."""

    epoch: int = 0  # of the clock that schedules follow
    learning_rate: float | None = None  # of "adaptive"
    best_loss: float = np.inf
    n_without_progress: int = 0
    n_updates: int = 0
    dropout_seed: int | None = None
    optimizer: OptimizerState | None = None
    solver: str | None = None  # that the optimizer's state is of

    def to_dict(self) -> dict:
        """Arrays and builtins only."""
        optimizer = None if self.optimizer is None else self.optimizer._asdict()
        return {**vars(self), "optimizer": optimizer}

    @classmethod
    def from_dict(cls, values: dict) -> Course:
        """A course with arrays of its own."""
        course = cls(**values)
        if course.optimizer is not None:
            course.optimizer = OptimizerState(
                *(array.copy() for array in course.optimizer.values())
            )
        return course


@dataclass
class History:
    """What training did, an entry for each epoch."""

    loss_curve: list[float] = field(default_factory=list)
    motif_size_curve: list[int] = field(default_factory=list)
    n_connections_curve: list[int] = field(default_factory=list)
    connections_changed: list[int] = field(default_factory=list)
    validation_scores: list[float] = field(default_factory=list)
    validation_loss_curve: list[float] = field(default_factory=list)
    # In epochs 1, 2, 4, 8, ...: memory does not grow with the epochs.
    input_degrees: dict[int, np.ndarray] = field(default_factory=dict)
    kept_epoch: int | None = None  # the best one of early stopping; None: the last
    ran_out: bool = False  # the epochs, before anything else ended the training

    def record(self, loss: float, network: MotifNetwork) -> None:
        """Add an epoch."""
        self.motif_size_curve.append(network.motif_size)
        self.n_connections_curve.append(network.n_connections)
        self.loss_curve.append(loss)


class Monitor(Protocol):
    """What is told about every epoch."""

    def begin(self) -> None: ...

    def end(self, network: MotifNetwork, history: History) -> bool:
        """Tell it of the network as it would be kept; gives whether to stop the training."""


def learning_rate_at(schedule: str, init: float, epoch: int, max_iter: int) -> float:
    """Learning rate of an epoch, counted from 1, for "constant" and "cosine".

    "cosine" falls to nearly 0 in epoch `max_iter`. What goes on after that is a stream, which
    has to learn something yet.
    """
    if schedule == "constant":
        return init
    if epoch > max_iter:
        return STREAM_RATE * init
    return init * 0.5 * (1.0 + np.cos(np.pi * (epoch - 1) / max_iter))


def motif_size_at(sizes: tuple[int, ...], epoch: int, max_iter: int) -> int:
    """Motif size of an epoch, counted from 1, of a schedule of falling sizes.

    Each is trained for an epoch at least where `max_iter` allows it.
    """
    n_splits = len(sizes) - 1
    ends = (max(i, int(LAST_SPLIT * max_iter * i / n_splits)) for i in range(1, len(sizes)))
    return sizes[sum(epoch > min(end, max_iter - 1) for end in ends)]


def mean_loss(
    outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray, out_activation: str
) -> float:
    """Mean loss over rows as :class:`TrainingStep` counts it, without penalty and smoothing."""
    outputs = outputs.astype(np.float64)
    smallest = np.finfo(targets.dtype).eps
    if out_activation == "softmax":
        likelihood = outputs[np.arange(targets.size), targets.astype(np.int64)]
        losses = -np.log(np.maximum(likelihood, smallest))
    else:
        targets = targets.reshape(outputs.shape)
        if out_activation == "logistic":
            likelihood = np.where(targets > 0, outputs, 1.0 - outputs)
            losses = -np.log(np.maximum(likelihood, smallest)).sum(axis=1)
        else:
            losses = 0.5 * ((outputs - targets) ** 2).sum(axis=1)
    return float(np.average(losses, weights=weights))


def train(
    network: MotifNetwork,
    X: Features,
    y: np.ndarray,
    row_weights: np.ndarray,
    rows: np.ndarray,
    streams: Streams,
    course: Course,
    *,
    motif_sizes: tuple[int, ...],
    epsilon: float,
    partial: bool,
    validate: Callable[[MotifNetwork], tuple[float, float]] | None = None,
    monitor: Monitor | None = None,
    batch_size: int,
    learning_rate: str,
    learning_rate_init: float,
    max_iter: int,
    early_stopping: bool,
    tol: float,
    n_iter_no_change: int,
    shuffle: bool,
    zeta: float,
    zeta_schedule: str,
    evolve_every: int,
    prune: str,
    grow: str,
    solver: str,
    verbose: bool,
    **step_options,
) -> History:
    """Train a network in place.

    Parameters
    ----------
    network : MotifNetwork
    X : Features
    y, row_weights : ndarray
        As :class:`~sklearn_motif.engine.TrainingStep` takes them.
    rows : ndarray of int64
        Rows of X to train on, in the order of ``shuffle=False``.
    streams : Streams
        Those for shuffling, dropout and evolution; they move on.
    course : Course
        Where the training starts, and then where it has come to.
    motif_sizes : tuple of int
        The schedule. A network that is smaller already is not merged.
    epsilon : float
    partial : bool
        Whether to run one epoch of a longer training, not up to `max_iter` of them.
    validate : callable, optional
        ``validate(network)`` gives a score and a loss.
    monitor : Monitor, optional
    batch_size, learning_rate, learning_rate_init, max_iter, early_stopping, tol, \
n_iter_no_change, shuffle, zeta, zeta_schedule, evolve_every, prune, grow, solver, verbose
        As in MotifSETClassifier, without "auto".
    **step_options
        Passed on to :class:`~sklearn_motif.engine.TrainingStep`.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        When weights or loss become infinite or NaN.
    KeyboardInterrupt
        When Ctrl-C comes before the first mini-batch, or in an epoch of `partial`; else the
        network is kept as it stands.
    """
    history = History()
    if course.optimizer is None or course.solver != solver:
        course.solver = solver
        course.optimizer = new_optimizer_state(network.net, solver)
        course.n_updates = 0
        course.dropout_seed = int(streams.dropout.integers(2**32))
    if course.learning_rate is None:
        course.learning_rate = learning_rate_init
    best, best_network = (-np.inf, -np.inf), None
    n_seen = 0
    if verbose:
        _show_log()

    def new_step():
        return TrainingStep(
            network.net,
            course.optimizer,
            StepOptions(batch_size=batch_size, solver=solver, **step_options),
            activation=network.activation,
            out_activation=network.out_activation,
            learning_rate=learning_rate_init,
            dropout_seed=course.dropout_seed,
            n_updates=course.n_updates,
        )

    step = new_step()
    try:
        with contextlib.ExitStack() as team:
            team.enter_context(step)
            for _ in range(1 if partial else max_iter):
                started = time.perf_counter()
                if monitor is not None:
                    monitor.begin()
                epoch = course.epoch + 1
                if epoch & (epoch - 1) == 0:
                    history.input_degrees[epoch] = network.input_degrees()
                step.learning_rate = (
                    course.learning_rate
                    if learning_rate == "adaptive"
                    else learning_rate_at(learning_rate, learning_rate_init, epoch, max_iter)
                )
                order = rows[streams.shuffling.permutation(rows.size)] if shuffle else rows
                total, n_seen = 0.0, 0
                for first in range(0, rows.size, step.rows_at_a_time):
                    chosen = order[first : first + step.rows_at_a_time]
                    total += step(X, y, row_weights, chosen) * chosen.size
                    n_seen += chosen.size
                loss = total / n_seen
                _check_finite(network, loss)
                if validate is not None:
                    score, validation_loss = validate(network)
                    history.validation_scores.append(score)
                    history.validation_loss_curve.append(validation_loss)
                history.record(loss, network)
                course.epoch = epoch

                if validate is not None and early_stopping:
                    has_progressed = score >= best[0] + tol
                    # Few rows score alike after many epochs: the loss tells these apart.
                    if (score, -validation_loss) > best:
                        best, best_network = (score, -validation_loss), network.copy()
                        history.kept_epoch = epoch
                else:
                    has_progressed = loss <= course.best_loss - tol
                course.best_loss = min(course.best_loss, loss)

                # Patience waits for the last motif size and for the wiring to settle.
                fraction = evolve.drop_fraction(zeta, zeta_schedule, epoch, max_iter)
                if network.motif_size <= motif_sizes[-1] and (
                    zeta_schedule == "constant" or fraction <= 0.01 * zeta
                ):
                    course.n_without_progress += 1
                    if has_progressed:
                        course.n_without_progress = 0
                stop = course.n_without_progress > n_iter_no_change
                if stop:
                    course.n_without_progress = 0
                    if (
                        learning_rate == "adaptive"
                        and course.learning_rate > SMALLEST_LEARNING_RATE
                    ):
                        course.learning_rate /= ADAPTIVE_DIVISOR
                        stop = False
                # Before the wiring evolves: pruned and not trained since, a network is worse.
                if monitor is not None and monitor.end(best_network or network, history):
                    stop = True

                changed, size = 0, motif_size_at(motif_sizes, epoch + 1, max_iter)
                if network.motif_size > size and epoch != max_iter and not stop:
                    course.n_updates = step.n_updates
                    course.optimizer = split.split(
                        network,
                        course.optimizer,
                        size,
                        epsilon,
                        prune=prune,
                        rng=streams.evolution,
                    )
                    # Evolution has to wait: the last mini-batch tells of the old motifs only.
                    team.close()
                    step = team.enter_context(new_step())
                # A training that goes on after max_iter evolves again: it is a stream.
                elif epoch % evolve_every == 0 and epoch != max_iter and not stop:
                    changed = evolve.evolve(
                        network,
                        course.optimizer,
                        fraction,
                        prune=prune,
                        grow=grow,
                        gradients=step.squared_gradients,
                        rng=streams.evolution,
                    )
                history.connections_changed.append(changed)
                if verbose:
                    _log_epoch(history, epoch, max_iter, time.perf_counter() - started)
                    if network.motif_size < history.motif_size_curve[-1]:
                        logger.info(
                            "motif size %d, %d connections",
                            network.motif_size,
                            network.n_connections,
                        )
                if stop:
                    break
            else:
                history.ran_out = True
    except KeyboardInterrupt:
        if partial or (not history.loss_curve and n_seen == 0):
            raise
        if not history.loss_curve:
            history.record(total / n_seen, network)  # of the part of the first epoch
            course.epoch += 1
        _check_finite(network, history.loss_curve[-1])
        warnings.warn("Training interrupted by user; the model is kept as it stands.", stacklevel=5)
    if best_network is not None:
        network.restore(best_network)
    course.n_updates = step.n_updates
    return history


def _check_finite(network, loss):
    finite = np.isfinite(loss)
    if not (finite and np.isfinite(network.weights).all() and np.isfinite(network.nodes).all()):
        raise ValueError(
            "The training diverged: weights or loss are no longer finite. Lower "
            "learning_rate_init, or scale the columns of X, and y in regression, for example with "
            "StandardScaler."
        )


def _log_epoch(history, epoch, max_iter, seconds):
    score = history.validation_scores
    logger.info(
        "epoch %4d of %d   loss %9.5f%s   connections changed %8d   %7.2f s",
        epoch,
        max_iter,
        history.loss_curve[-1],
        f"   validation score {score[-1]:8.5f}" if score else "",
        history.connections_changed[-1],
        seconds,
    )


class _Terminal(logging.StreamHandler):
    """Writes to what sys.stderr is at the time, where the application has set up no logging."""

    @property
    def stream(self):
        return sys.stderr

    @stream.setter
    def stream(self, _):
        pass

    def emit(self, record):
        if not logging.getLogger().handlers:
            super().emit(record)


def _show_log():
    """Let `verbose` reach the terminal."""
    if not logger.handlers:
        logger.addHandler(_Terminal())
    if logger.level == logging.NOTSET and not logger.isEnabledFor(logging.INFO):
        logger.setLevel(logging.INFO)
