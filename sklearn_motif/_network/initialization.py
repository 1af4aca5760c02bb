"""What a network starts with: biases, gains and weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from .layout import Layout

# Half of He's: what a network starts with stays in it where rows are few.
INITIAL_SCALE = 0.5 * np.sqrt(2.0)


def initial_nodes(network: Layout, dtype: DTypeLike) -> np.ndarray:
    """Biases and gains in the order of the table of layers.

    In "scaled" mode a motif sends the mean of its neurons, and its neurons differ.
    """
    last = network.layers[-1]
    nodes = np.zeros(int(last["bias"] + last["n_neurons"]), dtype=dtype)
    for i, layer in enumerate(network.layers):
        if layer["gain_in"] >= 0:
            lengths = network.motif_lengths(i)
            network.layer_nodes(i, "gain_in", nodes)[:] = np.repeat(1.0 / lengths, lengths)
        if layer["gain_out"] >= 0:
            biases, gains = _tell_apart(network.layer_sizes[i], network.motif_sizes[i])
            network.layer_nodes(i, "bias", nodes)[:] = biases
            network.layer_nodes(i, "gain_out", nodes)[:] = gains
    return nodes


def _tell_apart(n_neurons: int, motif_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Starting biases and outer gains that tell the neurons of a "scaled" motif apart.

    Equal neurons would get equal gradients for ever. Biases are spread over the range of s;
    gains alternate in sign, so that a motif of relus answers to both sides of it.
    """
    place = np.arange(n_neurons) % motif_size
    return (place + 0.5) * (2.0 / motif_size) - 1.0, np.where(place % 2, -1.0, 1.0)


def draw_weights(network: Layout, index: int, values: np.random.Generator) -> None:
    """Fill a graph with normal weights, scaled by the real fan-in of each output motif."""
    graph, targets = network.graphs[index], network.targets_of(index)
    # A unit of an output motif has all the inputs that its others have; the last input
    # motif may have fewer units than a block has rows.
    fan_in = np.diff(network.part("indptr_t", index)) * graph["block_in"]
    last = int(network.part("indptr", index)[-2])
    fan_in[targets[last:]] -= network.missing(index)[0]
    scale = (INITIAL_SCALE / np.sqrt(np.maximum(fan_in, 1))).astype(network.weights.dtype)
    weights = network.graph_weights(index)
    values.standard_normal(dtype=weights.dtype, out=weights)
    weights *= scale[targets][:, None, None]
    network.clear_unused(index)
