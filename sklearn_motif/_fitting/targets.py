"""What y stands for: how it is coded for the network, and read from the network's outputs."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels


class Classes:
    """A class for each row: one logistic output for two classes, else a softmax."""

    is_stratified: ClassVar[bool] = True  # whether validation rows are drawn class by class
    is_discrete: ClassVar[bool] = True
    n_scaled: ClassVar[int] = 0  # targets that are learned in units of their own
    score = staticmethod(accuracy_score)

    def __init__(self, classes: np.ndarray):
        self.classes = classes
        is_binary = classes.size == 2
        self.out_activation = "logistic" if is_binary else "softmax"
        self.n_outputs = 1 if is_binary else classes.size

    def encode(self, y: np.ndarray, advice: str = "") -> np.ndarray:
        """Class numbers, as float64; `advice` says what to do about another kind of y."""
        _check_shape(y, y.shape[:1], advice)
        unknown = np.setdiff1d(y, self.classes)
        if unknown.size:
            raise ValueError(
                f"y holds labels that are not among the classes {self.classes}: {unknown[:5]}."
                f"{advice}"
            )
        return np.searchsorted(self.classes, y).astype(np.float64)

    def means(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Shares of the classes by weight; for two classes of the second one alone."""
        shares = np.bincount(y.astype(np.int64), weights, minlength=self.classes.size)
        return shares[-self.n_outputs :] / shares.sum()

    def decide(self, scores: np.ndarray) -> np.ndarray:
        """Number of the most probable class of each row, by the sums of the last layer."""
        if self.out_activation == "softmax":
            return scores.argmax(axis=1)
        return (scores > 0).astype(np.int64).ravel()


class Labels:
    """Several labels for each row, a column of zeros and ones and a logistic output for each."""

    is_stratified: ClassVar[bool] = False
    is_discrete: ClassVar[bool] = True
    n_scaled: ClassVar[int] = 0  # targets that are learned in units of their own
    score = staticmethod(accuracy_score)
    out_activation = "logistic"

    def __init__(self, n_labels: int):
        self.n_outputs = n_labels
        self.classes = np.arange(n_labels)

    def encode(self, y: np.ndarray, advice: str = "") -> np.ndarray:
        """Zeros and ones, as float64; `advice` says what to do about another kind of y."""
        _check_shape(y, (y.shape[0], self.n_outputs), advice)
        values = np.unique(y)
        if not np.isin(values, (0, 1)).all():
            raise ValueError(f"y with several columns must hold 0 and 1 only; got {values[:5]}.")
        return y.astype(np.float64)

    def means(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Shares of ones of each label by weight."""
        return np.average(y, axis=0, weights=weights)

    def decide(self, scores: np.ndarray) -> np.ndarray:
        """1 where a label is more probable than not, by the sums of the last layer, else 0."""
        return (scores > 0).astype(np.int64)


class Numbers:
    """One number or several for each row, an output for each."""

    is_stratified: ClassVar[bool] = False
    is_discrete: ClassVar[bool] = False
    score = staticmethod(r2_score)
    out_activation = "identity"
    classes = None

    def __init__(self, n_targets: int):
        self.n_outputs = self.n_scaled = n_targets

    def encode(self, y: np.ndarray, advice: str = "") -> np.ndarray:
        """The numbers, as float64; `advice` says what to do about another number of targets."""
        n_targets = 1 if y.ndim == 1 else y.shape[1]
        if n_targets != self.n_outputs:
            raise ValueError(f"y must have {self.n_outputs} targets; it has {n_targets}.{advice}")
        return y.astype(np.float64)

    def means(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Means of the targets by weight."""
        return np.average(y.reshape(len(y), -1), axis=0, weights=weights)

    def decide(self, outputs: np.ndarray) -> np.ndarray:
        """The outputs, of shape (n_samples,) where there is one target."""
        return outputs.ravel() if outputs.shape[1] == 1 else outputs


Targets = Classes | Labels | Numbers


def means_and_scales(y: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each target; a deviation of rounding errors alone becomes 1.

    Parameters
    ----------
    y : ndarray of float64, shape (n_rows,) or (n_rows, n_targets)
    weights : ndarray of float64, shape (n_rows,) or (n_rows, n_targets)

    Returns
    -------
    means, scales : ndarray of float64, shape (n_targets,)
    """
    y = y.reshape(len(y), -1)
    largest = np.abs(y).max(axis=0)
    units = np.where(largest > 0, largest, 1.0)  # squares of y may be infinite
    shares = y / units
    means = np.average(shares, axis=0, weights=weights)
    scales = np.sqrt(np.average((shares - means) ** 2, axis=0, weights=weights))
    is_constant = scales <= 10 * np.finfo(np.float64).eps
    return means * units, np.where(is_constant, 1.0, scales * units)


def _check_shape(y: np.ndarray, shape: tuple[int, ...], advice: str) -> None:
    if y.shape != shape:
        raise ValueError(f"y must be of shape {shape}; it is of shape {y.shape}.{advice}")


def new_targets(
    estimator: BaseEstimator, y: np.ndarray, classes: Any, *, is_partial: bool
) -> Targets:
    """What the y of a new estimator stands for.

    Parameters
    ----------
    estimator : BaseEstimator
    y : ndarray
    classes : array-like or None
        All classes that will ever come; None: those of y.
    is_partial : bool
        Whether y is the first part of a stream, for which `classes` must be given.
    """
    if not isinstance(estimator, ClassifierMixin):
        return Numbers(1 if y.ndim == 1 else y.shape[1])
    kind = type_of_target(y, input_name="y")
    if kind == "multilabel-indicator":
        n_labels = y.shape[1]
        if classes is not None and not np.array_equal(unique_labels(classes), range(n_labels)):
            raise ValueError(
                f"classes must be the numbers of the {n_labels} labels of y, or None; got "
                f"{classes}."
            )
        return Labels(n_labels)
    check_classification_targets(y)
    if y.ndim == 2:
        raise ValueError(
            f"y must be of shape (n_samples,), or hold 0 and 1 only, a column for each label; "
            f"got {kind} y of shape {y.shape}."
        )
    if is_partial and classes is None:
        raise ValueError("classes must be passed on the first call to partial_fit.")
    classes = unique_labels(y if classes is None else classes)
    if classes.size < 2:
        raise ValueError(
            f"{type(estimator).__name__} needs samples of at least 2 classes, but "
            f"{'classes' if is_partial else 'y'} contains only one class: {classes[0]}."
        )
    return Classes(classes)


def known_targets(estimator: BaseEstimator) -> Targets:
    """What the y of a fitted estimator stands for, by its fitted attributes."""
    if not isinstance(estimator, ClassifierMixin):
        return Numbers(estimator.n_outputs_)
    if estimator.out_activation_ == "logistic" and estimator.n_outputs_ > 1:
        return Labels(estimator.n_outputs_)
    return Classes(estimator.classes_)


def check_known_classes(estimator: BaseEstimator, classes: Any) -> None:
    """Refuse classes that are not those of the first call."""
    if classes is not None and not np.array_equal(unique_labels(classes), estimator.classes_):
        raise ValueError(
            f"classes={classes} is not what it was in the first call: {estimator.classes_}. Leave "
            "it out in later calls; to learn other classes, fit anew with all rows."
        )
