"""Evolution: what it keeps, what it prunes, where it grows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif import engine
from sklearn_motif._evolution import evolve as _evolution

from ..models import SHARING, make_network, make_step, train_on


def no_gradients(index):
    raise AssertionError("random growth needs no gradients")


def evolve(network, state, fraction, *, prune="magnitude", grow="random", gradients=no_gradients):
    rng = np.random.default_rng(3)
    return _evolution.evolve(
        network, state, fraction, prune=prune, grow=grow, gradients=gradients, rng=rng
    )


def filled_state(network):
    state = engine.new_optimizer_state(network.net, "adam")
    for i, values in enumerate(state):
        values[:] = np.random.default_rng(i).uniform(1, 2, values.size)
    return state


class RandomSignals:
    """d and p of every graph of a network, and the gradients that follow."""

    def __init__(self, network, width=16):
        rng = np.random.default_rng(1)
        units = network.layers["units"]
        self.network = network
        self.d = [rng.standard_normal((n, width)) for n in units[1:]]
        self.p = [rng.standard_normal((n, width)) for n in units[:-1]]

    def __call__(self, index, targets, sources):
        graph = self.network.graphs[index]
        blocks = int(graph["block_out"]), int(graph["block_in"])
        return engine.squared_gradients(self.d[index], self.p[index], targets, sources, *blocks)


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
        network, state, fraction, prune=prune, grow=grow, gradients=RandomSignals(network)
    )

    n_grown = 0
    for i, (old_keys, old_values) in enumerate(before):
        keys = network.keys(i)
        graph = network.graphs[i]
        places = int(graph["motifs_in"] * graph["motifs_out"])
        # The count stays, none is doubled, none lies outside.
        assert keys.size == old_keys.size
        assert np.all(np.diff(keys) > 0)
        assert keys[0] >= 0
        assert keys[-1] < places
        is_new = ~np.isin(keys, old_keys)
        n_grown += is_new.sum()
        if i == n_graphs - 1:
            assert not is_new.any()
        assert is_new.sum() <= places - keys.size
        assert is_new.sum() <= fraction * keys.size
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


def test_magnitude_prunes_the_least_of_each_sign():
    """SET: zeta of the positive and zeta of the negative weights, rounded down."""
    network = make_network((40, 30, 2), motif_size=1, epsilon=2)
    keys, weights = network.keys(0), network.graph_weights(0).ravel().copy()
    evolve(network, engine.new_optimizer_state(network.net, "sgd"), 0.3)
    gone = ~np.isin(keys, network.keys(0))
    for sign in (1, -1):
        same = np.sign(weights) == sign
        n_gone = int(0.3 * same.sum())
        expected = np.sort(np.abs(weights[same]))[:n_gone]
        np.testing.assert_array_equal(np.sort(np.abs(weights[gone & same])), expected)


def test_magnitude_counts_gains_in_scaled_mode():
    """Equal weights differ by the gains of the motifs that they join."""
    network = make_network((20, 12, 2), motif_size=2, epsilon=2)
    network.graph_weights(0)[:] = 1.0
    gains_in = network.nodes[network.layers[0]["gain_in"] :][:20].reshape(10, 2)
    gains_out = network.nodes[network.layers[1]["gain_out"] :][:12].reshape(6, 2)
    keys = network.keys(0)
    norm = np.linalg.norm(gains_in, axis=1)[keys // 6] * np.linalg.norm(gains_out, axis=1)[keys % 6]
    evolve(network, engine.new_optimizer_state(network.net, "sgd"), 0.25)
    gone = ~np.isin(keys, network.keys(0))
    assert gone.sum() == int(0.25 * keys.size)
    assert norm[gone].max() <= norm[~gone].min()


def test_magnitude_counts_a_block_by_its_norm():
    network = make_network((21, 13, 2), motif_size=3, epsilon=2, weight_sharing="none")
    keys, blocks = network.keys(0), network.graph_weights(0).copy()
    evolve(network, engine.new_optimizer_state(network.net, "sgd"), 0.25)
    gone = ~np.isin(keys, network.keys(0))
    norm = np.linalg.norm(blocks, axis=(1, 2))
    assert gone.sum() == int(0.25 * keys.size)
    assert norm[gone].max() <= norm[~gone].min()


def dense_scores(network, index, signals):
    """Squared gradients of all places, or of all blocks, of a graph."""
    graph = network.graphs[index]
    d, p = signals.d[index], signals.p[index]
    blocks = np.zeros([graph[n] for n in ("motifs_in", "block_in", "motifs_out", "block_out")])
    flat = blocks.reshape(
        graph["motifs_in"] * graph["block_in"], graph["motifs_out"] * graph["block_out"]
    )
    flat[: p.shape[0], : d.shape[0]] = p @ d.T
    return (blocks**2).sum(axis=(1, 3)).ravel()


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("motif_size", [1, 3])
def test_gradient_growth_equals_the_dense_answer(weight_sharing, motif_size):
    network = make_network(
        (50, 40, 2), motif_size=motif_size, epsilon=1, weight_sharing=weight_sharing
    )
    signals = RandomSignals(network)
    keys = network.keys(0)
    scores = dense_scores(network, 0, signals)
    scores[keys] = -1
    grown = _evolution.grow_gradient(network, 0, 8, signals, None)
    np.testing.assert_array_equal(grown, np.sort(np.argsort(-scores)[:8]))


@pytest.mark.parametrize("weight_sharing", ["scaled", "none"])
def test_gradient_growth_in_very_sparse_graphs_takes_the_best_candidates(weight_sharing):
    network = make_network(
        (2000, 1000, 2), motif_size=2, epsilon=0.5, weight_sharing=weight_sharing
    )
    graph = network.graphs[0]
    keys = network.keys(0)
    places = int(graph["motifs_in"] * graph["motifs_out"])
    assert places > _evolution.EXACT_PLACES * keys.size
    signals = RandomSignals(network)
    rng = np.random.default_rng(0)
    grown = _evolution.grow_gradient(network, 0, 100, signals, rng)
    assert grown.size == 100
    assert np.all(np.diff(grown) > 0)
    assert not np.isin(grown, keys).any()
    # The best eighth of uniform candidates are about the best eighth of all places.
    scores = dense_scores(network, 0, signals)
    assert np.mean(scores[grown] > np.quantile(scores, 0.85)) > 0.9


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 2)),
    motif_size=st.integers(1, 5),
    epsilon=st.floats(0.6, 4),
    weight_sharing=st.sampled_from(SHARING),
    group_features=st.booleans(),
    fraction=st.floats(0, 1),
    grow=st.sampled_from(["random", "gradient"]),
)
def test_growth_stays_in_windows(
    shape, motif_size, epsilon, weight_sharing, group_features, fraction, grow
):
    network = make_network(
        (int(np.prod(shape)), 23, 9, 2),
        motif_size=motif_size,
        epsilon=epsilon,
        weight_sharing=weight_sharing,
        group_features=group_features,
        feature_shape=shape,
    )
    places, before = network.places_in_windows(0), network.keys(0)
    n_vacant = places.size - before.size
    signals = RandomSignals(network)
    scores = dense_scores(network, 0, signals)
    evolve(network, filled_state(network), fraction, grow=grow, gradients=signals)
    keys = network.keys(0)
    assert keys.size == before.size
    assert np.all(np.diff(keys) > 0)
    assert np.isin(keys, places).all()
    grown = np.setdiff1d(keys, before)
    assert grown.size <= n_vacant
    if grow == "gradient":
        vacant = np.setdiff1d(places, before)
        best = np.sort(vacant[np.argsort(-scores[vacant])[: grown.size]])
        np.testing.assert_array_equal(grown, best)


def test_growth_in_windows_reaches_every_place():
    network = make_network((30, 40, 2), motif_size=1, epsilon=2, feature_shape=(5, 6))
    places, seen = network.places_in_windows(0), network.keys(0)
    state = engine.new_optimizer_state(network.net, "sgd")
    for seed in range(40):
        rng = np.random.default_rng(seed)
        _evolution.evolve(
            network, state, 0.5, prune="random", grow="random", gradients=None, rng=rng
        )
        seen = np.union1d(seen, network.keys(0))
    np.testing.assert_array_equal(seen, places)


def test_gradient_growth_uses_the_last_mini_batch():
    """The signals of a step are the gradients by every possible weight."""
    network = make_network((9, 8, 7, 3), motif_size=2)
    X = np.random.default_rng(0).standard_normal((12, 9))
    y = np.arange(12, dtype=np.int32) % 3
    before = network.weights.copy()
    step = make_step(network, batch_size=12)
    train_on(step, X, y, np.arange(12))
    for index in range(3):
        d, p = step.signals(index)
        dense = (p @ d.T).ravel()
        view = network.graph_weights(index, before - network.weights).ravel()
        np.testing.assert_allclose(view, dense[network.keys(index)], atol=1e-14)


def test_a_full_layer_does_not_evolve():
    network = make_network((6, 5, 4, 2), epsilon=100)
    weights = network.weights.copy()
    assert evolve(network, filled_state(network), 0.5) == 0
    np.testing.assert_array_equal(network.weights, weights)


def test_drop_fraction_is_annealed_to_zero_at_three_quarters():
    cosine = [_evolution.drop_fraction(0.4, "cosine", epoch, 40) for epoch in range(41)]
    assert cosine[0] == 0.4
    assert cosine[15] == pytest.approx(0.2)
    assert np.all(np.diff(cosine[:31]) < 0)
    np.testing.assert_allclose(cosine[30:], 0, atol=1e-15)
    assert _evolution.drop_fraction(0.4, "constant", 39, 40) == 0.4
