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
# So often that one of so many parts of the rows tells it, if there are so many rows.
WIN_CLEARLY, FIRST_PART, MINIMUM_ROWS = 0.875, 4, 1000


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
    # A part of the rows will do where neighbors win clearly: by more rows they win more often.
    if len(X) >= MINIMUM_ROWS:
        # One of every few: no period of the rows can hide.
        drawn = np.random.default_rng(0).integers(FIRST_PART, size=len(X) // FIRST_PART)
        some = FIRST_PART * np.arange(drawn.size) + drawn
        if _wins(X[some], weights[some]) > WIN_CLEARLY:
            return True
    return _wins(X, weights) > NEIGHBORS_WIN


def _wins(X: np.ndarray, weights: np.ndarray) -> float:
    """How often a pair of neighbors that vary is more alike than a pair of any columns."""
    X = normalized(X, weights)
    varies = X.any(axis=0)
    X = X if varies.all() else X[:, varies]
    n_columns = X.shape[1]
    if n_columns < 3:
        return 0.0
    near = np.abs(np.einsum("ij,ij->j", X[:, 1:], X[:, :-1]))
    others = np.random.default_rng(0).permutation(n_columns)
    far = np.sort(np.abs(np.einsum("ij,ij->j", X, X[:, others]))[others != np.arange(n_columns)])
    return float(np.searchsorted(far, near, side="left").mean()) / max(far.size, 1)
