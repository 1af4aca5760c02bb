"""MotifSETClassifier as its users meet it."""

import logging
import multiprocessing
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier, MotifSETRegressor, engine
from sklearn_motif._training import loop as _training
from sklearn_motif.engine import threads

from .models import SHARING, interrupt_step

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def small(**parameters):
    defaults = {
        "hidden_layer_sizes": (30, 20),
        "learning_rate_init": 0.01,
        "max_iter": 8,
        "random_state": 0,
    }
    return MotifSETClassifier(**{**defaults, **parameters})


def assert_same_model(one, other):
    for name in ("weights", "nodes", "sources", "indptr"):
        np.testing.assert_array_equal(getattr(one.network_, name), getattr(other.network_, name))
    assert one.loss_curve_ == other.loss_curve_


# What it learns.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("motif_size", [1, 2, 5])
def test_learns_digits(motif_size, weight_sharing, dtype):
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        StandardScaler().fit_transform(X).astype(dtype), y, stratify=y, random_state=0
    )
    model = MotifSETClassifier(
        (300, 200),
        motif_size=motif_size,
        weight_sharing=weight_sharing,
        group_features=False,
        max_iter=40,
        random_state=0,
    ).fit(X_train, y_train)
    assert model.score(X_test, y_test) > 0.95
    assert model.predict_proba(X_test).dtype == dtype
    assert model.coefs_[0].dtype == model.intercepts_[0].dtype == dtype


def test_learns_real_wide_data(data_dir):
    data = np.load(data_dir / "tox_171.npz")
    X_train, X_test, y_train, y_test = train_test_split(
        data["X"], data["y"], stratify=data["y"], test_size=1 / 3, random_state=0
    )
    model = make_pipeline(StandardScaler(), MotifSETClassifier(random_state=0))
    assert model.fit(X_train, y_train).score(X_test, y_test) > 0.75


@pytest.mark.parametrize(
    "parameters",
    [
        {"solver": "sgd", "learning_rate_init": 0.05},
        {"activation": "all_relu"},
        {"activation": "tanh"},
        {"activation": "logistic", "learning_rate_init": 0.02},
        {"activation": "identity"},
        {"grow": "gradient"},
        {"prune": "random"},
        {"zeta_schedule": "constant"},
        {"dropout": 0.5},
        {"hidden_layer_sizes": 50},
        {"hidden_layer_sizes": ()},
        {"epsilon": 1000},
    ],
    ids=str,
)
def test_learns_with_every_option(blobs, parameters):
    X, y = blobs
    model = small(max_iter=30, **parameters).fit(X[:200], y[:200])
    assert model.score(X[200:], y[200:]) > 0.9


def test_binary_with_string_labels_and_a_frame():
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = (X - X.mean()) / X.std()
    labels = np.array(["bad", "good"])[y]
    model = small(max_iter=40).fit(X, labels)
    assert model.score(X, labels) > 0.95
    assert model.classes_.tolist() == ["bad", "good"]
    assert model.feature_names_in_.tolist() == X.columns.tolist()
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X.rename(columns={"mean radius": "radius"}))


# At home in scikit-learn.


def test_searches_and_cross_validation_in_parallel(blobs):
    pipeline = make_pipeline(StandardScaler(), small(max_iter=40))
    grid = {"motifsetclassifier__motif_size": [1, 2, 3]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(*blobs)
    assert search.best_score_ > 0.9
    scores = cross_val_score(pipeline, *blobs, cv=3, n_jobs=-1)
    assert scores.shape == (3,)
    np.testing.assert_array_equal(scores, cross_val_score(pipeline, *blobs, cv=3))


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
    assert model.n_connections_ == 12 * 15 + 15 * 10 + 10 * 3
    assert model.density_ == 1
    assert model.n_parameters_ == model.n_connections_ + 3 * (30 + 20) + 3
    binary = small().fit(X, y == 1)
    assert (binary.n_outputs_, binary.out_activation_) == (1, "logistic")


def test_probabilities(blobs):
    X, y = blobs
    for labels in (y, y == 0):
        model = small().fit(X, labels)
        probability = model.predict_proba(X)
        assert probability.shape == (300, np.unique(labels).size)
        np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-12)
        np.testing.assert_array_equal(model.predict_log_proba(X), np.log(probability))
        np.testing.assert_array_equal(model.predict(X), model.classes_[probability.argmax(axis=1)])


@pytest.mark.parametrize("n", [1, 7, 16, 1000])
def test_a_rows_prediction_does_not_depend_on_its_company(n):
    X, y = load_digits(return_X_y=True)
    model = small(hidden_layer_sizes=(100, 70)).fit(X / 16, y)
    X = X[:1000] / 16
    together = model.predict_proba(X)
    if n == 1000:  # the same rows in another order
        order = np.random.default_rng(0).permutation(1000)
        np.testing.assert_array_equal(model.predict_proba(X[order]), together[order])
    pieces = [model.predict_proba(X[start : start + n]) for start in range(0, 1000, n)]
    np.testing.assert_array_equal(np.concatenate(pieces), together)


def test_any_layout_of_x(blobs):
    X, y = blobs
    expected = small().fit(X, y).predict_proba(X)
    spaced = np.repeat(X, 2, axis=1)[:, ::2]
    read_only = X.copy()
    read_only.setflags(write=False)
    raw = np.empty(X.nbytes + 1, dtype=np.uint8)
    unaligned = np.ndarray(X.shape, X.dtype, raw.data, offset=1)
    unaligned[...] = X
    assert not unaligned.flags.aligned
    for other in (np.asfortranarray(X), spaced, read_only, unaligned, X.tolist(), pd.DataFrame(X)):
        model = small().fit(other, y)
        np.testing.assert_array_equal(model.predict_proba(np.asarray(other)), expected)


def unsorted(X):
    """The same matrix with the indices of every row in another order, and one entry in two."""
    X = scipy.sparse.csr_array(X)
    indptr, order = X.indptr + np.arange(X.shape[0] + 1), []
    for first, last in zip(X.indptr, X.indptr[1:], strict=False):
        order += [first, *range(last - 1, first - 1, -1)]
    data = X.data[order]
    data[indptr[:-1]] /= 2
    data[indptr[1:] - 1] /= 2
    return scipy.sparse.csr_array((data, X.indices[order], indptr), shape=X.shape)


def long_indices(X):
    X = scipy.sparse.csr_array(X)
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


def read_only(X):
    X = scipy.sparse.csr_array(X)
    for array in (X.data, X.indices, X.indptr):
        array.setflags(write=False)
    return X


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "convert",
    [
        scipy.sparse.csr_array,
        scipy.sparse.csr_matrix,
        scipy.sparse.csc_array,
        scipy.sparse.coo_array,
        unsorted,
        long_indices,
        read_only,
    ],
)
def test_sparse_x_gives_the_bits_of_dense_x(convert, dtype):
    rng = np.random.default_rng(0)
    dense = (rng.standard_normal((250, 150)) * (rng.random((250, 150)) < 0.2)).astype(dtype)
    dense[:, 0] = 1  # no row is empty
    y = rng.integers(3, size=250)
    X = convert(dense)
    before = X.copy()
    expected, model = small().fit(dense, y), small().fit(X, y)
    assert_same_model(model, expected)
    np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(dense))
    options = {"early_stopping": True, "max_iter": 3}
    assert_same_model(small(**options).fit(X, y), small(**options).fit(dense, y))
    np.testing.assert_array_equal(
        X.indices if hasattr(X, "indices") else X.coords[0],
        before.indices if hasattr(X, "indices") else before.coords[0],
    )


def test_sparse_x_is_never_made_dense():
    """1000 × 200,000 would take 1.6 GB."""
    rng = np.random.default_rng(0)
    places = rng.integers(1000, size=20_000), rng.integers(200_000, size=20_000)
    X = scipy.sparse.csr_array((rng.random(20_000), places), shape=(1000, 200_000))
    y = rng.integers(3, size=1000)
    tracemalloc.start()
    model = small(epsilon=1, max_iter=2, batch_size=20, early_stopping=True)
    model.fit(X, y, sample_weight=rng.random(1000)).predict(X)
    model.fit(X.tocsc(), y, X_val=X, y_val=y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400e6  # buffers of a mini-batch, above all


def test_memory_mapped_x(blobs, tmp_path):
    X, y = blobs
    expected = small().fit(X, y)
    joblib.dump((X, scipy.sparse.csr_array(X)), tmp_path / "X")
    for mapped in joblib.load(tmp_path / "X", mmap_mode="r"):
        model = small().fit(mapped, y)
        assert_same_model(model, expected)
        np.testing.assert_array_equal(model.predict_proba(mapped), expected.predict_proba(X))


@pytest.mark.parametrize("weight_sharing", SHARING)
def test_importances_find_the_features_that_matter(weight_sharing):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((800, 40))
    y = X[:, :4].sum(axis=1) + 0.5 * rng.standard_normal(800)
    options = {"weight_sharing": weight_sharing, "hidden_layer_sizes": (100,), "epsilon": 5}
    options |= {"max_iter": 40, "random_state": 0, "group_features": False, "alpha": 0.1}
    for model in (MotifSETRegressor(**options).fit(X, y), small(**options).fit(X, y > 0)):
        importances = model.feature_importances_
        assert importances.sum() == pytest.approx(1)
        assert set(np.argsort(importances)[-4:]) == {0, 1, 2, 3}
        degrees = model.input_degrees_
        assert list(degrees) == [1, 2, 4, 8, 16, 32]
        assert len({degree.sum() for degree in degrees.values()}) == 1
        assert degrees[32][:4].mean() > degrees[1][:4].mean()


def test_auto_depends_on_nothing_but_the_number_of_rows(blobs):
    X, y = blobs
    for rows, explicit in (
        (199, {"batch_size": 199, "dropout": 0}),
        (200, {"batch_size": 32, "dropout": 0.3}),
    ):
        automatic = small().fit(X[:rows], y[:rows])
        assert_same_model(automatic, small(**explicit).fit(X[:rows], y[:rows]))


# Motifs.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_motif_size_one_is_set_in_every_mode(blobs, dtype):
    X, y = blobs
    models = [small(motif_size=1, weight_sharing=w).fit(X.astype(dtype), y) for w in SHARING]
    for other in models[1:]:
        assert_same_model(models[0], other)


@pytest.mark.parametrize("prune", ["magnitude", "random"])
@pytest.mark.parametrize(("sizes", "m"), [((40, 30), 2), ((41, 29), 3)])
def test_tied_is_a_plain_network_on_pooled_inputs(sizes, m, prune):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((250, 200)), rng.integers(3, size=250)
    starts = np.arange(0, 200, m)
    pooled = np.add.reduceat(X, starts, axis=1) / np.diff([*starts, 200])
    common = {
        "epsilon": 5,
        "prune": prune,
        "max_iter": 12,
        "group_features": True,
    }
    tied = small(hidden_layer_sizes=sizes, motif_size=m, weight_sharing="tied", **common).fit(X, y)
    motifs = tuple(-(-size // m) for size in sizes)
    plain = small(hidden_layer_sizes=motifs, motif_size=1, **common).fit(pooled, y)
    np.testing.assert_array_equal(tied.network_.sources, plain.network_.sources)
    np.testing.assert_allclose(tied.predict_proba(X), plain.predict_proba(pooled), rtol=1e-7)


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


def test_features_form_motifs_where_neighbours_are_alike():
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


# Randomness and threads.


@pytest.mark.parametrize("grow", ["random", "gradient"])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_same_seed_same_bits_everywhere(blobs, weight_sharing, grow, monkeypatch):
    """One thread, two threads, a loky worker, a Python thread, after a fork."""
    monkeypatch.setattr(threads, "WORK_PER_THREAD", 1)
    X, y = blobs
    X = np.tile(X, (1, 5))  # equal columns: the least difference in a gradient moves a place
    model = small(weight_sharing=weight_sharing, grow=grow, epsilon=3, max_iter=5)
    reference = clone(model).fit(X, y)
    assert_same_model(reference, clone(model).set_params(n_jobs=2).fit(X, y))
    workers = joblib.Parallel(n_jobs=2)(
        joblib.delayed(clone(model).set_params(n_jobs=n_jobs).fit)(X, y) for n_jobs in (1, 2)
    )
    with ThreadPoolExecutor(2) as pool:
        jobs = [clone(model).set_params(n_jobs=n_jobs) for n_jobs in (1, 2)]
        workers += list(pool.map(lambda job: job.fit(X, y), jobs))
    if "fork" in multiprocessing.get_all_start_methods():
        with multiprocessing.get_context("fork").Pool(1) as pool:
            workers.append(pool.apply(clone(model).set_params(n_jobs=2).fit, (X, y)))
    for other in workers:
        assert_same_model(reference, other)


def test_other_seeds_give_other_models(blobs):
    one, two = (small(random_state=seed, epsilon=3).fit(*blobs) for seed in (0, 1))
    assert not np.array_equal(one.network_.sources, two.network_.sources)
    generator = np.random.RandomState(0)
    one, two = (small(random_state=generator, epsilon=3).fit(*blobs) for _ in range(2))
    assert not np.array_equal(one.network_.sources, two.network_.sources)


def test_wiring_does_not_depend_on_the_number_of_rows(blobs):
    X, y = blobs
    options = {"epsilon": 3, "max_iter": 1, "learning_rate_init": 1e-12}
    one, two = (small(**options).fit(X[:rows], y[:rows]) for rows in (100, 300))
    np.testing.assert_array_equal(one.network_.sources, two.network_.sources)
    np.testing.assert_allclose(one.network_.weights, two.network_.weights, atol=1e-9)


def test_small_work_stays_on_one_thread(blobs, monkeypatch):
    sizes = []
    team = threads.Team

    def spy(size):
        sizes.append(size)
        return team(size)

    monkeypatch.setattr(threads, "Team", spy)
    small(n_jobs=2, max_iter=1).fit(*blobs).predict(blobs[0])
    assert sizes == [1, 1]


# The course of training.


def test_evolution_changes_hidden_layers_only_and_keeps_counts(blobs):
    X, y = blobs
    options = {"epsilon": 2, "max_iter": 5}
    fixed, evolved = (small(zeta=zeta, **options).fit(X, y) for zeta in (0, 0.3))
    assert fixed.n_connections_ == evolved.n_connections_
    for i in range(2):
        assert not np.array_equal(fixed.network_.keys(i), evolved.network_.keys(i))
    np.testing.assert_array_equal(fixed.network_.keys(2), evolved.network_.keys(2))


@pytest.mark.parametrize(
    ("options", "evolutions"),
    [
        ({"zeta_schedule": "constant"}, [1, 2, 3, 4, 5, 6, 7]),
        ({"zeta_schedule": "constant", "evolve_every": 3}, [3, 6]),
        ({"zeta_schedule": "cosine"}, [1, 2, 3, 4, 5]),
    ],
)
def test_clock_of_evolution(blobs, options, evolutions, monkeypatch):
    """Never after the last epoch; in "cosine" none from three quarters of max_iter on."""
    records = []
    train = _training.train

    def spy(*args, **kwargs):
        records.append(train(*args, **kwargs))
        return records[-1]

    monkeypatch.setattr("sklearn_motif._estimators.train", spy)
    options["hidden_layer_sizes"] = (200, 100)
    small(epsilon=1.5, zeta=0.6, max_iter=8, n_iter_no_change=99, **options).fit(*blobs)
    changed = np.array(records[0].connections_changed)
    assert (np.flatnonzero(changed) + 1).tolist() == evolutions


def test_patience_waits_for_the_wiring_to_settle(blobs):
    options = {"max_iter": 100, "n_iter_no_change": 3, "tol": 1e6}
    # Every epoch but the first is without progress; more than 3 of them stop the training.
    assert small(zeta_schedule="constant", **options).fit(*blobs).n_iter_ == 5
    assert small(zeta=0, zeta_schedule="cosine", **options).fit(*blobs).n_iter_ == 5
    # 1 % of zeta is reached after 71 of 75 epochs.
    assert small(zeta_schedule="cosine", **options).fit(*blobs).n_iter_ == 71 + 3


def test_warns_when_not_converged(blobs):
    with pytest.warns(ConvergenceWarning, match="max_iter=2"):
        small(max_iter=2, learning_rate="constant").fit(*blobs)


def test_shuffle_off_takes_the_rows_in_order(blobs, steps, monkeypatch):
    X, y = blobs
    monkeypatch.setattr(engine.training, "MOMENT", 1)  # a mini-batch a call
    small(shuffle=False, batch_size=120, max_iter=2).fit(X, y)
    seen = [step.rows for step in steps]
    np.testing.assert_array_equal(np.concatenate(seen), np.tile(np.arange(300), 2))
    assert [rows.size for rows in seen] == [120, 120, 60] * 2
    steps.clear()
    small(shuffle=True, batch_size=120, max_iter=2).fit(X, y)
    seen = [step.rows for step in steps]
    first, second = np.concatenate(seen[:3]), np.concatenate(seen[3:])
    assert not np.array_equal(first, second)
    for order in (first, second):
        np.testing.assert_array_equal(np.sort(order), np.arange(300))


def test_a_batch_larger_than_the_data_is_clipped_with_a_warning(blobs):
    with pytest.warns(UserWarning, match="batch_size=10000 is more than the 300 rows"):
        one = small(batch_size=10_000).fit(*blobs)
    assert_same_model(one, small(batch_size=300).fit(*blobs))


def test_every_parameter_reaches_the_training(blobs, monkeypatch):
    seen = {}

    def spy(*arguments, **options):
        seen.update(options)
        raise KeyboardInterrupt

    monkeypatch.setattr("sklearn_motif._estimators.train", spy)
    parameters = {
        "alpha": 0.25,
        "batch_size": 7,
        "learning_rate": "adaptive",
        "learning_rate_init": 0.07,
        "momentum": 0.5,
        "nesterovs_momentum": False,
        "beta_1": 0.4,
        "beta_2": 0.6,
        "max_iter": 9,
        "tol": 0.01,
        "early_stopping": True,
        "n_iter_no_change": 3,
        "shuffle": False,
        "dropout": 0.2,
        "zeta": 0.1,
        "zeta_schedule": "constant",
        "evolve_every": 4,
        "prune": "random",
        "grow": "gradient",
        "solver": "sgd",
        "n_jobs": 3,
        "verbose": 1,
    }
    with pytest.raises(KeyboardInterrupt):
        small(**parameters).fit(*blobs)
    assert parameters.items() <= seen.items()


def test_verbose_logs_a_line_an_epoch(blobs, caplog):
    caplog.set_level(logging.INFO, logger="sklearn_motif")
    small(verbose=True, max_iter=3).fit(*blobs)
    lines = [record.getMessage() for record in caplog.records]
    assert [line.split()[1] for line in lines] == ["1", "2", "3"]
    assert all("of 3   loss" in line and "changed" in line for line in lines)
    caplog.clear()
    small(max_iter=3).fit(*blobs)
    assert not caplog.records


def test_ctrl_c_keeps_the_model(blobs, monkeypatch):
    calls = []

    def interrupt(*args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return 0

    monkeypatch.setattr("sklearn_motif._evolution.evolve.evolve", interrupt)
    with pytest.warns(UserWarning, match="interrupted"):
        model = small().fit(*blobs)
    assert model.n_iter_ == 3
    assert model.score(*blobs) > 0.6


@pytest.mark.parametrize("comes", ["before", "after"])
def test_ctrl_c_in_an_evolution_keeps_wiring_and_weights_together(comes, blobs, monkeypatch):
    """A graph changes in one compiled call, which Ctrl-C cannot cut in two."""
    rewire = engine.rewire
    calls = []

    def interrupt(*args):
        calls.append(1)
        if len(calls) != 10:  # two hidden graphs an evolution
            return rewire(*args)
        if comes == "after":
            rewire(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "rewire", interrupt)
    options = {"epsilon": 3, "max_iter": 40, "zeta": 0.9, "hidden_layer_sizes": (200, 100)}
    with pytest.warns(UserWarning, match="interrupted"):
        model = small(**options).fit(*blobs)
    assert model.n_iter_ == 5
    assert model.score(*blobs) > 0.8


def test_ctrl_c_in_the_first_epoch(blobs, monkeypatch):
    interrupt_step(monkeypatch, 4)
    with pytest.warns(UserWarning, match="interrupted"):
        model = small().fit(*blobs)
    assert model.n_iter_ == 1
    assert model.predict(blobs[0]).shape == (300,)
    interrupt_step(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):  # nothing learnt yet
        small().fit(*blobs)


def test_images(blobs):
    X, y = blobs
    options = {"epsilon": 1, "motif_size": 1}
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


# Errors.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("motif_size", 0),
        ("motif_size", 1.5),
        ("epsilon", 0),
        ("weight_sharing", "shared"),
        ("activation", "gelu"),
        ("solver", "lbfgs"),
        ("alpha", -1),
        ("batch_size", 0),
        ("batch_size", "all"),
        ("learning_rate_init", 0),
        ("momentum", 1.1),
        ("nesterovs_momentum", "yes"),
        ("beta_1", 1),
        ("beta_2", -0.1),
        ("max_iter", 0),
        ("tol", -1),
        ("n_iter_no_change", 0),
        ("shuffle", "no"),
        ("dropout", 1.0),
        ("dropout", "none"),
        ("zeta", 1.0),
        ("zeta_schedule", "linear"),
        ("evolve_every", 0),
        ("prune", "smallest"),
        ("grow", "everywhere"),
        ("group_features", "some"),
        ("feature_shape", "image"),
        ("feature_shape", 12),
        ("feature_shape", (12,)),
        ("feature_shape", (3, 4.0)),
        ("feature_shape", (0, 12)),
        ("feature_shape", (3, 2, 2, 1)),
        ("feature_shape", (3, 5)),
        ("random_state", "seed"),
        ("n_jobs", 1.5),
        ("n_jobs", 0),
        ("hidden_layer_sizes", 0),
        ("hidden_layer_sizes", (10, -1)),
        ("hidden_layer_sizes", (10, 2.5)),
        ("hidden_layer_sizes", "big"),
    ],
)
def test_bad_parameters_are_named(blobs, name, value):
    with pytest.raises((ValueError, TypeError), match=name):
        small(**{name: value}).fit(*blobs)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused(blobs, bad):
    X, y = blobs
    broken = X.copy()
    broken[3, 4] = bad
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        small().fit(broken, y)
    model = small().fit(X, y)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        model.predict(broken)
    broken[3, 4] = 1e300  # infinite in the model's float32
    with pytest.raises(ValueError, match="too large"):
        small().fit(X.astype(np.float32), y).predict(broken)


def test_wrong_shapes_and_labels_are_refused(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match=r"0 sample"):
        small().fit(X[:0], y[:0])
    with pytest.raises(ValueError, match="inconsistent"):
        small().fit(X, y[:-1])
    with pytest.raises(ValueError, match="class"):
        small().fit(X, np.zeros(300))
    with pytest.raises(ValueError, match="continuous"):
        small().fit(X, X[:, 0])
    for labels in (np.eye(3, dtype=int)[y] + 1, np.where(np.eye(3)[y], 1, -1)):
        with pytest.raises(ValueError, match="must hold 0 and 1 only"):
            small().fit(X, labels)
    with pytest.raises(ValueError, match=r"must be of shape \(n_samples,\), or hold 0 and 1"):
        small().fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="y contains NaN"):
        MotifSETRegressor((9,)).fit(X, np.where(y == 1, np.nan, y))
    with pytest.raises(ValueError, match="y contains infinity"):
        MotifSETRegressor((9,)).fit(X.astype(np.float32), y * 1e300)
    model = small().fit(X, y)
    with pytest.raises(ValueError, match="11 features"):
        model.predict(X[:, :11])
    with pytest.raises(ValueError, match="0 sample"):
        model.predict_proba(X[:0])


def test_unfitted_estimators_say_so(blobs):
    for method in ("predict", "predict_proba", "predict_log_proba"):
        with pytest.raises(NotFittedError):
            getattr(small(), method)(blobs[0])
    for name in (
        "coefs_",
        "intercepts_",
        "feature_importances_",
        "n_connections_",
        "n_parameters_",
        "density_",
    ):
        assert not hasattr(small(), name)


@pytest.mark.parametrize("activation", ["relu", "identity"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_diverging_fit_ends_in_an_error(blobs, activation, n_jobs, monkeypatch):
    monkeypatch.setattr(threads, "WORK_PER_THREAD", 1)
    X, y = blobs
    model = small(solver="sgd", learning_rate_init=1e6, activation=activation, n_jobs=n_jobs)
    with pytest.raises(ValueError, match=r"diverged.*learning_rate_init"):
        model.fit(1e3 * X, y)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_a_failed_fit_leaves_the_previous_model(blobs):
    X, y = blobs
    frame = pd.DataFrame(X, columns=[f"gene {i}" for i in range(12)])
    model = small().fit(frame, y)
    expected = model.predict_proba(frame)
    wider = np.tile(X, (1, 100))
    with pytest.raises(ValueError, match="class"):
        model.fit(wider, np.zeros(300))
    model.set_params(solver="sgd", learning_rate_init=1e9)
    with pytest.raises(ValueError, match="diverged"):
        model.fit(1e3 * wider, y)
    np.testing.assert_array_equal(model.predict_proba(frame), expected)
    with pytest.raises(ValueError, match="1200 features"):
        model.predict(wider)
    with pytest.raises(ValueError, match="1200 features"):
        model.network_.predict(wider)


def test_narrow_numpy_numbers_are_numbers(blobs):
    X, y = blobs
    narrow = {"motif_size": np.uint8(2), "batch_size": np.int8(32), "dropout": np.float32(0.5)}
    options = {"hidden_layer_sizes": np.array([300, 20])}
    one = small(**narrow, **options).fit(X, y)
    two = small(motif_size=2, batch_size=32, dropout=0.5, **options).fit(X, y)
    assert_same_model(one, two)


# Sparse for real.


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("grow", ["random", "gradient"])
def test_nothing_of_the_size_of_a_dense_matrix_is_allocated(weight_sharing, grow):
    """20,000 × 20,000 would take 400 MB even as bytes."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((40, 20_000), dtype=np.float32), np.arange(40) % 3
    options = {"hidden_layer_sizes": (20_000,), "epsilon": 1, "batch_size": 16, "max_iter": 3}
    tracemalloc.start()
    model = small(weight_sharing=weight_sharing, grow=grow, **options).fit(X, y)
    model.predict(X)
    assert model.coefs_[0].shape == (20_000, 20_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


def test_hidden_layer_of_200000_fits_into_one_gibibyte():
    """A dense matrix of 2000 × 200,000 would take 1.5 GiB in float32 alone."""
    code = """
import re, warnings
import numpy as np
from sklearn_motif import MotifSETClassifier
warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
X, y = rng.standard_normal((64, 2000), dtype=np.float32), rng.integers(3, size=64)
for options in ({}, {"grow": "gradient"}, {"motif_size": 1, "solver": "sgd"}):
    MotifSETClassifier((200_000,), batch_size=32, max_iter=2, **options).fit(X, y).predict(X)
print(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
"""
    # Not by getrusage, whose greatest size may be that of the process which started this one.
    if not Path("/proc/self/status").exists():
        pytest.skip("the greatest size of a process is read from /proc")
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert int(output.stdout) < 1024**2
