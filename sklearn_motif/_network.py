"""MotifNetwork: the layers of a sparse network as flat arrays."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from . import _topology, engine

# Slope of all_relu left of zero; its sign alternates from layer to layer.
ALL_RELU_SLOPE = 0.6


class MotifNetwork:
    """A sparse multilayer perceptron whose neurons share connections in motifs.

    All layers lie in the same flat arrays, in the order in which the kernels walk them;
    `layers` and `graphs` are the tables that say where each begins (see
    ``sklearn_motif.engine.kernels``). The object holds arrays and builtins only.

    Parameters
    ----------
    layer_sizes : tuple of int
        Neurons of each layer, from the input features to the outputs.
    motif_size : int
        Neurons of a motif in the hidden layers.
    epsilon : float
        SET's density.
    weight_sharing : {"scaled", "tied", "none"}
    activation : {"relu", "all_relu", "tanh", "logistic", "identity"}
    group_features : bool
        Whether the input features form motifs, too.
    dtype : numpy dtype
        float32 or float64.
    wiring, values : numpy.random.Generator
        Streams for the connections and for the initial weights.
    """

    def __init__(
        self,
        layer_sizes: tuple[int, ...],
        *,
        motif_size: int,
        epsilon: float,
        weight_sharing: str,
        activation: str,
        group_features: bool,
        dtype,
        wiring: np.random.Generator,
        values: np.random.Generator,
    ):
        self.layer_sizes = tuple(layer_sizes)
        self.weight_sharing = weight_sharing
        self.activation = activation
        last = len(layer_sizes) - 1
        self.motif_sizes = tuple(
            min(motif_size, size) if 0 < i < last or (i == 0 and group_features) else 1
            for i, size in enumerate(layer_sizes)
        )
        self._lay_out_layers(dtype)
        self._lay_out_graphs(epsilon, dtype)
        for index in range(last):
            graph = self.graphs[index]
            places = int(graph["motifs_in"] * graph["motifs_out"])
            taken = np.empty(0, dtype=np.int64)
            count = int(graph["n_connections"])
            self.set_keys(index, _topology.sample_keys(places, count, taken, wiring))
            self._draw_weights(index, values)

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
            lengths = _topology.motif_lengths(size, motif)
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

    def _lay_out_graphs(self, epsilon, dtype):
        """Fill the table of motif graphs and allocate the arrays of their connections."""
        self.graphs = np.zeros(len(self.layer_sizes) - 1, dtype=engine.GRAPH)
        motifs = list(map(_topology.n_motifs, self.layer_sizes, self.motif_sizes))
        ends = dict.fromkeys(("connection", "weight", "indptr", "indptr_t"), 0)
        for i, graph in enumerate(self.graphs):
            count = _topology.n_connections(motifs[i], motifs[i + 1], epsilon)
            if count == 0:
                raise ValueError(
                    f"epsilon={epsilon} leaves no connection between layer {i} and layer "
                    f"{i + 1} ({motifs[i]} and {motifs[i + 1]} motifs); it must be greater."
                )
            graph["motifs_in"], graph["motifs_out"] = motifs[i], motifs[i + 1]
            free = self.weight_sharing == "none"
            graph["block_in"] = self.motif_sizes[i] if free else 1
            graph["block_out"] = self.motif_sizes[i + 1] if free else 1
            graph["n_connections"] = count
            for name, length in (
                ("connection", count),
                ("weight", count * int(graph["block_in"] * graph["block_out"])),
                ("indptr", motifs[i + 1] + 1),
                ("indptr_t", motifs[i] + 1),
            ):
                graph[name] = ends[name]
                ends[name] += length
        self.indptr = np.zeros(ends["indptr"], dtype=np.int64)
        self.indptr_t = np.zeros(ends["indptr_t"], dtype=np.int64)
        self.sources = np.zeros(ends["connection"], dtype=np.int32)
        self.targets = np.zeros(ends["connection"], dtype=np.int32)
        self.places = np.zeros(ends["connection"], dtype=np.int32)
        self.weights = np.zeros(ends["weight"], dtype=dtype)

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
        slots = sum(self._slots(i, self.keys(i)).sum() for i in range(self.graphs.size))
        return int(slots) + self.nodes.size

    @property
    def density(self) -> float:
        """Connections over all places of the motif graphs."""
        return self.n_connections / float(
            np.sum(self.graphs["motifs_in"] * self.graphs["motifs_out"])
        )

    def predict_proba(self, X: np.ndarray, n_jobs: int | None = None) -> np.ndarray:
        """Output activations, shape (n_samples, n_outputs), for C-ordered, aligned X."""
        if X.shape[1] != self.layer_sizes[0]:
            raise ValueError(f"X has {X.shape[1]} features, the network {self.layer_sizes[0]}.")
        return engine.predict_proba(self.net, self.activation, X, n_jobs)

    def graph_weights(self, index: int, values: np.ndarray | None = None) -> np.ndarray:
        """View of a graph's weights, shape (n_connections, block_out, block_in).

        `values` may be another array that is laid out as the weights are, such as optimizer
        state.
        """
        graph = self.graphs[index]
        shape = tuple(int(graph[name]) for name in ("n_connections", "block_out", "block_in"))
        start = int(graph["weight"])
        values = self.weights if values is None else values
        return values[start : start + shape[0] * shape[1] * shape[2]].reshape(shape)

    def keys(self, index: int) -> np.ndarray:
        """Sorted keys of a graph's connections (see ``_topology``)."""
        graph = self.graphs[index]
        indptr = self._part("indptr", index, int(graph["motifs_out"]) + 1)
        targets = np.repeat(np.arange(graph["motifs_out"]), np.diff(indptr))
        return targets * graph["motifs_in"] + self._part("sources", index)

    def set_keys(self, index: int, keys: np.ndarray, values: list[tuple] = ()) -> None:
        """Wire a graph by sorted keys, as many as it has connections.

        `values` are pairs of an array and what it is to hold from then on.
        """
        graph = self.graphs[index]
        motifs_in, motifs_out = int(graph["motifs_in"]), int(graph["motifs_out"])
        indptr, sources, indptr_t, targets, places = _topology.compress(keys, motifs_in, motifs_out)
        for array, value in (
            *values,
            (self._part("indptr", index, motifs_out + 1), indptr),
            (self._part("sources", index), sources),
            (self._part("indptr_t", index, motifs_in + 1), indptr_t),
            (self._part("targets", index), targets),
            (self._part("places", index), places),
        ):
            array[:] = value

    def _draw_weights(self, index, values):
        """He-normal weights, by the real fan-in of each output motif."""
        graph = self.graphs[index]
        keys = self.keys(index)
        rows = keys // graph["motifs_in"]
        present = self._slots(index, keys)
        # The first unit of an output motif has all the weights that its others have.
        fan_in = np.bincount(rows, present[:, 0].sum(axis=1), int(graph["motifs_out"]))
        weights = self.graph_weights(index)
        weights[:] = values.standard_normal(weights.shape, dtype=weights.dtype)
        weights *= np.sqrt(2.0 / fan_in[rows])[:, None, None].astype(weights.dtype)
        weights[~present] = 0

    def gain_norms(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Euclidean norms of the gains of a graph's input and output motifs; 1 without gains."""
        graph = self.graphs[index]
        return (
            self._gain_norm(self.layers[index], "gain_in", int(graph["motifs_in"])),
            self._gain_norm(self.layers[index + 1], "gain_out", int(graph["motifs_out"])),
        )

    def _gain_norm(self, layer, name, n_motifs):
        if layer[name] < 0:
            return np.ones(n_motifs)
        gains = self.nodes[layer[name] : layer[name] + layer["n_neurons"]].astype(np.float64)
        return np.sqrt(np.add.reduceat(gains**2, np.arange(n_motifs) * layer["group"]))

    def coefs(self) -> list[scipy.sparse.csr_array]:
        """Weights between neurons, a CSR array of shape (n_in, n_out) for each graph.

        A connection has an entry for each pair of neurons that it joins, so that this takes up
        to the square of the motif size times the memory of the network.
        """
        return [self._coefs(index) for index in range(self.graphs.size)]

    def _coefs(self, index):
        h, g = np.divmod(self.keys(index), self.graphs[index]["motifs_in"])
        n_in, n_out = self._lengths(index)[g], self._lengths(index + 1)[h]
        k = np.repeat(np.arange(h.size), n_in * n_out)
        pair = np.arange(k.size) - np.repeat(np.cumsum(n_in * n_out) - n_in * n_out, n_in * n_out)
        i, j = np.divmod(pair, n_out[k])
        rows = g[k] * self.motif_sizes[index] + i
        columns = h[k] * self.motif_sizes[index + 1] + j
        weights = self.graph_weights(index)
        block = (j, i) if self.weight_sharing == "none" else (0, 0)
        values = (
            weights[k, *block] * self._gains_in(index)[rows] * self._gains_out(index + 1)[columns]
        )
        coefs = scipy.sparse.csr_array(
            (values, (rows, columns)), shape=self.layer_sizes[index : index + 2]
        )
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
        return _topology.motif_lengths(self.layer_sizes[i], self.motif_sizes[i])

    def _slots(self, index, keys):
        """Which weights of the blocks at `keys` exist; a shorter last motif leaves some unused."""
        graph = self.graphs[index]
        motifs_in = int(graph["motifs_in"])
        rows = (keys // motifs_in * graph["block_out"])[:, None] + np.arange(graph["block_out"])
        columns = (keys % motifs_in * graph["block_in"])[:, None] + np.arange(graph["block_in"])
        return (rows < self.layers[index + 1]["units"])[:, :, None] & (
            columns < self.layers[index]["units"]
        )[:, None, :]

    def _part(self, name, index, length=None):
        """View of a graph's part of a flat array."""
        graph = self.graphs[index]
        field = name if name.startswith("indptr") else "connection"
        length = int(graph["n_connections"]) if length is None else length
        return getattr(self, name)[int(graph[field]) : int(graph[field]) + length]


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
