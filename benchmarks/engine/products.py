"""The sparse product alone, on one thread: ours, SciPy's, MKL's through PyTorch, sparselab's."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import scipy.sparse

from benchmarks import peers, sparse_peers
from benchmarks.timing import median_ratio, on_threads, row, take_turns, timed

from . import internals, section

TOLERANCE = {"rtol": 1e-4, "atol": 1e-4}


class Sizes(NamedTuple):
    """What is measured."""

    neurons: int = 3000
    connections: int = 120_000
    batches: tuple[int, ...] = (32, 40, 64, 128)
    rounds: int = 30
    calls: int = 20


FULL = Sizes()
SMOKE = Sizes(neurons=300, connections=3000, batches=(32, 40), rounds=3, calls=2)


def random_matrix(n, connections, rng):
    """A square CSR matrix with that many entries."""
    cells = np.sort(rng.choice(n * n, connections, replace=False))
    weights = rng.standard_normal(connections, dtype=np.float32)
    matrix = scipy.sparse.csr_array((weights, np.divmod(cells, n)), shape=(n, n))
    matrix.indptr, matrix.indices = matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
    return matrix


def with_long_indptr(matrix):
    """The matrix as our engine holds it."""
    copy = matrix.copy()
    copy.indptr = copy.indptr.astype(np.int64)
    return copy


def calls_of_all(matrix, dense):
    """A call for each contestant; all of them were made once and gave SciPy's product."""
    n, batch = dense.shape
    expected = matrix @ dense
    calls = {}

    def enter(name, call, result=None):
        """`result` is where the call writes; else it returns what it computed."""
        found = call()
        np.testing.assert_allclose(found if result is None else result, expected, **TOLERANCE)
        calls[name] = call

    width = internals.padded(batch)
    values, result = internals.zeros(n * width), internals.zeros(n * width)
    values.reshape(n, width)[:, :batch] = dense
    call = partial(internals.product, with_long_indptr(matrix), values, width, result)
    enter("ours", call, result.reshape(n, width)[:, :batch])
    enter("scipy", partial(matrix.__matmul__, dense))
    if peers.torch():
        X = peers.torch().from_numpy(dense)
        for bits, dtype in ((32, np.int32), (64, np.int64)):
            into = internals.zeros(n * batch).reshape(n, batch)
            out = peers.torch().from_numpy(into)
            W = sparse_peers.torch_csr(matrix, dtype)
            enter(f"MKL, int{bits}", partial(peers.torch().addmm, out, W, X, beta=0, out=out), into)
    if peers.sparselab():
        enter("sparselab", partial(peers.sparselab().spmm, sparse_peers.padded_csr(matrix), X))
    return calls


def measure(sizes, data_dir):
    """Seconds of a product for some batches, and the peers' over ours."""
    rng = np.random.default_rng(0)
    matrix = random_matrix(sizes.neurons, sizes.connections, rng)
    for load in (peers.torch, peers.sparselab):
        load()  # on_threads sets the threads of libraries that are loaded

    def seconds_a_call(call):
        return timed(lambda: [call() for _ in range(sizes.calls)]) / sizes.calls

    batches = []
    for batch in sizes.batches:
        dense = internals.zeros(sizes.neurons * batch).reshape(sizes.neurons, batch)
        dense[:] = rng.standard_normal(dense.shape, dtype=np.float32)
        with on_threads(1):
            calls = calls_of_all(matrix, dense)
            runs = {name: partial(seconds_a_call, call) for name, call in calls.items()}
            take_turns(runs, 2)  # warm-up
            seconds = take_turns(runs, sizes.rounds)
        entry = {"batch": batch, "rows": [row(name, values) for name, values in seconds.items()]}
        ratios = {"scipy": median_ratio(seconds["scipy"], seconds["ours"])}
        if "MKL, int32" in seconds:
            # The peer is whichever index type was faster in that round.
            pairs = zip(seconds["MKL, int32"], seconds["MKL, int64"], strict=True)
            ratios["MKL"] = median_ratio([min(pair) for pair in pairs], seconds["ours"])
        if "sparselab" in seconds:
            ratios["sparselab"] = median_ratio(seconds["sparselab"], seconds["ours"])
        batches.append(entry | {"over_ours": ratios})
    return {"neurons": sizes.neurons, "connections": sizes.connections, "batches": batches}


if __name__ == "__main__":
    section.run("products", measure, FULL, SMOKE)
