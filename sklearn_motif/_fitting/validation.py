"""Rows to validate on: set aside or given, and how a network is judged by them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import _safe_indexing, indexable

from .._network import MotifNetwork
from .._training.rows import kept_features
from ..engine import mean_loss
from .advice import TRANSFORM, followed_by, has_other_columns
from .ranges import warn_of_ranges
from .row_weights import checked_weights
from .rows import Rows, validated_rows, warn_of_cells
from .scoring import NetworkScorer, asks_for_scorer
from .targets import Numbers, Targets


class GivenRows(NamedTuple):
    """Validation rows as a user gives them to `fit`."""

    X_val: Any
    y_val: Any
    sample_weight_val: Any

    @classmethod
    def of(cls, *parts: Any) -> GivenRows | None:
        """What the user gave; None where it is none of the three."""
        return None if all(part is None for part in parts) else cls(*parts)


class ValidationSet(NamedTuple):
    """Rows to judge by, ready for the network, and as the user gave them."""

    X: Rows
    y: np.ndarray
    weights: np.ndarray
    X_given: Any
    y_given: Any


def given_validation_set(
    estimator: BaseEstimator,
    given: GivenRows,
    targets: Targets,
    network: MotifNetwork,
    X_train: Rows,
) -> ValidationSet:
    """Check what the user gave, by the rows to train on and the inputs of the network."""
    inputs = network.inputs
    if given.X_val is None or given.y_val is None:
        raise ValueError("X_val and y_val must be given together, and sample_weight_val with both.")
    try:
        X, y, _ = validated_rows(estimator, given.X_val, given.y_val, reset=False, inputs=inputs)
        y = targets.encode(y)
        weights = checked_weights(given.sample_weight_val, X)
    except (TypeError, ValueError) as error:
        is_other = has_other_columns(estimator, given.X_val)
        message = followed_by(TRANSFORM, error) if is_other else str(error)
        raise ValueError(f"In X_val, y_val or sample_weight_val: {message}") from error
    warn_of_cells(estimator, X, inputs, "X_val")
    warn_of_ranges(estimator, X_train, X if weights.all() else X[weights > 0], inputs)
    return ValidationSet(X, y, weights, given.X_val, given.y_val)


def chosen_rows(X: Any, y: Any, numbers: np.ndarray) -> tuple[Any, Any]:
    """Some rows as the user gave them: of a frame a frame, of a list a list."""
    X, y = indexable(X, y)
    return _safe_indexing(X, numbers), _safe_indexing(y, numbers)


def split_rows(
    y: np.ndarray, targets: Targets, validation_fraction: float, stream: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the rows to train on, and of those to validate on, both sorted.

    `stream` stays where it is, so that warm starts set the same rows aside: a network would know
    some of any others by heart.
    """
    try:
        rows, held_out = train_test_split(
            np.arange(y.shape[0]),
            test_size=validation_fraction,
            random_state=int(copy.deepcopy(stream).integers(2**31)),
            stratify=y if targets.is_stratified else None,
        )
    except ValueError as error:
        raise ValueError(
            f"early_stopping=True cannot set aside validation_fraction="
            f"{validation_fraction} of {y.shape[0]} rows: {str(error).rstrip('.')}. "
            "Pass X_val and y_val to fit instead."
        ) from error
    return np.sort(rows), np.sort(held_out)


def validator(
    estimator: BaseEstimator,
    validation: ValidationSet | None,
    targets: Targets,
    network: MotifNetwork,
) -> Callable[[MotifNetwork], tuple[float, float]] | None:
    """Make ``validate(network)``, which gives score and loss on the validation rows, if any.

    The loss is that of scaled targets, the score the one that `scoring` asks for. `network` is the
    one that training begins with: it makes the inputs, which stay.
    """
    if validation is None:
        return None
    X, y, weights, X_given, y_given = validation
    scoring, n_jobs = estimator.scoring, estimator.n_jobs
    if not np.any(weights):
        raise ValueError("All rows to validate on have a weight of zero in sample_weight_val.")
    if scoring is None and isinstance(targets, Numbers) and X.shape[0] < 2:
        raise ValueError(
            "The coefficient of determination needs at least 2 rows to validate on; raise "
            "validation_fraction, or pass X_val and y_val."
        )
    scorer = None
    if asks_for_scorer(scoring):
        scorer = NetworkScorer(estimator, targets, X_given, y_given, X, weights)
    y, features = network.outputs.scaled(y), kept_features(network, X)

    def validate(network: MotifNetwork) -> tuple[float, float]:
        if features is None:
            scores = network.scores(X, n_jobs)
        else:
            scores = network.scores_of(features, X.shape[0], n_jobs)
        predicted = network.outputs.activated(scores)
        loss = mean_loss(predicted, y, weights, targets.out_activation)
        if scorer is not None:
            return scorer(network), loss
        if scoring is not None:
            return -loss, loss
        decided = targets.decide(scores)  # scaled targets have the same score as those of y
        score = targets.score(y.astype(decided.dtype), decided, sample_weight=weights)
        return float(score), loss

    return validate
