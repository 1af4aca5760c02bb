"""What a fitted model is worth on rows that it has not seen."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import r2_score

from .data import is_regression

# Columns of Madelon that mean something, from 0. For judging importances, never for choosing.
MADELON_USEFUL = [
    28, 48, 64, 105, 128, 153, 241, 281, 318, 336, 338, 378, 433, 442, 451, 453, 455, 472, 475, 493,
]  # fmt: skip


def judge(run, model, X, y):
    """R2 in regression, or accuracy; the log loss, where there are probabilities."""
    predicted = np.ravel(model.predict(X))  # CatBoost's classes are a column
    if is_regression(run.data):
        return round(r2_score(y, predicted), 6), ""
    accuracy = round(np.mean(predicted == y), 6)
    if not hasattr(model, "predict_proba"):
        return accuracy, ""
    return accuracy, round(log_loss(model.classes_, y, model.predict_proba(X)), 5)


def log_loss(classes, y, probabilities):
    """Mean cross-entropy; the training rows may lack a class of y, which has no probability."""
    column = np.searchsorted(classes, y).clip(max=len(classes) - 1)
    likelihood = np.where(classes[column] == y, probabilities[np.arange(len(y)), column], 0)
    return -np.log(np.maximum(likelihood, 1e-7)).mean()


def useful_columns(run, model):
    """How many of the 20 most important columns of Madelon are useful; nothing elsewhere."""
    if run.data != "madelon" or not hasattr(model, "feature_importances_"):
        return ""
    top = np.argsort(model.feature_importances_)[-20:]
    return np.isin(top, MADELON_USEFUL).sum()
