"""The study runs and reports, on generated rows."""

import csv
import itertools

import numpy as np
import pandas as pd
import pytest

from benchmarks.study import __main__ as study
from benchmarks.study import (
    data,
    frames,
    judge,
    makers,
    models,
    motif_tables,
    peer_tables,
    peers,
    plan,
    report,
    results,
    run,
    splits,
    tables,
)


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
    made = {config for config in planned if not peers.is_missing(config)}
    assert {row["config"] for row in rows} == made
    for row in rows:
        is_number = data.is_regression(row["data"])
        assert (-10 if is_number else 0) <= float(row["score"]) <= 1
        has_none = is_number or row["config"] in ("SVC", "SGDClassifier", "LinearSVC")
        assert (row["log_loss"] == "") == has_none
        assert (row["calibration_error"] == "") == (has_none or row["data"] == "rare_labels")
        assert float(row["fit_seconds"]) > 0
        assert row["config"] == peers.REALMLP or int(row["connections"]) > 0
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
    assert "Rows, and so seconds, are those of float32, but for data frames." in text
    assert "Runs: `defaults`; 1 seed; fits one at a time." in text
    assert "2 seeds, 9 epochs." in text
    rows = table(text, "The paper's experiment")
    assert [row[3] for row in rows[1:]] == ["85.0 ± 7.1", "75.0 ± 7.1"]
    assert (rows[2][4], rows[2][6]) == ("10.0", "50")


@pytest.fixture
def rows():
    """Runs of three configurations on a large and a small set, with known scores."""
    score = {"ours motif_size=1": 90.0, "ours": 89.0, peers.DENSE: 88.0}
    return pd.DataFrame(
        {
            "data": name,
            "part": "test",
            "config": config,
            "seed": seed,
            "n_test": n_test,
            "score": value - seed + (3 if config == "ours" and n_test < 500 else 0),
            "fit_seconds": 2.0 if config == "ours" else 4.0,
            "jobs": 1,
        }
        for name, n_test in (("fashion_mnist_5k", 10_000), ("wine", 60))
        for config, value in score.items()
        for seed in range(2)
    ).astype({"data": "category"})


def test_points_lost_are_paired_and_told_apart_by_the_size_of_the_test_part(rows):
    lines = motif_tables.lost_and_saved(rows, {1: "ours motif_size=1", 2: "ours"})
    assert lines.splitlines()[2:] == ["| 2 | 1.00 | 1.00 to 1.00 | -2.00 | 50 % |"]
    # A seed that only one of the two has makes no difference.
    alone = rows.iloc[:1].assign(seed=7, score=0.0)
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
    loss = judge.log_loss(np.array([0, 2]), np.array([2, 1]), probabilities)
    assert loss == pytest.approx(-(np.log(0.5) + np.log(1e-7)) / 2)


def test_ranks_losses_and_seconds_of_peers(rows):
    lines = peer_tables.beside_peers(rows, [peers.DENSE, "SVC"]).splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines[2:]]
    assert [row[1] for row in cells[:2]] == ["**88.5** ± 0.7", "**91.5** ± 0.7"]
    assert [row[:3] for row in cells[2:]] == [
        ["mean rank", "1.00", "2.00"],
        ["greatest loss", "-1.0", "4.0"],
        ["mean seconds of a fit", "2.00", "4.00"],
    ]
    less = rows[(rows["config"] != peers.DENSE) | (rows["data"] != "wine")]
    lines = peer_tables.beside_peers(less, [peers.DENSE]).splitlines()
    assert [line.strip("| ").split(" | ") for line in lines[3:]] == [
        ["wine", "**91.5** ± 0.7"],
        ["mean rank, 1 of 2 sets", "1.00", "2.00"],
        ["greatest loss, 1 of 2 sets", "-1.0", "1.0"],
        ["mean seconds of a fit, 1 of 2 sets", "2.00", "4.00"],
    ]
    without_ours = rows[rows["config"] != "ours"]
    assert "| mean rank |  | 1.00 |" in peer_tables.beside_peers(without_ours, [peers.DENSE])


def test_validation_rows_are_training_rows_of_the_test_part():
    load = data.DATA["wine"]
    parts = {part: load(None, 0, part) for part in ("test", "validation")}
    training = {tuple(row) for row in parts["test"][0]}
    within = [{tuple(row) for row in rows} for rows in parts["validation"][:2]]
    assert within[0] | within[1] == training
    assert not within[0] & within[1]


@pytest.mark.parametrize("part", ["test", "validation"])
def test_no_more_rows_than_allowed_are_trained_on(part):
    X, y = np.arange(90.0)[:, None], np.arange(90.0)
    split = splits.two_thirds(X, y, 1, part, at_most=40, is_regression=True)
    assert [len(rows) for rows in split] == {
        "test": [40, 30, 40, 30],
        "validation": [30, 10, 30, 10],
    }[part]
    assert all(
        (rows[:, 0] == target).all() for rows, target in zip(split[:2], split[2:], strict=True)
    )


def test_frames_are_as_a_user_reads_them(tmp_path):
    (tmp_path / "tables").mkdir()
    n_rows = 300
    frame = pd.DataFrame(
        {
            "job": [f"job {i}" for i in range(n_rows)],
            "grade": "A",
            "sub_grade": "A1",
            "home": ["rent", None, "own"] * (n_rows // 3),
            "income": [1.5, np.nan, 2] * (n_rows // 3),
            "year": 2018,
            "interest_rate": [np.nan, *np.arange(1.0, n_rows)],
        }
    )
    frame.to_csv(tmp_path / "tables" / "frame_loans.csv.gz", index=False)
    X, y = frames.read_frame("frame_loans", tmp_path)
    assert X.dtypes.astype(str).to_dict() == {
        "home": "category",
        "income": "float64",
        "year": "int64",
    }
    assert X.isna().sum().tolist() == [100, 100, 0]
    assert y.tolist() == list(range(1, n_rows))
    X, X_test, y, y_test = data.load("frame_loans", tmp_path, 0, "test")
    assert (X.shape, X_test.shape, y.shape, y_test.shape) == ((199, 3), (100, 3), (199,), (100,))


def test_rows_are_given_as_they_are():
    X, X_test, *_ = data.load("wine", "no folder", 0, "test")
    assert X.dtype == X_test.dtype == np.float32
    assert X.mean(axis=0).max() > 100  # of proline


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_peers_that_need_it_get_standardized_columns():
    X = np.random.default_rng(0).normal(1000, 7, (60, 3))
    y = X.sum(axis=1) * 1000
    for data_set, target in (("adult", y > np.median(y)), ("r_houses", y)):
        for config in peers.PEERS[data.GROUP_OF[data_set]]:
            if config.startswith(("Log", "MLP", "SV", "Ridge")):
                model = peers.make_peer(config, 0, X, data_set)
                models.shorten(model, 1)
                model.fit(X, target)
                scaler = getattr(model, "regressor_", model)[0]
                np.testing.assert_allclose(scaler.mean_, X.mean(axis=0))
                assert hasattr(model, "transformer_") == (
                    data_set == "r_houses" and config != "Ridge"
                )


def test_catboost_gets_categories_as_strings():
    X = pd.DataFrame({"n": [1.0, np.nan], "c": pd.Categorical(["a", None])})
    strings = makers.categories_as_strings(X)
    assert strings["c"].tolist() == ["a", "missing"]
    assert np.isnan(strings["n"][1])
    assert X["c"].isna().sum() == 1


def test_only_peers():
    arguments = ["data", "results.csv", "--plan", "tables", "frames", "--only-peers"]
    runs = study.wanted_runs(study.parse_arguments(arguments))
    assert len(runs) == 5 * (12 * 8 + 3 * 3)
    arguments = ["data", "results.csv", "--data", "wine", "r_pol", "--configs", "ours", "peers"]
    configs = [(r.data, r.config) for r in study.wanted_runs(study.parse_arguments(arguments))]
    assert ("wine", "LogisticRegression") in configs
    assert ("r_pol", "Ridge") in configs
    assert ("wine", "Ridge") not in configs


def test_missing_packages_are_told_before_the_first_run(tmp_path, monkeypatch):
    monkeypatch.setitem(peers.PACKAGES, peers.LIGHTGBM, "no_such_package")
    path = tmp_path / "study.csv"
    with pytest.raises(SystemExit, match="pip install no_such_package"):
        study.main(["data", str(path), "--data", "adult", "--configs", "SVC", "LightGBM"])
    assert not path.exists()


def test_configurations_are_read():
    config = "ours hidden_layer_sizes=(3,4) weight_sharing=tied epsilon=2.5"
    model = models.make(config, 5, np.zeros((1, 2)), "wine")
    parameters = model.get_params()
    assert parameters["hidden_layer_sizes"] == (3, 4)
    assert (parameters["weight_sharing"], parameters["epsilon"]) == ("tied", 2.5)
    assert parameters["random_state"] == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["results.csv"], "are needed"),
        (["data", "results.csv", "--configs", "theirs"], "must be 'ours ...'"),
        (["data", "results.csv", "--data", "wine", "--configs", "SVC"], "configurations for wine"),
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
