"""The wiring of the input features: as images, as a table, as lines."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETRegressor
from sklearn_motif.plotting import TopologyDisplay

from ..models import small

plt = pytest.importorskip("matplotlib.pyplot")


def test_topology_as_images(data):
    model = small(evolve_every=1).fit(*data)
    _, axes = plt.subplots(1, 2)
    display = TopologyDisplay.from_estimator(model, image_shape=(3, 4), ax=axes[1])
    titles = [image.axes.get_title() for image in display.images_]
    assert titles == ["start", "epoch 2", "epoch 4", "fitted"]  # nothing moved after epoch 8
    counts = [model.input_degrees_[epoch] for epoch in (1, 2, 4, 8)]
    assert not np.array_equal(counts[0], counts[-1])
    for image, values in zip(display.images_, counts, strict=True):
        np.testing.assert_array_equal(image.get_array(), values.reshape(3, 4))
        assert image.norm.vmin == display.images_[0].norm.vmin  # one color scale
    assert display.ax_ is axes[1]


def test_topology_as_a_table(data):
    frame = pd.DataFrame(data[0], columns=[f"gene {i}" for i in range(12)])
    model = small(evolve_every=1).fit(frame, data[1])
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


def test_connections_are_those_of_all_inputs_of_a_column(data):
    frame = pd.DataFrame(data[0][:, :3], columns=["age", "income", "constant"])
    frame["constant"] = 1.0
    frame.loc[::7, "income"] = np.nan
    frame["color"] = np.array(["cyan", "pink", "teal"])[np.arange(90) // 7 % 3]
    model = small(motif_size=1, encode_features=4, evolve_every=1).fit(frame, data[1])
    display = TopologyDisplay.from_estimator(model)
    first_word = [name.partition(" ")[0].partition("=")[0] for name in model.input_names_]
    assert {first_word.count(name) for name in ("age", "income", "color", "constant")} == {
        1 + 4,  # a value and its bins
        1 + 4 + 1,  # and an input for missing values
        3,
        0,
    }
    connections = pd.Series(np.diff(model.coefs_[0].indptr)).groupby(first_word).sum()
    expected = [connections.get(name, 0) for name in frame.columns]
    np.testing.assert_array_equal(display.images_[0].get_array()[:, -1], expected)
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == ["age", "income", "constant", "color"]


def test_epochs_that_early_stopping_took_back_are_not_drawn(data):
    X, y = data
    options = {"early_stopping": True, "learning_rate_init": 0.2, "encode_features": False}
    model = small(max_iter=20, **options).fit(X, y)
    best = np.lexsort((model.validation_loss_curve_, -np.array(model.validation_scores_)))[0] + 1
    assert best < 16, "nothing was taken back"
    assert max(model.input_degrees_) <= best
    display = TopologyDisplay.from_estimator(model, image_shape=(3, 4))
    assert display.images_[-1].axes.get_title() == "fitted"


def test_topology_as_lines():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 300))
    model = small(MotifSETRegressor, max_iter=40, evolve_every=1).fit(X, X[:, 0])
    display = TopologyDisplay.from_estimator(model)
    points, *lines = display.lines_
    np.testing.assert_array_equal(points.get_ydata(), model.network_.input_degrees())
    assert [line.get_label() for line in lines] == ["start", "epoch 4", "epoch 8", "fitted"]
    # A mean over neighbors, of which there are fewer at the ends.
    first = model.input_degrees_[1]
    assert lines[0].get_ydata()[150] == pytest.approx(first[140:161].mean())
    assert lines[0].get_ydata()[0] == pytest.approx(first[:11].mean())


def test_numbers_of_features_that_disagree(data):
    model = small().fit(*data)
    with pytest.raises(ValueError, match=r"image_shape must be \(rows, columns\).*12"):
        TopologyDisplay.from_estimator(model, image_shape=(5, 5))
    with pytest.raises(ValueError, match="feature_names must name 12 features; got 2"):
        TopologyDisplay.from_estimator(model, feature_names=["a", "b"])
    with pytest.raises(ValueError, match="one number of features"):
        TopologyDisplay(degrees={"a": [1, 2], "b": [1]})
