"""Shared fixtures: where the real data lies, and small networks."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sklearn_motif.engine import TrainingStep, jit


@pytest.fixture(scope="session")
def data_dir():
    """Folder of the real data sets; tests that need it are skipped where there is none."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SKLEARN_MOTIF_DATA", default))
    if not (folder / "isolet.npz").exists():
        pytest.skip("no folder of real data; set SKLEARN_MOTIF_DATA to one")
    return folder


@pytest.fixture(autouse=True)
def no_word_of_compilation(monkeypatch):
    """Which test compiles what depends on those before it; the log of none shall."""
    monkeypatch.setattr(jit, "_has_told", True)


@pytest.fixture
def blobs():
    """300 rows of three well separated classes in 12 features."""
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=300)
    X = rng.standard_normal((300, 12)) + 3 * np.eye(3, 12)[y]
    return X, y


@pytest.fixture
def steps(monkeypatch):
    """What training steps were asked for: a record for each call."""
    records = []
    step = TrainingStep.__call__

    def record(self, X, y, row_weights, rows):
        records.append(
            SimpleNamespace(
                rows=rows.copy(),
                learning_rate=self.learning_rate,
                n_updates=self.n_updates,
                dropout_seed=self._dropout_seed,
            )
        )
        return step(self, X, y, row_weights, rows)

    monkeypatch.setattr(TrainingStep, "__call__", record)
    return records
