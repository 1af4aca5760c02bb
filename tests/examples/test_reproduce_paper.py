"""The script of the paper's experiment, with tiny settings."""

import csv
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def report():
    return load("reproduce_paper_report")


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)  # as for a script that is run
    return load("reproduce_paper")


@pytest.fixture
def images(tmp_path):
    rng = np.random.default_rng(0)
    for part, n_rows in (("train", 120), ("test", 50)):
        y = np.arange(n_rows) % 10
        X = rng.integers(100, size=(n_rows, 784), dtype=np.uint8)
        X[np.arange(n_rows), 50 * y] = 255
        np.savez(tmp_path / f"fashion_mnist_{part}.npz", X=X, y=y)
    return tmp_path


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_fashion_mnist(script, images, tmp_path, capsys):
    out = tmp_path / "a" / "b"
    script.main(
        f"--data-dir {images} --out {out} --hidden 30 30 --epochs 2 --repeats 1 --jobs 1 "
        "--epsilon 3 --weight 0.25".split()
    )
    rows = read(out / "reproduce_paper_fashion_mnist.csv")
    assert [(row["prune"], row["motif_size"]) for row in rows] == [
        (prune, size) for prune in ("magnitude", "random") for size in "124"
    ]
    assert list(rows[0]) == list(script.COLUMNS)
    for row in rows:
        assert (row["n_train"], row["n_test"], row["epochs"]) == ("120", "50", "2")
        assert row["dataset"] == "fashion_mnist"
        assert 0 <= float(row["accuracy"]) <= 1
        assert float(row["fit_seconds"]) > 0
    assert [int(row["connections"]) for row in rows] == [2742, 1386, 714] * 2
    assert (out / "reproduce_paper_fashion_mnist.png").read_bytes().startswith(b"\x89PNG")

    printed = capsys.readouterr().out
    assert printed.count("seed 0, run ") == 6
    assert "StandardScaler, learned on the training part" in printed
    assert "0.25 × (1 - time / time of m=1) + 0.75 × (accuracy / accuracy of m=1)" in printed
    table = [line.split() for line in printed.splitlines()]
    table = {tuple(cells[:2]): cells for cells in table if cells[:1] in (["magnitude"], ["random"])}
    assert len(table) == 6
    for prune in ("magnitude", "random"):
        assert {"3.7", "43.3"} <= set(table[prune, "2"])
        assert ">9" in table[prune, "4"]


def test_simulated_lung_in_parallel(script, tmp_path, capfd):
    script.main(
        f"--dataset lung --out {tmp_path} --hidden 20 --epochs 2 --repeats 2 --jobs 2 "
        "--motif-sizes 2 1 --prune magnitude --weight-sharing scaled".split()
    )
    rows = read(tmp_path / "reproduce_paper_lung.csv")
    assert [(row["seed"], row["motif_size"]) for row in rows] == [
        ("0", "1"),
        ("0", "2"),
        ("1", "1"),
        ("1", "2"),
    ]
    assert {row["dataset"] for row in rows} == {"simulated_lung"}
    assert {(row["n_train"], row["n_test"]) for row in rows} == {("135", "68")}
    printed = capfd.readouterr().out
    assert "THE DATA ARE SIMULATED" in printed
    assert "30.4" in printed


def test_split_is_drawn_by_the_seed_and_scaled_on_the_training_part(script):
    options = script.parse_arguments(["--dataset", "lung"])
    data = script.load(options)
    X_train, X_test, y_train, y_test = script.split(data, options, seed=0)
    assert X_train.dtype == X_test.dtype == np.float32
    np.testing.assert_allclose(X_train.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(X_train.std(axis=0), 1, atol=1e-4)
    assert abs(X_test.mean(axis=0)).max() > 0.1
    np.testing.assert_array_equal(np.bincount(y_train) + np.bincount(y_test), np.bincount(data.y))
    assert np.bincount(y_test).min() == 2
    np.testing.assert_array_equal(script.split(data, options, seed=0)[0], X_train)
    assert not np.array_equal(script.split(data, options, seed=1)[0], X_train)


@pytest.fixture
def runs():
    """Two seeds of motif sizes 1 and 2."""
    return [
        {"prune": "random", "motif_size": size, "connections": 1, "parameters": 1} | measured
        for size, measured in (
            (1, {"accuracy": 0.8, "fit_seconds": 10.0}),
            (1, {"accuracy": 0.9, "fit_seconds": 10.0}),
            (2, {"accuracy": 0.6, "fit_seconds": 4.0}),
            (2, {"accuracy": 0.76, "fit_seconds": 6.0}),
        )
    ]


def test_comprehensive_score(script, report, runs):
    options = script.parse_arguments(["--prune", "random", "--motif-sizes", "1", "2"])
    base, pair = report.summarize(runs, options)
    assert (base["lost"], base["saved"], base["score"]) == pytest.approx((0, 0, 0.5))
    assert (pair["lost"], pair["saved"], pair["score"]) == pytest.approx((17, 50, 0.65))
    options.weight = 0.4
    assert report.summarize(runs, options)[1]["score"] == pytest.approx(0.68)
    assert report.paper_figures(options, 2) == ("43.3", "3.7", "0.751")
    assert report.paper_figures(options, 4) == ("-", ">9", "-")


def test_picture_shows_what_was_measured_beside_the_paper(script, report, runs):
    pytest.importorskip("matplotlib")
    options = script.parse_arguments(["--prune", "random", "--motif-sizes", "1", "2"])
    figure = report.draw(report.summarize(runs, options), options, "fashion_mnist")
    axes = figure.axes[0]
    marks = {
        line.get_label(): line.get_xydata() for line in axes.lines if line.get_marker() in "sD"
    }
    np.testing.assert_allclose(marks["random pruning (m=1: 85.0 %)"], [[50, -17]])
    np.testing.assert_allclose(marks["paper"], [[43.3, -3.7]])
    numbers = sorted((text.get_text(), *text.xy) for text in axes.texts)
    assert numbers == [("1", 0, 0), ("2", 43.3, -3.7), ("2", 50, pytest.approx(-17))]
    assert axes.get_title().startswith("Fashion-MNIST")


def test_without_matplotlib(script, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    script.main(
        f"--dataset lung --out {tmp_path} --hidden 20 --epochs 1 --repeats 1 --jobs 1 "
        "--motif-sizes 1 --prune magnitude".split()
    )
    assert "matplotlib is not installed" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["reproduce_paper_lung.csv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--motif-sizes 2 4", "must contain 1"),
        ("--weight 1.5", "between 0 and 1"),
        ("--epochs 0", "--epochs must be at least 1"),
    ],
)
def test_wrong_arguments(script, arguments, message, capsys):
    with pytest.raises(SystemExit):
        script.main(arguments.split())
    assert message in capsys.readouterr().err
