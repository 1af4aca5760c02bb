"""What the training rows tell of a network when its training is over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from .._network import MotifNetwork
from .._training.history import History
from .._training.options import TrainingOptions
from ..engine import features, mean_loss, warn_user
from .inputs import Table, some_rows, taken
from .parameters import MINIMUM_UPDATES
from .smoothing import settled
from .targets import Labels, Targets

# Training rows that are looked at, at most.
ASKED_ROWS = 2000
# The first of them tell of a loss that is clearly less than that of a constant: less than this
# part of it.
FIRST_ASKED, CLEARLY_LEFT = 256, 0.5
# What a training leaves of the loss of a constant, at most. There may be little to learn; a
# training of few updates that leaves so much is near its start.
LEFT_LOSS, LEFT_BY_FEW_UPDATES = 0.99, 0.9
# Targets of which a constant leaves no more do not vary, but for rounding.
NOTHING = 1e-12


def look_at_outcome(
    network: MotifNetwork,
    table: Table,
    targets: Targets,
    history: History,
    options: TrainingOptions,
) -> None:
    """Warn of a training that was too short; free labels of the smoothing that they show.

    Parameters
    ----------
    network : MotifNetwork
        As it was trained; its outputs may change.
    table : Table
        The rows that it was trained on.
    targets : Targets
        What its y stands for.
    history : History
    options : TrainingOptions
        Of the training.
    """
    n_updates = len(history.loss_curve) * -(-table.rows.size // options.step.batch_size)
    left = LEFT_LOSS if n_updates >= MINIMUM_UPDATES else LEFT_BY_FEW_UPDATES
    loss, constant = 0.0, 0.0
    # The first rows tell, where what they say is clear; smoothing takes all of them.
    settles = isinstance(targets, Labels) and network.outputs.is_smoothed
    for rows in _asked_rows(table, ASKED_ROWS if settles else FIRST_ASKED):
        loss, constant = _losses(network, table, rows, targets, settles=settles)
        if constant > NOTHING and loss < CLEARLY_LEFT * constant:
            break
    # With "cosine", the last epoch is the planned end.
    if history.ran_out and options.learning_rate != "cosine":
        warn_user(
            f"Maximum number of epochs (max_iter={options.max_iter}) reached before the "
            f"{'validation score' if options.early_stopping else 'training loss'} stopped "
            "improving. Raise max_iter, which also stretches zeta_schedule, or tol; or take "
            'learning_rate="cosine", for which max_iter is the planned end.',
            ConvergenceWarning,
        )
    elif constant > NOTHING and loss > left * constant:
        warn_user(
            f"The network has learned next to nothing: its loss on training rows is {loss:.4g}, "
            f"that of predicting the same for every row {constant:.4g}. Raise max_iter where the "
            "training is short, change learning_rate_init where loss_curve_ does not fall, and "
            "see whether X can tell y.",
            ConvergenceWarning,
        )


def _asked_rows(table: Table, first: int) -> Iterator[np.ndarray]:
    """The rows to look at: so many first, then more, if there are more."""
    yield some_rows(table.rows, first)
    if min(table.rows.size, ASKED_ROWS) > first:
        yield some_rows(table.rows, ASKED_ROWS)


def _losses(
    network: MotifNetwork, table: Table, rows: np.ndarray, targets: Targets, *, settles: bool
) -> tuple[float, float]:
    """Losses for some rows of the network and of a constant, perhaps freed of smoothing first."""
    weights = table.weights[rows]
    if table.inputs is None:
        scores = network.scores(table.X[rows])
    else:
        scores = network.scores_of(features(taken(table.inputs, rows)), rows.size)
    if settles:
        network.outputs = settled(network.outputs, scores, table.y[rows], weights)
    y = network.outputs.scaled(table.y[rows])
    predicted = network.outputs.activated(scores)
    means = np.broadcast_to(targets.means(y, weights), predicted.shape)
    return (
        mean_loss(predicted, y, weights, targets.out_activation),
        mean_loss(means, y, weights, targets.out_activation),
    )
