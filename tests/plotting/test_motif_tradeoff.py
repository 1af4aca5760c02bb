"""Score against fit time, of searches and of made-up results."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif.plotting import MotifTradeoffDisplay

from ..models import small


def test_trade_off_of_a_search(data):
    X, y = data
    model = make_pipeline(StandardScaler(), small())
    name = "motifsetclassifier__motif_size"
    search = GridSearchCV(model, {name: [1, 2, 4]}, cv=2).fit(X, y)
    display = MotifTradeoffDisplay.from_estimator(search)
    results = search.cv_results_
    line = display.errorbars_[0].lines[0]
    np.testing.assert_array_equal(line.get_xdata(), results["mean_fit_time"])
    np.testing.assert_array_equal(line.get_ydata(), results["mean_test_score"])
    assert [text.get_text() for text in display.texts_] == ["1", "2", "4"]
    assert display.ax_.get_legend() is None
    np.testing.assert_array_equal(display.score_stds, results["std_test_score"])


def made_up(**columns):
    params = [{"motif_size": m, "a__epsilon": e} for e in (5, 20) for m in (1, 2)]
    results = {"params": params, "mean_fit_time": [4.0, 2.0, 80.0, 3.0]}
    return results | {f"{kind}_test_f1": [0.9, 0.8, 0.7, 0.6] for kind in ("mean", "std")} | columns


def test_trade_off_with_other_parameters_and_failed_fits():
    display = MotifTradeoffDisplay.from_cv_results(made_up(), metric="f1")
    labels = [bars.get_label() for bars in display.errorbars_]
    assert labels == ["epsilon=5", "epsilon=20"]
    assert display.ax_.get_xscale() == "log"
    many = {"params": [{"motif_size": m, "a__epsilon": e} for e in range(9) for m in (2, 1)]}
    many |= {"mean_fit_time": np.arange(1.0, 19), "mean_test_f1": np.ones(18)}
    display = MotifTradeoffDisplay.from_cv_results(
        {**many, "std_test_f1": np.ones(18)}, metric="f1"
    )
    assert len(display.errorbars_) == 1
    assert display.ax_.get_legend() is None
    assert display.texts_[0].get_text() == "1"  # in the order of motif sizes
    failed = made_up(mean_test_f1=[0.9, np.nan, 0.7, 0.6])
    display = MotifTradeoffDisplay.from_cv_results(failed, metric="f1")
    assert [text.get_text() for text in display.texts_] == ["1", "1", "2"]


def test_trade_off_with_schedules_of_motif_sizes():
    params = [{"motif_size": m} for m in ("auto", [4, 2], 10, 2)]
    results = {"params": params, "mean_fit_time": np.arange(1.0, 5), "mean_test_f1": np.ones(4)}
    results["std_test_f1"] = np.ones(4)
    display = MotifTradeoffDisplay.from_cv_results(results, metric="f1")
    texts = [text.get_text() for text in display.texts_]
    assert texts == ["2", "10", "4, 2", "auto"]  # sizes in their order, then schedules


@pytest.mark.parametrize(
    ("cv_results", "metric", "message"),
    [
        (made_up(), "accuracy", r"metric must be one of .*\['f1'\]"),
        ({}, "f1", "no 'params'"),
        (made_up(params=[{"epsilon": 1}] * 4), "f1", "motif_size"),
        (made_up(mean_test_f1=[np.nan] * 4), "f1", "all fits failed"),
    ],
)
def test_results_that_cannot_be_drawn(cv_results, metric, message):
    with pytest.raises(ValueError, match=message):
        MotifTradeoffDisplay.from_cv_results(cv_results, metric=metric)


def test_what_is_no_fitted_search(data):
    with pytest.raises(NotFittedError):
        MotifTradeoffDisplay.from_estimator(GridSearchCV(small(), {"motif_size": [1]}))
    with pytest.raises(TypeError, match="search must be a fitted search"):
        MotifTradeoffDisplay.from_estimator(small().fit(*data))
