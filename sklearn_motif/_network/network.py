"""MotifNetwork: the layers of a sparse network as flat arrays."""

from __future__ import annotations

import copy
import itertools

import numpy as np
import scipy.sparse

from .. import engine
from . import topology

# Arrays of a graph's connections: by input motif, then by output motif.
WIRES = ("indptr", "targets", "indptr_t", "sources", "places")
# Slope of all_relu left of zero; its sign alternates from layer to layer.
ALL_RELU_SLOPE = 0.6
# Half of He's: what a network starts with stays in it where rows are few.
INITIAL_SCALE = 0.5 * np.sqrt(2.0)


class MotifNetwork:
    """A sparse multilayer perceptron whose neurons share connections in motifs.

    All layers lie in the same flat arrays, in the order in which the kernels walk them;
    `layers` and `graphs` are the tables that say where each begins (see
    ``sklearn_motif.engine.layout``). The object holds arrays and builtins only.

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

    Attributes
    ----------
    windows : ndarray of int32, shape (n_motifs, 4), or None
        The part of the image that each motif of the first hidden layer looks at (see
        ``topology.image_windows``); None: all of it.
    columns : ndarray of int64 or None
        Columns of X that are the input features, sorted; None: all.
    """

    columns: np.ndarray | None = None
    windows: np.ndarray | None = None

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
        dtype,
        wiring: np.random.Generator,
        values: np.random.Generator,
        feature_shape: tuple[int, ...] | None = None,
    ):
        self.layer_sizes = tuple(layer_sizes)
        self.motif_size = motif_size
        self.weight_sharing = weight_sharing
        self.activation = activation
        self.out_activation = out_activation
        last = len(layer_sizes) - 1
        self.motif_sizes = tuple(
            min(motif_size, size) if 0 < i < last or (i == 0 and group_features) else 1
            for i, size in enumerate(layer_sizes)
        )
        self._lay_out_layers(dtype)
        counts = self.n_connections_by(epsilon)
        if 0 in counts:
            index = counts.index(0)
            raise ValueError(
                f"epsilon={epsilon} leaves no connection between layer {index} and layer "
                f"{index + 1} ({self._n_motifs(index)} and {self._n_motifs(index + 1)} motifs); it "
                "must be greater."
            )
        self._lay_out_graphs(counts, dtype)
        # Outputs look at everything.
        if feature_shape is not None and last > 1:
            self.feature_shape = tuple(feature_shape)
            self.windows = topology.image_windows(
                feature_shape, self.motif_sizes[0], self._n_motifs(1), counts[0]
            )
        for index in range(last):
            graph, places = self.graphs[index], self.places_in_windows(index)
            population = graph["motifs_in"] * graph["motifs_out"] if places is None else places.size
            keys = topology.sample_keys(int(population), int(graph["n_connections"]), wiring)
            self._set_keys(index, keys if places is None else places[keys])
            # Outputs start at their biases: what random ones add stays where rows are few.
            if index < last - 1:
                self._draw_weights(index, values)

    def __setstate__(self, state):
        # Networks were saved without it while its size was that of their motifs for ever.
        vars(self).update({"motif_size": max(state["motif_sizes"]), **state})

    def _lay_out_layers(self, dtype):
        """Fill the table of layers, and `nodes` with the initial biases and gains."""
        sharing = self.weight_sharing
        self.layers = np.zeros(len(self.layer_sizes), dtype=engine.LAYER)
        nodes = [np.empty(0)]
        row, node = 0, 0

        def append(values):
            nonlocal node
            nodes.append(values)
            node += values.size
            return node - values.size

        for i, (size, motif) in enumerate(zip(self.layer_sizes, self.motif_sizes, strict=True)):
            layer = self.layers[i]
            lengths = topology.motif_lengths(size, motif)
            pooled = sharing == "tied" and i > 0
            layer["units"] = size if sharing == "none" else lengths.size
            layer["row"] = row
            layer["n_neurons"] = lengths.size if pooled else size
            layer["group"] = 1 if sharing == "none" or pooled else motif
            learned = sharing == "scaled" and motif > 1
            biases = np.zeros(layer["n_neurons"] if i > 0 else 0)
            layer["gain_out"] = layer["gain_in"] = -1
            if learned:
                layer["gain_in"] = append(np.repeat(1.0 / lengths, lengths))
            if learned and i > 0:
                biases, gains_out = _tell_apart(size, motif)
                layer["gain_out"] = append(gains_out)
            layer["bias"] = append(biases)
            layer["slope"] = _slope(self.activation, i)
            row += int(layer["units"])
        self.nodes = np.concatenate(nodes).astype(dtype)

    def _n_motifs(self, i):
        return topology.n_motifs(self.layer_sizes[i], self.motif_sizes[i])

    def n_connections_by(self, epsilon: float) -> list[int]:
        """SET's number of connections of each motif graph."""
        motifs = list(map(self._n_motifs, range(len(self.layer_sizes))))
        return [topology.n_connections(*pair, epsilon) for pair in itertools.pairwise(motifs)]

    def _lay_out_graphs(self, counts, dtype):
        """Fill the table of motif graphs and allocate the arrays of their connections."""
        self.graphs = np.zeros(len(self.layer_sizes) - 1, dtype=engine.GRAPH)
        ends = dict.fromkeys(("connection", "weight", "indptr", "indptr_t"), 0)
        for i, (graph, count) in enumerate(zip(self.graphs, counts, strict=True)):
            graph["motifs_in"], graph["motifs_out"] = self._n_motifs(i), self._n_motifs(i + 1)
            free = self.weight_sharing == "none"
            graph["block_in"] = self.motif_sizes[i] if free else 1
            graph["block_out"] = self.motif_sizes[i + 1] if free else 1
            graph["n_connections"] = count
            for name, length in (
                ("connection", count),
                ("weight", count * int(graph["block_in"] * graph["block_out"])),
                ("indptr", int(graph["motifs_in"]) + 1),
                ("indptr_t", int(graph["motifs_out"]) + 1),
            ):
                graph[name] = ends[name]
                ends[name] += length
        self.indptr = np.zeros(ends["indptr"], dtype=np.int64)
        self.indptr_t = np.zeros(ends["indptr_t"], dtype=np.int64)
        self.sources = np.zeros(ends["connection"], dtype=np.int32)
        self.targets = np.zeros(ends["connection"], dtype=np.int32)
        self.places = np.zeros(ends["connection"], dtype=np.int32)
        self.weights = np.zeros(ends["weight"], dtype=dtype)

    def read_only(self, columns: np.ndarray, n_columns: int) -> None:
        """Take the input features from some columns of X, which has `n_columns`."""
        self.columns, self._n_columns = columns, n_columns

    @property
    def n_columns(self) -> int:
        """Columns of X, those included that are not read."""
        return self.layer_sizes[0] if self.columns is None else self._n_columns

    def inputs(self, X):
        """The columns of X that are input features."""
        return X if self.columns is None else X[:, self.columns]

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
        n_unused = sum(self._n_unused(i) for i in range(self.graphs.size))
        return self.weights.size - n_unused + self.nodes.size

    @property
    def density(self) -> float:
        """Connections over all places of the motif graphs."""
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
        network._lay_out_layers(self.weights.dtype)
        network._lay_out_graphs([part.size for part in keys], self.weights.dtype)
        for index, part in enumerate(keys):
            network._set_keys(index, part)
        return network

    def predict(
        self, X: np.ndarray | scipy.sparse.csr_array, n_jobs: int | None = None
    ) -> np.ndarray:
        """Output activations, shape (n_samples, n_outputs).

        X is in the dtype of the network; dense in C order and aligned, or in CSR format with
        sorted indices.
        """
        if X.shape[1] != self.n_columns:
            raise ValueError(f"X has {X.shape[1]} features, the network {self.n_columns}.")
        features = engine.features(self.inputs(X))
        return engine.predict(
            self.net, self.activation, self.out_activation, features, X.shape[0], n_jobs
        )

    def graph_weights(self, index: int, values: np.ndarray | None = None) -> np.ndarray:
        """View of a graph's weights, shape (n_connections, block_in, block_out).

        `values` may be another array that is laid out as the weights are, such as optimizer
        state.
        """
        graph = self.graphs[index]
        shape = tuple(int(graph[name]) for name in ("n_connections", "block_in", "block_out"))
        start = int(graph["weight"])
        values = self.weights if values is None else values
        return values[start : start + shape[0] * shape[1] * shape[2]].reshape(shape)

    def keys(self, index: int) -> np.ndarray:
        """Sorted keys of a graph's connections (see ``_topology``)."""
        return self.sources_in_order(index) * self.graphs[index]["motifs_out"] + self.targets_of(
            index
        )

    def sources_in_order(self, index: int) -> np.ndarray:
        """Input motif of each connection of a graph, in the order of its weights."""
        indptr = self._part("indptr", index)
        return np.repeat(np.arange(indptr.size - 1), np.diff(indptr))

    def targets_of(self, index: int) -> np.ndarray:
        """Output motif of each connection of a graph, in the order of its weights."""
        return self._part("targets", index)

    def _set_keys(self, index, keys):
        """Wire a graph by sorted keys, as many as it has connections."""
        graph = self.graphs[index]
        motifs_out = int(graph["motifs_out"])
        starts = np.arange(int(graph["motifs_in"]) + 1) * motifs_out
        self._part("indptr", index)[:] = np.searchsorted(keys, starts)
        np.remainder(keys, motifs_out, out=self._part("targets", index), casting="unsafe")
        self._order_by_target(index)

    def _order_by_target(self, index):
        engine.transpose(*(self._part(name, index) for name in WIRES))

    def places_in_windows(self, index: int) -> np.ndarray | None:
        """Sorted keys of the places where a graph may grow connections; None: everywhere."""
        if index > 0 or self.windows is None:
            return None
        return topology.window_keys(self.windows, self.feature_shape, self.motif_sizes[0])

    def vacant(self, index: int, keys: np.ndarray) -> np.ndarray:
        """Which of some sorted keys are no connection of a graph."""
        motifs_out = int(self.graphs[index]["motifs_out"])
        return engine.vacant(
            self._part("indptr", index), self._part("targets", index), motifs_out, keys
        )

    def rewire(
        self, index: int, pruned: np.ndarray, grown: np.ndarray, state: engine.OptimizerState
    ):
        """Replace connections of a graph by as many others, with weights and state of zero.

        All in one compiled call: Ctrl-C comes before or after it.

        Parameters
        ----------
        index : int
        pruned : ndarray of bool
            Which connections go.
        grown : ndarray of int64
            Sorted keys of vacant places.
        state : engine.OptimizerState
            Optimizer state, changed alike.
        """
        wires = (self._part(name, index) for name in WIRES)
        values = (
            self.graph_weights(index, array).reshape(pruned.size, -1)
            if array.size
            else array.reshape(0, 0)
            for array in (self.weights, state.weights_1, state.weights_2)
        )
        engine.rewire(*wires, *values, pruned, grown)

    def _draw_weights(self, index, values):
        """Normal weights, by the real fan-in of each output motif."""
        graph = self.graphs[index]
        # A unit of an output motif has all the inputs that its others have; the last input
        # motif may have fewer units than a block has rows.
        fan_in = np.diff(self._part("indptr_t", index)) * graph["block_in"]
        last = int(self._part("indptr", index)[-2])
        fan_in[self.targets_of(index)[last:]] -= self._missing(index)[0]
        scale = (INITIAL_SCALE / np.sqrt(np.maximum(fan_in, 1))).astype(self.weights.dtype)
        weights = self.graph_weights(index)
        values.standard_normal(dtype=weights.dtype, out=weights)
        weights *= scale[self.targets_of(index)][:, None, None]
        self._clear_unused(index)

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
            importance *= np.repeat(norms, np.diff(self._part("indptr", index)))
        if self.layers[index + 1]["gain_out"] >= 0:
            importance *= self._gain_norms(index + 1, "gain_out")[self.targets_of(index)]
        return importance

    def _gain_norms(self, i, name):
        layer = self.layers[i]
        gains = self.nodes[layer[name] : layer[name] + layer["n_neurons"]]
        return np.sqrt(np.add.reduceat(gains**2, np.arange(layer["units"]) * layer["group"]))

    def set_output_biases(self, values: np.ndarray) -> None:
        """Where the outputs start from."""
        output = self.layers[-1]
        self.nodes[output["bias"] : output["bias"] + output["n_neurons"]] = values

    def input_degrees(self) -> np.ndarray:
        """Connections of each column of X, shape (n_columns,), int32."""
        degrees = np.diff(self._part("indptr", 0)).astype(np.int32)
        return self._by_column(np.repeat(degrees, self._lengths(0)))

    def _by_column(self, values):
        """Values of the input features for all columns of X: 0 for those that are not read."""
        if self.columns is None:
            return values
        spread = np.zeros(self.n_columns, dtype=values.dtype)
        spread[self.columns] = values
        return spread

    def input_strengths(self) -> np.ndarray:
        """Sum of the absolute weights that leave each column of X, shape (n_columns,).

        The row sums of ``abs(coefs()[0])``, in time and memory O(connections).
        """
        weights, h = np.abs(self.graph_weights(0)), self.targets_of(0)
        if self.weight_sharing == "none":
            strengths = weights.sum(axis=2)
        else:
            first = np.arange(self._lengths(1).size) * self.motif_sizes[1]
            strengths = (
                weights[:, :, 0] * np.add.reduceat(np.abs(self._gains_out(1)), first)[h, None]
            )
        sums = np.zeros((self._lengths(0).size, strengths.shape[1]), dtype=np.float64)
        np.add.at(sums, self.sources_in_order(0), strengths)
        if self.weight_sharing == "none":
            return self._by_column(sums.ravel()[: self.layer_sizes[0]])
        return self._by_column(np.repeat(sums[:, 0], self._lengths(0)) * np.abs(self._gains_in(0)))

    def coefs(self) -> list[scipy.sparse.csr_array]:
        """Weights between neurons, a CSR array of shape (n_in, n_out) for each graph.

        A connection has an entry for each pair of neurons that it joins, so that this takes up
        to the square of the motif size times the memory of the network.
        """
        return [self._coefs(index) for index in range(self.graphs.size)]

    def _coefs(self, index):
        g, h = self.sources_in_order(index), self.targets_of(index)
        n_in, n_out = self._lengths(index)[g], self._lengths(index + 1)[h]
        k = np.repeat(np.arange(h.size), n_in * n_out)
        pair = np.arange(k.size) - np.repeat(np.cumsum(n_in * n_out) - n_in * n_out, n_in * n_out)
        i, j = np.divmod(pair, n_out[k])
        rows = g[k] * self.motif_sizes[index] + i
        columns = h[k] * self.motif_sizes[index + 1] + j
        weights = self.graph_weights(index)
        block = (i, j) if self.weight_sharing == "none" else (0, 0)
        values = (
            weights[k, *block] * self._gains_in(index)[rows] * self._gains_out(index + 1)[columns]
        )
        n_rows, n_columns = self.layer_sizes[index : index + 2]
        if index == 0 and self.columns is not None:
            rows, n_rows = self.columns[rows], self.n_columns
        coefs = scipy.sparse.csr_array((values, (rows, columns)), shape=(n_rows, n_columns))
        coefs.sort_indices()
        return coefs

    def _gains_in(self, i):
        """What each neuron of a layer counts in its motif."""
        start = self.layers[i]["gain_in"]
        if start >= 0:
            return self.nodes[start : start + self.layer_sizes[i]]
        if self.weight_sharing == "none":
            return np.ones(self.layer_sizes[i], dtype=self.nodes.dtype)
        return np.repeat(1.0 / self._lengths(i), self._lengths(i)).astype(self.nodes.dtype)

    def _gains_out(self, i):
        start = self.layers[i]["gain_out"]
        if start >= 0:
            return self.nodes[start : start + self.layer_sizes[i]]
        return np.ones(self.layer_sizes[i], dtype=self.nodes.dtype)

    def intercepts(self) -> list[np.ndarray]:
        """Biases of the neurons of each layer after the first."""
        intercepts = []
        for i in range(1, len(self.layer_sizes)):
            layer = self.layers[i]
            biases = self.nodes[layer["bias"] : layer["bias"] + layer["n_neurons"]]
            if layer["n_neurons"] < self.layer_sizes[i]:
                biases = np.repeat(biases, self._lengths(i))
            intercepts.append(biases.copy())
        return intercepts

    def _lengths(self, i):
        return topology.motif_lengths(self.layer_sizes[i], self.motif_sizes[i])

    def _missing(self, index):
        """Rows and columns that a block of the last input or output motif does not use."""
        graph = self.graphs[index]
        return (
            int(-self.layers[index]["units"] % graph["block_in"]),
            int(-self.layers[index + 1]["units"] % graph["block_out"]),
        )

    def _clear_unused(self, index):
        """Set the weights to zero that a shorter last motif leaves unused."""
        weights, graph = self.graph_weights(index), self.graphs[index]
        missing_in, missing_out = self._missing(index)
        if missing_in:
            weights[int(self._part("indptr", index)[-2]) :, graph["block_in"] - missing_in :] = 0
        if missing_out:
            is_last = self.targets_of(index) == graph["motifs_out"] - 1
            weights[is_last, :, graph["block_out"] - missing_out :] = 0

    def _n_unused(self, index):
        graph = self.graphs[index]
        missing_in, missing_out = self._missing(index)
        from_last, to_last = (
            int(np.diff(self._part(name, index)[-2:])[0]) for name in ("indptr", "indptr_t")
        )
        both = from_last and self.targets_of(index)[-1] == graph["motifs_out"] - 1
        return int(
            from_last * missing_in * graph["block_out"]
            + to_last * missing_out * graph["block_in"]
            - both * missing_in * missing_out
        )

    def _part(self, name, index):
        """View of a graph's part of a flat array."""
        graph = self.graphs[index]
        field, length = {
            "indptr": ("indptr", graph["motifs_in"] + 1),
            "indptr_t": ("indptr_t", graph["motifs_out"] + 1),
        }.get(name, ("connection", graph["n_connections"]))
        return getattr(self, name)[int(graph[field]) : int(graph[field] + length)]


def _tell_apart(n_neurons, motif_size):
    """Starting biases and outer gains that tell the neurons of a "scaled" motif apart.

    Equal neurons would get equal gradients for ever. Biases are spread over the range of s;
    gains alternate in sign, so that a motif of relus answers to both sides of it.
    """
    place = np.arange(n_neurons) % motif_size
    return (place + 0.5) * (2.0 / motif_size) - 1.0, np.where(place % 2, -1.0, 1.0)


def _slope(activation, layer):
    """Slope left of zero of a layer's activation."""
    if activation == "all_relu":
        return ALL_RELU_SLOPE if layer % 2 else -ALL_RELU_SLOPE
    return 1.0 if activation == "identity" else 0.0
