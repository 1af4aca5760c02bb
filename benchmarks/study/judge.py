"""What a fitted model is worth on rows that it has not seen."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import r2_score

from .data import is_regression

# Columns of Madelon that mean something, from 0. For judging importances, never for choosing.
MADELON_USEFUL = [
    28, 48, 64, 105, 128, 153, 241, 281, 318, 336, 338, 378, 433, 442, 451, 453, 455, 472, 475, 493,
]  # fmt: skip
MEASURES = ("score", "log_loss", "calibration_error", "probability_over_rate")
N_BINS = 15  # of probabilities, for the calibration error
LEAST = 1e-7  # what smaller probabilities count as in a log loss


def judge(run, model, X, y):
    """R2 in regression, or accuracy; what its probabilities are worth, where there are some.

    Of several labels, accuracy is the share of all labels that are right.
    """
    predicted = np.reshape(model.predict(X), y.shape)  # CatBoost's classes are a column
    measures = {
        "score": r2_score(y, predicted) if is_regression(run.data) else (predicted == y).mean()
    }
    if not is_regression(run.data) and hasattr(model, "predict_proba"):
        probabilities = model.predict_proba(X)
        if y.ndim == 2:
            measures |= judge_labels(y, probabilities)
        else:
            measures |= judge_classes(model.classes_, y, probabilities)
    return {name: round(float(value), 6) for name, value in measures.items()}


def judge_labels(y, probabilities):
    """Mean log loss of the labels, and the sum of probabilities over the number of labels."""
    likelihood = np.where(y == 1, probabilities, 1 - probabilities)
    return {
        "log_loss": -np.log(np.maximum(likelihood, LEAST)).mean(),
        "probability_over_rate": probabilities.sum() / y.sum(),
    }


def judge_classes(classes, y, probabilities):
    """Log loss and calibration error; the mean probability of the second of two over its rate."""
    measures = {
        "log_loss": log_loss(classes, y, probabilities),
        "calibration_error": calibration_error(classes, y, probabilities),
    }
    if len(classes) == 2:
        rate = np.mean(y == classes[1])
        measures["probability_over_rate"] = probabilities[:, 1].mean() / rate
    return measures


def log_loss(classes, y, probabilities):
    """Mean cross-entropy; the training rows may lack a class of y, which has no probability."""
    column = np.searchsorted(classes, y).clip(max=len(classes) - 1)
    likelihood = np.where(classes[column] == y, probabilities[np.arange(len(y)), column], 0)
    return -np.log(np.maximum(likelihood, LEAST)).mean()


def calibration_error(classes, y, probabilities):
    """Expected calibration error: how far a model is from being right as often as it says.

    Rows are put into equal bins of their highest probability. Its mean in a bin and the accuracy
    there differ; the error is the mean of these differences, weighted by rows.
    """
    highest = probabilities.max(axis=1)
    is_right = classes[probabilities.argmax(axis=1)] == y
    bins = np.minimum(N_BINS * highest, N_BINS - 1).astype(int)
    return np.abs(np.bincount(bins, weights=highest - is_right)).sum() / len(y)


def useful_columns(run, model):
    """How many of the 20 most important columns of Madelon are useful; nothing elsewhere."""
    if run.data != "madelon" or not hasattr(model, "feature_importances_"):
        return ""
    top = np.argsort(model.feature_importances_)[-20:]
    return np.isin(top, MADELON_USEFUL).sum()
