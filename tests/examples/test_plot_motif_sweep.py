"""The main example, with few epochs."""

import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "examples" / "plot_motif_sweep.py"


def test_prints_a_table_and_writes_a_picture(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "sweep.png"
    example = runpy.run_path(str(SCRIPT))
    example["main"](["--max-iter", "2", "--repeats", "1", "--out", str(picture)])
    assert picture.read_bytes().startswith(b"\x89PNG")
    lines = capsys.readouterr().out.splitlines()
    header = next(i for i, line in enumerate(lines) if line.startswith("motif size"))
    rows = [line.split() for line in lines[header + 1 : header + 6]]
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "8"]
    connections = [int(row[-1].replace(",", "")) for row in rows]
    assert connections[0] == 20 * 1064 + 20 * 2000 + 1000 * 10
    assert connections == sorted(connections, reverse=True)
