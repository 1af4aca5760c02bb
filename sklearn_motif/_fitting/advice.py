"""What to do where the rows of a call do not fit what the calls before have learned."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils.validation import _num_features

from .columns import is_frame
from .continuation import Start
from .targets import Classes, Targets

ANEW = "fit anew with all rows"
WARM = "Set warm_start=False to learn anew."
TRANSFORM = (
    "Was X_val transformed as X was? A pipeline transforms X alone: make it with transform_input="
    '["X_val"] and metadata routing, or transform X_val yourself.'
)


@contextlib.contextmanager
def advice_on_columns(estimator: BaseEstimator, X: Any, start: Start) -> Iterator[None]:
    """Say what to do, after scikit-learn's own words, where X has other columns than before."""
    try:
        yield
    except ValueError as error:
        if start.is_new or not has_other_columns(estimator, X):
            raise
        advice = WARM
        if start.is_partial:
            advice = (
                "partial_fit goes on with the columns of its first call, or of the fit before it: "
                f"give them all, in that order, with NaN where there is no value, or {ANEW}."
            )
        raise ValueError(followed_by(advice, error)) from error


def followed_by(advice: str, error: Exception) -> str:
    """What an error says, and what to do."""
    between = "" if str(error).endswith("\n") else " "
    return f"{error}{between}{advice}"


def has_other_columns(estimator: BaseEstimator, X: Any) -> bool:
    """Whether the names of the columns, or else their number, are not what they were."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None and is_frame(X):
        return list(X.columns) != names.tolist()
    try:
        return _num_features(X) != estimator.n_features_in_
    except TypeError:  # there are no columns
        return False


def advice_on_targets(targets: Targets, start: Start) -> str:
    """What to do where y holds something else than the targets, to follow after what it is."""
    if start.is_partial and isinstance(targets, Classes):
        return f" Pass all classes that will ever come in the first call of partial_fit, or {ANEW}."
    if start.is_new:
        return ""
    if not start.is_partial:
        return f" {WARM}"
    return (
        " partial_fit goes on with what y held in its first call, or in the fit before it: give "
        f"the same, or {ANEW}."
    )
