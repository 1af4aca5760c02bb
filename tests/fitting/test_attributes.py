"""The fitted attributes that a training leaves."""

import numpy as np

from ..models import RAW, small


def test_fitted_attributes(blobs):
    X, y = blobs
    model = small(encode_features=False).fit(X, y)
    assert model.n_features_in_ == 12
    assert model.n_iter_ == len(model.loss_curve_) == 8
    assert model.t_ == 8 * 300
    assert model.loss_ == model.loss_curve_[-1]
    assert model.best_loss_ == min(model.loss_curve_)
    assert [W.shape for W in model.coefs_] == [(12, 30), (30, 20), (20, 3)]
    assert [b.shape for b in model.intercepts_] == [(30,), (20,), (3,)]
    assert (model.n_layers_, model.n_outputs_, model.out_activation_) == (4, 3, "softmax")
    # 12 features stay apart (fewer than 64 motifs); 15 and 10 motifs; outputs are not grouped.
    n_connections = 4 * (12 + 15) + 4 * (15 + 10) + 10 * 3  # epsilon=4; the last graph is full
    assert model.n_connections_ == n_connections
    assert model.density_ == n_connections / (12 * 15 + 15 * 10 + 10 * 3)
    assert model.n_parameters_ == model.n_connections_ + 3 * (30 + 20) + 3
    binary = small().fit(X, y == 1)
    assert (binary.n_outputs_, binary.out_activation_) == (1, "logistic")


def test_input_degrees_end_with_the_epoch_that_early_stopping_kept(blobs):
    X, y = blobs
    options = {"epsilon": 2, "max_iter": 20, "learning_rate_init": 0.3, "precision": "float64"}
    model = small(early_stopping=True, **RAW, **options).fit(X, y)
    losses = np.negative(model.validation_loss_curve_)
    best = int(np.lexsort([losses, model.validation_scores_])[-1]) + 1
    assert best < 16, "nothing to leave out"
    assert list(model.input_degrees_) == [epoch for epoch in (1, 2, 4, 8, 16) if epoch <= best]


def test_best_values_are_those_of_all_epochs(blobs):
    X, y = blobs
    model = small(warm_start=True, max_iter=4).fit(X, y, X_val=X[:50], y_val=y[:50])
    model.set_params(learning_rate_init=0.5).fit(X, y, X_val=X[:50], y_val=y[:50])
    assert model.loss_curve_[-1] > min(model.loss_curve_[:4]), "the second fit is no better"
    assert model.best_loss_ == min(model.loss_curve_)
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert len(model.validation_scores_) == len(model.loss_curve_) == 8
