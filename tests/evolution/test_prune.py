"""Pruning: which connections each rule takes, and how many."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif._evolution.prune import PRUNE, prune_magnitude, prune_random, smallest

from ..models import SHARING, make_network


def rng():
    return np.random.default_rng(3)


def test_magnitude_prunes_the_smallest_of_each_sign():
    """SET: zeta of the positive and zeta of the negative weights, rounded down."""
    network = make_network((40, 30, 2), motif_size=1, epsilon=2)
    weights = network.graph_weights(0).ravel()
    gone = prune_magnitude(network, 0, 0.3, weights.size, rng())
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
    gone = prune_magnitude(network, 0, 0.25, keys.size, rng())
    assert gone.sum() == int(0.25 * keys.size)
    assert norm[gone].max() <= norm[~gone].min()


def test_magnitude_counts_a_block_by_its_norm():
    network = make_network((21, 13, 2), motif_size=3, epsilon=2, weight_sharing="none")
    blocks = network.graph_weights(0)
    gone = prune_magnitude(network, 0, 0.25, len(blocks), rng())
    norm = np.linalg.norm(blocks, axis=(1, 2))
    assert gone.sum() == int(0.25 * len(blocks))
    assert norm[gone].max() <= norm[~gone].min()


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("prune", PRUNE)
def test_no_rule_goes_beyond_the_maximum(prune, weight_sharing):
    network = make_network((40, 30, 2), motif_size=2, epsilon=2, weight_sharing=weight_sharing)
    weights = network.weights.copy()
    unbounded = np.count_nonzero(PRUNE[prune](network, 0, 0.5, weights.size, rng()))
    for maximum in (0, 1, 7, unbounded - 1, unbounded):
        assert np.count_nonzero(PRUNE[prune](network, 0, 0.5, maximum, rng())) == maximum
    assert not PRUNE[prune](network, 0, 0.0, 7, rng()).any()
    np.testing.assert_array_equal(network.weights, weights)


def test_the_maximum_leaves_the_smallest_of_both_signs():
    network = make_network((40, 30, 2), motif_size=1, epsilon=2)
    importance = network.importance(0)
    of_each_sign = prune_magnitude(network, 0, 0.3, importance.size, rng())
    gone = prune_magnitude(network, 0, 0.3, 10, rng())
    assert not np.any(gone & ~of_each_sign)
    np.testing.assert_array_equal(np.sort(importance[gone]), np.sort(importance[of_each_sign])[:10])


def test_random_pruning_gives_every_connection_its_share():
    network = make_network((9, 8, 2), motif_size=1, epsilon=1)
    generator, n = rng(), int(network.graphs[0]["n_connections"])
    hits = sum(prune_random(network, 0, 0.3, n, generator).astype(int) for _ in range(4000))
    share = int(0.3 * n) / n
    assert np.all(np.abs(hits - 4000 * share) < 5 * np.sqrt(4000 * share * (1 - share)))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1), st.data())
def test_smallest_takes_ties_in_their_order(items, data):
    values, group = np.array(items).T
    group = group.astype(bool)
    count = data.draw(st.integers(0, int(group.sum())))
    members = np.flatnonzero(group)
    expected = members[np.argsort(values[members], kind="stable")[:count]]
    chosen = smallest(values.astype(np.float64), group, count)
    np.testing.assert_array_equal(np.flatnonzero(chosen), np.sort(expected))
