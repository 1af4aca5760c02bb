"""Measure all sections, each in a process of its own; write tables and pictures."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import data
from benchmarks.timing import ROOT, fresh_process, progress

from . import SECTIONS, __doc__, figures, report  # its docstring is the help


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engine",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument(
        "data_dir",
        nargs="?",
        help="folder of Fashion-MNIST's .npz files;\nwithout it, SKLEARN_MOTIF_DATA names it",
    )
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS, metavar="SECTION")
    parser.add_argument("--smoke", action="store_true", help="small: shows only that it works")
    parser.add_argument(
        "--out",
        type=Path,
        help="name without suffix of the raw results (.json) and the tables (.md);\n"
        "sections in OUT.json that are not measured again are kept",
    )
    parser.add_argument("--figures", type=Path, help="folder for the pictures")
    options = parser.parse_args()
    if options.smoke:
        folder = Path(tempfile.gettempdir())  # never over the published figures
        options.out = options.out or folder / "engine_smoke"
        options.figures = options.figures or folder
    else:
        try:
            options.data_dir = str(data.folder(options.data_dir))
        except ValueError as error:
            parser.error(str(error))
        options.out = options.out or ROOT / "benchmarks" / "engine"
        options.figures = options.figures or ROOT / "docs" / "images"
    return options


def main() -> None:
    """Run the command."""
    options = parse_arguments()
    arguments = ["--smoke"] if options.smoke else [options.data_dir]
    file = options.out.with_suffix(".json")
    results = json.loads(file.read_text()) if file.exists() else {}
    failed = []
    for name in options.only:
        progress(f"{name} ...")
        try:
            results[name] = fresh_process(f"benchmarks.engine.{name}", *arguments, "--json")
            progress(f"{name} took {results[name]['took']:.0f} s")
        except subprocess.CalledProcessError:
            # The others go on, and no older figures stand in for it.
            failed.append(name)
            results.pop(name, None)
        results = {key: results[key] for key in SECTIONS if key in results}
        # After every section: who interrupts this keeps what is there.
        file.write_text(json.dumps(results, indent=1) + "\n")
    if not results:
        sys.exit("No section was measured.")
    table = report.markdown(results)
    options.out.with_suffix(".md").write_text(table)
    options.figures.mkdir(parents=True, exist_ok=True)
    figures.draw(results, options.figures)
    print(table)
    if failed:
        sys.exit(f"These sections failed: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
