"""What units send on, layer by layer, and what comes back to them."""

import numpy as np
import pytest

from ..models import ACTIVATIONS, SHARING, make_network, make_step, sample, train_on
from ..oracle import Oracle


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_units_send_equals_the_oracle(activation, weight_sharing):
    """The motifs of two leave one neuron over in each of the layers."""
    network = make_network(activation=activation, weight_sharing=weight_sharing)
    X, y = sample()
    expected = [p for _, p, _, _ in Oracle(network).forward(X)[1]]
    step = make_step(network)
    train_on(step, X, y)
    for index, p in enumerate(expected):
        np.testing.assert_allclose(step.signals(index)[1][:, :23], p, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_nothing_comes_back_from_places_without_a_row(activation, weight_sharing):
    """Also after a mini-batch that had rows there."""
    network = make_network(activation=activation, weight_sharing=weight_sharing)
    X, y = sample()
    step = make_step(network, dropout=0.2)
    train_on(step, X, y)
    train_on(step, X, y, np.arange(3))
    for index in range(network.graphs.size):
        d = step.signals(index)[0]
        assert d[:, :3].any()
        assert not d[:, 3:].any()
