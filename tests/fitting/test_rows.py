"""X as users give it: any layout, sparse or dense, in either precision."""

import logging
import tracemalloc

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from sklearn_motif import MotifSETRegressor

from ..models import ONE_EPOCH, RAW, assert_same_model, make_data, make_frame, small

pl = pytest.importorskip("polars")


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
    dense[:, 0] = rng.uniform(1, 2, 250)  # no row is empty
    y = rng.integers(3, size=250)
    X = convert(dense)
    before = X.copy()
    expected, model = small(**RAW).fit(dense, y), small(**RAW).fit(X, y)
    assert_same_model(model, expected)
    np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(dense))
    options = {"early_stopping": True, "max_iter": 3, **RAW}
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
    joblib.dump((X, scipy.sparse.csr_array(X)), tmp_path / "X")
    dense, sparse = joblib.load(tmp_path / "X", mmap_mode="r")
    for mapped, options in ((dense, {}), (dense, RAW), (sparse, RAW)):
        expected, model = (small(**options).fit(rows, y) for rows in (X, mapped))
        assert_same_model(model, expected)
        np.testing.assert_array_equal(model.predict_proba(mapped), expected.predict_proba(X))


# Rows of another kind than those of the training.


@pytest.mark.parametrize("options", [{}, RAW, {"encode_features": 3}])
def test_rows_to_predict_may_be_sparse_or_dense_whatever_those_of_the_training_were(options):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((250, 20)) * (rng.random((250, 20)) < 0.4)
    y = rng.integers(3, size=250)
    for rows in (X, scipy.sparse.csr_array(X)):
        model = small(**options).fit(rows, y)
        np.testing.assert_array_equal(
            model.predict_proba(scipy.sparse.csc_array(X)), model.predict_proba(X)
        )


@pytest.mark.parametrize("options", [{}, RAW])
@pytest.mark.parametrize("first", [np.asarray, scipy.sparse.csr_array])
def test_a_stream_may_turn_sparse_or_dense(blobs, first, options):
    X, y = blobs
    kinds = [first, scipy.sparse.csr_array, np.asarray]
    model, expected = small(**options), small(**options)
    for kind in kinds:
        model.partial_fit(kind(X), y, classes=[0, 1, 2])
        expected.partial_fit(first(X), y, classes=[0, 1, 2])
    assert_same_model(model, expected)


# Columns of another X.


def test_columns_must_come_by_their_names_and_in_their_order():
    X, y = make_frame()
    model = small(**ONE_EPOCH).fit(X, y)
    for wrong, said in (
        (X[["color", "age", "open", "size"]], "order"),
        (X.rename(columns={"age": "years"}), "years"),
        (X.drop(columns="age"), "age"),
    ):
        with pytest.raises(ValueError, match=said):
            model.predict(wrong)
        with pytest.raises(ValueError, match=rf"X_val[\s\S]*{said}"):
            small().fit(X, y, X_val=wrong, y_val=y)


def test_a_frame_in_training_and_an_array_to_predict():
    X, y = make_frame()
    model = small(**ONE_EPOCH).fit(X, y)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        predicted = model.predict_proba(X.to_numpy())
    np.testing.assert_array_equal(predicted, model.predict_proba(X))
    with (
        pytest.warns(UserWarning, match="X does not have valid feature names"),
        pytest.raises(ValueError, match="3 features"),
    ):
        model.predict(X.to_numpy()[:, :3])


def test_an_array_in_training_and_a_frame_to_predict():
    X, y = make_data()
    model = small(**ONE_EPOCH).fit(X, y)
    frame = pd.DataFrame(X, columns=list("abcdef"))
    with pytest.warns(UserWarning, match="fitted without feature names"):
        predicted = model.predict_proba(frame)
    np.testing.assert_array_equal(predicted, model.predict_proba(X))
    with (
        pytest.warns(UserWarning, match="fitted without feature names"),
        pytest.raises(ValueError, match="Column 'b' of X holds strings"),
    ):
        model.predict(frame.assign(b="word"))


def test_sparse_x_cannot_stand_for_categories():
    X, y = make_frame()
    model = small(**ONE_EPOCH).fit(X, y)
    sparse = scipy.sparse.csr_array(np.zeros((5, 4)))
    with pytest.raises(ValueError, match="X is sparse; columns of categories need dense X"):
        model.predict(sparse)
    with pytest.raises(ValueError, match="X is sparse; columns of categories need dense X"):
        small(categorical_features=[0]).fit(sparse, np.arange(5) % 2)


# What is refused.


@pytest.mark.parametrize("kind", [np.asarray, scipy.sparse.csr_array])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("infinity", [np.inf, -np.inf])
def test_infinity_is_refused_by_column(blobs, kind, dtype, infinity):
    X, y = blobs[0].astype(dtype), blobs[1]
    broken = X.copy()
    broken[3, 4] = broken[5, 7] = infinity
    broken = kind(broken)
    said = r"X contains infinity, in columns \[4, 7\]"
    with pytest.raises(ValueError, match=said):
        small().fit(broken, y)
    with pytest.raises(ValueError, match=rf"In X_val.*{said}"):
        small().fit(X, y, X_val=broken, y_val=y)
    model = small(max_iter=1).fit(X, y)
    for call in (model.predict, model.predict_proba):
        with pytest.raises(ValueError, match=said):
            call(broken)
    with pytest.raises(ValueError, match=said):
        model.partial_fit(broken, y)


def test_infinity_beside_missing_values_is_refused_by_name(blobs):
    frame = pd.DataFrame(blobs[0], columns=[f"feature {j}" for j in range(12)])
    frame.iloc[2, 3], frame.iloc[4, 5] = np.nan, np.inf
    with pytest.raises(ValueError, match=r"infinity, in columns \['feature 5'\]"):
        small().fit(frame, blobs[1])


def test_missing_values_in_sparse_x_are_refused(blobs):
    X, y = blobs
    broken = scipy.sparse.csr_array(X)
    broken.data[7] = np.nan
    with pytest.raises(ValueError, match=r"X is sparse and contains NaN.*dense"):
        small().fit(broken, y)
    for rows in (X, scipy.sparse.csr_array(X)):
        model = small(max_iter=1).fit(rows, y)
        with pytest.raises(ValueError, match=r"X is sparse and contains NaN.*dense"):
            model.predict(broken)


MISSING_AMONG_OTHERS = {
    "None": ["a", "b", None, "a", "b", "a"],
    "array of objects": np.array(["a", "b", None, "a", "b", "a"], dtype=object),
    "NaN": np.array(["a", "b", np.nan, "a", "b", "a"], dtype=object),
    "NA": np.array(["a", "b", pd.NA, "a", "b", "a"], dtype=object),
    "strings of pandas": pd.Series(["a", "b", None, "a", "b", "a"], dtype="string"),
    "categories of pandas": pd.Series(["a", "b", None, "a", "b", "a"], dtype="category"),
    "booleans of pandas": pd.Series([True, False, None, True, True, False], dtype="boolean"),
    "strings of polars": pl.Series(["a", "b", None, "a", "b", "a"]),
    "labels": [[0, 1], [1, None], [1, 0], [0, 0], [1, 1], [0, 1]],
}


@pytest.mark.parametrize("y", MISSING_AMONG_OTHERS.values(), ids=MISSING_AMONG_OTHERS)
def test_a_y_that_misses_values_is_named(y):
    X = np.arange(12.0).reshape(6, 2)
    said = r"y contains missing values \(None or NaN\)"
    with pytest.raises(ValueError, match=said):
        small().fit(X, y)
    full = np.arange(6) % 2
    with pytest.raises(ValueError, match=rf"y_val.*{said}"):
        small().fit(X, full, X_val=X, y_val=y)
    with pytest.raises(ValueError, match=said):
        small().partial_fit(X, y, classes=["a", "b"])


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_number_that_is_missing_in_y_is_told(missing):
    """None would become NaN after scikit-learn has looked for it."""
    X, y = np.arange(12.0).reshape(6, 2), [1.0, 2.0, missing, 4.0, 5.0, 6.0]
    with pytest.raises(ValueError, match="y contains"):
        small(MotifSETRegressor).fit(X, y)


def test_y_that_is_no_y_is_refused(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match="requires y"):
        small().fit(X, None)
    with pytest.raises(ValueError, match="inhomogeneous"):
        small().fit(X[:2], [[1, 2], [1]])
    labels = np.eye(3, dtype=int)[y]
    assert_same_model(small().fit(X, scipy.sparse.csr_array(labels)), small().fit(X, labels))


# Precision.


def test_float32_is_decided_by_the_first_call(blobs):
    X, y = blobs
    model = small().partial_fit(X.astype(np.float32), y, classes=[0, 1, 2]).partial_fit(X, y)
    assert model.predict_proba(X).dtype == np.float32


def lines_of_fit(caplog, X, y, **options):
    caplog.clear()
    caplog.set_level(logging.INFO, logger="sklearn_motif")
    small(verbose=True, max_iter=2, **options).fit(X, y)
    return [record.getMessage() for record in caplog.records]


def test_columns_that_are_left_out_are_logged(caplog):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((600, 100)), rng.integers(2, size=600)
    X[:, 0] += y
    X[:, 1:3] = X[:, :1]
    X[:, 98], X[:, 99] = 1.0, np.nan
    noise, constant, *epochs = lines_of_fit(caplog, X, y)
    assert noise == (
        "95 of 100 columns left out, which look like noise (screen_features=False keeps them): "
        "3, 4, 5, 6, 7, ..."
    )
    assert constant == "2 of 100 columns left out, which hold one value or none: 98, 99"
    assert len(epochs) == 2
    assert all(line.startswith("epoch") for line in epochs)
    frame = pd.DataFrame(X).add_prefix("c")
    constant, *epochs = lines_of_fit(caplog, frame, y, screen_features=False)
    assert constant.endswith(": c98, c99")
    assert len(epochs) == 2
    assert len(lines_of_fit(caplog, frame[["c0", "c1"]], y)) == 2
    caplog.clear()
    small(max_iter=2).fit(X, y)
    assert not caplog.records
