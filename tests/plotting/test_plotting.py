"""What all displays share: late imports, parameters, and errors that name the estimator."""

import subprocess
import sys

import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from sklearn_motif.plotting import LossCurveDisplay, MotifTradeoffDisplay, TopologyDisplay

from ..models import small


def test_importing_loads_no_matplotlib():
    code = "import sys, sklearn_motif.plotting; print('matplotlib' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def test_without_matplotlib(data, monkeypatch):
    model = small().fit(*data)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for display in (LossCurveDisplay, TopologyDisplay):
        with pytest.raises(ImportError, match="matplotlib"):
            display.from_estimator(model)


@pytest.mark.parametrize("display", [LossCurveDisplay, TopologyDisplay])
def test_what_cannot_be_drawn_is_named(display, data):
    with pytest.raises(NotFittedError):
        display.from_estimator(small())
    with pytest.raises(TypeError, match="LogisticRegression has no"):
        display.from_estimator(LogisticRegression().fit(*data))


@pytest.mark.parametrize(
    ("cls", "parameters"),
    [
        (LossCurveDisplay, {"loss_curve": [2, 1], "validation_scores": (0.5, 0.75)}),
        (TopologyDisplay, {"degrees": {"start": [1, 2]}, "feature_names": ["a", "b"]}),
        (
            MotifTradeoffDisplay,
            {
                "motif_sizes": [1, [4, 2]],
                "fit_times": [2, 1],
                "scores": [0.5, 0.25],
                "score_stds": (0, 0.125),
                "groups": ["", ""],
            },
        ),
    ],
)
def test_lists_will_do_and_parameters_are_kept_as_they_are_given(cls, parameters):
    display = cls(**parameters).plot()
    for name, value in parameters.items():
        assert getattr(display, name) is value
