"""When a training ends: patience, and the best network of early stopping."""

import numpy as np
import pytest
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    train_test_split,
)

from ..models import small


def test_early_stopping_restores_the_best_state(blobs):
    X, y = blobs
    y = np.where(np.random.default_rng(0).random(300) < 0.3, (y + 1) % 3, y)  # to overfit to
    X, X_val, y, y_val = train_test_split(X, y, random_state=0)
    weights = np.random.default_rng(1).random(y_val.size)
    options = {"learning_rate_init": 0.05, "max_iter": 60, "dropout": 0.0, "zeta": 0.0}
    model = small(early_stopping=True, **options)
    model.fit(X, y, X_val=X_val, y_val=y_val, sample_weight_val=weights)
    scores = model.validation_scores_
    best = int(np.argmax(scores))
    assert best + 1 < len(scores), "nothing to restore"
    assert model.best_validation_score_ == scores[best]
    assert model.score(X_val, y_val, weights) == scores[best]
    loss = log_loss(y_val, model.predict_proba(X_val), sample_weight=weights)
    assert model.validation_loss_curve_[best] == pytest.approx(loss)
    # Patience: more than 10 epochs in a row without a rise by tol.
    assert len(scores) == model.n_iter_ < 60
    assert max(scores[-11:]) < max(scores[:-11]) + 1e-4


def test_of_epochs_that_score_alike_the_one_of_least_loss_is_kept(blobs, monkeypatch):
    losses = iter([5.0, 3.0, 4.0, 2.0, 6.0, 7.0, 8.0, 9.0])
    networks = []

    def validate(network):
        networks.append(network.copy())
        return 0.5, next(losses)

    monkeypatch.setattr("sklearn_motif._base.validator", lambda *_: validate)
    model = small(early_stopping=True).fit(*blobs)
    np.testing.assert_array_equal(model.network_.weights, networks[3].weights)


def test_adaptive_divides_the_rate_when_progress_ends(blobs, steps):
    options = {"learning_rate": "adaptive", "zeta": 0, "max_iter": 100, "tol": 1e6}
    small(n_iter_no_change=2, learning_rate_init=1e-4, **options).fit(*blobs)
    rates = [step.learning_rate for step in steps]
    # The first epoch is progress; then every third without.
    expected = 1e-4 / 5.0 ** np.array([0] * 4 + [1] * 3 + [2] * 3 + [3] * 3)
    np.testing.assert_allclose(rates, expected)


def test_patience_waits_for_the_wiring_to_settle(blobs):
    options = {"max_iter": 100, "n_iter_no_change": 3, "tol": 1e6}
    # Every epoch but the first is without progress; more than 3 of them stop the training.
    assert small(zeta_schedule="constant", **options).fit(*blobs).n_iter_ == 5
    assert small(zeta=0, zeta_schedule="cosine", **options).fit(*blobs).n_iter_ == 5
    # 1 % of zeta is reached after 71 of 75 epochs.
    assert small(zeta_schedule="cosine", **options).fit(*blobs).n_iter_ == 71 + 3
