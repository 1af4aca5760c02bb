"""Loss curves, of one estimator and of several."""

import numpy as np
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETRegressor
from sklearn_motif.plotting import LossCurveDisplay

from ..models import small


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
    regressor = small(MotifSETRegressor).fit(X, y, X_val=X, y_val=y)
    assert LossCurveDisplay.from_estimator(regressor).score_ax_.get_ylabel() == "validation R²"
    for scoring, name in (("max_error", "max_error"), ("loss", "score"), (len, "score")):
        labeled = LossCurveDisplay.from_estimator(regressor.set_params(scoring=scoring))
        assert labeled.score_ax_.get_ylabel() == f"validation {name}"


def test_loss_curves_of_several_estimators_share_axes(data):
    X, y = data
    one = LossCurveDisplay.from_estimator(small(early_stopping=True).fit(X, y), name="sparse")
    model = MLPRegressor(
        hidden_layer_sizes=(5,), early_stopping=True, tol=10, n_iter_no_change=2
    ).fit(X, y)
    other = LossCurveDisplay.from_estimator(model, ax=one.ax_, name="dense")
    assert other.score_ax_ is one.score_ax_
    assert len(one.figure_.axes) == 2
    colors = [{line.get_color() for line in display.lines_} for display in (one, other)]
    assert [len(color) for color in colors] == [1, 1]
    assert colors[0] != colors[1]
    labels = [text.get_text() for text in one.ax_.get_legend().get_texts()]
    assert len(labels) == 5
    assert all(label.startswith(("sparse: ", "dense: ")) for label in labels)
