"""Columns of frames and arrays as numbers."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from sklearn_motif._fitting.columns import UNKNOWN, as_numbers

pl = pytest.importorskip("polars")

NAN = np.nan

# A column with its numbers, or with its codes and what these stand for.
PANDAS = {
    "floats": (pd.Series([0.5, NAN, 2.0]), [0.5, NAN, 2.0], None),
    "float32": (pd.Series([0.5, NAN, 2.0], dtype="float32"), [0.5, NAN, 2.0], None),
    "integers": (pd.Series([3, 1, 2]), [3, 1, 2], None),
    "unsigned": (pd.Series([3, 1, 2], dtype="uint8"), [3, 1, 2], None),
    "nullable integers": (pd.Series([3, None, 2], dtype="Int64"), [3, NAN, 2], None),
    "nullable floats": (pd.Series([0.5, None, 2], dtype="Float32"), [0.5, NAN, 2], None),
    "numbers among objects": (pd.Series([3, None, 2.5], dtype=object), [3, NAN, 2.5], None),
    "NA among objects": (pd.Series([3, pd.NA, 2.5], dtype=object), [3, NAN, 2.5], None),
    "decimals": (
        pd.Series([decimal.Decimal("0.5"), None, decimal.Decimal(2)]),
        [0.5, NAN, 2],
        None,
    ),
    "nothing": (pd.Series([None, None, None], dtype=object), [NAN, NAN, NAN], None),
    "strings": (pd.Series(["b", None, "a"]), [1, NAN, 0], ["a", "b"]),
    "strings as objects": (pd.Series(["b", None, "a"], dtype=object), [1, NAN, 0], ["a", "b"]),
    "string dtype": (pd.Series(["b", None, "a"], dtype="string"), [1, NAN, 0], ["a", "b"]),
    "booleans": (pd.Series([True, False, True]), [1, 0, 1], [False, True]),
    "nullable booleans": (
        pd.Series([True, None, False], dtype="boolean"),
        [1, NAN, 0],
        [False, True],
    ),
    "booleans as objects": (
        pd.Series([True, None, False], dtype=object),
        [1, NAN, 0],
        [False, True],
    ),
    "categories": (pd.Series(["b", None, "a"], dtype="category"), [1, NAN, 0], ["a", "b"]),
    "categories of numbers": (pd.Series([30, 4, 30], dtype="category"), [1, 0, 1], [4, 30]),
}
POLARS = {
    "floats": (pl.Series([0.5, None, 2.0]), [0.5, NAN, 2.0], None),
    "integers": (pl.Series([3, None, 2]), [3, NAN, 2], None),
    "unsigned": (pl.Series([3, 1, 2], dtype=pl.UInt8), [3, 1, 2], None),
    "decimals": (
        pl.Series([decimal.Decimal("0.5"), None, decimal.Decimal(2)]),
        [0.5, NAN, 2],
        None,
    ),
    "strings": (pl.Series(["b", None, "a"]), [1, NAN, 0], ["a", "b"]),
    "booleans": (pl.Series([True, None, False]), [1, NAN, 0], [False, True]),
    "categories": (pl.Series(["b", None, "a"], dtype=pl.Categorical), [1, NAN, 0], ["a", "b"]),
    "enum": (pl.Series(["b", None, "a"], dtype=pl.Enum(["b", "a", "c"])), [1, NAN, 0], ["a", "b"]),
}
ALL = [(pd.DataFrame, *case) for case in PANDAS.values()]
ALL += [(pl.DataFrame, *case) for case in POLARS.values()]
IDS = [f"pandas {name}" for name in PANDAS] + [f"polars {name}" for name in POLARS]


@pytest.mark.parametrize(("frame", "column", "expected", "values"), ALL, ids=IDS)
def test_columns_of_frames(frame, column, expected, values):
    X = frame({"before": [1.0, 2.0, 3.0], "column": column})
    numbers, categories = as_numbers(X, "from_dtype")
    assert numbers.dtype == np.float64
    np.testing.assert_array_equal(numbers, np.column_stack([[1, 2, 3], expected]))
    if values is None:
        assert categories == {}
    else:
        assert list(categories) == [1]
        assert categories[1].tolist() == values
        assert all(type(value) in (str, bool, int, float) for value in categories[1])
    # Another frame of known columns.
    again, _ = as_numbers(X[::-1], "from_dtype", known=categories)
    np.testing.assert_array_equal(again, numbers[::-1])


@pytest.mark.parametrize(("frame", "column", "expected", "values"), ALL, ids=IDS)
def test_listed_columns_are_categories_of_any_kind_and_others_are_none(
    frame, column, expected, values
):
    X = frame({"before": [1.0, 2.0, 3.0], "column": column})
    for listed in (["column"], [1], [False, True], np.array([False, True]), np.array(["column"])):
        numbers, categories = as_numbers(X, listed)
        codes = np.unique(np.array(expected)[~np.isnan(expected)]).searchsorted(expected)
        np.testing.assert_array_equal(numbers[:, 1], np.where(np.isnan(expected), NAN, codes))
        assert list(categories) == [1]
        assert len(categories[1]) == np.sum(~np.isnan(np.unique(expected)))
    for listed in (["before"], None, []):
        if values is not None and isinstance(values[0], str):
            with pytest.raises(ValueError, match="Column 'column' of X holds strings"):
                as_numbers(X, listed)
        else:
            assert 1 not in as_numbers(X, listed)[1]


def test_numbers_beside_strings_are_categories_where_they_are_listed():
    cells = [3, "x", None, 2.5, "a", True]
    for X in (pd.DataFrame({"a": cells}), np.array(cells, dtype=object)[:, None]):
        numbers, categories = as_numbers(X, [0])
        assert categories[0].tolist() == [True, 2.5, 3, "a", "x"]
        np.testing.assert_array_equal(numbers[:, 0], [2, 4, NAN, 1, 3, 0])


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series([datetime.datetime(2020, 1, 1)] * 2),
        pd.Series([datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)] * 2),
        pd.Series([datetime.timedelta(1)] * 2),
        pd.Series([datetime.date(2020, 1, 1)] * 2, dtype=object),
        pd.Series(pd.period_range("2020", periods=2)),
        pd.Series([1j, 2j]),
        pd.Series([3, "x"], dtype=object),
        pd.Series([True, 2], dtype=object),
        pd.Series([{}, {}], dtype=object),
        pl.Series([datetime.date(2020, 1, 1)] * 2),
        pl.Series([datetime.timedelta(1)] * 2),
        pl.Series([[1, 2], [3, 4]]),
        pl.Series([3, "x"], dtype=pl.Object),
    ],
    ids=lambda cells: str(cells.dtype),
)
def test_other_columns_are_refused_by_name(cells):
    frame = pd.DataFrame if isinstance(cells, pd.Series) else pl.DataFrame
    X = frame({"fine": [1.0, 2.0], "when it was": cells})
    with pytest.raises((ValueError, TypeError), match="Column 'when it was' of X"):
        as_numbers(X, "from_dtype")


def test_columns_of_one_name_are_told_apart():
    X = pd.DataFrame([["b", 1.0], ["a", 2.0]], columns=["same", "same"])
    numbers, categories = as_numbers(X, "from_dtype")
    np.testing.assert_array_equal(numbers, [[1, 1], [0, 2]])
    assert list(categories) == [0]


def test_codes_do_not_depend_on_the_order_of_rows():
    X = pd.DataFrame({"a": list("dbacbd")})
    numbers, categories = as_numbers(X, "from_dtype")
    again, same = as_numbers(X[::-1], "from_dtype")
    assert categories[0].tolist() == same[0].tolist() == list("abcd")
    np.testing.assert_array_equal(again, numbers[::-1])


# Known categories.


def test_unknown_values_have_the_code_of_none():
    known = {0: np.array(["a", "b"], dtype=object)}
    for X in (
        pd.DataFrame({"a": ["b", "z", None]}),
        pl.DataFrame({"a": ["b", "z", None]}),
        np.array([["b"], ["z"], [None]], dtype=object),
        [["b"], ["z"], [None]],
        pd.DataFrame({"a": ["b", "z", None]}, dtype="category"),
    ):
        numbers, categories = as_numbers(X, "from_dtype", known)
        np.testing.assert_array_equal(numbers[:, 0], [1, UNKNOWN, NAN])
        assert categories[0].tolist() == ["a", "b"]


def test_growing_columns_keep_their_codes_and_get_more():
    known = {0: np.array(["d", "b"], dtype=object), 1: np.array(["x"], dtype=object)}
    X = pd.DataFrame({"a": ["d", "c", "a"], "b": ["x", "y", "x"]})
    numbers, categories = as_numbers(X, "from_dtype", known, growing=[0])
    assert categories[0].tolist() == ["d", "b", "a", "c"]
    assert categories[1].tolist() == ["x"]
    np.testing.assert_array_equal(numbers, [[0, 0], [3, UNKNOWN], [2, 0]])
    assert known[0].tolist() == ["d", "b"]


def test_values_are_known_in_any_type_that_equals_them():
    _, categories = as_numbers(pd.DataFrame({"a": [1, 2, 3]}), [0])
    for X in (np.array([[3.0], [1.0]]), np.array([[3], [1]], dtype=np.int8), [[3], [1]]):
        np.testing.assert_array_equal(as_numbers(X, [0], categories)[0], [[2], [0]])
    _, categories = as_numbers(pd.DataFrame({"a": [True, False]}), "from_dtype")
    for X in (np.array([[True], [False]]), pd.DataFrame({"a": [1.0, 0.0]})):
        np.testing.assert_array_equal(as_numbers(X, "from_dtype", categories)[0], [[1], [0]])


def test_known_columns_of_numbers_do_not_become_categories():
    X = pd.DataFrame({"a": [True, False], "b": ["x", "y"]})
    known = {1: np.array(["x", "y"], dtype=object)}
    np.testing.assert_array_equal(as_numbers(X, "from_dtype", known)[0], [[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="Column 'b' of X holds strings"):
        as_numbers(X, "from_dtype", {})


# Arrays.


@pytest.mark.parametrize("known", [None, {}])
def test_arrays_without_categories_are_left_to_scikit_learn(known):
    sparse = scipy.sparse.csr_array(np.eye(2))
    for X in (np.eye(2), np.eye(2, dtype=np.float32), [[1, 2], [3, None]], sparse, "no X at all"):
        numbers, categories = as_numbers(X, "from_dtype", known)
        assert numbers is X
        assert categories == {}


@pytest.mark.parametrize("listed", [[1], [False, True], np.array([1])])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, object])
def test_listed_columns_of_arrays(listed, dtype):
    X = np.array([[1, 7], [2, 5], [3, 7]], dtype=dtype)
    numbers, categories = as_numbers(X, listed)
    assert numbers.dtype == (np.float32 if dtype == np.float32 else np.float64)
    np.testing.assert_array_equal(numbers, [[1, 1], [2, 0], [3, 1]])
    assert categories[1].tolist() == [5, 7]
    numbers, _ = as_numbers(X.tolist(), listed)
    np.testing.assert_array_equal(numbers, [[1, 1], [2, 0], [3, 1]])


def test_objects_beside_listed_columns_are_numbers_that_may_be_missing():
    X = np.array([["x", 1.5], ["y", None], [None, 3]], dtype=object)
    numbers, _ = as_numbers(X, [0])
    np.testing.assert_array_equal(numbers, [[0, 1.5], [1, NAN], [NAN, 3]])
    with pytest.raises(ValueError, match="Column 0 of X holds strings"):
        as_numbers(X, [1])


@pytest.mark.parametrize(
    "listed", [[2], [-1], ["b"], [0.5], [None], [True], [True, False, True], [[True, False]] * 2]
)
@pytest.mark.parametrize("X", [np.eye(2), pd.DataFrame(np.eye(2), columns=["a", "c"])])
def test_wrong_lists_are_refused(listed, X):
    with pytest.raises(ValueError, match=r"categorical_features must list.*from 0 to 1"):
        as_numbers(X, listed)


@pytest.mark.parametrize("cell", [{}, [1], {1}])
def test_categories_are_strings_booleans_or_numbers(cell):
    X = np.empty((2, 1), dtype=object)
    X[0, 0], X[1, 0] = cell, "a"
    for arguments in ([[0]], [[0], {0: np.array(["a"], dtype=object)}]):
        with pytest.raises(TypeError, match="must be a string, a boolean or a number"):
            as_numbers(X, *arguments)


def test_sparse_x_has_no_categories():
    X = scipy.sparse.csr_array(np.eye(2))
    for arguments in ([[1]], ["from_dtype", {1: np.array(["a", "b"], dtype=object)}]):
        with pytest.raises(ValueError, match="X is sparse; columns of categories need dense X"):
            as_numbers(X, *arguments)
    assert as_numbers(X, [])[0] is X
