"""A clock between the turns of the engine's mini-batches, which are one call else."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest import mock

import numba
import numpy as np

from sklearn_motif.engine import (
    TrainingStep,
    buffers,
    dropout,
    inputs,
    layers,
    losses,
    optimizers,
)
from sklearn_motif.engine.block_products import products_for
from sklearn_motif.engine.sharing import ALONE
from sklearn_motif.engine.training import Run, Samples


@contextmanager
def last_call() -> Iterator[list]:
    """The training step that was called last, and what it was called with."""
    found, call = [], TrainingStep.__call__

    def record(self, *arguments):
        found[:] = self, arguments
        return call(self, *arguments)

    with mock.patch.object(TrainingStep, "__call__", record):
        yield found


@cache
def turns_kernel():
    """What `run_turns` does on one thread, with a clock between the turns.

    It writes seconds to a row for each mini-batch, and a column for each turn.
    """
    clock = ctypes.CDLL(None).clock  # of the processor, in microseconds
    clock.restype, clock.argtypes = ctypes.c_long, []

    @numba.njit
    def turns(products, net, state, work, scratch, samples, run, result):
        options, n_graphs, size = run.options, net.graphs.size, run.options.batch_size
        for batch in range(result.shape[0]):
            rows = samples.rows[batch * size : (batch + 1) * size]
            number = run.n_updates + 1 + batch
            drop = dropout.Dropout(options.dropout, run.dropout_seed, number, work.kept)
            update = optimizers.update_after(options, run.learning_rate, number, rows.size)
            now = clock()
            for turn in range(2 * n_graphs + 2):
                work.parts[0] = 0
                if turn == 0:
                    inputs.load(net, work, scratch, samples, rows, optimizers.NO_DECAY, ALONE)
                elif turn <= n_graphs:
                    layers.forward(
                        products, net, work, scratch, run.activation, drop, turn - 1, ALONE
                    )
                elif turn == n_graphs + 1:
                    losses.output_loss(
                        net, work, samples, rows, run.out_activation, options.label_smoothing,
                        scratch.rows,
                    )  # fmt: skip
                else:
                    layers.backward(
                        products, net, state, work, scratch, run.activation, drop, update,
                        2 * n_graphs + 1 - turn, ALONE,
                    )  # fmt: skip
                before, now = now, clock()
                result[batch, turn] = (now - before) * 1e-6

    return turns


def seconds_of_turns(step, arguments, first: int, n_batches: int) -> np.ndarray:
    """Seconds of the turns of some mini-batches, those after batch `first`, on one thread."""
    X, y, row_weights, rows = arguments
    net, size = step.net, step._options.batch_size
    samples = Samples(X, y, row_weights, np.roll(rows, -first * size))
    kinds = step._activation, step._out_activation
    run = Run(step._options, *kinds, step.learning_rate, step._dropout_seed, step.n_updates, 0)
    seconds = np.zeros((n_batches, 2 * net.graphs.size + 2))
    scratch = buffers.training_scratch(net, step.work, 0, 1)
    turns_kernel()(products_for(net), net, step.state, step.work, scratch, samples, run, seconds)
    return seconds
