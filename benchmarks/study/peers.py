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
    REALMLP,
    REGRESSORS,
)

PACKAGES = {LIGHTGBM: "lightgbm", CATBOOST: "catboost", REALMLP: "pytabkit"}
# What "peers" are for each group of data sets. The first group keeps to scikit-learn: kernels and
# CatBoost would take too long on 60,000 rows, and on thousands of genes.
PEERS = {
    "defaults": ["LogisticRegression", "MLPClassifier", DENSE, FOREST, BOOSTING],
    "tables": [name for name in CLASSIFIERS if name not in (FRAME_BOOSTING, REALMLP)],
    "regression": [name for name in REGRESSORS if name not in (FRAME_BOOSTING, REALMLP)],
    "frames": [FRAME_BOOSTING, LIGHTGBM, CATBOOST],
}


def runs_on(config, data):
    """Whether a peer is one of a data set; RealMLP is beside them, on all tables of numbers."""
    group = GROUP_OF[data]
    return config in PEERS[group] or (config == REALMLP and group in ("tables", "regression"))


def make_peer(config, seed, X, data):
    """A peer for the task of a data set."""
    return (REGRESSORS if is_regression(data) else CLASSIFIERS)[config](seed, X)


def is_missing(config):
    """Whether a peer's package is not installed."""
    return config in PACKAGES and find_spec(PACKAGES[config]) is None
