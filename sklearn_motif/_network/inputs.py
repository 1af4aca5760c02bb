"""From the columns of X to the inputs of the network: values, bins, categories, missing values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np
import scipy.sparse
from numpy.typing import DTypeLike

from .. import engine

Rows: TypeAlias = np.ndarray | scipy.sparse.csr_array | scipy.sparse.csr_matrix

# Scaled values bend where they come near plus or minus this number, which they never pass.
CLIP = 3.0
# Far beyond it: squares of scaled values stay finite.
FAR = 1e6
# A bin is 0 where its column has not come to it, and this where it is full.
FULL_BIN = 0.5
# Numbers that are made at a time: they stay in the cache.
NUMBERS_AT_A_TIME = 1 << 15
# Where they are values alone, which take one pass.
SCALED_AT_A_TIME = 1 << 20
# Rows are sparse from so many inputs on for each one that may be other than 0, and for some more:
# it takes a while to begin with them.
MOSTLY_ZEROS = 4
SOME_MORE = 32
# A search among columns takes as long as so many columns of a table that is made to look up all.
COLUMNS_A_SEARCH = 64


def _no_columns() -> np.ndarray:
    return np.empty(0, dtype=np.int64)


def _no_numbers() -> np.ndarray:
    return np.empty(0, dtype=np.float64)


@dataclass
class Inputs:
    """What the inputs of a network are, in arrays and builtins only.

    First come values of columns, then bins of columns, then indicators of columns. Each array has
    an item for each input of its kind, or for each column of X.

    Attributes
    ----------
    n_columns : int
        Columns of X.
    values : ndarray of int64
        Columns whose values are inputs, sorted.
    fills : ndarray of float64, shape (n_columns,), or (1,) for all
        What a missing value counts as, unless an indicator says that it is missing: then all
        other inputs of its column are 0.
    centers, scales : ndarray of float64, shape (n_columns,), or None
        A value x becomes z / sqrt(1 + (z / CLIP)²) with z = (x - center) / scale. None: it stays.
    factor : float
        What values without centers and scales are multiplied by.
    bins : ndarray of int64
        The column of each bin.
    starts, widths : ndarray of float64
        A bin is 0 up to its start, FULL_BIN from `width` further on, and rises evenly between; one
        of width 0 is 0.
    indicators : ndarray of int64
        The column of each indicator.
    codes : ndarray of float64
        An indicator is 1 where its column is equal to its code, else 0; NaN stands for a missing
        value.
    category_values : dict of int to ndarray of object
        The values that the codes 0, 1, ... of a column of categories stand for. Others have the
        code -1.
    """

    n_columns: int
    values: np.ndarray
    fills: np.ndarray
    centers: np.ndarray | None = None
    scales: np.ndarray | None = None
    factor: float = 1.0
    bins: np.ndarray = field(default_factory=_no_columns)
    starts: np.ndarray = field(default_factory=_no_numbers)
    widths: np.ndarray = field(default_factory=_no_numbers)
    indicators: np.ndarray = field(default_factory=_no_columns)
    codes: np.ndarray = field(default_factory=_no_numbers)
    category_values: dict[int, np.ndarray] = field(default_factory=dict)

    @classmethod
    def plain(cls, n_columns: int, columns: np.ndarray | None = None) -> Inputs:
        """Inputs that are columns of X as they are: all, or some."""
        columns = np.arange(n_columns) if columns is None else columns
        return cls(n_columns, columns, np.zeros(1))

    @property
    def columns(self) -> np.ndarray:
        """The column of X that each input comes from."""
        return np.concatenate([self.values, self.bins, self.indicators])

    @property
    def read_columns(self) -> np.ndarray:
        """Columns that have inputs which are not always 0, sorted."""
        columns = self.columns
        if self.scales is not None:
            columns = columns[np.isfinite(self.scales[columns])]
        return np.unique(columns)

    @property
    def left_out(self) -> np.ndarray:
        """Columns without such inputs, sorted."""
        is_left_out = np.ones(self.n_columns, dtype=bool)
        is_left_out[self.read_columns] = False
        return np.flatnonzero(is_left_out)

    @property
    def size(self) -> int:
        """Number of inputs."""
        return self.values.size + self.bins.size + self.indicators.size

    @property
    def max_entries(self) -> int:
        """Inputs that may be other than 0 in a row, at most: of a column's categories one is."""
        n_missing = int(np.count_nonzero(np.isnan(self.codes)))
        return self.values.size + self.bins.size + n_missing + len(self.category_values)

    @property
    def is_sparse(self) -> bool:
        """Whether dense X gives sparse rows: most inputs are categories, whatever rows come."""
        return MOSTLY_ZEROS * (self.max_entries + SOME_MORE) < self.size

    @property
    def numbers_a_row(self) -> int:
        """Numbers that hold the inputs of a row of dense X."""
        return 2 * self.max_entries if self.is_sparse else self.size  # values and their places

    @property
    def is_plain(self) -> bool:
        """Whether the inputs are columns as they are, so that zeros of sparse X stay zeros."""
        return self.centers is None and self.size == self.values.size

    @property
    def missing(self) -> np.ndarray:
        """Columns with an input that says that a value is missing."""
        return self.indicators[np.isnan(self.codes)]

    def names(self, column_names: np.ndarray | list[str]) -> np.ndarray:
        """A name for each input, by those of the columns of X."""
        names = [str(name) for name in column_names]
        first = np.searchsorted(self.bins, self.bins)  # they are sorted by column
        of_bins = (
            f"{names[column]} bin {number}"
            for column, number in zip(self.bins, np.arange(self.bins.size) - first + 1, strict=True)
        )
        of_indicators = (
            f"{names[column]} missing"
            if np.isnan(code)
            else f"{names[column]}={_written(self.category_values[int(column)][int(code)])}"
            for column, code in zip(self.indicators, self.codes, strict=True)
        )
        return np.array([*(names[j] for j in self.values), *of_bins, *of_indicators], dtype=object)

    def by_column(self, of_inputs: np.ndarray) -> np.ndarray:
        """What inputs have, summed over those of each column of X."""
        sums = np.zeros(self.n_columns, dtype=of_inputs.dtype)
        np.add.at(sums, self.columns, of_inputs)
        return sums

    def of(self, X: Rows, dtype: DTypeLike) -> Rows:
        """The inputs of some rows, shape (n_rows, size).

        Parameters
        ----------
        X : ndarray or CSR, shape (n_rows, n_columns)
            Categories as their codes.
        dtype : dtype
            Of the result. It is computed in float64.

        Returns
        -------
        ndarray or CSR
            Sparse where X is and inputs are columns as they are, and where `is_sparse`; indices
            are sorted then.

        Raises
        ------
        ValueError
            When values that are taken as they are do not fit into `dtype`.
        """
        try:
            with np.errstate(over="raise"):
                return self._of(X, dtype)
        except FloatingPointError as error:
            scale = 'leave scale_features at "auto"'
            if scipy.sparse.issparse(X):
                scale = "scale its columns, which scale_features does by one number at most"
            raise ValueError(
                f"X holds values that are too large for {np.dtype(dtype)}; {scale}, or set "
                'precision="float64".'
            ) from error

    def _of(self, X: Rows, dtype: DTypeLike) -> Rows:
        if self.is_plain and not (isinstance(X, np.ndarray) and _has_nan(X)):
            chosen = self._chosen(X)
            if self.factor != 1.0:  # in the dtype of X, which holds what does not fit otherwise
                chosen = chosen * chosen.dtype.type(self.factor)
            return chosen.astype(dtype, copy=False)
        if self.is_sparse:
            return self._sparse(X, dtype)
        result = np.empty((X.shape[0], self.size), dtype=dtype)
        first = self.values.size + self.bins.size  # of the indicators
        for rows, some in self._blocks(X, self.size):
            is_missing = np.isnan(some)
            if self.indicators.size:
                indicators = result[rows, first:]
                indicators[:] = some[:, self.indicators] == self.codes
                indicators[is_missing[:, self.indicators] & np.isnan(self.codes)] = 1
            self._fill(result[rows], some, is_missing)
        return result

    def _chosen(self, X: Rows) -> Rows:
        """The columns of some rows whose values are inputs."""
        if self.values.size == self.n_columns:
            return X
        if isinstance(X, np.ndarray):
            return X[:, self.values]
        # scipy would look at every column that there is, whatever few rows store.
        if COLUMNS_A_SEARCH * X.indices.size < self.n_columns:
            places = np.searchsorted(self.values, X.indices)
            places[places == self.values.size] = 0
            is_input = self.values[places] == X.indices
        else:
            table = np.full(self.n_columns, -1, dtype=np.int32)
            table[self.values] = np.arange(self.values.size)
            places = table[X.indices]
            is_input = places >= 0
        ends = np.concatenate([[0], np.cumsum(is_input)])[X.indptr]
        shape = (X.shape[0], self.values.size)
        return scipy.sparse.csr_array((X.data[is_input], places[is_input], ends), shape=shape)

    def _sparse(self, X: Rows, dtype: DTypeLike) -> scipy.sparse.csr_array:
        """What `of` gives, with as many entries in each row, of which any may be 0."""
        lookup = _Lookup.of(self)
        first = self.values.size + self.bins.size  # of the indicators
        n_entries = first + lookup.missing.size + lookup.columns.size
        result = np.empty((X.shape[0], n_entries), dtype=dtype)
        places = np.empty(result.shape, dtype=np.int32)
        places[:, :first] = np.arange(first)
        for rows, some in self._blocks(X, n_entries):
            self._fill(result[rows], some, np.isnan(some))
            found = lookup(some)
            found.sort(axis=1)
            result[rows, first:] = found & 1
            places[rows, first:] = first + (found >> 1)
        # scipy gives places the dtype of the ends, if that is wider.
        dtype_of_ends = np.result_type(np.int32, np.min_scalar_type(-result.size))
        row_ends = np.arange(0, result.size + 1, n_entries, dtype=dtype_of_ends)
        shape = (X.shape[0], self.size)
        return scipy.sparse.csr_array((result.ravel(), places.ravel(), row_ends), shape=shape)

    def _blocks(self, X: Rows, width: int) -> Iterator[tuple[slice, np.ndarray]]:
        """Some rows at a time, dense, of which as many numbers are made each."""
        n_numbers = NUMBERS_AT_A_TIME if self.size > self.values.size else SCALED_AT_A_TIME
        for rows in blocks(X.shape[0], max(self.n_columns, width), n_numbers):
            yield rows, X[rows] if isinstance(X, np.ndarray) else X[rows].toarray()

    def _fill(self, result: np.ndarray, X: np.ndarray, is_missing: np.ndarray) -> None:
        """Write values and bins of some rows, and leave what follows them."""
        has_missing = bool(is_missing.any())
        if has_missing:
            X = np.where(is_missing, self.fills, X)
        values, bins, _ = np.split(result, np.cumsum([self.values.size, self.bins.size]), axis=1)
        self._fill_values(result, X)
        if self.bins.size:
            has_width = self.widths > 0
            with np.errstate(over="ignore"):  # what is far away may be infinite on the way
                share = (X[:, self.bins] - self.starts) / np.where(has_width, self.widths, 1.0)
            bins[:] = np.where(has_width, FULL_BIN * np.clip(share, 0.0, 1.0), 0.0)
        if has_missing:
            is_told = is_missing & np.isin(np.arange(self.n_columns), self.missing)
            values[is_told[:, self.values]] = 0
            bins[is_told[:, self.bins]] = 0

    def _fill_values(self, result: np.ndarray, X: np.ndarray) -> None:
        """Write the values of columns, scaled where there are scales, at the beginning of rows."""
        X = X if self.values.size == self.n_columns else X.take(self.values, axis=1)
        if self.centers is None or self.scales is None:
            result[:, : self.values.size] = X.astype(np.float64) * self.factor
            return
        with np.errstate(over="ignore"):  # what is far away may be infinite on the way
            centers, scales = self.centers[self.values], self.scales[self.values]
            engine.scale(X, centers, scales, result, far=FAR, clip=CLIP)


class _Lookup(NamedTuple):
    """Finds the indicators of rows by their codes."""

    missing: np.ndarray  # columns with an indicator that says that a value is missing
    of_missing: np.ndarray  # the numbers of these indicators
    columns: np.ndarray  # those of categories
    n_codes: np.ndarray  # of each
    starts: np.ndarray  # where each begins in the table
    table: np.ndarray  # for each code, and then for all that is none, what a call gives

    @classmethod
    def of(cls, inputs: Inputs) -> _Lookup:
        """What finds the indicators of some inputs."""
        is_missing = np.isnan(inputs.codes)
        of_missing, numbers = np.flatnonzero(is_missing), np.flatnonzero(~is_missing)
        of_columns, codes = inputs.indicators[numbers], inputs.codes[numbers].astype(np.int64)
        n_codes, some = np.zeros((2, inputs.n_columns), dtype=np.int64)
        np.maximum.at(n_codes, of_columns, codes + 1)
        columns = np.flatnonzero(n_codes)
        some[of_columns] = numbers
        starts = np.cumsum(n_codes + 1) - (n_codes + 1)
        table = np.repeat(2 * some, n_codes + 1)
        table[starts[of_columns] + codes] = 2 * numbers + 1
        return cls(inputs.missing, of_missing, columns, n_codes[columns], starts[columns], table)

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Twice the number of an indicator, plus 1 where it is 1; all others are 0.

        One item for each column that may be missing, and for each of categories.
        """
        codes = X[:, self.columns]
        is_known = (codes >= 0) & (codes < self.n_codes)
        places = np.where(is_known, codes, self.n_codes).astype(np.int64)
        of_missing = 2 * self.of_missing + np.isnan(X[:, self.missing])
        return np.hstack([of_missing, self.table[self.starts + places]])


def _written(value: object) -> object:
    """A category as it is written: whole numbers without a point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _has_nan(X: np.ndarray) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isnan(np.sum(X)))


def blocks(n_rows: int, width: int, n_numbers: int) -> Iterator[slice]:
    """Slices of rows of some width that hold about `n_numbers` numbers."""
    step = max(1, n_numbers // max(width, 1))
    for first in range(0, n_rows, step):
        yield slice(first, first + step)
