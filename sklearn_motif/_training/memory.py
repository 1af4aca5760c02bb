"""How much memory is free: in the system, and in the container that the process runs in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

# Where the system does not say how much memory is free.
USUAL_MEMORY = 1 << 31
# Where Linux tells of memory and of its limits.
PROC, GROUPS = Path("/proc"), Path("/sys/fs/cgroup")
# Of the first and the second version of control groups: where they are, how their lines in
# /proc/self/cgroup begin, and the names of limit and usage.
VERSIONS = [
    ("memory", r"\d+:memory:", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ("", "0::", "memory.max", "memory.current"),
]
# As many bytes as no machine has: the first version writes a number like that for none.
NO_LIMIT = 1 << 60
# Files in memory that make room where it is needed; sums over a group's children come later.
CACHES = ["inactive_file", "active_file"]


def free_memory() -> int:
    """Bytes of memory that are free, those that hold copies of files included."""
    available = _numbers(PROC / "meminfo").get("MemAvailable")
    free = _unused_memory() if available is None else 1024 * available
    return min([free, *_free_in_groups()])


def _unused_memory() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return USUAL_MEMORY


def _free_in_groups() -> Iterator[int]:
    """Bytes that are free in each control group of the process that has a limit."""
    own = _text(PROC / "self" / "cgroup")
    for folder, beginning, limit_name, usage_name in VERSIONS:
        found = re.search(f"^{beginning}/(.*)$", own, re.MULTILINE)
        group = GROUPS / folder / (found[1] if found else "")
        # A container sees its own group at the root, whatever the path.
        for path in (group, *group.parents):
            limit = _numbers(path / limit_name).get("", NO_LIMIT)
            if limit < NO_LIMIT:
                usage = _numbers(path / usage_name).get("", 0)
                caches = _numbers(path / "memory.stat")
                usage -= sum(caches.get(f"total_{name}", caches.get(name, 0)) for name in CACHES)
                yield max(limit - usage, 0)
            if path == GROUPS / folder:
                break


def _numbers(path: Path) -> dict[str, int]:
    """Numbers of a file by the word before each, or by ""."""
    found = re.findall(r"^(?:(\w+):?[ \t]+)?(\d+)", _text(path), re.MULTILINE)
    return {word: int(number) for word, number in found}


def _text(path: Path) -> str:
    """What a file holds, or nothing."""
    try:
        return path.read_text()
    except OSError:
        return ""
