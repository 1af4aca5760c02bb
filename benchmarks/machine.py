"""What figures depend on: processor, cores and versions; no names of hosts, no paths."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
from pathlib import Path

import joblib
from threadpoolctl import threadpool_info

PACKAGES = ("numpy", "scipy", "scikit-learn", "numba", "torch", "sparselab")


def describe() -> dict:
    """Processor, cores, system, versions and BLAS, as JSON can hold them."""
    importlib.import_module("scipy.linalg")  # its BLAS is named, whoever uses it
    blas = {
        f"{pool['internal_api']} {pool['version']}"
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    }
    return {
        "processor": processor(),
        "cores": joblib.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "blas": sorted(blas),
    }


def words(machine: dict) -> str:
    """One line that tells what :func:`describe` found."""
    versions = ", ".join(
        f"{name} {number}" if number else f"{name} not installed"
        for name, number in machine["versions"].items()
    )
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}; "
        f"Python {machine['python']}, {versions}, {', '.join(machine['blas'])}"
    )


def version(package: str) -> str | None:
    """Version of a package; None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def processor() -> str:
    """Name of the processor, as far as the platform tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
