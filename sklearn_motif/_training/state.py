"""What a training leaves behind so that the next one can go on from there."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .._network import MotifNetwork
from ..engine import OptimizerState
from .options import TrainingOptions


@dataclass
class Streams:
    """Independent random streams, so that none depends on how much another was used."""

    wiring: np.random.Generator
    values: np.random.Generator
    shuffling: np.random.Generator
    dropout: np.random.Generator
    evolution: np.random.Generator
    validation: np.random.Generator

    @classmethod
    def from_random_state(cls, random_state: np.random.RandomState) -> Streams:
        """Streams whose seeds are drawn from `random_state`."""
        seeds = np.random.SeedSequence(random_state.randint(2**32, size=4, dtype=np.uint32))
        return cls(*map(np.random.default_rng, seeds.spawn(len(fields(cls)))))

    @classmethod
    def from_states(cls, states: dict[str, Any]) -> Streams:
        """Streams that go on from `states`."""
        streams = {}
        for name, state in states.items():
            streams[name] = np.random.default_rng(0)
            streams[name].bit_generator.state = state
        return cls(**streams)

    def states(self) -> dict[str, Any]:
        """The generators' states, made of builtins only."""
        return {name: stream.bit_generator.state for name, stream in vars(self).items()}


@dataclass
class TrainingState:
    """How far a training has come.

    A state without an optimizer has not begun: a training fills in what it lacks.
    """

    epoch: int = 0  # of the clock that schedules follow
    n_rows: int = 0  # of all epochs together, by which a stream without an end goes
    learning_rate: float = 0.0  # of "adaptive"; 0: `learning_rate_init`
    best_loss: float = np.inf
    n_without_progress: int = 0  # epochs
    n_updates: int = 0
    n_updates_before: int = 0  # of other optimizers
    dropout_seed: int = 0
    optimizer: OptimizerState | None = None
    solver: str | None = None  # whose state `optimizer` is

    def begin(
        self, network: MotifNetwork, options: TrainingOptions, streams: Streams
    ) -> OptimizerState:
        """The optimizer's state to train with: a new one unless there is one of this solver."""
        solver = options.step.solver
        if self.optimizer is None or self.solver != solver:
            self.solver = solver
            self.optimizer = network.new_optimizer_state(solver)
            self.n_updates_before += self.n_updates
            self.n_updates = 0
            self.dropout_seed = int(streams.dropout.integers(2**32))
        self.learning_rate = self.learning_rate or options.learning_rate_init
        return self.optimizer

    def to_dict(self) -> dict[str, Any]:
        """The state as a dict of arrays and builtins only."""
        optimizer = None if self.optimizer is None else self.optimizer._asdict()
        return {**vars(self), "optimizer": optimizer}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainingState:
        """The state that `to_dict` gave as `values`, with arrays of its own."""
        optimizer = values["optimizer"]
        if optimizer is not None:
            arrays = {name: array.copy() for name, array in optimizer.items()}
            optimizer = OptimizerState(**arrays)
        return cls(**{**values, "optimizer": optimizer})
