"""The machine and the versions that a run was made with, in words."""

from __future__ import annotations

import os
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("numpy", "scipy", "scikit-learn", "numba")
CPUINFO = Path("/proc/cpuinfo")


@cache
def describe_machine():
    """Processor, its cores and widest vectors, the system, and versions."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    cores = os.cpu_count()
    return (
        f"{processor()}, {cores} core{'s' if cores != 1 else ''}, {platform.system()}; "
        f"Python {platform.python_version()}, {packages}"
    )


def processor():
    """What the processor calls itself, with family and model where the system tells them."""
    if not CPUINFO.exists():
        return platform.processor() or platform.machine()
    lines = (line.partition(":") for line in CPUINFO.read_text().splitlines())
    facts = {name.strip(): fact.strip() for name, _, fact in lines}
    flags = facts.get("flags", "").split()
    words = [
        facts.get("model name", platform.machine()),
        f"family {facts['cpu family']}" if "cpu family" in facts else "",
        f"model {facts['model']}" if "model" in facts else "",
        "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "",
    ]
    return ", ".join(word for word in words if word)
