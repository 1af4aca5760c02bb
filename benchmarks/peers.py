"""The peers, each in the settings that are fair and fastest for it.

PyTorch and sparselab are optional, and imported late: the mere import of PyTorch takes hundreds
of megabytes.
"""

from __future__ import annotations

import importlib
import warnings
from functools import cache
from itertools import pairwise
from types import ModuleType

import numpy as np
from sklearn.neural_network import MLPClassifier

MOMENTUM = 0.9  # of everybody's SGD, with Nesterov's correction


@cache
def torch() -> ModuleType | None:
    """PyTorch, or None where it cannot be imported."""
    return optional("torch")


@cache
def sparselab() -> ModuleType | None:
    """The package sparselab, or None where it cannot be imported."""
    return optional("sparselab")


def optional(name: str) -> ModuleType | None:
    """A module, or None where it, or a library that it needs, is missing."""
    try:
        return importlib.import_module(name)
    except (ImportError, OSError):
        return None


def dense_classifier(hidden: tuple[int, ...], batch: int, rate: float) -> MLPClassifier:
    """scikit-learn's perceptron with SGD; its ``partial_fit`` is exactly one epoch."""
    return MLPClassifier(
        hidden,
        solver="sgd",
        learning_rate_init=rate,
        momentum=MOMENTUM,
        batch_size=batch,
        random_state=0,
    )


class TorchNetwork:
    """A network of PyTorch modules, trained by SGD whose update is one fused pass."""

    def __init__(self, layers: list, batch: int, rate: float):
        nn = torch().nn
        modules = [module for layer in layers for module in (layer, nn.ReLU())]
        self.model = nn.Sequential(*modules[:-1])
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch().optim.SGD(
            self.model.parameters(), lr=rate, momentum=MOMENTUM, nesterov=True, fused=True
        )
        self.batch = batch

    def epoch(self, X: np.ndarray, y: np.ndarray) -> None:
        """Train on all rows once, in random order."""
        X, y = torch().from_numpy(X), torch().from_numpy(y.astype(np.int64))
        for rows in torch().randperm(len(X)).split(self.batch):
            self.optimizer.zero_grad()
            self.loss(self.model(X[rows]), y[rows]).backward()
            self.after_backward()

    def after_backward(self) -> None:
        """Update the parameters."""
        self.optimizer.step()


class TorchDense(TorchNetwork):
    """A dense perceptron in PyTorch."""

    def __init__(self, layer_sizes: tuple[int, ...], batch: int, rate: float):
        torch().manual_seed(0)
        linear = torch().nn.Linear
        layers = [linear(n_in, n_out) for n_in, n_out in pairwise(layer_sizes)]
        super().__init__(layers, batch, rate)
        self.n_weights = sum(layer.weight.numel() for layer in layers)


class SparselabNetwork(TorchNetwork):
    """A truly sparse perceptron of sparselab's layers, with its SET once every `n_updates`.

    Parameters
    ----------
    layer_sizes : tuple of int
    densities : list of float
        Of each layer; sparselab draws every connection with that probability.
    zeta : float
        Share of the connections that an evolution replaces.
    n_updates : int
        Mini-batches from one evolution to the next.
    batch : int
    rate : float
    """

    def __init__(self, layer_sizes, densities, *, zeta, n_updates, batch, rate):
        package = sparselab()
        torch().manual_seed(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # "CSR support is in beta state"
            layers = [
                package.SparseLinear(n_in, n_out, sparsity=1 - density)
                for (n_in, n_out), density in zip(pairwise(layer_sizes), densities, strict=True)
            ]
        super().__init__(layers, batch, rate)
        self.n_weights = sum(layer.nnz for layer in layers)
        sparsity = 1 - self.n_weights / np.dot(layer_sizes[:-1], layer_sizes[1:])
        self.set = package.SET(sparsity, drop_fraction=zeta, update_freq=n_updates, seed=0)
        self.model.apply(self.set)

    def after_backward(self) -> None:
        """Update the parameters, and from time to time the wiring."""
        super().after_backward()
        self.set.step()
