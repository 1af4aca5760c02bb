"""The options of a training step, as users name them and as kernels take them."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, get_type_hints

ADAM, SGD = range(2)
SOLVERS = {"adam": ADAM, "sgd": SGD}


class StepOptions(NamedTuple):
    """What all mini-batches of a training have in common, named as the estimators' parameters."""

    batch_size: int
    solver: str
    momentum: float
    nesterovs_momentum: bool
    beta_1: float
    beta_2: float
    alpha: float
    dropout: float
    label_smoothing: float
    n_jobs: int | None


def as_declared(kind: type, values: dict[str, Any]) -> dict[str, Any]:
    """Values for fields of a class of options, numbers of whatever kind as plain ones."""
    declared = _declared(kind)
    return {
        name: declared[name](value) if declared[name] in (int, float, bool) else value
        for name, value in values.items()
    }


@cache
def _declared(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def for_kernels(options: StepOptions, n_threads: int) -> StepOptions:
    """Options as numbers: the solver is `ADAM` or `SGD`, `n_jobs` the threads of the team.

    A number of another type than its field's would compile the kernels anew.
    """
    numbers = as_declared(StepOptions, options._asdict())
    return StepOptions(**numbers | {"solver": SOLVERS[options.solver], "n_jobs": n_threads})
