"""What `partial_fit` learns of columns and targets: each from the first values that come in it.

Every column has inputs from the first call on, whatever it holds there, so that it can gain
connections. Only indicators come later: of new categories, and of the first missing value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse

from .._network import Inputs, MotifNetwork
from .columns import UNKNOWN
from .grouping import groups_features
from .inputs import Table, centers_and_scales, check_images, floats_of, motifs_or_bins
from .quantiles import column_quantiles, differences
from .targets import Targets, means_and_scales

# Values by which a column or a target is known.
FIRST_VALUES = 500


@dataclass
class FirstValues:
    """The first values of columns and targets with their weights, in arrays only.

    Attributes
    ----------
    values : ndarray of float64, shape (FIRST_VALUES, n_columns + n_targets)
        NaN where none has come yet. Columns of sparse X and classes are not among them.
    weights : ndarray of float64, shape (FIRST_VALUES, n_columns + n_targets)
    """

    values: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, table: Table, targets: Targets) -> FirstValues:
        """No value yet of what a table has."""
        n_columns = 0 if scipy.sparse.issparse(table.X) else table.X.shape[1]
        shape = FIRST_VALUES, n_columns + targets.n_scaled
        return cls(np.full(shape, np.nan), np.zeros(shape))

    @property
    def waiting(self) -> np.ndarray:
        """Columns and targets that are not known yet: the next values count."""
        return np.flatnonzero(np.isnan(self.values[-1]))

    def joined(self, X: np.ndarray, weights: np.ndarray) -> FirstValues:
        """These and the values of more rows of columns and targets, which weigh something."""
        joined = FirstValues(self.values.copy(), self.weights.copy())
        for j in self.waiting:
            is_value = ~np.isnan(X[:, j])
            first = np.count_nonzero(~np.isnan(self.values[:, j]))
            new = X[is_value, j][: FIRST_VALUES - first]
            joined.values[first : first + new.size, j] = new
            joined.weights[first : first + new.size, j] = weights[is_value][: new.size]
        return joined


def first_inputs(table: Table, structure: dict[str, Any], motif_size: int) -> tuple[Inputs, bool]:
    """Inputs for which nothing was learned yet, and whether they form motifs."""
    n_columns, numbers = table.X.shape[1], table.numbers
    if structure["feature_shape"] is not None:
        check_images(table, structure["feature_shape"])
    if scipy.sparse.issparse(table.X):
        return Inputs.plain(n_columns), groups_features(None, n_columns, structure, motif_size)
    fills = np.zeros(n_columns)
    fills[list(table.categories)] = UNKNOWN
    inputs = Inputs(n_columns, numbers, fills)
    if structure["scale_features"] == "auto":
        inputs = replace(inputs, centers=np.zeros(n_columns), scales=np.ones(n_columns))
    is_grouped, n_bins = motifs_or_bins(inputs, table, structure, motif_size, is_stream=True)
    bins = np.repeat(numbers, n_bins)
    return replace(
        inputs, bins=bins, starts=np.zeros(bins.size), widths=np.zeros(bins.size)
    ), is_grouped


def learn_more(
    network: MotifNetwork, before: FirstValues, table: Table, targets: Targets
) -> FirstValues | None:
    """Tell a network what more rows tell of its columns and targets.

    Returns the first values with theirs; None where all columns and targets are known.
    """
    rows, weights = table.rows, table.weights[table.rows]
    waiting, n_columns = before.waiting, before.values.shape[1] - targets.n_scaled
    X = np.empty((rows.size, 0)) if n_columns == 0 else floats_of(table, rows)
    y = table.y[rows].reshape(rows.size, -1)[:, : targets.n_scaled]
    now = before.joined(np.hstack([X, y]), weights)
    columns = waiting[waiting < n_columns]
    if columns.size:
        inputs = _with_scales(network.inputs, now, np.intersect1d(columns, network.inputs.values))
        if network.windows is None and network.motif_sizes[0] == 1:  # motifs stay as they are
            inputs = _with_new_indicators(inputs, columns, X, table)
        network.change_inputs(inputs)
    if waiting.size > columns.size:
        is_value = ~np.isnan(now.values[:, -1])
        y, weights = now.values[is_value, n_columns:], now.weights[is_value, -1]
        network.change_targets(*means_and_scales(y, weights))
    return now if now.waiting.size else None


def _with_scales(inputs: Inputs, first: FirstValues, columns: np.ndarray) -> Inputs:
    """Scale and encode some columns by their first values."""
    values, weights = first.values[:, columns], first.weights[:, columns]
    lows, highs = np.fmin.reduce(values), np.fmax.reduce(values)
    centers, scales = centers_and_scales(values, weights, lows, highs)
    inputs = replace(inputs, fills=_changed(inputs.fills, columns, centers))
    if inputs.centers is not None and inputs.scales is not None:
        inputs = replace(
            inputs,
            centers=_changed(inputs.centers, columns, centers),
            scales=_changed(inputs.scales, columns, scales),
        )
    if not inputs.bins.size:
        return inputs
    n_bins = inputs.bins.size // inputs.values.size
    edges = column_quantiles(values, weights, np.linspace(0.0, 1.0, n_bins + 1)).T
    edges, places = np.nan_to_num(edges), np.isin(inputs.bins, columns)
    return replace(
        inputs,
        starts=_changed(inputs.starts, places, edges[:, :-1].ravel()),
        widths=_changed(inputs.widths, places, differences(edges).ravel()),
    )


def _changed(array: np.ndarray, places: np.ndarray, values: np.ndarray) -> np.ndarray:
    array = array.copy()
    array[places] = values
    return array


def _with_new_indicators(
    inputs: Inputs, waiting: np.ndarray, X: np.ndarray, table: Table
) -> Inputs:
    """Add an input for each new category, and for each column that misses its first value."""
    columns, codes = [inputs.indicators], [inputs.codes]
    for column in waiting:
        of_column = np.unique(X[:, column])
        is_told = np.isnan(of_column)
        if column in table.categories:
            is_told |= of_column >= 0
        known = inputs.codes[inputs.indicators == column]
        is_new = ~(np.isin(of_column, known) | (np.isnan(of_column) & np.isnan(known).any()))
        new = of_column[is_told & is_new]
        columns.append(np.full(new.size, column))
        codes.append(new)
    return replace(
        inputs,
        indicators=np.concatenate(columns),
        codes=np.concatenate(codes),
        category_values=table.categories,
    )
