r"""Tables and the picture of the study, from its CSV files alone.

    python -m benchmarks.study.report RESULTS.csv --paper docs/reproduce_paper.csv \
        --out benchmarks/study.md --figures docs/images

A table that has no rows is left out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.tables import markdown

from . import paper
from .configs import SWEEP
from .figures import draw_pareto
from .results import describe_jobs, describe_plan, describe_seeds, read, select
from .sections import SECTIONS

PICTURE = "study_pareto.png"


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
