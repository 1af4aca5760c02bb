"""Dropout: its share, its mean, and the same mask on the way back."""

import numpy as np
import pytest

from ..models import make_network, make_step, sample, train_on
from ..oracle import Oracle


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dropout_keeps_its_share_and_its_mean(dtype):
    """Of an identity network with weights of one, the output is the sum of the mask."""
    network = make_network(
        (1, 400, 1), motif_size=1, activation="identity", epsilon=1000, dtype=dtype
    )
    network.weights[:], network.nodes[:] = 1, 0
    X, y = np.ones((64, 1), dtype=dtype), np.ones(64, dtype=np.int32)
    step = make_step(network, batch_size=64, learning_rate=1e-12, dropout=0.25, dropout_seed=7)
    masks = []
    for _ in range(2):
        train_on(step, X, y, np.arange(64))
        masks.append(step.signals(1)[1].copy())
    for mask in masks:
        np.testing.assert_allclose(np.unique(mask), [0, 4 / 3], rtol=1e-6)
        assert np.mean(mask == 0) == pytest.approx(0.25, abs=0.01)
        # No row and no column of the mask is like another.
        assert np.unique(mask, axis=0).shape == mask.shape
        assert np.unique(mask, axis=1).shape == mask.shape
    assert np.mean(masks[0] == masks[1]) == pytest.approx(0.75**2 + 0.25**2, abs=0.02)


def test_gradients_pass_through_the_same_dropout_mask():
    """In an identity network the gradient by a weight is what its dropped input was."""
    network = make_network((5, 40, 1), motif_size=1, activation="identity", epsilon=1000)
    X, y = sample(n=8, n_features=5, n_classes=2)
    before = network.nodes.copy()
    step = make_step(network, batch_size=8, dropout=0.5, dropout_seed=3)
    train_on(step, X, y)
    d, p = step.signals(1)
    dropped = p[:, :8] == 0
    assert dropped.any()
    hidden = network.layers[1]
    bias = slice(hidden["bias"], hidden["bias"] + 40)
    outgoing = network.graph_weights(1)[:, 0, 0] + d[0, :8] @ p[:, :8].T
    expected = (outgoing[:, None] * d[0, :8] * ~dropped * 2).sum(axis=1)
    np.testing.assert_allclose(before[bias] - network.nodes[bias], expected, atol=1e-12)


def test_gain_gradients_see_the_dropped_activations():
    """With one neuron a motif kept alive by its gain, a dropped place adds nothing."""
    network = make_network((6, 20, 1), motif_size=2, activation="identity", epsilon=1000)
    X, y = sample(n=8, n_features=6, n_classes=2)
    hidden = network.layers[1]
    gains_in, gains_out, biases = (
        network.nodes[hidden[name] : hidden[name] + 20].reshape(10, 2).copy()
        for name in ("gain_in", "gain_out", "bias")
    )
    before = network.nodes.copy()
    outgoing = network.graph_weights(1)[:, 0, 0].copy()
    s = Oracle(network).forward(X)[1][0][2]
    step = make_step(network, batch_size=8, dropout=0.5, dropout_seed=3)
    train_on(step, X, y)
    d, p = (values[:, :8] for values in step.signals(1))
    activations = gains_out[:, :, None] * s[:, None] + biases[:, :, None]
    # Which of the four masks a motif had at a place follows from what it sent.
    masks = np.array([[0, 0], [0, 2], [2, 0], [2, 2]])
    sent = np.einsum("cm,gm,gmb->gcb", masks, gains_in, activations)
    mask = masks[np.abs(sent - p[:, None]).argmin(axis=1)].transpose(0, 2, 1)
    np.testing.assert_allclose((mask * gains_in[:, :, None] * activations).sum(axis=1), p)
    expected = np.einsum("g,b,gmb->gm", outgoing, d[0], mask * activations)
    gradient = (before - network.nodes)[hidden["gain_in"] : hidden["gain_in"] + 20]
    np.testing.assert_allclose(gradient, expected.ravel(), atol=1e-12)
