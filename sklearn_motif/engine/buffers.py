"""The buffers of a mini-batch, and the small ones of each thread."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import allocating, inner
from .layout import Net
from .sharing import PARTS, ROWS
from .simd import CACHE_LINE, aligned_zeros, padded

ORDERED = 16384  # weights that forward puts in its own order at a time
CHUNK = 1024  # weights that go from their gradients to the optimizer at a time


class Work(NamedTuple):
    """Buffers of a mini-batch, flat and aligned."""

    width: int  # padded batch
    is_training: bool  # prediction has room in `s` for the output layer only
    x: np.ndarray  # input features; the same memory as `p` where they are not grouped
    p: np.ndarray  # what connections read, layers 0 to n_layers - 2
    s: np.ndarray  # what connections sum up, layers 1 to n_layers - 1, where the way back needs
    # it (`keeps_sums`); then the loss's gradient by it, d
    dp: np.ndarray  # gradient by `p` of the units that a thread is at, for each thread
    node_gradient: np.ndarray
    squares: np.ndarray  # float64 sums of squared weights over updates, `PARTS` for each graph
    loss: np.ndarray  # (1,) float64; sum over rows
    meet: np.ndarray  # int64, a cache line a thread; turns that it has finished
    parts: np.ndarray  # int64, a cache line a thread for each of three turns; parts that were taken


class Scratch(NamedTuple):
    """Small buffers of one thread."""

    dp: np.ndarray  # this thread's part of Work.dp
    ordered: np.ndarray  # weights in the order of their output motifs
    gradient: np.ndarray  # by weights that are about to be updated
    rows: np.ndarray  # two of the padded batch
    four: np.ndarray
    cursors: np.ndarray  # int64; where in each row of a sparse X this thread has come to


def make_work(net: Net, batch: int, n_threads: int = 1, *, is_training: bool) -> Work:
    """Buffers for mini-batches of up to `batch` rows; prediction needs fewer."""
    dtype = net.weights.dtype
    width = padded(batch, dtype)
    inputs, output = net.layers[0], net.layers[-1]
    p = aligned_zeros(int(output["row"]) * width, dtype)
    is_grouped = inputs["group"] > 1
    x = aligned_zeros(int(inputs["n_neurons"]) * width, dtype) if is_grouped else p
    s_rows = int(output["units"])
    if is_training:
        s_rows += int(output["row"] - inputs["units"])
    dp_rows = ROWS * int(net.graphs["block_in"].max())
    return Work(
        width=width,
        is_training=is_training,
        x=x,
        p=p,
        s=aligned_zeros(s_rows * width, dtype),
        dp=aligned_zeros(n_threads * dp_rows * width if is_training else 0, dtype),
        node_gradient=np.zeros(net.nodes.size if is_training else 0, dtype=dtype),
        squares=np.zeros(net.graphs.size * PARTS),
        loss=np.zeros(1),
        meet=aligned_zeros(n_threads * CACHE_LINE // 8, np.int64),
        parts=aligned_zeros(3 * n_threads * CACHE_LINE // 8, np.int64),
    )


@inner
def longest(indptr, n_rows):
    """Connections of the longest row."""
    length = 0
    for row in range(n_rows):
        length = max(length, indptr[row + 1] - indptr[row])
    return length


@inner
def n_ordered(net):
    """Numbers that `ordered` must hold: a chunk, or the longest row."""
    size = ORDERED
    for i in range(net.graphs.size):
        graph = net.graphs[i]
        if graph["block_in"] * graph["block_out"] == 1:
            size = max(size, longest(net.indptr_t[graph["indptr_t"] :], graph["motifs_out"]))
    return size


@inner
def n_gradient(net):
    """Numbers that `gradient` must hold: a chunk, or the longest row."""
    size = 0
    for i in range(net.graphs.size):
        graph = net.graphs[i]
        block = graph["block_in"] * graph["block_out"]
        row = longest(net.indptr[graph["indptr"] :], graph["motifs_in"])
        size = max(size, max(row, CHUNK // graph["block_in"]) * block)
    return size


@allocating
def training_scratch(net, work, batch_size, part, n_parts):
    """The small buffers of thread `part`."""
    dtype = net.weights.dtype
    return Scratch(
        work.dp[work.dp.size // n_parts * part :],
        np.empty(n_ordered(net), dtype),
        np.empty(n_gradient(net), dtype),
        np.empty(2 * work.width, dtype),
        np.empty(4, dtype),
        np.empty(batch_size, np.int64),
    )


@allocating
def prediction_scratch(net, batch_size):
    """The small buffers of a thread that predicts."""
    dtype = net.weights.dtype
    none = np.empty(0, dtype)
    cursors = np.empty(batch_size, np.int64)
    return Scratch(none, np.empty(n_ordered(net), dtype), none, none, none, cursors)
