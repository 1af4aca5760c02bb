"""What figures depend on: processor, cores and versions; no names of hosts, no paths."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
from collections.abc import Sequence
from pathlib import Path

import joblib
from threadpoolctl import threadpool_info

CPUINFO = Path("/proc/cpuinfo")


def describe(packages: Sequence[str]) -> dict:
    """Processor, cores, system and versions, as JSON can hold them."""
    return {
        "processor": processor(),
        "cores": joblib.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
    }


def blas() -> list[str]:
    """The BLAS libraries of NumPy and SciPy, with their versions."""
    importlib.import_module("scipy.linalg")  # its BLAS is named, whoever uses it
    pools = (pool for pool in threadpool_info() if pool["user_api"] == "blas")
    return sorted({f"{pool['internal_api']} {pool['version']}" for pool in pools})


def words(machine: dict) -> str:
    """One line that tells what :func:`describe` found, and the BLAS where it is there."""
    versions = [
        f"{name} {number}" if number else f"{name} not installed"
        for name, number in machine["versions"].items()
    ]
    cores = machine["cores"]
    return (
        f"{machine['processor']}, {cores} core{'s' if cores != 1 else ''}, {machine['system']}; "
        f"Python {machine['python']}, {', '.join([*versions, *machine.get('blas', [])])}"
    )


def version(package: str) -> str | None:
    """Version of a package; None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def processor() -> str:
    """Name, family, model and widest vectors of the processor, where the system tells them."""
    if not CPUINFO.exists():
        return platform.processor() or platform.machine()
    lines = (line.partition(":") for line in CPUINFO.read_text().splitlines())
    facts = {name.strip(): fact.strip() for name, _, fact in lines}
    flags = facts.get("flags", "").split()
    parts = [
        facts.get("model name", platform.machine()),
        f"family {facts['cpu family']}" if "cpu family" in facts else "",
        f"model {facts['model']}" if "model" in facts else "",
        "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "",
    ]
    return ", ".join(part for part in parts if part)
