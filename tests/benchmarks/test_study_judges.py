"""What the study judges beside accuracy on sets that exist."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from benchmarks.study import data, judge, judge_tables, models, peers, results, run, streams
from benchmarks.study.plan import PLAN, planned_runs

JUDGES = ("probabilities", "labels", "streams", "interactions", "few_rows")
WITHOUT_FILES = [
    name for name in data.DATA if data.GROUP_OF[name] in JUDGES and not name.startswith("fashion")
]


def cells(text):
    """Rows of a table below its head, as lists of cells."""
    return [line[2:-2].split(" | ") for line in text.splitlines()[2:]]


def as_rows(X):
    return {tuple(row) for row in X}


def test_who_is_right_as_often_as_it_says_has_no_calibration_error():
    classes, y = np.array([3, 5]), np.array([3] * 8 + [5] * 2)
    says_80_percent = np.tile([0.8, 0.2], (10, 1))
    assert judge.calibration_error(classes, y, says_80_percent) == pytest.approx(0)
    says_90_percent = np.tile([0.9, 0.1], (10, 1))
    assert judge.calibration_error(classes, y, says_90_percent) == pytest.approx(0.1)


def test_bins_of_the_calibration_error_count_by_their_rows():
    probabilities = np.array([[1.0, 0.0]] * 3 + [[0.6, 0.4]])
    y = np.array([0, 0, 0, 1])  # sure and right; not so sure, and wrong
    error = judge.calibration_error(np.array([0, 1]), y, probabilities)
    assert error == pytest.approx(0.6 / 4)


def test_a_class_of_which_too_much_is_said():
    y, probabilities = np.array(["no"] * 9 + ["yes"]), np.tile([0.7, 0.3], (10, 1))
    measures = judge.judge_classes(np.array(["no", "yes"]), y, probabilities)
    assert measures["probability_over_rate"] == pytest.approx(3)
    three = judge.judge_classes(np.arange(3), np.arange(3), np.eye(3))
    assert "probability_over_rate" not in three


def test_several_labels_are_judged():
    y = np.array([[1, 0], [0, 0], [0, 1], [0, 0]])
    model = SimpleNamespace(
        predict=lambda X: np.zeros_like(y), predict_proba=lambda X: np.full(y.shape, 0.5)
    )
    measures = judge.judge(run.Run("rare_labels", "test", "ours", 0), model, None, y)
    assert measures == {"score": 0.75, "log_loss": 0.693147, "probability_over_rate": 2}


@pytest.mark.parametrize("name", WITHOUT_FILES)
def test_validation_rows_are_no_test_rows(name):
    test, validation = (data.load(name, None, 1, part) for part in ("test", "validation"))
    judged = as_rows(test[1]) - as_rows(test[0])  # a few digits and flowers are there twice
    assert not judged & (as_rows(validation[0]) | as_rows(validation[1]))


@pytest.mark.parametrize("name", WITHOUT_FILES)
def test_seeds_give_other_rows_and_each_always_the_same(name):
    one, again, other = (data.load(name, None, seed, "test") for seed in (0, 0, 1))
    assert all(map(np.array_equal, one, again))
    assert not np.array_equal(one[0], other[0])


def test_three_seeds_are_the_folds_of_a_shuffle():
    folds = [data.load("few_wine", None, seed, "test") for seed in range(6)]
    assert sum(len(fold[1]) for fold in folds[:3]) == 178
    assert len(as_rows(np.concatenate([fold[1] for fold in folds[:3]]))) == 178
    assert as_rows(folds[0][1]) != as_rows(folds[3][1])
    X, X_test, *_ = data.load("few_breast_cancer", None, 0, "test")
    assert (len(X), len(X_test)) == (120, 60)


def test_a_rare_class_and_rare_labels_are_as_rare_as_they_are_called():
    for name, rate in (("rare_1_in_100", 0.01), ("rare_1_in_1000", 0.001)):
        _, _, y, y_test = data.load(name, None, 0, "test")
        assert y.mean() == pytest.approx(rate, rel=0.01)
        assert y_test.mean() == pytest.approx(rate, rel=0.01)
    y = np.concatenate(data.load("rare_labels", None, 0, "test")[2:])
    np.testing.assert_allclose(y.mean(axis=0), np.full(20, 0.01))


def test_interactions_are_what_they_are_called():
    X, _, y, _ = data.load("xor_in_noise", None, 0, "test")
    assert X.shape == (1500, 302)
    np.testing.assert_array_equal(y, X[:, 0] != X[:, 1])
    X, _, y, _ = data.load("xor_or_third", None, 0, "test")
    np.testing.assert_array_equal(y, (X[:, 0] != X[:, 1]) | (X[:, 2] > 0.8))
    X, _, y, _ = data.load("product_and_column", None, 0, "test")
    assert X.shape == (590, 60)
    np.testing.assert_allclose(y, X[:, 0] * X[:, 1] + X[:, 5], rtol=1e-4, atol=1e-5)
    X, X_test, *_ = data.load("one_hot_and_numbers", None, 0, "test")
    assert (len(X), len(X_test)) == (4000, 2000)
    assert set(np.unique(X[:, :-4])) == {0, 1}
    assert (X[:, :-4].sum(axis=1) == 6).all()


@pytest.fixture
def questions(tmp_path):
    """A folder with texts in two parts, each with a word of its own beside those of a category."""
    (tmp_path / "tables").mkdir()
    rows = [
        {"text": f"{word} text{i}", "category": f"about {word}", "part": part}
        for part, n_rows in (("train", 40), ("test", 10))
        for i in range(n_rows)
        for word in ("card", "cash")
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "tables" / "banking77.csv.gz", index=False)
    return tmp_path


def test_only_texts_that_are_trained_on_make_words(questions):
    X, X_test, y, y_test = data.load("banking77", questions, 0, "test")
    assert (X.shape, X_test.shape) == ((80, 122), (20, 122))  # words, and pairs of them
    assert X.dtype == X_test.dtype == np.float32
    assert scipy.sparse.issparse(X)
    assert set(y) == set(y_test) == {"about card", "about cash"}
    X, X_test, y, y_test = data.load("banking77", questions, 0, "validation")
    assert (len(y), len(y_test)) == (60, 20)
    assert (X.max(axis=0).toarray() > 0).all()
    assert X.shape[1] == X_test.shape[1] < 122


def test_texts_are_validated_on_by_seed_and_tested_on_official_rows(questions):
    def load(seed, part):
        return data.load("banking77", questions, seed, part)

    assert (load(0, "test")[1] != load(1, "test")[1]).nnz == 0
    one, again, other = load(0, "validation"), load(0, "validation"), load(1, "validation")
    assert (one[1] != again[1]).nnz == 0
    assert one[1].shape != other[1].shape or (one[1] != other[1]).nnz


def test_the_engine_is_warmed_up_for_as_many_columns_as_are_timed(questions, monkeypatch):
    X, _, y, _ = data.load("banking77", questions, 0, "test")
    trained_on = []
    monkeypatch.setattr(run, "learn", lambda model, X, y, stream: trained_on.append(X))
    run.warm_up(run.Run("banking77", "test", "ours motif_size=3", 0), X, y)
    held = np.unique(trained_on[0].indices)
    np.testing.assert_array_equal(held, np.arange(X.shape[1]))


class Recorder:
    """What `partial_fit` was called with."""

    def __init__(self):
        self.calls = []

    def partial_fit(self, X, y, classes):
        assert list(classes) == list(range(10))
        self.calls.append((X.ravel().tolist(), y.tolist()))


def test_a_stream_begins_anew_where_its_rows_end():
    model, X, y = Recorder(), np.arange(10)[:, None], np.arange(10)
    streams.learn(model, X, y, streams.Stream(n_rows=6, n_calls=3))
    rows = [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 0, 1], [2, 3, 4, 5, 6, 7]]
    assert model.calls == [(row, row) for row in rows]


def test_classes_change_after_the_call_that_is_told():
    model, X, y = Recorder(), np.arange(10)[:, None], np.arange(10)
    streams.learn(model, X, y, streams.Stream(n_rows=1, n_calls=4, change=2))
    assert [labels for _, labels in model.calls] == [[0], [1], [5], [6]]


def test_a_stream_is_judged_by_the_classes_that_it_had_last():
    before, at, after = (
        data.load(name, None, 0, "test")[3]
        for name in (
            "digits_by_90_after_200",
            "digits_changed_at_150_after_150",
            "digits_changed_at_150_after_200",
        )
    )
    np.testing.assert_array_equal(before, at)
    np.testing.assert_array_equal((before + 3) % 10, after)


def test_fashion_mnist_comes_in_random_order(tmp_path):
    rng = np.random.default_rng(0)
    for part, n_rows in (("train", 60_000), ("test", 100)):
        X = np.zeros((n_rows, 784), np.uint8)
        X[:, 0] = rng.integers(256, size=n_rows)
        np.savez(tmp_path / f"fashion_mnist_{part}.npz", X=X, y=X[:, 0] % 10)
    one, other = (data.load("fashion_by_5000_after_12", tmp_path, s, "test") for s in range(2))
    assert one[0].max() == 1
    np.testing.assert_array_equal((255 * one[0][:, 0]).round() % 10, one[2])
    assert not np.array_equal(one[2], other[2])
    np.testing.assert_array_equal(one[3], other[3])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_peers_of_streams_and_labels():
    assert not hasattr(peers.make_peer("MLPClassifier", 0, None, "digits_by_1_after_400"), "steps")
    X, X_test, y, y_test = data.load("rare_labels", None, 0, "test")
    for config in peers.PEERS["labels"]:
        model = peers.make_peer(config, 0, X, "rare_labels")
        models.shorten(model, 1)
        model.fit(X, y)
        assert model.predict_proba(X_test).shape == y_test.shape
        assert models.connections(model) >= 20 * 20


@pytest.mark.parametrize("group", [*JUDGES, "text"])
def test_every_set_is_planned_with_ours_and_its_peers(group):
    planned = {(r.data, r.config) for name in PLAN for r in planned_runs(name)}
    for name in data.GROUPS[group]:
        configs = {config for planned_name, config in planned if planned_name == name}
        assert set(peers.PEERS[group]) < configs
        assert any(map(models.is_ours, configs))


def test_rows_of_earlier_files_have_no_new_measure(tmp_path):
    old = [name for name in run.COLUMNS if name not in judge.MEASURES[2:]]
    row = {name: 0 for name in old} | {"data": "adult", "part": "test", "config": "ours"}
    pd.DataFrame([row]).to_csv(tmp_path / "old.csv", index=False)
    new = {name: 0.5 for name in run.COLUMNS} | {"data": "churn", "part": "test", "config": "ours"}
    pd.DataFrame([new]).to_csv(tmp_path / "new.csv", index=False)
    rows = results.read([tmp_path / "old.csv"])
    assert judge_tables.by_measure(rows, "calibration_error", ["LightGBM"]) == ""
    rows = results.read([tmp_path / "new.csv", tmp_path / "old.csv"])
    assert cells(judge_tables.by_measure(rows, "calibration_error", [])) == [
        ["churn", "**0.500**"],
        ["mean", "0.500"],
        ["mean rank", "1.00"],
    ]


@pytest.fixture
def rows():
    """Measures of two models on two sets, one of which a third model has, too."""
    measured = [("adult", "ours", 0.2), ("adult", "SVC", 0.1), ("churn", "ours", 0.9),
                ("churn", "SVC", 1.2), ("churn", "LightGBM", 1.0)]  # fmt: skip
    frame = pd.DataFrame(measured, columns=["data", "config", "log_loss"])
    return frame.assign(seed=0).astype({"data": "category"})


def test_the_least_loss_is_bold_and_ranks_are_of_whole_rows(rows):
    lines = cells(judge_tables.by_measure(rows, "log_loss", ["SVC", "LightGBM"]))
    assert lines == [
        ["adult", "0.200", "**0.100**", ""],
        ["churn", "**0.900**", "1.200", "1.000"],
        ["mean, 1 of 2 sets", "0.900", "1.200", "1.000"],
        ["mean rank, 1 of 2 sets", "1.00", "3.00", "2.00"],
    ]


def test_the_ratio_that_is_next_to_one_is_best(rows):
    lines = cells(judge_tables.by_measure(rows, "log_loss", ["SVC"], best=1))
    assert lines[:2] == [["adult", "**0.200**", "0.100"], ["churn", "**0.900**", "1.200"]]
    assert lines[-1] == ["mean rank", "1.00", "2.00"]
    with_nobody = cells(judge_tables.by_measure(rows, "log_loss", ["SVC", "CatBoost"], best=1))
    assert with_nobody[-1] == ["mean rank", "1.00", "2.00", ""]


def test_few_rows_are_compared_by_layers():
    scores = [("few_iris", "a", 90.0), ("few_iris", "b", 88.0), ("few_iris", "c", 70.0),
              ("few_wine", "a", 95.0), ("few_wine", "b", 96.0)]  # fmt: skip
    frame = pd.DataFrame(scores, columns=["data", "config", "score"]).astype({"data": "category"})
    lines = cells(judge_tables.few_rows(frame, {(10,): ("a", "b"), (9,): ("c", "d")}))
    assert lines == [
        ["few_iris", "(10,)", "90.0", "88.0", "+2.0"],
        ["few_iris", "(9,)", "70.0", "", ""],
        ["few_wine", "(10,)", "95.0", "96.0", "-1.0"],
        ["few_wine", "(9,)", "", "", ""],
        ["mean", "", "", "", "+0.5"],
    ]


def test_models_of_texts_are_timed_beside_a_linear_one():
    runs = [("ours", 0, 91.0, 0.5, 6.0), ("ours", 1, 90.0, 0.3, 8.0),
            ("LinearSVC", 0, 89.0, np.nan, 1.0), ("LinearSVC", 1, 89.0, np.nan, 3.0)]  # fmt: skip
    columns = ["config", "seed", "score", "log_loss", "fit_seconds"]
    frame = pd.DataFrame(runs, columns=columns)
    lines = cells(judge_tables.text(frame, ["ours", "ours motif_size=1", "LinearSVC"]))
    assert lines == [
        ["`ours`", "90.5", "0.400", "7.00", "3.50"],
        ["`LinearSVC`", "89.0", "", "2.00", "1.00"],
    ]
    alone = cells(judge_tables.text(frame[:2], ["ours", "LinearSVC"]))
    assert alone == [["`ours`", "90.5", "0.400", "7.00", ""]]
