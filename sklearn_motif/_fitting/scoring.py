"""The parameter `scoring`: networks in training, judged by a scorer."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.metrics import check_scoring

from .._network import MotifNetwork, Rows
from .attributes import predicting_attributes
from .targets import Targets

# What scikit-learn's validation has learned of the columns of X.
OF_COLUMNS = ("n_features_in_", "feature_names_in_")


def asks_for_scorer(scoring: Any) -> bool:
    """Whether the parameter is a name or a callable, which sees rows as the user gave them."""
    return not (scoring is None or (isinstance(scoring, str) and scoring == "loss"))


class NetworkScorer:
    """Scores networks of one estimator, on the same rows each time.

    Parameters
    ----------
    estimator : BaseEstimator
        Stays as it is: the scorer sees copies.
    targets : Targets
    X, y : array-like
        As the user gave them.
    rows : ndarray or csr_array
        X, ready for the network.
    weights : ndarray of float64, shape (n_rows,)
        Weights that are all equal are not passed to the scorer, which may not take any.
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        targets: Targets,
        X: Any,
        y: Any,
        rows: Rows,
        weights: np.ndarray,
    ):
        self._scorer = check_scoring(estimator, estimator.scoring)
        self._estimator, self._targets = estimator, targets
        self._X, self._y, self._rows = X, y, rows
        are_equal = np.all(weights == weights[0])
        self._weights = {} if are_equal else {"sample_weight": weights}

    def __call__(self, network: MotifNetwork) -> float:
        """The score of a network, of which the scorer gets a copy, because training changes it."""
        scoring = self._estimator.scoring
        try:
            score = self._scorer(self._fitted(network.copy()), self._X, self._y, **self._weights)
        except TypeError as error:
            if not self._weights or "sample_weight" not in str(error):
                raise
            raise TypeError(
                f"scoring={scoring!r} must take sample_weight, since the rows to validate on have "
                f"weights: {error}"
            ) from error
        number = np.asarray(score)
        if number.ndim or number.dtype.kind not in "biuf" or not np.isfinite(number):
            raise ValueError(
                f"scoring={scoring!r} must give a finite number on the rows to validate on; it "
                f"gave {score!r}. Are there enough of them, and of each class? Raise "
                "validation_fraction, or pass X_val and y_val."
            )
        return float(number)

    def _fitted(self, network: MotifNetwork) -> BaseEstimator:
        """A copy of the estimator that predicts by a network; of an earlier fit it has nothing."""
        fitted = copy.copy(self._estimator)
        attributes = vars(fitted)
        for name in [name for name in attributes if name.endswith("_") and name not in OF_COLUMNS]:
            del attributes[name]
        attributes.update(predicting_attributes(network, self._targets))
        attributes["_checked_rows"] = self._X, self._rows
        return fitted
