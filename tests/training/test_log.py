"""The log of a training."""

import logging
import subprocess
import sys

import pytest

from ..models import small


def test_the_log_follows_stderr_and_leaves_the_applications_log_alone(blobs):
    """In a fresh process: pytest sets up a log of its own."""
    code = """
import contextlib, io, logging, warnings
import numpy as np
from sklearn_motif import MotifSETClassifier
X, y = np.random.default_rng(0).standard_normal((30, 4)), np.arange(30) % 2
warnings.simplefilter("ignore")  # of trainings that are so short
handler = logging.NullHandler()  # a line about the compilation may come first
logging.getLogger().addHandler(handler)
MotifSETClassifier((5,), max_iter=1).fit(X, y)
logging.getLogger().removeHandler(handler)
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


def test_a_stream_without_an_end_logs_its_calls(blobs, caplog):
    caplog.set_level(logging.INFO, logger="sklearn_motif")
    for max_iter, beginning in (("auto", "epoch    {}   loss"), (2, "epoch    {} of 2   loss")):
        model = small(verbose=True, max_iter=max_iter)
        for call in (1, 2):
            caplog.clear()
            model.partial_fit(*blobs, classes=[0, 1, 2])
            (record,) = caplog.records
            assert record.getMessage().startswith(beginning.format(call))


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
