"""Accuracy, time and size of many configurations on many data sets, resumable.

    python -m benchmarks.study DATA_DIR RESULTS.csv --plan
    python -m benchmarks.study DATA_DIR RESULTS.csv --part test --configs peers "ours motif_size=1"

The first makes the runs of all published tables (plan.py), or of those that are named after
--plan; the second makes any others. A configuration is "ours" with parameters of our estimator
behind it ("ours" alone is the estimator as it comes), or the name of a peer; "peers" is all that
a data set has (peers.py). --only-peers leaves ours out. Each run is one row of the CSV file, which
is appended to; runs that stand in it are not made again. Tables and figures come from that file
alone, by benchmarks.study.report.

Every run has one thread. The seconds of runs that are made side by side (--jobs) are good for a
rough comparison; one at a time, configurations take turns, and seconds can be compared.

    python -m benchmarks.study RESULTS.csv --smoke

tries all of it on generated rows, in seconds.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from joblib import Parallel, delayed, effective_n_jobs

from .data import DATA, GROUP_OF
from .models import OURS, is_config, is_ours
from .peers import PACKAGES, PEERS, is_missing
from .plan import PLAN, planned_runs, smoke_runs
from .run import COLUMNS, Run, measure


def parse_arguments(arguments):
    """Options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.study",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    add = parser.add_argument
    add("data_dir", type=Path, nargs="?", help="folder with the data")
    add("results", type=Path, help="CSV file to append to")
    add("--plan", nargs="*", choices=list(PLAN), metavar="TABLE", help=f"of {', '.join(PLAN)}")
    add("--part", choices=["validation", "test"], default="validation")
    add("--data", nargs="+", choices=list(DATA), default=list(DATA), metavar="SET")
    add("--configs", nargs="+", default=[OURS], metavar="CONFIG")
    add("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    add("--jobs", type=int, default=1, help="runs side by side; -1: one a core")
    add("--only-peers", action="store_true", help="no runs of ours")
    add("--smoke", action="store_true", help="a few epochs on generated rows")
    options = parser.parse_args(arguments)
    if options.data_dir is None and not options.smoke:
        parser.error("DATA_DIR and RESULTS.csv are needed; --smoke goes without DATA_DIR")
    if options.smoke:
        options.data_dir = None
        options.plan = options.plan or []
    for name in options.data:
        unknown = [
            config for config in expand(options.configs, name) if not is_config(config, name)
        ]
        if unknown:
            peers = PEERS[GROUP_OF[name]]
            parser.error(
                f"configurations for {name} must be 'ours ...', 'peers' or one of {peers}, "
                f"got {unknown}"
            )
    return options


def expand(configs, data):
    """Configurations, with all peers of a data set in place of "peers"."""
    lists = (PEERS[GROUP_OF[data]] if config == "peers" else [config] for config in configs)
    return list(dict.fromkeys(config for configs in lists for config in configs))


def wanted_runs(options):
    """Runs that the command line asks for, each once."""
    if options.plan is None:
        runs = [
            Run(data, options.part, config, seed)
            for seed in options.seeds
            for data in options.data
            for config in expand(options.configs, data)
        ]
    else:
        runs_of = smoke_runs if options.smoke else planned_runs
        # The configurations of all tables take turns on a split, so that their seconds compare.
        names = list(DATA)
        runs = sorted(
            {run: None for name in options.plan or PLAN for run in runs_of(name)},
            key=lambda run: (run.part, run.seed, names.index(run.data)),
        )
    if options.smoke:
        runs = [run for run in runs if not is_missing(run.config)]
    return [run for run in runs if not (options.only_peers and is_ours(run.config))]


def refuse_missing(runs):
    """Stop before the first run where the package of a peer is not installed."""
    missing = sorted({run.config for run in runs if is_missing(run.config)})
    if missing:
        packages = " ".join(PACKAGES[config] for config in missing)
        raise SystemExit(
            f"{', '.join(missing)}: not installed. Run `pip install {packages}`, or leave out what "
            "needs it by --plan or --configs."
        )


def finished_runs(path):
    """Runs that stand in a CSV file."""
    if not path.exists():
        return set()
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path} has other columns than {COLUMNS}; begin a new file.")
        return {Run(r["data"], r["part"], r["config"], int(r["seed"])) for r in reader}


def main(arguments=None):
    """Make the runs that are missing."""
    options = parse_arguments(arguments)
    done = finished_runs(options.results)
    wanted = wanted_runs(options)
    runs = [run for run in wanted if run not in done]
    refuse_missing(runs)
    print(f"{len(runs)} runs; {len(wanted) - len(runs)} are in {options.results}", flush=True)
    is_new = not options.results.exists()
    options.results.parent.mkdir(parents=True, exist_ok=True)
    n_jobs = effective_n_jobs(options.jobs)
    with open(options.results, "a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if is_new:
            writer.writeheader()
        rows = Parallel(n_jobs, return_as="generator", batch_size=1)(
            delayed(measure)(run, options.data_dir, n_jobs) for run in runs
        )
        for number, row in enumerate(rows, start=1):
            writer.writerow(row)
            file.flush()
            shown = (row[name] for name in ("data", "seed", "config", "score", "fit_seconds"))
            print(f"{number}/{len(runs)}", *shown, flush=True)


if __name__ == "__main__":
    main()
