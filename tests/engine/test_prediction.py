"""Prediction: a row's bits depend neither on its company nor on the threads."""

import numpy as np
import pytest

from ..models import SHARING, make_network, sample, use_all_threads


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_a_rows_prediction_does_not_depend_on_its_company(weight_sharing, dtype):
    network = make_network(
        (11, 40, 30, 3), weight_sharing=weight_sharing, motif_size=3, dtype=dtype, epsilon=8
    )
    X = np.random.default_rng(0).standard_normal((1000, 11)).astype(dtype)
    together = network.predict(X)
    for n in (1, 7, 16):
        for start in range(0, 64, n):
            alone = network.predict(np.ascontiguousarray(X[start : start + n]))
            np.testing.assert_array_equal(alone, together[start : start + n])


def test_prediction_with_n_jobs_gives_the_same_bits(monkeypatch):
    use_all_threads(monkeypatch)
    network = make_network()
    X, _ = sample(n=1000)
    one = network.predict(X, n_jobs=1)
    for n_jobs in (2, 3):
        np.testing.assert_array_equal(network.predict(X, n_jobs=n_jobs), one)
