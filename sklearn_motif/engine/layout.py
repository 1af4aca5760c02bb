"""Arrays of a network and of a mini-batch, as the kernels see them.

Activations are batch-minor: row r of a buffer holds unit r for every place of the batch, the
batch padded to whole vectors. Buffers of all layers are flat arrays, one layer after the
other; `LAYER` and `GRAPH` say where each begins.

A *unit* is what connections see: a motif where one number is shared by the motif ("scaled",
"tied"), a neuron otherwise. Connections stand in the order of their input motifs, because the
way back, which reads and updates them, is longer than the way forward.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LAYER = np.dtype(
    [
        ("units", np.int64),
        ("row", np.int64),  # of its first unit in the buffers
        ("n_neurons", np.int64),  # of the layer; in "tied" mode one for each motif
        ("group", np.int64),  # neurons a unit
        ("bias", np.int64),  # where its biases begin in `nodes`
        ("gain_out", np.int64),  # likewise; -1: no gains
        ("gain_in", np.int64),
        ("slope", np.float64),  # of a piecewise-linear activation left of zero
    ]
)
GRAPH = np.dtype(
    [
        ("motifs_in", np.int64),
        ("motifs_out", np.int64),
        ("block_in", np.int64),  # a connection carries block_in x block_out weights
        ("block_out", np.int64),
        ("n_connections", np.int64),
        ("connection", np.int64),  # where its connections begin
        ("weight", np.int64),  # where its weights begin
        ("indptr", np.int64),
        ("indptr_t", np.int64),
    ]
)


class Net(NamedTuple):
    """Arrays of a network as the kernels see them."""

    layers: np.ndarray  # (n_layers,) LAYER
    graphs: np.ndarray  # (n_layers - 1,) GRAPH
    indptr: np.ndarray  # int64; connections of input motif g are indptr[g]:indptr[g + 1]
    targets: np.ndarray  # int32; output motif of each connection
    indptr_t: np.ndarray  # int64; the same by output motif
    sources: np.ndarray  # int32; input motif of each connection, by output motif
    places: np.ndarray  # int32; place of that connection in the order by input motif
    weights: np.ndarray  # in the order by input motif
    nodes: np.ndarray  # biases and gains


class Features(NamedTuple):
    """Rows of X as the kernels see them: dense, or in CSR format."""

    values: np.ndarray  # flat, one row after the other; or those that CSR stores
    indices: np.ndarray  # int32; the columns of these, sorted in every row
    indptr: np.ndarray  # int64; where each row begins; empty: X is dense


class Work(NamedTuple):
    """Scratch buffers of a mini-batch, flat and aligned."""

    width: int  # padded batch
    x: np.ndarray  # input features; the same memory as `p` where they are not grouped
    p: np.ndarray  # what connections read, layers 0 to n_layers - 2
    s: np.ndarray  # what connections sum up, layers 1 to n_layers - 1, where the way back needs
    # it (`keeps_sums`); then the loss's gradient by it, d
    dp: np.ndarray  # gradient by `p` of the units that a thread is at, for each thread
    node_gradient: np.ndarray
    squares: np.ndarray  # float64 sums of squared weights over updates, `PARTS` for each graph
    loss: np.ndarray  # (1,) float64; sum over rows
    meet: np.ndarray  # int64, a cache line a thread; turns that it has finished
    parts: np.ndarray  # int64, a cache line for each of three turns; parts that were claimed


class Scratch(NamedTuple):
    """Small buffers of one thread."""

    dp: np.ndarray  # this thread's part of Work.dp
    ordered: np.ndarray  # weights in the order of their output motifs
    gradient: np.ndarray  # by weights that are about to be updated
    rows: np.ndarray  # two of the padded batch
    four: np.ndarray
    cursors: np.ndarray  # int64; where in each row of a sparse X this thread has come to


class State(NamedTuple):
    """Optimizer state: momentum (SGD), or first and second moments (Adam)."""

    weights_1: np.ndarray
    weights_2: np.ndarray
    nodes_1: np.ndarray
    nodes_2: np.ndarray


PIECEWISE, TANH, LOGISTIC = range(3)
SOFTMAX, SIGMOID, LINEAR = range(3)  # of the outputs; each has its loss
ADAM, SGD = range(2)
ROWS = 32  # units that are taken through all stages at a time, while their rows are in the cache
ORDERED = 16384  # weights that forward puts in its own order at a time
CHUNK = 1024  # weights that go from their gradients to the optimizer at a time
# Parts of a turn's work, the same for any number of threads, as sums over them are. A thread
# that is done with one takes the next, so that a thread that is held up holds up no other.
PARTS = 32
# Smaller numbers become 0 before they, or the squares of gradients, turn into slow denormals.
TINY = 1e-30
TINY_GRADIENT = 1e-18
# Looks at another thread's progress, a fraction of a millisecond, before a thread sleeps.
SPINS = 500_000
