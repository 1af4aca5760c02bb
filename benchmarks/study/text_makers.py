"""How peers of texts are made: without a scaler, and set to what is best on validation rows."""

from __future__ import annotations

from functools import partial

from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

LINEAR = "LinearSVC"
# By the rows of a mini-batch: the most accurate of texts, and a quick one.
ONE_LAYER = {n: f"MLPClassifier (256,), batches of {n}" for n in (32, 200)}


def one_layer(seed, X, **parameters):
    """A dense network with one hidden layer."""
    return MLPClassifier((256,), random_state=seed, **parameters)


OF_TEXT = {
    LINEAR: lambda seed, X: LinearSVC(C=2, random_state=seed),
    "LogisticRegression": lambda seed, X: LogisticRegression(C=100, max_iter=1000),
    "SGDClassifier, modified_huber": lambda seed, X: SGDClassifier(
        loss="modified_huber", alpha=2e-4, random_state=seed
    ),
    ONE_LAYER[32]: partial(one_layer, batch_size=32, learning_rate_init=0.003, max_iter=3),
    ONE_LAYER[200]: partial(one_layer, batch_size=200, learning_rate_init=0.01, max_iter=3),
}
