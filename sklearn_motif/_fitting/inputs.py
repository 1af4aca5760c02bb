"""What the training rows tell of the columns: scales, bins, categories, missing values."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from .._network import Inputs, Rows
from .columns import UNKNOWN, Categories
from .grouping import groups_features
from .quantiles import column_quantiles, differences
from .screening import may_be_screened, noise_columns

# Rows of which quantiles are taken, and by which columns are compared with each other, at most.
QUANTILE_ROWS = 10_000
COMPARED_ROWS = 2000
# Numbers of X that are looked at for either: there are fewer rows where columns are many.
COMPARED_NUMBERS = 20_000_000
# Columns of numbers that are few, which "auto" encodes, and the bins that each of them gets.
FEW_COLUMNS = 128
AUTO_BINS = 32
# With fewer different rows for each bin there are fewer bins: each is learned from its rows.
ROWS_PER_BIN = 10
# A column with fewer different edges is told by its value.
MINIMUM_EDGES = 3
# Of the value of a column: the least, the quartiles, the greatest.
LEVELS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])


class Table(NamedTuple):
    """Rows to learn from."""

    X: Rows  # shape (n_samples, n_columns); categories as their codes
    y: np.ndarray
    weights: np.ndarray  # with those of classes, 1 on average
    rows: np.ndarray  # int64; those to train on that weigh anything
    categories: Categories

    @property
    def numbers(self) -> np.ndarray:
        """Columns of numbers, which are no categories."""
        return np.setdiff1d(np.arange(self.X.shape[1]), list(self.categories))


def new_inputs(
    table: Table, structure: dict[str, Any], motif_size: int, *, is_discrete: bool
) -> tuple[Inputs, bool]:
    """Inputs learned from the training rows, and whether they form motifs.

    Parameters
    ----------
    table : Table
    structure : dict
        What ``parameters.structure_of`` gives.
    motif_size : int
        The first of a schedule.
    is_discrete : bool
        Whether y holds classes or labels; numbers otherwise.
    """
    n_columns, shape = table.X.shape[1], structure["feature_shape"]
    if shape is not None:
        check_images(table, shape)
    if scipy.sparse.issparse(table.X):
        return Inputs.plain(n_columns), groups_features(None, n_columns, structure, motif_size)
    inputs = _values(table, structure)
    if shape is None:
        inputs = _without_constant_columns(inputs, table)
        if structure["screen_features"]:
            inputs = _without_noise(inputs, table, is_discrete=is_discrete)
    is_grouped, n_bins = motifs_or_bins(inputs, table, structure, motif_size)
    if n_bins:
        inputs = _with_bins(inputs, table, n_bins)
    if shape is None:
        inputs = _with_indicators(inputs, table)
    if not inputs.size:  # no column tells anything
        inputs = replace(inputs, values=np.arange(n_columns))
    return inputs, is_grouped


def motifs_or_bins(
    inputs: Inputs,
    table: Table,
    structure: dict[str, Any],
    motif_size: int,
    *,
    is_stream: bool = False,
) -> tuple[bool, int]:
    """Whether the values of columns form motifs, and otherwise the bins of each at most."""
    shape, size = structure["feature_shape"], inputs.values.size
    n_bins = structure["encode_features"] if shape is None else False
    if n_bins and n_bins != "auto":
        return False, n_bins
    compared = inputs.of(table.X[_compared_rows(inputs, table)], np.float64)
    can_form_motifs = not (is_stream and table.categories)  # of which some may come later
    if can_form_motifs and groups_features(compared, size, structure, motif_size):
        return True, 0
    if not n_bins or table.numbers.size > FEW_COLUMNS:
        return False, 0
    return False, AUTO_BINS if is_stream else min(AUTO_BINS, _n_different(table) // ROWS_PER_BIN)


def _n_different(table: Table) -> int:
    """Training rows that differ, as far as it matters: a row that comes twice counts as one."""
    X = table.X[some_rows(table.rows, COMPARED_ROWS)]
    return len(np.unique(np.where(np.isnan(X), np.inf, X), axis=0))  # NaN would equal nothing


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
    # One from each of as many parts: no period of the rows can hide from them.
    places = (np.arange(maximum) + np.random.default_rng(0).random(maximum)) / maximum
    return rows[(places * rows.size).astype(np.int64)]


def floats_of(table: Table, rows: np.ndarray) -> np.ndarray:
    """Some rows, dense and in float64."""
    X = table.X[rows]
    return (X.toarray() if scipy.sparse.issparse(X) else X).astype(np.float64)


def _values(table: Table, structure: dict[str, Any]) -> Inputs:
    """The values of all columns of numbers, robustly scaled unless X is taken as it is."""
    rows = some_rows(table.rows, _count(QUANTILE_ROWS, table.X.shape[1]))
    centers, scales = centers_and_scales(table.X[rows], table.weights[rows])
    fills = centers.copy()
    fills[list(table.categories)] = UNKNOWN
    inputs = Inputs(table.X.shape[1], table.numbers, fills)
    if structure["scale_features"] is False:
        return inputs
    return replace(inputs, centers=centers, scales=scales)


def centers_and_scales(X: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Medians of columns, and the interquartile ranges, or else half the ranges, or else 1.

    X may miss values, and `weights` are those of ``column_quantiles``.
    """
    quantiles = column_quantiles(X, weights, LEVELS)
    with np.errstate(over="ignore", invalid="ignore"):
        ranges = quantiles[3] - quantiles[1]
        halves = 0.5 * (quantiles[4] - quantiles[0])
    scales = np.where(ranges > 0, ranges, halves)
    scales = np.where(scales > 0, np.minimum(scales, np.finfo(np.float64).max), 1.0)
    return np.nan_to_num(quantiles[2]), scales


def _without_constant_columns(inputs: Inputs, table: Table) -> Inputs:
    """Leave out columns that have one value, or none: they tell nothing."""
    first = np.full(table.X.shape[1], np.nan)
    varies = np.zeros(first.size, dtype=bool)
    for block in np.array_split(table.rows, -(-table.rows.size // COMPARED_ROWS)):
        X = floats_of(table, block)
        with np.errstate(invalid="ignore"):
            lows, highs = np.fmin.reduce(X), np.fmax.reduce(X)
        first = np.where(np.isnan(first), lows, first)
        varies |= (lows != first) & ~np.isnan(lows) | (highs != first) & ~np.isnan(highs)
    kept = inputs.values[varies[inputs.values]]
    return replace(inputs, values=kept)


def _compared_rows(inputs: Inputs, table: Table) -> np.ndarray:
    """Some rows by which the values of columns are compared with each other."""
    return some_rows(table.rows, _count(COMPARED_ROWS, inputs.values.size))


def _count(maximum: int, n_columns: int) -> int:
    """Rows to look at, of some number of columns."""
    return max(min(maximum, COMPARED_NUMBERS // max(n_columns, 1)), 2)


def _without_noise(inputs: Inputs, table: Table, *, is_discrete: bool) -> Inputs:
    """Leave out columns that look like noise."""
    if not may_be_screened(table.rows.size, inputs.values.size):
        return inputs
    rows = _compared_rows(inputs, table)
    X = inputs.of(table.X[rows], np.float64)
    is_noise = noise_columns(X, table.y[rows], is_discrete=is_discrete)
    return replace(inputs, values=inputs.values[~is_noise])


def _with_bins(inputs: Inputs, table: Table, n_bins: int) -> Inputs:
    """Add bins between quantiles of the columns that have more than two edges."""
    rows = some_rows(table.rows, QUANTILE_ROWS)
    edges = column_quantiles(
        table.X[rows][:, inputs.values],
        table.weights[rows],
        np.linspace(0.0, 1.0, n_bins + 1),
    )
    columns, starts, widths = [], [], []
    for column, of_column in zip(inputs.values, edges.T, strict=True):
        of_column = np.unique(of_column)
        if of_column.size >= MINIMUM_EDGES:
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


def _with_indicators(inputs: Inputs, table: Table) -> Inputs:
    """Add an input for each category, and for each column that misses values."""
    columns, codes = [], []
    is_missing, has_value = np.zeros((2, table.X.shape[1]), dtype=bool)
    for block in np.array_split(table.rows, -(-table.rows.size // COMPARED_ROWS)):
        is_nan = np.isnan(table.X[block])
        is_missing |= is_nan.any(axis=0)
        has_value |= ~is_nan.all(axis=0)
    for column in table.categories:
        found = np.unique(table.X[table.rows, column])
        found = found[found >= 0]
        if found.size > 1 or is_missing[column]:
            columns.append(np.full(found.size, column))
            codes.append(found)
    missing = np.flatnonzero(is_missing & has_value)
    columns.append(missing)
    codes.append(np.full(missing.size, np.nan))
    return replace(
        inputs,
        indicators=np.concatenate(columns),
        codes=np.concatenate(codes).astype(np.float64),
        category_values=table.categories,
    )
