"""Gradients by connections that do not exist: of blocks, and those of the loss."""

import numpy as np
import pytest

from sklearn_motif import engine

from ..models import SHARING, engine_gradients, make_network, make_step, sample, train_on


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("block_out", [1, 3])
@pytest.mark.parametrize("block_in", [1, 2])
def test_squares_are_summed_over_the_units_that_a_block_has(block_in, block_out, dtype):
    """Of seven units and five, the last motif is shorter."""
    rng = np.random.default_rng(0)
    d, p = (rng.standard_normal((n, 16)).astype(dtype) for n in (7, 5))
    h, g = np.indices((-(-7 // block_out), -(-5 // block_in))).reshape(2, -1)
    result = engine.squared_gradients(d, p, h, g, block_out, block_in)
    squares = (d.astype(np.float64) @ p.T) ** 2
    expected = [
        squares[i * block_out : (i + 1) * block_out, j * block_in : (j + 1) * block_in].sum()
        for i, j in zip(h, g, strict=True)
    ]
    np.testing.assert_allclose(result, expected, rtol=1e-4 if dtype == np.float32 else 1e-12)
    assert result.dtype == dtype


@pytest.mark.parametrize("weight_sharing", SHARING)
def test_at_connections_that_exist_they_are_the_gradients_of_their_weights(weight_sharing):
    network = make_network(weight_sharing=weight_sharing, motif_size=3)
    X, y = sample()
    gradients = engine_gradients(network, X, y)[0]
    step = make_step(network, batch_size=X.shape[0])
    train_on(step, X, y)
    for index in range(network.graphs.size):
        sources, targets = np.divmod(network.keys(index), network.graphs[index]["motifs_out"])
        expected = (network.graph_weights(index, gradients) ** 2).sum(axis=(1, 2))
        result = step.squared_gradients(index, targets, sources)
        np.testing.assert_allclose(result, expected, rtol=1e-9, atol=1e-18)
