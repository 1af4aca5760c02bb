"""Export to ONNX, run by onnxruntime."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif.onnx import to_onnx

from .models import ACTIVATIONS, SHARING, make_network, small

onnxruntime = pytest.importorskip("onnxruntime")
skl2onnx = pytest.importorskip("skl2onnx")

CLOSE = {np.float32: 1e-5, np.float64: 1e-12}
ROWS = np.random.default_rng(0).standard_normal((150, 11))
CLASSES = np.digitize(ROWS[:, 0], [-0.5, 0.5])


def run(exported, X):
    """Outputs by name, of one input or of an input for each column."""
    session = onnxruntime.InferenceSession(
        exported.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [value.name for value in session.get_inputs()]
    inputs = {name: X[[name]].to_numpy() for name in names} if len(names) > 1 else {names[0]: X}
    outputs = {}
    for value, array in zip(exported.graph.output, session.run(None, inputs), strict=True):
        if isinstance(array, np.ndarray):
            sizes = [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
            told = [n or size for n, size in zip(sizes, array.shape, strict=True)]
            assert told == list(array.shape)
        outputs[value.name] = array
    return outputs


def odd(estimator=MotifSETClassifier, **parameters):
    """A small estimator whose last motifs are short."""
    defaults = {"hidden_layer_sizes": (13, 7), "learning_rate_init": 0.03, "max_iter": 100}
    return small(estimator, **{**defaults, **parameters})


def fitted_regressor(network):
    """A regressor around a network that no fit gave it."""
    model = MotifSETRegressor()
    model.network_, model.out_activation_ = network, network.out_activation
    model.n_features_in_, model.n_outputs_ = network.layer_sizes[0], network.layer_sizes[-1]
    return model


# The network.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("motif_size", [1, 2, 4])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_computes_what_the_network_computes(weight_sharing, activation, motif_size, dtype):
    # 4 divides none of the layers, 2 not all; some motifs have no connection.
    network = make_network(
        (11, 7, 10, 9, 3),
        weight_sharing=weight_sharing,
        activation=activation,
        out_activation="identity",
        motif_size=motif_size,
        epsilon=0.8,
        dtype=dtype,
    )
    X = ROWS.astype(dtype)
    outputs = run(to_onnx(fitted_regressor(network)), X)["variable"]
    assert outputs.dtype == dtype
    np.testing.assert_allclose(outputs, network.predict(X), rtol=CLOSE[dtype], atol=CLOSE[dtype])


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize(
    "options",
    [{"group_features": False}, {"layer_sizes": (11, 2)}, {"layer_sizes": (11, 1, 1)}],
    ids=str,
)
def test_other_shapes(weight_sharing, options):
    options = {"motif_size": 3, "out_activation": "identity", **options}
    network = make_network(weight_sharing=weight_sharing, **options)
    outputs = run(to_onnx(fitted_regressor(network)), ROWS)["variable"]
    np.testing.assert_allclose(outputs, network.predict(ROWS), rtol=1e-12)


def test_neuron_without_connections():
    network = make_network((4, 3, 2), motif_size=1, epsilon=0.9, out_activation="identity")
    network.set_keys(0, np.array([0, 2, 3, 5, 6, 8]))  # none to the second of three neurons
    exported = to_onnx(fitted_regressor(network))
    outputs = run(exported, ROWS[:, :4])["variable"]
    np.testing.assert_allclose(outputs, network.predict(ROWS[:, :4]), rtol=1e-12)
    # Few runtimes but onnxruntime know empty constants.
    (body,) = (node.attribute[0].g for node in exported.graph.node if node.op_type == "Scan")
    constants = [node.attribute[0].t for node in body.node if node.op_type == "Constant"]
    assert all(all(constant.dims) for constant in constants)
    assert len(constants) > 5


@pytest.mark.parametrize("n_rows", [0, 1, 63, 64, 65, 130])
def test_any_number_of_rows(n_rows):
    model = odd().fit(ROWS, CLASSES)
    outputs = run(to_onnx(model), ROWS[:n_rows])
    assert outputs["label"].shape == (n_rows,)
    np.testing.assert_allclose(
        outputs["probabilities"], model.predict_proba(ROWS)[:n_rows], rtol=1e-12
    )


def test_standard_operators_only():
    from onnx import checker
    from onnx.reference import ReferenceEvaluator

    model = odd(motif_size=3).fit(ROWS, CLASSES)
    exported = to_onnx(model)
    checker.check_model(exported, full_check=True)
    assert {node.domain for node in exported.graph.node} == {""}
    # One block of rows: the evaluator of onnx 1.20 and older takes the first only.
    label, probabilities = ReferenceEvaluator(exported).run(None, {"X": ROWS[:60]})
    np.testing.assert_array_equal(label, model.predict(ROWS[:60]))
    np.testing.assert_allclose(probabilities, model.predict_proba(ROWS[:60]), rtol=1e-12)


def test_file_and_memory_grow_with_the_connections():
    n = 3000
    network = make_network((n, n, 2), motif_size=1, epsilon=1, out_activation="identity")
    # One neuron reads all inputs, the others one each.
    keys = np.union1d(np.arange(n) * n, np.arange(n) * (n + 1))
    extra = np.setdiff1d(np.arange(n), keys)[: 2 * n - keys.size]
    network.set_keys(0, np.union1d(keys, extra))
    X = np.random.default_rng(0).standard_normal((70, n))
    tracemalloc.start()
    exported = to_onnx(fitted_regressor(network))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    numbers = network.n_connections + network.nodes.size
    assert exported.ByteSize() < 40 * numbers
    assert peak < 0.1 * 8 * n * n
    np.testing.assert_allclose(
        run(exported, X)["variable"], network.predict(X), rtol=1e-9, atol=1e-12
    )


# What estimators predict.


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
    outputs = run(to_onnx(model), X)
    assert len(np.unique(outputs["label"])) > 1
    np.testing.assert_array_equal(outputs["label"], model.predict(X))
    np.testing.assert_allclose(
        outputs["probabilities"], model.predict_proba(X), atol=CLOSE[dtype], rtol=0
    )
    assert outputs["probabilities"].dtype == dtype


@pytest.mark.parametrize("y", [ROWS[:, 0], ROWS[:, :2]], ids=["one", "several"])
def test_regressor(y):
    model = odd(MotifSETRegressor).fit(ROWS, y)
    outputs = run(to_onnx(model), ROWS)["variable"]
    assert outputs.shape == (150, y.size // 150)
    np.testing.assert_allclose(outputs, model.predict(ROWS).reshape(150, -1), rtol=1e-12)


# Inputs, pipelines and options.


@pytest.mark.parametrize("trained", [np.float32, np.float64])
def test_type_of_the_inputs(trained):
    model = make_pipeline(StandardScaler(), odd()).fit(ROWS.astype(trained), CLASSES)
    expected = model.predict_proba(ROWS.astype(trained))
    default = run(to_onnx(model), ROWS.astype(trained))["probabilities"]
    np.testing.assert_allclose(default, expected, atol=CLOSE[trained], rtol=0)
    for dtype in (np.float32, np.float64):
        X = ROWS.astype(dtype)
        shown = run(to_onnx(model, X[:1]), X)["probabilities"]
        assert shown.dtype == dtype
        np.testing.assert_allclose(shown, expected, atol=1e-5, rtol=0)


def test_whole_numbers_as_inputs():
    X = np.round(ROWS).astype(np.int64)
    model = odd().fit(X, CLASSES)
    types = [("rows", skl2onnx.common.data_types.Int64TensorType([None, 11]))]
    outputs = run(to_onnx(model, initial_types=types), X)["probabilities"]
    assert outputs.dtype == np.float32
    np.testing.assert_allclose(outputs, model.predict_proba(X), atol=1e-5, rtol=0)


def test_frame():
    X = pd.DataFrame(ROWS, columns=list("abcdefghijk"))
    model = odd().fit(X, CLASSES)
    outputs = run(to_onnx(model, X[:1]), X)
    np.testing.assert_allclose(outputs["probabilities"], model.predict_proba(X), rtol=1e-12)


def test_search():
    search = GridSearchCV(make_pipeline(StandardScaler(), odd()), {}, cv=2).fit(ROWS, CLASSES)
    outputs = run(to_onnx(search, ROWS[:1]), ROWS)
    np.testing.assert_allclose(outputs["probabilities"], search.predict_proba(ROWS), rtol=1e-12)


def test_options_of_skl2onnx():
    X = ROWS.astype(np.float32)
    model = make_pipeline(StandardScaler(), odd()).fit(X, np.array(["a", "b", "c"])[CLASSES])
    expected = model.predict_proba(X)
    dictionaries = run(to_onnx(model, options={"zipmap": True}), X)["output_probability"]
    np.testing.assert_allclose(
        pd.DataFrame(dictionaries)[["a", "b", "c"]], expected, atol=1e-5, rtol=0
    )
    numbers = run(to_onnx(model, options={"zipmap": False, "nocl": True}), X)["label"]
    np.testing.assert_array_equal(numbers, expected.argmax(axis=1))
    exported = to_onnx(model, target_opset=15, options={"zipmap": False})
    assert {opset.version for opset in exported.opset_import if not opset.domain} == {15}
    np.testing.assert_allclose(run(exported, X)["probabilities"], expected, atol=1e-5, rtol=0)


def test_skl2onnx_itself_converts_networks():
    model = odd(MotifSETRegressor).fit(ROWS, ROWS[:, 0])
    to_onnx(model)
    outputs = run(skl2onnx.to_onnx(model, ROWS[:1]), ROWS)["variable"]
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
