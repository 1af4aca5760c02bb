"""Configurations: our estimator with parameters, and peers of scikit-learn."""

from __future__ import annotations

import ast

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from sklearn_motif import MotifSETClassifier

OURS = "ours"
DENSE = "MLPClassifier (256, 256)"
FOREST = "RandomForestClassifier"
BOOSTING = "HistGradientBoostingClassifier"
# scikit-learn's defaults, with more iterations for logistic regression.
PEERS = {
    "LogisticRegression": lambda seed: LogisticRegression(max_iter=1000),
    "MLPClassifier": lambda seed: MLPClassifier(random_state=seed),
    DENSE: lambda seed: MLPClassifier((256, 256), random_state=seed),
    FOREST: lambda seed: RandomForestClassifier(random_state=seed),
    BOOSTING: lambda seed: HistGradientBoostingClassifier(random_state=seed),
}


def is_config(config):
    """Whether a configuration has a name that `make` understands."""
    return config in PEERS or config.split()[:1] == [OURS]


def make(config, seed):
    """The estimator that a configuration names: a peer, or "ours name=value name=value"."""
    if config in PEERS:
        return PEERS[config](seed)
    words = config.split()[1:]
    parameters = {name: value(text) for name, text in (word.split("=", 1) for word in words)}
    return MotifSETClassifier(random_state=seed, **parameters)


def value(text):
    """A literal of Python, or else the text itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def connections(model):
    """Numbers that a model multiplies with; nodes of trees."""
    if isinstance(model, MotifSETClassifier):
        return model.n_connections_
    if isinstance(model, MLPClassifier):
        return sum(coefs.size for coefs in model.coefs_)
    if isinstance(model, LogisticRegression):
        return model.coef_.size
    if isinstance(model, RandomForestClassifier):
        return sum(tree.tree_.node_count for tree in model.estimators_)
    return sum(len(tree.nodes) for trees in model._predictors for tree in trees)
