"""The buffers of a mini-batch, and the small ones of each thread."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from .dropout import make_kept
from .layout import Net
from .sharing import PARTS, ROWS
from .simd import CACHE_LINE, aligned_zeros, padded

ORDERED = 16384  # weights that forward puts in its own order at a time
CHUNK = 1024  # weights that go from their gradients to the optimizer at a time


class Stored(NamedTuple):
    """What a mini-batch of sparse rows stores, by its columns; empty where rows are dense."""

    slots: np.ndarray  # int32, for each input; 1 + its place among `columns`, 0: it has none
    decays: np.ndarray  # float64, for each input; logarithm of the decay that its weights have
    n_columns: np.ndarray  # (1,) int64
    columns: np.ndarray  # int32
    starts: np.ndarray  # int64; where the values of each column begin
    lanes: np.ndarray  # int32; the row of each value in the mini-batch
    values: np.ndarray


class Work(NamedTuple):
    """Buffers of a mini-batch, flat and aligned."""

    width: int  # padded batch
    is_training: bool  # prediction has room in `s` for the output layer only
    x: np.ndarray  # input features; the same memory as `p` where they are not grouped
    p: np.ndarray  # what connections read, layers 0 to n_layers - 2
    s: np.ndarray  # what connections sum up, layers 1 to n_layers - 1, where the way back needs
    # it (`keeps_sums`); then the loss's gradient by it, d
    kept: np.ndarray  # which places of the nodes' rows dropout keeps, see ``make_kept``
    dp: np.ndarray  # gradient by `p` of the units that a thread is at, for each thread
    node_gradient: np.ndarray
    squares: np.ndarray  # float64 sums of squared weights over updates, `PARTS` for each graph
    loss: np.ndarray  # (1,) float64; sum over rows
    meet: np.ndarray  # int64, a cache line a thread; turns that it has finished
    parts: np.ndarray  # int64, a cache line a thread for each of three turns; parts that were taken
    stored: Stored


class Scratch(NamedTuple):
    """Small buffers of one thread."""

    dp: np.ndarray  # this thread's part of Work.dp
    ordered: np.ndarray  # weights in the order of their output motifs
    gradient: np.ndarray  # by weights that are about to be updated
    rows: np.ndarray  # two of the padded batch
    four: np.ndarray
    cursors: np.ndarray  # int64; where rows of X begin, or how far a thread is in them


def make_stored(dtype: DTypeLike, n_inputs: int = 0, maximum: int = 0) -> Stored:
    """Room for up to `maximum` values of a mini-batch."""
    return Stored(
        slots=np.zeros(n_inputs, dtype=np.int32),
        decays=np.zeros(n_inputs),
        n_columns=np.zeros(1, dtype=np.int64),
        columns=np.zeros(maximum, dtype=np.int32),
        starts=np.zeros(maximum + 1, dtype=np.int64),
        lanes=np.zeros(maximum, dtype=np.int32),
        values=np.zeros(maximum, dtype=dtype),
    )


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
        kept=make_kept(net.nodes.size if is_training else 0, width, dtype),
        dp=aligned_zeros(n_threads * dp_rows * width if is_training else 0, dtype),
        node_gradient=np.zeros(net.nodes.size if is_training else 0, dtype=dtype),
        squares=np.zeros(net.graphs.size * PARTS),
        loss=np.zeros(1),
        meet=aligned_zeros(n_threads * CACHE_LINE // 8, np.int64),
        parts=aligned_zeros(3 * n_threads * CACHE_LINE // 8, np.int64),
        stored=make_stored(dtype),
    )


def _longest(indptr: np.ndarray, first: np.int64, n_rows: np.int64) -> int:
    """Connections of the longest row of a graph, whose row 0 stands at `first`."""
    return int(np.diff(indptr[first : first + n_rows + 1]).max())


def _n_ordered(net: Net) -> int:
    """Numbers that `ordered` must hold: a chunk, or the longest row."""
    longest = (
        _longest(net.indptr_t, graph["indptr_t"], graph["motifs_out"])
        for graph in net.graphs
        if graph["block_in"] * graph["block_out"] == 1
    )
    return max(ORDERED, max(longest, default=0))


def _n_gradient(net: Net) -> int:
    """Numbers that `gradient` must hold: a chunk, or the longest row."""
    return max(
        max(_longest(net.indptr, graph["indptr"], graph["motifs_in"]), CHUNK // graph["block_in"])
        * int(graph["block_in"] * graph["block_out"])
        for graph in net.graphs
    )


def training_scratch(net: Net, work: Work, part: int, n_parts: int) -> Scratch:
    """The small buffers of thread `part`."""
    dtype = net.weights.dtype
    return Scratch(
        dp=work.dp[work.dp.size // n_parts * part :],
        ordered=aligned_zeros(_n_ordered(net), dtype),
        gradient=aligned_zeros(_n_gradient(net), dtype),
        rows=aligned_zeros(2 * work.width, dtype),
        four=aligned_zeros(4, dtype),
        cursors=np.empty(work.width, dtype=np.int64),
    )


def prediction_scratch(net: Net, batch: int) -> Scratch:
    """The small buffers of a thread that predicts, for blocks of up to `batch` rows."""
    none = np.empty(0, dtype=net.weights.dtype)
    ordered = aligned_zeros(_n_ordered(net), net.weights.dtype)
    return Scratch(none, ordered, none, none, none, np.empty(batch, dtype=np.int64))
