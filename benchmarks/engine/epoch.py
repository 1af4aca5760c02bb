"""How fast and how small the engine is, beside scikit-learn, PyTorch and SciPy.

Every section runs in a fresh process of its own. Inside a section all contestants are warmed
up and then take turns, round by round, so that a slow minute of the machine hits all of them;
what is quoted are medians and the median of the ratios of each turn. Everybody gets the same
number of threads. Data are float32. PyTorch is a peer where it is installed.

"The network" is 5000 random training rows of Fashion-MNIST, hidden layers (3000, 3000, 3000),
epsilon 20, SGD with learning rate 0.01, batches of 40, no dropout, and a constant zeta of 0.3
with an evolution every epoch.

    python benchmarks/engine.py DATA_DIR [--out benchmarks/engine] [--only SECTION ...]

writes OUT.json (all raw seconds), OUT.md (tables) and figures. With --only, the other sections
of an existing OUT.json are kept.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import logging
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import joblib
import numba
import numpy as np
import scipy.sparse
from estimator import fashion_mnist, processor
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_motif import MotifSETClassifier
from sklearn_motif.engine import make_state, simd
from sklearn_motif.engine.training import make_work

NETWORK = {
    "epsilon": 20,
    "solver": "sgd",
    "learning_rate_init": 0.01,
    "batch_size": 40,
    "dropout": 0,
    "zeta": 0.3,
    "zeta_schedule": "constant",
}
# Two wide hidden layers, to grow at a constant epsilon.
WIDE = {"epsilon": 10, "motif_size": 1, "batch_size": 32, "dropout": 0}
# What a connection with one float32 weight costs with Adam, in bytes.
BYTES_OF_CONNECTION = {"weight": 4, "two moments": 8, "source": 4, "target": 4, "place": 4}


@dataclass(frozen=True)
class Sizes:
    """What is measured: the full benchmark, or a smoke run that only shows that it works."""

    smoke: bool = False
    rounds: int = 3
    turns: int = 4  # of ours in a round of the epochs
    rows: int = 5000
    hidden: tuple = (3000, 3000, 3000)
    epochs: int = 5  # of ours in a round: its epochs are too short for one to be timed alone
    spmm: tuple = (3000, 120_000)  # neurons a side, connections
    spmm_rounds: int = 30
    spmm_calls: int = 20
    digits_epochs: int = 50
    predict_rows: int = 10_000
    predict_single: int = 30
    late_hidden: tuple = (1000, 1000)
    late_updates: int = 2000
    memory_epsilons: tuple = (20, 200)
    memory_kinds: tuple = ((1, "scaled"), (2, "scaled"), (4, "none"))
    scaling_rows: int = 1000
    neurons: tuple = (3000, 10_000, 30_000, 100_000, 500_000)
    features_of_neurons: int = 50  # neurons for each feature
    epsilons: tuple = (5, 10, 20, 50, 100, 200, 500)
    batches: tuple = (1, 8, 16, 32, 40, 64, 128, 256)
    widths: tuple = (250, 1000, 3000)
    densities: tuple = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
    breakeven_batches: tuple = (1, 32, 128, 512)
    breakeven_work: float = 2e9  # dense multiply-adds of one product in an epoch, about
    start_dtypes: tuple = ("float32", "float64")
    start_rounds: int = 3


SMOKE = Sizes(
    smoke=True,
    rounds=1,
    turns=1,
    rows=400,
    hidden=(200, 200, 200),
    epochs=4,
    spmm=(300, 3000),
    spmm_rounds=5,
    spmm_calls=3,
    digits_epochs=3,
    predict_rows=300,
    predict_single=3,
    late_hidden=(100, 100),
    late_updates=100,
    memory_epsilons=(5,),
    memory_kinds=((4, "none"),),
    scaling_rows=120,
    neurons=(300, 1000, 3000),
    epsilons=(5, 20),
    batches=(1, 40, 128),
    widths=(60, 120),
    densities=(0.05, 0.2, 0.5),
    breakeven_batches=(1, 32),
    breakeven_work=1e6,
    start_dtypes=("float32",),
    start_rounds=1,
)


# Tools.


@cache
def torch():
    """The module, or None. Late, because its mere import costs hundreds of megabytes."""
    try:
        import torch as module
    except ImportError:
        return None
    return module


@contextmanager
def on_threads(n):
    """The same number of threads for every BLAS and for PyTorch."""
    with threadpool_limits(n):
        if "torch" in sys.modules:
            torch().set_num_threads(n)
        yield


def thread_counts():
    """1, 2, 4, ... and the number of cores."""
    cores = joblib.cpu_count()
    return sorted({*(2**i for i in range(cores.bit_length())), cores})


def machine():
    """What the figures depend on; no paths."""
    versions = {}
    for name in ("numpy", "scipy", "scikit-learn", "numba", "torch"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    keys = ("user_api", "internal_api", "version", "architecture", "num_threads")
    return {
        "processor": processor(),
        "cores": joblib.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": versions,
        "thread_pools": [{key: pool.get(key) for key in keys} for pool in threadpool_info()],
    }


def timed(call, *args, **kwargs):
    started = time.perf_counter()
    call(*args, **kwargs)
    return time.perf_counter() - started


def take_turns(contestants, rounds, slow=(), turns=1):
    """Seconds of each contestant in each turn; contestants return their seconds.

    A round has several turns, in which the slow contestants run but once; that one time stands
    for all turns of the round.
    """
    seconds = {name: [] for name in contestants}
    for i in range(rounds):
        for name in slow:
            seconds[name] += [contestants[name]()] * turns
        for _ in range(turns):
            for name, run in contestants.items():
                if name not in slow:
                    seconds[name].append(run())
        print(f"  round {i + 1} of {rounds}", file=sys.stderr, flush=True)
    return seconds


def median_ratio(over, under):
    """Median of the ratios of each turn."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def row(name, seconds, **more):
    return {"name": name, "median": statistics.median(seconds), "seconds": seconds, **more}


def fresh_process(arguments):
    """Run this script on `arguments`; what it prints last is the result as JSON."""
    command = [sys.executable, __file__, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def peak_rss():
    """Greatest resident memory of this process so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def random_rows(n_rows, n_features, n_classes):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, n_features), dtype=np.float32)
    return X, np.arange(n_rows) % n_classes


# Sizes of networks, by SET's formula.


def graph_counts(layer_sizes, motif_size, epsilon):
    """(motifs in, motifs out, connections) of each graph; outputs are never grouped."""
    motifs = [-(-size // motif_size) for size in layer_sizes[:-1]] + [layer_sizes[-1]]
    return [(a, b, min(a * b, round(epsilon * (a + b)))) for a, b in pairwise(motifs)]


def weight_count(layer_sizes, motif_size, epsilon, sharing):
    counts = [n for _, _, n in graph_counts(layer_sizes, motif_size, epsilon)]
    if sharing != "none":
        return sum(counts)
    return sum(counts[:-1]) * motif_size**2 + counts[-1] * motif_size


def bytes_on_paper(layer_sizes, motif_size, epsilon, batch):
    """Bytes of a float32 network with one weight a connection while Adam trains it."""
    graphs = graph_counts(layer_sizes, motif_size, epsilon)
    connections = sum(n for _, _, n in graphs)
    units = graphs[0][0] + sum(motifs_out for _, motifs_out, _ in graphs)
    width = simd.padded(batch, np.float32)
    # A bias a neuron, and two gains where there are motifs; each with two moments, a gradient.
    numbers = sum(layer_sizes) * (3 if motif_size > 1 else 1)
    parts = {
        "connections": connections * sum(BYTES_OF_CONNECTION.values()),
        "activations": units * width * 2 * 4,  # what units send, and what they sum up
        "row starts": 8 * sum(a + b + 2 for a, b, _ in graphs),
        "biases and gains": numbers * 4 * 4,
    }
    return {
        "neurons": sum(layer_sizes[1:-1]),
        "features": layer_sizes[0],
        "motif_size": motif_size,
        "epsilon": epsilon,
        "batch": batch,
        "connections": connections,
        "bytes": parts,
        "total": sum(parts.values()),
    }


def array_bytes(tuple_of_arrays):
    """Bytes of the arrays of a tuple, memory that two of them share counted once."""
    arrays = {id(a): a for a in tuple_of_arrays if isinstance(a, np.ndarray)}
    return sum(a.nbytes for a in arrays.values())


def bytes_in_arrays(network, batch):
    """Bytes of a real network in training with Adam, by what its arrays say."""
    net, state = network.net, make_state(network.net, "adam")
    grow = {
        name: array.nbytes
        for name, array in net._asdict().items()
        if name not in ("layers", "graphs", "nodes") and not name.startswith("indptr")
    }
    grow["moments"] = state.weights_1.nbytes + state.weights_2.nbytes
    return {
        "with_connections": grow,
        "network": array_bytes(net),
        "optimizer": array_bytes(state),
        "activations": array_bytes(make_work(net, batch, training=True)),
    }


# Ours.


class EpochSeconds(logging.Handler):
    """Collects the seconds of every epoch: the last argument of the record of `verbose`."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def emit(self, record):
        self.seconds.append(record.args[-1])


def our_classifier(epochs, **parameters):
    """One that does not stop before `epochs`."""
    return MotifSETClassifier(
        max_iter=epochs,
        n_iter_no_change=epochs,
        tol=0,
        group_features=True,
        screen_features=False,
        random_state=0,
        **parameters,
    )


def checked_fit(X, y, epochs, **parameters):
    """Fit, and refuse to quote the time of a network of another size than claimed."""
    model = our_classifier(epochs, **parameters)
    seconds = timed(model.fit, X, y)
    assert model.n_iter_ == epochs
    network = model.network_
    count = weight_count(network.layer_sizes, model.motif_size, model.epsilon, model.weight_sharing)
    assert network.weights.size == count
    return model, seconds


def logged_fit(X, y, epochs, **parameters):
    """(model, seconds of each epoch, seconds of all the rest) of one fit."""
    log, logger = EpochSeconds(), logging.getLogger("sklearn_motif")
    logger.addHandler(log)
    try:
        model, seconds = checked_fit(X, y, epochs, verbose=True, **parameters)
    finally:
        logger.removeHandler(log)
    assert len(log.seconds) == epochs
    return model, log.seconds, seconds - sum(log.seconds)


def seconds_by_log(X, y, epochs, **parameters):
    """Median seconds of an epoch without evolution; the first epoch is warm-up."""
    parameters = {"evolve_every": epochs + 1, **parameters}
    return statistics.median(logged_fit(X, y, 1 + epochs, **parameters)[1][1:])


def seconds_by_difference(X, y, epochs, **parameters):
    """Seconds of one more epoch with its evolution, initialisation not counted."""
    one = checked_fit(X, y, 1, **parameters)[1]
    return (checked_fit(X, y, 1 + epochs, **parameters)[1] - one) / epochs


# Peers.


class TorchDense:
    """A dense perceptron in PyTorch, SGD with the momentum of MLPClassifier."""

    def __init__(self, layer_sizes, batch, rate):
        nn = torch().nn
        torch().manual_seed(0)
        layers = []
        for n_in, n_out in pairwise(layer_sizes):
            layers += [nn.Linear(n_in, n_out), nn.ReLU()]
        self.model = nn.Sequential(*layers[:-1])
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch().optim.SGD(
            self.model.parameters(), lr=rate, momentum=0.9, nesterov=True
        )
        self.batch = batch

    def epoch(self, X, y):
        X, y = torch().from_numpy(X), torch().from_numpy(y.astype(np.int64))
        for rows in torch().randperm(len(X)).split(self.batch):
            self.optimizer.zero_grad()
            self.loss(self.model(X[rows]), y[rows]).backward()
            self.optimizer.step()


def torch_csr(matrix, index_dtype=np.int32):
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


class TorchProducts:
    """The three sparse products of a training step by PyTorch's CSR matrices, nothing else.

    Forward, backward by a second matrix that holds the transpose, and the gradient at the
    connections. There are no activations, no loss, no optimizer, no evolution, and the
    transpose is not brought up to date: a lower bound of what PyTorch would take.
    """

    def __init__(self, coefs, X, batch):
        self.layers = [(torch_csr(W.T), torch_csr(W)) for W in coefs]
        self.inputs = [
            torch().from_numpy(np.ascontiguousarray(X[i : i + batch].T))
            for i in range(0, len(X), batch)
        ]

    def epoch(self):
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


def dense_classifier(hidden, batch, rate):
    return MLPClassifier(
        hidden, solver="sgd", learning_rate_init=rate, batch_size=batch, random_state=0
    )


# Sections. Each returns what goes into the JSON.


def measure_epoch(data_dir, sizes):
    """One epoch of the network, on one thread and for most contestants on two."""
    X, _, y, _ = fashion_mnist(data_dir, seed=0)
    X, y = X[: sizes.rows], y[: sizes.rows]
    batch, rate = NETWORK["batch_size"], NETWORK["learning_rate_init"]
    layer_sizes = (X.shape[1], *sizes.hidden, np.unique(y).size)
    threads = [n for n in (1, 2) if n <= joblib.cpu_count()]
    contestants, facts = {}, {}

    def enter(name, kind, n_threads, weights, warm, run, base=None):
        """`warm` is run at once; `base` names the contestant that a share refers to."""

        def on_its_threads(call):
            with on_threads(n_threads):
                return call()

        on_its_threads(warm)
        full_name = f"{name}, {n_threads} thread{'s' * (n_threads > 1)}"
        contestants[full_name] = partial(on_its_threads, run)
        facts[full_name] = {
            "kind": kind,
            "threads": n_threads,
            "weights": weights,
            "one_thread": f"{name}, 1 thread" if n_threads > 1 else None,
            "plain": f"{base}, 1 thread" if base else None,
        }

    dense_weights = sum(np.multiply(layer_sizes[:-1], layer_sizes[1:]).tolist())
    for n in threads:
        dense = dense_classifier(sizes.hidden, batch, rate)
        warm = partial(dense.partial_fit, X[:batch], y[:batch], classes=np.unique(y))
        # partial_fit is exactly one epoch.
        run = partial(timed, dense.partial_fit, X, y)
        enter("MLPClassifier", "scikit-learn", n, dense_weights, warm, run)
    plain = {"hidden_layer_sizes": sizes.hidden, **NETWORK, "motif_size": 1}
    sparse_weights = weight_count(layer_sizes, 1, NETWORK["epsilon"], "scaled")
    if torch():
        for n in threads:
            dense = TorchDense(layer_sizes, batch, rate)
            warm = partial(dense.epoch, X[:batch], y[:batch])
            enter("torch dense", "torch", n, dense_weights, warm, partial(timed, dense.epoch, X, y))
        coefs = checked_fit(X[: 10 * batch], y[: 10 * batch], 1, **plain)[0].coefs_
        for n in threads:
            products = TorchProducts(coefs, X, batch)
            name = "torch CSR products only (lower bound)"
            run = partial(timed, products.epoch)
            enter(name, "torch", n, sparse_weights, products.epoch, run)
    cases = [(m, "scaled", NETWORK["epsilon"], n) for m in (1, 2, 4) for n in threads]
    cases += [(m, "tied", NETWORK["epsilon"], 1) for m in (2, 4)]
    # Blocks of free numbers with as many weights in all as plain SET has.
    cases += [(m, "none", NETWORK["epsilon"] / m, 1) for m in (2, 4)]
    for m, sharing, epsilon, n in cases:
        mode = "" if m == 1 else f" {sharing}"
        name = f"ours, m={m}{mode}" + (f", epsilon {epsilon:g}" if sharing == "none" else "")
        changes = {"motif_size": m, "weight_sharing": sharing, "epsilon": epsilon, "n_jobs": n}
        parameters = {**plain, **changes}
        weights = weight_count(layer_sizes, m, epsilon, sharing)
        warm = partial(seconds_by_difference, X[: 2 * batch], y[: 2 * batch], 1, **parameters)
        run = partial(seconds_by_difference, X, y, sizes.epochs, **parameters)
        enter(name, "ours", n, weights, warm, run, base="ours, m=1")
    slow = [name for name, fact in facts.items() if fact["kind"] != "ours"]
    seconds = take_turns(contestants, sizes.rounds, slow, sizes.turns)
    rows = []
    for name, values in seconds.items():
        fact = facts[name]
        fact["dense_over_this"] = median_ratio(seconds["MLPClassifier, 1 thread"], values)
        one, base = fact.pop("one_thread"), fact.pop("plain")
        fact["one_thread_over_this"] = median_ratio(seconds[one], values) if one else None
        if base and fact["threads"] > 1:
            base = base.replace("1 thread", f"{fact['threads']} threads")
        fact["share_of_plain"] = median_ratio(values, seconds[base]) if base else None
        rows.append(row(name, values, **fact))
    return {"rows": rows, "n_rows": len(X), "hidden": sizes.hidden, "epochs": sizes.epochs}


@cache
def product_kernel():
    from sklearn_motif.engine import products

    @numba.njit
    def product(indptr, sources, weights, values, width, result):
        last = indptr.size - 1
        products.spmm(result, indptr, sources, weights, 0, values, width, 0, last)

    return product


def ours(matrix, values, width, result):
    """CSR matrix times `values` by our kernel; the one place that knows how to call it.

    Both buffers are flat, aligned, float32, with rows of `width`, which is whole vectors.
    """
    product_kernel()(matrix.indptr, matrix.indices, matrix.data, values, width, result)


def measure_spmm(data_dir, sizes):
    """The sparse product alone, one thread."""
    n, connections = sizes.spmm
    rng = np.random.default_rng(0)
    keys = np.sort(rng.choice(n * n, connections, replace=False))
    weights = rng.standard_normal(connections, dtype=np.float32)
    matrix = scipy.sparse.csr_array((weights, np.divmod(keys, n)), shape=(n, n))
    matrix.indptr, matrix.indices = (
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
    )
    plain = scipy.sparse.csr_array(
        (weights, matrix.indices, matrix.indptr.astype(np.int32)), shape=(n, n)
    )
    rows = []
    for batch in (32, 40, 64, 128):
        width = simd.padded(batch, np.float32)
        values, result = (simd.aligned_zeros(n * width, np.float32) for _ in range(2))
        dense, dense_result = (
            simd.aligned_zeros(n * batch, np.float32).reshape(n, batch) for _ in range(2)
        )
        dense[:] = rng.standard_normal(dense.shape, dtype=np.float32)
        values.reshape(n, width)[:, :batch] = dense
        calls = {
            "ours": partial(ours, matrix, values, width, result),
            "scipy": partial(plain.__matmul__, dense),
        }
        expected = calls["scipy"]()
        calls["ours"]()
        assert np.allclose(result.reshape(n, width)[:, :batch], expected, rtol=1e-4, atol=1e-4)
        if torch():
            into = torch().from_numpy(dense_result)
            for bits, dtype in ((32, np.int32), (64, np.int64)):
                name = f"MKL, int{bits}"
                calls[name] = partial(
                    torch().addmm,
                    into,
                    torch_csr(plain, dtype),
                    torch().from_numpy(dense),
                    beta=0,
                    out=into,
                )
                calls[name]()
                assert np.allclose(dense_result, expected, rtol=1e-4, atol=1e-4)

        def repeated(call):
            return timed(lambda: [call() for _ in range(sizes.spmm_calls)]) / sizes.spmm_calls

        with on_threads(1):
            contestants = {name: partial(repeated, call) for name, call in calls.items()}
            take_turns(contestants, 2)  # warm-up
            seconds = take_turns(contestants, sizes.spmm_rounds)
        entry = {"batch": batch, "rows": [row(name, s) for name, s in seconds.items()]}
        entry["scipy_over_ours"] = median_ratio(seconds["scipy"], seconds["ours"])
        if torch():
            # The peer is whichever index type was faster in that round.
            faster = [
                min(pair) for pair in zip(seconds["MKL, int32"], seconds["MKL, int64"], strict=True)
            ]
            entry["mkl_over_ours"] = median_ratio(faster, seconds["ours"])
        rows.append(entry)
    return {"neurons": n, "connections": connections, "batches": rows}


def measure_digits(data_dir, sizes):
    """A small data set, where overheads show: the fit of 100 hidden neurons on digits."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    epochs = sizes.digits_epochs
    batches = {}
    for batch in (200, 32):
        dense = MLPClassifier(
            (100,),
            batch_size=batch,
            max_iter=epochs,
            n_iter_no_change=epochs,
            tol=0,
            random_state=0,
        )
        default = our_classifier(epochs, hidden_layer_sizes=(100,), batch_size=batch)
        models = {
            "MLPClassifier": dense,
            f"ours, dropout {default.dropout!r}": default,
            "ours, dropout 0": our_classifier(
                epochs, hidden_layer_sizes=(100,), batch_size=batch, dropout=0
            ),
        }
        contestants = {name: partial(timed, model.fit, X, y) for name, model in models.items()}
        with on_threads(1):
            take_turns(contestants, 1)  # warm-up
            seconds = take_turns(contestants, 2 * sizes.rounds - 1)
        assert all(model.n_iter_ == epochs for model in models.values())
        batches[batch] = [
            row(name, values, dense_over_this=median_ratio(seconds["MLPClassifier"], values))
            for name, values in seconds.items()
        ]
    return {"n_rows": len(X), "epochs": epochs, "batches": batches}


def measure_predict(data_dir, sizes):
    """Prediction of many rows and of one row, after one epoch on few rows."""
    X, X_test, y, _ = fashion_mnist(data_dir, seed=0)
    X, y, X_test = X[:200], y[:200], X_test[: sizes.predict_rows]
    two = min(2, joblib.cpu_count())
    dense = dense_classifier(sizes.hidden, 40, 0.01).partial_fit(X, y, classes=np.unique(y))

    def ours_on(model, n, call):
        model.set_params(n_jobs=n)
        with on_threads(n):
            return call(model)

    def dense_on(n, call):
        with on_threads(n):
            return call(dense)

    def many(model):
        return timed(model.predict, X_test)

    def single(model):
        seconds = [timed(model.predict, X_test[i : i + 1]) for i in range(1 + sizes.predict_single)]
        return statistics.median(seconds[1:])

    models = {
        m: checked_fit(X, y, 1, hidden_layer_sizes=sizes.hidden, **NETWORK, motif_size=m)[0]
        for m in (1, 2, 4)
    }
    tables = {}
    for title, call in (("many", many), ("single", single)):
        base = f"MLPClassifier, {two} threads"
        contestants = {base: partial(dense_on, two, call)}
        for m, model in models.items():
            for n in sorted({1, two}):
                name = f"ours, m={m}, n_jobs={n}"
                contestants[name] = partial(ours_on, model, n, call)
        take_turns(contestants, 1)  # warm-up
        seconds = take_turns(contestants, sizes.rounds)
        tables[title] = [
            row(name, values, dense_over_this=median_ratio(seconds[base], values))
            for name, values in seconds.items()
        ]
    return {"n_rows": len(X_test), "hidden": sizes.hidden, **tables}


IMPORTS = """
import time
import sklearn.base, sklearn.neural_network, numba
started = time.perf_counter()
import sklearn_motif
print(time.perf_counter() - started)
"""
FIRST_CALLS = """
import sys, time, warnings
from sklearn.datasets import load_digits
from sklearn_motif import MotifSETClassifier
warnings.simplefilter("ignore")
X, y = load_digits(return_X_y=True)
X = (X / 16).astype(sys.argv[1])
model = MotifSETClassifier((100,), max_iter=5, random_state=0)
seconds = []
for call in (lambda: model.fit(X, y), lambda: model.predict(X)) * 2:
    started = time.perf_counter()
    call()
    seconds.append(time.perf_counter() - started)
print(*seconds)
"""


def measure_start(data_dir, sizes):
    """What the first import, fit and predict of a process cost beside the second."""

    def printed(code, *arguments, **environment):
        done = subprocess.run(
            # -P: the package that is installed, not one in the working directory
            [sys.executable, "-P", "-c", code, *arguments],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return [float(number) for number in done.stdout.split()]

    titles = ("first fit", "first predict", "second fit", "second predict")
    seconds = {"import": []}
    printed(IMPORTS)  # warm-up: files are in memory, byte code is compiled
    for i in range(sizes.start_rounds):
        seconds["import"] += printed(IMPORTS)
        for dtype in sizes.start_dtypes:
            with tempfile.TemporaryDirectory() as folder:
                for cache_state in ("empty", "full"):
                    values = printed(FIRST_CALLS, dtype, NUMBA_CACHE_DIR=folder)
                    for title, value in zip(titles, values, strict=True):
                        name = f"{title}, {dtype}, {cache_state} cache"
                        seconds.setdefault(name, []).append(value)
        print(f"  round {i + 1} of {sizes.start_rounds}", file=sys.stderr, flush=True)
    return {"rows": [row(name, values) for name, values in seconds.items()]}


def measure_late(data_dir, sizes):
    """Early against late epochs, on data with columns that never get a gradient.

    Without care their optimizer state decays into slow denormal numbers.
    """
    X, _, y, _ = fashion_mnist(data_dir, seed=0)
    X = np.hstack([X[: sizes.rows], np.zeros((sizes.rows, 100), dtype=np.float32)])
    y = y[: sizes.rows]
    base = {**NETWORK, "hidden_layer_sizes": sizes.late_hidden, "alpha": 0}
    rates = {"adam": 0.001, "sgd": NETWORK["learning_rate_init"]}
    cases = {
        f"{solver}, m={m}, alpha 0": {"solver": solver, "motif_size": m}
        for solver in rates
        for m in (1, 2)
    }
    cases["adam, m=1, alpha 1e-4"] = {"solver": "adam", "motif_size": 1, "alpha": 1e-4}
    updates = -(-len(X) // NETWORK["batch_size"])
    before = -(-sizes.late_updates // updates)  # epochs until the late ones
    # The first epoch is warm-up, and the last one has no evolution.
    epochs = max(before, 6) + 6
    rows = {name: {"early": [], "late": []} for name in cases}
    with on_threads(1):
        for i in range(sizes.rounds):
            for name, case in cases.items():
                parameters = {**base, "learning_rate_init": rates[case["solver"]], **case}
                seconds = logged_fit(X, y, epochs, **parameters)[1]
                rows[name]["early"].append(seconds[1:6])
                rows[name]["late"].append(seconds[-6:-1])
            print(f"  round {i + 1} of {sizes.rounds}", file=sys.stderr, flush=True)
    result = []
    for name, values in rows.items():
        early, late = ([statistics.median(fit) for fit in values[k]] for k in ("early", "late"))
        result.append(
            {
                "name": name,
                **values,
                "median_early": statistics.median(early),
                "median_late": statistics.median(late),
                "late_over_early": median_ratio(late, early),
            }
        )
    return {
        "rows": result,
        "n_rows": len(X),
        "features": X.shape[1],
        "constant": int((np.ptp(X, axis=0) == 0).sum()),
        "hidden": sizes.late_hidden,
        "updates_before": (epochs - 6) * updates,
    }


def measure_memory_case(case, sizes):
    """Memory of one fit, alone in its process."""
    X, y = random_rows(320, 784, 10)
    parameters = {"hidden_layer_sizes": sizes.hidden, "batch_size": 32, "zeta_schedule": "constant"}
    parameters.update(case)
    # Compiled kernels are loaded by a small network.
    checked_fit(X[:64], y[:64], 2, **{**parameters, "hidden_layer_sizes": (64, 64), "epsilon": 2})
    before = peak_rss()
    model = checked_fit(X, y, 3, **parameters)[0]
    after = peak_rss()
    sizes_of = bytes_in_arrays(model.network_, 32)
    connections, weights = model.n_connections_, model.network_.weights.size
    del model
    tracemalloc.start()
    checked_fit(X, y, 3, **parameters)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    needed = sizes_of["network"] + sizes_of["optimizer"] + sizes_of["activations"]
    return {
        **case,
        "connections": connections,
        "weights": weights,
        "bytes": sizes_of,
        "bytes_a_connection": sum(sizes_of["with_connections"].values()) / connections,
        "needed": needed,
        "traced_peak": peak,
        "peak_over_needed": peak / needed,
        "rss_before": before,
        "rss_peak": after,
    }


def measure_memory(data_dir, sizes):
    """Bytes a connection, and the peak of a fit beside what its arrays need."""
    cases = [
        {"motif_size": m, "weight_sharing": sharing, "epsilon": epsilon}
        for epsilon in sizes.memory_epsilons
        for m, sharing in sizes.memory_kinds
    ]
    rows = []
    for case in cases:
        arguments = [data_dir, "--section", "memory_case", "--case", json.dumps(case)]
        rows.append(fresh_process(arguments + ["--smoke"] * sizes.smoke))
    return {"rows": rows, "hidden": sizes.hidden, "batch": 32}


def wide(neurons, sizes):
    """Data and parameters of two wide hidden layers with a constant epsilon."""
    X, y = random_rows(320, neurons // sizes.features_of_neurons, 2)
    return X, y, {"hidden_layer_sizes": (neurons, neurons), **WIDE}


def measure_scaling(data_dir, sizes):
    """How seconds grow with connections, threads and the batch."""
    X, _, y, _ = fashion_mnist(data_dir, seed=0)
    X, y = X[: sizes.scaling_rows], y[: sizes.scaling_rows]
    # A small rate: with one row a batch, and time is all that counts here, the usual one diverges.
    network = {"hidden_layer_sizes": sizes.hidden, **NETWORK, "learning_rate_init": 1e-4}

    def series(cases, epochs=2):
        """Rows of facts and seconds a mini-batch, for (facts, X, y, parameters) of `cases`."""
        contestants, n_batches = {}, []
        for i, (_, X, y, parameters) in enumerate(cases):
            contestants[i] = partial(seconds_by_log, X, y, epochs, **parameters)
            n_batches.append(-(-len(X) // parameters["batch_size"]))
        seconds = take_turns(contestants, sizes.rounds)
        rows = []
        for (facts, X, _, parameters), values, n in zip(
            cases, seconds.values(), n_batches, strict=True
        ):
            layer_sizes = (X.shape[1], *parameters["hidden_layer_sizes"], facts.pop("outputs"))
            counts = graph_counts(layer_sizes, parameters["motif_size"], parameters["epsilon"])
            connections = sum(count for _, _, count in counts)
            values = [value / n for value in values]
            median = statistics.median(values)
            rows.append(
                {
                    **facts,
                    "connections": connections,
                    "seconds_a_batch": values,
                    "median": median,
                    "a_connection": median / connections,
                    "a_sample": median * n / len(X),
                }
            )
        return rows

    with on_threads(1):
        seconds_by_log(X[:80], y[:80], 1, **network, motif_size=2)  # warm-up
        by_size = []
        for neurons in sizes.neurons:
            X_wide, y_wide, parameters = wide(neurons, sizes)
            by_size.append(({"neurons": neurons, "outputs": 1}, X_wide, y_wide, parameters))
        result = {"connections": series(by_size)}
        result["evolution"] = evolution_row(*by_size[len(by_size) // 2][1:], sizes)
        del by_size
        few = 8 * NETWORK["batch_size"]
        result["epsilon"] = series(
            [
                (
                    {"epsilon": epsilon, "outputs": 10},
                    X[:few],
                    y[:few],
                    {**network, "epsilon": epsilon, "motif_size": 1},
                )
                for epsilon in sizes.epsilons
            ]
        )
        result["batch"] = series(
            [
                (
                    {"batch": batch, "motif_size": m, "outputs": 10},
                    X,
                    y,
                    {**network, "batch_size": min(batch, len(X)), "motif_size": m},
                )
                for batch in sizes.batches
                for m in (1, 2, 4)
            ]
        )
        result["threads"] = series(
            [
                (
                    {"threads": n, "motif_size": m, "outputs": 10},
                    X,
                    y,
                    {**network, "n_jobs": n, "motif_size": m},
                )
                for n in thread_counts()
                for m in (1, 2, 4)
            ]
        )
    result["n_rows"], result["hidden"] = len(X), sizes.hidden
    return result


def evolution_row(X, y, parameters, sizes):
    """Seconds of one evolution, by epochs of one mini-batch with and without it."""
    X, y = X[: parameters["batch_size"]], y[: parameters["batch_size"]]
    epochs, with_it, without = 6, [], []
    for _ in range(sizes.rounds):
        without.append(seconds_by_log(X, y, epochs, **parameters))
        case = {**parameters, "zeta_schedule": "constant", "zeta": 0.3}
        model, seconds, _ = logged_fit(X, y, 1 + epochs, **case)
        with_it.append(statistics.median(seconds[1:-1]))  # the last epoch has no evolution
    differences = [a - b for a, b in zip(with_it, without, strict=True)]
    median = statistics.median(differences)
    connections = model.n_connections_
    return {
        "connections": connections,
        "zeta": 0.3,
        "seconds": differences,
        "median": median,
        "a_connection": median / connections,
    }


def measure_million(data_dir, sizes):
    """The largest network of the scaling section alone, and a larger one on paper."""
    neurons = sizes.neurons[-1]
    warm_X, warm_y, warm = wide(sizes.neurons[0], sizes)
    seconds_by_log(warm_X, warm_y, 1, **warm)
    X, y, parameters = wide(neurons, sizes)
    before = peak_rss()
    with on_threads(1):
        model, seconds, rest = logged_fit(X, y, 1 + sizes.rounds, **parameters, evolve_every=99)
    peak = peak_rss()
    n_batches = -(-len(X) // parameters["batch_size"])
    values = [value / n_batches for value in seconds[1:]]
    layer_sizes = model.network_.layer_sizes
    epsilon, batch = parameters["epsilon"], parameters["batch_size"]
    sizes_of = bytes_in_arrays(model.network_, batch)
    return {
        "neurons": 2 * neurons,
        "features": X.shape[1],
        "connections": model.n_connections_,
        "density": model.density_,
        "seconds_a_batch": values,
        "median": statistics.median(values),
        "seconds_to_start": rest,
        "rss_before": before,
        "rss_peak": peak,
        "bytes": sizes_of,
        "formula": bytes_on_paper(layer_sizes, 1, epsilon, batch),
        "paper": [
            bytes_on_paper((10_000, 25_000_000, 25_000_000, 1), m, epsilon, batch)
            for m in (1, 2, 4)
        ],
    }


def measure_breakeven(data_dir, sizes):
    """Density, width and batch at which a dense network becomes the faster one."""
    rate = 1e-4  # the data are noise; nothing may diverge
    grid = []
    torch()  # on_threads is to find it
    for width in sizes.widths:
        for batch in sizes.breakeven_batches:
            updates = int(sizes.breakeven_work / (width**2 * max(batch, 32)))
            X, y = random_rows(batch * min(max(updates, 2), 200), width, 10)
            if len(X) < 10:  # every class must be there
                X, y = random_rows(10, width, 10)
            with on_threads(1):
                grid.append(breakeven_line(X, y, width, batch, rate, sizes))
            found = {c["density"]: round(c["dense_over_ours"], 2) for c in grid[-1]["cells"]}
            print(f"  width {width}, batch {batch}: {found}", file=sys.stderr, flush=True)
    return {"lines": grid, "densities": sizes.densities}


def breakeven_line(X, y, width, batch, rate, sizes):
    """All densities of one width and batch."""
    dense = dense_classifier((width, width), batch, rate)
    dense.partial_fit(X, y, classes=np.unique(y))
    peers = {"MLPClassifier": partial(timed, dense.partial_fit, X, y)}
    if torch():
        other = TorchDense((width, width, width, 10), batch, rate)
        other.epoch(X, y)
        peers["torch dense"] = partial(timed, other.epoch, X, y)

    def ours_at(density):
        parameters = {**NETWORK, "hidden_layer_sizes": (width, width), "batch_size": batch}
        parameters |= {"epsilon": density * width / 2, "motif_size": 1, "learning_rate_init": rate}
        return seconds_by_log(X, y, 2, **parameters)

    ours_at(sizes.densities[0])  # warm-up
    seconds = {name: [] for name in peers}
    cells = {density: [] for density in sizes.densities}
    for i in range(sizes.rounds):
        for name, run in peers.items():
            seconds[name].append(run())
        for density in list(cells):
            cells[density].append(ours_at(density))
            fastest = min(values[-1] for values in seconds.values())
            # Once the dense peer is twice as fast, denser networks only cost time.
            if i == 0 and cells[density][-1] > 2 * fastest:
                cells = {d: values for d, values in cells.items() if d <= density}
                break
    fastest = [min(values) for values in zip(*seconds.values(), strict=True)]
    rows = [
        {
            "density": density,
            "seconds": values,
            "median": statistics.median(values),
            "dense_over_ours": median_ratio(fastest, values),
        }
        for density, values in cells.items()
    ]
    return {
        "width": width,
        "batch": batch,
        "n_rows": len(X),
        "peers": [row(name, values) for name, values in seconds.items()],
        "cells": rows,
        "crossing": crossing(rows),
    }


def crossing(cells):
    """Density where dense and ours are equally fast, between the logarithms of two cells.

    None where no two measured cells lie on both sides of it.
    """
    for low, high in pairwise(cells):
        a, b = np.log(low["dense_over_ours"]), np.log(high["dense_over_ours"])
        if a >= 0 > b:
            x, y = np.log(low["density"]), np.log(high["density"])
            return float(np.exp(x + (y - x) * a / (a - b)))
    return None


SECTIONS = {
    "epoch": measure_epoch,
    "spmm": measure_spmm,
    "digits": measure_digits,
    "predict": measure_predict,
    "start": measure_start,
    "late": measure_late,
    "memory": measure_memory,
    "scaling": measure_scaling,
    "million": measure_million,
    "breakeven": measure_breakeven,
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    here = Path(__file__).resolve().parent
    parser.add_argument("data_dir", type=Path, help="folder with the .npz files")
    parser.add_argument("--out", type=Path, default=here / "engine", help="name without suffix")
    parser.add_argument("--figures", type=Path, default=here.parent / "docs" / "images")
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), metavar="SECTION")
    parser.add_argument("--smoke", action="store_true", help="tiny: shows only that it works")
    parser.add_argument("--section", help=argparse.SUPPRESS)
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = SMOKE if options.smoke else Sizes()
    if options.section:
        for ignored in (ConvergenceWarning, UserWarning):
            warnings.simplefilter("ignore", ignored)
        if options.section == "memory_case":
            result = measure_memory_case(json.loads(options.case), sizes)
        else:
            result = SECTIONS[options.section](options.data_dir, sizes)
            result |= {"machine": machine(), "smoke": sizes.smoke}
        print(json.dumps(result))
        return

    from engine_figures import draw, markdown

    file = options.out.with_suffix(".json")
    results = json.loads(file.read_text()) if file.exists() else {}
    failed = []
    for name in options.only or SECTIONS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        started = time.perf_counter()
        arguments = [options.data_dir, "--section", name] + ["--smoke"] * sizes.smoke
        try:
            results[name] = fresh_process(arguments)
            results[name]["took"] = time.perf_counter() - started
        except subprocess.CalledProcessError:
            # The others go on, and no older figures stand in for it.
            failed.append(name)
            results.pop(name, None)
        results = {key: results[key] for key in SECTIONS if key in results}
        # After every section: who interrupts this keeps what is there.
        file.write_text(json.dumps(results, indent=1) + "\n")
    if not results:
        sys.exit("No section was measured.")
    table = markdown(results)
    options.out.with_suffix(".md").write_text(table)
    options.figures.mkdir(parents=True, exist_ok=True)
    draw(results, options.figures)
    print(table)
    if failed:
        sys.exit(f"These sections failed: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
