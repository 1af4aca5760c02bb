"""What users of NumPy and scipy see of a network."""

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif._network import Inputs

from ..models import ACTIVATIONS, SHARING, make_network


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


@pytest.mark.parametrize("weight_sharing", SHARING)
def test_columns_that_are_not_read_have_no_connections(weight_sharing):
    """`coefs` has a row for each input; what is asked by column has zeros for the others."""
    columns = np.array([1, 2, 5, 8])
    options = {"weight_sharing": weight_sharing}
    whole = make_network((4, 7, 3), **options)
    network = make_network((4, 7, 3), inputs=Inputs.plain(10, columns), **options)
    for now, before in zip(network.coefs(), whole.coefs(), strict=True):
        np.testing.assert_array_equal(now.toarray(), before.toarray())
    for now, before in (
        (network.input_degrees(), whole.input_degrees()),
        (network.input_strengths(), whole.input_strengths()),
    ):
        assert now.shape == (10,)
        assert now.dtype == before.dtype
        np.testing.assert_array_equal(now[columns], before)
        assert not np.delete(now, columns).any()


def test_intercepts_are_copies():
    network = make_network()
    nodes = network.nodes.copy()
    for biases in network.intercepts():
        biases[:] = 0
    np.testing.assert_array_equal(network.nodes, nodes)
