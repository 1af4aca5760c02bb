"""Rows to validate on that lie far outside the range of the rows to train on."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.sparse import csr_array, random
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier
from sklearn_motif._fitting.ranges import far_columns

from ..models import small

FAR = r"Most values of X_val lie far.*columns \["


def wine():
    """Rows to train on and to validate on, as a frame of columns of very different units."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    order = np.random.default_rng(0).permutation(len(X))
    X, y = X.iloc[order], y.iloc[order]
    return X[:120], y[:120], X[120:], y[120:]


def test_a_pipeline_that_leaves_x_val_as_it_is_is_told_of():
    X, y, X_val, y_val = wine()
    names = {"motifsetclassifier__X_val": X_val.to_numpy(), "motifsetclassifier__y_val": y_val}
    model = make_pipeline(StandardScaler(), small(MotifSETClassifier, max_iter=60))
    with pytest.warns(UserWarning, match=FAR + "0.*transform_input=.*yourself") as record:
        model.fit(X, y, **names)
    assert len(record) == 1
    names["motifsetclassifier__X_val"] = StandardScaler().fit(X).transform(X_val)
    model.fit(X, y, **names)


def test_a_pipeline_that_makes_other_columns_of_x_is_told_of_alike():
    X, y, X_val, y_val = wine()
    network = small(max_iter=2)
    first = PCA(5)
    for given in (X_val.to_numpy(), X_val):
        names = {"motifsetclassifier__X_val": given, "motifsetclassifier__y_val": y_val}
        with pytest.raises(ValueError, match=r"(?s)In X_val.*feature.*transform_input=.*yourself"):
            make_pipeline(first, network).fit(X, y, **names)
        first = PCA(5).set_output(transform="pandas")
    with pytest.raises(ValueError, match="In X_val") as other:
        network.fit(X, y, X_val=X, y_val=y + 7)
    assert "transform" not in str(other.value)


def test_the_way_out_that_the_warning_names():
    X, y, X_val, y_val = wine()
    with sklearn.config_context(enable_metadata_routing=True):
        network = small(max_iter=2).set_fit_request(X_val=True, y_val=True)
        model = make_pipeline(StandardScaler(), network, transform_input=["X_val"])
        model.fit(X, y, X_val=X_val, y_val=y_val)


def test_rows_that_alone_were_scaled_are_told_of_by_name():
    X, y, X_val, y_val = wine()
    scaled = StandardScaler().set_output(transform="pandas").fit(X).transform(X_val)
    with pytest.warns(UserWarning, match=FAR + "'alcohol'"):
        small(max_iter=2).fit(X, y, X_val=scaled, y_val=y_val)


def test_another_unit_is_seen_around_the_same_middle(blobs):
    X, y = blobs
    other = X.copy()
    other[:, [2, 5]] = (other[:, [2, 5]] - X[:, [2, 5]].mean(axis=0)) * 1000
    with pytest.warns(UserWarning, match=FAR + r"2, 5\]"):
        small(max_iter=2).fit(X, y, X_val=other, y_val=y)


def test_a_warm_start_goes_by_the_rows_of_its_own_call(blobs):
    X, y = blobs
    model = small(max_iter=2, warm_start=True).fit(X, y, X_val=X, y_val=y)
    model.fit(X + 100, y, X_val=X + 100, y_val=y)
    with pytest.warns(UserWarning, match=FAR):
        model.fit(X + 100, y, X_val=X, y_val=y)


def test_missing_values_and_rows_without_weight_are_no_values(blobs):
    X, y = blobs
    broken = np.where(np.random.default_rng(0).random(X.shape) < 0.6, np.nan, X)
    model = small(max_iter=2)
    with pytest.warns(UserWarning, match=FAR):
        model.fit(broken, y, X_val=broken + 100, y_val=y)
    weights = np.ones(300)
    weights[20:] = 0
    far = X.copy()
    far[20:] += 100
    model.fit(X, y, X_val=far, y_val=y, sample_weight_val=weights)
    far[:20] += 100
    with pytest.warns(UserWarning, match=FAR):
        model.fit(X, y, X_val=far, y_val=y, sample_weight_val=weights)


def test_codes_of_categories_have_no_range():
    frame = pd.DataFrame({"size": np.arange(100.0), "kind": ["a"] * 50 + ["b"] * 50})
    other = frame.assign(kind="c")
    with pytest.warns(UserWarning, match="known categories") as record:
        small(max_iter=60).fit(frame, np.arange(100) > 49, X_val=other, y_val=np.arange(100) > 49)
    assert len(record) == 1


def test_columns_that_no_input_reads_do_not_matter(blobs):
    X, y = blobs
    X = X.copy()
    X[:, 3:5] = 7
    X[:9, 4] = np.nan  # of which is read whether it is missing
    other = X.copy()
    other[:, 3:5] = 8
    model = small(max_iter=2).fit(X, y, X_val=other, y_val=y)
    assert "x4 missing" in model.input_names_


def counts(n_rows=400, n_words=60):
    """Counts of words, most of them 0."""
    lengths = np.random.default_rng(1).integers(20, 60, n_rows)
    shares = 1 / np.arange(1, n_words + 1)
    draws = [
        np.random.default_rng(i).multinomial(n, shares / shares.sum())
        for i, n in enumerate(lengths)
    ]
    return csr_array(np.array(draws, dtype=float))


def test_sparse_rows_are_judged_together():
    X = counts()
    scaled, y = csr_array(TfidfTransformer().fit_transform(X)), np.arange(400) % 2
    model = small(max_iter=2)
    model.fit(scaled[:300], y[:300], X_val=scaled[300:], y_val=y[300:])
    model.fit(X[:300], y[:300], X_val=X[300:], y_val=y[300:])
    with pytest.warns(UserWarning, match=FAR):
        model.fit(scaled[:300], y[:300], X_val=X[300:] * 10, y_val=y[300:])
    dense = scaled.toarray()
    with pytest.warns(UserWarning, match=FAR):
        model.fit(dense[:300], y[:300], X_val=X[300:] * 10, y_val=y[300:])
    far = (X[300:] * 10 + 1e3 * csr_array(np.ones((100, 60)))).toarray()
    with pytest.warns(UserWarning, match=FAR):
        model.fit(scaled[:300], y[:300], X_val=far, y_val=y[300:])


# Values of many kinds, for random rows.
KINDS = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "heavy tails": lambda rng, shape: rng.standard_cauchy(shape) ** 5,
    "powers": lambda rng, shape: 10.0 ** (20 * rng.standard_normal(shape)),
    "rarely not 0": lambda rng, shape: (rng.random(shape) < 0.01) * rng.standard_cauchy(shape),
    "rows of different size": lambda rng, shape: (
        rng.random(shape) * np.exp(5 * rng.standard_normal((shape[0], 1)))
    ),
    "gaps": lambda rng, shape: np.where(rng.random(shape) < 0.9, np.nan, rng.normal(size=shape)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n_train", "n_val"), [(2, 1), (1, 30), (10, 10), (50, 3), (100, 400)])
def test_random_rows_are_never_far(kind, n_train, n_val):
    rng = np.random.default_rng(n_train)
    for _ in range(20):
        X = KINDS[kind](rng, (n_train + n_val, 500))
        assert far_columns(X[:n_train], X[n_train:], np.arange(500)).size == 0


@pytest.mark.parametrize(("n_train", "n_val"), [(2, 1), (10, 10), (50, 3), (40, 400)])
def test_random_sparse_rows_are_never_far(n_train, n_val):
    rng = np.random.default_rng(n_train)
    for _ in range(20):
        X = csr_array(random(n_train + n_val, 500, density=0.05, random_state=rng))
        X.data = 10.0 ** (20 * rng.standard_normal(X.nnz))
        assert far_columns(X[:n_train], X[n_train:], np.arange(500)).size == 0


def test_ranges_wider_than_the_floats_are_no_fault():
    X = np.random.default_rng(0).choice([-1e308, 1e308], (300, 12))
    assert far_columns(X, X, np.arange(12)).size == 0
