"""Choosing a motif size: by hand-made results of searches, and in real ones."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.stats import randint, sem
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    ShuffleSplit,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier
from sklearn_motif.model_selection import (
    CheapestMotifSize,
    comprehensive_score,
    weigh_time_and_score,
)


def results(candidates, scores, *, seconds=None, metric="score"):
    """`cv_results_` of `candidates`, dicts or motif sizes, with a score or one for each split."""
    scores = np.array(scores, dtype=float).reshape(len(candidates), -1)
    return {
        "params": [c if isinstance(c, dict) else {"motif_size": c} for c in candidates],
        "mean_fit_time": np.ones(len(candidates)) if seconds is None else np.array(seconds),
        f"mean_test_{metric}": scores.mean(axis=1),
        **{f"split{i}_test_{metric}": column for i, column in enumerate(scores.T)},
    }


class Scripted(ClassifierMixin, BaseEstimator):
    """Scores what `scores` says for its motif size; fails where there is no score."""

    def __init__(self, motif_size=1, scores=None, other=None):
        self.motif_size = motif_size
        self.scores = scores
        self.other = other

    def fit(self, X, y):
        self.score_ = self.scores[self.motif_size]
        self.classes_ = np.unique(y)
        return self

    def score(self, X, y):
        return self.score_


@pytest.fixture
def xy():
    return np.arange(40.0)[:, None], np.arange(40) % 2


# The cheapest motif size: which candidate it is.


@pytest.mark.parametrize(
    ("max_loss", "chosen"),
    [(0, 1), (0.005, 1), (0.02, 0), (0.0199, 1), (0.1, 3), (1, 2)],
)
def test_largest_size_within_the_loss(max_loss, chosen):
    # In no order: the smallest size is not the first, nor does it have the best score.
    cv_results = results([3, 2, 8, 4, 1], [0.90, 0.92, 0.60, 0.85, 0.91])
    index = CheapestMotifSize(max_loss)(cv_results)
    assert index == chosen
    assert type(index) is int


def test_the_loss_is_half_a_point_by_default():
    assert CheapestMotifSize()(results([1, 2, 4], [0.9, 0.896, 0.894])) == 1


@pytest.mark.parametrize(("best", "max_loss"), [(0.93, 0.005), (0.3, 0.1), (0.9, 0.1), (0.7, 0.6)])
def test_rounding_does_not_decide_at_the_edge(best, max_loss):
    choose = CheapestMotifSize(max_loss)
    edge = best - max_loss
    for score in (np.nextafter(edge, 0), edge, np.nextafter(edge, 1), round(edge, 3)):
        assert choose(results([1, 2], [best, score])) == 1
    assert choose(results([1, 2], [best, edge - 1e-9])) == 0


def test_negative_scores_are_better_when_higher():
    cv_results = results([1, 2, 4], [-10.0, -10.4, -10.6])
    assert CheapestMotifSize(0.5)(cv_results) == 1


def test_one_standard_error_of_the_best_candidate():
    splits = [0.88, 0.94, 0.91]  # the sample deviation is 0.03
    error = 0.03 / np.sqrt(3)
    assert sem(splits) == pytest.approx(error)
    choose = CheapestMotifSize("one_standard_error")
    for below, chosen in ((0.999 * error, 1), (1.001 * error, 0)):
        scores = [splits, [0.91 - below] * 3, [0.5, 0.9, 0.7]]
        assert choose(results([1, 2, 4], scores)) == chosen


def test_one_standard_error_reads_the_splits_of_its_metric_only():
    cv_results = results([1, 2], [[0.8, 0.8], [0.7, 0.7]], metric="a") | {
        f"split{i}_{name}": np.array([i, 0.0])
        for name in ("test_b", "train_a", "test_x_test_a")
        for i in range(4)
    }
    assert CheapestMotifSize("one_standard_error", metric="a")(cv_results) == 0


def test_equal_sizes_are_told_apart_by_score_then_order():
    candidates = [{"motif_size": m, "alpha": a} for m in (1, 2) for a in (1, 2, 3)]
    scores = [0.95, 0.9, 0.9, 0.93, 0.94, 0.94]
    assert CheapestMotifSize(0.05)(results(candidates, scores)) == 4


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_never_chosen(bad):
    scores = [[bad, 0.9], [0.9, 0.9], [0.9, 0.9], [bad, bad], [0.9, bad]]
    cv_results = results([1, 2, 4, 8, 16], scores)
    for max_loss in (0.01, "one_standard_error"):
        assert CheapestMotifSize(max_loss)(cv_results) == 2
    with pytest.raises(ValueError, match="no candidate with a finite mean_test_score"):
        CheapestMotifSize()(results([1, 2], [bad, bad]))


def test_names_of_the_motif_size():
    for name in ("motif_size", "net__motif_size", "a__b__motif_size"):
        candidates = [{name: m, "their_motif_size": 9 - m, "motif_size_": 0} for m in (1, 2)]
        assert CheapestMotifSize()(results(candidates, [1, 1])) == 1


def test_metric():
    cv_results = results([1, 2], [0.9, 0.5], metric="a") | results([1, 2], [0.9, 0.9], metric="b")
    assert CheapestMotifSize(metric="a")(cv_results) == 0
    assert CheapestMotifSize(metric="b")(cv_results) == 1
    with pytest.raises(ValueError, match=r"metric must be one of .*\['a', 'b'\]; got 'score'"):
        CheapestMotifSize()(cv_results)


def test_a_data_frame_of_results_does_as_well():
    """In any order of its rows, whose labels are no positions then."""
    scores = [[0.9, 0.9], [0.8, 0.8], [0.7, 0.9]]
    frame = pd.DataFrame(results([1, 2, 4], scores, seconds=[8, 4, 2]))[::-1]
    assert CheapestMotifSize(0.1)(frame) == 0
    assert CheapestMotifSize("one_standard_error")(frame) == 2
    np.testing.assert_allclose(comprehensive_score(frame, weight=1), [0.75, 0.5, 0])
    rows = pd.DataFrame(results([1, "auto", 4], [1, 1, 1]))[1:]
    with pytest.raises(ValueError, match=r"candidate 0 has .*'auto'"):
        CheapestMotifSize()(rows)


# The cheapest motif size: wrong use.


@pytest.mark.parametrize(
    ("candidates", "message"),
    [
        ([{"alpha": 1}, {"alpha": 2}], r"exactly one .*; none of \['alpha'\]"),
        ([{}, {}], "exactly one .* none of"),
        ([{"min_motif_size": 1}, {"min_motif_size": 2}], "exactly one .* none of"),
        (
            [{"a__motif_size": 1, "b__motif_size": 1}, {"a__motif_size": 2}],
            r"exactly one .*\['a__motif_size', 'b__motif_size'\]",
        ),
        ([{"motif_size": 1}, {"motif_size": "auto"}], "motif_size must be an integer .*'auto'"),
        ([{"motif_size": [4, 2]}, {"motif_size": 2}], r"motif_size must be an integer .*\[4, 2\]"),
        (
            [{"net__motif_size": 1}, {"net": "linear"}],
            "net__motif_size must be an integer .*candidate 1 has .*{'net': 'linear'}",
        ),
    ],
)
def test_results_without_one_motif_size_for_each_candidate(candidates, message):
    with pytest.raises(ValueError, match=message):
        CheapestMotifSize()(results(candidates, [1, 1]))


def test_one_standard_error_needs_two_splits():
    with pytest.raises(ValueError, match="needs a search with two splits or more, got 1"):
        CheapestMotifSize("one_standard_error")(results([1, 2], [1, 1]))


@pytest.mark.parametrize("function", [CheapestMotifSize(), comprehensive_score])
def test_what_is_no_result_of_a_search(function):
    with pytest.raises(ValueError, match="cv_results"):
        function(GridSearchCV(Scripted(), {"motif_size": [1]}))
    with pytest.raises(ValueError, match="cv_results must be the cv_results_ of a search"):
        function({"mean_test_score": [1.0]})


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"max_loss": -0.1}, "max_loss"),
        ({"max_loss": np.nan}, "max_loss"),
        ({"max_loss": "two_standard_errors"}, "max_loss"),
        ({"max_loss": None}, "max_loss"),
        ({"metric": 1}, "metric"),
    ],
)
def test_wrong_parameters_are_found_before_a_search_runs(parameters, name):
    with pytest.raises(ValueError, match=f"The '{name}' parameter of CheapestMotifSize must be"):
        CheapestMotifSize(**parameters)


# The cheapest motif size: in scikit-learn.


def test_copies_are_equal_and_print_well():
    choose = CheapestMotifSize("one_standard_error", metric="f1")
    assert repr(choose) == "CheapestMotifSize(max_loss='one_standard_error', metric='f1')"
    search = GridSearchCV(Scripted(), {}, refit=choose)
    for other in (
        copy.deepcopy(choose),
        pickle.loads(pickle.dumps(choose)),
        clone(choose, safe=False),
        clone(search).refit,
    ):
        assert other == choose
    assert choose != CheapestMotifSize()
    assert "refit=CheapestMotifSize(max_loss='one_standard_error'" in repr(search)


def test_refits_the_choice_in_a_parallel_search(blobs):
    model = MotifSETClassifier((30,), learning_rate_init=0.01, max_iter=40, tol=0.1, random_state=0)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), model),
        {"motifsetclassifier__motif_size": [1, 2, 3], "motifsetclassifier__alpha": [0, 1e-4]},
        refit=CheapestMotifSize(max_loss=1),
        cv=2,
        n_jobs=2,
    )
    search = pickle.loads(pickle.dumps(clone(search).fit(*blobs)))
    assert search.best_estimator_[-1].motif_size == 3
    assert search.best_params_ == search.cv_results_["params"][search.best_index_]
    assert search.score(*blobs) > 0.9
    strict = CheapestMotifSize(max_loss=0)(search.cv_results_)
    scores = search.cv_results_["mean_test_score"]
    assert scores[strict] == scores.max()
    sizes = search.cv_results_["param_motifsetclassifier__motif_size"]
    assert (comprehensive_score(search.cv_results_, weight=0)[sizes == 1] == 1).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_failed_fits_and_several_metrics(xy):
    scoring = {"good": lambda model, X, y: model.score_, "bad": lambda model, X, y: -model.score_}
    search = GridSearchCV(
        Scripted(scores={1: 0.9, 2: 0.8, 4: 0.7}),
        {"motif_size": [8, 4, 2, 1]},
        scoring=scoring,
        refit=CheapestMotifSize(0.15, metric="good"),
        cv=2,
    )
    assert search.fit(*xy).best_params_ == {"motif_size": 2}
    search.set_params(refit=CheapestMotifSize(0.15, metric="bad"))
    assert search.fit(*xy).best_params_ == {"motif_size": 4}


def test_random_search_over_several_spaces(xy):
    """The columns of parameters are masked where a space lacks them."""
    search = RandomizedSearchCV(
        make_pipeline(Scripted(scores=dict.fromkeys(range(1, 9), 0.5))),
        [
            {"scripted__motif_size": randint(1, 8)},
            {"scripted__motif_size": [8], "scripted__other": ["a"]},
        ],
        n_iter=20,
        refit=CheapestMotifSize(),
        cv=2,
        random_state=0,
    ).fit(*xy)
    sizes = search.cv_results_["param_scripted__motif_size"]
    assert np.ma.is_masked(search.cv_results_["param_scripted__other"])
    assert search.best_params_["scripted__motif_size"] == sizes.max() == 8


def test_one_standard_error_in_a_search_with_one_split(xy):
    search = GridSearchCV(
        Scripted(scores={1: 1}),
        {"motif_size": [1]},
        refit=CheapestMotifSize("one_standard_error"),
        cv=ShuffleSplit(1),
    )
    with pytest.raises(ValueError, match="two splits or more, got 1"):
        search.fit(*xy)


def test_last_iteration_of_a_halving_search(xy):
    search = HalvingGridSearchCV(
        Scripted(scores={1: 0.90, 2: 0.89, 4: 0.88, 8: 0.87}),
        {"motif_size": [8, 4, 2, 1]},
        factor=2,
        min_resources=10,
        cv=2,
        refit=False,
    ).fit(*xy)
    chosen = CheapestMotifSize(max_loss=1)(search.cv_results_)
    last = search.cv_results_["iter"] == search.cv_results_["iter"].max()
    assert last.sum() == 1 < (~last).sum()
    assert last[chosen]
    # Another "best" candidate of an earlier iteration does not count.
    cv_results = results([1, 2, 2, 4], [0.99, 0.9, 0.8, 0.798]) | {"iter": np.array([0, 0, 1, 1])}
    assert CheapestMotifSize()(cv_results) == 3


# The comprehensive score.


@pytest.mark.parametrize(
    ("weight", "expected"),
    [(0, [1, 0.9, 0.75]), (1, [0, 0.4, 0.8]), (0.25, [0.75, 0.775, 0.7625])],
)
def test_weighs_time_and_score(weight, expected):
    seconds, scores = [10.0, 6.0, 2.0], [0.8, 0.72, 0.6]
    weighed = weigh_time_and_score(
        seconds, scores, baseline_seconds=10.0, baseline_scores=0.8, weight=weight
    )
    np.testing.assert_allclose(weighed, expected, rtol=1e-12)
    of_search = comprehensive_score(results([1, 2, 4], scores, seconds=seconds), weight=weight)
    np.testing.assert_allclose(of_search, expected, rtol=1e-12)
    one = weigh_time_and_score(
        np.float32(2), np.float64(0.6), baseline_seconds=10, baseline_scores=0.8, weight=weight
    )
    assert one == pytest.approx(expected[2])


def test_time_and_score_count_the_same_by_default():
    cv_results = results([1, 2], [0.8, 0.6], seconds=[10, 5])
    np.testing.assert_allclose(comprehensive_score(cv_results), [0.5, 0.625])


VALUES = [
    ("tied", "scaled"),
    (None, 0.1),
    ((10,), (10, 10)),
    ([np.array([3, 4]), np.array([3, 4]), np.array([3, 4])], [np.array([3, 5])] * 3),
    ("mean", "median"),
    (StandardScaler(), StandardScaler(with_mean=False)),
]


@pytest.mark.parametrize(("one", "other"), VALUES, ids=str)
def test_compares_candidates_with_equal_other_parameters(one, other):
    one, other = (v if isinstance(v, list) else [v] * 3 for v in (one, other))
    candidates = [
        {"net__motif_size": 4, "p": one[0], "q": 1},
        {"net__motif_size": np.int64(1), "p": other[0], "q": 1},
        {"net__motif_size": 1, "p": one[1], "q": 1},
        {"net__motif_size": 4, "p": other[1], "q": 1},
        {"q": 1, "p": other[2], "net__motif_size": 2},
        {"net__motif_size": 1, "q": 1},
        {"net__motif_size": 4, "q": 1},
    ]
    scores, seconds = [0.6, 0.5, 0.8, 0.4, 0.5, 0.2, 0.1], [4, 10, 8, 1, 5, 2, 2]
    cv_results = results(candidates, scores, seconds=seconds, metric="a")
    np.testing.assert_allclose(
        comprehensive_score(cv_results, weight=0, metric="a"), [0.75, 1, 1, 0.8, 1, 1, 0.5]
    )
    np.testing.assert_allclose(
        comprehensive_score(cv_results, weight=1, metric="a"), [0.5, 0, 0, 0.9, 0.5, 0, 0]
    )


def test_sizes_without_an_order_are_compared_with_size_1():
    cv_results = results([1, "auto", [4, 1]], [0.8, 0.6, 0.4])
    np.testing.assert_allclose(comprehensive_score(cv_results, weight=0), [1, 0.75, 0.5])


def test_a_candidate_drawn_twice_is_compared_with_the_first():
    cv_results = results([1, 2, 1], [0.5, 0.6, 0.5], seconds=[4, 1, 8])
    np.testing.assert_allclose(comprehensive_score(cv_results, weight=1), [0, 0.75, -1])


def test_halving_compares_within_an_iteration():
    cv_results = results([1, 2, 1, 2], [0.5, 0.4, 0.8, 0.8]) | {"iter": np.array([0, 0, 1, 1])}
    np.testing.assert_allclose(comprehensive_score(cv_results, weight=0), [1, 0.8, 1, 1])
    cv_results["iter"] = np.array([0, 0, 0, 1])
    with pytest.raises(ValueError, match="none for candidate 3"):
        comprehensive_score(cv_results)


def test_failed_fits_have_no_comprehensive_score():
    cv_results = results([1, 2, 4], [0.8, np.nan, 0.8])
    np.testing.assert_array_equal(comprehensive_score(cv_results), [0.5, np.nan, 0.5])


@pytest.mark.parametrize(
    "candidates",
    [
        [{"motif_size": 2, "p": 1}, {"motif_size": 4, "p": 1}],
        [{"motif_size": 1, "p": 1}, {"motif_size": 4, "p": 2}],
        [{"motif_size": 1, "p": 1}, {"motif_size": 4}],
        [{"motif_size": 1}, {"motif_size": 4, "p": 1}],
        [{"motif_size": 1}, {"p": 1}],
    ],
    ids=str,
)
def test_nothing_to_compare_with(candidates):
    message = "must have a candidate with motif_size=1 and the same other parameters"
    with pytest.raises(ValueError, match=message):
        comprehensive_score(results(candidates, [1, 1]))


@pytest.mark.parametrize("bad", [0, -0.3, np.nan, np.inf])
def test_baselines_that_cannot_divide(bad):
    with pytest.raises(ValueError, match=r"baseline_scores .*must be finite and greater than 0"):
        comprehensive_score(results([1, 2], [bad, 0.5]))
    with pytest.raises(ValueError, match=r"baseline_seconds .*must be finite and greater than 0"):
        weigh_time_and_score(1, 1, baseline_seconds=bad, baseline_scores=1)


@pytest.mark.parametrize("weight", [-0.1, 1.1, np.nan, "half"])
def test_wrong_weights(weight):
    with pytest.raises(ValueError, match="'weight' parameter of comprehensive_score"):
        comprehensive_score(results([1, 2], [1, 1]), weight=weight)
    with pytest.raises(ValueError, match="'weight' parameter of weigh_time_and_score"):
        weigh_time_and_score(1, 1, baseline_seconds=1, baseline_scores=1, weight=weight)


def test_comprehensive_score_of_wrong_results():
    cv_results = results([1, 2], [1, 1])
    with pytest.raises(ValueError, match=r"metric must be one of .*\['score'\]; got 'f1'"):
        comprehensive_score(cv_results, metric="f1")
    with pytest.raises(ValueError, match="exactly one"):
        comprehensive_score(results([{"p": 1}], [1]))
    del cv_results["mean_fit_time"]
    with pytest.raises(ValueError, match="it has no 'mean_fit_time'"):
        comprehensive_score(cv_results)
