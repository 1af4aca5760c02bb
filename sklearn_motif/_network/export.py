"""The network as users of NumPy and scipy know it: by neurons, not by motifs."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from . import topology
from .layout import Layout


def coefs(network: Layout, index: int) -> scipy.sparse.csr_array:
    """Weights between the neurons of a graph, shape (n_in, n_out), with sorted indices.

    The first graph has a row for each input.
    """
    g, h = network.sources_in_order(index), network.targets_of(index)
    k, i, j = topology.member_pairs(
        network.motif_lengths(index)[g], network.motif_lengths(index + 1)[h]
    )
    neurons_in = g[k] * network.motif_sizes[index] + i
    neurons_out = h[k] * network.motif_sizes[index + 1] + j
    weights = network.graph_weights(index)
    block = (i, j) if network.weight_sharing == "none" else (0, 0)
    values = (
        weights[k, *block]
        * network.gains_in(index)[neurons_in]
        * network.gains_out(index + 1)[neurons_out]
    )
    n_in, n_out = network.layer_sizes[index : index + 2]
    matrix = scipy.sparse.csr_array((values, (neurons_in, neurons_out)), shape=(n_in, n_out))
    matrix.sort_indices()
    return matrix


def intercepts(network: Layout, i: int) -> np.ndarray:
    """Biases of the neurons of a layer after the first, an array of its own."""
    biases = network.layer_nodes(i, "bias")
    if biases.size < network.layer_sizes[i]:  # one for each motif
        return np.repeat(biases, network.motif_lengths(i))
    return biases.copy()


def input_degrees(network: Layout) -> np.ndarray:
    """Connections of each input, shape (n_inputs,), int32."""
    degrees = np.diff(network.part("indptr", 0)).astype(np.int32)
    return np.repeat(degrees, network.motif_lengths(0))


def input_strengths(network: Layout) -> np.ndarray:
    """Sum of the absolute weights that leave each input, shape (n_inputs,).

    The row sums of ``abs(coefs(network, 0))``, in time and memory O(connections).
    """
    weights = np.abs(network.graph_weights(0))
    h = network.targets_of(0)
    lengths = network.motif_lengths(0)
    if network.weight_sharing == "none":
        strengths = weights.sum(axis=2)
    else:
        first = np.arange(network.n_motifs()[1]) * network.motif_sizes[1]
        gains = np.add.reduceat(np.abs(network.gains_out(1)), first)
        strengths = weights[:, :, 0] * gains[h, None]
    sums = np.zeros((lengths.size, strengths.shape[1]), dtype=np.float64)
    np.add.at(sums, network.sources_in_order(0), strengths)
    if network.weight_sharing == "none":
        return sums.ravel()[: network.layer_sizes[0]]
    return np.repeat(sums[:, 0], lengths) * np.abs(network.gains_in(0))
