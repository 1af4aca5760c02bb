"""The fitted attributes that a training leaves."""

from ..models import small


def test_fitted_attributes(blobs):
    X, y = blobs
    model = small().fit(X, y)
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
