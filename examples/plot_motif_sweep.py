"""
Which motif size? A search on scikit-learn's digits
===================================================

A ``GridSearchCV`` over `motif_size`, in repeated stratified folds, in parallel by joblib. The
result is a table and a picture of what each motif size costs and gains. Scales of the columns
are learned on the training part of each fold, inside the network.

    python examples/plot_motif_sweep.py [--out motif_sweep.png]
"""

import argparse
import time
import warnings

import joblib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold

from sklearn_motif import MotifSETClassifier

MOTIF_SIZES = [1, 2, 3, 4, 8]


def make_model(**parameters):
    """Our classifier."""
    # The number of epochs is part of the plan here: it is no news that the loss still falls.
    warnings.simplefilter("ignore", ConvergenceWarning)
    return MotifSETClassifier(random_state=0, **parameters)


def warm_up(X, y):
    """Load or compile the kernels before a clock runs."""
    make_model(hidden_layer_sizes=(10,), max_iter=1).fit(X, y).predict(X)


def search(max_iter=40, n_splits=3, n_repeats=3, n_jobs=-1):
    """Fitted GridSearchCV over the motif sizes."""
    X, y = load_digits(return_X_y=True)
    print("Loading the kernels (the first time on a machine compiles them) ...", flush=True)
    warm_up(X, y)
    n_workers = joblib.effective_n_jobs(n_jobs)
    joblib.Parallel(n_jobs)(joblib.delayed(warm_up)(X, y) for _ in range(2 * n_workers))
    grid = GridSearchCV(
        make_model(hidden_layer_sizes=(1000, 1000), max_iter=max_iter),
        {"motif_size": MOTIF_SIZES},
        cv=RepeatedStratifiedKFold(n_splits=n_splits, n_repeats=n_repeats, random_state=0),
        n_jobs=n_jobs,
    )
    n_fits = n_splits * n_repeats * len(MOTIF_SIZES)
    print(f"{n_fits} fits, {n_workers} at a time ...", flush=True)
    with warnings.catch_warnings(), joblib.parallel_config(verbose=10):
        warnings.simplefilter("ignore", ConvergenceWarning)
        return grid.fit(X, y)


def connections(X, y, motif_size):
    """Connections of the network of one motif size."""
    model = make_model(hidden_layer_sizes=(1000, 1000), max_iter=1, motif_size=motif_size)
    return model.fit(X, y).n_connections_


def summary(grid):
    """A row a motif size: accuracy, its deviation, fit seconds, time saved, connections."""
    results = grid.cv_results_
    X, y = load_digits(return_X_y=True)
    seconds = results["mean_fit_time"]
    return [
        {
            "motif_size": motif_size,
            "accuracy": results["mean_test_score"][i],
            "deviation": results["std_test_score"][i],
            "seconds": seconds[i],
            "saved": 1 - seconds[i] / seconds[0],
            "connections": connections(X, y, motif_size),
        }
        for i, motif_size in enumerate(MOTIF_SIZES)
    ]


def print_table(rows):
    """Print a line for each motif size."""
    print("\nmotif size   accuracy           fit seconds   time saved   connections")
    for row in rows:
        print(
            f"{row['motif_size']:10}   {row['accuracy']:.4f} ± {row['deviation']:.4f}"
            f"   {row['seconds']:11.2f}   {row['saved']:10.0%}   {row['connections']:11,}"
        )


def plot(rows, path):
    """Accuracy against fit time, a point a motif size."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(
        1, 2, figsize=(8.5, 4), width_ratios=(2, 1), layout="constrained"
    )
    seconds = [row["seconds"] for row in rows]
    accuracy = [100 * row["accuracy"] for row in rows]
    deviation = [100 * row["deviation"] for row in rows]
    left.errorbar(seconds, accuracy, yerr=deviation, fmt="o-", capsize=4, linewidth=1)
    for row, x, top in zip(rows, seconds, np.add(accuracy, deviation), strict=True):
        left.annotate(
            f"m={row['motif_size']}",
            (x, top),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
        )
    left.set_xlim(0, 1.1 * max(seconds))
    left.margins(y=0.12)
    left.set_xlabel("seconds of a fit")
    left.set_ylabel("accuracy in cross-validation, % (± deviation)")
    left.grid(alpha=0.3)
    bars = right.bar(
        [f"m={row['motif_size']}" for row in rows], [row["connections"] for row in rows]
    )
    right.bar_label(bars, fmt="{:,.0f}", fontsize="small")
    right.set_ylabel("connections")
    right.spines[["top", "right"]].set_visible(False)
    figure.suptitle("Motif size on digits: what it costs and what it gains")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments=None):
    """Search, print the table and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--out", default="motif_sweep.png", help="picture to write")
    parser.add_argument("--max-iter", type=int, default=40, help="epochs of a fit")
    parser.add_argument("--repeats", type=int, default=3, help="repetitions of the 3 folds")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    rows = summary(search(max_iter=options.max_iter, n_repeats=options.repeats))
    print_table(rows)
    plot(rows, options.out)
    print(f"\nWrote {options.out} after {time.perf_counter() - started:.0f} s.")


if __name__ == "__main__":
    main()
