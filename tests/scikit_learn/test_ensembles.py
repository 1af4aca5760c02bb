"""Ensembles and other wrappers."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, VotingClassifier, VotingRegressor
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETRegressor

from ..models import NAMES, assert_same_model, busy, make_data, make_weights

FOLDS = KFold(2, shuffle=True, random_state=0)


def test_soft_voting_averages_networks_that_heard_the_weights():
    X, y = make_data(noise=2.0)
    weights = make_weights()
    members = [(f"m{m}", busy(motif_size=m)) for m in (1, 2)]
    voting = VotingClassifier(members, voting="soft", weights=[1, 3])
    voting.fit(X, y, sample_weight=weights)
    direct = [model.fit(X, y, weights) for _, model in members]
    for member, model in zip(voting.estimators_, direct, strict=True):
        assert_same_model(member, model)
    mean = np.average([model.predict_proba(X) for model in direct], axis=0, weights=[1, 3])
    np.testing.assert_allclose(voting.predict_proba(X), mean, rtol=1e-12)
    np.testing.assert_array_equal(voting.predict(X), NAMES[mean.argmax(axis=1)])


def test_voting_regressors_average_networks_that_heard_the_weights():
    X, y = make_data(MotifSETRegressor)
    weights = make_weights()
    members = [(f"m{m}", busy(MotifSETRegressor, motif_size=m)) for m in (1, 2)]
    voting = VotingRegressor(members).fit(X, y, sample_weight=weights)
    direct = [model.fit(X, y, weights) for _, model in members]
    for member, model in zip(voting.estimators_, direct, strict=True):
        assert_same_model(member, model)
    mean = np.mean([model.predict(X) for model in direct], axis=0)
    np.testing.assert_allclose(voting.predict(X), mean, rtol=1e-12)


def test_bagging_draws_rows_by_sample_weights_in_two_processes():
    X, y = make_data()
    # Of 0 and 1: older versions of scikit-learn multiply by them, newer ones draw by them.
    weights = (np.arange(90) % 4 > 0).astype(float)
    bagging = BaggingClassifier(busy(), n_estimators=4, max_samples=80, n_jobs=2, random_state=0)
    bagging.fit(X, y, sample_weight=weights)
    codes = np.searchsorted(NAMES, y)
    for member, rows in zip(bagging.estimators_, bagging.estimators_samples_, strict=True):
        counts = np.bincount(rows, minlength=90) * weights
        assert counts.max() > 1
        assert_same_model(member, clone(member).fit(X, codes, counts))
    mean = np.mean([member.predict_proba(X) for member in bagging.estimators_], axis=0)
    np.testing.assert_allclose(bagging.predict_proba(X), mean, rtol=1e-12)


@pytest.mark.parametrize("wrapper", [OneVsRestClassifier, ClassifierChain])
def test_one_network_a_label(wrapper):
    X, _ = make_data()
    Y = (X[:, :3] + X[:, 3:] > 1).astype(int)
    model = wrapper(busy()).fit(X, Y)
    for i, part in enumerate(model.estimators_):
        columns = np.hstack([X, Y[:, :i]]) if wrapper is ClassifierChain else X
        assert_same_model(part, busy().fit(columns, Y[:, i]))
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X) > 0.5)


def test_one_network_of_all_labels_is_scored_as_multilabel():
    X, _ = make_data()
    Y = (X[:, :3] + X[:, 3:] > 1).astype(int)
    scores = cross_val_score(busy(), X, Y, cv=FOLDS, scoring="roc_auc")
    for score, (train, test) in zip(scores, FOLDS.split(X), strict=True):
        probability = busy().fit(X[train], Y[train]).predict_proba(X[test])
        assert score == roc_auc_score(Y[test], probability)


@pytest.mark.parametrize("n_targets", [1, 2])
def test_a_transformed_target_is_learned_in_its_own_units(n_targets):
    X, y = make_data(MotifSETRegressor, n_rows=300)
    y = 5e4 + 3e3 * (y if n_targets == 1 else np.column_stack([y, X[:, 2]]))
    weights = make_weights(300)
    model = busy(MotifSETRegressor, max_iter=40, dropout=0)
    transformed = TransformedTargetRegressor(model, transformer=StandardScaler())
    transformed.fit(X[:200], y[:200], sample_weight=weights[:200])
    assert transformed.score(X[200:], y[200:]) > 0.9

    scaler = StandardScaler()
    targets = scaler.fit_transform(y[:200].reshape(200, -1))
    targets = targets.ravel() if n_targets == 1 else targets
    assert_same_model(transformed.regressor_, model.fit(X[:200], targets, weights[:200]))
    expected = scaler.inverse_transform(model.predict(X).reshape(300, -1)).reshape(y.shape)
    np.testing.assert_array_equal(transformed.predict(X), expected)
