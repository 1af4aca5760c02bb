"""What the benchmarks know about the inside of the engine, but for the turns of a mini-batch."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from unittest import mock

import numba
import numpy as np

from sklearn_motif import _base
from sklearn_motif._fitting import occurrences
from sklearn_motif.engine import TrainingStep, new_optimizer_state, products, simd
from sklearn_motif.engine.buffers import make_work


def padded(batch: int) -> int:
    """Rows of a mini-batch after padding to whole vectors of float32."""
    return simd.padded(batch, np.float32)


def zeros(n: int) -> np.ndarray:
    """A flat, aligned buffer of float32."""
    return simd.aligned_zeros(n, np.float32)


@cache
def product_kernel():
    """Our sparse product as a function that Python can call."""

    @numba.njit
    def product(indptr, sources, weights, values, width, result):
        last = indptr.size - 1
        products.spmm(result, indptr, sources, weights, 0, values, width, 0, last)

    return product


def product(matrix, values: np.ndarray, width: int, result: np.ndarray) -> None:
    """CSR matrix times `values`, both buffers flat and aligned with rows of `width`."""
    product_kernel()(matrix.indptr, matrix.indices, matrix.data, values, width, result)


@contextmanager
def recorded_threads() -> Iterator[list[int]]:
    """Numbers of threads that trainings used, each training's when it ends."""
    numbers, leave = [], TrainingStep.__exit__

    def record(self, *exception):
        numbers.append(self.n_threads)
        return leave(self, *exception)

    with mock.patch.object(TrainingStep, "__exit__", record):
        yield numbers


@contextmanager
def seconds_of_steps(names: Iterable[str]) -> Iterator[dict[str, float]]:
    """Seconds that fits spend in some of their steps, which are functions that `_base` calls."""
    steps, seconds = {name: getattr(_base, name) for name in names}, {}

    def measured(name):
        def call(*args, **kwargs):
            started = time.perf_counter()
            result = steps[name](*args, **kwargs)
            seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - started
            return result

        return call

    with mock.patch.multiple(_base, **{name: measured(name) for name in steps}):
        yield seconds


@contextmanager
def rows_laid_out() -> Iterator[None]:
    """Let sparse rows go the way of dense ones, however little they store."""
    with mock.patch.object(occurrences, "SPARSE_SHARE", 0):
        yield


def bytes_in_arrays(network, batch: int) -> dict:
    """Bytes of a network in training with Adam, by what its arrays say."""
    net, state = network.net, new_optimizer_state(network.net, "adam")
    with_connections = {
        name: array.nbytes
        for name, array in net._asdict().items()
        if name not in ("layers", "graphs", "nodes") and not name.startswith("indptr")
    }
    with_connections["moments"] = state.weights_1.nbytes + state.weights_2.nbytes
    return {
        "with_connections": with_connections,
        "network": array_bytes(net),
        "optimizer": array_bytes(state),
        "activations": array_bytes(make_work(net, batch, is_training=True)),
    }


def array_bytes(tuple_of_arrays) -> int:
    """Bytes of the arrays of a tuple, memory that two of them share counted once."""
    arrays = {id(a): a for a in tuple_of_arrays if isinstance(a, np.ndarray)}
    return sum(a.nbytes for a in arrays.values())
