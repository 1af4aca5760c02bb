"""Evolution: what it keeps, and how many connections it replaces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif._evolution.evolve import evolve
from sklearn_motif._evolution.grow import GROW
from sklearn_motif._evolution.prune import PRUNE
from sklearn_motif._network import MotifNetwork

from ..models import SHARING, RandomSignals, filled_state, make_network


def rng():
    return np.random.default_rng(3)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 25), min_size=2, max_size=5),
    motif_size=st.integers(1, 5),
    epsilon=st.floats(0.6, 6),
    weight_sharing=st.sampled_from(SHARING),
    fraction=st.floats(0, 1),
    prune=st.sampled_from(["magnitude", "random"]),
    grow=st.sampled_from(["random", "gradient"]),
    seed=st.integers(0, 99),
)
def test_evolution_keeps_what_it_promises(
    sizes, motif_size, epsilon, weight_sharing, fraction, prune, grow, seed
):
    network = make_network(
        sizes, motif_size=motif_size, epsilon=epsilon, weight_sharing=weight_sharing, seed=seed
    )
    state = filled_state(network)
    arrays = (network.weights, state.weights_1, state.weights_2)
    n_graphs = network.graphs.size
    before = [
        (network.keys(i), [network.graph_weights(i, a).copy() for a in arrays])
        for i in range(n_graphs)
    ]
    nodes, node_state = network.nodes.copy(), [state.nodes_1.copy(), state.nodes_2.copy()]

    n_changed = evolve(
        network,
        state,
        fraction,
        prune=PRUNE[prune],
        grow=GROW[grow],
        gradients=RandomSignals(network),
        rng=rng(),
    )

    n_grown = 0
    for i, (old_keys, old_values) in enumerate(before):
        keys = network.keys(i)
        graph = network.graphs[i]
        n_cells = int(graph["motifs_in"] * graph["motifs_out"])
        # The count stays, none is doubled, none lies outside.
        assert keys.size == old_keys.size
        assert np.all(np.diff(keys) > 0)
        assert keys[0] >= 0
        assert keys[-1] < n_cells
        is_new = ~np.isin(keys, old_keys)
        n_grown += is_new.sum()
        # As many as the rule says, where there is room; the output layer keeps its wiring.
        groups = [keys.size]
        if prune == "magnitude" and old_values[0][0].size == 1:
            n_negative = np.count_nonzero(old_values[0] < 0)
            groups = [keys.size - n_negative, n_negative]
        wanted = min(n_cells - keys.size, sum(int(fraction * n) for n in groups))
        assert is_new.sum() == (0 if i == n_graphs - 1 else wanted)
        # Survivors keep weight and state, grown ones have none.
        survivors = np.isin(old_keys, keys)
        for array, old in zip(arrays, old_values, strict=True):
            values = network.graph_weights(i, array)
            np.testing.assert_array_equal(values[~is_new], old[survivors])
            assert not values[is_new].any()
    assert n_changed == n_grown
    np.testing.assert_array_equal(network.nodes, nodes)
    np.testing.assert_array_equal(state.nodes_1, node_state[0])
    np.testing.assert_array_equal(state.nodes_2, node_state[1])


def test_a_full_layer_does_not_evolve():
    network = make_network((6, 5, 4, 2), epsilon=100)
    weights = network.weights.copy()
    options = {"prune": PRUNE["magnitude"], "grow": GROW["random"], "gradients": None, "rng": rng()}
    assert evolve(network, filled_state(network), 0.5, **options) == 0
    np.testing.assert_array_equal(network.weights, weights)


def test_any_function_of_that_kind_is_a_rule():
    def prune_first(network, index, fraction, maximum, rng):
        pruned = np.zeros(network.keys(index).size, dtype=bool)
        pruned[: min(maximum, 3)] = True
        return pruned

    network = make_network((40, 30, 2), motif_size=1, epsilon=2)
    before = network.keys(0)
    options = {"prune": prune_first, "grow": GROW["random"], "gradients": None, "rng": rng()}
    assert evolve(network, filled_state(network), 0.5, **options) == 3
    np.testing.assert_array_equal(np.setdiff1d(before, network.keys(0)), before[:3])


@pytest.mark.parametrize("grow", ["random", "gradient"])
def test_windows_are_listed_once_a_graph(grow, monkeypatch):
    listed, allowed_keys = [], MotifNetwork.allowed_keys

    def count(network, index):
        listed.append(index)
        return allowed_keys(network, index)

    network = make_network((30, 40, 9, 2), motif_size=1, epsilon=2, feature_shape=(5, 6))
    monkeypatch.setattr(MotifNetwork, "allowed_keys", count)
    options = {"prune": PRUNE["magnitude"], "grow": GROW[grow], "gradients": RandomSignals(network)}
    assert evolve(network, filled_state(network), 0.3, rng=rng(), **options) > 0
    assert listed == [0, 1]
