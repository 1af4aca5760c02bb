"""Whether the input features form motifs: where columns are more like their neighbors."""

from __future__ import annotations

import numpy as np

from .screening import normalized

# Features form no motifs where these would be fewer, because such motifs save next to nothing and
# cost accuracy (digits, 64 features). "tied" keeps to the paper as far as there is something left
# to learn from.
MINIMUM_FEATURE_MOTIFS = {"scaled": 64, "none": 64, "tied": 8}
# How often a pair of neighbors must be more alike than a pair of any columns.
NEIGHBORS_WIN = 0.75


def groups_features(
    compared: tuple[np.ndarray, np.ndarray] | None,
    n_features: int,
    structure: dict,
    motif_size: int,
) -> bool:
    """Whether the input features form motifs.

    Parameters
    ----------
    compared : (ndarray of shape (n_rows, n_features), ndarray of float64), or None
        Some rows by which "auto" judges, in float32 or float64, and their weights. None: no
        columns are alike.
    n_features : int
    structure : dict
        What ``parameters.structure_of`` gives.
    motif_size : int
    """
    minimum = MINIMUM_FEATURE_MOTIFS[structure["weight_sharing"]]
    if motif_size == 1 or n_features <= (minimum - 1) * motif_size:
        return False
    if structure["group_features"] != "auto":
        return structure["group_features"]
    return compared is not None and neighbors_are_alike(*compared)


def neighbors_are_alike(X: np.ndarray, weights: np.ndarray) -> bool:
    """Whether columns that vary correlate with their neighbors more than with others."""
    X = normalized(X, weights)
    varies = X.any(axis=0)
    X = X if varies.all() else X[:, varies]
    n_columns = X.shape[1]
    if n_columns < 3:
        return False
    near = np.abs(np.einsum("ij,ij->j", X[:, 1:], X[:, :-1]))
    others = np.random.default_rng(0).permutation(n_columns)
    far = np.sort(np.abs(np.einsum("ij,ij->j", X, X[:, others]))[others != np.arange(n_columns)])
    wins = np.searchsorted(far, near, side="left")
    return bool(wins.mean() > NEIGHBORS_WIN * far.size)
