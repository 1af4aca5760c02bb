"""MotifNetwork: what it holds, copies of it, and its doors to the engine."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif._evolution.evolve import evolve
from sklearn_motif._evolution.grow import GROW
from sklearn_motif._evolution.prune import PRUNE
from sklearn_motif._network import Inputs, MotifNetwork, change_inputs

from ..models import SHARING, make_network, make_options, make_step, train_on


def some_columns(columns, n_columns):
    return Inputs.plain(n_columns, columns)


def test_the_class_is_found_where_saved_models_look():
    assert MotifNetwork.__module__ == "sklearn_motif._network"
    assert pickle.loads(b"csklearn_motif._network\nMotifNetwork\n.") is MotifNetwork


def test_a_network_without_connections_is_refused():
    with pytest.raises(ValueError, match=r"epsilon=0.001 leaves no connection between layer 0"):
        make_network((11, 7, 2), epsilon=0.001)


def is_plain(value):
    """Whether a value consists of arrays and builtins, all the way down."""
    if isinstance(value, dict):
        return all(map(is_plain, (*value, *value.values())))
    return value is None or isinstance(value, (np.ndarray, str, tuple, int, float, bool))


def test_a_network_is_saved_as_arrays_and_builtins():
    network = make_network((12, 7, 3), feature_shape=(3, 4), inputs=some_columns(np.arange(12), 13))
    assert is_plain(network.__getstate__())
    clone = pickle.loads(pickle.dumps(network))
    X = np.random.default_rng(0).standard_normal((5, 13))
    np.testing.assert_array_equal(clone.predict(X), network.predict(X))
    np.testing.assert_equal(clone.__getstate__(), network.__getstate__())


@pytest.mark.parametrize("columns", [None, np.array([1, 2, 5, 8])])
def test_a_network_of_the_first_version_predicts_as_it_did(columns):
    """It kept neither its motif size nor inputs and outputs, but the columns that it read."""
    X = np.random.default_rng(0).standard_normal((5, 4 if columns is None else 10))
    network = make_network((4, 7, 3), motif_size=3)
    expected = network.predict(X if columns is None else X[:, columns])
    state = dict(vars(network), out_activation="softmax", columns=columns)
    if columns is not None:
        state["_n_columns"] = 10
    for name in ("inputs", "outputs", "motif_size"):
        del state[name]
    loaded = MotifNetwork.__new__(MotifNetwork)
    loaded.__setstate__(state)
    np.testing.assert_array_equal(loaded.predict(X), expected)
    assert loaded.motif_size == 3
    assert loaded.out_activation == "softmax"
    loaded = pickle.loads(pickle.dumps(loaded))
    np.testing.assert_array_equal(loaded.predict(X), expected)


def test_a_copy_goes_its_own_way_and_can_be_restored():
    network = make_network()
    before, X = network.copy(), np.random.default_rng(0).standard_normal((5, 11))
    expected = network.predict(X)
    step = make_step(network)
    train_on(step, X, np.arange(5) % 3)
    evolve(
        network,
        step.state,
        0.5,
        prune=PRUNE["random"],
        grow=GROW["random"],
        gradients=None,
        rng=np.random.default_rng(0),
    )
    assert not np.array_equal(network.predict(X), expected)
    np.testing.assert_array_equal(before.predict(X), expected)
    network.restore(before)
    np.testing.assert_array_equal(network.predict(X), expected)
    assert not np.shares_memory(network.weights, before.weights)


@pytest.mark.parametrize("motif_size", [1, 2])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_a_rebuilt_network_starts_anew_with_the_keys_it_is_given(weight_sharing, motif_size):
    network = make_network(motif_size=4, weight_sharing=weight_sharing)
    fresh = make_network(motif_size=motif_size, weight_sharing=weight_sharing, seed=1)
    keys = [fresh.keys(index) for index in range(fresh.graphs.size)]
    before = network.copy()
    rebuilt = network.rebuilt(motif_size, keys)
    np.testing.assert_equal(network.__getstate__(), before.__getstate__())
    for name in ("layers", "graphs", "indptr", "targets", "indptr_t", "sources", "places"):
        np.testing.assert_array_equal(getattr(rebuilt, name), getattr(fresh, name))
    assert rebuilt.motif_size == motif_size
    assert rebuilt.motif_sizes == fresh.motif_sizes
    assert rebuilt.weights.shape == fresh.weights.shape
    assert not rebuilt.weights.any()
    # Gains and biases of the start: `make_network` moves them by the same random numbers.
    moved = np.random.default_rng([1, 2]).normal(0, 0.3, fresh.nodes.size)
    np.testing.assert_array_equal(rebuilt.nodes + moved, fresh.nodes)


@pytest.mark.parametrize("motif_size", [1, 2, 3])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_a_feature_shape_moves_connections_of_the_first_graph_only(weight_sharing, motif_size):
    options = {"motif_size": motif_size, "weight_sharing": weight_sharing, "epsilon": 2}
    free = make_network((63, 40, 30, 3), **options)
    network = make_network((63, 40, 30, 3), feature_shape=(9, 7), **options)
    for name in ("layers", "graphs"):
        np.testing.assert_array_equal(getattr(network, name), getattr(free, name))
    assert free.windows is None
    assert free.allowed_keys(0) is None
    allowed = network.allowed_keys(0)
    assert allowed.size < network.graphs[0]["motifs_in"] * network.graphs[0]["motifs_out"] / 2
    assert np.isin(network.keys(0), allowed).all()
    assert network.allowed_keys(1) is None


def test_outputs_look_at_everything():
    assert make_network((12, 3), feature_shape=(3, 4)).windows is None


@pytest.mark.parametrize("kind", [np.asarray, scipy.sparse.csr_array])
def test_some_columns_are_what_is_read(kind):
    X = np.random.default_rng(0).standard_normal((6, 10))
    columns = np.array([1, 2, 5, 8])
    expected = make_network((4, 7, 3)).predict(np.ascontiguousarray(X[:, columns]))
    network = make_network((4, 7, 3), inputs=some_columns(columns, 10))
    assert network.n_columns == 10
    np.testing.assert_array_equal(network.predict(kind(X)), expected)
    values = network.features(kind(X)).values
    np.testing.assert_array_equal(values, X[:, columns].ravel())


@pytest.mark.parametrize("inputs", [None, some_columns(np.array([1, 2, 5, 8]), 10)])
def test_rows_of_another_width_stop_at_the_door(inputs):
    network = make_network((4, 7, 3), inputs=inputs)
    for enter in (network.features, network.predict):
        with pytest.raises(ValueError, match=f"X has 9 features, the network {network.n_columns}"):
            enter(np.zeros((5, 9)))


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_step_trains_the_network_by_its_options(solver):
    X, y = np.random.default_rng(0).standard_normal((24, 11)), np.arange(24) % 3
    options = make_options(
        batch_size=12, solver=solver, alpha=0.01, dropout=0.2, label_smoothing=0.1
    ).step
    course = {"learning_rate": 0.1, "dropout_seed": 5, "n_updates": 2}
    network, other = make_network(), make_network()
    state = network.new_optimizer_state(solver)
    assert [values.size > 0 for values in state] == [True, solver == "adam"] * 2
    loss = train_on(network.training_step(state, options, **course), X, y)
    assert loss == train_on(make_step(other, **options._asdict(), **course), X, y)
    np.testing.assert_array_equal(network.weights, other.weights)
    np.testing.assert_array_equal(network.nodes, other.nodes)
    assert not np.array_equal(network.weights, make_network().weights)


# What a stream learns more of.


@pytest.mark.parametrize("motif_size", [1, 2, 3])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_more_inputs_change_nothing_until_they_gain_connections(weight_sharing, motif_size):
    options = {"motif_size": motif_size, "weight_sharing": weight_sharing, "epsilon": 3}
    network = make_network((4, 40, 9, 3), group_features=False, **options)
    X = np.random.default_rng(0).standard_normal((6, 4))
    expected, keys = network.predict(X), network.keys(0)
    more = replace(network.inputs, indicators=np.array([1, 3]), codes=np.array([np.nan, np.nan]))
    change_inputs(network, more)
    np.testing.assert_array_equal(network.predict(X), expected)
    np.testing.assert_array_equal(network.keys(0), keys)
    assert network.layer_sizes[0] == network.coefs()[0].shape[0] == 6
    np.testing.assert_array_equal(network.coefs()[0].toarray()[4:], np.zeros((2, 40)))
    X[2, 3] = np.nan  # has no connection yet
    np.testing.assert_array_equal(network.predict(X), network.predict(np.where(np.isnan(X), 0, X)))
    # It is what a network of that size is, and grows and splits as one.
    fresh = make_network((6, 40, 9, 3), group_features=False, **options)
    np.testing.assert_array_equal(network.layers, fresh.layers)
    assert network.indptr.size == fresh.indptr.size
    state = network.new_optimizer_state("adam")
    for _ in range(10):
        evolve(
            network,
            state,
            0.5,
            prune=PRUNE["random"],
            grow=GROW["random"],
            gradients=None,
            rng=np.random.default_rng(len(np.unique(network.keys(0)))),
        )
        train_on(
            make_step(network, state=state, solver="adam", learning_rate=0.1),
            made(X, network),
            np.arange(6) % 3,
        )
    assert np.all(np.diff(network.part("indptr", 0)) > 0)
    filled = network.predict(np.where(np.isnan(X), 0, X))
    assert np.any(network.predict(X)[2] != filled[2])
    np.testing.assert_array_equal(np.delete(network.predict(X), 2, 0), np.delete(filled, 2, 0))


@pytest.mark.parametrize("weight_sharing", SHARING)
def test_columns_that_turn_out_to_hold_numbers_get_inputs_at_their_places(weight_sharing):
    options = {"weight_sharing": weight_sharing, "epsilon": 3, "group_features": False}
    bins = np.repeat([0, 3], 2)
    inputs = Inputs(
        4,
        np.array([0, 3]),
        np.zeros(4),
        bins=bins,
        starts=np.zeros(4),
        widths=np.ones(4),
        indicators=np.array([2]),
        codes=np.array([1.0]),
    )
    network = make_network((7, 40, 9, 3), inputs=inputs, **options)
    X = np.random.default_rng(0).standard_normal((6, 4))
    expected, coefs = network.predict(X), network.coefs()[0].toarray()
    more = replace(
        inputs,
        values=np.array([0, 1, 3]),
        bins=np.repeat([0, 1, 3], 2),
        starts=np.zeros(6),
        widths=np.ones(6),
    )
    change_inputs(network, more)
    np.testing.assert_array_equal(network.predict(X), expected)
    is_new = np.isin(np.arange(10), [1, 5, 6])
    np.testing.assert_array_equal(network.coefs()[0].toarray()[~is_new], coefs)
    assert not network.coefs()[0].toarray()[is_new].any()
    step = make_step(network, solver="adam", learning_rate=0.1)
    train_on(step, made(X, network), np.arange(6) % 3)
    other = make_network((7, 40, 9, 3), inputs=inputs, **options)
    step = make_step(other, solver="adam", learning_rate=0.1)
    train_on(step, made(X, other), np.arange(6) % 3)
    np.testing.assert_array_equal(network.predict(X), other.predict(X))


def made(X, network):
    """The inputs of some rows."""
    return network.inputs.of(X, network.weights.dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("motif_size", [1, 2])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_other_units_of_targets_keep_the_function(weight_sharing, motif_size, dtype):
    options = {"motif_size": motif_size, "weight_sharing": weight_sharing, "dtype": dtype}
    network = make_network((5, 9, 3), out_activation="identity", **options)
    X = np.random.default_rng(0).standard_normal((6, 5))
    raw = network.predict(X)
    means, scales = np.array([1e3, 0.0, -5.0]), np.array([1e3, 1e-3, 2.0])
    network.change_targets(means, scales)  # units at last: weights mean what they meant
    expected = network.predict(X)
    np.testing.assert_allclose(expected, means + scales * raw, rtol=1e-6)
    for factor in (7.0, 1e-3):
        network.change_targets(means + factor * scales, factor * scales)
        tolerance = 1e-5 if dtype == np.float32 else 1e-11
        error = np.abs(network.predict(X) - expected) / scales
        assert error.max() < tolerance
        np.testing.assert_array_equal(network.outputs.scales, factor * scales)
