"""The record of a training."""

import numpy as np

from sklearn_motif._training.history import History

from ..models import make_network


def test_input_degrees_are_noted_in_epochs_that_are_powers_of_two():
    """So that memory does not grow with the epochs."""
    history, network = History(), make_network()
    for epoch in range(1, 101):
        history.begin_epoch(epoch, network)
    assert list(history.input_degrees) == [1, 2, 4, 8, 16, 32, 64]
    columns, degrees = history.input_degrees[1]
    np.testing.assert_array_equal(columns, np.flatnonzero(network.input_degrees()))
    np.testing.assert_array_equal(degrees, network.input_degrees()[columns])


def test_an_epoch_is_noted_as_a_whole():
    history, network = History(), make_network()
    history.end_epoch(network, 0.5)
    assert (history.loss_curve, history.validation_scores) == ([0.5], [])
    history.end_epoch(network, 0.25, (0.75, 0.125))
    assert history.loss_curve == [0.5, 0.25]
    assert history.motif_size_curve == 2 * [network.motif_size]
    assert history.n_connections_curve == 2 * [network.n_connections]
    assert history.validation_scores == [0.75]
    assert history.validation_loss_curve == [0.125]
