"""Rows of a training: their inputs made once where memory allows, else some rows at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse

from .._network import Inputs, MotifNetwork, Rows
from ..engine import Features, features
from .memory import free_memory


class TrainingRows(NamedTuple):
    """Rows with their targets and weights, and which of them to train on."""

    X: Rows
    y: np.ndarray  # in the dtype of the network, shape (n_samples,) or (n_samples, n_outputs)
    weights: np.ndarray  # in the dtype of the network
    rows: np.ndarray  # int64; in the order of ``shuffle=False``
    inputs: Rows | None = None  # what `kept_inputs` gives: of all rows of X


class RowSource:
    """Gives what :class:`~sklearn_motif.engine.TrainingStep` takes of some rows.

    Inputs that are made anew in every epoch have the same bits.
    """

    def __init__(self, network: MotifNetwork, data: TrainingRows):
        self._network, self._data = network, data
        self._features = None if data.inputs is None else features(data.inputs)

    def __call__(self, chosen: np.ndarray) -> tuple[Features, np.ndarray, np.ndarray, np.ndarray]:
        """Features, targets and weights of rows, and the numbers of those chosen among them."""
        X, y, weights, *_ = self._data
        if self._features is not None:
            return self._features, y.ravel(), weights, chosen
        features = self._network.features(X[chosen])
        return features, y[chosen].ravel(), weights[chosen], np.arange(chosen.size)


def kept_features(network: MotifNetwork, X: Rows) -> Features | None:
    """What `kept_inputs` gives, as the engine takes it."""
    inputs = kept_inputs(network, X)
    return None if inputs is None else features(inputs)


def kept_inputs(network: MotifNetwork, X: Rows) -> Rows | None:
    """The inputs of all rows, made once; None where memory has no room for twice as much."""
    stays_sparse = scipy.sparse.issparse(X) and network.inputs.is_plain
    if stays_sparse or has_room(network.inputs, X.shape[0], network.weights.dtype):
        return network.inputs_of(X)
    return None


def has_room(inputs: Inputs, n_rows: int, dtype: np.dtype) -> bool:
    """Whether memory has room for twice the inputs of so many rows of dense X."""
    return 2 * n_rows * inputs.numbers_a_row * dtype.itemsize < free_memory()
