"""The layers of a network as nodes."""

import tracemalloc

import numpy as np
import pytest

from sklearn_motif.onnx import to_onnx

from ..models import ACTIVATIONS, SHARING, fitted_regressor, make_network, run_onnx

pytest.importorskip("onnxruntime")
pytest.importorskip("skl2onnx")

CLOSE = {np.float32: 1e-5, np.float64: 1e-12}
ROWS = np.random.default_rng(0).standard_normal((150, 11))


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
    outputs = run_onnx(to_onnx(fitted_regressor(network)), X)["variable"]
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
    outputs = run_onnx(to_onnx(fitted_regressor(network)), ROWS)["variable"]
    np.testing.assert_allclose(outputs, network.predict(ROWS), rtol=1e-12)


def test_neuron_without_connections():
    network = make_network((4, 3, 2), motif_size=1, epsilon=0.9, out_activation="identity")
    network.set_keys(0, np.array([0, 2, 3, 5, 6, 8]))  # none to the second of three neurons
    exported = to_onnx(fitted_regressor(network))
    outputs = run_onnx(exported, ROWS[:, :4])["variable"]
    np.testing.assert_allclose(outputs, network.predict(ROWS[:, :4]), rtol=1e-12)
    # Few runtimes but onnxruntime know empty constants.
    (body,) = (node.attribute[0].g for node in exported.graph.node if node.op_type == "Scan")
    constants = [node.attribute[0].t for node in body.node if node.op_type == "Constant"]
    assert all(all(constant.dims) for constant in constants)
    assert len(constants) > 5


@pytest.mark.parametrize("n_rows", [0, 1, 63, 64, 65, 130])
def test_any_number_of_rows(n_rows):
    network = make_network(out_activation="identity")
    outputs = run_onnx(to_onnx(fitted_regressor(network)), ROWS[:n_rows])["variable"]
    assert outputs.shape == (n_rows, 3)
    np.testing.assert_allclose(outputs, network.predict(ROWS)[:n_rows], rtol=1e-12)


def test_layers_compute_in_the_dtype_of_the_network():
    network = make_network(out_activation="identity", dtype=np.float32)
    network.outputs.dtype = "float64"
    exported = to_onnx(fitted_regressor(network))
    outputs = run_onnx(exported, ROWS)["variable"]
    assert outputs.dtype == np.float64
    np.testing.assert_array_equal(outputs, outputs.astype(np.float32))
    np.testing.assert_allclose(outputs, network.predict(ROWS), rtol=1e-5, atol=1e-6)


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
        run_onnx(exported, X)["variable"], network.predict(X), rtol=1e-9, atol=1e-12
    )
