"""Whether classes are noisy, and what follows from it."""

from functools import partial

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif import MotifSETRegressor
from sklearn_motif._fitting import noise
from sklearn_motif._fitting.inputs import FEW_COLUMNS, ORDERED_COLUMNS, Table
from sklearn_motif._fitting.noise import is_noisy
from sklearn_motif._fitting.parameters import (
    AUTO,
    AUTO_OF_KIND,
    AUTO_OF_STREAM,
    FEW_ROWS,
    MINIMUM_UPDATES,
)
from sklearn_motif._network import Inputs

from ..models import RAW, small


def make_classes(share_of_noise, n_rows=600, seed=0):
    """Three classes that lie apart, and a share of rows whose class means nothing."""
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=n_rows)
    X = rng.standard_normal((n_rows, 5)) + 6 * np.eye(3, 5)[y]
    is_noise = rng.random(n_rows) < share_of_noise
    return X, np.where(is_noise, rng.integers(3, size=n_rows), y)


def judged(X, y, *, rows=None, **parameters):
    """What is judged of some rows, by the inputs of a network."""
    network = small(max_iter=1, **parameters).fit(X, y).network_
    rows = np.arange(len(y)) if rows is None else rows
    return is_noisy(network, Table(X, y.astype(float), np.ones(len(y)), rows, {}))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("share", "expected"), [(0, False), (0.1, False), (0.8, True), (1, True)])
def test_noise_is_told_from_classes(share, expected, seed):
    X, y = make_classes(share, seed=seed)
    assert judged(X, y) is expected
    assert judged(X * [1e6, 1e-6, 1, 1, 1] + 1e7, y) is expected  # in any unit
    labels = np.eye(3, dtype=int)[y][:, :2]
    assert judged(X, labels) is expected
    assert judged(scipy.sparse.csr_array(X), y) is expected


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("n_bins", [False, 8])
def test_many_categories_are_judged_in_sparse_rows_as_in_dense_ones(share, n_bins, monkeypatch):
    X, y = make_classes(share)
    X[::7, 1] = np.nan
    X = np.column_stack([X, np.random.default_rng(0).integers(0, 500, len(y)), y])
    model = small(max_iter=1, encode_features=n_bins, categorical_features=[5, 6]).fit(X, y)
    table = Table(X, y.astype(float), np.ones(len(y)), np.arange(len(y)), {})
    assert model.network_.inputs.is_sparse

    def verdicts():
        for limit in np.linspace(0, 1.2, 60):
            monkeypatch.setattr("sklearn_motif._fitting.noise.NOISY", limit)
            yield is_noisy(model.network_, table)

    expected = list(verdicts())
    assert not all(expected)
    monkeypatch.setattr(Inputs, "is_sparse", False)
    assert list(verdicts()) == expected


@pytest.mark.parametrize(("share", "expected"), [(0.0, [100]), (1.0, [100]), (0.42, [100, 400])])
def test_more_rows_are_asked_only_where_the_first_do_not_tell(share, expected, monkeypatch):
    asked, neighbors = [], noise._neighbors

    def count(parts, places, rows):
        asked.append(rows.size)
        return neighbors(parts, places, rows)

    X, y = make_classes(share, n_rows=2000)
    monkeypatch.setattr(noise, "_neighbors", count)
    verdict = judged(X, y)
    assert asked == 2 * expected  # in the fit, too
    monkeypatch.setattr(noise, "SURE", np.inf)
    assert judged(X, y) == verdict


def test_rows_in_any_place_have_the_same_neighbors():
    """Also where many are as near."""
    X = np.random.default_rng(0).integers(0, 3, (200, 3)).astype(np.float32)
    places, asked = np.random.default_rng(1).permutation(200), np.arange(50)
    lying = np.empty_like(X)
    lying[places] = X
    np.testing.assert_array_equal(
        noise._neighbors([noise._rounded(lying)], places, asked),
        noise._neighbors([noise._rounded(X)], np.arange(200), asked),
    )


@pytest.mark.parametrize("far", [1.0, 1e3, 1e5])
def test_distances_are_exact_however_large_inputs_are(far, monkeypatch):
    """Their bits do not depend on the order of sums, that is on the number of threads."""
    X = far * np.random.default_rng(0).standard_normal((50, 40))
    whole, halves = noise._rounded(X)
    assert (whole.dtype == np.float32) == (far == 1)
    rounded = np.rint(16 * np.clip(X, -1e4, 1e4)).astype(np.int64)
    exact = (rounded**2).sum(axis=1) - 2 * rounded[:7] @ rounded.T
    distances = noise._distances(whole, halves, np.arange(7))
    np.testing.assert_array_equal(2 * distances.astype(np.float64), exact)
    sparse = noise._distances(*noise._rounded(scipy.sparse.csr_array(X)), np.arange(7))
    np.testing.assert_array_equal(sparse, distances)


def test_rare_classes_are_not_taken_for_noise():
    """By chance, nearly all neighbors are of the same class."""
    X, _ = make_classes(1.0)
    rare = np.where(np.random.default_rng(1).random(600) < 0.05, 1, 0)
    assert judged(X, rare)
    X[:, 0] += 20 * rare
    assert not judged(X, rare)


def test_only_the_given_rows_count():
    X, y = (np.concatenate(parts) for parts in zip(make_classes(0), make_classes(1), strict=True))
    assert not judged(X, y, rows=np.arange(600))
    assert judged(X, y, rows=np.arange(600, 1200))


def test_sparse_rows_are_judged_by_many_however_wide_they_are(monkeypatch):
    X, y = make_classes(0.0, seed=2)  # of which two rows of different classes are taken
    monkeypatch.setattr("sklearn_motif._fitting.noise.COMPARED_NUMBERS", 2)
    assert judged(X, y), "two rows of dense X told something"
    assert not judged(scipy.sparse.csr_array(X), y)


@pytest.mark.parametrize(("precision", "far"), [("float32", 1e38), ("float64", 1e300)])
def test_rows_that_are_not_scaled_may_be_far_away(precision, far):
    X, y = make_classes(1.0)
    X[3, 2], X[7, 4] = far, -far
    assert judged(X, y, precision=precision, **RAW)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("as_rows", [np.asarray, scipy.sparse.csr_array])
def test_squares_of_rows_may_add_up_to_infinity(as_rows, precision):
    X, y = make_classes(1.0)
    X[3] = 0.9 * np.finfo(precision).max ** 0.5 / noise.STEPS
    assert judged(as_rows(X), y, precision=precision, **RAW)


def told_of(monkeypatch, model, X, y, *, is_partial=False):
    """The dropout and the epochs that the training is told."""

    class Told(Exception):
        pass

    def tell(network, data, streams, state, options, **others):
        raise Told(options.step.dropout, options.max_iter)

    monkeypatch.setattr("sklearn_motif._base.train", tell)
    call = partial(model.partial_fit, classes=[0, 1, 2]) if is_partial else model.fit
    with pytest.raises(Told) as told:
        call(X, y)
    return told.value.args


# Dropout and epochs by what y holds.
MANY = {
    kind: (of_kind["dropout"], of_kind.get("max_iter", AUTO["max_iter"]))
    for kind, of_kind in AUTO_OF_KIND.items()
}


def test_dropout_and_epochs_go_by_noise(monkeypatch):
    noisy, classes = make_classes(1.0), make_classes(0.0)
    model = small(max_iter="auto")
    assert told_of(monkeypatch, model, *noisy) == MANY["noisy classes"]
    assert told_of(monkeypatch, model, *classes) == MANY["classes by few columns"]
    wide = np.tile(classes[0], 1 + FEW_COLUMNS // classes[0].shape[1]), classes[1]
    assert told_of(monkeypatch, model, *wide) == MANY["classes"]
    wide = np.tile(noisy[0], 1 + FEW_COLUMNS // noisy[0].shape[1]), noisy[1]
    calls = small(max_iter=7)
    assert told_of(monkeypatch, calls, *wide, is_partial=True) == (MANY["classes"][0], 7)
    told = told_of(monkeypatch, model, *wide, is_partial=True)
    assert told[0] == AUTO_OF_STREAM["dropout"]
    few = (part[: FEW_ROWS - 1] for part in noisy)
    assert told_of(monkeypatch, model, *few) == (0, MINIMUM_UPDATES)
    assert (
        told_of(monkeypatch, small(MotifSETRegressor, max_iter="auto"), *noisy) == MANY["numbers"]
    )


def test_without_bins_fewer_columns_are_few(monkeypatch):
    X, y = make_classes(0.0)
    for n_columns, kind in (
        (ORDERED_COLUMNS - 1, "classes by few columns"),
        (ORDERED_COLUMNS, "classes"),
    ):
        wide = np.tile(X, n_columns)[:, :n_columns]
        plain = small(max_iter="auto", encode_features=False)
        assert told_of(monkeypatch, plain, wide, y) == MANY[kind]
        with_bins = small(max_iter="auto")
        assert told_of(monkeypatch, with_bins, wide, y) == MANY["classes by few columns"]


def test_either_may_be_given(monkeypatch):
    noisy, (dropout, max_iter) = make_classes(1.0), MANY["noisy classes"]
    assert told_of(monkeypatch, small(max_iter="auto", dropout=0.1), *noisy) == (0.1, max_iter)
    assert told_of(monkeypatch, small(max_iter=7), *noisy) == (dropout, 7)
