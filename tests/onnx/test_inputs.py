"""The inputs of a network as nodes, by what the network itself makes of the same rows."""

import numpy as np
import pytest

from sklearn_motif._network import Inputs
from sklearn_motif.onnx import to_onnx

from ..models import fitted_regressor, make_network, run_onnx

pytest.importorskip("onnxruntime")
pytest.importorskip("skl2onnx")

CLOSE = {np.float32: 1e-5, np.float64: 1e-12}
CATEGORIES = np.array([10.5, 20.0, 30.0], dtype=object)
UNKNOWN = -1
SCALES = {"centers": np.array([0.5, 0.0, -1.0, 40.0]), "scales": np.array([2.0, 1.0, 0.3, 8.0])}
BINS = {
    "bins": np.array([0, 0, 2, 2, 2, 3]),
    "starts": np.array([-1.0, 0.25, -1.5, -1.0, 0.0, 0.0]),
    "widths": np.array([1.25, 3.0, 0.5, 1.0, 4.0, 0.0]),  # nothing is known of the last one
}
CODES = {
    "indicators": np.array([1, 1, 1]),
    "codes": np.array([0.0, 2.0, 1.0]),
    "category_values": {1: CATEGORIES},
}
CODES_AND_MISSING = {
    "indicators": np.array([1, 1, 0, 1]),
    "codes": np.array([0.0, 2.0, np.nan, np.nan]),
    "category_values": {1: CATEGORIES},
}
MANY = {
    "indicators": np.append(np.ones(300, dtype=np.int64), [0, 1]),
    "codes": np.append(np.arange(300.0), [np.nan, np.nan]),
    "category_values": {1: np.append(CATEGORIES, np.arange(100.0, 397.0))},
}
FILLS = np.array([0.25, UNKNOWN, -2.0, 41.0])
NUMBERS = np.array([0, 2, 3])
KINDS = {
    "columns": Inputs.plain(4),
    "some columns": Inputs.plain(4, np.array([1, 3])),
    "fills": Inputs(4, NUMBERS, FILLS),
    "scales": Inputs(4, NUMBERS, FILLS, **SCALES),
    "bins": Inputs(4, NUMBERS, FILLS, **BINS),
    "bins only": Inputs(4, NUMBERS[:0], FILLS, **BINS),
    "categories": Inputs(4, NUMBERS, FILLS, **CODES),
    "categories only": Inputs(4, NUMBERS[:0], FILLS, **CODES),
    "missing": Inputs(4, NUMBERS, FILLS, **CODES_AND_MISSING),
    "many categories": Inputs(4, NUMBERS, FILLS, **SCALES, **MANY),
    "together": Inputs(4, NUMBERS, FILLS, **SCALES, **BINS, **CODES_AND_MISSING),
}


def network_of(inputs, dtype=np.float64):
    """A network in which every input is connected."""
    options = {"activation": "tanh", "out_activation": "identity", "motif_size": 1, "epsilon": 99}
    return make_network((inputs.size, 7, 3), inputs=inputs, dtype=dtype, **options)


def rows(dtype=np.float64):
    """Rows with codes in column 1: random ones, and those where something begins or ends."""
    rng = np.random.default_rng(0)
    X = np.vstack([2 * rng.standard_normal((100, 4)), np.zeros((8, 4))])
    X[:, 3] = 8 * X[:, 3] + 40
    X[100:, 0] = [-1.0, 0.25, 3.25, 0.5, 1e30, -1e30, 1e10, 0]
    X[100:, 2] = [-1.5, -1.0, 0.0, 4.0, -1e30, 1e30, 0, 1e-30]
    X[:, 1] = rng.integers(UNKNOWN, 3, X.shape[0])
    X[rng.random(X.shape) < 0.2] = np.nan
    return X.astype(dtype)


def shown(X):
    """Rows with categories in place of their codes; 99 is none of them."""
    values = np.array([*CATEGORIES, 99.0])
    X = X.copy()
    is_known = ~np.isnan(X[:, 1])
    X[is_known, 1] = values[X[is_known, 1].astype(int)]
    return X


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_computes_the_inputs_of_the_network(kind, dtype):
    inputs, X = KINDS[kind], rows(dtype)
    network = network_of(inputs, dtype)
    expected = network.predict(X)
    seen = shown(X) if inputs.category_values else X
    outputs = run_onnx(to_onnx(fitted_regressor(network)), seen)["variable"]
    assert outputs.dtype == dtype
    np.testing.assert_allclose(outputs, expected, rtol=CLOSE[dtype], atol=CLOSE[dtype])
    assert expected.std(axis=0).min() > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_no_constant_is_empty(kind):
    """Few runtimes but onnxruntime know empty constants."""
    exported = to_onnx(fitted_regressor(network_of(KINDS[kind])))
    (body,) = (node.attribute[0].g for node in exported.graph.node if node.op_type == "Scan")
    constants = [node.attribute[0].t for node in body.node if node.op_type == "Constant"]
    assert len(constants) > 5
    assert all(all(constant.dims) for constant in constants)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_that_are_close_stay_apart(dtype):
    """As far as the dtype of the rows tells them apart, whatever the network computes in."""
    step = float(np.spacing(dtype(1.7e9)) * 64 if dtype == np.float32 else 1.0)
    X = (1.7e9 + step * np.arange(60)).astype(dtype)[:, None]
    inputs = Inputs(
        1,
        np.array([0]),
        np.array([1.7e9]),
        # Between two numbers of float32.
        centers=np.array([1.7e9 + 30.37 * step]),
        scales=np.array([20 * step]),
        bins=np.zeros(6, dtype=np.int64),
        starts=1.7e9 + step * (0.37 + 10 * np.arange(6)),
        widths=np.full(6, 10 * step),
    )
    network = network_of(inputs, np.float32)
    network.outputs.dtype = np.dtype(dtype).name
    expected = network.predict(X)
    assert np.abs(np.diff(expected, axis=0)).min() > 1e-5
    outputs = run_onnx(to_onnx(fitted_regressor(network)), X)["variable"]
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)


def of_size(size):
    """Scaled values and a bin of each of two columns."""
    return Inputs(
        2,
        np.array([0, 1]),
        np.zeros(2),
        centers=np.array([0.0, size]),
        scales=np.full(2, size),
        bins=np.array([0, 1]),
        starts=np.array([0.0, -size]),
        widths=np.full(2, size),
    )


SIZES = {
    np.float32: [1e-44, 1e-42, 1e-38, 1e-36, 1e-30, 1e30, 1e37, 2e38],
    np.float64: [1e-320, 1e-309, 1e-307, 1e-300, 1e300, 8e307, 1.7e308],
}


@pytest.mark.parametrize(("dtype", "size"), [(d, size) for d in SIZES for size in SIZES[d]])
def test_very_small_and_very_large_units(dtype, size):
    rng = np.random.default_rng(0)
    largest = np.finfo(dtype).max
    with np.errstate(over="ignore"):
        X = (rng.standard_normal((200, 2)) * size).astype(dtype)
    X = np.clip(X, -largest, largest)
    X[:4] = [[largest, -largest], [-largest, largest], [0, 0], [1, -1]]
    inputs = of_size(float(dtype(size)))
    network = network_of(inputs)
    outputs = run_onnx(to_onnx(fitted_regressor(network), X), X)["variable"]
    expected = network.predict(X)
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-5)
    assert expected.std(axis=0).min() > 0.01


@pytest.mark.parametrize("size", [1e-300, 1e-40, 1e40, 1e300])
def test_units_that_float32_does_not_hold(size):
    """A model of float64 says nothing about such rows, but it says it in numbers."""
    largest = np.finfo(np.float32).max
    X = np.array([[0, 0], [1, -1], [largest, -largest], [-largest, largest]], dtype=np.float32)
    outputs = run_onnx(to_onnx(fitted_regressor(network_of(of_size(size))), X), X)["variable"]
    assert np.isfinite(outputs).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_category_that_the_dtype_does_not_hold_is_another_one(dtype):
    values = np.array([0.1, 2.0**24 + 1, 2**60 + 1, 10**400, 0.5], dtype=object)
    inputs = Inputs(
        1,
        np.empty(0, dtype=np.int64),
        np.array([-1.0]),
        indicators=np.zeros(5, dtype=np.int64),
        codes=np.arange(5.0),
        category_values={0: values},
    )
    network = network_of(inputs)
    X = np.array([[0.1], [2.0**24 + 1], [2.0**60], [np.finfo(dtype).max], [0.5]], dtype=dtype)
    known = [[0, 1, -1, -1, 4], [-1, -1, -1, -1, 4]][dtype == np.float32]
    outputs = run_onnx(to_onnx(fitted_regressor(network), X), X)["variable"]
    expected = network.predict(np.array(known, dtype=np.float64)[:, None])
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)
