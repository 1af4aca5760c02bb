"""MotifNetwork: the arrays of a sparse network, copies of them, and its doors to the engine."""

from __future__ import annotations

import copy

import numpy as np
import scipy.sparse
from numpy.typing import DTypeLike

from .. import engine
from . import export, initialization, topology
from .inputs import Inputs, Rows, blocks
from .layout import WIRES, Layout, sizes_of_motifs
from .outputs import Outputs
from .windows import image_windows, window_keys

# New connections of an input of sparse rows go by this power of how often it occurs.
OCCURRENCE_POWER = 0.25
# Numbers of inputs that a prediction makes at a time.
PREDICTED_NUMBERS = 1 << 23


class MotifNetwork(Layout):
    """A sparse multilayer perceptron whose neurons share connections in motifs.

    The object holds arrays and builtins only: where they begin is in ``layout``, what they
    start with in ``initialization``.

    Parameters
    ----------
    layer_sizes : tuple of int
        Neurons of each layer, from the input features to the outputs.
    motif_size : int
        Neurons of a motif in the hidden layers, until it is split.
    epsilon : float
        SET's density.
    weight_sharing : {"scaled", "tied", "none"}
    activation : {"relu", "all_relu", "tanh", "logistic", "identity"}
        Of the hidden layers.
    out_activation : {"softmax", "logistic", "identity"}
        Of the outputs.
    group_features : bool
        Whether the input features form motifs, too.
    dtype : numpy dtype
        float32 or float64.
    wiring, values : numpy.random.Generator
        Streams for the connections and for the initial weights.
    feature_shape : tuple of int, optional
        Shape of the image that the features are. The first hidden layer is then wired in
        windows.
    inputs : Inputs, optional
        How the first layer comes from X; the columns of X, unless given.
    occurrences : ndarray of float64, shape (n_inputs,), optional
        How often each input is other than 0 in sparse rows. The first layer then goes by what rows
        store, its inputs form no motifs, and those that occur more often get more connections.

    Attributes
    ----------
    inputs : Inputs
    outputs : Outputs
        What the sums of the last layer stand for.
    windows : ndarray of int32, shape (n_motifs, 4), or None
        The part of the image that each motif of the first hidden layer looks at (see
        ``windows.image_windows``); None: all of it.

    Raises
    ------
    ValueError
        When `epsilon` leaves two layers without any connection.
    """

    outputs: Outputs
    occurrences: np.ndarray | None = None
    windows: np.ndarray | None = None
    feature_shape: tuple[int, ...]

    def __init__(
        self,
        layer_sizes: tuple[int, ...],
        *,
        motif_size: int,
        epsilon: float,
        weight_sharing: str,
        activation: str,
        out_activation: str,
        group_features: bool,
        dtype: DTypeLike,
        wiring: np.random.Generator,
        values: np.random.Generator,
        feature_shape: tuple[int, ...] | None = None,
        inputs: Inputs | None = None,
        occurrences: np.ndarray | None = None,
    ):
        self.inputs = Inputs.plain(layer_sizes[0]) if inputs is None else inputs
        self.outputs = Outputs(out_activation, np.dtype(dtype).name)
        self.layer_sizes = tuple(layer_sizes)
        self.motif_size = motif_size
        self.weight_sharing = weight_sharing
        self.activation = activation
        self.motif_sizes = sizes_of_motifs(layer_sizes, motif_size, group_features)
        self.lay_out_layers()
        self.nodes = initialization.initial_nodes(self, dtype)
        counts, motifs = self.n_connections_by(epsilon), self.n_motifs()
        if 0 in counts:
            index = counts.index(0)
            raise ValueError(
                f"epsilon={epsilon} leaves no connection between layer {index} and layer "
                f"{index + 1} ({motifs[index]} and {motifs[index + 1]} motifs); it "
                "must be greater."
            )
        self.lay_out_graphs(counts, dtype)
        # Outputs look at everything.
        if feature_shape is not None and len(counts) > 1:
            self.feature_shape = tuple(feature_shape)
            self.windows = image_windows(feature_shape, self.motif_sizes[0], motifs[1], counts[0])
        if occurrences is not None:
            self.occurrences = occurrences
        for index, count in enumerate(counts):
            allowed = self.allowed_keys(index)
            population = motifs[index] * motifs[index + 1] if allowed is None else allowed.size
            shares = self.shares(index) if allowed is None else None
            keys = topology.sample_keys(population, count, wiring, shares=shares)
            self.set_keys(index, keys if allowed is None else allowed[keys])
            # Outputs start at their biases: what random ones add stays where rows are few.
            if index < len(counts) - 1:
                initialization.draw_weights(self, index, values)

    def __getstate__(self) -> dict:
        parts = {"inputs": vars(self.inputs), "outputs": vars(self.outputs)}
        return {**vars(self), **{name: dict(part) for name, part in parts.items()}}

    def __setstate__(self, state: dict) -> None:
        state = dict(state)
        if "inputs" not in state:  # a network of version 0.1.0
            n_columns = state.pop("_n_columns", state["layer_sizes"][0])
            state["inputs"] = vars(Inputs.plain(n_columns, state.pop("columns", None)))
            dtype = state["weights"].dtype.name
            state["outputs"] = {"activation": state.pop("out_activation"), "dtype": dtype}
            # Its size was that of its motifs for ever.
            state.setdefault("motif_size", max(state["motif_sizes"]))
        state["inputs"], state["outputs"] = Inputs(**state["inputs"]), Outputs(**state["outputs"])
        vars(self).update(state)

    @property
    def net(self) -> engine.Net:
        """The arrays as the kernels take them."""
        return engine.Net(*(getattr(self, name) for name in engine.Net._fields))

    @property
    def n_connections(self) -> int:
        """Connections of all motif graphs."""
        return self.sources.size

    @property
    def n_parameters(self) -> int:
        """Learned numbers: weights, biases and gains."""
        n_unused = sum(self.n_unused(index) for index in range(self.graphs.size))
        return self.weights.size - n_unused + self.nodes.size

    @property
    def density(self) -> float:
        """Connections over all cells of the motif graphs."""
        return self.n_connections / float(
            np.sum(self.graphs["motifs_in"] * self.graphs["motifs_out"])
        )

    def copy(self) -> MotifNetwork:
        """A network with arrays of its own."""
        return copy.deepcopy(self)

    def restore(self, other: MotifNetwork) -> None:
        """Take over the state of a copy of this network, which may have been split since."""
        vars(self).update(vars(other.copy()))

    def rebuilt(self, motif_size: int, keys: list[np.ndarray]) -> MotifNetwork:
        """A network of the same neurons in motifs of another size, wired by other keys.

        Biases and gains are as at the start, weights zero. `keys` are sorted, for each graph.
        """
        network = copy.copy(self)
        network.motif_size = motif_size
        # What is not grouped has size 1 and keeps it.
        network.motif_sizes = tuple(min(motif_size, size) for size in self.motif_sizes)
        if self.windows is not None:
            # Parts look where their motif did.
            first_neurons = np.arange(0, self.layer_sizes[1], network.motif_sizes[1])
            network.windows = self.windows[first_neurons // self.motif_sizes[1]]
        network.lay_out_layers()
        network.nodes = initialization.initial_nodes(network, self.nodes.dtype)
        network.lay_out_graphs([part.size for part in keys], self.weights.dtype)
        for index, part in enumerate(keys):
            network.set_keys(index, part)
        return network

    @property
    def out_activation(self) -> str:
        """Activation of the outputs."""
        return self.outputs.activation

    @property
    def n_columns(self) -> int:
        """Columns of X."""
        return self.inputs.n_columns

    def features(self, X: Rows) -> engine.Features:
        """X, as `inputs_of` takes it, as the engine takes it."""
        return engine.features(self.inputs_of(X))

    def inputs_of(self, X: Rows) -> Rows:
        """The inputs of rows: the one door of training and prediction.

        X is dense, with categories as codes, or in CSR format with sorted indices.

        Raises
        ------
        ValueError
            When X has another number of columns than the network.
        """
        if X.shape[1] != self.n_columns:
            raise ValueError(f"X has {X.shape[1]} features, the network {self.n_columns}.")
        rows = self.inputs.of(X, self.weights.dtype)
        if self.sparse_inputs and isinstance(rows, np.ndarray):
            return scipy.sparse.csr_array(rows)
        return rows

    def scores(self, X: Rows, n_jobs: int | None = None) -> np.ndarray:
        """Sums of the last layer, shape (n_samples, n_outputs), of an X that `features` takes.

        They have the dtype of the outputs.
        """
        if self.inputs.is_plain:  # made of X without a copy, or one of its size
            return self.scores_of(self.features(X), X.shape[0], n_jobs)
        scores = np.empty((X.shape[0], self.layer_sizes[-1]), dtype=self.outputs.dtype)
        for rows in blocks(X.shape[0], self.inputs.numbers_a_row, PREDICTED_NUMBERS):
            some = X[rows]
            scores[rows] = self.scores_of(self.features(some), some.shape[0], n_jobs)
        return scores

    def scores_of(
        self, features: engine.Features, n_samples: int, n_jobs: int | None = None
    ) -> np.ndarray:
        """Sums of the last layer, shape (n_samples, n_outputs), of what `features` gave."""
        scores = engine.predict(
            self.net,
            self.activation,
            features,
            n_samples,
            n_jobs,
            sparse_inputs=self.sparse_inputs,
        )
        return self.outputs.sums(scores)

    def predict(self, X: Rows, n_jobs: int | None = None) -> np.ndarray:
        """Outputs, shape (n_samples, n_outputs), of an X that `features` takes."""
        return self.outputs.of(self.scores(X, n_jobs))

    def new_optimizer_state(self, solver: str) -> engine.OptimizerState:
        """Optimizer state of zeros for this network, for "adam" or "sgd"."""
        return engine.new_optimizer_state(self.net, solver)

    def training_step(
        self,
        state: engine.OptimizerState,
        options: engine.StepOptions,
        *,
        learning_rate: float,
        dropout_seed: int,
        n_updates: int,
    ) -> engine.TrainingStep:
        """What mini-batches do to this network, in place.

        Parameters
        ----------
        state : engine.OptimizerState
            Optimizer state from :meth:`new_optimizer_state`; changed.
        options : engine.StepOptions
        learning_rate : float
        dropout_seed : int
        n_updates : int
            Mini-batches that came before, as dropout and Adam count them.
        """
        return engine.TrainingStep(
            self.net,
            state,
            options,
            activation=self.activation,
            out_activation=self.out_activation,
            learning_rate=learning_rate,
            dropout_seed=dropout_seed,
            n_updates=n_updates,
            sparse_inputs=self.sparse_inputs,
        )

    def change_targets(self, means: np.ndarray, scales: np.ndarray) -> None:
        """Take other means and scales of targets, and go on predicting the same."""
        last, ratios = len(self.layer_sizes) - 1, 1.0
        biases = self.layer_nodes(last, "bias")
        if self.outputs.scales is not None and self.outputs.means is not None:
            ratios = self.outputs.scales / scales
            biases[:] = (self.outputs.means - means) / scales + ratios * biases
            targets = self.targets_of(last - 1)
            self.graph_weights(last - 1)[:] *= ratios[targets][:, None, None]
        self.outputs = self.outputs.with_targets(means, scales)

    def allowed_keys(self, index: int) -> np.ndarray | None:
        """Sorted keys of the cells where a graph may grow connections; None: everywhere."""
        if index > 0 or self.windows is None:
            return None
        return window_keys(self.windows, self.feature_shape, self.motif_sizes[0])

    def shares(self, index: int) -> np.ndarray | None:
        """Share of new connections that each input motif of a graph gets; None: equal ones."""
        if index > 0 or self.occurrences is None:
            return None
        shares = self.occurrences**OCCURRENCE_POWER
        return shares / shares.sum() if shares.any() else None

    @property
    def sparse_inputs(self) -> bool:
        """Whether the first layer goes by what rows store, whatever rows come."""
        return self.occurrences is not None

    def vacant(self, index: int, keys: np.ndarray) -> np.ndarray:
        """Which of some sorted keys are no connection of a graph."""
        motifs_out = int(self.graphs[index]["motifs_out"])
        return engine.vacant(
            self.part("indptr", index), self.part("targets", index), motifs_out, keys
        )

    def rewire(
        self, index: int, pruned: np.ndarray, grown: np.ndarray, state: engine.OptimizerState
    ) -> None:
        """Replace connections of a graph by as many others, with weights and state of zero.

        All in one compiled call: Ctrl-C comes before or after it.

        Parameters
        ----------
        index : int
        pruned : ndarray of bool
            Which connections go.
        grown : ndarray of int64
            Sorted keys of vacant cells.
        state : engine.OptimizerState
            Optimizer state, changed alike.
        """
        wires = tuple(self.part(name, index) for name in WIRES)
        values = tuple(
            self.graph_weights(index, array).reshape(-1) if array.size else array
            for array in (self.weights, state.weights_1, state.weights_2)
        )
        engine.rewire(wires, values, pruned, grown)

    def importance(self, index: int) -> np.ndarray:
        """What prunes a graph's connections: the size of the weights that they stand for.

        In "scaled" mode a weight counts with the Euclidean norms of its motifs' gains; a block
        counts by its Frobenius norm.
        """
        weights = self.graph_weights(index)
        if weights[0].size > 1:
            return np.sqrt(np.einsum("kij,kij->k", weights, weights))
        importance = np.abs(weights.ravel())
        if self.layers[index]["gain_in"] >= 0:
            norms = self._gain_norms(index, "gain_in")
            importance *= np.repeat(norms, np.diff(self.part("indptr", index)))
        if self.layers[index + 1]["gain_out"] >= 0:
            importance *= self._gain_norms(index + 1, "gain_out")[self.targets_of(index)]
        return importance

    def _gain_norms(self, i: int, name: str) -> np.ndarray:
        """Euclidean norm of the gains of each motif of a layer."""
        layer, gains = self.layers[i], self.layer_nodes(i, name)
        return np.sqrt(np.add.reduceat(gains**2, np.arange(layer["units"]) * layer["group"]))

    def coefs(self) -> list[scipy.sparse.csr_array]:
        """Weights between neurons, a CSR array of shape (n_in, n_out) for each graph.

        A connection has an entry for each pair of neurons that it joins, so that this takes up
        to the square of the motif size times the memory of the network.
        """
        return [export.coefs(self, index) for index in range(self.graphs.size)]

    def intercepts(self) -> list[np.ndarray]:
        """Biases of the neurons of each layer after the first."""
        return [export.intercepts(self, i) for i in range(1, len(self.layer_sizes))]

    def input_degrees(self) -> np.ndarray:
        """Connections of the inputs of each column of X, shape (n_columns,), int32."""
        return self.inputs.by_column(export.input_degrees(self))

    def input_strengths(self) -> np.ndarray:
        """Sum of the absolute weights that leave the inputs of each column of X, (n_columns,)."""
        return self.inputs.by_column(export.input_strengths(self))
