"""The tables of layers and graphs: counts, where arrays begin, and what they take up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif._network import layout

from ..models import SHARING, make_network


def test_number_of_connections():
    assert layout.n_connections(784, 3000, 20) == 20 * 3784
    assert layout.n_connections(3000, 10, 20) == 30_000
    assert layout.n_connections(3, 5, 0.31) == 2


@pytest.mark.parametrize(
    ("motif_size", "counts"),
    [
        (1, [75_680, 120_000, 120_000, 30_000]),
        (2, [37_840, 60_000, 60_000, 15_000]),
        (4, [18_920, 30_000, 30_000, 7_500]),
    ],
)
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_connections_of_the_papers_network(motif_size, counts, weight_sharing):
    network = make_network(
        (784, 3000, 3000, 3000, 10),
        motif_size=motif_size,
        epsilon=20,
        weight_sharing=weight_sharing,
        dtype=np.float32,
    )
    assert network.graphs["n_connections"].tolist() == counts
    assert network.n_connections == sum(counts)


@pytest.mark.parametrize(
    ("group_features", "expected"), [(True, (3, 3, 2, 1)), (False, (1, 3, 2, 1))]
)
def test_hidden_layers_are_grouped_and_outputs_never(group_features, expected):
    assert layout.sizes_of_motifs((11, 7, 2, 5), 3, group_features) == expected
    assert layout.sizes_of_motifs((11, 5), 3, group_features) == expected[::3]


def sizes(smallest=1):
    return st.lists(st.integers(smallest, 12), min_size=2, max_size=4)


@settings(max_examples=100, deadline=None)
@given(sizes(), st.integers(1, 5), st.sampled_from(SHARING), st.booleans())
def test_the_tables_divide_the_arrays_among_layers_and_graphs(
    layer_sizes, motif_size, weight_sharing, group_features
):
    network = make_network(
        layer_sizes,
        motif_size=motif_size,
        weight_sharing=weight_sharing,
        group_features=group_features,
        epsilon=2,
    )
    # Every item belongs to one layer or graph.
    nodes = np.zeros_like(network.nodes)
    for i, layer in enumerate(network.layers):
        for name in ("gain_in", "gain_out", "bias"):
            if layer[name] >= 0:
                network.layer_nodes(i, name, nodes)[:] += 1
    np.testing.assert_array_equal(nodes, 1)
    n_graphs = network.graphs.size
    weights = np.zeros_like(network.weights)
    for index in range(n_graphs):
        network.graph_weights(index, weights)[:] += 1
    np.testing.assert_array_equal(weights, 1)
    for name in layout.WIRES:
        getattr(network, name)[:] = -1
        for index in range(n_graphs):
            network.part(name, index)[:] += index + 1
        in_order = np.concatenate([network.part(name, index) for index in range(n_graphs)])
        np.testing.assert_array_equal(getattr(network, name), in_order)
        assert in_order.min() == 0
    # Rows of the buffers, a layer's units after the other's.
    ends = np.cumsum(network.layers["units"])
    np.testing.assert_array_equal(network.layers["row"], [0, *ends[:-1]])


@settings(max_examples=100, deadline=None)
@given(sizes(), st.integers(1, 5), st.sampled_from(SHARING), st.data())
def test_keys_are_the_wiring(layer_sizes, motif_size, weight_sharing, data):
    network = make_network(
        layer_sizes, motif_size=motif_size, weight_sharing=weight_sharing, epsilon=1
    )
    for index, graph in enumerate(network.graphs):
        motifs_in, motifs_out = int(graph["motifs_in"]), int(graph["motifs_out"])
        count = int(graph["n_connections"])
        all_keys = st.integers(0, motifs_in * motifs_out - 1)
        keys = data.draw(st.sets(all_keys, min_size=count, max_size=count))
        keys = np.array(sorted(keys))
        network.set_keys(index, keys)
        np.testing.assert_array_equal(network.keys(index), keys)
        sources, targets = np.divmod(keys, motifs_out)
        np.testing.assert_array_equal(network.sources_in_order(index), sources)
        np.testing.assert_array_equal(network.targets_of(index), targets)
        places = network.part("places", index)
        np.testing.assert_array_equal(network.part("sources", index), sources[places])
        np.testing.assert_array_equal(places, np.argsort(targets, kind="stable"))


@pytest.mark.parametrize(
    ("activation", "slopes"),
    [
        ("relu", [0, 0, 0]),
        ("identity", [1, 1, 1]),
        ("all_relu", [-0.6, 0.6, -0.6]),
    ],
)
def test_slopes_left_of_zero(activation, slopes):
    layers = layout.layer_table((4, 3, 2), (1, 1, 1), "scaled", activation)
    np.testing.assert_array_equal(layers["slope"], slopes)


@pytest.mark.parametrize(
    ("weight_sharing", "motif_size", "expected"),
    [
        # 7 features, hidden 5, 2 outputs; every graph full (epsilon 100).
        ("scaled", 1, 7 * 5 + 5 * 2 + 5 + 2),
        ("tied", 2, 4 * 3 + 3 * 2 + 3 + 2),
        ("scaled", 2, 4 * 3 + 3 * 2 + 5 + 2 + 7 + 5 + 5),
        ("none", 2, 7 * 5 + 5 * 2 + 5 + 2),
    ],
)
def test_number_of_parameters(weight_sharing, motif_size, expected):
    network = make_network(
        (7, 5, 2), weight_sharing=weight_sharing, motif_size=motif_size, epsilon=100
    )
    assert network.n_parameters == expected
    assert network.density == 1


@settings(max_examples=100, deadline=None)
@given(sizes(), st.integers(1, 5), st.floats(0.6, 3), st.booleans())
def test_what_short_blocks_do_not_use_is_cleared_and_not_counted(
    layer_sizes, motif_size, epsilon, group_features
):
    network = make_network(
        layer_sizes,
        motif_size=motif_size,
        epsilon=epsilon,
        weight_sharing="none",
        group_features=group_features,
    )
    network.weights[:] = 1
    for index in range(network.graphs.size):
        network.clear_unused(index)
        weights = network.graph_weights(index)
        assert np.count_nonzero(weights == 0) == network.n_unused(index)
        # The neurons that a block joins: those that its motifs have.
        used = (
            network.motif_lengths(index)[network.sources_in_order(index)]
            * network.motif_lengths(index + 1)[network.targets_of(index)]
        )
        np.testing.assert_array_equal(weights.sum(axis=(1, 2)), used)
    assert network.n_parameters == np.count_nonzero(network.weights) + network.nodes.size


def test_a_network_is_no_larger_than_its_connections():
    """Bytes of all arrays: 4 for a weight and 12 for where it is in both orders, in float32."""
    network = make_network((5000, 20_000, 10), motif_size=1, epsilon=5, dtype=np.float32)
    n_bytes = sum(v.nbytes for v in vars(network).values() if isinstance(v, np.ndarray))
    neurons = sum(network.layer_sizes)
    assert n_bytes < 16 * network.n_connections + 24 * neurons + 1000
