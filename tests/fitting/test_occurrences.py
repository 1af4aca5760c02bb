"""Sparse X as users give it: which columns become inputs, and which way the first layer goes."""

import pickle
from functools import partial

import numpy as np
import pytest
import scipy.sparse
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.pipeline import make_pipeline

from sklearn_motif import MotifSETClassifier
from sklearn_motif._fitting.occurrences import SPARSE_SHARE
from sklearn_motif._fitting.parameters import FEW_ROWS

from ..models import SHARING, make_data, small

N_COLUMNS = 400
FEW = {"hidden_layer_sizes": (20, 10), "max_iter": 8, "motif_size": 2}


def make_texts(n_rows=300, n_stored=5, n_classes=3, seed=0):
    """Rows that store a few of the columns, of which some tell the class, and half hold nothing."""
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n_rows)
    words = rng.integers(1, N_COLUMNS // 2, (n_rows, n_stored)) * 2 - 1
    words[:, 0] = 2 * y + 1
    words[n_rows // 2 :, 1] = 7
    rows = np.repeat(np.arange(n_rows), n_stored)
    values = rng.uniform(0.1, 0.3, rows.size).astype(np.float32)
    X = scipy.sparse.coo_array((values, (rows, words.ravel())), shape=(n_rows, N_COLUMNS))
    return X.tocsr(), y


def test_columns_without_a_value_have_no_inputs():
    X, y = make_texts()
    X.data[X.indices == 1] = 0  # stored, but no value
    model = small(**FEW).fit(X, y)
    occupied = np.flatnonzero((X.toarray() != 0).any(axis=0))
    np.testing.assert_array_equal(model.network_.inputs.values, occupied)
    left_out = np.setdiff1d(np.arange(N_COLUMNS), occupied)
    np.testing.assert_array_equal(model.left_out_features_, left_out)
    assert not np.any(model.input_degrees_[1][left_out])
    assert model.coefs_[0].shape[0] == occupied.size
    others = X.toarray()
    others[:, left_out] = 7.0
    others = scipy.sparse.csr_array(others)
    np.testing.assert_array_equal(model.predict_proba(others), model.predict_proba(X))


def test_the_log_says_how_many_columns_have_no_value(caplog):
    X, y = make_texts()
    with caplog.at_level("INFO", logger="sklearn_motif"):
        small(**FEW, verbose=True).fit(X, y)
    n_empty = N_COLUMNS - np.unique(X.indices).size
    assert f"{n_empty} of {N_COLUMNS} columns left out, which hold one value or none" in caplog.text


def test_values_that_are_stored_twice_are_their_sum():
    X, y = make_texts()
    parts = [np.repeat(X.data, 2) / 2, np.repeat(X.indices, 2), 2 * X.indptr]
    twice = scipy.sparse.csr_array(tuple(parts), shape=X.shape)
    models = [small(**FEW).fit(rows, y) for rows in (X, twice)]
    assert twice.nnz == 2 * X.nnz, "X is left alone"
    np.testing.assert_array_equal(models[0].predict_proba(X), models[1].predict_proba(twice))


@pytest.mark.parametrize("index", [-1, N_COLUMNS, 10**6])
def test_columns_that_x_does_not_have_are_refused(index):
    X, y = make_texts()
    model = small(**FEW).fit(X, y)
    X.indices[5] = index
    for call in (model.predict, partial(small(**FEW).fit, y=y)):
        with pytest.raises(ValueError, match="indices of columns outside 0 to 399"):
            call(X)


def test_a_stream_may_begin_with_empty_rows():
    X, y = make_texts()
    X = X * np.float32(1e-4)
    models = [small(**FEW) for _ in range(2)]
    empty = scipy.sparse.csr_array((3, N_COLUMNS), dtype=np.float32)
    models[0].partial_fit(empty, [0, 1, 2], classes=[0, 1, 2])
    for model in models:
        model.partial_fit(X, y, classes=[0, 1, 2])
    assert models[0].network_.inputs.factor == models[1].network_.inputs.factor > 1000


def test_sparse_x_without_any_value_is_learned_from():
    X = scipy.sparse.csr_array((40, N_COLUMNS))
    model = small(**FEW).fit(X, np.arange(40) % 2)
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("grow", ["random", "gradient"])
def test_texts_are_learned_whatever_the_network_is(weight_sharing, grow):
    X, y = make_texts()
    options = {**FEW, "max_iter": 30, "epsilon": 10, "learning_rate_init": 0.01}
    model = small(**options, weight_sharing=weight_sharing, grow=grow)
    model.fit(X[:200], y[:200])
    assert model.network_.sparse_inputs
    assert model.score(X[200:], y[200:]) > 0.9


def test_the_density_decides_the_way_and_the_first_call_fixes_it():
    for share, is_sparse in ((0.8 * SPARSE_SHARE, True), (1.3 * SPARSE_SHARE, False)):
        X = scipy.sparse.random(400, N_COLUMNS, density=share, format="csr", random_state=0)
        y = np.arange(400) % 2
        assert small(**FEW).fit(X, y).network_.sparse_inputs is is_sparse
        model = small(**FEW).partial_fit(X, y, classes=[0, 1])
        dense = np.ones((50, N_COLUMNS))
        model.partial_fit(scipy.sparse.csr_array(dense), y[:50])
        assert model.network_.sparse_inputs is is_sparse
    assert not small(**FEW).fit(X.toarray(), y).network_.sparse_inputs
    assert not small(**FEW, group_features=True).fit(X, y).network_.sparse_inputs


def test_sparse_and_dense_rows_are_predicted_alike():
    X, y = make_texts()
    model = small(**FEW).fit(X, y)
    probabilities = model.predict_proba(X)
    np.testing.assert_array_equal(model.predict_proba(X.toarray()), probabilities)
    np.testing.assert_array_equal(model.predict_proba(X[7:8]), probabilities[7:8])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), probabilities)


def test_the_scale_of_all_values_does_not_matter():
    X, y = make_texts()
    models = [small(**FEW).fit(X * np.float32(factor), y) for factor in (1, 1024)]
    predictions = models[0].predict_proba(X), models[1].predict_proba(X * np.float32(1024))
    np.testing.assert_allclose(*predictions, rtol=1e-5)
    with_scale = models[0].network_.inputs.of(X, np.float64).data
    assert np.sqrt(np.mean(with_scale**2)) == pytest.approx(1.0)
    as_it_is = small(**FEW, scale_features=False).fit(X, y).network_
    np.testing.assert_array_equal(as_it_is.inputs.of(X, np.float32).data, X.data)


@pytest.mark.parametrize("is_partial", [False, True])
def test_a_weight_of_two_is_the_row_twice_and_zero_its_absence(is_partial):
    X = scipy.sparse.random(110, N_COLUMNS, density=0.01, format="csr", random_state=0)
    y = np.arange(110) % 3
    weights = np.random.default_rng(1).integers(0, 3, 110)
    rows = np.repeat(np.arange(110), weights)
    assert rows.size < FEW_ROWS  # full batches
    options = {**FEW, "precision": "float64", "dropout": 0, "shuffle": False, "evolve_every": 2}
    models = []
    for X_now, y_now, w in ((X, y, weights), (X[rows], y[rows], None)):
        model = small(**options, batch_size="auto")
        if is_partial:
            model.set_params(batch_size=X_now.shape[0])
            model.partial_fit(X_now, y_now, classes=[0, 1, 2], sample_weight=w)
        else:
            model.fit(X_now, y_now, sample_weight=w)
        models.append(model)
    np.testing.assert_array_equal(models[0].network_.sources, models[1].network_.sources)
    assert models[0].network_.sparse_inputs
    np.testing.assert_allclose(models[0].predict_proba(X), models[1].predict_proba(X), rtol=1e-7)


def test_the_density_follows_weights_of_rows():
    X, y = make_texts(60, n_stored=2)
    full = scipy.sparse.csr_array(np.ones((2, N_COLUMNS), dtype=np.float32))
    X, y = scipy.sparse.vstack([X, full], format="csr"), np.append(y, [0, 1])
    weights = np.append(np.ones(60), [20, 20])
    rows = np.repeat(np.arange(62), weights.astype(int))
    weighted, repeated = small(**FEW).fit(X, y, sample_weight=weights), small(**FEW)
    repeated.fit(X[rows], y[rows])
    assert weighted.network_.sparse_inputs is repeated.network_.sparse_inputs is False


def test_what_occurs_more_often_gets_more_connections():
    X, y = make_texts(900)
    model = small(**{**FEW, "hidden_layer_sizes": (200, 10)}, epsilon=8).fit(X, y)
    degrees = model.input_degrees_[8]
    counts = np.bincount(X.indices, minlength=N_COLUMNS)
    often, seldom = degrees[counts > 100], degrees[(counts > 0) & (counts < 50)]
    assert often.mean() > 1.5 * seldom.mean()
    assert seldom.mean() > 0


def test_columns_that_come_later_in_a_stream_gain_connections():
    X, y = make_texts()
    model = small(**{**FEW, "max_iter": "auto"}).partial_fit(X[:10], y[:10], classes=[0, 1, 2])
    assert model.network_.sparse_inputs, "few rows of many columns"
    first, n_first = model.network_.inputs.values, model.n_connections_
    n_before = int(model.network_.graphs[0]["n_connections"])
    assert first.size < np.unique(X[:60].indices).size
    model.set_params(learning_rate_init=1e-12)
    model.partial_fit(X[10:60], y[10:60])
    now = model.network_.inputs.values
    np.testing.assert_array_equal(now, np.unique(X[:60].indices))
    new = np.setdiff1d(now, first)
    wanted = model.network_.n_connections_by(model.epsilon)
    assert n_first < model.n_connections_ == sum(wanted)
    assert np.mean(model.network_.input_degrees()[new]) >= 1
    assert n_before < wanted[0]
    score = model.set_params(learning_rate_init=0.01).score(X, y)
    for _ in range(20):
        model.partial_fit(X, y)
    assert model.score(X, y) > max(0.9, score)


def test_old_connections_keep_weights_and_moments_when_columns_come():
    X, y = make_texts()
    one = small(**FEW, evolve_every=100, alpha=0).partial_fit(X[:40], y[:40], classes=[0, 1, 2])
    assert one.network_.sparse_inputs
    keys = one.network_.keys(0) // one.network_.n_motifs()[1], one.network_.targets_of(0).copy()
    columns = one.network_.inputs.values[keys[0]]
    probabilities = one.predict_proba(X[:40])
    moments = one._training_state["optimizer"]["weights_2"]
    later = X[40:41].copy()
    one.set_params(learning_rate_init=1e-30).partial_fit(later, y[40:41])
    # New connections are of weight 0: what is predicted of other rows stays.
    np.testing.assert_allclose(one.predict_proba(X[:40]), probabilities, rtol=1e-5)
    now = one._training_state["optimizer"]["weights_2"]
    assert now.size == one.network_.weights.size > moments.size
    network = one.network_
    found = network.inputs.values[network.sources_in_order(0)], network.targets_of(0)
    places = {pair: k for k, pair in enumerate(zip(*found, strict=True))}
    kept = [places[pair] for pair in zip(columns, keys[1], strict=True)]
    is_idle = ~np.isin(columns, later.indices)  # others moved with the later row
    np.testing.assert_array_equal(now[kept][is_idle], moments[: columns.size][is_idle])


def test_dense_rows_of_a_sparse_stream_are_the_sparse_ones_that_they_stand_for():
    X, y = make_texts()
    models = []
    for later in (X[40:80], X[40:80].toarray()):
        model = small(**FEW).partial_fit(X[:40], y[:40], classes=[0, 1, 2])
        models.append(model.partial_fit(later, y[40:80]))
    np.testing.assert_array_equal(models[0].network_.occurrences, models[1].network_.occurrences)
    np.testing.assert_array_equal(models[0].predict_proba(X), models[1].predict_proba(X))


def test_sparse_rows_after_dense_ones_bring_no_columns_back():
    X, y = make_data()
    X[:, 2] = 1
    raw = {"scale_features": False, "encode_features": False}
    model = small(**FEW, **raw).fit(X, y)
    model.partial_fit(scipy.sparse.csr_array(X), y)
    np.testing.assert_array_equal(model.left_out_features_, [2])


def test_calls_and_a_fit_are_the_same_training():
    X, y = make_texts()
    options = {**FEW, "shuffle": False, "dropout": 0.1, "zeta_schedule": "cosine", "max_iter": 3}
    fitted = small(**options).fit(X, y)
    streamed = small(**options)
    for _ in range(3):
        streamed.partial_fit(X, y, classes=np.unique(y))
    np.testing.assert_array_equal(fitted.network_.weights, streamed.network_.weights)
    np.testing.assert_array_equal(fitted.network_.sources, streamed.network_.sources)


def test_many_hashed_columns_cost_what_is_stored():
    texts = [f"word{i} other{i % 7} word{i * i}" for i in range(240)]
    y = np.arange(240) % 7
    models = [
        make_pipeline(
            HashingVectorizer(n_features=2**bits, alternate_sign=False),
            MotifSETClassifier((30,), random_state=0, max_iter=40),
        ).fit(texts, y)
        for bits in (14, 20)
    ]
    networks = [model[-1].network_ for model in models]
    assert [network.sparse_inputs for network in networks] == [True, True]
    # Some words share a column where there are fewer.
    assert networks[0].n_connections == pytest.approx(networks[1].n_connections, rel=0.05)
    assert min(model.score(texts, y) for model in models) > 0.9
