"""What a training leaves behind so that the next one can go on from there."""

import pickle
from dataclasses import fields

import numpy as np
import pytest

from sklearn_motif._training.state import Streams, TrainingState

from ..models import make_network, make_options

STREAMS = [field.name for field in fields(Streams)]


def make_streams(seed=0):
    return Streams.from_random_state(np.random.RandomState(seed))


def draws(streams):
    """The next number of every stream."""
    return [int(stream.integers(2**62)) for stream in vars(streams).values()]


# Random streams.


def test_streams_differ_from_one_another_and_by_the_seed():
    assert draws(make_streams()) == draws(make_streams())
    numbers = draws(make_streams(0)) + draws(make_streams(1))
    assert len(set(numbers)) == 2 * len(STREAMS)


@pytest.mark.parametrize("used", STREAMS)
def test_no_stream_depends_on_how_much_another_was_used(used):
    streams = make_streams()
    getattr(streams, used).random(1000)
    differing = [a != b for a, b in zip(draws(streams), draws(make_streams()), strict=True)]
    assert [name for name, differs in zip(STREAMS, differing, strict=True) if differs] == [used]


def test_streams_go_on_where_their_states_were_taken():
    streams = make_streams()
    for number, stream in enumerate(vars(streams).values()):
        stream.random(number)
        stream.integers(2**32, dtype=np.uint32)  # of which PCG64 keeps the other half
    states = pickle.loads(pickle.dumps(streams.states()))
    copies = [Streams.from_states(states) for _ in range(2)]
    expected = [draws(streams) for _ in range(3)]
    for copy in copies:  # neither moves the other on
        assert [draws(copy) for _ in range(3)] == expected


# The state of a training.


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_state_goes_through_a_dict_and_back(solver):
    network = make_network()
    state = TrainingState(epoch=3, learning_rate=0.5, best_loss=0.25, n_without_progress=2)
    state.n_updates = 7
    state.begin(network, make_options(solver=solver), make_streams())
    for array in state.optimizer:
        array[...] = np.arange(array.size).reshape(array.shape)
    copy = TrainingState.from_dict(pickle.loads(pickle.dumps(state.to_dict())))
    np.testing.assert_equal(copy.to_dict(), state.to_dict())
    assert type(copy.optimizer) is type(state.optimizer)


def test_a_state_from_a_dict_has_arrays_of_its_own():
    """A call of partial_fit that fails must not change what the estimator holds."""
    state = TrainingState()
    state.begin(make_network(), make_options(), make_streams())
    values = state.to_dict()
    copy = TrainingState.from_dict(values)
    for name, array in copy.optimizer._asdict().items():
        assert not np.shares_memory(array, values["optimizer"][name]), name


def test_a_state_that_has_not_begun_goes_through_a_dict_and_back():
    values = TrainingState(epoch=5).to_dict()
    assert TrainingState.from_dict(values) == TrainingState(epoch=5)
    assert values["optimizer"] is None


def test_a_training_begins_with_what_the_state_lacks():
    network, streams, state = make_network(), make_streams(), TrainingState()
    optimizer = state.begin(network, make_options(learning_rate_init=0.25), streams)
    assert not any(array.any() for array in optimizer)
    seed = int(make_streams().dropout.integers(2**32))
    assert (state.learning_rate, state.solver, state.dropout_seed) == (0.25, "adam", seed)


def test_a_training_goes_on_with_the_optimizer_of_its_solver_only():
    network, streams, state = make_network(), make_streams(), TrainingState()
    options = make_options(learning_rate_init=0.25)
    optimizer = state.begin(network, options, streams)
    state.n_updates, state.learning_rate, seed = 9, 0.125, state.dropout_seed
    assert state.begin(network, make_options(learning_rate_init=0.5), streams) is optimizer
    assert (state.n_updates, state.learning_rate, state.dropout_seed) == (9, 0.125, seed)
    assert state.begin(network, make_options(solver="sgd"), streams) is not optimizer
    assert (state.n_updates, state.learning_rate, state.solver) == (0, 0.125, "sgd")
    assert state.n_updates_before == 9
    assert state.dropout_seed != seed
