"""Memory of one fit, alone in its process: ``python -m benchmarks.engine.memory_case JSON``."""

from __future__ import annotations

import json
import sys
import tracemalloc
import warnings

from sklearn.exceptions import ConvergenceWarning

from benchmarks.data import N_CLASSES, N_PIXELS, random_rows
from benchmarks.timing import peak_rss

from .internals import bytes_in_arrays
from .ours import ADAM, checked_fit

BATCH = ADAM["batch_size"]
N_ROWS = 10 * BATCH
EPOCHS = 3  # two evolutions


def measure(case):
    """Bytes of the arrays, and peaks of a fit with the parameters of `case`."""
    X, y = random_rows(N_ROWS, N_PIXELS, N_CLASSES)
    parameters = {**ADAM, **case}
    # Compiled kernels are loaded by a small network.
    small = {**parameters, "hidden_layer_sizes": (64, 64), "epsilon": 2}
    checked_fit(X[: 2 * BATCH], y[: 2 * BATCH], 2, **small)
    before = peak_rss()
    model = checked_fit(X, y, EPOCHS, **parameters)[0]
    after = peak_rss()
    found = bytes_in_arrays(model.network_, BATCH)
    connections, weights = model.n_connections_, model.network_.weights.size
    del model
    tracemalloc.start()
    checked_fit(X, y, EPOCHS, **parameters)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    needed = found["network"] + found["optimizer"] + found["activations"]
    return {
        **case,
        "connections": connections,
        "weights": weights,
        "bytes": found,
        "bytes_a_connection": sum(found["with_connections"].values()) / connections,
        "needed": needed,
        "traced_peak": peak,
        "peak_over_needed": peak / needed,
        "rss_before": before,
        "rss_peak": after,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(json.dumps(measure(json.loads(sys.argv[1]))))
