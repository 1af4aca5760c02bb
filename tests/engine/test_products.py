"""The sparse products of both kinds, on their own: against scipy and dense NumPy."""

import pickle
from types import SimpleNamespace

import numba
import numpy as np
import pytest
import scipy.sparse

from sklearn_motif import engine
from sklearn_motif.engine import block_products, products
from sklearn_motif.engine.layout import Incoming, Outgoing
from sklearn_motif.engine.simd import aligned_zeros, padded

# (motifs_in, motifs_out, block_in, block_out, units_in, units_out): the last motifs are ragged.
PLAIN = {
    "many rows": (13, 9, 1, 1, 13, 9),
    "one row": (1, 9, 1, 1, 1, 9),
    "one column": (13, 1, 1, 1, 13, 1),
    "one number": (1, 1, 1, 1, 1, 1),
}
BLOCKS = {
    "small blocks": (13, 9, 2, 3, 25, 25),
    "rows of four and one": (5, 4, 5, 9, 23, 32),
    "one block": (1, 1, 3, 2, 2, 1),
    "wide blocks": (6, 5, 7, 1, 40, 5),
}
WIDEST = 130  # rows of a mini-batch


def compiled(kind):
    """All products of a graph, for a run of output motifs and one of input motifs."""
    sums, gradients, weight_gradients = kind

    @numba.njit
    def run(incoming, outgoing, p, d, width, s, dp, by_weight, by_weight_alone, scratch, h, g):
        sums(incoming, p, width, scratch, s, *h)
        place = outgoing.indptr[g[0]] * outgoing.block_in * outgoing.block_out
        dp = dp[g[0] * outgoing.block_in * width :]
        gradients(outgoing, p, d, width, dp, by_weight[place:], scratch, *g)
        weight_gradients(outgoing, p, d, width, by_weight_alone[place:], scratch, *g)

    return run


@pytest.fixture(scope="module")
def kernels():
    return {kind: compiled(kind.PRODUCTS) for kind in (products, block_products)}


class Graph:
    """A random graph with a motif on each side that no connection meets, and its matrix."""

    def __init__(self, sizes, dtype):
        self.sizes = motifs_in, motifs_out, block_in, block_out, units_in, units_out = sizes
        rng = np.random.default_rng(0)
        is_there = rng.random((motifs_in, motifs_out)) < 0.6
        is_there[motifs_in // 3] = is_there[:, motifs_out // 2] = False
        is_there[0, 0] = True
        g, h = np.nonzero(is_there)
        self.indptr = np.append(0, np.cumsum(is_there.sum(axis=1)))
        self.targets = h.astype(np.int32)
        self.indptr_t = np.zeros(motifs_out + 1, dtype=np.int64)
        self.sources, self.places = np.zeros((2, h.size), dtype=np.int32)
        engine.transpose(self.indptr, self.targets, self.indptr_t, self.sources, self.places)
        self.weights = rng.standard_normal((h.size, block_in, block_out)).astype(dtype)
        k, c, j = np.indices(self.weights.shape)
        self.rows, self.columns = h[k] * block_out + j, g[k] * block_in + c
        self.is_used = (self.rows < units_out) & (self.columns < units_in)
        where = self.rows[self.is_used], self.columns[self.is_used]
        self.matrix = scipy.sparse.csr_array(
            (self.weights[self.is_used].astype(np.float64), where), shape=(units_out, units_in)
        )

    def products(self, kernel, p, d):
        """What the kernels make of `p` and `d`; places that they leave alone are NaN."""
        blocks_and_units = self.sizes[2:]
        dtype, width = p.dtype, p.shape[1]
        weights = self.weights.ravel()
        incoming = Incoming(self.indptr_t, self.sources, self.places, weights, *blocks_and_units)
        outgoing = Outgoing(self.indptr, self.targets, weights, *blocks_and_units)
        # One row or weight more than there are, which nobody may touch.
        s, dp = (aligned_zeros((rows.shape[0] + 1) * width, dtype) for rows in (d, p))
        by_weight, alone = np.zeros((2, weights.size + 1), dtype)
        for values in (s, dp, by_weight, alone):
            values[:] = np.nan
        flat = [aligned_zeros(rows.size, dtype) for rows in (p, d)]
        for values, rows in zip(flat, (p, d), strict=True):
            values[:] = rows.ravel()
        results = s, dp, by_weight, alone
        scratch = np.empty(weights.size + 4, dtype)
        h, g = self.sizes[1] // 2, self.sizes[0] // 2
        for runs in (((0, h), (0, g)), ((h, self.sizes[1]), (g, self.sizes[0]))):
            kernel(incoming, outgoing, *flat, width, *results, scratch, *runs)
        return SimpleNamespace(
            s=s.reshape(-1, width), dp=dp.reshape(-1, width), by_weight=by_weight, alone=alone
        )

    def expected(self, p, d):
        """The same numbers from the whole matrix in float64."""
        p, d = p.astype(np.float64), d.astype(np.float64)
        by_weight = np.zeros(self.weights.shape)
        rows, columns = self.rows[self.is_used], self.columns[self.is_used]
        by_weight[self.is_used] = np.einsum("kb,kb->k", d[rows], p[columns])
        return SimpleNamespace(s=self.matrix @ p, dp=self.matrix.T @ d, by_weight=by_weight.ravel())


CASES = [
    pytest.param(kind, sizes, id=name)
    for kind, all_sizes in ((products, PLAIN), (block_products, BLOCKS))
    for name, sizes in all_sizes.items()
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("kind", "sizes"), CASES)
def test_products_of_every_width_equal_those_of_the_whole_matrix(kind, sizes, dtype, kernels):
    """Widths of all mini-batches of up to 130 rows; each lane has its bits whatever the width."""
    graph = Graph(sizes, dtype)
    units_in, units_out = sizes[4:]
    rng = np.random.default_rng(1)
    widest = padded(WIDEST, dtype)
    p, d = (rng.standard_normal((n, widest)).astype(dtype) for n in (units_in, units_out))
    all_lanes = graph.products(kernels[kind], p, d)
    atol = 2e-4 if dtype == np.float32 else 1e-12
    for width in sorted({padded(batch, dtype) for batch in range(1, WIDEST + 1)}):
        some = p[:, :width], d[:, :width]
        result, expected = graph.products(kernels[kind], *some), graph.expected(*some)
        np.testing.assert_allclose(result.s[:-1], expected.s, atol=atol)
        np.testing.assert_allclose(result.dp[:-1], expected.dp, atol=atol)
        for gradient in (result.by_weight, result.alone):
            np.testing.assert_allclose(gradient[:-1], expected.by_weight, atol=atol)
        for values in vars(result).values():
            assert np.isnan(values[-1]).all(), "written past the end"
        np.testing.assert_array_equal(result.s[:-1], all_lanes.s[:-1, :width])
        np.testing.assert_array_equal(result.dp[:-1], all_lanes.dp[:-1, :width])


@pytest.mark.parametrize("kind", [products, block_products])
def test_products_are_pickled_by_name(kind):
    """So that the cache of one process serves another."""
    assert pickle.loads(pickle.dumps(kind.PRODUCTS)) is kind.PRODUCTS
