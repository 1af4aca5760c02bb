"""Peers of our estimators: which run on what, and which packages they need."""

from __future__ import annotations

from importlib.util import find_spec

from .data import GROUP_OF, is_regression
from .makers import (
    BOOSTING,
    CATBOOST,
    CLASSIFIERS,
    DENSE,
    FOREST,
    FRAME_BOOSTING,
    LIGHTGBM,
    NETWORK,
    OF_FEW_ROWS,
    OF_LABELS,
    OF_STREAMS,
    REALMLP,
    REGRESSORS,
)
from .text_makers import OF_TEXT

PACKAGES = {LIGHTGBM: "lightgbm", CATBOOST: "catboost", REALMLP: "pytabkit"}
# What "peers" are for each group of data sets. The first group keeps to scikit-learn: kernels and
# CatBoost would take too long on 60,000 rows, and on thousands of genes.
PEERS = {
    "defaults": ["LogisticRegression", "MLPClassifier", DENSE, FOREST, BOOSTING],
    "tables": [
        "LogisticRegression", "MLPClassifier", DENSE, FOREST, BOOSTING, "SVC", LIGHTGBM, CATBOOST,
    ],
    "regression": [
        "Ridge", "MLPRegressor", "MLPRegressor (256, 256)", "SVR", "RandomForestRegressor",
        "HistGradientBoostingRegressor", LIGHTGBM, CATBOOST,
    ],
    "frames": [FRAME_BOOSTING, LIGHTGBM, CATBOOST],
    "probabilities": ["LogisticRegression", "MLPClassifier", FOREST, BOOSTING],
    "labels": list(OF_LABELS),
    "streams": list(OF_STREAMS),
    "interactions": [NETWORK, LIGHTGBM],
    "few_rows": list(OF_FEW_ROWS),
    "text": list(OF_TEXT),
}  # fmt: skip
# Makers of classifiers where they are not those of tables.
MAKERS = {
    "labels": OF_LABELS, "streams": OF_STREAMS, "few_rows": OF_FEW_ROWS, "text": OF_TEXT,
}  # fmt: skip


def runs_on(config, data):
    """Whether a peer is one of a data set; RealMLP is beside them, on all tables of numbers."""
    group = GROUP_OF[data]
    return config in PEERS[group] or (config == REALMLP and group in ("tables", "regression"))


def make_peer(config, seed, X, data):
    """A peer for the task of a data set."""
    makers = REGRESSORS if is_regression(data) else MAKERS.get(GROUP_OF[data], CLASSIFIERS)
    return makers[config](seed, X)


def is_missing(config):
    """Whether a peer's package is not installed."""
    return config in PACKAGES and find_spec(PACKAGES[config]) is None
