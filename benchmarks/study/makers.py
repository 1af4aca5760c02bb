"""How peers of our estimators are made, as they come.

They have their defaults, but one thread, and logistic regression more iterations. Those that need
it get standardized columns, and in regression a standardized target; trees get the columns as they
are. A maker takes the seed and the rows, of which it reads nothing but the types.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module

import scipy.sparse
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, SVR

DENSE = "MLPClassifier (256, 256)"
FOREST = "RandomForestClassifier"
BOOSTING = "HistGradientBoostingClassifier"
FRAME_BOOSTING = "HistGradientBoosting"  # of both tasks, which the frames share a table with
NETWORK = "MLP"  # of both tasks, too
SMALL = [(10,), (10, 10), (100,)]  # hidden layers for few rows
LIGHTGBM, CATBOOST, REALMLP = "LightGBM", "CatBoost", "RealMLP"


def scaled(model, X):
    """A model that needs standardized columns; sparse ones keep their zeros."""
    return make_pipeline(StandardScaler(with_mean=not scipy.sparse.issparse(X)), model)


def scaled_target(model, X):
    """A regressor that needs a standardized target, too."""
    return TransformedTargetRegressor(scaled(model, X), transformer=StandardScaler())


def small_network(sizes):
    """The name and the maker of a dense network with some hidden layers."""
    return f"MLPClassifier {sizes}", lambda seed, X: scaled(
        MLPClassifier(sizes, random_state=seed), X
    )


def boosting(estimator, seed, X):
    """scikit-learn's boosting, which takes no sparse rows; categories by the type of a column."""
    model = estimator(categorical_features="from_dtype", random_state=seed)
    if scipy.sparse.issparse(X):
        return make_pipeline(FunctionTransformer(dense, accept_sparse=True), model)
    return model


def dense(X):
    """Rows with their zeros."""
    return X.toarray()


def lightgbm(name, seed, X):
    """LightGBM, which finds categories by the type of a column."""
    return getattr(import_module("lightgbm"), name)(random_state=seed, n_jobs=1, verbose=-1)


def catboost(name, seed, X):
    """CatBoost, which is told what the categories are, and wants strings in them."""
    is_frame = hasattr(X, "select_dtypes")
    categories = list(X.select_dtypes("category")) if is_frame else None
    model = getattr(import_module("catboost"), name)(
        random_state=seed, thread_count=1, verbose=0, allow_writing_files=False,
        cat_features=categories,
    )  # fmt: skip
    return make_pipeline(FunctionTransformer(categories_as_strings), model) if is_frame else model


def categories_as_strings(X):
    """Categories as strings, also where one is missing."""
    strings = {
        name: column.astype(object).where(column.notna(), "missing").astype(str)
        for name, column in X.select_dtypes("category").items()
    }
    return X.assign(**strings)


def realmlp(name, seed, X):
    """RealMLP with its simplified defaults that were tuned on other tables."""
    return getattr(import_module("pytabkit"), name)(random_state=seed, device="cpu", n_threads=1)


CLASSIFIERS = {
    "LogisticRegression": lambda seed, X: scaled(LogisticRegression(max_iter=1000), X),
    "MLPClassifier": lambda seed, X: scaled(MLPClassifier(random_state=seed), X),
    NETWORK: lambda seed, X: scaled(MLPClassifier(random_state=seed), X),
    DENSE: lambda seed, X: scaled(MLPClassifier((256, 256), random_state=seed), X),
    FOREST: lambda seed, X: RandomForestClassifier(random_state=seed),
    BOOSTING: partial(boosting, HistGradientBoostingClassifier),
    "SVC": lambda seed, X: scaled(SVC(random_state=seed), X),
    FRAME_BOOSTING: partial(boosting, HistGradientBoostingClassifier),
    LIGHTGBM: partial(lightgbm, "LGBMClassifier"),
    CATBOOST: partial(catboost, "CatBoostClassifier"),
    REALMLP: partial(realmlp, "RealMLP_TD_S_Classifier"),
}
REGRESSORS = {
    "Ridge": lambda seed, X: scaled(Ridge(random_state=seed), X),
    "MLPRegressor": lambda seed, X: scaled_target(MLPRegressor(random_state=seed), X),
    NETWORK: lambda seed, X: scaled_target(MLPRegressor(random_state=seed), X),
    "MLPRegressor (256, 256)": lambda seed, X: scaled_target(
        MLPRegressor(hidden_layer_sizes=(256, 256), random_state=seed), X
    ),
    "SVR": lambda seed, X: scaled_target(SVR(), X),
    "RandomForestRegressor": lambda seed, X: RandomForestRegressor(random_state=seed),
    "HistGradientBoostingRegressor": partial(boosting, HistGradientBoostingRegressor),
    FRAME_BOOSTING: partial(boosting, HistGradientBoostingRegressor),
    LIGHTGBM: partial(lightgbm, "LGBMRegressor"),
    CATBOOST: partial(catboost, "CatBoostRegressor"),
    REALMLP: partial(realmlp, "RealMLP_TD_S_Regressor"),
}
# Of several labels; a network takes them as they are.
OF_LABELS = {
    "LogisticRegression": lambda seed, X: OneVsRestClassifier(
        CLASSIFIERS["LogisticRegression"](seed, X)
    ),
    "MLPClassifier": CLASSIFIERS["MLPClassifier"],
}
# Of a stream, which no scaler has seen before.
OF_STREAMS = {
    "MLPClassifier": lambda seed, X: MLPClassifier(random_state=seed),
    "SGDClassifier": lambda seed, X: SGDClassifier(random_state=seed),
}
OF_FEW_ROWS = dict(map(small_network, SMALL))
