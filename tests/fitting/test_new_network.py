"""A new network for some rows: whether features form motifs, and images."""

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif import MotifSETRegressor

from ..models import RAW, small


@pytest.mark.parametrize(("weight_sharing", "fewest"), [("scaled", 64), ("none", 64), ("tied", 8)])
def test_few_features_stay_apart(weight_sharing, fewest):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=60)

    def motif_size_of_features(n_features, **options):
        X = rng.standard_normal((60, n_features))
        options = {"group_features": True, **options}
        model = small(max_iter=1, weight_sharing=weight_sharing, **options).fit(X, y)
        return model.network_.motif_sizes[0]

    assert motif_size_of_features(2 * fewest - 2) == 1
    assert motif_size_of_features(2 * fewest - 1) == 2
    assert motif_size_of_features(2 * fewest, group_features=False) == 1


def test_features_form_motifs_where_neighbors_are_alike():
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=100)
    smooth = np.cumsum(rng.standard_normal((100, 200)), axis=1)

    def motif_size_of_features(X, **options):
        return small(max_iter=1, **options).fit(X, y).network_.motif_sizes[0]

    assert motif_size_of_features(smooth) == 2
    assert motif_size_of_features(smooth[:, rng.permutation(200)]) == 1
    assert motif_size_of_features(scipy.sparse.csr_array(smooth)) == 1
    assert motif_size_of_features(rng.standard_normal((100, 200))) == 1
    assert motif_size_of_features(np.ones((100, 200))) == 1


def test_images(blobs):
    X, y = blobs
    options = {"epsilon": 1, "motif_size": 1, "max_iter": 30, **RAW}
    shapes = [(3, 4), [np.int64(3), 4], np.array([3, 4]), (3, 2, 2)]
    models = [small(feature_shape=shape, **options).fit(X, y) for shape in shapes]
    free = small(**options).fit(X, y)
    for model in models:
        assert model.n_connections_ == free.n_connections_
        assert model.score(X, y) > 0.7
        model.partial_fit(X, y)
    for model in models[1:3]:
        np.testing.assert_array_equal(model.predict_proba(X), models[0].predict_proba(X))
    for model in (models[3], free):
        assert np.any(model.predict_proba(X) != models[0].predict_proba(X))
    regressor = MotifSETRegressor((20,), feature_shape=(3, 4), max_iter=2, epsilon=1).fit(X, y)
    assert regressor.network_.windows.shape == (10, 4)
    sparse = small(feature_shape=(3, 4), **options).fit(scipy.sparse.csr_array(X), y)
    np.testing.assert_array_equal(sparse.network_.windows, models[0].network_.windows)
    with pytest.raises(ValueError, match=r"feature_shape=\(3, 5\) is of 15 .* but X has 12"):
        small(feature_shape=(3, 5)).fit(X, y)
