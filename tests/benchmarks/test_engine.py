"""The benchmark of the engine: every section at small sizes, on generated rows."""

import json
import subprocess
import sys

import joblib
import numpy as np
import pytest

from benchmarks import peers
from benchmarks.engine import (
    SECTIONS,
    break_even,
    epoch,
    figures,
    first_epoch,
    late_epochs,
    memory,
    ours,
    products,
    report,
    scaling,
    small_data,
    sparse_rows,
    stages,
    start,
    two_threads,
)
from benchmarks.engine.contestants import Contestant, Ready
from benchmarks.timing import ROOT

N_MOTIF_SIZES = 3
PNG = b"\x89PNG"


def tables_of(text):
    """Tables of each section, by its title: a list of rows for each, with the header's."""
    sections = {}
    for line in text.splitlines():
        if line.startswith("## "):
            tables = sections[line[3:]] = [[]]
        elif line.startswith("|"):
            tables[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        elif sections and tables[-1]:
            tables.append([])
    return {title: [t for t in tables if t] for title, tables in sections.items()}


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """(tables, results as JSON, text, folder) of the whole command."""
    folder = tmp_path_factory.mktemp("engine")
    command = [sys.executable, "-m", "benchmarks.engine", "--smoke"]
    command += ["--out", str(folder / "engine"), "--figures", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = (folder / "engine.md").read_text()
    assert text in done.stdout
    return tables_of(text), json.loads((folder / "engine.json").read_text()), text, folder


def n_peers():
    return bool(peers.torch()), bool(peers.sparselab())


def rows_of_sections():
    """Rows of each table, without header and rule, by section."""
    torch, sparselab = n_peers()
    threads = joblib.cpu_count() > 1
    both = 1 + threads
    n_threads = len(scaling.thread_counts())
    size = scaling.SMOKE
    n_start = len(start.CALLS) * len(start.SMOKE.dtypes) * len(start.SMOKE.caches)
    n_lines = len(break_even.SMOKE.widths) * len(break_even.SMOKE.batches)
    return {
        "In short": [1 + N_MOTIF_SIZES],
        "One epoch": [both * (1 + 2 * torch + sparselab + N_MOTIF_SIZES) + 4],
        "Stages of an epoch": [len(stages.names_of_turns(len(stages.SMOKE.hidden) + 1)) + 4],
        "The sparse product alone": [len(products.SMOKE.batches)],
        "Small data": [3 * len(small_data.SMOKE.batches)],
        "Prediction": 2 * [both * (1 + N_MOTIF_SIZES)],
        "Start": [1 + n_start],
        "Before the first epoch": [2 + len(first_epoch.STEPS)],
        "Late epochs": [len(late_epochs.CASES)],
        "Memory": [len(memory.SMOKE.epsilons) * len(memory.SMOKE.kinds)],
        "Sparse rows": [len(sparse_rows.SMOKE.columns)],
        "Scaling": [
            len(size.neurons),
            len(size.epsilons),
            n_threads * N_MOTIF_SIZES,
            len(size.batches) * N_MOTIF_SIZES,
            2 * (len(two_threads.IMAGES) + 1),
        ],
        "A very wide network": [N_MOTIF_SIZES],
        "Where a dense network wins": [n_lines],
    }


def test_every_section_has_its_rows(smoke):
    tables, results, *_ = smoke
    assert tuple(results) == SECTIONS
    found = {title: [len(table) - 2 for table in found] for title, found in tables.items()}
    assert found == rows_of_sections()
    for found in tables.values():
        for header, _, *rows in found:
            assert all(len(row) == len(header) and row[0] for row in rows)


def test_products_have_a_column_for_each_peer(smoke):
    header = smoke[0]["The sparse product alone"][0][0]
    torch, sparselab = n_peers()
    assert ("scipy / ours" in header, "MKL / ours" in header) == (True, torch)
    assert ("sparselab / ours" in header) == sparselab


def test_both_sides_of_an_epoch_have_as_many_weights(smoke):
    rows = {row["name"]: row["weights"] for row in smoke[1]["epoch"]["rows"]}
    assert rows["ours, m=2 none, epsilon 10"] == rows["ours, m=1"]
    assert rows["ours, m=1"] == 2 * rows["ours, m=2 scaled"] == 4 * rows["ours, m=4 tied"]


def test_the_tables_name_the_command_the_machine_and_the_peers_that_are_missing(smoke):
    _, results, text, folder = smoke
    assert "Made by `python -m benchmarks.engine DATA_DIR` on " in text
    assert "SMOKE RUN" in text
    assert "Measured on" not in text
    assert str(ROOT) not in text
    assert str(folder) not in text
    for package, version in results["epoch"]["machine"]["versions"].items():
        assert f"{package} {version or 'not installed'}" in text
        is_missing = f"The package {package} is not installed" in text
        assert is_missing == (version is None)


def test_pictures(smoke):
    for file, _ in figures.FIGURES.values():
        assert (smoke[3] / file).read_bytes().startswith(PNG)


def test_a_section_of_another_machine_says_so(smoke):
    results = json.loads(json.dumps(smoke[1]))
    results["start"]["machine"]["processor"] = "Another processor"
    text = report.markdown(results)
    assert text.count("Measured on Another processor, ") == 1
    assert text.index("## Start") < text.index("Measured on") < text.index("## Late epochs")


def test_a_section_alone_prints_its_table():
    command = [sys.executable, "-m", "benchmarks.engine.very_wide", "--smoke"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert list(tables_of(text)) == ["A very wide network"]


def test_without_data(monkeypatch):
    command = [sys.executable, "-m", "benchmarks.engine"]
    monkeypatch.delenv("SKLEARN_MOTIF_DATA", raising=False)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "DATA_DIR or SKLEARN_MOTIF_DATA must name the folder" in done.stderr


def contestant(name, kind, seconds):
    """One whose epochs take what the list says; an exception in it is raised."""
    turns = iter(seconds)

    def run():
        value = next(turns)
        if isinstance(value, Exception):
            raise value
        return value

    return Contestant(name, kind, lambda n: Ready(run, 10, n), (1, 2))


@pytest.fixture
def two_contestants(monkeypatch):
    """Have an epoch run by MLPClassifier, which takes 1 s, and by another."""

    def enter(*other):
        both = [contestant("MLPClassifier", "scikit-learn", [1.0] * 9), contestant(*other)]
        monkeypatch.setattr(epoch, "contestants", lambda *args: both)

    return enter


def test_the_error_of_a_peer_is_told(two_contestants, smoke):
    two_contestants("sparselab", "sparselab", [0.5, IndexError("of its own"), 0.5, 0.5])
    result = epoch.measure(epoch.SMOKE._replace(rounds=2), None)
    assert [row["name"] for row in result["rows"]] == ["MLPClassifier"] * 2 + ["sparselab"]
    result |= {key: smoke[1]["epoch"][key] for key in ("machine", "smoke")}
    sentence = "sparselab, 2 threads, could not be measured: it ended with IndexError"
    assert f"{sentence}: of its own." in report.markdown({"epoch": result})


def test_other_errors_end_the_section(two_contestants):
    two_contestants("torch dense", "torch", [ValueError("of mine")])
    with pytest.raises(ValueError, match="of mine"):
        epoch.measure(epoch.SMOKE, None)


def test_a_second_thread_that_loses_is_shown_as_it_is(two_contestants):
    two_contestants("ours, m=1", "ours", [0.1, 0.2])
    *_, alone, pair = epoch.measure(epoch.SMOKE, None)["rows"]
    assert alone["one_thread_over_this"] is None
    assert pair["one_thread_over_this"] == pytest.approx(0.5)
    assert pair["dense_over_this"] == pytest.approx(5)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_network_has_a_constant_learning_rate(steps):
    X, y = np.random.default_rng(0).standard_normal((80, 12)), np.arange(80) % 2
    ours.checked_fit(X, y, 3, hidden_layer_sizes=(10,), **ours.NETWORK)
    assert {step.learning_rate for step in steps} == {ours.NETWORK["learning_rate_init"]}


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [((4, 0.25), 0.1), ((2, 0.25), 0.01 * 100 ** (1 / 3)), ((4, 2), None), ((0.5, 0.25), None)],
)
def test_crossing(ratios, expected):
    cells = [
        {"density": density, "dense_over_ours": ratio}
        for density, ratio in zip((0.01, 1.0), ratios, strict=True)
    ]
    assert break_even.crossing(cells) == (expected and pytest.approx(expected))
