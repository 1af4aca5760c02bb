"""The parameter `scoring`: networks in training, judged by a scorer."""

import copy
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score, check_scoring, get_scorer, make_scorer
from sklearn.utils.validation import check_is_fitted

from sklearn_motif import MotifSETClassifier, MotifSETRegressor

from ..models import assert_same_network, small


class Recorder:
    """A scorer that keeps what it is given, and gives prescribed scores."""

    def __init__(self, scores=None):
        self.scores = scores
        self.calls = []

    def __call__(self, estimator, X, y, sample_weight=None):
        self.calls.append((estimator, X, y, sample_weight))
        if self.scores is None:
            return float(len(self.calls))
        return self.scores[len(self.calls) - 1]


def stopping(scoring, estimator=MotifSETClassifier, **options):
    return small(estimator, early_stopping=True, scoring=scoring, **options)


def noisy(n=300):
    """Two classes that a network learns by heart sooner or later."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 12))
    return X, (X[:, 0] + 2 * rng.standard_normal(n) > 0).astype(int)


def test_the_epoch_that_the_scorer_likes_best_is_kept(blobs):
    """Even where it likes the opposite of accuracy."""
    X, y = blobs
    first = small(max_iter=1, learning_rate="constant", zeta=0)
    with pytest.warns(match="max_iter"):
        first.fit(X, y)
    options = {"learning_rate": "constant", "zeta": 0, "n_iter_no_change": 99}
    scorer = Recorder(-np.arange(1.0, 9.0))
    model = small(early_stopping=True, scoring=scorer, max_iter=8, **options)
    with pytest.warns(match="max_iter"):
        model.fit(X, y, X_val=X, y_val=y)
    np.testing.assert_array_equal(model.predict_proba(X), first.predict_proba(X))
    assert model.validation_scores_ == scorer.scores.tolist()
    assert model.best_validation_score_ == -1


def test_loss_keeps_the_epoch_of_the_least_validation_loss():
    X, y = noisy()
    model = stopping("loss", max_iter=30, n_iter_no_change=99, dropout=0.0)
    model.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    losses = model.validation_loss_curve_
    assert model.validation_scores_ == [-loss for loss in losses]
    assert losses.index(min(losses)) < len(losses) - 1, "the last epoch is the best one"
    kept = small(max_iter=1, tol=0, warm_start=True, learning_rate_init=1e-30, zeta=0, dropout=0.0)
    kept.__dict__.update({k: v for k, v in vars(model).items() if k.endswith("_") or k[0] == "_"})
    kept.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert kept.validation_loss_curve_[-1] == pytest.approx(min(losses))


def right_yes(y, predicted):
    """The share of rows that are rightly called so, by the labels as they were given."""
    return np.mean((y == "yes") & (predicted == "yes"))


@pytest.mark.parametrize("scoring", ["roc_auc", "neg_log_loss", make_scorer(right_yes)], ids=str)
def test_scorers_of_two_classes(scoring):
    X, y = noisy()
    y = np.array(["no", "yes"])[y]
    model = stopping(scoring, max_iter=5).fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    expected = check_scoring(model, scoring)(model, X[200:], y[200:])
    assert model.best_validation_score_ == pytest.approx(expected)


def test_scores_of_targets_are_in_their_units(blobs):
    X, _ = blobs
    y = 1000 + 500 * X[:, 0]
    model = stopping("neg_mean_absolute_error", MotifSETRegressor, max_iter=5)
    model.fit(X, y, X_val=X, y_val=y)
    scorer = get_scorer("neg_mean_absolute_error")
    assert model.best_validation_score_ == pytest.approx(scorer(model, X, y))
    assert model.best_validation_score_ < -1


@pytest.mark.parametrize("layout", [np.array, csr_array])
def test_several_labels(blobs, layout):
    X, y = blobs
    labels = layout(np.column_stack([y > 0, y % 2]).astype(int))
    model = stopping("f1_macro", max_iter=8, learning_rate_init=0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's, where no label is predicted at first
        model.fit(X[:250], labels[:250], X_val=X[250:], y_val=labels[250:])
        expected = get_scorer("f1_macro")(model, X[250:], labels[250:])
    assert model.best_validation_score_ == pytest.approx(expected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert 0 <= model.fit(X, labels).best_validation_score_ <= 1  # rows set aside


def test_a_scorer_sees_the_rows_set_aside_as_they_were_given():
    X, y = noisy()
    frame = pd.DataFrame(X, columns=[f"c{j}" for j in range(12)], index=np.arange(300) + 1000)
    frame["kind"] = pd.Categorical(np.where(y, "a", "b"))
    labels = pd.Series(np.array(["no", "yes"])[y], index=frame.index)
    scorer = Recorder()
    stopping(scorer, max_iter=2).fit(frame, labels)
    _, rows, told, weights = scorer.calls[-1]
    pd.testing.assert_frame_equal(rows, frame.loc[rows.index])
    pd.testing.assert_series_equal(told, labels.loc[rows.index])
    assert len(rows) == 30
    assert weights is None
    polars, scorer = pytest.importorskip("polars"), Recorder()
    stopping(scorer, max_iter=2).fit(polars.DataFrame(X), labels.tolist())
    _, rows, told, _ = scorer.calls[-1]
    assert isinstance(rows, polars.DataFrame)
    numbers = [np.flatnonzero((row == X).all(axis=1))[0] for row in rows.to_numpy()]
    assert told == labels.iloc[numbers].tolist()


def test_a_scorer_sees_given_rows_as_they_are(blobs):
    X, y = blobs
    frame, labels = pd.DataFrame(X), np.array(["a", "b", "c"])[y].tolist()
    scorer = Recorder()
    small(scoring=scorer, max_iter=2).fit(frame, labels, X_val=frame, y_val=labels)
    assert all(X_val is frame and y_val is labels for _, X_val, y_val, _ in scorer.calls)
    assert len(scorer.calls) == 2


def test_weights_reach_the_scorer_where_they_differ(blobs):
    X, y = blobs
    weights = np.random.default_rng(0).integers(0, 3, 300).astype(float)
    scorer = Recorder()
    stopping(scorer, max_iter=1).fit(X, y, weights)
    _, rows, told, passed = scorer.calls[0]
    numbers = [np.flatnonzero((row == X).all(axis=1))[0] for row in rows]
    np.testing.assert_array_equal(passed, weights[numbers])
    np.testing.assert_array_equal(told, y[numbers])
    assert passed.all(), "a row without weight is no row"

    model = small(scoring="accuracy", max_iter=2)
    model.fit(X, y, X_val=X, y_val=y, sample_weight_val=weights)
    expected = accuracy_score(y, model.predict(X), sample_weight=weights)
    assert model.validation_scores_[-1] == pytest.approx(expected)

    def unweighted(estimator, X, y):
        return 1.0

    small(scoring=unweighted, max_iter=1).fit(X, y, np.full(300, 2.0), X_val=X, y_val=y)
    with pytest.raises(TypeError, match=r"scoring=.*must take sample_weight"):
        stopping(unweighted, max_iter=1).fit(X, y, weights)

    def broken(estimator, X, y, sample_weight=None):
        return "a" + 1

    with pytest.raises(TypeError, match=r"^can only concatenate"):
        stopping(broken, max_iter=1).fit(X, y, weights)


def test_a_scorer_sees_a_fitted_copy_and_the_estimator_stays_as_it_was(blobs):
    X, y = blobs
    seen, model = [], small(early_stopping=True, max_iter=4)

    def scorer(estimator, X_val, y_val):
        check_is_fitted(estimator)
        assert not hasattr(model, "network_")
        assert estimator.get_params() == model.get_params()
        seen.append((estimator, estimator.predict_proba(X)))
        return estimator.score(X_val, y_val)

    model.set_params(scoring=scorer).fit(X, y)
    assert seen[-1][0].classes_.tolist() == [0, 1, 2]
    assert not np.array_equal(seen[0][1], seen[-1][1])
    for estimator, predicted in seen:  # it may be kept
        np.testing.assert_array_equal(estimator.predict_proba(X), predicted)
        np.testing.assert_array_equal(copy.deepcopy(estimator).predict_proba(X), predicted)


def test_nothing_of_an_earlier_fit_is_seen(blobs):
    X, y = blobs
    model = stopping("loss", max_iter=3).fit(X, y)
    scorer = Recorder()
    model.set_params(scoring=scorer).fit(X, y + 7)
    assert not hasattr(scorer.calls[0][0], "loss_curve_")
    assert scorer.calls[0][0].classes_.tolist() == [7, 8, 9]


def test_judging_by_accuracy_in_name_is_judging_by_default(blobs):
    X, y = blobs
    by_name, by_default = (
        stopping(scoring, max_iter=8).fit(X, y) for scoring in ("accuracy", None)
    )
    assert_same_network(by_name, by_default)
    assert by_name.validation_scores_ == by_default.validation_scores_


def test_warm_starts_and_pickles(blobs):
    X, y = blobs
    model = stopping("neg_log_loss", max_iter=2, warm_start=True).fit(X, y)
    model = pickle.loads(pickle.dumps(model)).fit(X, y)
    assert len(model.validation_scores_) == 4
    assert clone(model).scoring == "neg_log_loss"


def test_rows_to_validate_on_are_checked_and_warned_of_once(blobs):
    X, y = blobs
    missing = X.copy()
    missing[0, 0] = np.nan
    with pytest.warns(UserWarning, match="X_val misses values") as record:
        small(scoring="roc_auc_ovr", max_iter=4).fit(X, y, X_val=missing, y_val=y)
    assert len(record) == 1


def test_one_row_is_enough_for_a_scorer_that_takes_one(blobs):
    X, y = blobs
    model = small(MotifSETRegressor, scoring="neg_mean_squared_error", max_iter=1)
    model.fit(X, y.astype(float), X_val=X[:1], y_val=y[:1])
    assert model.best_validation_score_ <= 0


@pytest.mark.parametrize("score", [np.nan, np.inf, "good", None, np.ones(2), 1j])
def test_scores_must_be_finite_numbers(blobs, score):
    X, y = blobs
    model = small(scoring=lambda *_: score, max_iter=2)
    with pytest.raises(ValueError, match=r"scoring=.*finite number"):
        model.fit(X, y, X_val=X, y_val=y)
    assert not hasattr(model, "network_")


def test_a_score_that_needs_both_classes_names_the_rows_to_validate_on():
    """Of 3 rows of the rare one, none is among those that are set aside."""
    X, y = np.random.default_rng(0).standard_normal((200, 3)), np.arange(200) < 3
    words = "rows to validate on.*class.*validation_fraction.*X_val and y_val"
    with (
        pytest.raises(ValueError, match=words),
        pytest.warns(UndefinedMetricWarning, match="Only one class"),
    ):
        small(early_stopping=True, scoring="roc_auc", max_iter=2).fit(X, y)


def test_names_that_are_none_are_refused_as_scikit_learn_does(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match="'accurate' is not a valid scoring value"):
        small(scoring="accurate").fit(X, y, X_val=X, y_val=y)
    with pytest.raises(ValueError, match="scorer"):
        small(scoring=accuracy_score).fit(X, y, X_val=X, y_val=y)
    with pytest.raises(ValueError, match="'scoring' parameter"):
        small(scoring=["accuracy"]).fit(X, y)
