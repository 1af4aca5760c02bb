"""Where everything lies: the tables of layers and graphs, and views of the flat arrays.

The layers of a network lie one after the other in the same arrays, in the order in which the
kernels walk them. ``sklearn_motif.engine.layout`` says what the fields of both tables mean.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from .. import engine
from . import topology

# Slope of all_relu left of zero; its sign alternates from layer to layer.
ALL_RELU_SLOPE = 0.6
# Arrays of a graph's connections: by input motif, then by output motif.
WIRES = ("indptr", "targets", "indptr_t", "sources", "places")


def sizes_of_motifs(
    layer_sizes: Sequence[int], motif_size: int, group_features: bool
) -> tuple[int, ...]:
    """Neurons of a motif in each layer: 1 in the outputs, and in features that stand alone."""
    last = len(layer_sizes) - 1
    return tuple(
        min(motif_size, size) if 0 < i < last or (i == 0 and group_features) else 1
        for i, size in enumerate(layer_sizes)
    )


def n_connections(motifs_in: int, motifs_out: int, epsilon: float) -> int:
    """SET's number of connections of a motif graph."""
    return min(motifs_in * motifs_out, round(epsilon * (motifs_in + motifs_out)))


def layer_table(
    layer_sizes: Sequence[int], motif_sizes: Sequence[int], weight_sharing: str, activation: str
) -> np.ndarray:
    """The table of layers, LAYER for each.

    In `nodes`, a layer's gains come before its biases, and the features have no biases.
    """
    layers = np.zeros(len(layer_sizes), dtype=engine.LAYER)
    row, node = 0, 0
    for i, (layer, size, motif) in enumerate(zip(layers, layer_sizes, motif_sizes, strict=True)):
        n_motifs = topology.n_motifs(size, motif)
        is_pooled = weight_sharing == "tied" and i > 0
        layer["units"] = size if weight_sharing == "none" else n_motifs
        layer["row"] = row
        layer["n_neurons"] = n_motifs if is_pooled else size
        layer["group"] = 1 if weight_sharing == "none" or is_pooled else motif
        layer["slope"] = _slope(activation, i)
        row += int(layer["units"])
        has_gains = weight_sharing == "scaled" and motif > 1
        layer["gain_in"] = layer["gain_out"] = -1
        if has_gains:
            layer["gain_in"] = node
            node += size
        if has_gains and i > 0:
            layer["gain_out"] = node
            node += size
        layer["bias"] = node
        node += int(layer["n_neurons"]) if i > 0 else 0
    return layers


def _slope(activation: str, i: int) -> float:
    """Slope left of zero of a layer's activation."""
    if activation == "all_relu":
        return ALL_RELU_SLOPE if i % 2 else -ALL_RELU_SLOPE
    return 1.0 if activation == "identity" else 0.0


def graph_table(
    n_motifs: Sequence[int], motif_sizes: Sequence[int], counts: Sequence[int], weight_sharing: str
) -> np.ndarray:
    """The table of motif graphs with some numbers of connections, GRAPH for each."""
    graphs = np.zeros(len(counts), dtype=engine.GRAPH)
    blocks = motif_sizes if weight_sharing == "none" else [1] * len(motif_sizes)
    graphs["motifs_in"], graphs["motifs_out"] = n_motifs[:-1], n_motifs[1:]
    graphs["block_in"], graphs["block_out"] = blocks[:-1], blocks[1:]
    graphs["n_connections"] = counts
    for name in ("connection", "weight", "indptr", "indptr_t"):
        lengths = lengths_of_parts(graphs, name)
        graphs[name] = np.cumsum(lengths) - lengths
    return graphs


def lengths_of_parts(graphs: np.ndarray, name: str) -> np.ndarray:
    """Length of each graph's part of the arrays that the field `name` points into."""
    if name == "connection":
        return graphs["n_connections"]
    if name == "weight":
        return graphs["n_connections"] * graphs["block_in"] * graphs["block_out"]
    return graphs["motifs_in" if name == "indptr" else "motifs_out"] + 1


class Layout:
    """A network's tables and arrays, and where to find a graph or a layer in them.

    Attributes
    ----------
    layer_sizes, motif_sizes : tuple of int
        Neurons of each layer, and of its motifs.
    layers, graphs : ndarray of LAYER and of GRAPH
    """

    layer_sizes: tuple[int, ...]
    motif_sizes: tuple[int, ...]
    weight_sharing: str
    activation: str
    layers: np.ndarray
    graphs: np.ndarray
    indptr: np.ndarray
    targets: np.ndarray
    indptr_t: np.ndarray
    sources: np.ndarray
    places: np.ndarray
    weights: np.ndarray
    nodes: np.ndarray

    def lay_out_layers(self) -> None:
        """Make the table of layers."""
        self.layers = layer_table(
            self.layer_sizes, self.motif_sizes, self.weight_sharing, self.activation
        )

    def lay_out_graphs(self, counts: Sequence[int], dtype: DTypeLike) -> None:
        """Make the table of graphs and, of zeros, the arrays of their connections."""
        self.graphs = graph_table(self.n_motifs(), self.motif_sizes, counts, self.weight_sharing)
        sizes = {
            name: int(lengths_of_parts(self.graphs, name).sum())
            for name in ("connection", "weight", "indptr", "indptr_t")
        }
        self.indptr = np.zeros(sizes["indptr"], dtype=np.int64)
        self.indptr_t = np.zeros(sizes["indptr_t"], dtype=np.int64)
        self.sources = np.zeros(sizes["connection"], dtype=np.int32)
        self.targets = np.zeros(sizes["connection"], dtype=np.int32)
        self.places = np.zeros(sizes["connection"], dtype=np.int32)
        self.weights = np.zeros(sizes["weight"], dtype=dtype)

    def n_motifs(self) -> list[int]:
        """Motifs of each layer."""
        return list(map(topology.n_motifs, self.layer_sizes, self.motif_sizes))

    def motif_lengths(self, i: int) -> np.ndarray:
        """Neurons of each motif of a layer."""
        return topology.motif_lengths(self.layer_sizes[i], self.motif_sizes[i])

    def n_connections_by(self, epsilon: float) -> list[int]:
        """SET's number of connections of each motif graph."""
        return [n_connections(*pair, epsilon) for pair in itertools.pairwise(self.n_motifs())]

    def part(self, name: str, index: int) -> np.ndarray:
        """View of a graph's part of one of the arrays in `WIRES`."""
        field = name if name in ("indptr", "indptr_t") else "connection"
        graph = self.graphs[index]
        start = int(graph[field])
        return getattr(self, name)[start : start + int(lengths_of_parts(graph, field))]

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

    def layer_nodes(self, i: int, name: str, values: np.ndarray | None = None) -> np.ndarray:
        """View of a layer's biases or gains, which it has.

        `name` is a field of LAYER: "bias", "gain_in" or "gain_out". `values` may be another
        array that is laid out as `nodes` is.
        """
        layer = self.layers[i]
        start = int(layer[name])
        size = 0 if (i, name) == (0, "bias") else int(layer["n_neurons"])
        values = self.nodes if values is None else values
        return values[start : start + size]

    def sources_in_order(self, index: int) -> np.ndarray:
        """Input motif of each connection of a graph, in the order of its weights."""
        indptr = self.part("indptr", index)
        return np.repeat(np.arange(indptr.size - 1), np.diff(indptr))

    def targets_of(self, index: int) -> np.ndarray:
        """Output motif of each connection of a graph, in the order of its weights."""
        return self.part("targets", index)

    def keys(self, index: int) -> np.ndarray:
        """Sorted keys of a graph's connections (see ``topology``)."""
        motifs_out = self.graphs[index]["motifs_out"]
        return self.sources_in_order(index) * motifs_out + self.targets_of(index)

    def set_keys(self, index: int, keys: np.ndarray) -> None:
        """Wire a graph by sorted keys, as many as it has connections."""
        wires = tuple(self.part(name, index) for name in WIRES)
        no_values = (self.weights[:0],) * 3
        engine.rewire(wires, no_values, np.ones(keys.size, dtype=bool), keys)

    def gains_in(self, i: int) -> np.ndarray:
        """What each neuron of a layer counts in its motif, shape (layer_sizes[i],)."""
        if self.layers[i]["gain_in"] >= 0:
            return self.layer_nodes(i, "gain_in")
        if self.weight_sharing == "none":
            return np.ones(self.layer_sizes[i], dtype=self.nodes.dtype)
        lengths = self.motif_lengths(i)
        return np.repeat(1.0 / lengths, lengths).astype(self.nodes.dtype)

    def gains_out(self, i: int) -> np.ndarray:
        """What each neuron of a layer takes of its motif's sum, shape (layer_sizes[i],)."""
        if self.layers[i]["gain_out"] >= 0:
            return self.layer_nodes(i, "gain_out")
        return np.ones(self.layer_sizes[i], dtype=self.nodes.dtype)

    def missing(self, index: int) -> tuple[int, int]:
        """Rows and columns that a block of the last input or output motif does not use."""
        graph = self.graphs[index]
        return (
            int(-self.layers[index]["units"] % graph["block_in"]),
            int(-self.layers[index + 1]["units"] % graph["block_out"]),
        )

    def clear_unused(self, index: int) -> None:
        """Set the weights to zero that a shorter last motif leaves unused."""
        weights, graph = self.graph_weights(index), self.graphs[index]
        missing_in, missing_out = self.missing(index)
        if missing_in:
            weights[int(self.part("indptr", index)[-2]) :, graph["block_in"] - missing_in :] = 0
        if missing_out:
            is_last = self.targets_of(index) == graph["motifs_out"] - 1
            weights[is_last, :, graph["block_out"] - missing_out :] = 0

    def n_unused(self, index: int) -> int:
        """Weights that a shorter last motif leaves unused."""
        graph = self.graphs[index]
        missing_in, missing_out = self.missing(index)
        from_last, to_last = (
            int(np.diff(self.part(name, index)[-2:])[0]) for name in ("indptr", "indptr_t")
        )
        both = from_last and self.targets_of(index)[-1] == graph["motifs_out"] - 1
        return int(
            from_last * missing_in * graph["block_out"]
            + to_last * missing_out * graph["block_in"]
            - both * missing_in * missing_out
        )
