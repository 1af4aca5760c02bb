"""The log of a training, and warnings that name the line of the user."""

import linecache
import logging
import subprocess
import sys
import types

import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif._training import log, loop

from ..models import small

# The log.


def test_the_log_follows_stderr_and_leaves_the_applications_log_alone(blobs):
    """In a fresh process: pytest sets up a log of its own."""
    code = """
import contextlib, io, logging
import numpy as np
from sklearn_motif import MotifSETClassifier
X, y = np.random.default_rng(0).standard_normal((30, 4)), np.arange(30) % 2
def fit():
    text = io.StringIO()
    with contextlib.redirect_stderr(text):
        MotifSETClassifier((5,), max_iter=2, verbose=True, random_state=0).fit(X, y)
    lines = text.getvalue().splitlines()
    text.close()
    return lines
first, second = fit(), fit()
assert len(first) == len(second) == 2, (first, second)
log = io.StringIO()
logging.basicConfig(stream=log)
assert fit() == []
assert log.getvalue().count("INFO:sklearn_motif:epoch") == 2, log.getvalue()
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""


def test_verbose_logs_a_line_an_epoch(blobs, caplog):
    caplog.set_level(logging.INFO, logger="sklearn_motif")
    small(verbose=True, max_iter=3).fit(*blobs)
    lines = [record.getMessage() for record in caplog.records]
    assert [line.split()[1] for line in lines] == ["1", "2", "3"]
    assert all("of 3   loss" in line and "changed" in line for line in lines)
    caplog.clear()
    small(max_iter=3).fit(*blobs)
    assert not caplog.records


@pytest.mark.parametrize("validated", [False, True])
def test_lines_of_the_log_are_aligned(blobs, validated, caplog):
    caplog.set_level(logging.INFO, logger="sklearn_motif")
    X, y = blobs
    validation = {"X_val": X, "y_val": y} if validated else {}
    model = small(verbose=True, max_iter=11).fit(X, y, **validation)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 11
    assert len({line.index("connections") for line in lines}) == 1
    assert len(set(map(len, lines))) == 1
    if validated:
        assert [float(line.split("score")[1].split()[0]) for line in lines] == pytest.approx(
            model.validation_scores_, abs=1e-5
        )


# Warnings.


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
    assert len(record) + len(interrupted) == 3
    assert {warning.filename for warning in [*record, *interrupted]} == {__file__}


def interrupt(*_, **__):
    raise KeyboardInterrupt


def test_a_warning_with_no_user_in_sight_is_heard(monkeypatch):
    """As in a thread whose first frame is one of scikit-learn's."""

    class All:
        def __contains__(self, package):
            return True

    monkeypatch.setattr(log, "PACKAGES_BETWEEN", All())
    with pytest.warns(UserWarning, match="nobody called"):
        log.warn_user("nobody called")
