"""Scripts that a stranger reads in one go."""

import pytest

from benchmarks.timing import ROOT

LIMIT = 150

FOLDER = ROOT / "benchmarks"
FILES = sorted(str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.py"))


@pytest.mark.parametrize("name", FILES)
def test_no_script_is_long(name):
    assert len((FOLDER / name).read_text(encoding="utf-8").splitlines()) <= LIMIT
