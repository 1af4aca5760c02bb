"""What the training rows tell of the columns: scales, bins, categories, missing values."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from .._network import Inputs, MotifNetwork, Rows
from .._network.inputs import blocks
from .._training.rows import has_room, kept_inputs
from .columns import UNKNOWN, Categories
from .grouping import groups_features, neighbors_are_alike
from .quantiles import column_quantiles, differences
from .screening import may_be_screened, noise_columns

# Rows of which quantiles are taken, and by which columns are compared with each other, at most. The
# former are more than columns can have bins in all.
QUANTILE_ROWS = 10_000
COMPARED_ROWS = 2000
# Numbers of X that are looked at for either: there are fewer rows where columns are many.
COMPARED_NUMBERS = 20_000_000
# Numbers whose least and greatest ones are looked for at a time: they stay in the cache.
NUMBERS_OF_EXTENTS = 1 << 17
# Columns of numbers that are few, which "auto" encodes, and the bins that each of them gets.
FEW_COLUMNS = 128
AUTO_BINS = 32
# With fewer different rows for each bin of a column there are fewer bins: each is learned from its
# rows. Nor do all columns together have more bins than there are different rows.
ROWS_PER_BIN = 10
# Of a stream, which has more rows than its first ones, at least.
STREAM_BINS = 8
# A column with fewer different edges, or values, is told by its value.
MINIMUM_EDGES = 3
# From so many columns on, those that are more like their neighbors than like others are pixels or
# wavelengths: bins would cost more than they tell.
ORDERED_COLUMNS = 64
QUARTILES = np.array([0.25, 0.5, 0.75])


class Extent(NamedTuple):
    """What columns hold in all training rows."""

    lows: np.ndarray  # NaN in columns without any value
    highs: np.ndarray
    is_missing: np.ndarray  # bool; whether some values are missing


class Table(NamedTuple):
    """Rows to learn from."""

    X: Rows  # shape (n_samples, n_columns); categories as their codes
    y: np.ndarray
    weights: np.ndarray  # with those of classes, 1 on average
    rows: np.ndarray  # int64; those to train on that weigh anything
    categories: Categories
    mean_weight: float = 1.0  # what `weights` were on average, as they were given
    inputs: Rows | None = None  # those of the network for all rows of X, where there is room

    @property
    def training_rows(self) -> Rows:
        """X at the rows to train on, itself where these are all."""
        return self.X if self.rows.size == self.X.shape[0] else self.X[self.rows]

    @property
    def numbers(self) -> np.ndarray:
        """Columns of numbers, which are no categories."""
        return np.setdiff1d(np.arange(self.X.shape[1]), list(self.categories))

    def inputs_of(self, rows: np.ndarray, network: MotifNetwork) -> Rows:
        """The inputs of some sorted rows, in the dtype of the network; perhaps a view."""
        if self.inputs is None:
            return network.inputs_of(taken(self.X, rows))
        return taken(self.inputs, rows)


def with_inputs(table: Table, network: MotifNetwork) -> Table:
    """The table with the inputs of all rows, where memory has room for them."""
    if table.inputs is not None:
        return table
    return table._replace(inputs=kept_inputs(network, table.X))


def new_inputs(
    table: Table,
    structure: dict[str, Any],
    motif_size: int,
    dtype: np.dtype,
    *,
    is_discrete: bool,
) -> tuple[Inputs, bool, Table]:
    """Inputs learned from the training rows, whether they form motifs, and the table.

    The table has the inputs of all rows where they were made on the way.

    Parameters
    ----------
    table : Table
    structure : dict
        What ``parameters.structure_of`` gives.
    motif_size : int
        The first of a schedule.
    dtype : dtype
        In which the network computes.
    is_discrete : bool
        Whether y holds classes or labels; numbers otherwise.
    """
    n_columns, shape = table.X.shape[1], structure["feature_shape"]
    if shape is not None:
        check_images(table, shape)
    if scipy.sparse.issparse(table.X):
        return *inputs_of_sparse(table, structure, motif_size), table
    extent = extent_of(table)
    inputs, compared = _values(table, extent, structure), None
    if shape is None:
        varies = extent.lows < extent.highs
        inputs = replace(inputs, values=inputs.values[varies[inputs.values]])
    if _values_are_all(inputs, table, extent, structure) and has_room(inputs, len(table.X), dtype):
        table = table._replace(inputs=inputs.of(table.X, dtype))
    if shape is None and structure["screen_features"]:
        inputs, table, compared = _without_noise(inputs, table, is_discrete=is_discrete)
    is_grouped, n_bins = motifs_or_bins(inputs, table, structure, motif_size, compared)
    if n_bins:
        inputs = _with_bins(inputs, table, n_bins)
    if shape is None:
        inputs = _with_indicators(inputs, table, extent)
    if not inputs.size:  # no column tells anything: one is read, and is 0 whatever it holds
        nothing, infinite = np.zeros(n_columns), np.full(n_columns, np.inf)
        inputs = replace(inputs, values=np.arange(1), centers=nothing, scales=infinite)
    return inputs, is_grouped, table


def _values_are_all(
    inputs: Inputs, table: Table, extent: Extent, structure: dict[str, Any]
) -> bool:
    """Whether no inputs will join the scaled values of columns: bins, or indicators."""
    n_bins = structure["encode_features"] if structure["feature_shape"] is None else False
    has_no_bins = n_bins is False or (n_bins == "auto" and inputs.values.size > FEW_COLUMNS)
    has_no_indicators = not (table.categories or extent.is_missing.any())
    return inputs.scales is not None and inputs.size > 0 and has_no_bins and has_no_indicators


def inputs_of_sparse(
    table: Table, structure: dict[str, Any], motif_size: int
) -> tuple[Inputs, bool]:
    """The columns of sparse X that hold values, and whether they form motifs: then all columns."""
    n_columns = table.X.shape[1]
    is_grouped = groups_features(None, n_columns, structure, motif_size)
    keeps_all = is_grouped or structure["feature_shape"] is not None
    return Inputs.plain(n_columns, None if keeps_all else occupied_columns(table)), is_grouped


def motifs_or_bins(
    inputs: Inputs,
    table: Table,
    structure: dict[str, Any],
    motif_size: int,
    compared: np.ndarray | None = None,
    *,
    is_stream: bool = False,
) -> tuple[bool, int]:
    """Whether the values of columns form motifs, and otherwise the bins of each at most.

    `compared` are the inputs of `compared_rows`, where they were made before.
    """
    shape, size = structure["feature_shape"], inputs.values.size
    n_bins = structure["encode_features"] if shape is None else False
    if n_bins and n_bins != "auto":
        return False, n_bins
    rows = compared_rows(table, inputs.values.size)
    X = _compared_inputs(inputs, table, rows) if compared is None else compared
    can_form_motifs = not (is_stream and table.categories)  # of which some may come later
    if can_form_motifs and groups_features((X, table.weights[rows]), size, structure, motif_size):
        return True, 0
    if not n_bins or table.numbers.size > FEW_COLUMNS:
        return False, 0
    if table.numbers.size >= ORDERED_COLUMNS and neighbors_are_alike(X, table.weights[rows]):
        return False, 0
    n_bins = _most_bins(table, inputs.values)
    return False, max(n_bins, STREAM_BINS) if is_stream else n_bins


def _most_bins(table: Table, columns: np.ndarray) -> int:
    """Bins of each of some columns at most, by training rows that differ: twice counts as once."""
    X = table.X[some_rows(table.rows, QUANTILE_ROWS)]
    n_encoded = sum(_are_many(values) for values in X[:, columns].T)  # others have no bins
    rows_per_bin = max(ROWS_PER_BIN, n_encoded)
    # Some of the rows will do where there are as many different ones as the most bins need.
    for count in (2 * AUTO_BINS * rows_per_bin, len(X)):
        some = X[some_rows(np.arange(len(X)), count)]
        n_different = len(np.unique(np.where(np.isnan(some), np.inf, some), axis=0))  # NaN != NaN
        if n_different >= AUTO_BINS * rows_per_bin:
            break
    return min(AUTO_BINS, n_different // rows_per_bin)


def occupied_columns(table: Table) -> np.ndarray:
    """Columns of sparse X that hold other values than 0 in the rows to train on, or the first."""
    is_occupied = np.zeros(table.X.shape[1], dtype=bool)
    is_occupied[stored_columns(table)] = True
    columns = np.flatnonzero(is_occupied)
    return columns if columns.size else np.arange(1)


def stored_columns(table: Table) -> np.ndarray:
    """The column of each value other than 0 in the rows to train on."""
    X: Any = scipy.sparse.csr_array(table.training_rows)
    return X.indices[X.data != 0]


def check_images(table: Table, shape: tuple[int, ...]) -> None:
    """Refuse rows that are no images of a shape."""
    if math.prod(shape) != table.X.shape[1]:
        raise ValueError(
            f"feature_shape={shape} is of {math.prod(shape)} features, but X has "
            f"{table.X.shape[1]}."
        )
    if table.categories:
        raise ValueError(
            "X has columns of categories, but with feature_shape all columns are pixels."
        )


def some_rows(rows: np.ndarray, maximum: int) -> np.ndarray:
    """At most `maximum` rows from everywhere, in their order."""
    if rows.size <= maximum:
        return rows
    # One from each of as many parts: no period of the rows can hide, and no row comes twice.
    starts = np.arange(maximum + 1) * rows.size // maximum
    return rows[np.random.default_rng(0).integers(starts[:-1], starts[1:])]


def taken(X: Rows, rows: np.ndarray) -> Rows:
    """Some sorted rows; of dense X a view where they follow each other."""
    if rows[-1] - rows[0] == rows.size - 1:
        return X[rows[0] : rows[-1] + 1]
    return X[rows]


def extent_of(table: Table) -> Extent:
    """What the columns of dense X hold in all training rows."""
    lows = highs = np.full(table.X.shape[1], np.nan)
    is_missing = np.zeros(lows.size, dtype=bool)
    for rows in blocks(table.rows.size, lows.size, NUMBERS_OF_EXTENTS):
        X = taken(table.X, table.rows[rows])
        some_lows, some_highs = np.minimum.reduce(X), np.maximum.reduce(X)
        misses = np.isnan(some_lows)
        if misses.any():
            some_lows, some_highs = np.fmin.reduce(X), np.fmax.reduce(X)
            is_missing |= misses
        lows, highs = np.fmin(lows, some_lows), np.fmax(highs, some_highs)
    return Extent(lows, highs, is_missing)


def _values(table: Table, extent: Extent, structure: dict[str, Any]) -> Inputs:
    """The values of all columns of numbers, robustly scaled unless X is taken as it is."""
    rows = some_rows(table.rows, _count(QUANTILE_ROWS, table.X.shape[1]))
    X = taken(table.X, rows)
    centers, scales = centers_and_scales(X, table.weights[rows], extent.lows, extent.highs)
    fills = centers.copy()
    fills[list(table.categories)] = UNKNOWN
    inputs = Inputs(table.X.shape[1], table.numbers, fills)
    if structure["scale_features"] is False:
        return inputs
    return replace(inputs, centers=centers, scales=scales)


def centers_and_scales(
    X: np.ndarray, weights: np.ndarray, lows: np.ndarray, highs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Medians of columns, and the interquartile ranges, or else half the ranges, or else 1.

    X may miss values, and `weights` are those of ``column_quantiles``. The least and the greatest
    values may be of more rows than X has.
    """
    lower, medians, upper = column_quantiles(X, weights, QUARTILES)
    with np.errstate(over="ignore", invalid="ignore"):
        ranges, halves = upper - lower, 0.5 * highs - 0.5 * lows
    scales = np.where(ranges > 0, ranges, halves)
    scales = np.where(scales > 0, np.minimum(scales, np.finfo(np.float64).max), 1.0)
    return np.nan_to_num(medians), scales


def compared_rows(table: Table, n_columns: int) -> np.ndarray:
    """Some rows by which as many columns are compared with each other."""
    return some_rows(table.rows, _count(COMPARED_ROWS, n_columns))


def _count(maximum: int, n_columns: int) -> int:
    """Rows to look at, of some number of columns."""
    return max(min(maximum, COMPARED_NUMBERS // max(n_columns, 1)), 2)


def _compared_inputs(inputs: Inputs, table: Table, rows: np.ndarray) -> np.ndarray:
    """Values of columns to compare, for which float32 will do where they are scaled."""
    if table.inputs is not None:
        return taken(table.inputs, rows).astype(np.float32, copy=False)
    dtype = np.float64 if inputs.scales is None else np.float32
    return inputs.of(table.X[rows], dtype)


def _without_noise(
    inputs: Inputs, table: Table, *, is_discrete: bool
) -> tuple[Inputs, Table, np.ndarray | None]:
    """Leave out columns that look like noise; gives what is left of the rows it looked at, too."""
    if not may_be_screened(table.rows.size, inputs.values.size):
        return inputs, table, None
    rows = compared_rows(table, inputs.values.size)
    X = _compared_inputs(inputs, table, rows)
    is_noise = noise_columns(X, table.y[rows], is_discrete=is_discrete)
    if not is_noise.any():
        return inputs, table, X
    left = np.flatnonzero(~is_noise)
    if table.inputs is not None:
        table = table._replace(inputs=table.inputs.take(left, axis=1))
    return replace(inputs, values=inputs.values[left]), table, X[:, left]


def _with_bins(inputs: Inputs, table: Table, n_bins: int) -> Inputs:
    """Add bins between quantiles of the columns that have more than two edges."""
    rows = some_rows(table.rows, QUANTILE_ROWS)
    X = table.X[rows][:, inputs.values]
    edges = column_quantiles(X, table.weights[rows], np.linspace(0.0, 1.0, n_bins + 1))
    columns, starts, widths = [], [], []
    for column, of_column, values in zip(inputs.values, edges.T, X.T, strict=True):
        of_column = np.unique(of_column)
        if of_column.size >= MINIMUM_EDGES and _are_many(values):
            starts.append(of_column[:-1])
            widths.append(differences(of_column))
            columns.append(np.full(of_column.size - 1, column))
    if not columns:
        return inputs
    return replace(
        inputs,
        bins=np.concatenate(columns),
        starts=np.concatenate(starts),
        widths=np.concatenate(widths),
    )


def _are_many(values: np.ndarray) -> bool:
    """Whether a column has so many different values that it may have as many edges.

    Between two values there may be a third edge, their mean.
    """
    values = values[~np.isnan(values)]
    if not values.size:
        return False
    low, high = values.min(), values.max()
    return bool(np.any((values != low) & (values != high)))


def _with_indicators(inputs: Inputs, table: Table, extent: Extent) -> Inputs:
    """Add an input for each category, and for each column that misses values."""
    columns, codes = [], []
    for column in table.categories:
        found = np.unique(table.X[table.rows, column])
        found = found[found >= 0]
        if found.size > 1 or extent.is_missing[column]:
            columns.append(np.full(found.size, column))
            codes.append(found)
    missing = np.flatnonzero(extent.is_missing & ~np.isnan(extent.lows))
    columns.append(missing)
    codes.append(np.full(missing.size, np.nan))
    return replace(
        inputs,
        indicators=np.concatenate(columns),
        codes=np.concatenate(codes).astype(np.float64),
        category_values=table.categories,
    )
