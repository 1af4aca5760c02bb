"""Mini-batches: forward, loss, backward and update, one compiled call for a run of them."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from . import layers, layout, neurons, optimizers, products, threads
from .jit import entry
from .layout import PARTS, ROWS, Features, Net, Scratch, State, Work
from .simd import CACHE_LINE, aligned_zeros, padded, publish


@entry
def run_turns(
    net,
    work,
    state,
    blocks,
    X,
    y,
    row_weights,
    rows,
    batch_size,
    kind,
    out,
    solver,
    options,
    seed,
    update,
    rate,
    turn,
    part,
    n_parts,
):
    """Thread `part`'s share of training on `rows` of X, a mini-batch after the other.

    A mini-batch is a number of *turns*: one loads the inputs, one for each graph goes forward,
    one takes the loss, one for each graph goes backward and updates. Nobody begins a turn
    before all have finished the one before. Returns the turn that comes next: not the last
    one where another thread let this one wait for too long; the caller then gives way and
    calls again.
    """
    n_graphs = net.graphs.size
    n_turns = 2 * n_graphs + 2
    n_batches = (rows.size + batch_size - 1) // batch_size
    learning_rate, decay_1, decay_2, nesterov, alpha, smoothing = options
    number = net.weights.dtype.type
    n_ordered, n_gradient = layers.scratch_sizes(net, True)
    scratch = Scratch(
        work.dp[work.dp.size // n_parts * part :],
        np.empty(n_ordered, net.weights.dtype),
        np.empty(n_gradient, net.weights.dtype),
        np.empty(2 * work.width, net.weights.dtype),
        np.empty(4, net.weights.dtype),
        np.empty(batch_size, np.int64),
    )
    while turn < n_batches * n_turns:
        if n_parts > 1 and not layers.reached(work.meet, turn, n_parts):
            return turn
        # Of three turns that take them in turn: nobody is at this one's place any more.
        publish(work.parts, (turn + 1) % 3 * 8, 0)
        parts = turn % 3 * 8
        batch = turn // n_turns
        stage = turn - batch * n_turns
        chosen = rows[batch * batch_size : min((batch + 1) * batch_size, rows.size)]
        time = update + batch
        step_size, last = learning_rate, nesterov
        if solver == layout.ADAM:
            step_size *= np.sqrt(1.0 - decay_2**time) / (1.0 - decay_1**time)
            last = 1e-8
        settings = (
            number(step_size),
            number(decay_1),
            number(1.0 - decay_1),
            number(decay_2),
            number(1.0 - decay_2),
            number(layout.TINY),
            number(layout.TINY_GRADIENT),
            number(last),
        )
        if stage == 0:
            layers.load_inputs(net, work, scratch.cursors, X, chosen, parts)
        elif stage <= n_graphs:
            index = stage - 1
            layers.forward(net, work, scratch, blocks, index, kind, seed, time, rate, True, parts)
        elif stage == n_graphs + 1:
            if part == 0:
                neurons.output_loss(net, work, out, y, row_weights, chosen, scratch.rows, smoothing)
                start = net.layers[n_graphs]["bias"]
                optimizers.optimize_nodes(
                    net, work, state, solver, settings, start, start + net.layers[n_graphs]["units"]
                )
        else:
            l2 = number(alpha / chosen.size)
            index = n_turns - 1 - stage
            layers.backward(
                net, work, scratch, state, blocks, index, kind, solver, settings, l2, seed, time,
                rate, parts,
            )  # fmt: skip
        turn += 1
        if n_parts > 1:
            publish(work.meet, part * 8, turn)
    return turn


@entry
def predict_rows(net, work, blocks, kind, out, X, rows, batch_size, result):
    """Outputs for some rows of X into the same rows of `result`."""
    output = net.layers[net.layers.size - 1]
    n_ordered, _ = layers.scratch_sizes(net, False)
    none = np.empty(0, net.weights.dtype)
    cursors = np.empty(batch_size, np.int64)
    scratch = Scratch(none, np.empty(n_ordered, net.weights.dtype), none, none, none, cursors)
    for first in range(0, rows.size, batch_size):
        chosen = rows[first : first + batch_size]
        work.parts[:] = 0
        layers.load_inputs(net, work, cursors, X, chosen, 0)
        for index in range(net.graphs.size):
            work.parts[:] = 0
            layers.forward(net, work, scratch, blocks, index, kind, 0, 0, 0.0, False, 0)
        neurons.activate_outputs(work.s, output["units"], out, work.width)
        for b in range(chosen.size):
            for j in range(output["units"]):
                result[chosen[b], j] = work.s[j * work.width + b]


@entry
def sum_squares(d, p, width, units_out, units_in, targets, sources, block_out, block_in, result):
    for k in range(targets.size):
        total = 0.0
        for out in range(targets[k] * block_out, min((targets[k] + 1) * block_out, units_out)):
            for source in range(sources[k] * block_in, min((sources[k] + 1) * block_in, units_in)):
                gradient = products.inner_product(d, out * width, p, source * width, width)
                total += gradient * gradient
        result[k] = total


def squared_gradients(
    d: np.ndarray,
    p: np.ndarray,
    targets: np.ndarray,
    sources: np.ndarray,
    block_out: int,
    block_in: int,
) -> np.ndarray:
    """Squares of the products of rows of `d` and `p`, summed over a block.

    In one order of summation, which a threaded BLAS does not promise.
    """
    result = np.empty(targets.size, dtype=d.dtype)
    sizes = (d.shape[1], d.shape[0], p.shape[0])
    sum_squares(d.ravel(), p.ravel(), *sizes, targets, sources, block_out, block_in, result)
    return result


def flat(array: np.ndarray) -> np.ndarray:
    """A flat view that says it could be written, of a C-ordered array that may be read-only.

    numba compiles a kernel anew for read-only arrays, such as joblib's memory maps; the
    kernels that get this view only read.
    """
    array = array.reshape(-1)
    if array.flags.writeable:
        return array

    class View:
        base = array
        __array_interface__ = {
            **array.__array_interface__,
            "data": (array.__array_interface__["data"][0], False),
        }

    return np.asarray(View())


def features(X: np.ndarray | scipy.sparse.csr_array | scipy.sparse.csr_matrix) -> Features:
    """X as the kernels take it, without a copy where possible.

    Dense X is C-ordered; the indices of sparse X are sorted in every row, and below 2**31.
    """
    if not scipy.sparse.issparse(X):
        X = np.require(X, requirements="CA")
        return Features(flat(X), np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64))
    indices = X.indices.astype(np.int32, copy=False)
    data = np.require(X.data, requirements="A")
    return Features(flat(data), flat(indices), flat(X.indptr.astype(np.int64, copy=False)))


def make_work(net: Net, batch: int, n_threads: int = 1, *, training: bool) -> Work:
    """Buffers for mini-batches of up to `batch` rows; prediction needs fewer."""
    dtype = net.weights.dtype
    width = padded(batch, dtype)
    inputs, output = net.layers[0], net.layers[-1]
    p = aligned_zeros(int(output["row"]) * width, dtype)
    grouped = inputs["group"] > 1
    x = aligned_zeros(int(inputs["n_neurons"]) * width, dtype) if grouped else p
    s_rows = int(output["units"])
    if training:
        s_rows += int(output["row"] - inputs["units"])
    dp_rows = ROWS * int(net.graphs["block_in"].max())
    return Work(
        width=width,
        x=x,
        p=p,
        s=aligned_zeros(s_rows * width, dtype),
        dp=aligned_zeros(n_threads * dp_rows * width if training else 0, dtype),
        node_gradient=np.zeros(net.nodes.size if training else 0, dtype=dtype),
        squares=np.zeros(net.graphs.size * PARTS),
        loss=np.zeros(1),
        meet=aligned_zeros(n_threads * CACHE_LINE // 8, np.int64),
        parts=aligned_zeros(3 * CACHE_LINE // 8, np.int64),
    )


def make_state(net: Net, solver: str) -> State:
    """Optimizer state of zeros; SGD has one moment only."""
    second = (net.weights, net.nodes) if solver == "adam" else (net.weights[:0], net.nodes[:0])
    return State(
        weights_1=np.zeros_like(net.weights),
        weights_2=np.zeros_like(second[0]),
        nodes_1=np.zeros_like(net.nodes),
        nodes_2=np.zeros_like(second[1]),
    )


class TrainingStep:
    """What mini-batches do to a network, in place.

    Parameters
    ----------
    net : Net
        Arrays of the network; weights and nodes are changed.
    state : State
        Optimizer state from :func:`make_state`; changed.
    batch_size : int
        Rows of a mini-batch.
    activation : {"relu", "all_relu", "identity", "tanh", "logistic"}
    out_activation : {"softmax", "logistic", "identity"}
        Of the outputs. The loss is the cross-entropy, or half the squared error for "identity".
    solver : {"adam", "sgd"}
    learning_rate, momentum, beta_1, beta_2, alpha : float
    nesterovs_momentum : bool
    dropout, label_smoothing : float in [0, 1)
    dropout_seed : int
    n_updates : int
        Mini-batches that came before, as dropout and Adam count them.
    n_jobs : int or None
        Threads; small networks stay on one.

    Attributes
    ----------
    learning_rate : float
        May be changed between calls.
    n_updates : int
    """

    def __init__(
        self,
        net: Net,
        state: State,
        *,
        batch_size: int,
        activation: str,
        out_activation: str,
        solver: str,
        learning_rate: float,
        momentum: float,
        nesterovs_momentum: bool,
        beta_1: float,
        beta_2: float,
        alpha: float,
        dropout: float,
        label_smoothing: float,
        dropout_seed: int,
        n_updates: int,
        n_jobs: int | None,
    ):
        self.net = net
        self.state = state
        self.learning_rate = learning_rate
        self.n_updates = n_updates
        self._batch_size = batch_size
        self._kind = activation_kind(activation)
        self._out = OUT_KINDS[out_activation]
        self._solver = layout.ADAM if solver == "adam" else layout.SGD
        decays = (beta_1, beta_2) if solver == "adam" else (momentum, 0.0)
        self._alpha = alpha
        self._options = (
            *map(float, decays),
            float(nesterovs_momentum),
            alpha,
            label_smoothing,
        )
        self._dropout = dropout
        self._dropout_seed = dropout_seed
        width = padded(batch_size, net.weights.dtype)
        self._team = threads.Team(threads.n_useful(n_jobs, net.weights.size * width))
        self.work = make_work(net, batch_size, self._team.size, training=True)

    def __enter__(self) -> TrainingStep:
        return self

    def __exit__(self, *exception) -> None:
        self._team.__exit__(*exception)

    @property
    def rows_at_a_time(self) -> int:
        """Rows, in whole mini-batches, between which a user may interrupt: a moment's work."""
        n_batches = max(1, MOMENT // (self.net.weights.size * self.work.width))
        return n_batches * self._batch_size

    def __call__(
        self, X: Features, y: np.ndarray, row_weights: np.ndarray, rows: np.ndarray
    ) -> float:
        """Train on some rows of X, in mini-batches.

        Parameters
        ----------
        X : Features
        y : ndarray, in the dtype of X
            The number of a class for each row where the outputs are a softmax, else a number for
            each row and output, flat.
        row_weights : ndarray, in the dtype of X
            What each row counts; 1 on average.
        rows : ndarray of int64
            Rows in the order of training.

        Returns
        -------
        loss : float
            Mean over the rows, with the L2 term.
        """
        work, team = self.work, self._team
        work.loss[:] = work.squares[:] = work.meet[:] = work.parts[:] = 0
        n_batches = -(-rows.size // self._batch_size)
        n_turns = n_batches * (2 * self.net.graphs.size + 2)
        arguments = (
            self.net,
            work,
            self.state,
            has_blocks(self.net),
            X,
            y,
            row_weights,
            rows,
            self._batch_size,
            self._kind,
            self._out,
            self._solver,
            (self.learning_rate, *self._options),
            self._dropout_seed,
            self.n_updates + 1,
            self._dropout,
        )

        def share(part):
            turn = run_turns(*arguments, 0, part, team.size)
            while turn < n_turns:
                team.give_way()
                turn = run_turns(*arguments, turn, part, team.size)

        self.n_updates += n_batches
        team.run(share)
        penalty = 0.5 * self._alpha * np.sum(work.squares)
        return float(work.loss[0] + penalty) / rows.size

    def signals(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """(d, p) of a graph on the last mini-batch, both of shape (n_units, padded batch).

        The gradient of the loss by what its output units sum up, and what its input units
        send; their product is the gradient by every possible weight.
        """
        below, above = self.net.layers[index], self.net.layers[index + 1]
        width = self.work.width
        d_row = int(above["row"] - self.net.layers[0]["units"])
        p_row = int(below["row"])
        return (
            self.work.s[d_row * width : (d_row + int(above["units"])) * width].reshape(-1, width),
            self.work.p[p_row * width : (p_row + int(below["units"])) * width].reshape(-1, width),
        )

    def squared_gradients(self, index: int, targets: np.ndarray, sources: np.ndarray) -> np.ndarray:
        """Squared gradient of the loss on the last mini-batch by possible connections.

        Those of a graph from motifs `sources` to motifs `targets`, whether they exist or not;
        for a block, the sum over its weights.
        """
        graph = self.net.graphs[index]
        block_out, block_in = int(graph["block_out"]), int(graph["block_in"])
        return squared_gradients(*self.signals(index), targets, sources, block_out, block_in)


def has_blocks(net: Net) -> bool | None:
    """None where each connection carries one number: what kernels compile, or leave out."""
    return bool(net.weights.size > net.sources.size) or None


def activation_kind(activation: str) -> int:
    """The kernels' number for an activation."""
    return {"tanh": layout.TANH, "logistic": layout.LOGISTIC}.get(activation, layout.PIECEWISE)


OUT_KINDS = {"softmax": layout.SOFTMAX, "logistic": layout.SIGMOID, "identity": layout.LINEAR}
# Multiply-adds of a moment's work, a tenth of a second or so on one thread.
MOMENT = 1_000_000_000
# Rows that one block of a prediction holds: wide enough to amortise the walk over the
# connections, narrow enough for the buffers to stay in the cache.
PREDICT_ROWS = 64


def predict(
    net: Net, activation: str, out_activation: str, X: Features, n_samples: int, n_jobs: int | None
) -> np.ndarray:
    """Output activations, shape (n_samples, n_outputs).

    Every lane of a vector is computed alike, so a row's bits do not depend on its company.
    """
    result = np.empty((n_samples, int(net.layers[-1]["units"])), dtype=net.weights.dtype)
    kind, out = activation_kind(activation), OUT_KINDS[out_activation]
    net = Net(*map(flat, net))  # a memory-mapped model would compile the kernels anew
    n_blocks = -(-n_samples // PREDICT_ROWS)
    n_threads = threads.n_useful(n_jobs, net.weights.size * n_samples)
    rows = np.arange(n_samples)

    def share(part):
        work = make_work(net, min(PREDICT_ROWS, n_samples), training=False)
        last = n_blocks * (part + 1) // team.size
        first = n_blocks * part // team.size
        while first < last:
            stop = min(last, first + max(1, MOMENT // (net.weights.size * PREDICT_ROWS)))
            chosen = rows[first * PREDICT_ROWS : stop * PREDICT_ROWS]
            predict_rows(net, work, has_blocks(net), kind, out, X, chosen, PREDICT_ROWS, result)
            first = stop

    with threads.Team(min(n_threads, n_blocks)) as team:
        team.run(share)
    return result
