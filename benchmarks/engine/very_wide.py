"""A million hidden neurons, and fifty million on paper."""

from __future__ import annotations

import statistics
from typing import NamedTuple

from benchmarks.timing import on_threads, peak_rss

from . import section
from .formulas import bytes_on_paper
from .internals import bytes_in_arrays
from .ours import logged_fit, seconds_by_log
from .wide import wide

ON_PAPER = (10_000, 25_000_000, 25_000_000, 1)


class Sizes(NamedTuple):
    """What is measured."""

    neurons: int = 500_000  # in each of two layers
    epochs: int = 3


FULL = Sizes()
SMOKE = Sizes(neurons=3000, epochs=1)


def measure(sizes, data_dir):
    """Seconds and memory of the network, alone in this process, and what the formula says."""
    X, y, parameters = wide(1000)
    seconds_by_log(X, y, 1, **parameters)  # loads the compiled kernels
    X, y, parameters = wide(sizes.neurons)
    before = peak_rss()
    parameters["evolve_every"] = sizes.epochs + 2  # never
    with on_threads(1):
        model, seconds, rest = logged_fit(X, y, 1 + sizes.epochs, **parameters)
    peak = peak_rss()
    batch, epsilon = parameters["batch_size"], parameters["epsilon"]
    values = [value / -(-len(X) // batch) for value in seconds[1:]]
    found = bytes_in_arrays(model.network_, batch)
    needed = found["network"] + found["optimizer"] + found["activations"]
    formula = bytes_on_paper(model.network_.layer_sizes, 1, epsilon, batch)
    assert abs(formula["total"] / needed - 1) < 0.05
    return {
        "neurons": sum(parameters["hidden_layer_sizes"]),
        "features": X.shape[1],
        "connections": model.n_connections_,
        "density": model.density_,
        "seconds_a_batch": values,
        "median": statistics.median(values),
        "seconds_to_start": rest,
        "rss_before": before,
        "rss_peak": peak,
        "needed": needed,
        "formula": formula,
        "paper": [bytes_on_paper(ON_PAPER, m, epsilon, batch) for m in (1, 2, 4)],
    }


if __name__ == "__main__":
    section.run("very_wide", measure, FULL, SMOKE)
