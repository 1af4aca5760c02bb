"""The products alone: against scipy and NumPy, for every width of a batch."""

import numba
import numpy as np
import pytest
import scipy.sparse

from sklearn_motif.engine import block_products, products
from sklearn_motif.engine.layout import Incoming, Outgoing
from sklearn_motif.engine.simd import aligned_zeros, padded

BATCHES = (1, 7, 8, 15, 16, 33, 40, 64, 65, 80, 97, 130)
# Motifs of the inputs and of the outputs; units of a motif; units of both layers, which leave
# the last motif shorter where they are no multiple of these.
SHAPES = {
    "plain": ((13, 11), (1, 1), (13, 11)),
    "whole": ((7, 5), (4, 8), (28, 40)),
    "remainders": ((7, 5), (3, 6), (19, 26)),
    "flat": ((9, 3), (1, 5), (9, 13)),
}


def kernels(module):
    """Entries of the forward and the two backward products of all motifs."""

    @numba.njit
    def forward(connections, ordered, values, width, out, n):
        module.order(connections, ordered, 0, n)
        module.sums(connections, ordered, 0, values, width, out, 0, n)

    @numba.njit
    def backward(connections, p, d, width, dp, gradient, four, first, last):
        module.gradients(connections, p, d, width, dp, gradient, four, first, last)

    @numba.njit
    def by_weights(connections, p, d, width, gradient, four, first, last):
        module.weight_gradients(connections, p, d, width, gradient, four, first, last)

    return forward, backward, by_weights


KERNELS = {module: kernels(module) for module in (products, block_products)}


class Case:
    """A random graph as the kernels see it, and as a matrix of scipy's."""

    def __init__(self, shape, dtype):
        motifs, block, units = SHAPES[shape]
        self.dtype, self.units, self.block = np.dtype(dtype), units, block
        self.motifs = motifs
        rng = np.random.default_rng(3)
        # Motifs of none, one, a few and all connections.
        exists = rng.random(motifs) < np.linspace(0, 1, motifs[0])[:, None]
        sources, targets = np.nonzero(exists)
        n = sources.size
        weights = rng.standard_normal((n, *block)).astype(dtype)
        self.sources, self.targets = sources, targets
        indptr = np.searchsorted(sources, np.arange(motifs[0] + 1))
        by_target = np.argsort(targets, kind="stable")
        indptr_t = np.searchsorted(targets[by_target], np.arange(motifs[1] + 1))
        self.weights = weights
        self.outgoing = Outgoing(indptr, targets.astype(np.int32), weights.ravel(), *block, *units)
        self.incoming = Incoming(
            indptr_t,
            sources[by_target].astype(np.int32),
            by_target.astype(np.int32),
            weights.ravel(),
            *block,
            *units,
        )
        # (connection, c, j) joins input unit row and output unit column, where both exist.
        rows = np.broadcast_to(
            (sources * block[0])[:, None, None] + np.arange(block[0])[:, None], weights.shape
        )
        columns = np.broadcast_to(
            (targets * block[1])[:, None, None] + np.arange(block[1]), weights.shape
        )
        self.used = (rows < units[0]) & (columns < units[1])
        self.rows, self.columns = rows, columns
        self.matrix = scipy.sparse.csr_array(
            (weights[self.used].astype(np.float64), (columns[self.used], rows[self.used])),
            shape=units[::-1],
        )

    def rows_of(self, n_units, batch, seed):
        """Random rows: padded and flat as kernels take them, and as float64."""
        width = padded(batch, self.dtype)
        values = aligned_zeros(n_units * width, self.dtype)
        values.reshape(n_units, width)[:, :batch] = np.random.default_rng(seed).standard_normal(
            (n_units, batch)
        )
        return values, values.reshape(n_units, width).astype(np.float64)


def cases():
    """Every graph with the kernels that are for it."""
    for shape in SHAPES:
        module = products if shape == "plain" else block_products
        for dtype in (np.float32, np.float64):
            yield pytest.param(module, shape, dtype, id=f"{shape}-{dtype.__name__}")
    yield pytest.param(block_products, "plain", np.float32, id="blocks of one number")


def tolerance(dtype):
    return {"rtol": 1e-4, "atol": 1e-4} if dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-12}


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize(("module", "shape", "dtype"), list(cases()))
def test_forward_product_equals_scipy(module, shape, dtype, batch):
    case = Case(shape, dtype)
    values, expected = case.rows_of(case.units[0], batch, 0)
    width = padded(batch, dtype)
    out = aligned_zeros(case.units[1] * width, dtype)
    out[:] = np.nan
    ordered = np.empty(case.weights.size, dtype)
    forward, _, _ = KERNELS[module]
    forward(case.incoming, ordered, values, width, out, case.motifs[1])
    np.testing.assert_allclose(out.reshape(-1, width), case.matrix @ expected, **tolerance(dtype))


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize(("module", "shape", "dtype"), list(cases()))
def test_backward_products_equal_scipy(module, shape, dtype, batch):
    """From a few motifs at a time: dP = W^T d, and d p^T at the connections, zero elsewhere."""
    case = Case(shape, dtype)
    (p, exact_p), (d, exact_d) = (
        case.rows_of(n_units, batch, seed) for seed, n_units in enumerate(case.units)
    )
    width = padded(batch, dtype)
    expected_dp = case.matrix.T @ exact_d
    expected = np.zeros(case.weights.shape)
    expected[case.used] = np.einsum(
        "kb,kb->k", exact_d[case.columns[case.used]], exact_p[case.rows[case.used]]
    )
    _, backward, by_weights = KERNELS[module]
    indptr, block_in = case.outgoing.indptr, case.block[0]
    for first in range(0, case.motifs[0], 3):
        last = min(first + 3, case.motifs[0])
        units = slice(first * block_in, min(last * block_in, case.units[0]))
        dp = aligned_zeros(3 * block_in * width, dtype)
        gradients = np.full((2, case.weights.size), np.nan, dtype)
        four = np.empty(4, dtype)
        backward(case.outgoing, p, d, width, dp, gradients[0], four, first, last)
        by_weights(case.outgoing, p, d, width, gradients[1], four, first, last)
        rows = dp.reshape(-1, width)[: units.stop - units.start]
        np.testing.assert_allclose(rows, expected_dp[units], **tolerance(dtype))
        chosen = expected[indptr[first] : indptr[last]].ravel()
        np.testing.assert_allclose(gradients[0, : chosen.size], chosen, **tolerance(dtype))
        np.testing.assert_array_equal(gradients[1, : chosen.size], gradients[0, : chosen.size])
        assert np.isnan(gradients[:, chosen.size :]).all()
