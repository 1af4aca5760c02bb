"""What estimators predict: classes, labels and targets, and what skl2onnx is told of them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    BaggingRegressor,
    StackingClassifier,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import LogisticRegression

from sklearn_motif import MotifSETRegressor
from sklearn_motif.onnx import to_onnx

from ..models import odd, run_onnx, shaken, small

pytest.importorskip("onnxruntime")
pytest.importorskip("skl2onnx")

CLOSE = {np.float32: 1e-5, np.float64: 1e-12}
ROWS = np.random.default_rng(0).standard_normal((150, 11))
CLASSES = np.digitize(ROWS[:, 0], [-0.5, 0.5])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "y",
    [
        CLASSES + 5,
        np.array(["low", "middle", "high"])[CLASSES],
        np.array(["low", "high", "high"], dtype=object)[CLASSES],
        CLASSES > 1,
        CLASSES * 1.0,
        np.array([7, 10**12, -3])[CLASSES],
        (ROWS[:, :4] > 0).astype(int),
    ],
    ids=["integers", "strings", "binary", "bool", "float", "large", "multilabel"],
)
def test_classifier(y, dtype):
    X = ROWS.astype(dtype)
    model = odd().fit(X, y)
    outputs = run_onnx(to_onnx(model), X)
    assert len(np.unique(outputs["label"])) > 1
    np.testing.assert_array_equal(outputs["label"], model.predict(X))
    np.testing.assert_allclose(
        outputs["probabilities"], model.predict_proba(X), atol=CLOSE[dtype], rtol=0
    )
    assert outputs["probabilities"].dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("smoothing", [0.0, 1e-12, 0.01, 0.1, 0.9])
@pytest.mark.parametrize("kind", ["two", "three", "labels"])
def test_probabilities_are_freed_of_the_smoothing(kind, smoothing, dtype):
    """Of classes and labels of which some are rare, each label of its own."""
    X = ROWS.astype(dtype)
    y = {"two": ROWS[:, 0] < 1.5, "three": np.digitize(ROWS[:, 0], [1, 2])}
    y["labels"] = (ROWS[:, :4] > [0, 1, 1.5, 2]).astype(int)
    model = odd(label_smoothing=smoothing, max_iter=30).fit(X, y[kind])
    outputs = run_onnx(to_onnx(model.set_params(label_smoothing=0.5)), X)
    np.testing.assert_array_equal(outputs["label"], model.predict(X))
    expected = model.predict_proba(X)
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=CLOSE[dtype], rtol=0)
    if kind == "labels" and smoothing == 0.1:
        assert np.unique(model.network_.outputs.smoothing).size > 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("missing", [0, 1])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_class_without_rows_is_not_impossible(n_classes, missing, dtype):
    X, classes = ROWS.astype(dtype), np.arange(n_classes)
    y = np.delete(classes, missing)[CLASSES % (n_classes - 1)]
    model = odd()
    for _ in range(30):
        model.partial_fit(X, y, classes=classes)
    probabilities = run_onnx(to_onnx(model), X)["probabilities"]
    assert np.all(probabilities > 0)
    assert probabilities[:, missing].min() < 1e-9
    np.testing.assert_allclose(probabilities, model.predict_proba(X), atol=1e-5)  # of a stream


@pytest.mark.parametrize("kind", ["two", "three", "labels"])
def test_scores_in_place_of_probabilities(kind):
    y = {"two": CLASSES > 1, "three": CLASSES, "labels": (ROWS[:, :4] > 0).astype(int)}[kind]
    model = odd().fit(ROWS, y)
    outputs = run_onnx(to_onnx(model, options={"raw_scores": True, "zipmap": False}), ROWS)
    scores = model.decision_function(ROWS)
    expected = np.column_stack([-scores, scores]) if kind == "two" else scores
    np.testing.assert_allclose(outputs["probabilities"], expected, rtol=1e-9)
    np.testing.assert_array_equal(outputs["label"], model.predict(ROWS))


@pytest.mark.parametrize(
    ("ensemble", "n_classes"),
    [
        *((name, n) for name in ("calibrated", "voting", "stacking") for n in (2, 3)),
        ("stacked scores", 3),  # of two classes, skl2onnx stacks two columns instead of one
    ],
)
def test_ensembles_of_classifiers(ensemble, n_classes):
    y = np.minimum(CLASSES, n_classes - 1)
    network = odd(max_iter=20)
    members = [("network", network), ("linear", LogisticRegression())]
    model = {
        "calibrated": CalibratedClassifierCV(network, cv=2),  # takes scores
        "voting": VotingClassifier(members, voting="soft", flatten_transform=False),
        "stacking": StackingClassifier(members, cv=2),
        "stacked scores": StackingClassifier(members, cv=2, stack_method="decision_function"),
    }[ensemble].fit(ROWS, y)
    outputs = run_onnx(to_onnx(model, ROWS), ROWS)
    np.testing.assert_array_equal(outputs["label"], model.predict(ROWS))
    np.testing.assert_allclose(outputs["probabilities"], model.predict_proba(ROWS), atol=1e-6)


@pytest.mark.parametrize("y", [ROWS[:, 0], ROWS[:, :2]], ids=["one", "several"])
def test_regressor(y):
    model = odd(MotifSETRegressor).fit(ROWS, y)
    outputs = run_onnx(to_onnx(model), ROWS)["variable"]
    assert outputs.shape == (150, y.size // 150)
    np.testing.assert_allclose(outputs, model.predict(ROWS).reshape(150, -1), rtol=1e-12)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_have_the_dtype_of_the_inputs(dtype, precision):
    """And sum to one in it, whatever the network computes in."""
    X = ROWS.astype(dtype)
    model = shaken(odd(precision=precision).fit(X, CLASSES))
    probabilities = run_onnx(to_onnx(model, X), X)["probabilities"]
    assert probabilities.dtype == dtype
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_allclose(probabilities, model.predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize(("mean", "scale"), [(0, 1e-6), (0, 1e9), (1e9, 1.0), (-3.0, 1e-3)])
def test_targets_in_units_of_their_own(mean, scale, precision):
    y = mean + scale * (ROWS[:, :2] + [0, 5])
    model = odd(MotifSETRegressor, precision=precision).fit(ROWS, y)
    expected = model.predict(ROWS)
    outputs = run_onnx(to_onnx(model, ROWS), ROWS)["variable"]
    assert expected.std(axis=0).min() > 0.1 * scale
    np.testing.assert_allclose(outputs, expected, rtol=1e-15, atol=1e-5 * scale)


@pytest.mark.parametrize("trained", [np.float32, np.float64])
@pytest.mark.parametrize("mean", [0, 1e9])
def test_targets_that_float32_does_not_tell_apart_are_float64(mean, trained):
    X = ROWS.astype(np.float32)
    model = odd(MotifSETRegressor).fit(X.astype(trained), mean + ROWS[:, :2])
    exported = to_onnx(model, X)  # also where the model was trained on float64
    outputs = run_onnx(exported, X)["variable"]
    assert outputs.dtype == (np.float64 if mean else np.float32)
    np.testing.assert_allclose(outputs, model.predict(X), rtol=0, atol=1e-5)
    default = run_onnx(to_onnx(model), X.astype(trained))["variable"]
    assert default.dtype == model.predict(X).dtype


@pytest.mark.parametrize("ensemble", [BaggingRegressor, VotingRegressor])
def test_ensembles_go_on_in_the_dtype_of_the_inputs(ensemble):
    X, network = ROWS.astype(np.float32), odd(MotifSETRegressor)
    of = network if ensemble is BaggingRegressor else [("one", network), ("other", network)]
    model = ensemble(of).fit(X, 1e5 + ROWS[:, 0])
    outputs = run_onnx(to_onnx(model, X), X)["variable"]
    np.testing.assert_allclose(outputs[:, 0], model.predict(X), rtol=1e-6)


@pytest.mark.parametrize("n_calls", [1, 2])
def test_streams(n_calls):
    """What is not known yet is part of the model, too."""
    X = pd.DataFrame(ROWS[:, :3], columns=list("abc"))
    X["word"] = np.array(["x", "y", "z"])[CLASSES]
    X["empty"] = np.nan
    model = small(precision="float64")
    for rows in (slice(0, 20), slice(20, 150))[:n_calls]:
        model.partial_fit(X[rows], CLASSES[rows], classes=[0, 1, 2])
    model = shaken(model)
    X.loc[::2, "empty"] = 1.0
    outputs = run_onnx(to_onnx(model, X), X)["probabilities"]
    np.testing.assert_allclose(outputs, model.predict_proba(X), atol=1e-12)


def test_the_type_of_outputs_is_that_of_the_widest_input():
    X = pd.DataFrame({"words": ["a", "b", "c"] * 30, "whole": [1, 2] * 45, "numbers": ROWS[:90, 0]})
    for dtype in (np.float32, np.float64):
        X["numbers"] = X["numbers"].astype(dtype)
        exported = to_onnx(small(MotifSETRegressor).fit(X, ROWS[:90, 0]), X)
        assert run_onnx(exported, X)["variable"].dtype == dtype


# Labels.


@pytest.mark.parametrize("labels", [[0, 1, 2**63 + 5], [2**63, 2**64 - 1]])
def test_labels_that_are_no_int64(labels):
    labels = np.array(labels, dtype=np.uint64)
    y = labels[CLASSES % labels.size]
    model = odd().fit(ROWS, y)
    with pytest.raises(
        ValueError, match=f"int64, but MotifSETClassifier has the class {labels[-1]}"
    ):
        to_onnx(model)
    exported = to_onnx(model, options={"nocl": True, "zipmap": False})
    places = run_onnx(exported, ROWS)["label"]
    np.testing.assert_array_equal(model.classes_[places], model.predict(ROWS))


def test_labels_of_uint64_that_are_int64():
    y = np.array([3, 2**63 - 1], dtype=np.uint64)[CLASSES % 2]
    model = odd().fit(ROWS, y)
    np.testing.assert_array_equal(run_onnx(to_onnx(model), ROWS)["label"], model.predict(ROWS))
