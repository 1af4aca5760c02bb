"""What each row counts: its own weight times that of its class, 1 on average."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight

from .._network import Rows
from .targets import Classes, Targets


def checked_weights(sample_weight: Any, X: Rows) -> np.ndarray:
    """Weights of rows as a user gives them, as float64; ones for None."""
    return _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)


def rows_that_weigh(
    X: Rows, y: np.ndarray, sample_weight: np.ndarray
) -> tuple[Rows, np.ndarray, np.ndarray]:
    """Leave out rows without weight, whose numbers mean nothing then; all may have weight.

    Raises
    ------
    ValueError
        When no row has a weight.
    """
    weighs = sample_weight > 0
    if weighs.all():
        return X, y, sample_weight
    if not weighs.any():
        raise ValueError("All rows to train on have a weight of zero in sample_weight.")
    return X[weighs], y[weighs], sample_weight[weighs]


def row_weights(
    y: np.ndarray,
    sample_weight: np.ndarray,
    rows: np.ndarray,
    targets: Targets,
    class_weight: dict | str | None,
) -> tuple[np.ndarray, float]:
    """Weights of all rows, 1 on average over `rows`, and what they were on average.

    Parameters
    ----------
    y : ndarray
        As ``targets.encode`` gives it.
    sample_weight : ndarray of float64, shape (n_samples,)
    rows : ndarray of int64
        Rows to train on.
    targets : Targets
    class_weight : dict, "balanced" or None
    """
    weights = sample_weight
    if class_weight is not None:
        if not isinstance(targets, Classes):
            raise ValueError("class_weight must be None for multilabel y; use sample_weight.")
        classes, index = targets.classes, y.astype(np.int64)
        if isinstance(class_weight, dict):
            of_class = _weights_of_dict(class_weight, classes)
        else:
            of_class = _balanced_weights(index[rows], weights[rows], classes.size)
        weights = weights * of_class[index]
    with np.errstate(over="ignore"):
        mean = float(np.mean(weights[rows]))
    if mean == 0.0:
        raise ValueError("All rows to train on have a weight of zero in class_weight.")
    # A smaller mean would make the L2 penalty, which is divided by it, infinite.
    if not 1e-200 < mean < np.inf:
        raise ValueError(
            f"sample_weight, times class_weight, must be numbers of usual size; their mean is "
            f"{mean}."
        )
    return weights / mean, mean


def _balanced_weights(index: np.ndarray, weights: np.ndarray, n_classes: int) -> np.ndarray:
    # Before scikit-learn 1.7, compute_class_weight counts rows without their weights.
    totals = np.bincount(index, weights, minlength=n_classes)
    return np.divide(totals.sum(), totals.size * totals, where=totals > 0, out=totals)


def _weights_of_dict(given: dict, classes: np.ndarray) -> np.ndarray:
    known = set(classes.tolist())
    unknown = [label for label in given if label not in known]
    # A part of the data may lack a class that has a weight; but where another class has none, the
    # name is likely to be wrong.
    if unknown and len(given) - len(unknown) < len(known):
        raise ValueError(
            f"class_weight names {unknown}, which are not among the classes {classes}."
        )
    each = [given.get(label, 1.0) for label in classes.tolist()]
    if not all(isinstance(weight, Real) and 0 <= float(weight) < np.inf for weight in each):
        raise ValueError(f"class_weight must hold numbers from 0 on; got {given}.")
    return np.array(each, dtype=np.float64)
