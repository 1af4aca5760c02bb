"""X as users give it: any layout, sparse or dense, in either precision."""

import tracemalloc

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from ..models import assert_same_model, small


def test_any_layout_of_x(blobs):
    X, y = blobs
    expected = small().fit(X, y).predict_proba(X)
    spaced = np.repeat(X, 2, axis=1)[:, ::2]
    read_only = X.copy()
    read_only.setflags(write=False)
    raw = np.empty(X.nbytes + 1, dtype=np.uint8)
    unaligned = np.ndarray(X.shape, X.dtype, raw.data, offset=1)
    unaligned[...] = X
    assert not unaligned.flags.aligned
    for other in (np.asfortranarray(X), spaced, read_only, unaligned, X.tolist(), pd.DataFrame(X)):
        model = small().fit(other, y)
        np.testing.assert_array_equal(model.predict_proba(np.asarray(other)), expected)


def unsorted(X):
    """The same matrix with the indices of every row in another order, and one entry in two."""
    X = scipy.sparse.csr_array(X)
    indptr, order = X.indptr + np.arange(X.shape[0] + 1), []
    for first, last in zip(X.indptr, X.indptr[1:], strict=False):
        order += [first, *range(last - 1, first - 1, -1)]
    data = X.data[order]
    data[indptr[:-1]] /= 2
    data[indptr[1:] - 1] /= 2
    return scipy.sparse.csr_array((data, X.indices[order], indptr), shape=X.shape)


def long_indices(X):
    X = scipy.sparse.csr_array(X)
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


def read_only(X):
    X = scipy.sparse.csr_array(X)
    for array in (X.data, X.indices, X.indptr):
        array.setflags(write=False)
    return X


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "convert",
    [
        scipy.sparse.csr_array,
        scipy.sparse.csr_matrix,
        scipy.sparse.csc_array,
        scipy.sparse.coo_array,
        unsorted,
        long_indices,
        read_only,
    ],
)
def test_sparse_x_gives_the_bits_of_dense_x(convert, dtype):
    rng = np.random.default_rng(0)
    dense = (rng.standard_normal((250, 150)) * (rng.random((250, 150)) < 0.2)).astype(dtype)
    dense[:, 0] = 1  # no row is empty
    y = rng.integers(3, size=250)
    X = convert(dense)
    before = X.copy()
    expected, model = small().fit(dense, y), small().fit(X, y)
    assert_same_model(model, expected)
    np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(dense))
    options = {"early_stopping": True, "max_iter": 3}
    assert_same_model(small(**options).fit(X, y), small(**options).fit(dense, y))
    for name in {"indices", "row"} & set(dir(X)):
        np.testing.assert_array_equal(getattr(X, name), getattr(before, name))


def test_sparse_x_is_never_made_dense():
    """1000 × 200,000 would take 1.6 GB."""
    rng = np.random.default_rng(0)
    places = rng.integers(1000, size=20_000), rng.integers(200_000, size=20_000)
    X = scipy.sparse.csr_array((rng.random(20_000), places), shape=(1000, 200_000))
    y = rng.integers(3, size=1000)
    tracemalloc.start()
    model = small(epsilon=1, max_iter=2, batch_size=20, early_stopping=True)
    model.fit(X, y, sample_weight=rng.random(1000)).predict(X)
    model.fit(X.tocsc(), y, X_val=X, y_val=y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400e6  # buffers of a mini-batch, above all


def test_memory_mapped_x(blobs, tmp_path):
    X, y = blobs
    expected = small().fit(X, y)
    joblib.dump((X, scipy.sparse.csr_array(X)), tmp_path / "X")
    for mapped in joblib.load(tmp_path / "X", mmap_mode="r"):
        model = small().fit(mapped, y)
        assert_same_model(model, expected)
        np.testing.assert_array_equal(model.predict_proba(mapped), expected.predict_proba(X))


@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused(blobs, bad):
    X, y = blobs
    broken = X.copy()
    broken[3, 4] = bad
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        small().fit(broken, y)
    model = small().fit(X, y)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        model.predict(broken)
    broken[3, 4] = 1e300  # infinite in the model's float32
    with pytest.raises(ValueError, match="too large"):
        small().fit(X.astype(np.float32), y).predict(broken)


def test_float32_is_decided_by_the_first_call(blobs):
    X, y = blobs
    model = small().partial_fit(X.astype(np.float32), y, classes=[0, 1, 2]).partial_fit(X, y)
    assert model.predict_proba(X).dtype == np.float32
