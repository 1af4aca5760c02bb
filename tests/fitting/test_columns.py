"""Columns of frames and arrays as numbers."""

import datetime
import decimal
import fractions

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from sklearn_motif._fitting.cells import UNKNOWN
from sklearn_motif._fitting.columns import as_numbers

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
    cells = [3, "x", None, 2.5, "a", 7]
    for X in (pd.DataFrame({"a": cells}), np.array(cells, dtype=object)[:, None]):
        numbers, categories = as_numbers(X, [0])
        assert categories[0].tolist() == [2.5, 3, 7, "a", "x"]
        np.testing.assert_array_equal(numbers[:, 0], [1, 4, NAN, 0, 3, 2])


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
    "listed", [[2], [-1], ["b"], [0.5], [None], [0, True], [[True, False]] * 2]
)
@pytest.mark.parametrize("X", [np.eye(2), pd.DataFrame(np.eye(2), columns=["a", "c"])])
def test_wrong_lists_are_refused(listed, X):
    with pytest.raises(ValueError, match=r"categorical_features must list.*from 0 to 1"):
        as_numbers(X, listed)


@pytest.mark.parametrize("listed", [[True], [True, False, True]])
def test_a_mask_has_a_bool_for_each_column(listed):
    with pytest.raises(ValueError, match=rf"holds {len(listed)} bools, but X has 2 columns"):
        as_numbers(np.eye(2), listed)


@pytest.mark.parametrize(
    "listed",
    [np.array([0], dtype=np.int8), np.array([np.int64(0), "b"], dtype=object), [0, "b"], (0, "b")],
    ids=str,
)
def test_numbers_are_places_of_columns_beside_names(listed):
    X = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    assert [*as_numbers(X, listed)[1]] == [0, 1][: len(listed)]
    numbered = pd.DataFrame([[1, 2], [3, 4]], columns=[1, 0])
    assert [*as_numbers(numbered, [0])[1]] == [0]


@pytest.mark.parametrize("cell", [{}, [1], {1}, np.arange(3)], ids=str)
def test_categories_are_strings_booleans_or_numbers(cell):
    X = np.empty((2, 1), dtype=object)
    X[0, 0], X[1, 0] = cell, "a"
    for arguments in ([[0]], [[0], {0: np.array(["a"], dtype=object)}]):
        with pytest.raises(
            TypeError, match=r"Column 0 of X .*must be a string, a boolean or a num"
        ):
            as_numbers(X, *arguments)
    with pytest.raises(TypeError, match=r"Column 0 of X .*must be a string, a boolean or a number"):
        as_numbers(X, None)


def test_sparse_x_has_no_categories():
    X = scipy.sparse.csr_array(np.eye(2))
    for arguments in ([[1]], ["from_dtype", {1: np.array(["a", "b"], dtype=object)}]):
        with pytest.raises(ValueError, match="X is sparse; columns of categories need dense X"):
            as_numbers(X, *arguments)
    assert as_numbers(X, [])[0] is X


# Columns without any value.

NOTHING = {
    "pandas floats": pd.Series([NAN, NAN]),
    "pandas objects": pd.Series([None, None], dtype=object),
    "pandas str": pd.Series([None, None], dtype="str"),
    "pandas string": pd.Series([None, None], dtype="string"),
    "pandas boolean": pd.Series([None, None], dtype="boolean"),
    "pandas categories": pd.Series([None, None], dtype="category"),
    "polars nothing": pl.Series([None, None]),
    "polars strings": pl.Series([None, None], dtype=pl.String),
    "polars floats": pl.Series([None, None], dtype=pl.Float64),
}


@pytest.mark.parametrize("cells", NOTHING.values(), ids=NOTHING)
@pytest.mark.parametrize(
    ("later", "expected"), [(["b", "a"], [1, 0]), ([2.5, 7.0], None), ([True, False], [1, 0])]
)
def test_the_first_value_tells_what_a_column_holds(cells, later, expected):
    frame = pd.DataFrame if isinstance(cells, pd.Series) else pl.DataFrame
    _, known = as_numbers(frame({"x": [1.0, 2.0], "y": cells}), "from_dtype")
    assert {j: values.tolist() for j, values in known.items()} == {1: []}
    still_empty = frame({"x": [1.0, 2.0], "y": cells})
    assert [*as_numbers(still_empty, "from_dtype", known, growing=[0, 1])[1]] == [1]
    X = frame({"x": [1.0, 2.0], "y": later})
    numbers, categories = as_numbers(X, "from_dtype", known, growing=[0, 1])
    np.testing.assert_array_equal(numbers[:, 1], later if expected is None else expected)
    assert list(categories) == ([] if expected is None else [1])


@pytest.mark.parametrize("later", [["b", "a"], [2.5, 7.0], [{}, []], [datetime.date.today()] * 2])
def test_columns_that_are_not_read_may_hold_anything(later):
    X = pd.DataFrame({"x": [1.0, 2.0], "y": pd.Series(later, dtype=object)})
    for rows in (X, X.to_numpy()):
        numbers, _ = as_numbers(rows, "from_dtype", {}, unread=[1])
        np.testing.assert_array_equal(numbers, [[1, 0], [2, 0]])


# Values.

LARGE = [2**53, 2**53 + 1, 2**53 + 2]
LARGE_COLUMNS = {
    "pandas": pd.DataFrame({"a": LARGE}),
    "pandas unsigned": pd.DataFrame({"a": LARGE}, dtype="uint64"),
    "pandas nullable": pd.DataFrame({"a": LARGE}, dtype="Int64"),
    "polars": pl.DataFrame({"a": LARGE}),
    "array": np.array(LARGE)[:, None],
    "unsigned array": np.array(LARGE, dtype=np.uint64)[:, None],
    "objects": np.array(LARGE, dtype=object)[:, None],
    "list": [[value] for value in LARGE],
}


@pytest.mark.parametrize("X", LARGE_COLUMNS.values(), ids=LARGE_COLUMNS)
def test_large_integers_are_told_apart(X):
    numbers, categories = as_numbers(X, [0])
    np.testing.assert_array_equal(numbers[:, 0], [0, 1, 2])
    assert categories[0].tolist() == LARGE


def test_large_integers_with_missing_ones_are_told_apart():
    for X in (
        pd.DataFrame({"a": [*LARGE, None]}, dtype="Int64"),
        pl.DataFrame({"a": [*LARGE, None]}),
    ):
        np.testing.assert_array_equal(as_numbers(X, [0])[0][:, 0], [0, 1, 2, NAN])


def test_fractions_are_the_same_in_both_precisions():
    values = np.array([[0.1], [0.7], [1e-3], [3.0]])
    expected = [1, 2, 0, 3]
    for trained in (np.float32, np.float64):
        _, known = as_numbers(values.astype(trained), [0])
        for asked in (np.float32, np.float64):
            numbers, _ = as_numbers(values.astype(asked), [0], known)
            np.testing.assert_array_equal(numbers[:, 0], expected)
    whole = np.array([[2.0**24], [2.0**24 + 1]])
    np.testing.assert_array_equal(as_numbers(whole, [0])[0][:, 0], [0, 1])


@pytest.mark.parametrize("kind", ["U", "S", object])
def test_arrays_of_strings(kind):
    X = np.array([["b", "1.5"], ["a", "2"]]).astype(kind)
    numbers, categories = as_numbers(X, [0, 1])
    np.testing.assert_array_equal(numbers, [[1, 0], [0, 1]])
    assert categories[0].tolist() == ["a", "b"]
    if kind is not object:
        np.testing.assert_array_equal(as_numbers(X, [0])[0], [[1, 1.5], [0, 2]])
    with pytest.raises(ValueError, match=r"Column 0 of X holds strings.*set_output"):
        as_numbers(X, [1])


@pytest.mark.parametrize("dtype", ["datetime64[s]", "timedelta64[s]"])
def test_arrays_of_dates_are_refused(dtype):
    with pytest.raises(ValueError, match=rf"X is of dtype {dtype[:9]}"):
        as_numbers(np.zeros((2, 2), dtype=dtype), "from_dtype")


@pytest.mark.parametrize("rows", [np.array, pd.DataFrame, pl.DataFrame])
def test_infinity_is_no_category(rows):
    with pytest.raises(ValueError, match=r"X contains infinity, in columns \[.*\]"):
        as_numbers(rows([[1.0, 2.0], [np.inf, 3.0]]), [0, 1])


REFUSED = {
    "booleans beside numbers": [True, 1],
    "dates": [datetime.date(2020, 1, 1), None],
    "times": [datetime.datetime(2020, 1, 1), None],
    "durations": [datetime.timedelta(1), None],
    "dates of NumPy": [np.datetime64("2020-01-01", "ns"), None],
    "durations of NumPy": [np.timedelta64(1, "s"), None],
    "periods": [pd.Period("2020"), None],
    "intervals": [pd.Interval(0, 1), None],
    "bytes": [b"a", b"b"],
    "complex numbers": [1j, 2j],
}


@pytest.mark.parametrize("cells", REFUSED.values(), ids=REFUSED)
def test_other_cells_are_refused_by_column(cells):
    X = pd.DataFrame({"x": [1, 2], "when it was": pd.Series(cells, dtype=object)})
    is_listed_only = cells[0] is True  # of arrays, booleans may be numbers
    for listed in ["from_dtype", ["when it was"]] if is_listed_only else [[], ["when it was"]]:
        with pytest.raises(ValueError, match="Column 'when it was' of X"):
            as_numbers(X, listed)
    with pytest.raises(ValueError, match="Column 1 of X"):
        as_numbers(X.to_numpy(), [1] if is_listed_only else [])


@pytest.mark.parametrize(
    "cell", [10**400, fractions.Fraction(10**400), decimal.Decimal("sNaN")], ids=type
)
def test_numbers_beyond_float64_are_refused_by_column(cell):
    X = pd.DataFrame({"a": pd.Series([cell, 1], dtype=object)})
    with pytest.raises(ValueError, match="Column 'a' of X holds"):
        as_numbers(X, "from_dtype")


def test_decimals_and_fractions_are_floats():
    cells = [decimal.Decimal("0.5"), fractions.Fraction(3, 4), None, "0.5"]
    X = pd.DataFrame({"a": pd.Series(cells[:3], dtype=object)})
    np.testing.assert_array_equal(as_numbers(X, None)[0][:, 0], [0.5, 0.75, NAN])
    X = np.array(cells, dtype=object)[:, None]
    assert as_numbers(X, [0])[1][0].tolist() == [0.5, 0.75, "0.5"]


def test_categories_of_pandas_are_called_as_they_are_written():
    X = pd.DataFrame({"a": pd.cut([1, 5, 9, NAN], [0, 4, 8, 12])})
    numbers, categories = as_numbers(X, "from_dtype")
    assert categories[0].tolist() == ["(0, 4]", "(4, 8]", "(8, 12]"]
    np.testing.assert_array_equal(numbers[:, 0], [0, 1, 2, NAN])
    twice = pd.Series(pd.Categorical([1j, str(1j)], categories=[1j, str(1j)]))
    with pytest.raises(ValueError, match="Column 'a' of X has two categories that are written"):
        as_numbers(pd.DataFrame({"a": twice}), "from_dtype")
