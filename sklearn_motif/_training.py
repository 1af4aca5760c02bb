"""The epoch loop: mini-batches, evolution, the record, and when to stop."""

from __future__ import annotations

import logging
import time
import warnings
from dataclasses import dataclass, field

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from . import _evolution
from ._network import MotifNetwork
from .engine import TrainingStep, make_state

logger = logging.getLogger("sklearn_motif")


@dataclass
class Streams:
    """Independent random streams, so that none depends on how much another was used."""

    wiring: np.random.Generator
    values: np.random.Generator
    shuffling: np.random.Generator
    dropout: np.random.Generator
    evolution: np.random.Generator

    @classmethod
    def from_random_state(cls, random_state: np.random.RandomState) -> Streams:
        seeds = np.random.SeedSequence(random_state.randint(2**32, size=4, dtype=np.uint32))
        return cls(*map(np.random.default_rng, seeds.spawn(5)))


@dataclass
class History:
    """What training did, an entry for each epoch."""

    loss_curve: list[float] = field(default_factory=list)
    connections_changed: list[int] = field(default_factory=list)

    @property
    def best_loss(self) -> float:
        return min(self.loss_curve)


def train(
    network: MotifNetwork,
    X: np.ndarray,
    y: np.ndarray,
    streams: Streams,
    *,
    batch_size: int,
    max_iter: int,
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
    X : ndarray of shape (n_samples, n_features)
        C-ordered and aligned, in the network's dtype.
    y : ndarray of int32, shape (n_samples,)
        Class indices.
    streams : Streams
    batch_size, max_iter, tol, n_iter_no_change, shuffle, zeta, zeta_schedule, evolve_every, \
prune, grow, solver, verbose
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
    """
    history = History()
    n_samples, n_seen = X.shape[0], 0
    state = make_state(network.net, solver)
    best_loss, n_without_progress = np.inf, 0
    if verbose:
        _show_log()
    step = TrainingStep(
        network.net,
        state,
        batch_size=batch_size,
        activation=network.activation,
        solver=solver,
        dropout_seed=int(streams.dropout.integers(2**32)),
        **step_options,
    )
    try:
        with step:
            for epoch in range(1, max_iter + 1):
                started = time.perf_counter()
                order = (
                    streams.shuffling.permutation(n_samples) if shuffle else np.arange(n_samples)
                )
                loss, n_seen = 0.0, 0
                for first in range(0, n_samples, step.rows_at_a_time):
                    rows = order[first : first + step.rows_at_a_time]
                    loss += step(X, y, rows) * rows.size
                    n_seen += rows.size
                loss /= n_samples
                _check_finite(network, loss)
                history.loss_curve.append(loss)

                # Patience waits for the wiring to settle.
                fraction = _evolution.drop_fraction(zeta, zeta_schedule, epoch, max_iter)
                if zeta_schedule == "constant" or fraction <= 0.01 * zeta:
                    n_without_progress += 1
                    if loss <= best_loss - tol:
                        n_without_progress = 0
                best_loss = min(best_loss, loss)
                stop = n_without_progress > n_iter_no_change

                changed = 0
                if epoch % evolve_every == 0 and epoch < max_iter and not stop:
                    changed = _evolution.evolve(
                        network,
                        state,
                        fraction,
                        prune=prune,
                        grow=grow,
                        gradients=step.squared_gradients,
                        rng=streams.evolution,
                    )
                history.connections_changed.append(changed)
                if verbose:
                    seconds = time.perf_counter() - started
                    logger.info(
                        "epoch %4d of %d   loss %9.5f   connections changed %8d   %7.2f s",
                        epoch,
                        max_iter,
                        loss,
                        changed,
                        seconds,
                    )
                if stop:
                    return history
        warnings.warn(
            f"Maximum number of epochs (max_iter={max_iter}) reached before the training loss "
            "stopped improving. Raise tol, or max_iter, which also stretches zeta_schedule.",
            ConvergenceWarning,
            stacklevel=2,
        )
    except KeyboardInterrupt:
        if not history.loss_curve:
            if n_seen == 0:
                raise
            history.loss_curve.append(loss / n_seen)  # of the part of the first epoch
        _check_finite(network, history.loss_curve[-1])
        warnings.warn("Training interrupted by user; the model is kept as it stands.", stacklevel=2)
    return history


def _check_finite(network, loss):
    finite = np.isfinite(loss)
    if not (finite and np.isfinite(network.weights).all() and np.isfinite(network.nodes).all()):
        raise ValueError(
            "The training diverged: weights or loss are no longer finite. Lower "
            "learning_rate_init, or scale the columns of X, for example with StandardScaler."
        )


def _show_log():
    """Let `verbose` reach the terminal where the application has set up no logging."""
    if not logger.hasHandlers():
        logger.addHandler(logging.StreamHandler())
        logger.propagate = False  # or lines come twice once the application sets up its own
    if logger.level == logging.NOTSET and not logger.isEnabledFor(logging.INFO):
        logger.setLevel(logging.INFO)
