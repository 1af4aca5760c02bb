"""The options of a training step, as users name them and as kernels take them."""

from __future__ import annotations

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


_KINDS = get_type_hints(StepOptions)


def for_kernels(options: StepOptions, n_threads: int) -> StepOptions:
    """Options as numbers: the solver is `ADAM` or `SGD`, `n_jobs` the threads of the team.

    Each has the type that it is declared with, whatever number a user gave: another type would
    compile the kernels anew.
    """
    numbers: dict[str, Any] = {
        name: _KINDS[name](value)
        for name, value in options._asdict().items()
        if _KINDS[name] in (int, float, bool)
    }
    numbers |= {"solver": SOLVERS[options.solver], "n_jobs": n_threads}
    return StepOptions(**numbers)
