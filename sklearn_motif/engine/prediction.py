"""Prediction: forward through the layers, a block of rows at a time."""

from __future__ import annotations

import numpy as np

from . import layers, threads
from .activations import ACTIVATIONS
from .block_products import products_for
from .buffers import make_work, prediction_scratch
from .dropout import NO_DROPOUT
from .inputs import LAID_OUT, Features, Samples, flat_view
from .jit import entry
from .layout import Net, without_inputs
from .optimizers import NO_DECAY
from .stored import STORED
from .threads import MOMENT

# Rows that one block of a prediction holds: wide enough to amortize the walk over the
# connections, narrow enough for the buffers to stay in the cache.
PREDICT_ROWS = 64


@entry
def predict_rows(products, first_layer, net, work, scratch, activation, X, rows, result):
    """Sums of the last layer for some rows of X into the same rows of `result`."""
    samples = Samples(X, X.values, X.values, rows)  # there are no targets or weights to read
    n_outputs = net.layers[net.layers.size - 1]["units"]
    for first in range(0, rows.size, PREDICT_ROWS):
        chosen = rows[first : first + PREDICT_ROWS]
        work.parts[:] = 0
        first_layer.load(net, work, scratch, samples, chosen, NO_DECAY, np.int64(0))
        for index in range(net.graphs.size):
            work.parts[:] = 0
            if index > 0 or not first_layer.forward(net, work, activation, NO_DROPOUT, np.int64(0)):
                layers.forward(
                    products, net, work, scratch, activation, NO_DROPOUT, index, np.int64(0)
                )
        for b in range(chosen.size):
            for j in range(n_outputs):
                result[chosen[b], j] = work.s[j * work.width + b]


def predict(
    net: Net,
    activation: str,
    X: Features,
    n_samples: int,
    n_jobs: int | None,
    *,
    sparse_inputs: bool = False,
) -> np.ndarray:
    """Sums of the last layer, before their activation, shape (n_samples, n_outputs).

    With `sparse_inputs` X is in CSR format, and the first layer goes by what it stores. Every lane
    of a vector is computed alike, so a row's bits do not depend on its company.
    """
    result = np.empty((n_samples, int(net.layers[-1]["units"])), dtype=net.weights.dtype)
    kernels = products_for(net), STORED if sparse_inputs else LAID_OUT
    net = without_inputs(net) if sparse_inputs else net
    net = Net(*map(flat_view, net))  # a memory-mapped model would compile the kernels anew
    n_blocks = -(-n_samples // PREDICT_ROWS)
    n_threads = threads.n_useful(n_jobs, net.weights.size * n_samples)
    rows = np.arange(n_samples)

    def share(part: int) -> None:
        work = make_work(net, min(PREDICT_ROWS, n_samples), is_training=False)
        scratch = prediction_scratch(net, PREDICT_ROWS)
        last = n_blocks * (part + 1) // team.size
        first = n_blocks * part // team.size
        while first < last:
            stop = min(last, first + max(1, MOMENT // (net.weights.size * PREDICT_ROWS)))
            chosen = rows[first * PREDICT_ROWS : stop * PREDICT_ROWS]
            predict_rows(*kernels, net, work, scratch, ACTIVATIONS[activation], X, chosen, result)
            first = stop

    with threads.Team(min(n_threads, n_blocks)) as team:
        team.run(share)
    return result
