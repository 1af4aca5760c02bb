"""Rows of X as the kernels take them: dense or sparse, read-only, and starting anywhere."""

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif import engine
from sklearn_motif.engine import simd

from ..models import SHARING, make_network, make_step, sample, train_on, use_all_threads


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("index_dtype", [np.int32, np.int64])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_sparse_rows_give_the_bits_of_dense_ones(weight_sharing, index_dtype, n_jobs, monkeypatch):
    use_all_threads(monkeypatch)
    rng = np.random.default_rng(0)
    dense = rng.standard_normal((70, 90)) * (rng.random((70, 90)) < 0.1)
    dense[:, [0, 89]] = dense[5] = 0  # empty columns at both ends, and an empty row
    X = scipy.sparse.csr_array(dense)
    X.indices, X.indptr = X.indices.astype(index_dtype), X.indptr.astype(index_dtype)
    y = rng.integers(3, size=70)
    networks = [make_network((90, 40, 3), weight_sharing=weight_sharing) for _ in range(2)]
    for network, rows in zip(networks, (X, dense), strict=True):
        with make_step(network, learning_rate=0.1, n_jobs=n_jobs) as step:
            train_on(step, rows, y, np.arange(70)[::-1].copy())
    np.testing.assert_array_equal(networks[0].weights, networks[1].weights)
    np.testing.assert_array_equal(
        networks[0].predict(X, n_jobs), networks[0].predict(dense, n_jobs)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_rows", [1, 16, 23, 40])
@pytest.mark.parametrize("n_features", [1, 7, 8, 16, 17, 33, 530])
def test_rows_become_columns_of_a_batch(n_features, n_rows, dtype):
    """Whether whole squares of numbers fit in or not; what pads the batch is 0."""
    network = make_network((n_features, 4, 3), motif_size=1, dtype=dtype)
    X, y = sample(60, n_features, dtype=dtype)
    rows = np.random.default_rng(1).permutation(60)[:n_rows]
    with make_step(network, batch_size=n_rows) as step:
        step.work.x[:] = np.nan
        train_on(step, X, y, rows)
        inputs = step.work.x[: n_features * step.work.width].reshape(n_features, -1)
    np.testing.assert_array_equal(inputs[:, :n_rows], X[rows].T)
    np.testing.assert_array_equal(inputs[:, n_rows:], 0)


def unaligned(array):
    """A copy that starts one byte off."""
    raw = np.empty(array.nbytes + 1, dtype=np.uint8)
    copy = np.ndarray(array.shape, array.dtype, raw.data, offset=1)
    copy[...] = array
    assert not copy.flags.aligned
    return copy


def misplaced(array):
    """A copy that starts at a whole number, but not at a vector's boundary."""
    raw = simd.aligned_zeros(array.size + 1, array.dtype)
    raw[1:] = array.ravel()
    return raw[1:].reshape(array.shape)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_that_start_anywhere_and_read_only_ones(dtype):
    network = make_network(dtype=dtype)
    X, _ = sample(dtype=dtype)
    expected = network.predict(X)
    for name in ("weights", "nodes"):
        setattr(network, name, misplaced(getattr(network, name)))
    np.testing.assert_array_equal(network.predict(misplaced(X)), expected)
    for name in engine.Net._fields:
        getattr(network, name).setflags(write=False)
    X.setflags(write=False)
    np.testing.assert_array_equal(network.predict(X), expected)
    network.weights, network.nodes = unaligned(network.weights), unaligned(network.nodes)
    np.testing.assert_array_equal(network.predict(X), expected)
