"""Accuracy of MotifSETClassifier beside its peers, in one run.

Fashion-MNIST (5000 random training rows, all 10,000 official test rows) and Isolet
(stratified 2/3-1/3), standardised on the training part, three seeds. Nothing is chosen on a
test part; every configuration is named below.

Speed is the matter of engine.py.

    python benchmarks/estimator.py DATA_DIR [--out benchmarks/estimator.md]
"""

from __future__ import annotations

import argparse
import platform
import time
import warnings
from pathlib import Path

import joblib
import numba
import numpy as np
import scipy
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from sklearn_motif import MotifSETClassifier

SEEDS = (0, 1, 2)


def standardised(X_train, X_test):
    scaler = StandardScaler().fit(X_train.astype(np.float32))
    return scaler.transform(X_train), scaler.transform(X_test)


def fashion_mnist(data_dir, seed):
    """5000 random training rows and all official test rows."""
    train, test = (np.load(data_dir / f"fashion_mnist_{part}.npz") for part in ("train", "test"))
    rows = np.random.default_rng(seed).permutation(60_000)[:5000]
    X = train["X"].reshape(60_000, -1)[rows].astype(np.float32)
    X_test = test["X"].reshape(10_000, -1).astype(np.float32)
    return *standardised(X, X_test), train["y"][rows], test["y"]


def isolet(data_dir, seed):
    data = np.load(data_dir / "isolet.npz")
    X_train, X_test, y_train, y_test = train_test_split(
        data["X"].astype(np.float32),
        data["y"],
        test_size=1 / 3,
        stratify=data["y"],
        random_state=seed,
    )
    return *standardised(X_train, X_test), y_train, y_test


def accuracy_table(data_dir):
    """Rows of (data, model, mean accuracy, accuracies, median fit seconds)."""
    fashion = {"hidden_layer_sizes": (1000, 1000), "max_iter": 25}
    cases = [
        (fashion_mnist, f"ours, m={m}", MotifSETClassifier(motif_size=m, **fashion))
        for m in (1, 2, 4)
    ]
    cases += [
        (fashion_mnist, "MLPClassifier((256, 256))", MLPClassifier((256, 256))),
        (fashion_mnist, "LogisticRegression", LogisticRegression(max_iter=1000)),
    ]
    cases += [
        (isolet, f"ours, defaults, m={m}", MotifSETClassifier(motif_size=m)) for m in (1, 2, 4)
    ]
    cases += [
        (isolet, "MLPClassifier()", MLPClassifier()),
        (isolet, "LogisticRegression", LogisticRegression(max_iter=1000)),
    ]
    # Compiled kernels are loaded before the clock starts.
    MotifSETClassifier((8,), max_iter=1).fit(np.eye(20, dtype=np.float32), np.arange(20) % 3)
    rows = []
    for load, name, model in cases:
        accuracies, seconds = [], []
        for seed in SEEDS:
            X_train, X_test, y_train, y_test = load(data_dir, seed)
            model.set_params(random_state=seed)
            started = time.perf_counter()
            model.fit(X_train, y_train)
            seconds.append(time.perf_counter() - started)
            accuracies.append(model.score(X_test, y_test))
        rows.append((load.__name__, name, np.mean(accuracies), accuracies, np.median(seconds)))
        print(f"{load.__name__:14} {name:26} {np.mean(accuracies):.4f}  {accuracies}", flush=True)
    return rows


def processor():
    """Name of the processor, as far as the platform tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def markdown(accuracy):
    lines = [
        "# MotifSETClassifier beside its peers",
        "",
        f"Made by `benchmarks/estimator.py` on {processor()}, {joblib.cpu_count()} cores, one "
        f"thread used; numpy {np.__version__}, scipy {scipy.__version__}, scikit-learn "
        f"{sklearn.__version__}, numba {numba.__version__}.",
        "",
        "Accuracy on test parts, three seeds; seconds are medians of a fit.",
        "",
        "| data | model | accuracy | seeds | fit seconds |",
        "|---|---|---|---|---|",
    ]
    for data, name, mean, accuracies, seconds in accuracy:
        seeds = " ".join(f"{value:.4f}" for value in accuracies)
        lines.append(f"| {data} | {name} | {mean:.4f} | {seeds} | {seconds:.2f} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data_dir", type=Path, help="folder with the .npz files")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    with threadpool_limits(1):
        table = markdown(accuracy_table(options.data_dir))
    print(table)
    if options.out:
        options.out.write_text(table)


if __name__ == "__main__":
    main()
