"""MotifNetwork: sizes, starting values, and what it exports."""

import pickle

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif._evolution.evolve import evolve

from ..models import ACTIVATIONS, SHARING, make_network, make_step, train_on


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


def dense_forward(coefs, intercepts, activation, X):
    """What MLPClassifier does with its coefs_ and intercepts_."""
    phi = {
        "relu": lambda z, _: np.maximum(z, 0),
        "all_relu": lambda z, layer: np.where(z > 0, z, (0.6 if layer % 2 else -0.6) * z),
        "tanh": lambda z, _: np.tanh(z),
        "logistic": lambda z, _: 1 / (1 + np.exp(-z)),
        "identity": lambda z, _: z,
    }[activation]
    a = X
    for layer, (W, b) in enumerate(zip(coefs, intercepts, strict=True), start=1):
        z = a @ W.toarray() + b
        a = phi(z, layer)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("motif_size", [1, 2, 3, 5])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_coefs_and_intercepts_are_the_network(weight_sharing, motif_size, activation):
    sizes = (11, 7, 9, 3)
    network = make_network(
        sizes, motif_size=motif_size, weight_sharing=weight_sharing, activation=activation
    )
    coefs, intercepts = network.coefs(), network.intercepts()
    for i, (W, b) in enumerate(zip(coefs, intercepts, strict=True)):
        assert isinstance(W, scipy.sparse.csr_array)
        assert W.shape == sizes[i : i + 2]
        assert W.dtype == network.weights.dtype
        assert W.has_sorted_indices
        if motif_size == 1:
            assert W.nnz == network.graphs[i]["n_connections"]
        assert b.shape == (sizes[i + 1],)
    X = np.random.default_rng(0).standard_normal((30, 11))
    expected = dense_forward(coefs, intercepts, activation, X)
    np.testing.assert_allclose(network.predict(X), expected, rtol=1e-9)
    np.testing.assert_allclose(network.input_strengths(), abs(coefs[0]).sum(axis=1))
    # The motifs that a feature's entries lead to.
    indptr, indices = coefs[0].indptr, coefs[0].indices // motif_size
    motifs = [np.unique(indices[indptr[i] : indptr[i + 1]]).size for i in range(11)]
    np.testing.assert_array_equal(network.input_degrees(), motifs)


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


@pytest.mark.parametrize("weight_sharing", ["scaled", "none"])
def test_initial_weights_are_normal_by_the_real_fan_in(weight_sharing):
    network = make_network((2000, 1000, 10), weight_sharing=weight_sharing, epsilon=20)
    targets = network.targets_of(0)
    weights = network.graph_weights(0)
    fan_in = np.bincount(targets, minlength=500) * weights.shape[1]
    assert fan_in.std() > 0
    standardised = weights * np.sqrt(2 * fan_in)[targets][:, None, None]  # half of He's
    assert standardised.mean() == pytest.approx(0, abs=0.02)
    assert standardised.std() == pytest.approx(1, abs=0.02)


def test_neurons_of_a_scaled_motif_start_different():
    """Clones would get equal gradients and stay clones."""
    wiring, values = np.random.default_rng(0), np.random.default_rng(1)
    network = make_network((30, 20, 2), motif_size=3)
    fresh = type(network)(
        (30, 20, 2),
        motif_size=3,
        epsilon=5,
        weight_sharing="scaled",
        activation="relu",
        out_activation="softmax",
        group_features=True,
        dtype=np.float64,
        wiring=wiring,
        values=values,
    )
    biases = fresh.intercepts()[0][:18].reshape(6, 3)
    assert np.all(np.diff(biases, axis=1) > 0.5)
    gains = fresh.nodes[fresh.layers[1]["gain_out"] :][:18].reshape(6, 3)
    np.testing.assert_array_equal(gains, np.tile([1, -1, 1], (6, 1)))
    # Three neurons of a motif: one sees the middle of the range, two its ends.
    np.testing.assert_allclose(biases.mean(axis=1), 0, atol=1e-12)


def test_a_network_without_connections_is_refused():
    with pytest.raises(ValueError, match=r"epsilon=0.001 leaves no connection between layer 0"):
        make_network((11, 7, 2), epsilon=0.001)


def test_a_network_holds_arrays_and_builtins_only():
    network = make_network()
    for name, value in vars(network).items():
        kinds = (np.ndarray, str, tuple, int, float, bool)
        assert isinstance(value, kinds), name
    clone = pickle.loads(pickle.dumps(network))
    X = np.random.default_rng(0).standard_normal((5, 11))
    np.testing.assert_array_equal(clone.predict(X), network.predict(X))


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
        prune="random",
        grow="random",
        gradients=None,
        rng=np.random.default_rng(0),
    )
    assert not np.array_equal(network.predict(X), expected)
    np.testing.assert_array_equal(before.predict(X), expected)
    network.restore(before)
    np.testing.assert_array_equal(network.predict(X), expected)
    assert not np.shares_memory(network.weights, before.weights)


def test_a_network_is_no_larger_than_its_connections():
    """Bytes of all arrays: 4 for a weight and 12 for its place in both orders, in float32."""
    network = make_network((5000, 20_000, 10), motif_size=1, epsilon=5, dtype=np.float32)
    n_bytes = sum(v.nbytes for v in vars(network).values() if isinstance(v, np.ndarray))
    neurons = sum(network.layer_sizes)
    assert n_bytes < 16 * network.n_connections + 24 * neurons + 1000


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
    places = network.allowed_keys(0)
    assert places.size < network.graphs[0]["motifs_in"] * network.graphs[0]["motifs_out"] / 2
    assert np.isin(network.keys(0), places).all()
    assert network.allowed_keys(1) is None


def test_outputs_look_at_everything():
    assert make_network((12, 3), feature_shape=(3, 4)).windows is None
