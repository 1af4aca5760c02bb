"""Accuracy, time and size of many configurations on many data sets, resumable.

    python -m benchmarks.study DATA_DIR RESULTS.csv --plan
    python -m benchmarks.study DATA_DIR RESULTS.csv --part test --configs peers "ours motif_size=1"

The first makes the runs of all published tables (plan.py), or of those that are named after
--plan; the second makes any others. A configuration is "ours" with parameters of
MotifSETClassifier behind it ("ours" alone is the estimator as it comes), or the name of a peer;
"peers" is all of them. Each run is one row of the CSV file, which is appended to; runs that stand
in it are not made again. Tables and figures come from that file alone, by benchmarks.study.report.

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

from .data import DATA
from .models import OURS, PEERS, is_config
from .plan import PLAN, Block, planned_runs, smoke_runs
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
    add("--smoke", action="store_true", help="a few epochs on generated rows")
    options = parser.parse_args(arguments)
    if options.data_dir is None and not options.smoke:
        parser.error("DATA_DIR and RESULTS.csv are needed; --smoke goes without DATA_DIR")
    if options.smoke:
        options.data_dir = None
        options.plan = options.plan or []
    expanded = (PEERS if config == "peers" else [config] for config in options.configs)
    options.configs = [config for configs in expanded for config in configs]
    unknown = [config for config in options.configs if not is_config(config)]
    if unknown:
        parser.error(
            f"configurations must be 'ours ...', 'peers' or one of {list(PEERS)}, got {unknown}"
        )
    return options


def wanted_runs(options):
    """Runs that the command line asks for, each once."""
    if options.plan is None:
        return Block(options.part, options.data, options.configs, options.seeds).runs()
    runs_of = smoke_runs if options.smoke else planned_runs
    runs = dict.fromkeys(run for name in options.plan or PLAN for run in runs_of(name))
    # The configurations of all tables take turns on a split, so that their seconds compare.
    names = list(DATA)
    return sorted(runs, key=lambda run: (run.part, run.seed, names.index(run.data)))


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
            shown = (row[name] for name in ("data", "seed", "config", "accuracy", "fit_seconds"))
            print(f"{number}/{len(runs)}", *shown, flush=True)


if __name__ == "__main__":
    main()
