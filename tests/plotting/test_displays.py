"""The displays draw what the estimators hold."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif.plotting import LossCurveDisplay, MotifTradeoffDisplay, TopologyDisplay

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()  # whatever fails on the way to a file
    plt.close("all")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=90)
    return rng.standard_normal((90, 12)) + 2 * np.eye(3, 12)[y], y


def small(**parameters):
    options = {"epsilon": 3, "max_iter": 9, "random_state": 0, "group_features": False}
    return MotifSETClassifier((20,), **{**options, **parameters})


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


def test_loss_curves(data):
    X, y = data
    model = small(early_stopping=True).fit(X, y)
    display = LossCurveDisplay.from_estimator(make_pipeline(StandardScaler(), model).fit(X, y))
    curves = (model.loss_curve_, model.validation_loss_curve_, model.validation_scores_)
    for line, curve in zip(display.lines_, curves, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, len(curve) + 1))
    assert len({line.get_color() for line in display.lines_}) == 3
    assert display.score_ax_.get_ylabel() == "validation accuracy"
    assert display.figure_ is display.ax_.figure
    plain = LossCurveDisplay.from_estimator(small().fit(X, y))
    np.testing.assert_array_equal(plain.lines_[0].get_ydata(), small().fit(X, y).loss_curve_)
    assert plain.score_ax_ is None
    assert len(plain.lines_) == 1
    regressor = MotifSETRegressor((9,), max_iter=3).fit(X, y, X_val=X, y_val=y)
    assert LossCurveDisplay.from_estimator(regressor).score_ax_.get_ylabel() == "validation R²"


def test_loss_curves_of_several_estimators_share_axes(data):
    X, y = data
    one = LossCurveDisplay.from_estimator(small(early_stopping=True).fit(X, y), name="sparse")
    model = MLPRegressor(hidden_layer_sizes=(5,), early_stopping=True, max_iter=5).fit(X, y)
    other = LossCurveDisplay.from_estimator(model, ax=one.ax_, name="dense")
    assert other.score_ax_ is one.score_ax_
    assert len(one.figure_.axes) == 2
    colors = [{line.get_color() for line in display.lines_} for display in (one, other)]
    assert [len(color) for color in colors] == [1, 1]
    assert colors[0] != colors[1]
    labels = [text.get_text() for text in one.ax_.get_legend().get_texts()]
    assert len(labels) == 5
    assert all(label.startswith(("sparse: ", "dense: ")) for label in labels)


def test_topology_as_images(data):
    model = small().fit(*data)
    _, axes = plt.subplots(1, 2)
    display = TopologyDisplay.from_estimator(model, image_shape=(3, 4), ax=axes[1])
    titles = [image.axes.get_title() for image in display.images_]
    assert titles == ["start", "epoch 2", "epoch 4", "fitted"]  # nothing moved after epoch 8
    counts = [model.input_degrees_[epoch] for epoch in (1, 2, 4, 8)]
    for image, values in zip(display.images_, counts, strict=True):
        np.testing.assert_array_equal(image.get_array(), values.reshape(3, 4))
        assert image.norm.vmin == display.images_[0].norm.vmin  # one colour scale
    assert display.ax_ is axes[1]


def test_topology_as_a_table(data):
    frame = pd.DataFrame(data[0], columns=[f"gene {i}" for i in range(12)])
    model = small().fit(frame, data[1])
    display = TopologyDisplay.from_estimator(model)
    table = display.images_[0].get_array()
    assert table.shape == (12, 4)
    np.testing.assert_array_equal(table[:, -1], model.network_.input_degrees())
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == list(frame.columns)
    assert len(display.ax_.texts) == table.size
    other = TopologyDisplay.from_estimator(model, feature_names=list("abcdefghijkl"))
    assert other.ax_.get_yticklabels()[0].get_text() == "a"


def test_names_come_through_a_pipeline_and_may_hold_dollars(data):
    frame = pd.DataFrame(data[0], columns=[f"a_$ {i}$" for i in range(12)])
    model = make_pipeline(StandardScaler(), small()).fit(frame, data[1])
    labels = TopologyDisplay.from_estimator(model).ax_.get_yticklabels()
    assert labels[3].get_text() == r"a_\$ 3\$"


def test_epochs_that_early_stopping_took_back_are_not_drawn(data):
    X, y = data
    model = small(early_stopping=True, learning_rate_init=0.2, max_iter=20).fit(X, y)
    best = np.lexsort((model.validation_loss_curve_, -np.array(model.validation_scores_)))[0] + 1
    assert best < 16, "nothing was taken back"
    assert max(model.input_degrees_) <= best
    display = TopologyDisplay.from_estimator(model, image_shape=(3, 4))
    assert display.images_[-1].axes.get_title() == "fitted"


def test_topology_as_lines():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 300))
    model = MotifSETRegressor((20,), epsilon=3, max_iter=40, n_iter_no_change=40).fit(X, X[:, 0])
    display = TopologyDisplay.from_estimator(model)
    points, *lines = display.lines_
    np.testing.assert_array_equal(points.get_ydata(), model.network_.input_degrees())
    assert [line.get_label() for line in lines] == ["start", "epoch 4", "epoch 8", "fitted"]
    # A mean over neighbours, of which there are fewer at the ends.
    first = model.input_degrees_[1]
    assert lines[0].get_ydata()[150] == pytest.approx(first[140:161].mean())
    assert lines[0].get_ydata()[0] == pytest.approx(first[:11].mean())


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


def test_what_cannot_be_drawn_is_named(data):
    X, y = data
    for display in (LossCurveDisplay, TopologyDisplay):
        with pytest.raises(NotFittedError):
            display.from_estimator(small())
        with pytest.raises(TypeError, match="LogisticRegression has no"):
            display.from_estimator(LogisticRegression().fit(X, y))
    with pytest.raises(NotFittedError):
        MotifTradeoffDisplay.from_estimator(GridSearchCV(small(), {"motif_size": [1]}))
    model = small().fit(X, y)
    with pytest.raises(TypeError, match="search must be a fitted search"):
        MotifTradeoffDisplay.from_estimator(model)
    with pytest.raises(ValueError, match=r"image_shape must be \(rows, columns\).*12"):
        TopologyDisplay.from_estimator(model, image_shape=(5, 5))
    with pytest.raises(ValueError, match="feature_names must name 12 features; got 2"):
        TopologyDisplay.from_estimator(model, feature_names=["a", "b"])
    with pytest.raises(ValueError, match="one number of features"):
        TopologyDisplay(degrees={"a": [1, 2], "b": [1]})
