"""What classifier and regressor share: the steps of a fit, and a fit that fails."""

import copy
import inspect
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from sklearn_motif import MotifSETRegressor, _base

from .models import NAMES, make_data, small, state_of


def test_what_partial_fit_refuses(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match="class_weight"):
        small(class_weight="balanced").partial_fit(X, y, classes=[0, 1, 2])
    for model in (small(early_stopping=True), small(MotifSETRegressor, early_stopping=True)):
        with pytest.raises(ValueError, match="early_stopping"):
            model.partial_fit(X, y)


def test_warns_when_not_converged(blobs):
    with pytest.warns(ConvergenceWarning, match="max_iter=2"):
        small(max_iter=2, learning_rate="constant").fit(*blobs)


def test_a_fit_warns_once_of_missing_values_that_have_no_input(blobs):
    X, y = blobs
    frame = pd.DataFrame(X, columns=[f"gene {i}" for i in range(12)])
    rare = frame.copy()
    rare.loc[::50, "gene 4"] = rare.loc[1, "gene 7"] = np.nan
    model = small(warm_start=True).fit(frame, y)
    for call in (
        lambda: clone(model).fit(frame, y, X_val=rare, y_val=y),
        lambda: clone(model).fit(frame[:200], y[:200], X_val=rare, y_val=y),
        lambda: model.predict(rare),
        lambda: copy.deepcopy(model).fit(rare, y),
        lambda: copy.deepcopy(model).set_params(early_stopping=True).fit(rare, y),
        lambda: copy.deepcopy(model).partial_fit(rare, y),
    ):
        with pytest.warns(UserWarning, match=r"misses values .*\['gene 4', 'gene 7'\]") as caught:
            call()
        assert len(caught) == 1
        assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        aware = clone(model).fit(rare, y, X_val=rare, y_val=y)
        aware.partial_fit(rare, y).predict(rare)


# A call that fails changes nothing.


@pytest.mark.parametrize("method", ["partial_fit", "fit"])
def test_a_failed_call_leaves_the_model_as_it_was(blobs, method):
    X, y = blobs
    model = small(warm_start=True, solver="sgd").fit(X, y).partial_fit(X, y)
    for failure, error in (({"learning_rate_init": 1e9}, "diverged"), ({}, "infinity")):
        before = state_of(model.set_params(**failure))
        with pytest.raises(ValueError, match=error):
            getattr(model, method)(X if failure else np.full_like(X, np.inf), y)
        np.testing.assert_equal(state_of(model), before)


def test_a_failed_fit_leaves_the_previous_model(blobs):
    X, y = blobs
    frame = pd.DataFrame(X, columns=[f"gene {i}" for i in range(12)])
    model = small().fit(frame, y)
    expected = model.predict_proba(frame)
    wider = np.tile(X, (1, 100))
    with pytest.raises(ValueError, match="class"):
        model.fit(wider, np.zeros(300))
    model.set_params(solver="sgd", learning_rate_init=1e9)
    with pytest.raises(ValueError, match="diverged"):
        model.fit(1e3 * wider, y)
    np.testing.assert_array_equal(model.predict_proba(frame), expected)
    with (
        pytest.warns(UserWarning, match="does not have valid feature names"),
        pytest.raises(ValueError, match="1200 features"),
    ):
        model.predict(wider)
    with pytest.raises(ValueError, match="1200 features"):
        model.network_.predict(wider)


class StepFails(Exception):
    """What a step of a fit raises here."""


ROOMS = ("_fitting", "_training", "engine")
# The functions that a fit calls, but for those that predict and __setstate__ call.
STEPS = [
    name
    for name, value in vars(_base).items()
    if inspect.isfunction(value)
    and value.__module__.startswith(tuple(f"sklearn_motif.{room}" for room in ROOMS))
    and name not in ("rows_to_predict", "where_positive")
]


@pytest.fixture(scope="module")
def calls():
    """Models, fitted before or not, and calls that reach every step among them."""
    X, y = make_data()
    other = pd.DataFrame(X[:, :4], columns=list("abcd"))  # features of another number, with names
    fitted = small(early_stopping=True).fit(other, y)
    warm = small(warm_start=True).fit(X, y)
    stream = small().partial_fit(X, y, classes=NAMES)
    rare = scipy.sparse.random(y.size, 300, density=0.01, format="csr", random_state=0)
    rare_stream = small().partial_fit(rare, y, classes=NAMES)
    pairs = [
        (small(early_stopping=True, scoring="accuracy"), lambda model: model.fit(X, y)),
        (fitted, lambda model: model.fit(X, y)),
        (warm, lambda model: model.fit(X, y, X_val=X, y_val=y)),
        (small(MotifSETRegressor), lambda model: model.partial_fit(X, X[:, 0])),
        (stream, lambda model: model.partial_fit(X, y, classes=NAMES)),
        (rare_stream, lambda model: model.partial_fit(rare, y, classes=NAMES)),
        # Rows enough to look for noise.
        (small(verbose=True), lambda model: model.fit(*make_data(n_rows=210))),
    ]
    for model, _ in pairs:
        model.set_params(max_iter=2, learning_rate="constant")  # so that a fit warns
    return pairs


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("step", STEPS)
def test_a_fit_that_fails_at_any_step_changes_nothing(step, calls, monkeypatch):
    done = getattr(_base, step)

    def fail(*args, **kwargs):
        done(*args, **kwargs)
        raise StepFails

    monkeypatch.setattr(_base, step, fail)
    n_failures = 0
    for model, call in calls:
        before = state_of(model)
        twin = copy.deepcopy(model)
        try:
            call(twin)
        except StepFails:
            n_failures += 1
            np.testing.assert_equal(state_of(twin), before)
    assert n_failures > 0
