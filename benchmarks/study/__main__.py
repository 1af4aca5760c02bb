"""Accuracy, time and size of many configurations on many data sets, resumable.

    python benchmarks/study.py DATA_DIR RESULTS.csv --configs peers "ours motif_size=2"

A configuration is "ours" with parameters of MotifSETClassifier behind it ("ours" alone is the
estimator as it comes), or the name of a peer; "peers" is all of them. Each run is one row of the
CSV file, which is appended to; runs that stand in it are not made again. Tables and figures come
from that file alone, by study_report.py.

Choices are made with ``--part validation``: models train on a part of the training rows and are
judged on others of them. ``--part test`` trains on all training rows and is for the report.
Nothing is chosen by it.

The same seed gives the same rows to all configurations. Features are standardised on the rows
that are trained on, sparse ones without the mean, and are float32. Every run has one thread; the
kernels were compiled before. Runs go in parallel (--jobs): their seconds are good for a rough
comparison, and with ``--jobs 1`` for a better one.
"""

from __future__ import annotations

import argparse
import ast
import csv
import pickle
import time
import warnings
from pathlib import Path

import numpy as np
import scipy.sparse
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from sklearn_motif import MotifSETClassifier

COLUMNS = (
    "data", "part", "config", "seed", "n_train", "n_test", "n_features", "accuracy", "log_loss",
    "fit_seconds", "n_iter", "connections", "model_bytes", "useful_in_top_20", "motif_sizes",
)  # fmt: skip

# Columns of Madelon that mean something, from 0. For judging importances, never for choosing.
MADELON_USEFUL = [
    28, 48, 64, 105, 128, 153, 241, 281, 318, 336, 338, 378, 433, 442, 451, 453, 455, 472, 475, 493,
]  # fmt: skip


def fashion_mnist(data_dir):
    parts = [np.load(data_dir / f"fashion_mnist_{part}.npz") for part in ("train", "test")]
    return [array for p in parts for array in (p["X"].reshape(len(p["y"]), -1), p["y"])]


def fashion_mnist_5k(data_dir, seed, part):
    """5000 random training rows; all official test rows, or as many other training rows."""
    X, y, X_test, y_test = fashion_mnist(data_dir)
    rows = np.random.default_rng(seed).permutation(len(y))
    if part == "validation":
        X_test, y_test = X[rows[5000:15000]], y[rows[5000:15000]]
    return X[rows[:5000]], X_test, y[rows[:5000]], y_test


def fashion_mnist_60k(data_dir, seed, part):
    """The official parts; or 50000 random training rows, and the other 10000."""
    X, y, X_test, y_test = fashion_mnist(data_dir)
    if part == "test":
        return X, X_test, y, y_test
    rows = np.random.default_rng(seed).permutation(len(y))
    return X[rows[:50000]], X[rows[50000:]], y[rows[:50000]], y[rows[50000:]]


def madelon(data_dir, seed, part):
    """Rows 0 to 1999 and the others; or three quarters of the former, and the fourth."""
    data = np.load(data_dir / "madelon.npz")
    X, y = data["X"], data["y"]
    if part == "test":
        return X[:2000], X[2000:], y[:2000], y[2000:]
    return within(X[:2000], y[:2000], seed)


def two_thirds(X, y, seed, part):
    """A stratified 2/3-1/3 split; or the same again within the first part."""
    X, X_test, y, y_test = train_test_split(X, y, test_size=1 / 3, stratify=y, random_state=seed)
    return (X, X_test, y, y_test) if part == "test" else within(X, y, seed)


def within(X, y, seed):
    """A fourth of the rows to validate on; classes may have fewer rows than that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        train, test = next(StratifiedKFold(4, shuffle=True, random_state=seed).split(X, y))
    return X[train], X[test], y[train], y[test]


def from_file(name):
    def load(data_dir, seed, part):
        data = np.load(data_dir / f"{name}.npz")
        return two_thirds(data["X"], data["y"], seed, part)

    return load


def from_sklearn(load_data):
    return lambda data_dir, seed, part: two_thirds(*load_data(return_X_y=True), seed, part)


def basehock(data_dir, seed, part):
    X = scipy.sparse.load_npz(data_dir / "basehock_sparse_X.npz").tocsr()
    return two_thirds(X, np.load(data_dir / "basehock_y.npy"), seed, part)


DATA = {
    "fashion_mnist_5k": fashion_mnist_5k,
    "fashion_mnist_60k": fashion_mnist_60k,
    "isolet": from_file("isolet"),
    "madelon": madelon,
    "basehock": basehock,
    "digits": from_sklearn(load_digits),
    "tox_171": from_file("tox_171"),
    "lymphoma": from_file("lymphoma"),
    "glioma": from_file("glioma"),
    "lung_small": from_file("lung_small"),
    "breast_cancer": from_sklearn(load_breast_cancer),
    "wine": from_sklearn(load_wine),
}

PEERS = {
    "LogisticRegression": lambda seed: LogisticRegression(max_iter=1000),
    "MLPClassifier": lambda seed: MLPClassifier(random_state=seed),
    "MLPClassifier (256, 256)": lambda seed: MLPClassifier((256, 256), random_state=seed),
    "RandomForestClassifier": lambda seed: RandomForestClassifier(random_state=seed),
    "HistGradientBoostingClassifier": lambda seed: HistGradientBoostingClassifier(
        random_state=seed
    ),
}


def load(data, data_dir, seed, part):
    """Rows for a run: standardised and float32."""
    X, X_test, y, y_test = DATA[data](Path(data_dir), seed, part)
    X, X_test = X.astype(np.float32), X_test.astype(np.float32)
    scaler = StandardScaler(with_mean=not scipy.sparse.issparse(X)).fit(X)
    return scaler.transform(X), scaler.transform(X_test), y, y_test


def make(config, seed):
    """The estimator that a configuration names."""
    if config in PEERS:
        return PEERS[config](seed)
    words = config.split()[1:]
    parameters = {name: value(text) for name, text in (word.split("=", 1) for word in words)}
    return MotifSETClassifier(random_state=seed, **parameters)


def value(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def connections(model):
    """Numbers that a model multiplies with; nodes of trees."""
    if isinstance(model, MotifSETClassifier):
        return model.n_connections_
    if isinstance(model, MLPClassifier):
        return sum(coefs.size for coefs in model.coefs_)
    if isinstance(model, LogisticRegression):
        return model.coef_.size
    if isinstance(model, RandomForestClassifier):
        return sum(tree.tree_.node_count for tree in model.estimators_)
    return sum(len(tree.nodes) for trees in model._predictors for tree in trees)


def log_loss(classes, y, probabilities):
    """Mean cross-entropy; the training rows may lack a class of y, which has no probability."""
    column = np.searchsorted(classes, y).clip(max=len(classes) - 1)
    likelihood = np.where(classes[column] == y, probabilities[np.arange(len(y)), column], 0)
    return -np.log(np.maximum(likelihood, 1e-7)).mean()


def run(data_dir, data, part, config, seed):
    """One row of the CSV file."""
    warnings.simplefilter("ignore")  # max_iter reached; rare classes
    X, X_test, y, y_test = load(data, data_dir, seed, part)
    if config.startswith("HistGradient") and scipy.sparse.issparse(X):
        X, X_test = X.toarray(), X_test.toarray()
    model = make(config, seed)
    # Compile, or load from a cache, before the clock starts.
    first = clone(model)
    first.set_params(**{"max_iter": 1} if "max_iter" in first.get_params() else {})
    first.fit(X[:60], np.arange(X.shape[0])[:60] % 3)
    with threadpool_limits(1):
        started = time.perf_counter()
        model.fit(X, y)
        seconds = time.perf_counter() - started
        probabilities = model.predict_proba(X_test)
    row = {
        "data": data,
        "part": part,
        "config": config,
        "seed": seed,
        "n_train": X.shape[0],
        "n_test": X_test.shape[0],
        "n_features": X.shape[1],
        "accuracy": round(np.mean(model.classes_[probabilities.argmax(axis=1)] == y_test), 6),
        "log_loss": round(log_loss(model.classes_, y_test, probabilities), 5),
        "fit_seconds": round(seconds, 4),
        "n_iter": np.max(getattr(model, "n_iter_", 0)),
        "connections": connections(model),
        "model_bytes": len(pickle.dumps(model)),
        "useful_in_top_20": "",
        "motif_sizes": " ".join(map(str, np.ravel(getattr(model, "motif_size_", "")))),
    }
    if data == "madelon" and hasattr(model, "feature_importances_"):
        top = np.argsort(model.feature_importances_)[-20:]
        row["useful_in_top_20"] = np.isin(top, MADELON_USEFUL).sum()
    return row


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("data_dir", type=Path, help="folder with the data")
    add("results", type=Path, help="CSV file to append to")
    add("--part", choices=["validation", "test"], default="validation")
    add("--data", nargs="+", choices=[*DATA, "all"], default=["all"])
    add("--configs", nargs="+", default=["ours"], metavar="CONFIG")
    add("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    add("--jobs", type=int, default=-1, help="runs in parallel; -1: one a core")
    options = parser.parse_args()
    names = list(DATA) if "all" in options.data else options.data
    configs = []
    for config in options.configs:
        configs += PEERS if config == "peers" else [config]
    unknown = [c for c in configs if c not in PEERS and c.split()[:1] != ["ours"]]
    if unknown:
        parser.error(
            f"configurations must be 'ours ...', 'peers' or one of {list(PEERS)}: {unknown}"
        )
    done = set()
    is_new = not options.results.exists()
    if not is_new:
        with open(options.results, newline="") as file:
            done = {
                (r["data"], r["part"], r["config"], int(r["seed"])) for r in csv.DictReader(file)
            }
    jobs = [
        (data, options.part, config, seed)
        for seed in options.seeds  # whole seeds first: what stops early is still a comparison
        for data in names
        for config in configs
        if (data, options.part, config, seed) not in done
    ]
    print(f"{len(jobs)} runs, {len(done)} are in {options.results} already", flush=True)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    with open(options.results, "a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if is_new:
            writer.writeheader()
        results = Parallel(options.jobs, return_as="generator_unordered", batch_size=1)(
            delayed(run)(options.data_dir, *job) for job in jobs
        )
        for row in results:
            writer.writerow(row)
            file.flush()
            print(
                *(row[c] for c in ("data", "seed", "config", "accuracy", "fit_seconds")), flush=True
            )


if __name__ == "__main__":
    main()
