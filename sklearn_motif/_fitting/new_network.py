"""A new network for some training rows: which columns it reads, whether features form motifs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.sparse

from .._network import MotifNetwork
from .._training.state import Streams
from .rows import Rows
from .screening import columns_to_keep, neighbors_are_alike
from .targets import Numbers, Targets

# Features form no motifs where these would be fewer, because such motifs save next to nothing and
# cost accuracy (digits, 64 features). "tied" keeps to the paper as far as there is something left
# to learn from.
MINIMUM_FEATURE_MOTIFS = {"scaled": 64, "none": 64, "tied": 8}


def new_network(
    X: Rows,
    y: np.ndarray,
    weights: np.ndarray,
    rows: np.ndarray,
    targets: Targets,
    structure: dict[str, Any],
    streams: Streams,
) -> MotifNetwork:
    """Build a network, whose outputs start at the mean of y where y is numbers.

    Parameters
    ----------
    X, y, weights : ndarray
        Rows, their coded targets and their weights.
    rows : ndarray of int64
        Those of the rows to train on. Columns are judged by the ones that weigh anything.
    targets : Targets
    structure : dict
        What ``parameters.structure_of`` gives.
    streams : Streams
        Those for wiring and values move on.
    """
    shape = structure["feature_shape"]
    if shape is not None and math.prod(shape) != X.shape[1]:
        raise ValueError(
            f"feature_shape={shape} is of {math.prod(shape)} features, but X has {X.shape[1]}."
        )
    motif_size = np.ravel(structure["motif_size"])[0].item()  # the first of a schedule
    weighted = rows[weights[rows] > 0]
    columns = None
    # Columns of images are not screened.
    if structure["screen_features"] and shape is None and not scipy.sparse.issparse(X):
        columns = columns_to_keep(X, y, weighted, is_discrete=targets.is_discrete)
    n_features = X.shape[1] if columns is None else columns.size
    network = MotifNetwork(
        (n_features, *structure["hidden_layer_sizes"], targets.n_outputs),
        motif_size=motif_size,
        epsilon=structure["epsilon"],
        weight_sharing=structure["weight_sharing"],
        activation=structure["activation"],
        out_activation=targets.out_activation,
        group_features=_groups_features(X, weighted, columns, structure, motif_size),
        feature_shape=shape,
        dtype=X.dtype,
        wiring=streams.wiring,
        values=streams.values,
    )
    if columns is not None:
        network.select_columns(columns, X.shape[1])
    if isinstance(targets, Numbers):
        # A distant mean would take longer to reach than anything else to learn.
        network.set_output_biases(np.average(y[rows], axis=0, weights=weights[rows]))
    return network


def _groups_features(
    X: Rows,
    rows: np.ndarray,
    columns: np.ndarray | None,
    structure: dict[str, Any],
    motif_size: int,
) -> bool:
    """Whether the input features form motifs."""
    n_features = X.shape[1] if columns is None else columns.size
    minimum = MINIMUM_FEATURE_MOTIFS[structure["weight_sharing"]]
    if motif_size == 1 or n_features <= (minimum - 1) * motif_size:
        return False
    if structure["group_features"] != "auto":
        return structure["group_features"]
    if scipy.sparse.issparse(X):
        return False
    return neighbors_are_alike(X if columns is None else X[:, columns], rows)
