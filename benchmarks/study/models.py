"""Configurations: our estimators with parameters, or a peer; what a fitted model consists of."""

from __future__ import annotations

import ast

from sklearn.pipeline import Pipeline

from sklearn_motif import MotifSETClassifier, MotifSETRegressor

from .data import is_regression
from .peers import make_peer, runs_on

OURS = "ours"
# What limits the training of a model, by what it is called there.
LIMITS = ("max_iter", "n_estimators", "iterations", "n_epochs")


def is_ours(config):
    """Whether a configuration is our estimator."""
    return config.split()[:1] == [OURS]


def is_config(config, data):
    """Whether a configuration has a name that `make` understands for a data set."""
    return is_ours(config) or runs_on(config, data)


def make(config, seed, X, data):
    """The estimator that a configuration names: a peer, or "ours name=value name=value"."""
    if not is_ours(config):
        return make_peer(config, seed, X, data)
    words = config.split()[1:]
    parameters = {name: value(text) for name, text in (word.split("=", 1) for word in words)}
    estimator = MotifSETRegressor if is_regression(data) else MotifSETClassifier
    return estimator(random_state=seed, **parameters)


def value(text):
    """A literal of Python, or else the text itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def core(model):
    """The model within what scales its columns and its target."""
    model = getattr(model, "regressor_", getattr(model, "regressor", model))
    return model[-1] if isinstance(model, Pipeline) else model


def shorten(model, n_iter):
    """Limit the training of a model."""
    model = core(model)
    known = model.get_params()
    # CatBoost tells only what it was given.
    names = ["iterations"] if "allow_writing_files" in known else [n for n in LIMITS if n in known]
    model.set_params(**dict.fromkeys(names, n_iter))


# By an attribute that only models of the kind have.
COUNTS = {
    "n_connections_": lambda model: model.n_connections_,
    "coefs_": lambda model: sum(coefs.size for coefs in model.coefs_),
    "support_vectors_": lambda model: model.support_vectors_.size,
    "coef_": lambda model: model.coef_.size,
    "label_binarizer_": lambda model: sum(map(connections, model.estimators_)),  # one vs. rest
    "estimators_": lambda model: sum(tree.tree_.node_count for tree in model.estimators_),
    "_predictors": lambda model: sum(len(t.nodes) for trees in model._predictors for t in trees),
    # A binary tree has a node less than twice its leaves.
    "booster_": lambda model: sum(
        2 * tree["num_leaves"] - 1 for tree in model.booster_.dump_model()["tree_info"]
    ),
    "get_tree_leaf_counts": lambda model: sum(2 * n - 1 for n in model.get_tree_leaf_counts()),
}


def connections(model):
    """Numbers that a model multiplies with; nodes of trees; nothing where nobody counts them."""
    model = core(model)
    for attribute, count in COUNTS.items():
        if hasattr(model, attribute):
            return count(model)
    return ""
