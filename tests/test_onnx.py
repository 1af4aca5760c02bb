"""Export of whole models to ONNX, run by onnxruntime."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETRegressor
from sklearn_motif.onnx import to_onnx

from .models import odd, run_onnx
from .test_persistence import PATHS, data, load_saved, outputs

pytest.importorskip("onnxruntime")
skl2onnx = pytest.importorskip("skl2onnx")

CLOSE = {np.float32: 1e-5, np.float64: 1e-12}
ROWS = np.random.default_rng(0).standard_normal((150, 11))
CLASSES = np.digitize(ROWS[:, 0], [-0.5, 0.5])


@pytest.mark.parametrize("trained", [np.float32, np.float64])
def test_type_of_the_inputs(trained):
    model = make_pipeline(StandardScaler(), odd()).fit(ROWS.astype(trained), CLASSES)
    expected = model.predict_proba(ROWS.astype(trained))
    default = run_onnx(to_onnx(model), ROWS.astype(trained))["probabilities"]
    np.testing.assert_allclose(default, expected, atol=CLOSE[trained], rtol=0)
    for dtype in (np.float32, np.float64):
        X = ROWS.astype(dtype)
        shown = run_onnx(to_onnx(model, X[:1]), X)["probabilities"]
        assert shown.dtype == dtype
        np.testing.assert_allclose(shown, expected, atol=1e-5, rtol=0)


def test_whole_numbers_as_inputs():
    X = np.round(ROWS).astype(np.int64)
    model = odd().fit(X, CLASSES)
    types = [("rows", skl2onnx.common.data_types.Int64TensorType([None, 11]))]
    outputs = run_onnx(to_onnx(model, initial_types=types), X)["probabilities"]
    assert outputs.dtype == np.float32
    np.testing.assert_allclose(outputs, model.predict_proba(X), atol=1e-5, rtol=0)


def test_frame():
    X = pd.DataFrame(ROWS, columns=list("abcdefghijk"))
    model = odd().fit(X, CLASSES)
    outputs = run_onnx(to_onnx(model, X[:1]), X)
    np.testing.assert_allclose(outputs["probabilities"], model.predict_proba(X), rtol=1e-12)


def test_search():
    search = GridSearchCV(make_pipeline(StandardScaler(), odd()), {}, cv=2).fit(ROWS, CLASSES)
    outputs = run_onnx(to_onnx(search, ROWS[:1]), ROWS)
    np.testing.assert_allclose(outputs["probabilities"], search.predict_proba(ROWS), rtol=1e-12)


def test_options_of_skl2onnx():
    X = ROWS.astype(np.float32)
    model = make_pipeline(StandardScaler(), odd()).fit(X, np.array(["a", "b", "c"])[CLASSES])
    expected = model.predict_proba(X)
    dictionaries = run_onnx(to_onnx(model, options={"zipmap": True}), X)["output_probability"]
    np.testing.assert_allclose(
        pd.DataFrame(dictionaries)[["a", "b", "c"]], expected, atol=1e-5, rtol=0
    )
    numbers = run_onnx(to_onnx(model, options={"zipmap": False, "nocl": True}), X)["label"]
    np.testing.assert_array_equal(numbers, expected.argmax(axis=1))
    exported = to_onnx(model, target_opset=15, options={"zipmap": False})
    assert {opset.version for opset in exported.opset_import if not opset.domain} == {15}
    np.testing.assert_allclose(run_onnx(exported, X)["probabilities"], expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("trained", [np.float32, np.float64])
def test_the_default_is_one_input_in_the_dtype_of_the_predictions(trained):
    X = np.repeat(ROWS, 2, axis=0).astype(trained)
    model = odd(max_iter=2).fit(X, np.repeat(CLASSES, 2))
    assert model.network_.weights.dtype == np.float32
    probabilities = run_onnx(to_onnx(model), X)["probabilities"]
    assert probabilities.dtype == trained
    np.testing.assert_allclose(probabilities, model.predict_proba(X), atol=1e-5, rtol=0)


@pytest.mark.parametrize("opset", [15, 18, None])
def test_standard_operators_only(opset):
    from onnx import checker
    from onnx.reference import ReferenceEvaluator

    X = pd.DataFrame(ROWS[:60, :3], columns=list("abc"))
    X["words"] = np.where(ROWS[:60, 3] > 0.5, "u", np.where(ROWS[:60, 4] > 0, "v", None))
    X["flags"] = ROWS[:60, 5] > 0
    X.loc[::7, "a"] = np.nan
    for rows, domains in ((X, {"", "ai.onnx.ml"}), (X[["a", "b", "c"]], {""})):
        model = odd(motif_size=3).fit(rows, CLASSES[:60])
        exported = to_onnx(model, rows, target_opset=opset)
        checker.check_model(exported, full_check=True)
        assert {node.domain for node in exported.graph.node} == domains
        # One block of rows: the evaluator of onnx 1.20 and older takes the first only.
        inputs = {name: rows[[name]].to_numpy() for name in rows}
        if "words" in inputs:
            inputs["words"] = inputs["words"].astype(str)
        label, probabilities = ReferenceEvaluator(exported).run(None, inputs)
        np.testing.assert_array_equal(label, model.predict(rows))
        np.testing.assert_allclose(probabilities, model.predict_proba(rows), rtol=1e-12)
        run_onnx(exported, rows)


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_models_of_earlier_versions(path):
    X, _ = data()
    for name, (model, _) in load_saved(path).items():
        results = run_onnx(to_onnx(model), X)
        expected = outputs(model, X)
        found = results.get("probabilities", results.get("variable")).reshape(expected.shape)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5, err_msg=name)


def test_skl2onnx_itself_converts_networks():
    model = odd(MotifSETRegressor).fit(ROWS, ROWS[:, 0])
    to_onnx(model)
    outputs = run_onnx(skl2onnx.to_onnx(model, ROWS[:1]), ROWS)["variable"]
    np.testing.assert_allclose(outputs.ravel(), model.predict(ROWS), rtol=1e-12)


# Errors.


def test_not_fitted():
    with pytest.raises(NotFittedError):
        to_onnx(make_pipeline(StandardScaler(), odd()))


def test_inputs_of_unknown_type():
    texts = np.array(["one word", "two words"])[(CLASSES > 0).astype(int)]
    model = make_pipeline(CountVectorizer(), odd()).fit(texts, CLASSES)
    with pytest.raises(ValueError, match="X or initial_types must be given"):
        to_onnx(model)


@pytest.mark.parametrize("X", [[[0.0] * 11], ROWS[0], scipy.sparse.csr_array(ROWS), "X"], ids=type)
def test_inputs_that_are_no_table(X):
    with pytest.raises(TypeError, match="X must be a DataFrame or an array of shape"):
        to_onnx(odd().fit(ROWS, CLASSES), X)


def test_wrong_number_of_features():
    model = odd().fit(ROWS, CLASSES)
    with pytest.raises(ValueError, match="show 4 features, but MotifSETClassifier expects 11"):
        to_onnx(model, ROWS[:1, :4])


def test_old_opset():
    model = odd().fit(ROWS, CLASSES)
    with pytest.raises(ValueError, match="target_opset must be at least 15, got 14"):
        to_onnx(model, target_opset=14)


def test_skl2onnx_is_optional(monkeypatch):
    code = "import sklearn_motif.onnx, sys; sys.exit('onnx' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(ImportError, match=r'pip install "sklearn-motif\[onnx\]"'):
        to_onnx(odd().fit(ROWS, CLASSES))
