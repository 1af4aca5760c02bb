"""Two wide hidden layers on random rows, to grow at a constant epsilon."""

from __future__ import annotations

from benchmarks.data import random_rows

from .ours import ADAM

NEURONS_A_FEATURE = 50
N_ROWS = 320


def wide(neurons):
    """(X, y, parameters) for that many neurons a layer."""
    X, y = random_rows(N_ROWS, neurons // NEURONS_A_FEATURE, 2)
    network = {"hidden_layer_sizes": (neurons, neurons), "epsilon": 10, "encode_features": False}
    return X, y, {**ADAM, **network}
