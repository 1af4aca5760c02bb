"""Motifs that become smaller: what a split keeps, and how training goes on from it."""

import copy
import logging
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import GridSearchCV

from sklearn_motif import MotifSETRegressor
from sklearn_motif._evolution.evolve import evolve
from sklearn_motif._evolution.grow import GROW
from sklearn_motif._evolution.prune import PRUNE
from sklearn_motif._evolution.split import refined, split, with_density
from sklearn_motif._fitting import parameters
from sklearn_motif._training.schedules import motif_size_at

from ..models import (
    ACTIVATIONS,
    RAW,
    SHARING,
    SMALL,
    assert_same_network,
    engine_gradients,
    filled_state,
    first_epochs,
    interrupt_step,
    make_network,
    make_step,
    small,
    state_of,
    train_on,
    use_all_threads,
)
from ..oracle import Oracle

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# Ragged last motifs, layers narrower than a motif, one neuron, and a graph without hidden layers.
LAYERS = [(11, 7, 9, 3), (10, 3, 1), (9, 2), (13, 1, 5, 8, 6, 2)]
SPLITS = [(4, 2), (4, 1), (6, 3), (6, 2), (5, 1)]


def rng():
    return np.random.default_rng(7)


def split_(network, state=None, motif_size=1, epsilon=1.5, prune="magnitude"):
    state = network.new_optimizer_state("sgd") if state is None else state
    return split(network, state, motif_size, epsilon, prune=PRUNE[prune], rng=rng())


@pytest.mark.parametrize("sizes", LAYERS)
@pytest.mark.parametrize("group_features", [True, False])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_the_function_stays(weight_sharing, activation, group_features, sizes):
    X = np.random.default_rng(0).standard_normal((20, sizes[0]))
    for old, new in SPLITS:
        network = make_network(
            sizes,
            motif_size=old,
            weight_sharing=weight_sharing,
            activation=activation,
            group_features=group_features,
        )
        before = copy.deepcopy(network.__getstate__())
        fine, _ = refined(network, network.new_optimizer_state("adam"), new, rng())
        np.testing.assert_allclose(fine.predict(X), network.predict(X), rtol=1e-11, atol=1e-13)
        np.testing.assert_equal(network.__getstate__(), before)
        # It is what a network of that size is: the same layers, and sorted keys.
        fresh = make_network(
            sizes,
            motif_size=new,
            weight_sharing=weight_sharing,
            activation=activation,
            group_features=group_features,
        )
        assert fine.motif_size == new
        assert fine.motif_sizes == fresh.motif_sizes
        np.testing.assert_array_equal(fine.layers, fresh.layers)
        for index in range(fine.graphs.size):
            keys = fine.keys(index)
            assert np.all(np.diff(keys) > 0)
            assert keys.size > 0


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize(("old", "new"), SPLITS)
def test_parts_look_where_their_motif_did(weight_sharing, old, new):
    shape, sizes = (6, 7), (42, 23, 9, 3)
    options = {"weight_sharing": weight_sharing, "feature_shape": shape}
    network = make_network(sizes, motif_size=old, **options)
    windows = network.windows.copy()
    fine, _ = refined(network, network.new_optimizer_state("sgd"), new, rng())
    np.testing.assert_array_equal(network.windows, windows)
    parts = [old // new] * (23 // old) + [-(-(23 % old) // new)] * (23 % old > 0)
    np.testing.assert_array_equal(fine.windows, np.repeat(windows, parts, axis=0))
    state = split_(network, motif_size=new)
    np.testing.assert_array_equal(network.windows, fine.windows)
    # What grows from now on grows in them.
    allowed, before = network.allowed_keys(0), network.keys(0)
    evolve(
        network,
        state,
        0.5,
        prune=PRUNE["magnitude"],
        grow=GROW["random"],
        gradients=None,
        rng=rng(),
    )
    grown = np.setdiff1d(network.keys(0), before)
    assert grown.size > 0
    assert np.isin(grown, allowed).all()


def test_a_split_grows_anywhere_where_windows_have_too_few_cells():
    network = make_network((40, 5, 10), motif_size=4, epsilon=0.09, feature_shape=(1, 40))
    split_(network, motif_size=1, epsilon=2)
    assert network.graphs[0]["n_connections"] == 2 * 45


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 25), min_size=2, max_size=5),
    motif_sizes=st.sampled_from([(2, 1), (4, 2), (4, 1), (6, 2), (6, 3), (9, 3)]),
    epsilon=st.floats(0.6, 6),
    weight_sharing=st.sampled_from(SHARING),
    group_features=st.booleans(),
    prune=st.sampled_from(["magnitude", "random"]),
    solver=st.sampled_from(["adam", "sgd"]),
    seed=st.integers(0, 99),
)
def test_a_split_ends_at_the_count_of_the_new_size(
    sizes, motif_sizes, epsilon, weight_sharing, group_features, prune, solver, seed
):
    old, new = motif_sizes
    options = {
        "epsilon": epsilon,
        "weight_sharing": weight_sharing,
        "seed": seed,
        "group_features": group_features,
    }
    network = make_network(sizes, motif_size=old, **options)
    fresh = make_network(sizes, motif_size=new, **options)
    state = network.new_optimizer_state(solver)
    state = split_(network, state, new, epsilon, prune)
    counts = network.graphs["n_connections"]
    np.testing.assert_array_equal(counts, fresh.graphs["n_connections"])
    for name in ("layers", "graphs"):
        np.testing.assert_array_equal(getattr(network, name), getattr(fresh, name))
    for name in ("weights", "nodes", "sources", "targets", "places", "indptr", "indptr_t"):
        assert getattr(network, name).shape == getattr(fresh, name).shape
    assert state.weights_1.size == network.weights.size
    assert state.nodes_1.size == network.nodes.size
    assert (state.weights_2.size, state.nodes_2.size) == (
        (network.weights.size, network.nodes.size) if solver == "adam" else (0, 0)
    )
    # Weights that short blocks do not use stay zero.
    cleared = network.copy()
    for index in range(cleared.graphs.size):
        cleared.clear_unused(index)
    np.testing.assert_array_equal(cleared.weights, network.weights)


def test_short_motifs_may_leave_too_few_connections():
    """A feature alone in its motif is not split; what is missing grows, at zero."""
    n_grown = []
    for seed in range(10):
        network = make_network((5, 1), motif_size=4, epsilon=0.4, seed=seed)
        fine, state = refined(network, network.new_optimizer_state("adam"), 2, rng())
        kept, state = with_density(
            fine, filled_state(fine), 0.4, prune=PRUNE["magnitude"], rng=rng()
        )
        assert kept.n_connections == 2
        n_grown.append(np.count_nonzero(kept.weights == 0))
        for moment in (state.weights_1, state.weights_2):
            np.testing.assert_array_equal(moment == 0, kept.weights == 0)
    assert set(n_grown) == {0, 1}


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("motif_size", [1, 2])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_training_goes_on_by_the_oracles_gradients(weight_sharing, motif_size, solver):
    network = make_network(motif_size=4, weight_sharing=weight_sharing, epsilon=2)
    X = np.random.default_rng(0).standard_normal((12, 11))
    y = np.arange(12) % 3
    state = split_(network, network.new_optimizer_state(solver), motif_size, 2)
    expected = Oracle(network).gradients(X, y)
    weights, nodes, _ = engine_gradients(network, X, y)
    np.testing.assert_allclose(weights, expected[0], atol=1e-13)
    np.testing.assert_allclose(nodes, expected[1], atol=1e-13)
    step = make_step(network, batch_size=12, state=state, solver=solver, learning_rate=0.01)
    before = Oracle(network).loss(X, y)
    for _ in range(20):
        train_on(step, X, y)
    assert Oracle(network).loss(X, y) < before


def test_magnitude_keeps_what_counts_most():
    network = make_network((40, 30, 2), motif_size=4, epsilon=2)
    state = network.new_optimizer_state("sgd")
    fine, fine_state = refined(network, state, 2, rng())
    importance = {key: fine.importance(0)[k] for k, key in enumerate(fine.keys(0))}
    weight = dict(zip(fine.keys(0), fine.graph_weights(0).ravel(), strict=True))
    kept, _ = with_density(fine, fine_state, 2, prune=PRUNE["magnitude"], rng=rng())
    keys = kept.keys(0)
    assert keys.size == 2 * (20 + 15) < len(weight)
    np.testing.assert_array_equal(kept.graph_weights(0).ravel(), [weight[key] for key in keys])
    gone = np.setdiff1d(list(weight), keys)
    for sign in (1, -1):  # of each its own share
        stay = [importance[key] for key in keys if sign * weight[key] > 0]
        went = [importance[key] for key in gone if sign * weight[key] > 0]
        # Rounding of the shares may favor a connection of one sign.
        assert np.sum(np.array(went) > min(stay)) <= 2


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("outputs", [1, 3])
def test_clones_come_apart(outputs, solver):
    """Neurons of a tied motif answer alike, and no longer once they are trained apart."""
    network = make_network((12, 8, outputs), motif_size=2, weight_sharing="tied", epsilon=20)
    X = np.random.default_rng(0).standard_normal((40, 12))
    y = np.arange(40) % 3 if outputs == 3 else np.arange(40) % 2
    state = network.new_optimizer_state(solver)
    options = {"solver": solver, "batch_size": 40, "learning_rate": 0.01}
    train_on(make_step(network, state=state, **options), X, y)
    state = split_(network, state, 1, 20)

    def differences():
        incoming = network.coefs()[0].toarray()
        return np.abs(incoming[:, ::2] - incoming[:, 1::2]).max(axis=0)

    np.testing.assert_allclose(differences(), 0, atol=1e-15)
    outgoing = network.coefs()[1].toarray()
    assert np.all(outgoing[::2] != outgoing[1::2])
    step = make_step(network, state=state, **options)
    for _ in range(50):
        train_on(step, X, y)
    assert np.all(differences() > 1e-3)


def test_optimizer_state_has_the_factors_of_the_weights():
    for weight_sharing in SHARING:
        network = make_network(motif_size=4, weight_sharing=weight_sharing)
        state = filled_state(network)
        state.weights_1[:], state.weights_2[:] = network.weights, network.weights**2
        fine, fine_state = refined(network, state, 1, rng())
        np.testing.assert_allclose(fine_state.weights_1, fine.weights)
        np.testing.assert_allclose(fine_state.weights_2, fine.weights**2)
        kept, kept_state = with_density(fine, fine_state, 1.5, prune=PRUNE["magnitude"], rng=rng())
        np.testing.assert_allclose(kept_state.weights_1, kept.weights)
        np.testing.assert_allclose(kept_state.weights_2, kept.weights**2)
        # Biases are those of the neurons before.
        state.nodes_1[:], state.nodes_2[:] = network.nodes, network.nodes + 1
        _, fine_state = refined(network, state, 1, rng())
        np.testing.assert_array_equal(fine_state.nodes_1, fine.nodes)
        np.testing.assert_array_equal(fine_state.nodes_2, fine.nodes + 1)
        for before, after in zip(network.intercepts(), fine.intercepts(), strict=True):
            np.testing.assert_array_equal(after, before)


def test_features_get_shares_by_length():
    """The last motif of 7 features has 3; its parts of 2 and 1 send two thirds and one."""
    network = make_network((7, 4, 2), motif_size=4, weight_sharing="tied", epsilon=100)
    fine, _ = refined(network, network.new_optimizer_state("sgd"), 2, rng())
    coarse, parts = network.graph_weights(0).ravel(), fine.graph_weights(0)[:, 0, 0]
    expected = coarse[[0, 0, 0, 0, 1, 1, 1, 1]] * np.repeat([1 / 2, 1 / 2, 2 / 3, 1 / 3], 2)
    np.testing.assert_allclose(parts, expected)


def test_a_size_that_does_not_divide_is_refused():
    network = make_network(motif_size=4)
    with pytest.raises(ValueError, match=r"Motifs of 4 .* into motifs of 3"):
        refined(network, network.new_optimizer_state("sgd"), 3, rng())


def test_nothing_as_large_as_the_dense_network_is_made():
    network = make_network((6000, 5000, 10), motif_size=4, epsilon=5, dtype=np.float32)
    state = network.new_optimizer_state("adam")
    split_(network.copy(), state, 2, 5)  # compiles
    tracemalloc.start()
    split_(network, state, 2, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6000 * 5000


# The schedule.


def test_sizes_by_epoch():
    sizes = [motif_size_at((4, 2, 1), epoch, 20) for epoch in range(1, 21)]
    assert sizes == [4] * 5 + [2] * 5 + [1] * 10
    assert {motif_size_at((2,), epoch, 20) for epoch in range(1, 30)} == {2}
    # Short trainings end with the last size, too, where there are two epochs.
    for max_iter in range(2, 12):
        sizes = [motif_size_at((8, 4, 2, 1), epoch, max_iter) for epoch in range(1, max_iter + 3)]
        assert sizes[0] == 8
        assert sizes[max_iter - 1 :] == [1, 1, 1]
        assert sorted(sizes, reverse=True) == sizes


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize(
    "options", [{"zeta": 0}, {"grow": "gradient"}, {"prune": "random", "evolve_every": 5}]
)
def test_a_fit_goes_through_the_sizes(blobs, weight_sharing, options):
    model = small(motif_size=[4, 2, 1], weight_sharing=weight_sharing, **options).fit(*blobs)
    assert model.motif_size_curve_ == [4, 4, 2, 2, 1, 1, 1, 1]
    assert model.motif_size_ == 1
    counts = {
        m: small(motif_size=m, group_features=False, max_iter=1).fit(*blobs).n_connections_
        for m in (4, 2, 1)
    }
    assert model.n_connections_curve_ == [counts[m] for m in model.motif_size_curve_]
    assert model.n_connections_ == counts[1]
    plain = small(motif_size=np.int64(2)).fit(*blobs)
    assert type(plain.motif_size_) is int
    assert plain.motif_size_curve_ == [2] * 8
    assert plain.n_connections_curve_ == [plain.n_connections_] * 8


@pytest.mark.parametrize("auto", [(4, 2, 1), (2, 1)])
def test_auto_is_a_schedule(blobs, auto, monkeypatch):
    monkeypatch.setattr(parameters, "AUTO_MOTIF_SIZES", auto)
    assert_same_network(small(motif_size="auto").fit(*blobs), small(motif_size=auto).fit(*blobs))


def test_a_schedule_of_one_size_is_that_size(blobs):
    model = small(motif_size=[2], warm_start=True).fit(*blobs)
    assert_same_network(model, small(motif_size=2).fit(*blobs))
    model.set_params(motif_size=2).fit(*blobs)


def wide(blobs):
    """So many features that they are grouped."""
    X, y = blobs
    return np.hstack([X, np.random.default_rng(1).standard_normal((300, 260))]), y


def test_the_coarsest_size_decides_about_the_features(blobs):
    X, y = wide(blobs)
    for n_features, expected in ((63 * 4, 1), (63 * 4 + 1, 2)):
        model = small(motif_size=[4, 2], max_iter=3, group_features=True)
        model.fit(X[:, :n_features], y)
        assert model.network_.motif_sizes[:2] == (expected, 2)


@pytest.mark.parametrize("k", [2, 5])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"weight_sharing": "tied", "solver": "sgd"},
        {"weight_sharing": "none", "grow": "gradient"},
    ],
)
def test_partial_fit_goes_the_way_of_fit_across_splits(blobs, options, k):
    X, y = wide(blobs)
    # A stream does not ask whether classes are noisy.
    options = {**RAW, "dropout": 0.3, "shuffle": False, "motif_size": [4, 2, 1], **options}
    expected = first_epochs(small(**options), X, y, k)
    model = small(**options)
    for _ in range(k):
        model.partial_fit(X, y, classes=[0, 1, 2])
        model = pickle.loads(pickle.dumps(model))
    assert_same_network(model, expected)
    for name in ("loss_curve_", "motif_size_curve_", "n_connections_curve_", "motif_size_"):
        assert getattr(model, name) == getattr(expected, name), name


def test_all_calls_of_partial_fit_equal_a_whole_fit(blobs):
    options = {**RAW, "shuffle": False, "motif_size": "auto"}
    expected, model = small(**options).fit(*blobs), small(**options)
    for _ in range(8):
        model.partial_fit(*blobs, classes=[0, 1, 2])
    assert_same_network(model, expected)
    assert model.loss_curve_ == expected.loss_curve_


def test_optimizer_and_counters_go_on_across_a_split(blobs, steps):
    model = small(motif_size=[4, 2], max_iter=3)
    model.partial_fit(*blobs, classes=[0, 1, 2])
    assert model.motif_size_ == 2
    assert np.count_nonzero(model._training_state["optimizer"]["weights_2"])
    assert small(motif_size=[4, 2], max_iter=3).fit(*blobs).motif_size_ == 2
    _, *fit = steps
    batches = -(-300 // 32)
    assert [step.n_updates for step in fit] == [0, batches, 2 * batches]
    assert len({step.dropout_seed for step in steps}) == 1


def test_a_stream_past_a_single_epoch_catches_up(blobs):
    model = small(motif_size=[4, 2], max_iter=1)
    for _ in range(3):
        model.partial_fit(*blobs, classes=[0, 1, 2])
    assert model.motif_size_curve_ == [4, 4, 2]


@pytest.mark.parametrize("weight_sharing", SHARING)
def test_threads_do_not_change_a_bit(blobs, weight_sharing, monkeypatch):
    use_all_threads(monkeypatch)
    X, y = wide(blobs)
    options = {"motif_size": [4, 2, 1], "weight_sharing": weight_sharing, "max_iter": 5}
    one, three = (small(n_jobs=n, **options).fit(X, y) for n in (1, 3))
    assert_same_network(one, three)
    assert one.loss_curve_ == three.loss_curve_


def test_a_warm_start_goes_on_with_the_size_that_it_has(blobs):
    model = small(motif_size=[4, 2, 1], warm_start=True).fit(*blobs).fit(*blobs)
    assert model.motif_size_curve_ == [4, 4, 2, 2, 1, 1, 1, 1] + [1] * 8
    assert len(model.n_connections_curve_) == model.n_iter_ == 16
    before = state_of(model)
    for other in (4, 1, [4, 2], [2, 1]):
        with pytest.raises(ValueError, match=r"motif_size=.*was built with motif_size=\(4, 2, 1\)"):
            model.set_params(motif_size=other).fit(*blobs)
    np.testing.assert_equal(state_of(model.set_params(motif_size=[4, 2, 1])), before)


def test_early_stopping_restores_a_network_of_an_earlier_size(blobs, monkeypatch):
    scores = iter([0.1, 0.9, 0.2, 0.3, 0.3, 0.2, 0.2, 0.2])
    networks = []

    def validator(estimator, validation, targets, network):
        def validate(network):
            networks.append(network.copy())
            return next(scores), 1.0

        return None if validation is None else validate

    monkeypatch.setattr("sklearn_motif._base.validator", validator)
    model = small(early_stopping=True, motif_size=[4, 2, 1], warm_start=True).fit(*blobs)
    np.testing.assert_equal(model.network_.__getstate__(), networks[1].__getstate__())
    assert model.motif_size_ == 4
    assert model.motif_size_curve_[-1] == 1
    np.testing.assert_array_equal(
        model.predict_proba(blobs[0]), networks[1].predict(np.ascontiguousarray(blobs[0]))
    )
    # It goes on from there.
    model.set_params(early_stopping=False).fit(*blobs)
    assert model.motif_size_curve_[8:] == [4, 4, 2, 2, 1, 1, 1, 1]


def test_patience_waits_for_the_last_split(blobs):
    model = small(
        motif_size=[4, 2, 1], zeta_schedule="constant", n_iter_no_change=2, tol=1e6, max_iter=50
    ).fit(*blobs)
    assert model.motif_size_curve_ == [4] * 12 + [2] * 13 + [1] * 3


def test_ctrl_c_after_a_split_keeps_the_split_network(blobs, monkeypatch):
    interrupt_step(monkeypatch, 10 * 4 + 3)
    with pytest.warns(UserWarning, match="interrupted"):
        model = small(motif_size=[4, 2, 1]).fit(*blobs)
    assert model.motif_size_curve_ == [4, 4, 2, 2]
    assert model.motif_size_ == 1
    assert np.isfinite(model.predict_proba(blobs[0])).all()


def test_the_log_tells_of_splits(blobs, caplog):
    caplog.set_level(logging.INFO, logger="sklearn_motif")
    model = small(motif_size=[4, 2], verbose=True).fit(*blobs)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 9
    assert lines[4] == f"motif size 2, {model.n_connections_} connections"


@pytest.mark.parametrize(
    "value",
    [0, 1.5, "large", None, [], [2, 4], [4, 3], [2, 2], [4, 0], [4, 2.0], [[4, 2]], ["4", "2"]],
)
def test_bad_sizes_are_named(blobs, value):
    for model in (small(motif_size=value), MotifSETRegressor(**{**SMALL, "motif_size": value})):
        with pytest.raises(ValueError, match="motif_size"):
            model.fit(*blobs)
    with pytest.raises(ValueError, match="motif_size"):
        small(motif_size=value).partial_fit(*blobs, classes=[0, 1, 2])


def test_a_search_takes_schedules(blobs):
    grid = {"motif_size": [1, 2, [2, 1], "auto"]}
    search = GridSearchCV(small(max_iter=3), grid, cv=2).fit(*blobs)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
