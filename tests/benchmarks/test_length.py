"""Scripts that a stranger reads in one go."""

import pytest

from benchmarks.timing import ROOT

LIMIT = 150
# The list of all published tables stays together.
EXCEPTIONS = {"study/report.py": 200}

FOLDER = ROOT / "benchmarks"
FILES = sorted(str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.py"))


@pytest.mark.parametrize("name", FILES)
def test_no_script_is_long(name):
    n_lines = len((FOLDER / name).read_text(encoding="utf-8").splitlines())
    assert n_lines <= EXCEPTIONS.get(name, LIMIT)


def test_exceptions_are_needed():
    for name in EXCEPTIONS:
        assert len((FOLDER / name).read_text(encoding="utf-8").splitlines()) > LIMIT
