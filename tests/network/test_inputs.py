"""From the columns of X to the inputs of a network."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif._network import Inputs
from sklearn_motif._network.inputs import CLIP, FULL_BIN

NAMES = ["age", "income", "color", "height"]


def every_kind():
    """Inputs of all kinds, for columns of which the third holds categories."""
    return Inputs(
        n_columns=4,
        values=np.array([0, 1]),  # height has none
        fills=np.array([45.0, 1100.0, -1.0, 1.6]),
        centers=np.array([40.0, 1e3, 0.0, 1.5]),
        scales=np.array([10.0, 250.0, 1.0, 0.5]),
        bins=np.array([0, 0, 0, 3, 3]),
        starts=np.array([20.0, 30.0, 50.0, 1.0, 1.5]),
        widths=np.array([10.0, 20.0, 0.0, 0.5, 0.25]),
        indicators=np.array([2, 2, 2, 0]),
        codes=np.array([0.0, 1.0, np.nan, np.nan]),
        category_values={2: np.array(["blue", "red"], dtype=object)},
    )


def many_categories(n_categories=300):
    """Such inputs with many more categories, which came in any order."""
    rng = np.random.default_rng(0)
    few = every_kind()
    new = np.arange(2.0, n_categories)
    order = rng.permutation(new.size + few.codes.size)
    return replace(
        few,
        indicators=np.append(few.indicators, np.full(new.size, 2))[order],
        codes=np.append(few.codes, new[rng.permutation(new.size)])[order],
        category_values={2: np.array([f"color {i}" for i in range(n_categories)], dtype=object)},
    )


def random_rows(n_rows=50, seed=0, n_categories=2):
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [
            rng.normal(40, 20, n_rows),
            rng.normal(1e3, 500, n_rows),
            rng.integers(-1, n_categories, n_rows),
            rng.normal(1.5, 0.5, n_rows),
        ]
    )
    X[rng.random(X.shape) < 0.2] = np.nan
    return X


def expected_of(inputs, x):
    """The inputs of one row as the attributes of Inputs describe them, one after the other."""
    told = set(inputs.indicators[np.isnan(inputs.codes)])
    result = []
    for j in inputs.values:
        value = inputs.fills[j] if np.isnan(x[j]) else x[j]
        z = (value - inputs.centers[j]) / inputs.scales[j]
        result.append(0 if np.isnan(x[j]) and j in told else z / np.sqrt(1 + (z / CLIP) ** 2))
    for j, start, width in zip(inputs.bins, inputs.starts, inputs.widths, strict=True):
        value = inputs.fills[j] if np.isnan(x[j]) else x[j]
        if (np.isnan(x[j]) and j in told) or width == 0 or value < start:
            result.append(0)
        else:
            result.append(FULL_BIN * min((value - start) / width, 1))
    for j, code in zip(inputs.indicators, inputs.codes, strict=True):
        result.append(int(x[j] == code or (np.isnan(x[j]) and np.isnan(code))))
    return result


def test_inputs_are_what_the_attributes_say():
    inputs, X = every_kind(), random_rows()
    before = X.copy()
    result = inputs.of(X, np.float64)
    np.testing.assert_array_equal(X, before)
    assert result.shape == (50, inputs.size) == (50, 11)
    assert inputs.columns.tolist() == [0, 1, 0, 0, 0, 3, 3, 2, 2, 2, 0]
    np.testing.assert_allclose(result, [expected_of(inputs, x) for x in X], atol=1e-14)
    for column in result.T[[0, 1, 2, 3, 5, 6, 7, 8, 9, 10]]:
        assert np.ptp(column) > 0, "an input that shows nothing"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_row_has_the_same_bits_in_any_company(dtype, monkeypatch):
    inputs, X = every_kind(), random_rows(300)
    together = inputs.of(X, dtype)
    assert together.dtype == dtype
    for some in ([7], [3, 200], slice(5, 30)):
        np.testing.assert_array_equal(inputs.of(X[some], dtype), together[some])
    monkeypatch.setattr("sklearn_motif._network.inputs.NUMBERS_AT_A_TIME", 40)
    np.testing.assert_array_equal(inputs.of(X, dtype), together)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [np.asarray, scipy.sparse.csr_array])
def test_many_categories_give_the_same_in_sparse_rows(kind, dtype):
    inputs, X = many_categories(), random_rows(400, n_categories=300)
    result = inputs.of(kind(X), dtype)
    assert isinstance(result, scipy.sparse.csr_array)
    assert result.dtype == dtype
    for row in np.split(result.indices, result.indptr[1:-1]):
        assert np.all(np.diff(row) > 0), "sorted, and none twice"
    expected = np.array([expected_of(inputs, x) for x in X])
    np.testing.assert_allclose(result.toarray(), expected, atol=1e-6 if dtype == np.float32 else 0)


def test_a_code_without_an_input_is_0_in_sparse_rows_too():
    inputs = many_categories()
    is_kept = inputs.codes != 7
    inputs = replace(inputs, indicators=inputs.indicators[is_kept], codes=inputs.codes[is_kept])
    for code in (7, 300, -1):
        row = inputs.of(np.array([[40.0, 1e3, code, 1.5]]), np.float64).toarray()[0]
        assert not row[inputs.columns == 2].any()


def test_sparse_rows_have_the_same_bits_in_any_company(monkeypatch):
    inputs, X = many_categories(), random_rows(300, n_categories=300)
    together = inputs.of(X, np.float32).toarray()
    for some in ([7], [3, 200], slice(5, 30)):
        np.testing.assert_array_equal(inputs.of(X[some], np.float32).toarray(), together[some])
    monkeypatch.setattr("sklearn_motif._network.inputs.NUMBERS_AT_A_TIME", 40)
    np.testing.assert_array_equal(inputs.of(X, np.float32).toarray(), together)


def test_sparse_rows_have_the_bits_of_dense_ones(monkeypatch):
    inputs, X = many_categories(), random_rows(300, n_categories=300)
    sparse = inputs.of(X, np.float32).toarray()
    monkeypatch.setattr(Inputs, "is_sparse", False)
    np.testing.assert_array_equal(sparse, inputs.of(X, np.float32))


def test_memory_for_many_categories_does_not_grow_with_their_number():
    inputs, X = many_categories(20_000), random_rows(2000, n_categories=20_000)
    tracemalloc.start()
    try:
        inputs.of(X, np.float32)
        assert tracemalloc.get_traced_memory()[1] < 0.02 * 4 * len(X) * inputs.size
    finally:
        tracemalloc.stop()


def test_numbers_that_hold_a_row():
    X = random_rows()
    assert every_kind().of(X, np.float32).size == len(X) * every_kind().numbers_a_row
    result = many_categories().of(X, np.float32)
    n_bytes = result.data.nbytes + result.indices.nbytes
    assert n_bytes == 4 * len(X) * many_categories().numbers_a_row


def test_values_grow_and_never_pass_the_clip():
    x = np.array([-1e308, -1e20, -50, 0, 39, 40, 41, 90, 1e4, 1e20, 1.7e308])
    X = np.column_stack([x, x, np.zeros(11), x])
    result = every_kind().of(X, np.float64)
    assert np.isfinite(result).all()
    for column in result.T[:7]:
        assert np.all(np.diff(column) >= 0)
    assert np.abs(result[:, 0]).max() <= CLIP
    np.testing.assert_allclose(result[[0, -1], 0], [-CLIP, CLIP])
    assert result[5, 0] == 0
    # Near its center a value is as it was scaled.
    np.testing.assert_allclose(result[[4, 6], 0], [-0.1, 0.1], rtol=1e-3)


def test_inputs_are_made_in_float64():
    """Seconds since 1970 in float32 are good to two minutes."""
    inputs = Inputs(
        1, np.array([0]), np.zeros(1), centers=np.array([1.7e9]), scales=np.array([60.0])
    )
    seconds = 1.7e9 + np.arange(-60.0, 61)[:, None]
    result = inputs.of(seconds, np.float32)
    assert np.all(np.diff(result[:, 0]) > 0)


def test_missing_values_without_an_indicator_count_as_the_fill():
    inputs = every_kind()
    X = np.array([[40.0, np.nan, 0, np.nan]])
    filled = np.array([[40.0, 1100.0, 0, 1.6]])
    np.testing.assert_array_equal(inputs.of(X, np.float64), inputs.of(filled, np.float64))
    plain = Inputs(2, np.arange(2), np.array([5.0, 7.0]))
    np.testing.assert_array_equal(plain.of(np.array([[np.nan, 1.0]]), np.float64), [[5.0, 1.0]])


def test_a_missing_value_with_an_indicator_leaves_the_other_inputs_of_its_column_zero():
    inputs = every_kind()
    result = inputs.of(np.array([[np.nan, 1e3, np.nan, 1.5]]), np.float64)[0]
    names = inputs.names(NAMES)
    assert dict(zip(names, result, strict=True))["age missing"] == 1
    assert dict(zip(names, result, strict=True))["color missing"] == 1
    for column in ("age", "color"):
        others = [name.startswith(column) and not name.endswith("missing") for name in names]
        assert not result[others].any()


def test_unknown_categories_are_none_of_the_known_ones():
    assert not every_kind().of(np.array([[40.0, 1e3, -1, 1.5]]), np.float64)[0, 7:10].any()


def test_names():
    expected = ["age", "income", "age bin 1", "age bin 2", "age bin 3", "height bin 1"]
    expected += ["height bin 2", "color=blue", "color=red", "color missing", "age missing"]
    assert every_kind().names(NAMES).tolist() == expected
    assert Inputs.plain(3, np.array([0, 2])).names(["a", "b", "c"]).tolist() == ["a", "c"]


@pytest.mark.parametrize("dtype", [np.int32, np.float64])
def test_what_inputs_have_is_summed_by_column(dtype):
    of_inputs = np.array([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024], dtype=dtype)
    sums = every_kind().by_column(of_inputs)
    assert sums.dtype == dtype
    assert sums.tolist() == [1 + 4 + 8 + 16 + 1024, 2, 128 + 256 + 512, 32 + 64]
    assert Inputs.plain(3, np.array([2])).by_column(of_inputs[:1]).tolist() == [0, 0, 1]


def test_all_columns_as_they_are_need_no_copy():
    X = np.random.default_rng(0).standard_normal((5, 3))
    assert np.shares_memory(Inputs.plain(3).of(X, np.float64), X)
    sparse = scipy.sparse.csr_array(X)
    assert np.shares_memory(Inputs.plain(3).of(sparse, np.float64).data, sparse.data)


@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.csr_matrix])
@pytest.mark.parametrize(
    "inputs", [every_kind(), Inputs.plain(4), Inputs.plain(4, np.array([1, 3]))]
)
def test_sparse_rows_give_the_inputs_of_dense_ones(inputs, kind):
    X = np.nan_to_num(random_rows()) * (np.random.default_rng(1).random((50, 4)) < 0.5)
    result = inputs.of(kind(X), np.float32)
    if scipy.sparse.issparse(result):
        assert inputs.centers is None, "scaled zeros are no zeros"
        result = result.toarray()
    np.testing.assert_array_equal(result, inputs.of(X, np.float32))


@pytest.mark.parametrize("kind", [np.asarray, scipy.sparse.csr_array])
def test_values_that_do_not_fit_into_the_dtype_are_refused(kind):
    X = np.array([[1.0, 1e39], [0.0, 1.0]])
    plain = Inputs.plain(2)
    with pytest.raises(ValueError, match=r"too large for float32.*scale_features.*precision"):
        plain.of(kind(X), np.float32)
    assert np.max(plain.of(kind(X), np.float64)) == 1e39
    assert np.max(Inputs.plain(2, np.array([0])).of(kind(X), np.float32)) == 1
