"""What follows after the last layer: probabilities, and targets in the units of y."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from sklearn_motif._network import Outputs
from sklearn_motif._network.outputs import unsmoothed

KINDS = ("softmax", "logistic", "identity")


def some_scores(n_rows, n_outputs, dtype=np.float32):
    rng = np.random.default_rng([n_rows, n_outputs])
    return (3 * rng.standard_normal((n_rows, n_outputs))).astype(dtype)


def scaled(activation="identity", n_outputs=3, dtype="float64"):
    means, scales = np.array([1e9, -5, 0.25]), np.array([1e3, 1e-6, 1.0])
    return Outputs(activation, dtype, means[:n_outputs], scales[:n_outputs])


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9, 1 - 1e-12])
@pytest.mark.parametrize("scores_dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
def test_probabilities_sum_to_one_in_the_dtype_of_the_outputs(
    dtype, tolerance, scores_dtype, smoothing
):
    for n_outputs in (2, 3, 10, 100):
        scores = 10 * some_scores(50, n_outputs, scores_dtype)
        probabilities = Outputs("softmax", dtype, smoothing=smoothing).of(scores)
        assert probabilities.dtype == dtype
        assert np.all(probabilities >= 0)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=tolerance)
        np.testing.assert_array_equal(probabilities.argmax(axis=1), scores.argmax(axis=1))


@pytest.mark.parametrize("scores_dtype", [np.float32, np.float64])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("activation", "smoothing"),
    [*((kind, 0.0) for kind in KINDS), ("softmax", 0.1), ("logistic", 0.1)],
)
def test_a_row_has_the_same_bits_in_any_company(activation, smoothing, dtype, scores_dtype):
    for n_outputs in (*range(1, 20), 100):
        scores = some_scores(37, n_outputs, scores_dtype)
        numbers = np.arange(1.0, n_outputs + 1)
        targets = (numbers, 1 / numbers) if activation == "identity" else (None, None)
        outputs = Outputs(activation, dtype, *targets, smoothing=smoothing)
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


# Smoothing of labels.


def freed(p, smoothing):
    """What is left of smoothed distributions, by the formula of the user guide."""
    share = smoothing / p.shape[-1]
    width = (1 - smoothing) * share / 50
    f = (p - share + np.sqrt((p - share) ** 2 + width**2)) / 2
    return f / f.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("smoothing", [0.01, 0.1, 0.5])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
def test_probabilities_are_freed_of_the_smoothing(dtype, tolerance, smoothing):
    for n_outputs in (1, 3, 10):
        scores = some_scores(200, n_outputs, np.float64)
        p = expit(scores)
        expected = freed(np.stack([1 - p, p], axis=-1), smoothing)[..., 1]
        found = Outputs("logistic", dtype, smoothing=smoothing).of(scores)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)
        expected = freed(softmax(scores, axis=1), smoothing)
        found = Outputs("softmax", dtype, smoothing=smoothing).of(scores)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("smoothing", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("n_classes", [2, 3, 10, 1000])
def test_what_was_smoothed_is_read_back(n_classes, smoothing):
    rng = np.random.default_rng(n_classes)
    drawn = rng.dirichlet(np.ones(n_classes), size=20)
    for labels in (np.eye(n_classes)[:20], drawn):
        smoothed = (1 - smoothing) * labels + smoothing / n_classes
        np.testing.assert_allclose(unsmoothed(smoothed, smoothing), labels, rtol=0, atol=0.01)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_smoothed_probabilities_stay_between_0_and_1(dtype):
    scores = np.array([[1e3, -1e3, 0.0, 30.0, -30.0]])
    for activation in ("logistic", "softmax"):
        probabilities = Outputs(activation, dtype, smoothing=0.1).of(scores)
        assert np.all((probabilities > 0) & (probabilities < 1))
        order = probabilities[0, scores[0].argsort()]
        assert np.all(np.diff(order) >= 0)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
@pytest.mark.parametrize("scores_dtype", [np.float32, np.float64])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_largest_score_has_the_largest_probability(dtype, scores_dtype, smoothing):
    """Also where the probabilities of two classes are rounded to the same number."""
    rng = np.random.default_rng(0)
    for size in (1e-40, 1e-20, 1e-9, 1e-7, 1e-3, 1.0, 1e4):
        scores = (size * rng.standard_normal((200, 4))).astype(scores_dtype)
        scores[:50, 2] = np.nextafter(scores[:50, 1], scores_dtype(np.inf))
        scores[50:60, 3] = scores[50:60, 2]
        scores[60:70] = 0
        outputs = Outputs("softmax", dtype, smoothing=smoothing)
        sums, probabilities = outputs.sums(scores), outputs.of(scores)
        assert sums.dtype == dtype
        np.testing.assert_array_equal(probabilities.argmax(axis=1), sums.argmax(axis=1))
        probabilities = Outputs("logistic", dtype, smoothing=smoothing).of(scores)
        np.testing.assert_array_equal(probabilities > 0.5, sums > 0)
        np.testing.assert_array_equal(1 - probabilities < 0.5, sums > 0)


def test_smoothing_follows_a_change_of_dtype():
    outputs = Outputs("identity", "float32", smoothing=0.1)
    assert outputs.with_targets(np.zeros(1), np.ones(1)).smoothing == 0.1


# Targets.


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
