"""What follows after the last layer: probabilities, and targets in the units of y."""

import numpy as np
import pytest

from sklearn_motif._network import Outputs

KINDS = ("softmax", "logistic", "identity")


def some_scores(n_rows, n_outputs, dtype=np.float32):
    rng = np.random.default_rng([n_rows, n_outputs])
    return (3 * rng.standard_normal((n_rows, n_outputs))).astype(dtype)


def scaled(activation="identity", n_outputs=3, dtype="float64"):
    means, scales = np.array([1e9, -5, 0.25]), np.array([1e3, 1e-6, 1.0])
    return Outputs(activation, dtype, means[:n_outputs], scales[:n_outputs])


@pytest.mark.parametrize("scores_dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
def test_probabilities_sum_to_one_in_the_dtype_of_the_outputs(dtype, tolerance, scores_dtype):
    for n_outputs in (2, 3, 10, 100):
        scores = 10 * some_scores(50, n_outputs, scores_dtype)
        probabilities = Outputs("softmax", dtype).of(scores)
        assert probabilities.dtype == dtype
        assert np.all(probabilities >= 0)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=tolerance)
        np.testing.assert_array_equal(probabilities.argmax(axis=1), scores.argmax(axis=1))


@pytest.mark.parametrize("scores_dtype", [np.float32, np.float64])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", KINDS)
def test_a_row_has_the_same_bits_in_any_company(activation, dtype, scores_dtype):
    for n_outputs in (*range(1, 20), 100):
        scores = some_scores(37, n_outputs, scores_dtype)
        numbers = np.arange(1.0, n_outputs + 1)
        targets = (numbers, 1 / numbers) if activation == "identity" else (None, None)
        outputs = Outputs(activation, dtype, *targets)
        together = outputs.of(scores)
        for some in ([0], [36], [5, 7], range(16), range(3, 36), [8] * 33):
            np.testing.assert_array_equal(outputs.of(scores[some]), together[some])


def test_scores_far_away_stay_finite():
    scores = np.array([[1e30, -1e30, 0], [-1e30, -1e30, -1e30]], dtype=np.float32)
    for activation in ("softmax", "logistic"):
        outputs = Outputs(activation, "float32").of(scores)
        assert np.isfinite(outputs).all()
        assert outputs[0, 0] == 1
        assert outputs[0, 1] == 0
    np.testing.assert_allclose(Outputs("softmax", "float64").of(scores)[1], 1 / 3)


@pytest.mark.parametrize("n_targets", [1, 3])
def test_scaled_targets_are_read_back(n_targets):
    outputs = scaled(n_outputs=n_targets)
    y = outputs.means + outputs.scales * np.random.default_rng(0).standard_normal((20, n_targets))
    units = outputs.scaled(y)
    assert np.abs(units).max() < 5
    np.testing.assert_allclose(outputs.of(units), y, rtol=1e-14)
    if n_targets == 1:
        np.testing.assert_array_equal(outputs.scaled(y.ravel()), units.ravel())


def test_targets_are_put_into_their_units_in_float64():
    """Scores are float32, in which 1e9 and 1e9 + 1 are the same."""
    outputs = Outputs("identity", "float64", np.array([1e9]), np.array([1.0]))
    np.testing.assert_array_equal(outputs.of(np.float32([[-1], [0.5]])), [[1e9 - 1], [1e9 + 0.5]])
    assert scaled(dtype="float32").of(some_scores(2, 3)).dtype == np.float32


def test_classes_have_no_units():
    y = np.array([0.0, 2.0, 1.0])
    np.testing.assert_array_equal(Outputs("softmax", "float64").scaled(y), y)


@pytest.mark.parametrize(
    ("mean", "scale", "expected"),
    [
        (0, 1, False),
        (0, 1e-30, False),
        (0, 1e30, False),
        (2000, 1, False),
        (-2000, 1, False),
        (1e6, 1, True),
        (1e9, 1, True),
        (-1e9, 1, True),
        (1e9, 1e8, False),
        (1e43, 1e43, True),  # beyond float32
        (0, 1e38, False),
        (0, 3e38, True),
        (0, 1e-43, True),
        (0, 1e-60, True),
    ],
)
def test_targets_that_float32_does_not_tell_apart_need_float64(mean, scale, expected):
    means, scales = np.array([0.0, mean]), np.array([1.0, scale])
    outputs = Outputs("identity", "float32").with_targets(means, scales)
    assert outputs.dtype == ("float64" if expected else "float32")
    y = means + scales * np.linspace(-3, 3, 50)[:, None]
    read = outputs.of(outputs.scaled(y))
    assert read.dtype == outputs.dtype
    assert np.abs((read - y) / scales).max() < 1e-4
    assert Outputs("identity", "float64").with_targets(means, scales).dtype == "float64"


def test_the_dtype_follows_the_targets():
    outputs = Outputs("identity", "float32")
    for mean, dtype in ((0, "float32"), (1e9, "float64"), (0, "float32")):
        outputs = outputs.with_targets(np.array([mean]), np.ones(1))
        assert outputs.dtype == dtype
        assert outputs.rows_dtype == "float32"


def test_outputs_of_earlier_versions_keep_their_dtype():
    """They had no dtype of rows, and the one of rows for all targets."""
    outputs = Outputs("identity", "float32", np.array([1e9]), np.array([1.0]))
    assert outputs.of(some_scores(5, 1)).dtype == np.float32
