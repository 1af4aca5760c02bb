"""Sizes of networks, by SET's formula."""

from __future__ import annotations

from itertools import pairwise

from .internals import padded

# What a connection with one float32 weight takes with Adam, in bytes.
BYTES_OF_CONNECTION = {"weight": 4, "two moments": 8, "source": 4, "target": 4, "place": 4}


def graph_counts(layer_sizes, motif_size, epsilon):
    """(motifs in, motifs out, connections) of each graph; outputs are never grouped."""
    motifs = [-(-size // motif_size) for size in layer_sizes[:-1]] + [layer_sizes[-1]]
    return [(a, b, min(a * b, round(epsilon * (a + b)))) for a, b in pairwise(motifs)]


def connection_count(layer_sizes, motif_size, epsilon):
    """Connections of a network."""
    return sum(n for _, _, n in graph_counts(layer_sizes, motif_size, epsilon))


def weight_count(layer_sizes, motif_size, epsilon, sharing):
    """Weights of a network: one a connection, or a block of them."""
    counts = [n for _, _, n in graph_counts(layer_sizes, motif_size, epsilon)]
    if sharing != "none":
        return sum(counts)
    return sum(counts[:-1]) * motif_size**2 + counts[-1] * motif_size


def bytes_on_paper(layer_sizes, motif_size, epsilon, batch):
    """Bytes of a float32 network with one weight a connection while Adam trains it."""
    graphs = graph_counts(layer_sizes, motif_size, epsilon)
    connections = sum(n for _, _, n in graphs)
    units = graphs[0][0] + sum(motifs_out for _, motifs_out, _ in graphs)
    # A bias a neuron, and two gains where there are motifs; each with two moments, a gradient.
    numbers = sum(layer_sizes) * (3 if motif_size > 1 else 1)
    parts = {
        "connections": connections * sum(BYTES_OF_CONNECTION.values()),
        # What units send, what they sum up, and a bit for what dropout keeps.
        "activations": units * padded(batch) * 2 * 4 + numbers * padded(batch) // 8,
        "row starts": 8 * sum(a + b + 2 for a, b, _ in graphs),
        "biases and gains": numbers * 4 * 4,
    }
    return {
        "neurons": sum(layer_sizes[1:-1]),
        "features": layer_sizes[0],
        "motif_size": motif_size,
        "connections": connections,
        "bytes": parts,
        "total": sum(parts.values()),
    }
