"""
Motif sizes against accuracy and training time: the paper's experiment
======================================================================

Repeats the experiment of *A Topological Improvement of the Overall Performance of Sparse
Evolutionary Training: Motif-Based Structural Optimization of Sparse MLPs* (arXiv 2506.09204):
three hidden layers of 3000 neurons, motif sizes 1, 2 and 4, SGD at a learning rate of 0.05, and
a share zeta = 0.3 of the connections replaced after every epoch. The result is a table beside
the paper's figures, a CSV file with one row a run, and a picture.

What holds for every motif size:

- Features are scaled by StandardScaler, learned on the training part, and passed on as float32;
  the network takes them as they are then.
- A seed draws the rows and the split of the data, the wiring and the initial weights.
- Every run makes all epochs. Accuracy is that of the last epoch on the test part.
- The runs of a seed follow each other in one process, on one thread, after a warm-up that
  compiles all kernels. Seeds run in parallel (--jobs); --jobs 1 gives the steadiest times.

Two points on which the paper leaves a choice: its text prunes the connections of smallest
magnitude while its code prunes at random (both are run), and its epsilon of 0.1, read as SET's
density, leaves fewer connections than neurons, so that SET's own 20 is the default here.
"""

import argparse
import csv
import os
import time
import warnings
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from reproduce_paper_report import TITLES, draw, print_table, summarize
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch

from sklearn_motif import MotifSETClassifier
from sklearn_motif.datasets import load_fashion_mnist, load_lung

# Wide and small as Lung is, of the same collection; the paper has no figures of them.
STAND_INS = ("tox_171", "lymphoma", "glioma")
COLUMNS = (
    "dataset", "seed", "prune", "motif_size", "weight_sharing", "epsilon", "epochs", "n_train",
    "n_test", "connections", "parameters", "accuracy", "fit_seconds",
)  # fmt: skip
WARM_UP_ROWS = 200


def make_parser():
    """Options of the command line."""
    parser = argparse.ArgumentParser(
        description="Run the experiment of arXiv 2506.09204: motif sizes, accuracy and time.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    # fmt: off
    add("--dataset", choices=["fashion_mnist", "lung", *STAND_INS], default="fashion_mnist",
        help="data; the last three are gene expressions as Lung is, from NAME.npz in --data-dir")
    add("--data-dir", default=os.environ.get("SKLEARN_MOTIF_DATA"),
        help="folder with fashion_mnist_train.npz and fashion_mnist_test.npz; without it and "
        "without the environment variable SKLEARN_MOTIF_DATA, OpenML is asked for them")
    add("--lung", metavar="FILE", help="scikit-feature's lung.mat; without it, simulated data")
    add("--full", action="store_true",
        help="all 60000 + 10000 rows of Fashion-MNIST instead of 5000 + 1000 random ones")
    add("--hidden", type=int, nargs="+", default=[3000] * 3, metavar="N", help="hidden layers")
    add("--motif-sizes", type=int, nargs="+", default=[1, 2, 4], metavar="M",
        help="motif sizes; 1 is the baseline and must be among them")
    add("--weight-sharing", choices=["tied", "scaled", "none"], default="tied",
        help="what the neurons of a motif share; tied is the paper's")
    add("--epsilon", type=float, default=20.0,
        help="density: a layer gets round(epsilon * (M_in + M_out)) connections between its M_in "
        "and M_out motifs. The paper's 0.1, read literally, means round(0.1 * (M_in + M_out)) "
        "connections a layer: fewer than one connection a neuron")
    add("--prune", choices=["magnitude", "random", "both"], default="both",
        help="how connections are pruned: magnitude is the paper's text, random is its code")
    add("--zeta-schedule", choices=["constant", "cosine"], default="constant",
        help="whether zeta = 0.3 stays (the paper) or is annealed to 0")
    add("--dropout", type=float, default=0.0, help="share of neurons dropped in training")
    add("--batch-size", type=int, default=40, help="rows of a mini-batch")
    add("--epochs", type=int, default=300, help="epochs of every run")
    add("--repeats", type=int, default=3, help="number of seeds")
    add("--jobs", type=int, default=-1, help="seeds that run in parallel; -1: one a core")
    add("--weight", type=float, default=0.5,
        help="weight of time in the comprehensive score: weight * (1 - time / time of m=1) + "
        "(1 - weight) * accuracy / accuracy of m=1")
    add("--out", type=Path, default=Path("results"), help="folder for the CSV file and the PNG")
    # fmt: on
    return parser


def parse_arguments(argv=None):
    """Options that fit together; the program ends with a message where they do not."""
    parser = make_parser()
    options = parser.parse_args(argv)
    if 1 not in options.motif_sizes:
        parser.error("--motif-sizes must contain 1, the baseline")
    if not 0 <= options.weight <= 1:
        parser.error("--weight must be between 0 and 1")
    if options.dataset in STAND_INS and not options.data_dir:
        parser.error(f"--dataset {options.dataset} needs --data-dir")
    for name in ("epochs", "repeats"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be at least 1")
    options.motif_sizes = sorted(set(options.motif_sizes))
    options.prunings = ["magnitude", "random"] if options.prune == "both" else [options.prune]
    return options


def load(options):
    """The data set, with a description."""
    if options.dataset == "lung":
        return load_lung(options.lung)
    if options.dataset in STAND_INS:
        data = np.load(Path(options.data_dir) / f"{options.dataset}.npz")
        return Bunch(X=data["X"], y=data["y"], DESCR=f"{TITLES[options.dataset]} gene expressions")
    return load_fashion_mnist(options.data_dir)


def split(data, options, seed):
    """Training and test part of a seed: scaled features and labels."""
    if options.dataset != "fashion_mnist":
        X_train, X_test, y_train, y_test = train_test_split(
            data.X, data.y, test_size=1 / 3, stratify=data.y, random_state=seed
        )
    else:
        X_train, X_test, y_train, y_test = data.X_train, data.X_test, data.y_train, data.y_test
        if not options.full:
            rng = np.random.default_rng(seed)
            train, test = (
                rng.permutation(len(y))[:n_rows] for y, n_rows in ((y_train, 5000), (y_test, 1000))
            )
            X_train, y_train, X_test, y_test = (
                X_train[train],
                y_train[train],
                X_test[test],
                y_test[test],
            )
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train.astype(np.float32))
    X_test = scaler.transform(X_test.astype(np.float32))
    return X_train, X_test, y_train, y_test


def fit(X, y, options, seed, motif_size, prune, epochs):
    """A fitted model and the seconds that the fit took."""
    model = MotifSETClassifier(
        tuple(options.hidden),
        motif_size=motif_size,
        epsilon=options.epsilon,
        weight_sharing=options.weight_sharing,
        solver="sgd",
        learning_rate="constant",
        learning_rate_init=0.05,
        batch_size=options.batch_size,
        max_iter=epochs,
        tol=0,
        n_iter_no_change=epochs,  # patience for all epochs
        dropout=options.dropout,
        label_smoothing=0.0,
        zeta=0.3,
        zeta_schedule=options.zeta_schedule,
        evolve_every=1,
        prune=prune,
        group_features=True,
        screen_features=False,
        scale_features=False,
        encode_features=False,
        n_jobs=1,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # The number of epochs is part of the experiment.
        warnings.simplefilter("ignore", ConvergenceWarning)
        started = time.perf_counter()
        model.fit(X, y)
        seconds = time.perf_counter() - started
    if model.n_iter_ < epochs:  # Ctrl-C keeps the model, but it is not a run of the experiment
        raise KeyboardInterrupt
    return model, seconds


def run_seed(data, options, seed):
    """All runs of a seed, one after the other; a dict of COLUMNS for each."""
    X_train, X_test, y_train, y_test = split(data, options, seed)
    settings = [(prune, size) for prune in options.prunings for size in options.motif_sizes]
    # Compiling kernels, or loading them from the cache, must not count for the first run. Two
    # epochs, so that the wiring evolves once, too.
    few = slice(WARM_UP_ROWS)
    for prune, motif_size in settings:
        model, _ = fit(X_train[few], y_train[few], options, seed, motif_size, prune, epochs=2)
        model.predict(X_test[few])

    rows = []
    for number, (prune, motif_size) in enumerate(settings, start=1):
        model, seconds = fit(X_train, y_train, options, seed, motif_size, prune, options.epochs)
        row = {
            "dataset": dataset_name(data, options),
            "seed": seed,
            "prune": prune,
            "motif_size": motif_size,
            "weight_sharing": options.weight_sharing,
            "epsilon": options.epsilon,
            "epochs": options.epochs,
            "n_train": len(y_train),
            "n_test": len(y_test),
            "connections": model.n_connections_,
            "parameters": model.n_parameters_,
            "accuracy": model.score(X_test, y_test),
            "fit_seconds": seconds,
        }
        rows.append(row)
        print(
            f"seed {seed}, run {number} of {len(settings)}: {prune:<9} m={motif_size}  "
            f"accuracy {100 * row['accuracy']:6.2f} %  fit {seconds:8.2f} s",
            flush=True,
        )
    return rows


def dataset_name(data, options):
    """What the data set is called in the CSV file: simulated data say so."""
    return "simulated_lung" if data.get("simulated") else options.dataset


def write_csv(rows, path):
    """Write a line for each run."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def print_settings(data, options):
    """Say what is run, on what."""
    X_train, X_test, y_train, y_test = split(data, options, seed=0)
    majority = np.bincount(y_test).max() / len(y_test)
    print(data.DESCR)
    if dataset_name(data, options) == "simulated_lung":
        print("THE DATA ARE SIMULATED: pass scikit-feature's lung.mat by --lung for the real set.")
    print(
        f"{len(X_train)} training and {len(X_test)} test rows, {X_train.shape[1]} features, "
        f"{np.unique(y_train).size} classes; always the most frequent class: {majority:.1%} right"
    )
    print("scaled by StandardScaler, learned on the training part; float32")
    print(
        f"hidden layers {tuple(options.hidden)}, weight sharing {options.weight_sharing}, epsilon "
        f"{options.epsilon:g}, SGD at 0.05 with momentum 0.9, batches of {options.batch_size}, "
        f"dropout {options.dropout:g}"
    )
    parallel = min(effective_n_jobs(options.jobs), options.repeats)
    print(
        f"zeta 0.3 ({options.zeta_schedule}), an evolution every epoch, {options.epochs} epochs, "
        f"{options.repeats} seed(s), {parallel} at a time, one thread a run",
        flush=True,
    )


def main(argv=None):
    """Run the experiment; print the table, write the runs and the picture."""
    options = parse_arguments(argv)
    data = load(options)
    print_settings(data, options)
    options.out.mkdir(parents=True, exist_ok=True)
    stem = options.out / f"reproduce_paper_{options.dataset}"
    rows = []
    results = Parallel(n_jobs=options.jobs, return_as="generator")(
        delayed(run_seed)(data, options, seed) for seed in range(options.repeats)
    )
    for seed_rows in results:
        rows += seed_rows
        write_csv(rows, stem.with_suffix(".csv"))  # a long run that stops keeps its whole seeds
    summary = summarize(rows, options)
    print_table(summary, options)
    print(f"runs: {stem.with_suffix('.csv')}")
    try:
        figure = draw(summary, options, dataset_name(data, options))
    except ImportError:
        print("No picture: matplotlib is not installed (pip install sklearn-motif[plot]).")
    else:
        figure.savefig(stem.with_suffix(".png"), dpi=150)
        print(f"picture: {stem.with_suffix('.png')}")


if __name__ == "__main__":
    main()
