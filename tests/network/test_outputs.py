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
    [*((kind, 0.0) for kind in KINDS), ("softmax", 0.1), ("logistic", 0.1), ("logistic", "each")],
)
def test_a_row_has_the_same_bits_in_any_company(activation, smoothing, dtype, scores_dtype):
    for n_outputs in (*range(1, 20), 100):
        scores = some_scores(37, n_outputs, scores_dtype)
        numbers = np.arange(1.0, n_outputs + 1)
        targets = (numbers, 1 / numbers) if activation == "identity" else (None, None)
        given = numbers / (numbers + 100) if smoothing == "each" else smoothing
        outputs = Outputs(activation, dtype, *targets, smoothing=given, shares=1 / numbers)
        together, probabilities = outputs.of(scores), outputs.probabilities(scores)
        for some in ([0], [36], [5, 7], range(16), range(3, 36), [8] * 33):
            np.testing.assert_array_equal(outputs.of(scores[some]), together[some])
            found = outputs.probabilities(scores[some])
            np.testing.assert_array_equal(found, probabilities[some])


def test_scores_far_away_stay_finite():
    scores = np.array([[1e30, -1e30, 0], [-1e30, -1e30, -1e30]], dtype=np.float32)
    for activation in ("softmax", "logistic"):
        outputs = Outputs(activation, "float32").of(scores)
        assert np.isfinite(outputs).all()
        assert outputs[0, 0] == 1
        assert outputs[0, 1] == 0
    np.testing.assert_allclose(Outputs("softmax", "float64").of(scores)[1], 1 / 3)


# Smoothing of labels.


def freed(p, smoothing, shares):
    """One distribution freed of smoothing, number by number, by the formula of the user guide."""
    n_classes, parts = len(p), []
    for of_class, share in zip(p, shares, strict=True):
        rest = (of_class - smoothing / n_classes) / (1 - smoothing)
        bend = 2 * smoothing * (2 / n_classes) ** 2 * share
        bend = min(max(bend, 1e-6), 1 / n_classes)
        parts.append(rest if rest >= bend else bend**2 / (2 * bend - rest))
    return np.array(parts) / sum(parts)


def some_shares(n_classes):
    """Shares of which one is zero."""
    shares = np.arange(n_classes) ** 2.0
    return shares / shares.sum()


def smoothed_outputs(activation, n_outputs, dtype="float64", *, smoothing=0.1, is_shared=True):
    """Outputs for which one share is zero, and of ones another is one."""
    if not is_shared:
        return Outputs(activation, dtype, smoothing=smoothing)
    shares = np.linspace(0, 1, n_outputs) if activation == "logistic" else some_shares(n_outputs)
    return Outputs(activation, dtype).with_labels(smoothing, shares, 1.0, goes_on=False)


@pytest.mark.parametrize("is_shared", [True, False])
@pytest.mark.parametrize("smoothing", [1e-12, 0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-7), ("float64", 1e-13)])
def test_probabilities_of_classes_are_freed_of_the_smoothing(
    dtype, tolerance, smoothing, is_shared
):
    for n_classes in (2, 3, 10, 100):
        scores = some_scores(30, n_classes, dtype)
        certain = softmax((n_classes / 2) ** (0.625 * smoothing) * scores.astype(float), axis=1)
        shares = some_shares(n_classes) if is_shared else np.full(n_classes, 1 / n_classes)
        expected = [freed(p, smoothing, shares) for p in certain]
        outputs = smoothed_outputs(
            "softmax", n_classes, dtype, smoothing=smoothing, is_shared=is_shared
        )
        found = outputs.of(scores)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=tolerance)
        np.testing.assert_array_equal(outputs.probabilities(scores), found)


@pytest.mark.parametrize("is_shared", [True, False])
@pytest.mark.parametrize("smoothing", [1e-12, 0.01, 0.1, 0.5, 0.9, "each"])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-7), ("float64", 1e-13)])
def test_probabilities_of_labels_are_freed_of_the_smoothing(dtype, tolerance, smoothing, is_shared):
    """Each label is two classes, and may have a smoothing of its own."""
    for n_labels in (1, 2, 5):
        scores = some_scores(100, n_labels, dtype)
        each = np.linspace(0.1, 0.2, n_labels)
        given = each if smoothing == "each" else smoothing
        outputs = smoothed_outputs(
            "logistic", n_labels, dtype, smoothing=given, is_shared=is_shared
        )
        found, probabilities = outputs.of(scores), outputs.probabilities(scores)
        assert found.dtype == probabilities.dtype == dtype
        shares = np.linspace(0, 1, n_labels) if is_shared else np.full(n_labels, 0.5)
        given = np.broadcast_to(given, n_labels)
        expected = np.array(
            [
                [freed([1 - p, p], given[i], [1 - shares[i], shares[i]]) for i, p in enumerate(row)]
                for row in expit(scores.astype(float))
            ]
        )
        np.testing.assert_allclose(found, expected[..., 1], rtol=1e-6, atol=tolerance)
        expected = expected[:, 0] if n_labels == 1 else expected[..., 1]
        np.testing.assert_allclose(probabilities, expected, rtol=1e-6, atol=tolerance)


@pytest.mark.parametrize("smoothing", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("n_classes", [2, 3, 10, 1000])
def test_what_was_smoothed_is_read_back(n_classes, smoothing):
    """Where it is above the bends; below them, the class without rows keeps least."""
    rng = np.random.default_rng(n_classes)
    drawn = 0.9 * rng.dirichlet(np.ones(n_classes), size=20) + 0.1 / n_classes
    bends = np.full(n_classes, 0.1 / n_classes)
    smoothed = (1 - smoothing) * drawn + smoothing / n_classes
    read = unsmoothed(smoothed, smoothing, bends)
    np.testing.assert_allclose(read, (1 - smoothing) * drawn, rtol=1e-9)
    smoothed = (1 - smoothing) * np.eye(n_classes) + smoothing / n_classes
    read = unsmoothed(smoothed, smoothing, bends) / (1 - smoothing)
    np.testing.assert_allclose(np.diag(read), 1, rtol=1e-9)
    np.testing.assert_allclose(read[0, 1:], bends[1:] / 2, rtol=1e-6)


EXTREMES = [1e-300, 1e-12, 1e-3, 0.1, 0.9, 1 - 1e-12]


@pytest.mark.parametrize("smoothing", EXTREMES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ["softmax", "logistic"])
def test_smoothed_probabilities_are_above_0_and_sum_to_1(activation, dtype, smoothing):
    """However far scores are, and without any row of a class, or rows of one class only."""
    eps = np.finfo(dtype).eps
    extreme = [[1e3, -1e3, 0.0, 30.0, -30.0], [1e30, 0, 0, -1e30, 1e30], [0.0] * 5]
    scores = np.vstack([extreme, some_scores(50, 5)]).astype(dtype)
    for shares in (np.array([0, 0.1, 0.9, 0, 0]), np.eye(5)[2]):
        outputs = Outputs(activation, dtype).with_labels(smoothing, shares, 1.0, goes_on=False)
        probabilities = outputs.probabilities(scores)
        assert np.all(probabilities > 0)
        if activation == "softmax":
            np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=4 * eps)
            np.testing.assert_array_equal(probabilities.argmax(axis=1), scores.argmax(axis=1))
    for share in (0.0, 1e-5, 0.5, 1.0):
        outputs = Outputs(activation, dtype)
        shares = np.array([share]) if activation == "logistic" else np.array([1 - share, share])
        outputs = outputs.with_labels(smoothing, shares, 1.0, goes_on=False)
        sums = scores[:, :1] if activation == "logistic" else scores[:, :2]
        probabilities = outputs.probabilities(sums)
        assert probabilities.shape == (53, 2)
        assert np.all(probabilities > 0)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=4 * eps)
        is_one = sums[:, 0] > 0 if activation == "logistic" else sums[:, 1] > sums[:, 0]
        np.testing.assert_array_equal(probabilities[:, 1] > 0.5, is_one)
        np.testing.assert_array_equal(probabilities.argmax(axis=1), is_one)


@pytest.mark.parametrize("smoothing", EXTREMES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_keep_their_order(dtype, smoothing):
    """Of two classes and of labels; close ones may become equal, never change places."""
    sums = np.concatenate([some_scores(2000, 1, np.float64)[:, 0], np.linspace(-40, 40, 2001)])
    close = np.nextafter(np.repeat(sums[:500], 2).astype(dtype), np.inf, dtype=dtype)
    scores = np.sort(np.concatenate([sums.astype(dtype), close]))[:, None]
    for share in (0.0, 1e-4, 0.3, 1.0):
        outputs = Outputs("logistic", dtype)
        outputs = outputs.with_labels(smoothing, np.array([share]), 1.0, goes_on=False)
        zeros, ones = outputs.probabilities(scores).T
        assert np.all(np.diff(ones) >= 0)
        assert np.all(np.diff(zeros) <= 0)


def test_the_rarer_a_class_the_less_it_gets_where_nothing_tells_it():
    scores = np.log([[0.05, 0.95]])  # what smoothing alone gives it
    found = [
        Outputs("softmax", "float64")
        .with_labels(0.1, np.array([share, 1 - share]), 1.0, goes_on=False)
        .of(scores)[0, 0]
        for share in (0.3, 0.1, 0.01, 0.001, 0)
    ]
    assert np.all(np.diff(found) < 0)
    for probability, share in zip(found, (0.3, 0.1, 0.01, 0.001), strict=False):
        assert 0 < probability < share


def test_two_classes_of_a_softmax_are_those_of_a_logistic_output():
    scores = some_scores(100, 1, np.float64)
    one = Outputs("logistic", "float64").with_labels(0.1, np.array([0.2]), 1.0, goes_on=False)
    two = Outputs("softmax", "float64").with_labels(0.1, np.array([0.8, 0.2]), 1.0, goes_on=False)
    both = np.hstack([np.zeros_like(scores), scores])
    np.testing.assert_allclose(one.probabilities(scores), two.probabilities(both), rtol=1e-12)


def test_shares_of_a_stream_are_those_of_all_rows():
    rng = np.random.default_rng(0)
    y, weights = np.eye(3)[rng.integers(3, size=60)], rng.uniform(0.1, 5, 60)
    outputs = Outputs("softmax", "float64")
    for rows in (slice(0, 1), slice(1, 30), slice(30, 60)):
        shares = np.average(y[rows], axis=0, weights=weights[rows])
        outputs = outputs.with_labels(0.1, shares, weights[rows].sum(), goes_on=True)
    np.testing.assert_allclose(outputs.shares, np.average(y, axis=0, weights=weights))
    anew = outputs.with_labels(0.2, np.array([0.5, 0.5, 0.0]), 7.0, goes_on=False)
    np.testing.assert_array_equal(anew.shares, [0.5, 0.5, 0.0])
    assert (anew.smoothing, anew.shared_weight) == (0.2, 7.0)


def test_shares_stay_finite_under_the_largest_weights():
    outputs = Outputs("softmax", "float64")
    for shares in ([1.0, 0.0], [0.0, 1.0], [0.0, 1.0]):
        outputs = outputs.with_labels(0.1, np.array(shares), 1.5e308, goes_on=True)
    assert np.isfinite(outputs.shares).all()


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
        outputs = Outputs("softmax", dtype, smoothing=smoothing, shares=some_shares(4))
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
