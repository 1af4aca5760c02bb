"""Columns that are left out because they are noise."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.datasets import make_classification, make_friedman1
from sklearn.exceptions import ConvergenceWarning

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._fitting.screening import may_be_screened, noise_columns

from ..models import RAW, small

FEW_EPOCHS = {"hidden_layer_sizes": (40,), "max_iter": 5}


def keep(X, y, *, is_discrete=True):
    """Columns that are not taken for noise."""
    return np.flatnonzero(~noise_columns(X, y, is_discrete=is_discrete))


def columns_of(model):
    """Columns that a fitted model reads."""
    return np.unique(model.network_.inputs.columns)


def informative(seed=0, **options):
    """1000 rows; the first 15 of 300 columns mean something."""
    options = {"n_samples": 1000, "n_features": 300, "shuffle": False, **options}
    return make_classification(n_informative=10, n_redundant=5, random_state=seed, **options)


@pytest.mark.parametrize("seed", range(3))
def test_informative_and_redundant_columns_stay(seed):
    X, y = informative(seed, n_classes=3)
    np.testing.assert_array_equal(keep(X, y), np.arange(15))
    # As labels, in two columns.
    labels = np.column_stack([y == 0, y == 1]).astype(float)
    np.testing.assert_array_equal(keep(X, labels), np.arange(15))


@pytest.mark.parametrize("seed", range(3))
def test_columns_that_go_with_a_number_stay(seed):
    """Independent ones, of which one goes with the target as a parabola does."""
    X, y = make_friedman1(1000, n_features=200, noise=1.0, random_state=seed)
    np.testing.assert_array_equal(keep(X, y, is_discrete=False), np.arange(5))


def test_a_part_of_the_rows_tells_that_all_columns_do(monkeypatch):
    """Columns are compared with each other only where something may be left out."""
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=2000)
    X = rng.standard_normal((2000, 300)) + 0.5 * y[:, None]
    monkeypatch.setattr("sklearn_motif._fitting.screening._related_columns", None)
    assert not noise_columns(X, y, is_discrete=True).any()
    X[:, :100] = rng.standard_normal((2000, 100))
    with pytest.raises(TypeError):
        noise_columns(X, y, is_discrete=True)


@pytest.mark.parametrize("seed", range(3))
def test_float32_tells_the_same(seed):
    X, y = informative(seed, n_samples=2000, n_classes=3)
    is_noise = noise_columns(X, y, is_discrete=True)
    assert is_noise.sum() == 285
    np.testing.assert_array_equal(
        noise_columns(X.astype(np.float32), y, is_discrete=True), is_noise
    )


def pairs(kind, seed, n=1000):
    """Rows, what they mean, and the columns that mean it: some of them in pairs only."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 200))
    exclusive = (X[:, 0] > 0) ^ (X[:, 1] > 0)
    if kind == "exclusive or":
        return X, exclusive, [0, 1]
    if kind == "exclusive or, or a third":
        X[:, :2] = X[:, :2] > 0
        return X, exclusive | (X[:, 2] > 0.8), [0, 1, 2]
    if kind == "exclusive or, one visible":
        return X, exclusive | (X[:, 0] > 0.8), [0, 1]
    if kind == "two products":
        return X, X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3] + X[:, 4] > 0, [0, 1, 2, 3, 4]
    if kind == "a category says how":  # and there are four of them, as dense columns
        codes = rng.integers(4, size=n)
        X[:, :4] = np.equal.outer(codes, np.arange(4))
        return X, np.array([1, -1, 0, 0])[codes] * X[:, 4] + X[:, 5] > 0, [0, 1, 2, 3, 4, 5]
    assert kind == "three classes"
    return X, np.where(X[:, 2] > 1, 2, exclusive), [0, 1, 2]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "kind",
    [
        "exclusive or",
        "exclusive or, or a third",
        "exclusive or, one visible",
        "two products",
        "a category says how",
        "three classes",
    ],
)
def test_columns_that_matter_in_pairs_stay(kind, seed):
    X, y, expected = pairs(kind, seed)
    stay = keep(X, y.astype(float))
    assert set(expected) <= set(stay)
    assert stay.size <= len(expected) + 4  # a pair of noise may seem to be something
    # As the second of two labels.
    labels = np.column_stack([X[:, 9] > 0, y == 1]).astype(float)
    assert {*expected, 9} <= set(keep(X, labels))


@pytest.mark.parametrize("seed", range(5))
def test_products_that_go_with_a_number_stay(seed):
    X = np.random.default_rng(seed).standard_normal((600, 60))
    y = X[:, 0] * X[:, 1] + X[:, 5]
    assert {0, 1, 5} <= set(keep(X, y, is_discrete=False)) < set(range(60))
    both = np.column_stack([X[:, 7], y])
    assert {0, 1, 5, 7} <= set(keep(X, both, is_discrete=False)) < set(range(60))


def test_an_exclusive_or_among_noise_is_learned():
    X, y, _ = pairs("exclusive or, or a third", 0, 3000)
    model = MotifSETClassifier(random_state=0).fit(X[:1500], y[:1500])
    assert model.score(X[1500:], y[1500:]) > 0.99


def test_what_a_column_tells_by_itself_does_not_make_pairs():
    """Not even if it is rarely so, and so is the class."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((2000, 300))
    X[:, 0] = rng.random(2000) < 0.05
    y = (X[:, 0] > 0) & (rng.random(2000) < 0.4) | (rng.random(2000) < 0.005)
    np.testing.assert_array_equal(keep(X, y.astype(float)), [0])
    number = 5 * X[:, 0] + rng.standard_normal(2000)
    np.testing.assert_array_equal(keep(X, number, is_discrete=False), [0])


def test_columns_of_which_few_rows_tell_stay():
    """Nor are they seen: noise beside nothing else stays."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((1000, 200)), rng.integers(2, size=1000).astype(float)
    for column, n_rows in ((7, 1), (8, 9), (9, 10)):
        X[:, column] = 0
        X[rng.choice(1000, n_rows, replace=False), column] = 1
    assert keep(X, y).size == 200
    X[:, 0] += y
    np.testing.assert_array_equal(keep(X, y), [0, 7, 8])


def test_many_weak_columns_are_not_taken_for_noise():
    """Each says too little to be noticed, all together much."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((2000, 1000))
    y = (X.sum(axis=1) > 0).astype(float)
    X[:, 0] += y
    assert keep(X, y).size == 1000


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((500, 300), True),
        ((499, 300), False),  # few rows
        ((3000, 300), False),  # many rows a column
        ((600, 4000), True),
        ((600, 4001), False),  # too many columns
    ],
)
def test_other_data_are_left_alone(shape, expected):
    assert may_be_screened(*shape) is expected
    if shape[1] == 300:
        X, y = informative(n_samples=shape[0])
        model = small(hidden_layer_sizes=(40,), max_iter=1).fit(X, y)
        assert (model.network_.inputs.size == 300) is not expected


def test_nothing_but_noise_and_a_little_noise_stay():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((1000, 300)), rng.integers(2, size=1000).astype(float)
    assert keep(X, y).size == 300
    alike = X[:, :1] + 0.5 * X
    alike[:, :20] = X[:, :20]
    assert keep(alike, y).size == 300


@pytest.mark.parametrize("options", [{"encode_features": False}, {"encode_features": 3}, RAW])
def test_a_screened_model_is_one_of_the_columns_that_stay(options):
    X, y = informative()
    model = small(**FEW_EPOCHS, **options).fit(X, y)
    direct = small(**FEW_EPOCHS, **options, screen_features=False).fit(X[:, :15], y)
    np.testing.assert_array_equal(model.predict_proba(X), direct.predict_proba(X[:, :15]))
    np.testing.assert_array_equal(model.coefs_[0].toarray(), direct.coefs_[0].toarray())
    np.testing.assert_array_equal(model.input_names_, direct.input_names_)
    importances = model.feature_importances_
    np.testing.assert_allclose(importances[:15], direct.feature_importances_, rtol=1e-12)
    assert not importances[15:].any()
    assert all(not degrees[15:].any() for degrees in model.input_degrees_.values())
    whole = small(**FEW_EPOCHS, **options, screen_features=False).fit(X, y)
    assert whole.feature_importances_[15:].any()
    with pytest.raises(ValueError, match="300 features"):
        model.predict(X[:, :15])


def test_images_are_taken_whole():
    X, y = informative()
    model = small(**FEW_EPOCHS, feature_shape=(15, 20)).fit(X, y)
    np.testing.assert_array_equal(model.network_.inputs.columns, np.arange(300))


def test_weights_of_zero_and_rows_held_out_do_not_judge():
    X, y = informative()
    rng = np.random.default_rng(0)
    alike = rng.standard_normal((1000, 1)) + 0.1 * rng.standard_normal((1000, 300))
    X_both, y_both = np.concatenate([X, alike]), np.concatenate([y, rng.permutation(y)])
    assert keep(X_both, y_both.astype(float)).size == 300
    model = small(**FEW_EPOCHS).fit(X_both, y_both, sample_weight=np.repeat([1, 0], 1000))
    np.testing.assert_array_equal(columns_of(model), np.arange(15))
    model = small(**FEW_EPOCHS, early_stopping=True).fit(X, y, X_val=alike, y_val=y)
    np.testing.assert_array_equal(columns_of(model), np.arange(15))


def test_a_stream_is_not_screened():
    X, y = informative()
    model = small(**FEW_EPOCHS).partial_fit(X, y, classes=[0, 1])
    np.testing.assert_array_equal(columns_of(model), np.arange(300))
    with pytest.raises(ValueError, match="screen_features=False"):
        model.set_params(screen_features=False).partial_fit(X, y)


def test_scales_do_not_matter():
    X, y = informative()
    X[:, ::2] *= 1e6
    X[:, 1::2] += 1e9
    np.testing.assert_array_equal(columns_of(small(**FEW_EPOCHS).fit(X, y)), np.arange(15))


def test_regression_of_several_targets_is_screened():
    X, y = make_friedman1(1000, n_features=200, noise=1.0, random_state=0)
    y = np.column_stack([y, X[:, 7]])
    with pytest.warns(ConvergenceWarning):
        model = MotifSETRegressor((40,), max_iter=2, learning_rate="constant").fit(X, y)
    np.testing.assert_array_equal(columns_of(model), [0, 1, 2, 3, 4, 7])
    np.testing.assert_array_equal(model.left_out_features_, [5, 6, *range(8, 200)])


def test_columns_that_are_left_out_are_told():
    X, y = informative()
    X[:, 20], X[:, 21], X[:, 3] = 1.0, np.nan, 2.0
    model = small(**FEW_EPOCHS).fit(X, y)
    np.testing.assert_array_equal(model.left_out_features_, [3, *range(15, 300)])
    model = small(**FEW_EPOCHS, screen_features=False).fit(X, y)
    np.testing.assert_array_equal(model.left_out_features_, [3, 20, 21])
    model = small(**FEW_EPOCHS).fit(np.ones((20, 3)), y[:20])  # one of them is read, as 0
    np.testing.assert_array_equal(model.left_out_features_, [0, 1, 2])
    filled = np.nan_to_num(X)
    sparse = small(**FEW_EPOCHS).fit(scipy.sparse.csr_array(filled), y)
    np.testing.assert_array_equal(sparse.left_out_features_, [21])  # it holds zeros only
    images = small(**FEW_EPOCHS, feature_shape=(15, 20)).fit(filled, y)
    assert images.left_out_features_.size == 0
    frame = pd.DataFrame(filled[:, :4]).assign(later=None)  # in a stream, columns may come later
    stream = small().partial_fit(frame.add_prefix("c"), y, classes=[0, 1])
    np.testing.assert_array_equal(stream.left_out_features_, [4])
    with pytest.raises(AttributeError, match="not fitted"):
        small().left_out_features_  # noqa: B018


@pytest.mark.parametrize("n_rows", [2001, 2600, 4500])
def test_of_many_rows_some_tell(n_rows):
    """Each of them once: what comes twice seems to be more than chance."""
    X, y, expected = pairs("exclusive or, or a third", 0, n_rows)
    X = np.column_stack([X, np.random.default_rng(1).standard_normal((n_rows, 300))])
    stay = columns_of(small(**FEW_EPOCHS).fit(X, y))
    assert set(expected) <= set(stay)
    assert stay.size <= len(expected) + 4


def test_where_pairs_are_too_many_to_look_at_all_columns_stay(monkeypatch):
    X, y = informative(n_classes=3)
    n_pairs = 3 * 285 * 300
    for most, n_kept in ((n_pairs, 15), (n_pairs - 1, 300)):
        monkeypatch.setattr("sklearn_motif._fitting.screening.MOST_PAIRS", most)
        assert keep(X, y).size == n_kept
