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
from .targets import Targets

# Features form no motifs where these would be fewer, because such motifs save next to nothing and
# cost accuracy (digits, 64 features). "tied" keeps to the paper as far as there is something left
# to learn from.
MINIMUM_FEATURE_MOTIFS = {"scaled": 64, "none": 64, "tied": 8}


def new_network(
    X: Rows,
    y: np.ndarray,
    rows: np.ndarray,
    targets: Targets,
    structure: dict[str, Any],
    motif_size: int,
    streams: Streams,
) -> MotifNetwork:
    """Build a network.

    Parameters
    ----------
    X, y : ndarray
        Rows and their coded targets.
    rows : ndarray of int64
        Numbers of the rows by which columns are judged.
    targets : Targets
    structure : dict
        What ``parameters.structure`` gives.
    motif_size : int
        The first size of a schedule.
    streams : Streams
        The streams for wiring and values move on.
    """
    shape = structure["feature_shape"]
    if shape is not None and math.prod(shape) != X.shape[1]:
        raise ValueError(
            f"feature_shape={shape} is of {math.prod(shape)} features, but X has {X.shape[1]}."
        )
    columns = None
    # Columns of images are not screened.
    if structure["screen_features"] and shape is None and not scipy.sparse.issparse(X):
        columns = columns_to_keep(X, y, rows, is_discrete=targets.is_discrete)
    n_features = X.shape[1] if columns is None else columns.size
    network = MotifNetwork(
        (n_features, *structure["hidden_layer_sizes"], targets.n_outputs),
        motif_size=motif_size,
        epsilon=structure["epsilon"],
        weight_sharing=structure["weight_sharing"],
        activation=structure["activation"],
        out_activation=targets.out_activation,
        group_features=_groups_features(X, rows, columns, structure, motif_size),
        feature_shape=shape,
        dtype=X.dtype,
        wiring=streams.wiring,
        values=streams.values,
    )
    if columns is not None:
        network.select_columns(columns, X.shape[1])
    return network


def _groups_features(X, rows, columns, structure, motif_size):
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
