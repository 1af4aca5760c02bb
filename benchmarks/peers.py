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
import scipy.sparse
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


def torch_csr(matrix, index_dtype=np.int32):
    """A CSR matrix of PyTorch, whose products MKL computes."""
    matrix = scipy.sparse.csr_array(matrix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "CSR support is in beta state"
        return torch().sparse_csr_tensor(
            torch().from_numpy(matrix.indptr.astype(index_dtype)),
            torch().from_numpy(matrix.indices.astype(index_dtype)),
            torch().from_numpy(matrix.data),
            matrix.shape,
            check_invariants=False,
        )


def padded_csr(matrix):
    """A matrix in sparselab's format, rows with room for more connections."""
    return sparselab().PaddedCSR.from_torch_sparse_csr(torch_csr(matrix, np.int64))


class TorchProducts:
    """The three sparse products of a training step by PyTorch's CSR matrices, nothing else.

    Forward, backward by a second matrix that holds the transpose, and the gradient at the
    connections. There are no activations, no loss, no optimizer, no evolution, and the
    transpose is not brought up to date: a lower bound of what PyTorch would take.
    """

    def __init__(self, coefs: list, X: np.ndarray, batch: int):
        self.layers = [(torch_csr(W.T), torch_csr(W)) for W in coefs]
        self.n_weights = sum(W.values().numel() for W, _ in self.layers)
        self.inputs = [
            torch().from_numpy(np.ascontiguousarray(X[i : i + batch].T))
            for i in range(0, len(X), batch)
        ]

    def epoch(self) -> None:
        """Multiply for all rows once."""
        for x in self.inputs:
            signals = [x]
            for W, _ in self.layers:
                signals.append(W @ signals[-1])
            d = signals.pop()
            for i in range(len(self.layers) - 1, -1, -1):
                W, transpose = self.layers[i]
                torch().sparse.sampled_addmm(W, d, signals[i].T, beta=0)
                if i > 0:
                    d = transpose @ d
