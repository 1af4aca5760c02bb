"""What stands in the `cv_results_` of a search over motif sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def column(cv_results: Mapping[str, Any], key: str) -> Any:
    """A column of the results, which every search has."""
    if key not in cv_results:
        raise ValueError(f"cv_results must be the cv_results_ of a search; it has no {key!r}.")
    return cv_results[key]


def motif_size_name(candidates: Sequence[Mapping[str, Any]]) -> str:
    """Name of the one searched parameter that is a motif size."""
    searched = sorted({name for params in candidates for name in params})
    names = [name for name in searched if f"__{name}".endswith("__motif_size")]
    if len(names) != 1:
        raise ValueError(
            f"cv_results must come from a search over exactly one parameter that is called "
            f"motif_size or ends in __motif_size; {names or 'none'} of {searched} is one."
        )
    return names[0]


def mean_test_scores(cv_results: Mapping[str, Any], metric: str) -> np.ndarray:
    """Mean score of each candidate over the splits."""
    prefix = "mean_test_"
    if prefix + metric not in cv_results:
        metrics = [key.removeprefix(prefix) for key in cv_results if key.startswith(prefix)]
        raise ValueError(f"metric must be one of the search's, {metrics}; got {metric!r}.")
    return np.asarray(cv_results[prefix + metric], dtype=float)


def halving_iterations(cv_results: Mapping[str, Any]) -> np.ndarray:
    """The iteration of a halving search that each candidate belongs to; 0 in other searches."""
    if "iter" in cv_results:
        return np.asarray(cv_results["iter"])
    return np.zeros(len(cv_results["params"]), dtype=int)
