"""The fitted estimator that a display reads."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted


def last_step(estimator: BaseEstimator, attribute: str) -> Any:
    """Return the fitted estimator or the last step of a pipeline, which must have `attribute`."""
    check_is_fitted(estimator)
    last = estimator
    while isinstance(last, Pipeline):
        last = last[-1]
    if not hasattr(last, attribute):
        raise TypeError(
            "estimator must be a fitted MotifSETClassifier or MotifSETRegressor, or a Pipeline "
            f"that ends in one; {type(last).__name__} has no {attribute}."
        )
    return last
