"""What a network starts with."""

import numpy as np
import pytest

from sklearn_motif._network import MotifNetwork

from ..models import SHARING


def fresh(layer_sizes, **options):
    """A network as it starts."""
    options = {
        "motif_size": 3,
        "epsilon": 5,
        "weight_sharing": "scaled",
        "activation": "relu",
        "out_activation": "softmax",
        "group_features": True,
        "dtype": np.float64,
        **options,
    }
    wiring, values = (np.random.default_rng(i) for i in range(2))
    return MotifNetwork(layer_sizes, wiring=wiring, values=values, **options)


@pytest.mark.parametrize("weight_sharing", ["scaled", "none"])
def test_initial_weights_are_normal_by_the_real_fan_in(weight_sharing):
    network = fresh((2000, 1000, 10), motif_size=2, epsilon=20, weight_sharing=weight_sharing)
    targets = network.targets_of(0)
    weights = network.graph_weights(0)
    fan_in = np.bincount(targets, minlength=500) * weights.shape[1]
    assert fan_in.std() > 0
    standardized = weights * np.sqrt(2 * fan_in)[targets][:, None, None]  # half of He's
    assert standardized.mean() == pytest.approx(0, abs=0.02)
    assert standardized.std() == pytest.approx(1, abs=0.02)


def test_neurons_of_a_scaled_motif_start_different():
    """Clones would get equal gradients and stay clones."""
    network = fresh((30, 20, 2))
    biases = network.intercepts()[0][:18].reshape(6, 3)
    assert np.all(np.diff(biases, axis=1) > 0.5)
    gains = network.nodes[network.layers[1]["gain_out"] :][:18].reshape(6, 3)
    np.testing.assert_array_equal(gains, np.tile([1, -1, 1], (6, 1)))
    # Three neurons of a motif: one sees the middle of the range, two its ends.
    np.testing.assert_allclose(biases.mean(axis=1), 0, atol=1e-12)


def test_a_scaled_motif_starts_by_sending_the_mean_of_its_neurons():
    network = fresh((8, 20, 2))
    np.testing.assert_allclose(network.gains_in(0), [1 / 3] * 6 + [1 / 2] * 2)
    np.testing.assert_allclose(network.gains_in(1), [1 / 3] * 18 + [1 / 2] * 2)


@pytest.mark.parametrize("weight_sharing", ["tied", "none"])
def test_neurons_without_gains_start_at_zero(weight_sharing):
    assert not fresh((30, 20, 2), weight_sharing=weight_sharing).nodes.any()


@pytest.mark.parametrize("weight_sharing", SHARING)
def test_outputs_start_at_their_biases(weight_sharing):
    network = fresh((30, 20, 2), weight_sharing=weight_sharing)
    assert network.graph_weights(0).any()
    assert not network.graph_weights(1).any()
    assert not network.layer_nodes(2, "bias").any()


def test_short_blocks_start_with_zeros_where_they_have_no_neuron():
    network = fresh((8, 7, 2), weight_sharing="none", epsilon=100)
    blocks = network.graph_weights(0).reshape(3, 3, 3, 3)  # by motifs, then by neurons
    assert not blocks[2, :, 2].any()
    assert not blocks[:, 2, :, 1:].any()
    assert np.count_nonzero(blocks) == 8 * 7
