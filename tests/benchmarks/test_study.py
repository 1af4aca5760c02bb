"""The study runs and reports, on generated rows."""

import csv
import itertools

import numpy as np
import pandas as pd
import pytest

from benchmarks.study import __main__ as study
from benchmarks.study import data, models, motif_tables, plan, report, results, run, tables


def table(text, title):
    """Rows of the first table below a title, as lists of cells."""
    lines = text.split(f"## {title}\n")[1].split("\n## ")[0].splitlines()
    return [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """The CSV file of all configurations of the plan, after a few epochs."""
    path = tmp_path_factory.mktemp("study") / "study.csv"
    study.main([str(path), "--smoke"])
    return path


def test_every_planned_configuration_makes_a_row(smoke):
    with open(smoke, newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == run.COLUMNS
    planned = {r.config for name in plan.PLAN for r in plan.planned_runs(name)}
    assert {row["config"] for row in rows} == planned
    for row in rows:
        assert 0 <= float(row["accuracy"]) <= 1
        assert float(row["fit_seconds"]) > 0
        assert int(row["connections"]) > 0
        assert row["jobs"] == "1"
        assert "numba" in row["machine"]
    useful = {row["config"]: row["useful_in_top_20"] for row in rows if row["data"] == "madelon"}
    assert 0 <= int(useful["ours"]) <= 20
    assert useful["LogisticRegression"] == ""


def test_configurations_take_turns():
    runs = study.wanted_runs(study.parse_arguments(["data", "results.csv", "--plan"]))
    assert len(set(runs)) == len(runs)
    splits = [(r.part, r.seed, r.data) for r in runs]
    changes = sum(one != other for one, other in itertools.pairwise(splits))
    assert changes == len(set(splits)) - 1


def test_runs_that_stand_in_the_file_are_not_made_again(smoke, capsys):
    before = smoke.read_text()
    study.main([str(smoke), "--smoke"])
    assert smoke.read_text() == before
    assert capsys.readouterr().out.startswith("0 runs; ")


def test_report_shows_every_table_and_the_picture(smoke, tmp_path, capsys):
    paper = tmp_path / "paper.csv"
    columns = "dataset,seed,prune,motif_size,epochs,accuracy,fit_seconds"
    runs = ["a,0,magnitude,1,9,0.9,10", "a,1,magnitude,1,9,0.8,10", "a,0,magnitude,2,9,0.8,4",
            "a,1,magnitude,2,9,0.7,6"]  # fmt: skip
    paper.write_text("\n".join([columns, *runs]))
    out = tmp_path / "study.md"
    report.main([str(smoke), "--paper", str(paper), "--out", str(out), "--figures", str(tmp_path)])
    text = out.read_text()
    assert text in capsys.readouterr().out
    for section in report.SECTIONS:
        assert len(table(text, section.title)) > 1, section.title
    assert (tmp_path / report.PICTURE).read_bytes().startswith(b"\x89PNG")
    machine = results.read([smoke])["machine"][0]
    assert f"- {machine}\n" in text
    assert "Runs: `defaults`; 1 seed; fits one at a time." in text
    assert "2 seeds, 9 epochs." in text
    rows = table(text, "The paper's experiment")
    assert [row[3] for row in rows[1:]] == ["85.0 ± 7.1", "75.0 ± 7.1"]
    assert (rows[2][4], rows[2][6]) == ("10.0", "50")


@pytest.fixture
def rows():
    """Runs of four configurations on a large and a small set, with known accuracy."""
    accuracy = {"ours motif_size=1": 90.0, "ours": 89.0, models.DENSE: 88.0}
    return pd.DataFrame(
        {
            "data": name,
            "part": "test",
            "config": config,
            "seed": seed,
            "n_test": n_test,
            "accuracy": value - seed + (3 if config == "ours" and n_test < 500 else 0),
            "fit_seconds": 2.0 if config == "ours" else 4.0,
            "jobs": 1,
        }
        for name, n_test in (("fashion_mnist_5k", 10_000), ("wine", 60))
        for config, value in accuracy.items()
        for seed in range(2)
    ).astype({"data": "category"})


def test_points_lost_are_paired_and_told_apart_by_the_size_of_the_test_part(rows):
    lines = motif_tables.lost_and_saved(rows, {1: "ours motif_size=1", 2: "ours"})
    assert lines.splitlines()[2:] == ["| 2 | 1.00 | 1.00 to 1.00 | -2.00 | 50 % |"]
    # A seed that only one of the two has makes no difference.
    alone = rows.iloc[:1].assign(seed=7, accuracy=0.0)
    more = pd.concat([rows, alone])
    assert motif_tables.lost_and_saved(more, {1: "ours motif_size=1", 2: "ours"}) == lines


def test_the_best_accuracy_is_bold(rows):
    row = tables.in_short(rows).splitlines()[2]
    assert row.startswith("| fashion_mnist_5k | **88.5** | 87.5 |")


def test_seconds_are_medians_and_ratios(rows):
    cells = motif_tables.seconds(rows).splitlines()[2].strip("| ").split(" | ")
    assert cells[1:3] == ["4.00", "2.00"]
    assert (cells[6], cells[-1]) == ("0.50", "2.00")


def test_fewer_seeds_are_told(rows):
    assert results.describe_seeds(rows) == "2 seeds"
    fewer = rows.drop(index=rows.index[1])  # of the first configuration, on Fashion-MNIST
    described = results.describe_seeds(fewer)
    assert described == "2 seeds; 1 seed on fashion_mnist_5k for `ours motif_size=1`"


def test_a_missing_class_has_no_probability():
    probabilities = np.array([[0.5, 0.5], [0.2, 0.8]])
    loss = run.log_loss(np.array([0, 2]), np.array([2, 1]), probabilities)
    assert loss == pytest.approx(-(np.log(0.5) + np.log(1e-7)) / 2)


def test_validation_rows_are_training_rows_of_the_test_part():
    load = data.DATA["wine"]
    parts = {part: load(None, 0, part) for part in ("test", "validation")}
    training = {tuple(row) for row in parts["test"][0]}
    within = [{tuple(row) for row in rows} for rows in parts["validation"][:2]]
    assert within[0] | within[1] == training
    assert not within[0] & within[1]


def test_configurations_are_read():
    model = models.make("ours hidden_layer_sizes=(3,4) weight_sharing=tied epsilon=2.5", 5)
    parameters = model.get_params()
    assert parameters["hidden_layer_sizes"] == (3, 4)
    assert (parameters["weight_sharing"], parameters["epsilon"]) == ("tied", 2.5)
    assert parameters["random_state"] == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["results.csv"], "are needed"),
        (["data", "results.csv", "--configs", "theirs"], "must be 'ours ...'"),
    ],
)
def test_wrong_arguments(arguments, message, capsys):
    with pytest.raises(SystemExit):
        study.main(arguments)
    assert message in capsys.readouterr().err


def test_a_file_with_other_columns_is_not_appended_to(tmp_path):
    path = tmp_path / "old.csv"
    path.write_text("data,part\nwine,test\n")
    with pytest.raises(ValueError, match="other columns"):
        study.main(["data", str(path), "--data", "wine", "--part", "test"])
    assert path.read_text() == "data,part\nwine,test\n"
