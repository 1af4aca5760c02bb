"""Mini-batches: forward, loss, backward and update, one compiled call for a run of them."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from . import growth, layers, stored, threads
from .activations import ACTIVATIONS
from .block_products import products_for
from .buffers import Scratch, make_stored, make_work, training_scratch
from .dropout import Dropout
from .inputs import LAID_OUT, Features, Samples
from .jit import entry
from .layout import Net, without_inputs
from .losses import OUT_ACTIVATIONS, output_loss
from .optimizers import OptimizerState, log_left, update_after
from .options import StepOptions, for_kernels
from .sharing import Share, counter, reached
from .simd import padded, publish
from .stored import STORED
from .team_size import TeamSize
from .threads import MOMENT


class Run(NamedTuple):
    """What a run of mini-batches has in common but its rows."""

    options: StepOptions
    activation: int
    out_activation: int
    learning_rate: float
    dropout_seed: int
    n_updates: int  # mini-batches that came before
    n_before: int  # those of them that belong to the same call


@entry
def run_turns(products, first_layer, net, state, work, scratch, samples, run, turn, part):
    """Thread `part`'s share of training on some rows, a mini-batch after the other.

    A mini-batch is a number of *turns*: one loads the inputs, one for each graph goes forward,
    one takes the loss, one for each graph goes backward and updates. Nobody begins a turn
    before all have finished the one before. Returns the turn that comes next: not the last
    one where another thread let this one wait for too long; the caller then gives way and
    calls again.
    """
    options, activation, n_graphs = run.options, run.activation, net.graphs.size
    batch_size, n_parts = options.batch_size, options.n_jobs
    n_turns = 2 * n_graphs + 2
    n_batches = (samples.rows.size + batch_size - 1) // batch_size
    while turn < n_batches * n_turns:
        if n_parts > 1 and not reached(work.meet, turn, n_parts):
            return turn
        # Three turns share the counters in rotation: no thread is still in the turn whose
        # counter is reset here.
        publish(work.parts, counter((turn + 1) % 3, part, n_parts), 0)
        share = Share(turn % 3, part, n_parts)
        batch = turn // n_turns
        stage = turn - batch * n_turns
        rows = samples.rows[batch * batch_size : (batch + 1) * batch_size]
        number = run.n_updates + 1 + batch
        dropout = Dropout(options.dropout, run.dropout_seed, number, work.kept)
        update = update_after(options, run.learning_rate, number, rows.size)
        decay = (run.n_before + batch) * log_left(options, run.learning_rate, batch_size)
        if stage == 0:
            first_layer.load(net, work, scratch, samples, rows, decay, share)
        elif stage <= n_graphs:
            if stage > 1 or not first_layer.forward(net, work, activation, dropout, share):
                layers.forward(products, net, work, scratch, activation, dropout, stage - 1, share)
        elif stage == n_graphs + 1:
            if part == 0:
                output_loss(
                    net, work, samples, rows, run.out_activation, options.label_smoothing,
                    scratch.rows,
                )  # fmt: skip
        elif stage < n_turns - 1 or not first_layer.backward(
            net, state, work, scratch, update, decay, share
        ):
            layers.backward(
                products, net, state, work, scratch, activation, dropout, update,
                n_turns - 1 - stage, share,
            )  # fmt: skip
        turn += 1
        if n_parts > 1:
            publish(work.meet, part * 8, turn)
    return turn


class TrainingStep:
    """What mini-batches do to a network, in place.

    Parameters
    ----------
    net : Net
        Arrays of the network; weights and nodes are changed.
    state : OptimizerState
        From :func:`new_optimizer_state`; changed.
    options : StepOptions
        Up to `n_jobs` threads work on a mini-batch, as many as make it faster.
    activation : {"relu", "all_relu", "identity", "tanh", "logistic"}
    out_activation : {"softmax", "logistic", "identity"}
        Of the outputs. The loss is the cross-entropy, or half the squared error for "identity".
    learning_rate : float
    dropout_seed : int
    n_updates : int
        Mini-batches that came before, as dropout and Adam count them.
    sparse_inputs : bool
        Whether the first layer goes by what the rows store, see ``stored``.

    Attributes
    ----------
    net : Net
    state : OptimizerState
    learning_rate : float
        May be changed between calls.
    n_updates : int
    n_threads : int
    work : Work
        The buffers, as the last mini-batch left them.
    """

    def __init__(
        self,
        net: Net,
        state: OptimizerState,
        options: StepOptions,
        *,
        activation: str,
        out_activation: str,
        learning_rate: float,
        dropout_seed: int,
        n_updates: int,
        sparse_inputs: bool = False,
    ):
        self.net = without_inputs(net) if sparse_inputs else net
        self._is_sparse = sparse_inputs
        self.state = state
        self.learning_rate = learning_rate
        self.n_updates = n_updates
        self._activation = ACTIVATIONS[activation]
        self._out_activation = OUT_ACTIVATIONS[out_activation]
        self._dropout_seed = dropout_seed
        self._options = for_kernels(options, 1)
        self._team = threads.Team(threads.n_to_train(options.n_jobs, self._work_of_a_batch))
        self._team_size = TeamSize(self._team.size, self._batches_at_a_time)
        self.work = make_work(self.net, options.batch_size, self._team.size, is_training=True)

    def __enter__(self) -> TrainingStep:
        return self

    def __exit__(self, *exception: object) -> None:
        self._team.__exit__(*exception)

    @property
    def n_threads(self) -> int:
        """Threads that the next mini-batches run on, where no other number is being tried."""
        return self._team_size.size

    @property
    def rows_at_a_time(self) -> int:
        """Rows, in whole mini-batches, between which a user may interrupt: a moment's work."""
        return self._batches_at_a_time * self._options.batch_size

    @property
    def _batches_at_a_time(self) -> int:
        return max(1, MOMENT // self._work_of_a_batch)

    @property
    def _work_of_a_batch(self) -> int:
        """Multiply-adds of one product of a mini-batch, or about as many."""
        a_row = stored.work_of_row(self.net) if self._is_sparse else self.net.weights.size
        return a_row * padded(self._options.batch_size, self.net.weights.dtype)

    def __call__(
        self, X: Features, y: np.ndarray, row_weights: np.ndarray, rows: np.ndarray
    ) -> float:
        """Train on some rows of X, in mini-batches.

        Parameters
        ----------
        X : Features
            In CSR format with `sparse_inputs`.
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
        if self._is_sparse:
            self._make_room(X, rows)
        work, batch_size = self.work, self._options.batch_size
        work.loss[:] = work.squares[:] = 0
        first, n_batches = 0, -(-rows.size // batch_size)
        squares, n_updates = 0.0, self.n_updates
        n_parts = self._team.size
        scratch = [training_scratch(self.net, self.work, i, n_parts) for i in range(n_parts)]
        try:
            while first < n_batches:
                size, n = self._team_size.next_run(n_batches - first)
                chosen = rows[first * batch_size : (first + n) * batch_size]
                seconds = self._run(Samples(X, y, row_weights, chosen), scratch, first, n, size)
                self._team_size.note(n, seconds)
                first += n
        finally:  # Ctrl-C, too, leaves a network that is up to date
            if self._is_sparse:
                n_done = self.n_updates - n_updates
                squares = n_done * self._catch_up(min(n_done * batch_size, rows.size))
        penalty = 0.5 * self._options.alpha * (squares + np.sum(work.squares))
        return float(work.loss[0] + penalty) / rows.size

    def _run(
        self, samples: Samples, scratch: list[Scratch], n_before: int, n_batches: int, size: int
    ) -> float:
        """Train on some rows, which are so many mini-batches of a call, on `size` threads.

        Returns the seconds that it took since the last of the threads began: a thread that has
        slept wakes up late, which counts in a short run and does not in a long one.
        """
        net, work, team = self.net, self.work, self._team
        work.meet[:] = work.parts[:] = 0
        n_turns = n_batches * (2 * net.graphs.size + 2)
        run = Run(
            self._options._replace(n_jobs=size),
            self._activation,
            self._out_activation,
            float(self.learning_rate),
            self._dropout_seed,
            self.n_updates,
            n_before,
        )
        before = products_for(net), STORED if self._is_sparse else LAID_OUT, net, self.state, work
        starts = []

        def share(part: int) -> None:
            arguments = *before, scratch[part], samples, run
            starts.append(time.perf_counter())
            turn = run_turns(*arguments, 0, part)
            while turn < n_turns:
                team.give_way()
                turn = run_turns(*arguments, turn, part)

        self.n_updates += n_batches
        team.run(share, size)
        return time.perf_counter() - max(starts)

    def _make_room(self, X: Features, rows: np.ndarray) -> None:
        """Let the buffers hold whatever a mini-batch of some sparse rows stores."""
        lengths = X.indptr[rows + 1] - X.indptr[rows]
        starts = np.arange(0, rows.size, self._options.batch_size)
        maximum = int(np.add.reduceat(lengths, starts).max())
        if maximum > self.work.stored.values.size or not self.work.stored.slots.size:
            n_inputs = int(self.net.graphs[0]["motifs_in"])
            room = make_stored(self.net.weights.dtype, n_inputs, maximum)
            self.work = self.work._replace(stored=room)

    def _catch_up(self, n_rows: int) -> float:
        """Bring the weights of all columns up to the end of a call; the sum of their squares."""
        return stored.catch_up(
            self.net, self.work.stored, self._options, float(self.learning_rate), n_rows
        )

    def signals(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """(d, p) of a graph on the last mini-batch, both of shape (n_units, padded batch).

        The gradient of the loss by what its output units sum up, and what its input units
        send; their product is the gradient by every possible weight. With `sparse_inputs` nothing
        is kept of what the inputs send.
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
        if self._is_sparse and index == 0:
            result = np.empty(targets.size, dtype=self.net.weights.dtype)
            stored.squared_gradients(self.net, self.work, targets, sources, result)
            return result
        graph = self.net.graphs[index]
        block_out, block_in = int(graph["block_out"]), int(graph["block_in"])
        return growth.squared_gradients(*self.signals(index), targets, sources, block_out, block_in)
