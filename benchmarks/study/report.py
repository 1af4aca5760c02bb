r"""Tables and the picture of the study, from its CSV files alone.

    python -m benchmarks.study.report RESULTS.csv --paper docs/reproduce_paper.csv \
        --out benchmarks/study.md --figures docs/images

A table that has no rows is left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.tables import markdown

from . import motif_tables, paper, tables
from .configs import (
    IMAGES,
    IMAGES_OF_SINGLE_NEURONS,
    INPUTS,
    MOTIF_SIZES,
    PRUNING,
    SWEEP,
    WIDE,
)
from .figures import draw_pareto
from .peer_tables import beside_peers
from .peers import PEERS, REALMLP
from .results import describe_jobs, describe_plan, describe_seeds, read, select

PICTURE = "study_pareto.png"


class Section(NamedTuple):
    """A table that is published."""

    title: str
    note: str  # what the cells are
    planned: str  # the table of the plan whose runs it shows
    make: Callable  # of the rows of these runs, Markdown


def beside(title, score, planned, peers):
    """The section of a table of our defaults beside their peers."""
    note = (
        f"{score} in % on test rows, with the deviation over seeds of ours. The greatest loss is "
        "against the best of the others, below 0 where none is better."
    )
    return Section(title, note, planned, partial(beside_peers, peers=peers))


LOST = (
    "Points of accuracy lost against `motif_size=1`, paired by split; large sets have "
    f"{motif_tables.LARGE} test rows or more. The interval is a bootstrap over seeds within the "
    "large sets, on which the time saved is measured, too."
)
SECTIONS = [
    Section("In short", "Accuracy in % on test rows, defaults.", "defaults", tables.in_short),
    beside("Accuracy of the defaults", "Accuracy", "defaults", sorted(PEERS["defaults"])),
    beside("Tables", "Accuracy", "tables", PEERS["tables"]),
    beside("Regression", "R²", "regression", PEERS["regression"]),
    beside("Data frames", "Accuracy (frame_credit) or R²", "frames", PEERS["frames"]),
    beside("Beside RealMLP", "Accuracy, or R² of regression,", "realmlp", [REALMLP]),
    Section(
        "Useful columns of Madelon",
        "How many of the 20 most important columns are among the 20 useful ones.",
        "defaults",
        tables.useful_columns,
    ),
    Section(
        "Motif sizes",
        f"Defaults otherwise. {LOST}",
        "motif_sizes",
        lambda rows: motif_tables.lost_and_saved(rows, MOTIF_SIZES),
    ),
    Section(
        "Accuracy by motif size",
        "Accuracy in % on test rows, defaults otherwise.",
        "motif_sizes",
        lambda rows: tables.by_configuration(rows, list(MOTIF_SIZES.values())),
    ),
    Section(
        "Motif sizes of wide networks",
        f"Hidden layers (3000, 3000, 3000). {LOST}",
        "wide",
        lambda rows: motif_tables.lost_and_saved(rows, WIDE),
    ),
    Section("Seconds of a fit", "Medians over seeds.", "seconds", motif_tables.seconds),
    Section(
        "Motif sizes in all modes",
        "Accuracy in % on test rows, and medians against `motif_size=1`, as means over sets. In "
        '"none" mode `epsilon` is divided by the motif size: all sizes have as many weights.',
        "sweep",
        lambda rows: motif_tables.sweep(rows, SWEEP),
    ),
    Section(
        "Pruning",
        "Accuracy in % on test rows.",
        "pruning",
        lambda rows: tables.by_configuration(rows, PRUNING),
    ),
    Section(
        "Images wired by windows",
        "Accuracy in % on test rows.",
        "images",
        lambda rows: tables.by_configuration(rows, IMAGES),
    ),
    Section(
        "Images wired by windows without motifs",
        "Accuracy in % on test rows.",
        "images",
        lambda rows: tables.by_configuration(rows, IMAGES_OF_SINGLE_NEURONS),
    ),
    Section(
        "Scales, bins and precision",
        "Accuracy or R² in % on validation rows.",
        "inputs",
        lambda rows: tables.by_configuration(rows, INPUTS),
    ),
    Section(
        "What a change of a default does",
        "Points of accuracy gained on validation rows, and seconds as a factor.",
        "changes",
        tables.changes,
    ),
]


def head(results):
    """How the file is made, on what machine, and what it took."""
    lines = [
        "# Results of the study",
        "",
        "Made by these commands, in which DATA_DIR is a folder with the data:",
        "",
        "```sh",
        "python -m benchmarks.study DATA_DIR results/study.csv --plan",
        "python -m benchmarks.study.report results/study.csv --paper docs/reproduce_paper.csv \\",
        "    --out benchmarks/study.md --figures docs/images",
        "```",
        "",
        "A fit has one thread. Rows, and so seconds, are those of float32, but for data frames.",
        "A configuration that begins with `ours` is MotifSETClassifier, or MotifSETRegressor where",
        "the target is a number, with parameters. Measured on:",
        "",
        *(f"- {machine}" for machine in results["machine"].unique()),
        "",
        "## What was run",
        "",
    ]
    rows = describe_plan(results)
    return [*lines, markdown(list(rows[0]), [row.values() for row in rows])]


def report(results, runs_of_paper=None):
    """The text of the file."""
    lines = head(results)
    for title, note, planned, make in SECTIONS:
        rows = select(results, planned)
        table = make(rows) if len(rows) else ""
        if table:
            facts = f"{note} Runs: `{planned}`; {describe_seeds(rows)}; {describe_jobs(rows)}."
            lines += ["", f"## {title}", "", facts, "", table]
    if runs_of_paper is not None:
        facts = f"Runs: `docs/reproduce_paper.csv`; {paper.describe(runs_of_paper)}"
        lines += ["", "## The paper's experiment", "", facts, "", paper.table(runs_of_paper)]
    return "\n".join(lines) + "\n"


def main(arguments=None):
    """Print the tables; write them and the picture where the options say so."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.study.report",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    add = parser.add_argument
    add("results", type=Path, nargs="+", help="CSV files of benchmarks.study")
    add("--paper", type=Path, nargs="+", help="CSV files of examples/reproduce_paper.py")
    add("--out", type=Path, help="write the tables to this file")
    add("--figures", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)
    results = read(options.results)
    text = report(results, paper.read(options.paper) if options.paper else None)
    print(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    if options.figures:
        options.figures.mkdir(parents=True, exist_ok=True)
        draw_pareto(select(results, "sweep"), SWEEP, options.figures / PICTURE)


if __name__ == "__main__":
    main()
