"""The command line of one section."""

from __future__ import annotations

import argparse
import json
import time
import warnings

from sklearn.exceptions import ConvergenceWarning

from benchmarks import data, machine

from . import report

PACKAGES = ("numpy", "scipy", "scikit-learn", "numba", "torch", "sparselab")


def run(name: str, measure, full, smoke) -> None:
    """Measure and print a section's tables, or its raw result with ``--json``.

    Parameters
    ----------
    name : str
        As in ``benchmarks.engine.SECTIONS``.
    measure : callable
        ``measure(sizes, data_dir)`` gives what JSON can hold. In smoke runs `data_dir` is None.
    full, smoke
        The sizes that are measured.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.engine.{name}")
    parser.add_argument("data_dir", nargs="?", help="folder of Fashion-MNIST's .npz files")
    parser.add_argument("--smoke", action="store_true", help="small networks, on generated rows")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args()
    for ignored in (ConvergenceWarning, UserWarning):
        warnings.simplefilter("ignore", ignored)
    try:
        data_dir = None if options.smoke else data.folder(options.data_dir)
    except ValueError as error:
        parser.error(str(error))
    started = time.perf_counter()
    result = measure(smoke if options.smoke else full, data_dir)
    described = machine.describe(PACKAGES) | {"blas": machine.blas()}
    result |= {"machine": described, "smoke": options.smoke}
    result["took"] = time.perf_counter() - started
    print(json.dumps(result) if options.json else report.markdown({name: result}))
