"""One mini-batch: forward, loss, backward, then one update of everything."""

from __future__ import annotations

import numpy as np

from . import kernels, threads
from .jit import entry
from .kernels import CHUNK, Net, State, Work
from .simd import aligned_zeros, padded


@entry
def load_rows(X, rows, x, width, first, last):
    """Copy the features first:last of some rows of X into `x`, batch-minor, zero-padded."""
    for feature in range(first, last):
        for b in range(rows.size):
            x[feature * width + b] = X[rows[b], feature]
        for b in range(rows.size, width):
            x[feature * width + b] = 0


@entry
def run_phases(
    net,
    work,
    state,
    kind,
    solver,
    settings,
    l2,
    seed,
    update,
    rate,
    n,
    n_phases,
    first,
    last,
    part,
    n_parts,
):
    """Thread `part`'s share of the phases first:last of a training step on `n` rows.

    Between two phases all threads must meet. Phase 0 gathers the inputs, one phase for each
    layer goes forward, one takes the loss, one for each layer goes backward, and the last
    one updates all parameters.
    """
    n_graphs = net.graphs.size
    for phase in range(first, last):
        if phase == 0:
            kernels.gather_inputs(net, work, part, n_parts)
        elif phase <= n_graphs:
            kernels.forward(net, work, phase - 1, kind, seed, update, rate, True, part, n_parts)
        elif phase == n_graphs + 1:
            if part == 0:
                kernels.log_loss(net, work, n)
        elif phase < n_phases - 1:
            index = 2 * n_graphs + 1 - phase
            kernels.backward(net, work, index, kind, seed, update, rate, part, n_parts)
        else:
            update_parameters(net, work, state, solver, settings, l2, part, n_parts)


@kernels.inner
def update_parameters(net, work, state, solver, settings, l2, part, n_parts):
    zero = l2 - l2
    gradient = np.empty(work.gradient_size, net.weights.dtype)
    chunk_0 = 0
    for index in range(net.graphs.size):
        graph = net.graphs[index]
        block = graph["block_in"] * graph["block_out"]
        size = max(1, CHUNK // block)
        n_chunks = -(-graph["n_connections"] // size)
        for chunk in range(n_chunks * part // n_parts, n_chunks * (part + 1) // n_parts):
            first = chunk * size
            last = min(first + size, graph["n_connections"])
            kernels.sddmm(net, work, index, first, last, gradient)
            start = graph["weight"] + first * block
            stop = graph["weight"] + last * block
            work.squares[chunk_0 + chunk] = kernels.optimize(
                solver,
                settings,
                l2,
                net.weights[start:stop],
                gradient,
                state.weights_1[start:stop],
                state.weights_2[start:stop],
            )
        chunk_0 += n_chunks
    # Whole chunks here, too: a vector loop and its remainder need not round alike.
    n_chunks = -(-net.nodes.size // CHUNK)
    start = n_chunks * part // n_parts * CHUNK
    stop = min(n_chunks * (part + 1) // n_parts * CHUNK, net.nodes.size)
    kernels.optimize(
        solver,
        settings,
        zero,
        net.nodes[start:stop],
        work.node_gradient[start:stop],
        state.nodes_1[start:stop],
        state.nodes_2[start:stop],
    )


@entry
def predict_block(net, work, kind):
    """Class probabilities of a loaded block of rows, into s."""
    kernels.gather_inputs(net, work, 0, 1)
    for index in range(net.graphs.size):
        kernels.forward(net, work, index, kind, 0, 0, 0.0, False, 0, 1)
    output = net.layers[net.layers.size - 1]
    kernels.probabilities(work.s, output["units"], work.width)


@entry
def sum_squares(d, p, width, units_out, units_in, targets, sources, block_out, block_in, result):
    for k in range(targets.size):
        total = 0.0
        for out in range(targets[k] * block_out, min((targets[k] + 1) * block_out, units_out)):
            for source in range(sources[k] * block_in, min((sources[k] + 1) * block_in, units_in)):
                gradient = kernels.inner_product(d, out * width, p, source * width, width)
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


def make_work(net: Net, batch: int, *, training: bool) -> Work:
    """Buffers for mini-batches of up to `batch` rows; prediction needs fewer."""
    dtype = net.weights.dtype
    width = padded(batch, dtype)
    inputs, output = net.layers[0], net.layers[-1]
    p = aligned_zeros(int(output["row"]) * width, dtype)
    grouped = inputs["group"] > 1
    x = aligned_zeros(int(inputs["n_neurons"]) * width, dtype) if grouped else p
    s_rows = int(output["units"])
    n_chunks, gradient_size = 0, 0
    if training:
        s_rows += int(output["row"] - inputs["units"])
        for graph in net.graphs:
            block = int(graph["block_in"] * graph["block_out"])
            size = max(1, CHUNK // block)
            n_chunks += -(-int(graph["n_connections"]) // size)
            gradient_size = max(gradient_size, size * block)
    return Work(
        width=width,
        x=x,
        p=p,
        s=aligned_zeros(s_rows * width, dtype),
        d=aligned_zeros(s_rows * width if training else 0, dtype),
        y=np.zeros(width, dtype=np.int32),
        node_gradient=np.zeros(net.nodes.size if training else 0, dtype=dtype),
        squares=np.zeros(n_chunks, dtype=dtype),
        loss=np.zeros(1),
        gradient_size=gradient_size,
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
    """What one mini-batch does to a network, in place.

    Parameters
    ----------
    net : Net
        Arrays of the network; weights and nodes are changed.
    state : State
        Optimizer state from :func:`make_state`; changed.
    batch_size : int
        Largest number of rows of a mini-batch.
    activation : {"relu", "all_relu", "identity", "tanh", "logistic"}
    solver : {"adam", "sgd"}
    learning_rate, momentum, beta_1, beta_2, alpha : float
    nesterovs_momentum : bool
    dropout : float in [0, 1)
    dropout_seed : int
    n_jobs : int or None
        Threads; small networks stay on one.
    """

    def __init__(
        self,
        net: Net,
        state: State,
        *,
        batch_size: int,
        activation: str,
        solver: str,
        learning_rate: float,
        momentum: float,
        nesterovs_momentum: bool,
        beta_1: float,
        beta_2: float,
        alpha: float,
        dropout: float,
        dropout_seed: int,
        n_jobs: int | None,
    ):
        self.net = net
        self.state = state
        self.work = make_work(net, batch_size, training=True)
        self.n_updates = 0
        self._kind = activation_kind(activation)
        self._solver = kernels.ADAM if solver == "adam" else kernels.SGD
        self._learning_rate = learning_rate
        self._decays = (beta_1, beta_2) if solver == "adam" else (momentum, 0.0)
        self._nesterov = float(nesterovs_momentum)
        self._alpha = alpha
        self._dropout = dropout
        self._dropout_seed = dropout_seed
        # Layer 0 has a phase backward if it has gains to learn.
        self._n_phases = 2 * net.graphs.size + (3 if net.layers[0]["gain_in"] >= 0 else 2)
        self._inputs = tuple(int(net.layers[0][n]) for n in ("units", "group", "n_neurons"))
        most = net.weights.size * self.work.width // threads.WORK_PER_THREAD
        self._team = threads.Team(min(threads.n_threads(n_jobs), max(1, most)))

    def __enter__(self) -> TrainingStep:
        return self

    def __exit__(self, *exception) -> None:
        self._team.__exit__(*exception)

    def __call__(self, X: np.ndarray, y: np.ndarray, rows: np.ndarray) -> float:
        """Train on some rows of X; returns their loss, the L2 term included."""
        n = rows.size
        self.n_updates += 1
        self.work.y[:n] = y[rows]
        dtype = self.net.weights.dtype.type
        l2 = self._alpha / n
        arguments = (
            self.net,
            self.work,
            self.state,
            self._kind,
            self._solver,
            tuple(dtype(value) for value in self._settings()),
            dtype(l2),
            self._dropout_seed,
            self.n_updates,
            self._dropout,
            n,
            self._n_phases,
        )
        size = self._team.size

        def share(part):
            # The features of the units that this thread gathers: no need to meet in between.
            units, group, n_features = self._inputs
            first, last = (units * i // size * group for i in (part, part + 1))
            load_rows(X, rows, self.work.x, self.work.width, first, min(last, n_features))
            if size == 1:
                run_phases(*arguments, 0, self._n_phases, 0, 1)
                return
            for phase in range(self._n_phases):
                run_phases(*arguments, phase, phase + 1, part, size)
                self._team.barrier.wait()

        self._team.run(share)
        squares = float(np.sum(self.work.squares, dtype=np.float64))
        return float(self.work.loss[0]) + 0.5 * l2 * squares

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
            self.work.d[d_row * width : (d_row + int(above["units"])) * width].reshape(-1, width),
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

    def _settings(self):
        """What `kernels.optimize` unpacks."""
        decay_1, decay_2 = self._decays
        rate = self._learning_rate
        if self._solver == kernels.ADAM:
            t = self.n_updates
            rate *= np.sqrt(1.0 - decay_2**t) / (1.0 - decay_1**t)
        rests = (1.0 - decay_1, decay_2, 1.0 - decay_2)
        flush = (kernels.TINY, kernels.TINY_GRADIENT)
        return (rate, decay_1, *rests, *flush, self._nesterov, 1e-8)


def activation_kind(activation: str) -> int:
    """The kernels' number for an activation."""
    return {"tanh": kernels.TANH, "logistic": kernels.LOGISTIC}.get(activation, kernels.PIECEWISE)


# Rows that one block of a prediction holds: wide enough to amortise the walk over the
# connections, narrow enough for the buffers to stay in the cache.
PREDICT_ROWS = 64


def predict_proba(net: Net, activation: str, X: np.ndarray, n_jobs: int | None) -> np.ndarray:
    """Output activations, shape (n_samples, n_outputs), for C-ordered X.

    Every lane of a vector is computed alike, so a row's bits do not depend on its company.
    """
    dtype = net.weights.dtype
    n_samples = X.shape[0]
    n_outputs = int(net.layers[-1]["units"])
    result = np.empty((n_samples, n_outputs), dtype=dtype)
    kind = activation_kind(activation)
    most = net.weights.size * n_samples // threads.WORK_PER_THREAD
    size = min(threads.n_threads(n_jobs), max(1, most), -(-n_samples // PREDICT_ROWS))

    def blocks(part):
        work = make_work(net, min(PREDICT_ROWS, n_samples), training=False)
        for start in range(part * PREDICT_ROWS, n_samples, size * PREDICT_ROWS):
            rows = np.arange(start, min(start + PREDICT_ROWS, n_samples))
            load_rows(X, rows, work.x, work.width, 0, X.shape[1])
            predict_block(net, work, kind)
            scores = work.s.reshape(n_outputs, work.width)
            result[rows] = scores[:, : rows.size].T

    with threads.Team(size) as team:
        team.run(blocks)
    return result
