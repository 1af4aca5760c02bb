"""What `partial_fit` learns of columns and targets: each from the first values that come in it.

Columns of numbers have inputs from the first call on, whatever they hold there, so that they can
gain connections. Later come inputs for new categories, for the first missing value, and for columns
of frames whose first value comes later.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse

from .._network import Inputs, MotifNetwork, add_connections, change_inputs, topology
from .columns import UNKNOWN
from .continuation import Start
from .first_values import FirstValues
from .inputs import (
    STREAM_BINS,
    Table,
    centers_and_scales,
    check_images,
    compared_rows,
    inputs_of_sparse,
    motifs_or_bins,
    stored_columns,
)
from .occurrences import common_factor
from .quantiles import column_quantiles, differences
from .targets import Targets, means_and_scales


def first_inputs(table: Table, structure: dict[str, Any], motif_size: int) -> tuple[Inputs, bool]:
    """Inputs for which no scale was learned yet, and whether they form motifs.

    Raises
    ------
    ValueError
        When no column has a value or holds numbers.
    """
    n_columns, numbers = table.X.shape[1], table.numbers
    if structure["feature_shape"] is not None:
        check_images(table, structure["feature_shape"])
    if scipy.sparse.issparse(table.X):
        return inputs_of_sparse(table, structure, motif_size)
    fills = np.zeros(n_columns)
    fills[list(table.categories)] = UNKNOWN
    inputs = judged = Inputs(n_columns, numbers, fills)
    if structure["scale_features"] == "auto":
        inputs = replace(inputs, centers=np.zeros(n_columns), scales=np.ones(n_columns))
        centers, scales = _first_scales(table)
        judged = replace(inputs, centers=centers, scales=scales)
    is_grouped, n_bins = motifs_or_bins(judged, table, structure, motif_size, is_stream=True)
    bins = np.repeat(numbers, n_bins)
    inputs = replace(inputs, bins=bins, starts=np.zeros(bins.size), widths=np.zeros(bins.size))
    if structure["feature_shape"] is None and not is_grouped:
        columns = np.arange(n_columns)
        inputs = _with_new_indicators(inputs, columns, _floats(table, columns), table)
    if not inputs.size:
        raise ValueError("A first call of partial_fit needs values in X; all are missing.")
    return inputs, is_grouped


def _first_scales(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """Centers and scales of the columns by some rows of a first call, to compare columns by."""
    rows = compared_rows(table, table.X.shape[1])
    X = table.X[rows].astype(np.float64)
    lows, highs = np.fmin.reduce(X), np.fmax.reduce(X)
    return centers_and_scales(X, table.weights[rows], lows, highs)


def no_values(table: Table, targets: Targets) -> FirstValues:
    """What a stream knows before its first rows."""
    n_columns = table.X.shape[1]
    first = n_columns if scipy.sparse.issparse(table.X) else 0
    return FirstValues.none_of(np.arange(first, n_columns + targets.n_scaled))


def connect_new_columns(
    network: MotifNetwork, table: Table, structure: dict[str, Any], start: Start
) -> None:
    """Connect the columns of sparse X whose first value comes now, as many times as SET does.

    A network whose first layer goes by what rows store has no inputs of other columns.
    """
    inputs = network.inputs
    if network.occurrences is None or not inputs.is_plain:
        return
    new = np.setdiff1d(stored_columns(table), inputs.values)
    if not network.occurrences.any() and structure["scale_features"] == "auto":
        inputs = replace(inputs, factor=common_factor(table))  # no call before had a value
    change_inputs(network, replace(inputs, values=np.union1d(inputs.values, new)))
    if not new.size:
        return
    wanted = network.n_connections_by(structure["epsilon"])[0]
    motifs_out, places = network.n_motifs()[1], np.searchsorted(network.inputs.values, new)
    n_cells = new.size * motifs_out
    count = min(max(wanted - int(network.graphs[0]["n_connections"]), 0), n_cells)
    columns, targets = np.divmod(
        topology.sample_keys(n_cells, count, start.streams.wiring), motifs_out
    )
    keys = places[columns] * motifs_out + targets
    start.state.optimizer = add_connections(network, 0, keys, start.state.optimizer)


def learn_more(
    network: MotifNetwork,
    before: FirstValues,
    table: Table,
    targets: Targets,
    structure: dict[str, Any],
) -> FirstValues | None:
    """Tell a network what more rows tell of its columns and targets.

    Returns the first values with theirs; None where all columns and targets are known.
    """
    n_columns = table.X.shape[1]
    is_column = before.waiting < n_columns
    columns = before.waiting[is_column]
    X = _floats(table, columns)
    y = table.y[table.rows].reshape(table.rows.size, -1)
    y = y[:, before.waiting[~is_column] - n_columns]
    now = before.joined(np.hstack([X, y]), table.weights[table.rows])
    due = now.due
    if columns.size:
        inputs = network.inputs
        if network.windows is None and network.motif_sizes[0] == 1:  # motifs stay as they are
            inputs = _with_new_indicators(inputs, columns, X, table)
            inputs = _with_new_numbers(inputs, table.numbers, structure)
        inputs = _with_scales(inputs, now, due & np.isin(now.waiting, inputs.values))
        change_inputs(network, inputs)
    if np.any(due & ~is_column):
        network.change_targets(*_means_and_scales(network, now, due & ~is_column, n_columns))
    return now.not_known()


def _floats(table: Table, columns: np.ndarray) -> np.ndarray:
    """Some columns of the rows to train on, dense and in float64."""
    X = table.X[table.rows][:, columns]
    return (X.toarray() if scipy.sparse.issparse(X) else X).astype(np.float64)


def _means_and_scales(
    network: MotifNetwork, first: FirstValues, places: np.ndarray, n_columns: int
) -> tuple[np.ndarray, np.ndarray]:
    """Means and scales of all targets, some of them by their first values."""
    outputs, n_targets = network.outputs, network.layer_sizes[-1]
    means = np.zeros(n_targets) if outputs.means is None else outputs.means.copy()
    scales = np.ones(n_targets) if outputs.scales is None else outputs.scales.copy()
    y, weights = first.of(places)
    is_value, due = ~np.isnan(y), first.waiting[places] - n_columns
    means[due], scales[due] = means_and_scales(
        np.where(is_value, y, 0.0), np.where(is_value, weights, 0.0)
    )
    return means, scales


def _with_scales(inputs: Inputs, first: FirstValues, places: np.ndarray) -> Inputs:
    """Scale and encode the columns at some places by their first values."""
    if not places.any():
        return inputs
    columns, (values, weights) = first.waiting[places], first.of(places)
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
    edges, of_columns = np.nan_to_num(edges), np.isin(inputs.bins, columns)
    return replace(
        inputs,
        starts=_changed(inputs.starts, of_columns, edges[:, :-1].ravel()),
        widths=_changed(inputs.widths, of_columns, differences(edges).ravel()),
    )


def _changed(array: np.ndarray, places: np.ndarray, values: np.ndarray) -> np.ndarray:
    array = array.copy()
    array[places] = values
    return array


def _with_new_numbers(inputs: Inputs, numbers: np.ndarray, structure: dict[str, Any]) -> Inputs:
    """Add value and bins of columns of which it is new that they hold numbers."""
    new = np.setdiff1d(numbers, inputs.values)
    if not new.size:
        return inputs
    if inputs.values.size:
        n_bins = inputs.bins.size // inputs.values.size
    else:
        n_bins = (
            STREAM_BINS if structure["encode_features"] == "auto" else structure["encode_features"]
        )
    values = np.union1d(inputs.values, new)
    bins = np.repeat(values, n_bins)
    is_known = ~np.isin(bins, new)
    return replace(
        inputs,
        values=values,
        bins=bins,
        starts=_changed(np.zeros(bins.size), is_known, inputs.starts),
        widths=_changed(np.zeros(bins.size), is_known, inputs.widths),
    )


def _with_new_indicators(
    inputs: Inputs, waiting: np.ndarray, X: np.ndarray, table: Table
) -> Inputs:
    """Add an input for each new category, and for each column that misses its first value.

    X has the `waiting` columns. One whose first value comes now has missed others before.
    """
    columns, codes = [], []
    for place in np.flatnonzero(np.isin(waiting, list(table.categories))):
        found = np.unique(X[:, place])
        known = inputs.codes[inputs.indicators == waiting[place]]
        new = np.setdiff1d(found[found >= 0], known)
        columns.append(np.full(new.size, waiting[place]))
        codes.append(new)
    is_empty = [j for j, values in table.categories.items() if not values.size]
    was_empty = [j for j, values in inputs.category_values.items() if not values.size]
    missing = np.union1d(waiting[np.isnan(X).any(axis=0)], was_empty)
    missing = np.setdiff1d(missing, [*is_empty, *inputs.missing]).astype(np.int64)
    return replace(
        inputs,
        indicators=np.concatenate([inputs.indicators, *columns, missing]),
        codes=np.concatenate([inputs.codes, *codes, np.full(missing.size, np.nan)]),
        category_values=table.categories,
    )
