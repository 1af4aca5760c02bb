"""Where a fit begins: anew, or from what an earlier call left on the estimator."""

from __future__ import annotations

from typing import Any, NamedTuple

from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from .._network import Inputs, MotifNetwork
from .._training.state import Streams, TrainingState
from .first_values import FirstValues
from .parameters import AUTO


class Start(NamedTuple):
    """What a training begins with."""

    is_new: bool  # whether nothing of an earlier fit is kept
    is_partial: bool  # whether it is a call of `partial_fit`
    streams: Streams
    state: TrainingState
    inputs: Inputs | None = None  # what is known of the columns
    first_values: FirstValues | None = None  # of a stream whose columns are not all known

    @property
    def waiting(self) -> set[int]:
        """Columns of a stream that are not known yet, and targets, numbered after all columns."""
        return set() if self.first_values is None else set(self.first_values.waiting.tolist())


def start_of(estimator: BaseEstimator, *, is_partial: bool) -> Start:
    """Decide whether to begin anew; streams and state have arrays of their own."""
    if not (hasattr(estimator, "network_") and (is_partial or estimator.warm_start)):
        streams = Streams.from_random_state(check_random_state(estimator.random_state))
        return Start(is_new=True, is_partial=is_partial, streams=streams, state=TrainingState())
    streams = Streams.from_states(estimator._streams)
    state, first_values = TrainingState(), None
    if is_partial:
        state = TrainingState.from_dict(estimator._training_state)
        if state.optimizer is None and "n_updates_before" not in estimator._training_state:
            state.n_updates_before = estimator.t_ // AUTO["batch_size"]  # version 0.1.0 kept none
        kept = vars(estimator).get("_first_values")  # version 0.1.0 had none
        first_values = None if kept is None else FirstValues(**kept)
    return Start(
        is_new=False,
        is_partial=is_partial,
        streams=streams,
        state=state,
        inputs=estimator.network_.inputs,
        first_values=first_values,
    )


def known_network(estimator: BaseEstimator, structure: dict[str, Any]) -> MotifNetwork:
    """A copy of the network to go on from, which parameters must not contradict."""
    built_by = estimator._built_by
    for name, value in structure.items():
        if value != built_by.get(name, value):  # an older version knew fewer
            raise ValueError(
                f"{name}={value!r}, but the network to go on from was built with "
                f"{name}={built_by[name]!r}. Set it back, or fit anew with "
                "warm_start=False."
            )
    return estimator.network_.copy()
