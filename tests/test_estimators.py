"""What the public estimators promise."""

import multiprocessing
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    make_classification,
    make_multilabel_classification,
)
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._network import Outputs
from sklearn_motif.engine import threads

from .models import ESTIMATORS, SHARING, assert_same_model, small, use_all_threads


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("motif_size", [1, 2, 5])
def test_learns_digits(motif_size, weight_sharing, dtype):
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X.astype(dtype), y, stratify=y, random_state=0
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


def test_learns_real_wide_data(data_dir):
    data = np.load(data_dir / "tox_171.npz")
    X_train, X_test, y_train, y_test = train_test_split(
        data["X"], data["y"], stratify=data["y"], test_size=1 / 3, random_state=0
    )
    model = MotifSETClassifier(random_state=0)
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
    model = small(max_iter=60, **parameters).fit(X[:200], y[:200])
    assert model.score(X[200:], y[200:]) > 0.9


def test_binary_with_string_labels_and_a_frame():
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    labels = np.array(["bad", "good"])[y]
    model = small(max_iter=40).fit(X, labels)
    assert model.score(X, labels) > 0.95
    assert model.classes_.tolist() == ["bad", "good"]
    assert model.feature_names_in_.tolist() == X.columns.tolist()
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X.rename(columns={"mean radius": "radius"}))


def test_learns_several_labels():
    X, Y = make_multilabel_classification(600, 20, n_classes=4, random_state=0)
    model = small(max_iter=40).fit(X[:450], Y[:450])
    assert model.out_activation_ == "logistic"
    np.testing.assert_array_equal(model.classes_, np.arange(4))
    probability = model.predict_proba(X[450:])
    assert probability.shape == (150, 4)
    np.testing.assert_array_equal(model.predict(X[450:]), probability > 0.5)
    assert np.mean(model.predict(X[450:]) == Y[450:]) > 0.7


def test_learns_a_regression(data_dir):
    """A column of Isolet from the other 616."""
    X = np.load(data_dir / "isolet.npz")["X"].reshape(-1, 617).astype(np.float32)
    X, y = np.delete(X, 400, axis=1), X[:, 400]
    model = small(MotifSETRegressor, hidden_layer_sizes=(300,), epsilon=20, max_iter=30).fit(
        X[:1000], y[:1000]
    )
    assert model.score(X[1000:], y[1000:]) > 0.85
    assert model.predict(X).dtype == np.float32
    assert model.predict(X).shape == (1560,)


def test_a_regression_does_not_mind_an_offset(blobs):
    X = blobs[0]
    y = np.column_stack([X[:, 0], X[:, 1] * X[:, 2]])
    predicted = small(MotifSETRegressor).fit(X, y).predict(X)
    offset = np.array([1e6, -1e3])
    shifted = small(MotifSETRegressor).fit(X, y + offset).predict(X)
    np.testing.assert_allclose(shifted - offset, predicted, atol=1e-5)


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


def test_probabilities(blobs):
    X, y = blobs
    for labels in (y, y == 0):
        model = small().fit(X, labels)
        probability = model.predict_proba(X)
        assert probability.shape == (300, np.unique(labels).size)
        np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-12)
        np.testing.assert_array_equal(model.predict_log_proba(X), np.log(probability))
        np.testing.assert_array_equal(model.predict(X), model.classes_[probability.argmax(axis=1)])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["two", "three", "labels"])
def test_scores_decide_as_predictions_and_probabilities_do(blobs, kind, dtype):
    X, y = blobs[0].astype(dtype), blobs[1]
    y = {"two": np.where(y == 1, "a", "b"), "three": y + 5, "labels": np.eye(3, dtype=int)[y]}[kind]
    model = small().fit(X, y)
    scores, probability = model.decision_function(X), model.predict_proba(X)
    assert scores.shape == ((300,) if kind == "two" else (300, 3))
    assert scores.dtype == probability.dtype == dtype
    predicted = model.predict(X)
    if kind == "three":
        np.testing.assert_array_equal(model.classes_[scores.argmax(axis=1)], predicted)
        np.testing.assert_array_equal(scores.argmax(axis=1), probability.argmax(axis=1))
        return
    positive = predicted if kind == "labels" else predicted == model.classes_[1]
    np.testing.assert_array_equal(scores > 0, positive)
    columns = probability if kind == "labels" else probability[:, 1:]
    np.testing.assert_array_equal(columns > 0.5, scores.reshape(columns.shape) > 0)
    order = scores.reshape(columns.shape).argsort(axis=0)
    assert np.all(np.diff(np.take_along_axis(columns, order, axis=0), axis=0) >= 0)
    for one in range(0, 300, 50):
        np.testing.assert_array_equal(model.decision_function(X[one : one + 1]), scores[[one]])


def test_scores_are_the_logits_of_unsmoothed_labels(blobs):
    X, y = blobs
    model = small(label_smoothing=0.0).fit(X, y)
    expected = softmax(model.decision_function(X), axis=1)
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-12)
    model = small(label_smoothing=0.0).fit(X, y == 1)
    expected = expit(model.decision_function(X))
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], expected, rtol=1e-12)


def test_probabilities_go_by_the_smoothing_that_was_trained_with(blobs):
    X, y = blobs
    X, y = X[:200], y[:200]
    model = small(label_smoothing=0.3, warm_start=True).fit(X, y)
    before = model.predict_proba(X)
    model.set_params(label_smoothing=0.0)
    np.testing.assert_array_equal(model.predict_proba(X), before)
    shares = np.bincount(y) / 200
    for train in (model.fit, model.partial_fit):
        for smoothing in (0.0, 0.2):
            model.set_params(label_smoothing=smoothing)
            train(X, y)
            model.set_params(label_smoothing=0.9)
            expected = Outputs("softmax", "float64", smoothing=smoothing, shares=shares)
            expected = expected.of(model.decision_function(X))
            np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-9)


def shares_of(y, weights=None, **parameters):
    """What a network keeps after a fit."""
    X = np.random.default_rng(0).standard_normal((len(y), 5))
    model = small(max_iter=2, **parameters).fit(X, y, sample_weight=weights)
    return model.network_.outputs.shares


def test_shares_of_classes_go_by_weight():
    y, weights = np.repeat([3, 5, 8], [50, 30, 20]), np.repeat([1.0, 2.0, 0.0], [50, 30, 20])
    np.testing.assert_allclose(shares_of(y), [0.5, 0.3, 0.2])
    np.testing.assert_allclose(shares_of(y, weights), [50 / 110, 60 / 110, 0])
    np.testing.assert_allclose(shares_of(y, class_weight="balanced"), [1 / 3] * 3)
    np.testing.assert_allclose(shares_of(y, class_weight={8: 6}), [0.25, 0.15, 0.6])
    np.testing.assert_allclose(shares_of(y == 8), [0.2])  # of two classes, of the second
    labels = np.column_stack([y == 3, y == 8]).astype(int)
    np.testing.assert_allclose(shares_of(labels), [0.5, 0.2])
    np.testing.assert_allclose(shares_of(labels, weights), [50 / 110, 0])


def test_shares_of_a_stream_are_those_of_all_its_rows():
    rng = np.random.default_rng(0)
    X, y, weights = rng.standard_normal((90, 5)), rng.integers(3, size=90), rng.integers(4, size=90)
    stream, twice = small(), small()
    for rows in (slice(0, 10), slice(10, 90)):
        stream.partial_fit(X[rows], y[rows], classes=[0, 1, 2], sample_weight=weights[rows])
        numbers = np.repeat(np.arange(90)[rows], weights[rows])
        twice.partial_fit(X[numbers], y[numbers], classes=[0, 1, 2])
    expected = np.bincount(y, weights) / weights.sum()
    np.testing.assert_allclose(stream.network_.outputs.shares, expected)
    np.testing.assert_allclose(twice.network_.outputs.shares, expected)
    model = small(warm_start=True, max_iter=2).fit(X, y)
    model.fit(X[:60], y[:60])  # begins anew
    np.testing.assert_allclose(model.network_.outputs.shares, np.bincount(y[:60]) / 60)
    model.partial_fit(X[60:], y[60:])  # goes on
    np.testing.assert_allclose(model.network_.outputs.shares, np.bincount(y) / 90)


@pytest.mark.parametrize("rare", [0, 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_class_of_two_is_impossible(rare, dtype):
    """Not even one that no row has had; the first class is as exact as the second one."""
    X = np.random.default_rng(0).standard_normal((1000, 3)).astype(dtype)
    model = small()
    for _ in range(5):
        model.partial_fit(X, np.full(1000, 1 - rare), classes=[0, 1])
    probability = model.predict_proba(X)
    assert 0 < probability[:, rare].min() < 1e-9
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=4 * np.finfo(dtype).eps)
    assert np.isfinite(model.predict_log_proba(X)).all()


@pytest.mark.parametrize("rare", [0, 1])
def test_a_rare_class_is_as_rare_as_it_is(rare):
    X, y = make_classification(
        8000, 20, n_informative=8, weights=[0.99], class_sep=1.2, flip_y=0, random_state=1
    )
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, random_state=0, stratify=y)
    y, y_test = (y == 1) == rare, (y_test == 1) == rare
    model = MotifSETClassifier((50,), max_iter=10, random_state=0).fit(X, y)
    rate, probability = np.mean(y_test == rare), model.predict_proba(X_test)[:, rare]
    assert 0.7 * rate < probability.mean() < 1.5 * rate
    loss = log_loss(y_test == rare, probability)
    assert loss < 0.8 * log_loss(y_test == rare, np.full(y_test.size, rate))


def test_rare_labels_are_as_rare_as_they_are():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((6000, 20))
    sums = X @ rng.standard_normal((20, 20)) / 4 + rng.standard_normal((6000, 20))
    Y = (sums > np.quantile(sums, 0.98, axis=0)).astype(int)
    model = MotifSETClassifier((50,), max_iter=10, random_state=0).fit(X[:3000], Y[:3000])
    expected = Y[3000:].sum(axis=1).mean()
    found = model.predict_proba(X[3000:]).sum(axis=1).mean()
    assert found == pytest.approx(expected, rel=0.1)


def test_probabilities_of_many_classes_are_better_than_smoothed_ones():
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.4, random_state=0, stratify=y)
    model = MotifSETClassifier((100,), max_iter=25, random_state=0).fit(X, y)
    smoothed = softmax(model.decision_function(X_test), axis=1)
    probability = model.predict_proba(X_test)
    np.testing.assert_array_equal(probability.argmax(axis=1), smoothed.argmax(axis=1))
    assert log_loss(y_test, probability) < 0.8 * log_loss(y_test, smoothed)


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


@pytest.mark.parametrize("make", ESTIMATORS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize(
    ("precision", "computes_in"),
    [
        ("auto", {"few": None, "many": np.float32, "stream": np.float32}),
        ("float32", dict.fromkeys(("few", "many", "stream"), np.float32)),
        ("float64", dict.fromkeys(("few", "many", "stream"), np.float64)),
    ],
)
def test_a_network_computes_in_its_precision_and_predicts_in_that_of_x(
    make, dtype, precision, computes_in, blobs
):
    X, y = (10 * blobs[0]).astype(dtype), blobs[1]
    given = np.float32 if dtype is np.float32 else np.float64
    model = small(make, max_iter=2, precision=precision)
    classes = {"classes": [0, 1, 2]} if make is MotifSETClassifier else {}
    for how, expected in computes_in.items():
        if how == "stream":
            fitted = clone(model).partial_fit(X, y, **classes).partial_fit(X.astype(float), y)
        else:
            rows = slice(199 if how == "few" else 200)
            fitted = clone(model).fit(X[rows], y[rows])
        computed = {array.dtype for array in (*fitted.coefs_, *fitted.intercepts_)}
        assert computed == {np.dtype(expected or given)}, how
        outputs = fitted.predict_proba if classes else fitted.predict
        for rows in (X, X.astype(np.float64)):
            assert outputs(rows).dtype == given, how


def test_unfitted_estimators_say_so(blobs):
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
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
        # Columns are pooled as they are.
        "scale_features": False,
        "encode_features": False,
        "precision": "float64",
    }
    tied = small(hidden_layer_sizes=sizes, motif_size=m, weight_sharing="tied", **common).fit(X, y)
    motifs = tuple(-(-size // m) for size in sizes)
    plain = small(hidden_layer_sizes=motifs, motif_size=1, **common).fit(pooled, y)
    np.testing.assert_array_equal(tied.network_.sources, plain.network_.sources)
    np.testing.assert_allclose(tied.predict_proba(X), plain.predict_proba(pooled), rtol=1e-7)


# Randomness and threads.


@pytest.mark.parametrize("grow", ["random", "gradient"])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_same_seed_same_bits_everywhere(blobs, weight_sharing, grow, monkeypatch):
    """One thread, two threads, a loky worker, a Python thread, after a fork."""
    use_all_threads(monkeypatch)
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


def test_wiring_of_the_same_inputs_does_not_depend_on_the_number_of_rows(blobs):
    X, y = blobs
    options = {"epsilon": 3, "max_iter": 1, "learning_rate_init": 1e-12}
    options |= {"encode_features": False, "precision": "float64"}
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
    assert set(sizes) == {1}


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
import re
import numpy as np
from sklearn_motif import MotifSETClassifier
rng = np.random.default_rng(0)
X, y = rng.standard_normal((64, 2000), dtype=np.float32), rng.integers(3, size=64)
for options in ({}, {"grow": "gradient"}, {"motif_size": 1, "solver": "sgd"}):
    MotifSETClassifier((200_000,), batch_size=32, max_iter=2, **options).fit(X, y).predict(X)
print(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
"""
    # Not by getrusage, whose largest size may be that of the process which started this one.
    if not Path("/proc/self/status").exists():
        pytest.skip("the largest size of a process is read from /proc")
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert int(output.stdout) < 1024**2
