"""Graphs: the order by output motif, membership, and rewiring in place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_motif import engine


class Graph:
    """Arrays of a graph with the given sorted keys."""

    def __init__(self, keys, motifs_in, motifs_out):
        self.shape = (motifs_in, motifs_out)
        self.indptr = np.zeros(motifs_in + 1, dtype=np.int64)
        self.indptr_t = np.zeros(motifs_out + 1, dtype=np.int64)
        self.targets, self.sources, self.places = np.zeros((3, keys.size), dtype=np.int32)
        none = np.empty(0)
        engine.rewire(self.arrays(), (none, none, none), np.ones(keys.size, dtype=bool), keys)

    def arrays(self):
        return self.indptr, self.targets, self.indptr_t, self.sources, self.places

    def keys(self):
        sources = np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))
        return sources * self.shape[1] + self.targets

    def check_both_orders(self):
        """The order by output motif tells the same graph, by columns of a dense matrix."""
        dense = np.zeros(self.shape, dtype=int)
        dense.flat[self.keys()] = np.arange(1, self.targets.size + 1)
        for h in range(self.shape[1]):
            column = slice(self.indptr_t[h], self.indptr_t[h + 1])
            np.testing.assert_array_equal(self.sources[column], np.flatnonzero(dense[:, h]))
            numbers = dense[:, h][dense[:, h] > 0]
            np.testing.assert_array_equal(self.places[column] + 1, numbers)


@st.composite
def graphs(draw):
    motifs_in, motifs_out = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    places = motifs_in * motifs_out
    keys = draw(st.sets(st.integers(0, places - 1), min_size=1))
    return Graph(np.array(sorted(keys)), motifs_in, motifs_out)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_order_by_output_motif_and_membership(graph):
    graph.check_both_orders()
    places = np.arange(graph.shape[0] * graph.shape[1])
    expected = ~np.isin(places, graph.keys())
    for some in (places, places[::3], places[:0]):
        vacant = engine.vacant(graph.indptr, graph.targets, graph.shape[1], some)
        np.testing.assert_array_equal(vacant, expected[some])


@pytest.mark.parametrize("block", [1, 6])
@settings(max_examples=100, deadline=None)
@given(graph=graphs(), data=st.data())
def test_rewire_keeps_the_others_and_gives_zeros(block, graph, data):
    n = graph.targets.size
    old = graph.keys()
    vacant = np.setdiff1d(np.arange(graph.shape[0] * graph.shape[1]), old)
    count = data.draw(st.integers(0, min(n, vacant.size)))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    pruned = np.zeros(n, dtype=bool)
    pruned[rng.choice(n, count, replace=False)] = True
    grown = np.sort(rng.choice(vacant, count, replace=False))
    values = rng.uniform(1, 2, (2, n, block))
    weights, moment = values.copy()
    flat = weights.reshape(-1), moment.reshape(-1), np.empty(0)
    engine.rewire(graph.arrays(), flat, pruned, grown)

    keys = graph.keys()
    expected = np.sort(np.concatenate([old[~pruned], grown]))
    np.testing.assert_array_equal(keys, expected)
    is_new = np.isin(keys, grown)
    for array, before in zip((weights, moment), values, strict=True):
        assert not array[is_new].any()
        np.testing.assert_array_equal(array[~is_new], before[~pruned])
    graph.check_both_orders()
