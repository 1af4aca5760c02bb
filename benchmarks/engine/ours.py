"""Our networks, their parameters written out, and three ways to take the time of an epoch."""

from __future__ import annotations

import logging
import statistics

from benchmarks.timing import timed
from sklearn_motif import MotifSETClassifier

from .formulas import weight_count

# Nothing is left to defaults, which may change: figures keep their meaning.
PLAIN = {
    "motif_size": 1,
    "epsilon": 20,
    "weight_sharing": "scaled",
    "activation": "relu",
    "alpha": 1e-4,
    "learning_rate": "constant",
    "momentum": 0.9,
    "nesterovs_momentum": True,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "early_stopping": False,
    "shuffle": True,
    "dropout": 0,
    "label_smoothing": 0,
    "zeta": 0.3,
    "zeta_schedule": "constant",
    "evolve_every": 1,
    "prune": "magnitude",
    "grow": "random",
    "group_features": True,
    "screen_features": False,
    "feature_shape": None,
    "n_jobs": 1,
}
# "The network" on Fashion-MNIST, with a constant learning rate and an evolution every epoch.
NETWORK = {**PLAIN, "solver": "sgd", "learning_rate_init": 0.01, "batch_size": 40}
# With Adam on random rows.
ADAM = {**PLAIN, "solver": "adam", "learning_rate_init": 0.001, "batch_size": 32}


class EpochSeconds(logging.Handler):
    """Collects the seconds of every epoch, which end each line of ``verbose=True``."""

    def __init__(self):
        super().__init__()
        self.seconds: list[float] = []

    def emit(self, record):
        """Keep the seconds of a line about an epoch."""
        if record.args and isinstance(record.args[-1], float):
            self.seconds.append(record.args[-1])


def fixed_length(epochs, **parameters):
    """A classifier that does not stop before `epochs`."""
    return MotifSETClassifier(
        max_iter=epochs, n_iter_no_change=epochs, tol=0, random_state=0, **parameters
    )


def checked_fit(X, y, epochs, **parameters):
    """(model, seconds) of a fit; no time of a network of another size than claimed is quoted."""
    model = fixed_length(epochs, **parameters)
    seconds = timed(model.fit, X, y)
    assert model.n_iter_ == epochs
    network = model.network_
    n_inputs, *sizes = network.layer_sizes
    if not model.group_features:  # as many motifs as inputs
        n_inputs *= model.motif_size
    count = weight_count((n_inputs, *sizes), model.motif_size, model.epsilon, model.weight_sharing)
    assert network.weights.size == count
    return model, seconds


def logged_fit(X, y, epochs, **parameters):
    """(model, seconds of each epoch, seconds of all the rest) of one fit."""
    log, logger = EpochSeconds(), logging.getLogger("sklearn_motif")
    logger.addHandler(log)
    try:
        model, seconds = checked_fit(X, y, epochs, verbose=True, **parameters)
    finally:
        logger.removeHandler(log)
    assert len(log.seconds) == epochs
    return model, log.seconds, seconds - sum(log.seconds)


def seconds_by_log(X, y, epochs, **parameters):
    """Median seconds of an epoch without evolution; the first epoch is warm-up."""
    parameters["evolve_every"] = epochs + 1
    return statistics.median(logged_fit(X, y, 1 + epochs, **parameters)[1][1:])


def seconds_by_difference(X, y, epochs, **parameters):
    """Seconds of one more epoch with its evolution, initialization not counted."""
    one = checked_fit(X, y, 1, **parameters)[1]
    return (checked_fit(X, y, 1 + epochs, **parameters)[1] - one) / epochs
