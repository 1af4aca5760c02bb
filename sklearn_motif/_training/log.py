"""The log of a training."""

from __future__ import annotations

import logging
import sys
from typing import Any

from .._network import MotifNetwork
from .history import History

logger = logging.getLogger("sklearn_motif")


def log_epoch(
    history: History, network: MotifNetwork, epoch: int, max_iter: int | None, seconds: float
) -> None:
    """Log a line about the last epoch of `history`, and one about a split after it.

    `max_iter` is None where the training has no end.
    """
    score = history.validation_scores
    logger.info(
        "epoch %4d%s   loss %9.5f%s   connections changed %8d   %7.2f s",
        epoch,
        "" if max_iter is None else f" of {max_iter}",
        history.loss_curve[-1],
        f"   validation score {score[-1]:8.5f}" if score else "",
        history.connections_changed[-1],
        seconds,
    )
    if network.motif_size < history.motif_size_curve[-1]:
        logger.info("motif size %d, %d connections", network.motif_size, network.n_connections)


class _Terminal(logging.StreamHandler):
    """Writes to what sys.stderr is at the time, where the application has set up no logging."""

    @property
    def stream(self) -> Any:
        return sys.stderr

    @stream.setter
    def stream(self, _: Any) -> None:
        pass

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            super().emit(record)


def show_log() -> None:
    """Let `verbose` reach the terminal."""
    if not logger.handlers:
        logger.addHandler(_Terminal())
    if logger.level == logging.NOTSET and not logger.isEnabledFor(logging.INFO):
        logger.setLevel(logging.INFO)
