"""Everybody who trains an epoch of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import joblib
import numpy as np

from benchmarks import data, peers, sparse_peers
from benchmarks.timing import timed

from .formulas import graph_counts, weight_count
from .internals import recorded_threads
from .ours import NETWORK, checked_fit, seconds_by_difference

BATCH, RATE = NETWORK["batch_size"], NETWORK["learning_rate_init"]
EPSILON = NETWORK["epsilon"]


class Ready(NamedTuple):
    """A contestant that is warm."""

    run: Callable[[], float]  # gives the seconds of an epoch
    weights: int
    threads: int  # that it uses


class Contestant(NamedTuple):
    """One that trains an epoch."""

    name: str
    kind: str
    prepare: Callable[[int], Ready]  # takes the number of threads that it may use
    allowed: tuple[int, ...]


def contestants(X, y, hidden, epochs) -> Iterator[Contestant]:
    """All that are installed; an epoch of ours is the mean of `epochs` of them."""
    layer_sizes = (X.shape[1], *hidden, data.N_CLASSES)
    dense_weights = int(np.dot(layer_sizes[:-1], layer_sizes[1:]))
    plain = {**NETWORK, "hidden_layer_sizes": hidden}
    sparse_weights = weight_count(layer_sizes, 1, EPSILON, "scaled")
    counts = graph_counts(layer_sizes, 1, EPSILON)
    n_updates = -(-len(X) // BATCH)

    def mlp_classifier(threads):
        dense = peers.dense_classifier(hidden, BATCH, RATE)
        dense.partial_fit(X[:BATCH], y[:BATCH], classes=np.unique(y))
        assert sum(W.size for W in dense.coefs_) == dense_weights
        return Ready(partial(timed, dense.partial_fit, X, y), dense_weights, threads)

    def torch_dense(threads):
        dense = peers.TorchDense(layer_sizes, BATCH, RATE)
        dense.epoch(X[:BATCH], y[:BATCH])
        assert dense.n_weights == dense_weights
        return Ready(partial(timed, dense.epoch, X, y), dense_weights, threads)

    def torch_products(threads):
        # Few rows of images have columns of one value, which a network leaves out.
        noise = data.random_rows(2 * BATCH, X.shape[1], data.N_CLASSES)
        wiring = checked_fit(*noise, 1, **plain)[0].coefs_
        products = sparse_peers.TorchProducts(wiring, X, BATCH)
        products.epoch()
        assert products.n_weights == sparse_weights
        return Ready(partial(timed, products.epoch), sparse_weights, threads)

    def sparselab(threads):
        densities = [n / (a * b) for a, b, n in counts]
        evolution = {"zeta": NETWORK["zeta"], "n_updates": n_updates}
        network = peers.SparselabNetwork(
            layer_sizes, densities, **evolution, batch=BATCH, rate=RATE
        )
        network.epoch(X, y)  # the first evolution belongs to what may fail
        assert abs(network.n_weights / sparse_weights - 1) < 0.05
        return Ready(partial(timed, network.epoch, X, y), network.n_weights, threads)

    def ours(changes, threads):
        parameters = {**plain, **changes, "n_jobs": threads}
        with recorded_threads() as used:
            seconds_by_difference(X[: 2 * BATCH], y[: 2 * BATCH], 1, **parameters)
        kind = (changes["motif_size"], changes["epsilon"], changes["weight_sharing"])
        weights = weight_count(layer_sizes, *kind)
        run = partial(seconds_by_difference, X, y, epochs, **parameters)
        return Ready(run, weights, max(used))

    both = tuple(n for n in (1, 2) if n <= joblib.cpu_count())
    yield Contestant("MLPClassifier", "scikit-learn", mlp_classifier, both)
    if peers.torch():
        yield Contestant("torch dense", "torch", torch_dense, both)
        name = "torch CSR products only (lower bound)"
        yield Contestant(name, "torch", torch_products, both)
    if peers.sparselab():
        yield Contestant("sparselab", "sparselab", sparselab, both)
    cases = [(m, "scaled", EPSILON, both) for m in (1, 2, 4)]
    cases += [(m, "tied", EPSILON, (1,)) for m in (2, 4)]
    # Blocks of free numbers with as many weights in all as plain SET has.
    cases += [(m, "none", EPSILON / m, (1,)) for m in (2, 4)]
    for m, sharing, epsilon, allowed in cases:
        name = f"ours, m={m}" + f" {sharing}" * (m > 1)
        name += f", epsilon {epsilon:g}" * (sharing == "none")
        changes = {"motif_size": m, "weight_sharing": sharing, "epsilon": epsilon}
        yield Contestant(name, "ours", partial(ours, changes), allowed)
