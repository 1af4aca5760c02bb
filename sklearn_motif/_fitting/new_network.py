"""A new network for some training rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse

from .._network import Inputs, MotifNetwork
from .continuation import Start
from .inputs import Table, new_inputs
from .occurrences import common_factor, rare_occurrences
from .stream import first_inputs
from .targets import Targets, means_and_scales


def new_network(
    table: Table,
    targets: Targets,
    structure: dict[str, Any],
    start: Start,
    dtype: np.dtype,
) -> tuple[MotifNetwork, Table]:
    """Build a network, whose outputs have the dtype of X, or that which targets need.

    The table is given back, with the inputs of all rows where they were made on the way.

    Parameters
    ----------
    table : Table
        The rows to learn inputs and scales of targets from, unless they begin a stream.
    targets : Targets
    structure : dict
        What ``parameters.structure_of`` gives.
    start : Start
        Its streams for wiring and values move on.
    dtype : dtype
        In which the network computes.
    """
    motif_size = np.ravel(structure["motif_size"])[0].item()  # the first of a schedule
    if start.is_partial:
        inputs, is_grouped = first_inputs(table, structure, motif_size)
    else:
        inputs, is_grouped, table = new_inputs(
            table, structure, motif_size, dtype, is_discrete=targets.is_discrete
        )
    occurrences = None
    if not is_grouped:
        occurrences = rare_occurrences(table, inputs, is_stream=start.is_partial)
    if start.is_partial and occurrences is None and scipy.sparse.issparse(table.X):
        inputs = Inputs.plain(inputs.n_columns)  # columns that are empty yet may get values
    if occurrences is not None and inputs.is_plain and structure["scale_features"] == "auto":
        inputs = replace(inputs, factor=common_factor(table))
    network = MotifNetwork(
        (inputs.size, *structure["hidden_layer_sizes"], targets.n_outputs),
        motif_size=motif_size,
        epsilon=structure["epsilon"],
        weight_sharing=structure["weight_sharing"],
        activation=structure["activation"],
        out_activation=targets.out_activation,
        group_features=is_grouped,
        feature_shape=structure["feature_shape"],
        inputs=inputs,
        occurrences=occurrences,
        dtype=dtype,
        wiring=start.streams.wiring,
        values=start.streams.values,
    )
    network.outputs = replace(network.outputs, dtype=table.X.dtype.name)
    if targets.n_scaled and not start.is_partial:
        network.change_targets(*means_and_scales(table.y[table.rows], table.weights[table.rows]))
    return network, table
