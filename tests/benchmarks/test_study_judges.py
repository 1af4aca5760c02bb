"""What the study judges beside accuracy on sets that exist."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.study import judge, judge_tables, results, run


def cells(text):
    """Rows of a table below its head, as lists of cells."""
    return [line[2:-2].split(" | ") for line in text.splitlines()[2:]]


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
