"""Warnings that name the line of the user, from whatever depth."""

import linecache
import types

import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif._training import loop
from sklearn_motif.engine import caller

from ..models import small

UNCONVERGED = small(max_iter=1, learning_rate="constant")


def line_of(warning):
    return linecache.getline(warning.filename, warning.lineno).strip()


def directly(X, y):
    UNCONVERGED.fit(X, y)


def through_a_pipeline(X, y):
    make_pipeline(StandardScaler(), UNCONVERGED).fit(X, y)


def through_a_search(X, y):
    GridSearchCV(UNCONVERGED, {"motif_size": [1, 2]}, cv=2).fit(X, y)


def through_cross_validation(X, y):
    cross_val_score(UNCONVERGED, X, y, cv=2).sum()


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (directly, "UNCONVERGED.fit(X, y)"),
        (through_a_pipeline, "make_pipeline(StandardScaler(), UNCONVERGED).fit(X, y)"),
        (through_a_search, 'GridSearchCV(UNCONVERGED, {"motif_size": [1, 2]}, cv=2).fit(X, y)'),
        (through_cross_validation, "cross_val_score(UNCONVERGED, X, y, cv=2).sum()"),
    ],
)
def test_warnings_name_the_line_of_the_user(blobs, call, line):
    with pytest.warns(ConvergenceWarning) as record:
        call(*blobs)
    assert {warning.filename for warning in record} == {__file__}
    assert {line_of(warning) for warning in record} == {line}


def test_warnings_name_the_line_of_a_users_module(blobs):
    """Even if its name begins as that of a package in between does."""
    module = types.ModuleType("sklearn_motif_of_a_user")
    code = "def train(model, X, y):\n    return model.fit(X, y)\n"
    exec(compile(code, "of_a_user.py", "exec"), vars(module))
    with pytest.warns(ConvergenceWarning) as record:
        module.train(UNCONVERGED, *blobs)
    assert [(warning.filename, warning.lineno) for warning in record] == [("of_a_user.py", 2)]


def test_every_warning_of_a_fit_names_the_line_of_the_user(blobs, monkeypatch):
    with pytest.warns(UserWarning, match="batch_size|max_iter") as record:
        small(batch_size=999, learning_rate="constant").fit(*blobs)
    monkeypatch.setattr(loop, "evolve", interrupt)
    with pytest.warns(UserWarning, match="interrupted") as interrupted:
        small().fit(*blobs)
    # An interrupted network has learned next to nothing, which is told, too.
    assert len(record) + len(interrupted) == 4
    assert {warning.filename for warning in [*record, *interrupted]} == {__file__}


def interrupt(*_, **__):
    raise KeyboardInterrupt


def test_a_warning_with_no_user_in_sight_is_heard(monkeypatch):
    """As in a thread whose first frame is one of scikit-learn's."""

    class All:
        def __contains__(self, package):
            return True

    monkeypatch.setattr(caller, "PACKAGES_BETWEEN", All())
    with pytest.warns(UserWarning, match="nobody called"):
        caller.warn_user("nobody called")
