"""Growth: where new connections may be, and which of these cells each rule takes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif._evolution.evolve import evolve
from sklearn_motif._evolution.grow import EXACT_CELLS, GROW, VacantCells, grow_gradient
from sklearn_motif._evolution.prune import PRUNE

from ..models import SHARING, RandomSignals, filled_state, make_network, make_step, train_on


def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize("grow", GROW)
@pytest.mark.parametrize("feature_shape", [None, (5, 6)])
def test_every_rule_takes_vacant_cells_in_order(grow, feature_shape):
    network = make_network((30, 40, 2), motif_size=1, epsilon=2, feature_shape=feature_shape)
    vacant = VacantCells(network, 0)
    allowed = np.arange(30 * 40) if feature_shape is None else network.allowed_keys(0)
    free = np.setdiff1d(allowed, network.keys(0))
    assert vacant.count == free.size
    for count in (1, 7, min(free.size, 50)):
        grown = GROW[grow](vacant, count, RandomSignals(network), rng())
        assert grown.size == count
        assert np.all(np.diff(grown) > 0)
        assert np.isin(grown, free).all()


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("motif_size", [1, 3])
def test_gradient_growth_equals_the_dense_answer(weight_sharing, motif_size):
    network = make_network(
        (50, 40, 2), motif_size=motif_size, epsilon=1, weight_sharing=weight_sharing
    )
    signals = RandomSignals(network)
    scores = signals.dense(0)
    scores[network.keys(0)] = -1
    grown = grow_gradient(VacantCells(network, 0), 8, signals, rng())
    np.testing.assert_array_equal(grown, np.sort(np.argsort(-scores)[:8]))


@pytest.mark.parametrize("weight_sharing", ["scaled", "none"])
def test_gradient_growth_in_very_sparse_graphs_takes_the_best_candidates(weight_sharing):
    network = make_network(
        (2000, 1000, 2), motif_size=2, epsilon=0.5, weight_sharing=weight_sharing
    )
    graph = network.graphs[0]
    keys = network.keys(0)
    assert graph["motifs_in"] * graph["motifs_out"] > EXACT_CELLS * keys.size
    signals = RandomSignals(network)
    grown = grow_gradient(VacantCells(network, 0), 100, signals, rng())
    assert grown.size == 100
    assert np.all(np.diff(grown) > 0)
    assert not np.isin(grown, keys).any()
    # The best eighth of uniform candidates are about the best eighth of all cells.
    scores = signals.dense(0)
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
    allowed, before = network.allowed_keys(0), network.keys(0)
    n_vacant = allowed.size - before.size
    signals = RandomSignals(network)
    scores = signals.dense(0)
    options = {"prune": PRUNE["magnitude"], "grow": GROW[grow], "gradients": signals, "rng": rng()}
    evolve(network, filled_state(network), fraction, **options)
    keys = network.keys(0)
    assert keys.size == before.size
    assert np.all(np.diff(keys) > 0)
    assert np.isin(keys, allowed).all()
    grown = np.setdiff1d(keys, before)
    assert grown.size <= n_vacant
    if grow == "gradient":
        vacant = np.setdiff1d(allowed, before)
        best = np.sort(vacant[np.argsort(-scores[vacant])[: grown.size]])
        np.testing.assert_array_equal(grown, best)


def test_growth_in_windows_reaches_every_cell():
    network = make_network((30, 40, 2), motif_size=1, epsilon=2, feature_shape=(5, 6))
    allowed, seen = network.allowed_keys(0), network.keys(0)
    state = network.new_optimizer_state("sgd")
    for seed in range(40):
        options = {"prune": PRUNE["random"], "grow": GROW["random"], "gradients": None}
        evolve(network, state, 0.5, rng=np.random.default_rng(seed), **options)
        seen = np.union1d(seen, network.keys(0))
    np.testing.assert_array_equal(seen, allowed)


def test_where_windows_have_too_few_cells_any_will_do():
    network = make_network((30, 40, 2), motif_size=1, epsilon=2, feature_shape=(5, 6))
    vacant = VacantCells(network, 0)
    inside = vacant.sample(vacant.count, rng())
    np.testing.assert_array_equal(inside, vacant.keys)
    more = vacant.sample(vacant.count + 1, rng())
    assert np.all(np.diff(more) > 0)
    assert not np.isin(more, network.keys(0)).any()
    assert not np.isin(more, vacant.keys).all()


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
