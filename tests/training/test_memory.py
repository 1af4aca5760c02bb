"""How much memory is free, by the files in which Linux tells it."""

import os

import pytest

from sklearn_motif._training import memory
from sklearn_motif._training.memory import USUAL_MEMORY, free_memory

GB = 1 << 30
MEMINFO = """MemTotal:       24731708 kB
MemFree:         1048576 kB
MemAvailable:    8388608 kB
HugePages_Total:       0
"""


@pytest.fixture
def tell(tmp_path, monkeypatch):
    """Writes files below folders that stand for /proc and /sys/fs/cgroup."""
    monkeypatch.setattr(memory, "PROC", tmp_path / "proc")
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "cgroup")

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


def limited(folder, limit, usage, stat=""):
    """The files of a group of the second version."""
    return {
        f"{folder}/memory.max": f"{limit}\n",
        f"{folder}/memory.current": f"{usage}\n",
        f"{folder}/memory.stat": stat,
    }


def test_copies_of_files_are_free_memory(tell):
    tell({"proc/meminfo": MEMINFO})
    assert free_memory() == 8 * GB


def test_where_nothing_is_told_the_unused_memory_is_free(tell, monkeypatch):
    monkeypatch.setattr(os, "sysconf", {"SC_AVPHYS_PAGES": 5, "SC_PAGE_SIZE": 4096}.get)
    assert free_memory() == 5 * 4096
    tell({"proc/meminfo": "MemTotal: 24731708 kB\nMemFree: 1048576 kB\n"})  # an old kernel
    assert free_memory() == 5 * 4096
    monkeypatch.delattr(os, "sysconf")  # not every system has it
    assert free_memory() == USUAL_MEMORY


@pytest.mark.parametrize("path", ["/", "/docker/123", "/../other"])
def test_a_container_has_what_its_limit_leaves(path, tell):
    own = {"proc/self/cgroup": f"0::{path}\n"}
    tell({"proc/meminfo": MEMINFO, **own, **limited("cgroup", 3 * GB, GB)})
    assert free_memory() == 2 * GB


def test_copies_of_files_are_free_memory_of_a_container(tell):
    stat = f"anon 17\ninactive_file {GB // 2}\nactive_file {GB // 4}\n"
    tell({"proc/meminfo": MEMINFO, **limited("cgroup", 3 * GB, GB, stat)})
    assert free_memory() == 2 * GB + GB // 2 + GB // 4


def test_the_least_limit_of_all_groups_counts(tell):
    own = {"proc/self/cgroup": "1:cpu:/elsewhere\n0::/outer/inner\n"}
    tell({"proc/meminfo": MEMINFO, **own, **limited("cgroup/elsewhere", 0, 0)})
    assert free_memory() == 8 * GB
    tell({**limited("cgroup/outer", 2 * GB, GB), **limited("cgroup/outer/inner", 5 * GB, GB)})
    assert free_memory() == GB
    tell(limited("cgroup/outer/inner", GB, GB + 4096))
    assert free_memory() == 0


def test_a_group_without_a_limit_leaves_all(tell):
    tell({"proc/meminfo": MEMINFO, **limited("cgroup", "max", GB)})
    assert free_memory() == 8 * GB


@pytest.mark.parametrize("folder", ["cgroup/memory", "cgroup/memory/docker/123"])
def test_groups_of_the_first_version(folder, tell):
    tell(
        {
            "proc/meminfo": MEMINFO,
            "proc/self/cgroup": "4:memory:/docker/123\n1:cpu:/\n",
            "cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "cgroup/memory/memory.usage_in_bytes": f"{GB}\n",
        }
    )
    assert free_memory() == 8 * GB
    tell(
        {
            f"{folder}/memory.limit_in_bytes": f"{3 * GB}\n",
            f"{folder}/memory.usage_in_bytes": f"{2 * GB}\n",
            f"{folder}/memory.stat": f"inactive_file 7\ntotal_inactive_file {GB // 2}\n",
        }
    )
    assert free_memory() == GB + GB // 2


def test_of_this_machine():
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 1 << 20 < free_memory() <= total
