"""Options as kernels take them: numbers, of the types that they are declared with."""

import numpy as np
import pytest

from sklearn_motif.engine import training
from sklearn_motif.engine.options import for_kernels

from ..models import make_network, make_options, make_step, sample, train_on

# Numbers that all types hold.
OPTIONS = make_options(momentum=0.5, beta_1=0.25, beta_2=0.75, alpha=1.0).step


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_any_numbers_become_those_that_the_kernels_are_compiled_for(solver):
    given = OPTIONS._replace(
        batch_size=np.int32(32),
        solver=solver,
        momentum=np.float32(0.5),
        nesterovs_momentum=np.True_,
        alpha=1,
        dropout=np.int64(0),
        n_jobs=-1,
    )
    options = for_kernels(given, 3)
    expected = for_kernels(OPTIONS._replace(solver=solver), 3)
    assert options == expected
    assert [type(value) for value in options] == [type(value) for value in expected]
    assert options._replace(solver=solver, n_jobs=None) == OPTIONS._replace(solver=solver)
    assert options.n_jobs == 3


def test_solvers_have_different_numbers():
    numbers = {for_kernels(OPTIONS._replace(solver=solver), 1).solver for solver in ("adam", "sgd")}
    assert len(numbers) == 2


def test_numbers_of_other_types_compile_nothing_anew():
    X, y = sample()
    n_signatures = []
    for number in (float, np.float32, np.float64, int):
        options = {"momentum": number(0), "alpha": number(0), "learning_rate": number(1)}
        step = make_step(make_network(), batch_size=np.int64(8), dropout=number(0), **options)
        train_on(step, X, y)
        n_signatures.append(len(training.run_turns.signatures))
    assert set(n_signatures) == {n_signatures[0]}
