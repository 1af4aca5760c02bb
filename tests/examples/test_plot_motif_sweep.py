"""The main example, with few epochs."""

import runpy
from pathlib import Path

import pytest
from sklearn.datasets import load_digits

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
    model = example["make_model"](hidden_layer_sizes=(10,), max_iter=1)
    n_inputs = model.fit(*load_digits(return_X_y=True)).coefs_[0].shape[0]
    assert connections[0] == 20 * (n_inputs + 1000) + 20 * 2000 + 1000 * 10
    assert connections == sorted(connections, reverse=True)
