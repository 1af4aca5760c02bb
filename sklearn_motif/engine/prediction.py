"""Prediction: forward through the layers, a block of rows at a time."""

from __future__ import annotations

import itertools

import numpy as np

from . import layers, stored, threads
from .activations import ACTIVATIONS
from .block_products import products_for
from .buffers import make_work, prediction_scratch
from .dropout import Dropout
from .inputs import LAID_OUT, Features, Samples, flat_view
from .jit import entry
from .layout import Net, without_inputs
from .optimizers import NO_DECAY
from .sharing import ALONE
from .stored import STORED
from .threads import MOMENT

# Rows that one block of a prediction holds: wide enough to amortize the walk over the
# connections, narrow enough for the buffers to stay in the cache.
PREDICT_ROWS = 64
# How often a thread comes back for more blocks.
TAKES = 8


@entry
def predict_rows(products, first_layer, net, work, scratch, activation, X, rows, result):
    """Sums of the last layer for some rows of X into the same rows of `result`."""
    samples = Samples(X, X.values, X.values, rows)  # there are no targets or weights to read
    n_outputs = net.layers[net.layers.size - 1]["units"]
    no_dropout = Dropout(0.0, 0, 0, work.kept)
    for first in range(0, rows.size, PREDICT_ROWS):
        chosen = rows[first : first + PREDICT_ROWS]
        work.parts[:] = 0
        first_layer.load(net, work, scratch, samples, chosen, NO_DECAY, ALONE)
        for index in range(net.graphs.size):
            work.parts[:] = 0
            if index > 0 or not first_layer.forward(net, work, activation, no_dropout, ALONE):
                layers.forward(products, net, work, scratch, activation, no_dropout, index, ALONE)
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
    work_of_row = stored.work_of_row(net) if sparse_inputs else net.weights.size
    n_threads = min(threads.n_to_predict(n_jobs, work_of_row * n_samples), n_blocks)
    # Whoever is free takes the next blocks: a core that is held up holds up no other. A call takes
    # a moment at most, for Ctrl-C.
    n_at_a_time = max(1, MOMENT // (work_of_row * PREDICT_ROWS))
    if n_threads > 1:
        n_at_a_time = min(n_at_a_time, -(-n_blocks // (TAKES * n_threads)))
    starts = itertools.count(0, n_at_a_time * PREDICT_ROWS)
    rows = np.arange(n_samples)

    def share(part: int) -> None:
        work = make_work(net, min(PREDICT_ROWS, n_samples), is_training=False)
        scratch = prediction_scratch(net, PREDICT_ROWS)
        while (first := next(starts)) < n_samples:
            chosen = rows[first : first + n_at_a_time * PREDICT_ROWS]
            predict_rows(*kernels, net, work, scratch, ACTIVATIONS[activation], X, chosen, result)

    with threads.Team(n_threads) as team:
        team.run(share)
    return result
