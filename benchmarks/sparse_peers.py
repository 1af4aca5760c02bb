"""Sparse products of the peers."""

from __future__ import annotations

import warnings

import numpy as np
import scipy.sparse

from benchmarks import peers


def torch_csr(matrix, index_dtype=np.int32):
    """A CSR matrix of PyTorch, whose products MKL computes."""
    matrix = scipy.sparse.csr_array(matrix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "CSR support is in beta state"
        return peers.torch().sparse_csr_tensor(
            peers.torch().from_numpy(matrix.indptr.astype(index_dtype)),
            peers.torch().from_numpy(matrix.indices.astype(index_dtype)),
            peers.torch().from_numpy(matrix.data),
            matrix.shape,
            check_invariants=False,
        )


def padded_csr(matrix):
    """A matrix in sparselab's format, rows with room for more connections."""
    return peers.sparselab().PaddedCSR.from_torch_sparse_csr(torch_csr(matrix, np.int64))


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
            peers.torch().from_numpy(np.ascontiguousarray(X[i : i + batch].T))
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
                peers.torch().sparse.sampled_addmm(W, d, signals[i].T, beta=0)
                if i > 0:
                    d = transpose @ d
