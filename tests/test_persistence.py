"""Models that were saved: by this version, and by earlier ones."""

import copy
import pickle
import warnings
from pathlib import Path

import joblib
import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier, MotifSETRegressor, __version__
from sklearn_motif._training.schedules import stream_rate_at
from sklearn_motif._training.state import Streams, TrainingState

# Written by `python -m tests.test_persistence`, once for each released version, with the oldest
# NumPy that this version supports. Later versions must load them.
SAVED = Path(__file__).parent / "saved_models"


def data():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 9)).astype(np.float32)
    return X, np.array(["low", "mid", "high"])[np.digitize(X[:, 0], [-0.5, 0.5])]


KINDS = ("scaled", "tied", "none", "partial", "early", "regressor", "targets", "pipeline", "image")


def models():
    """A fitted model of each kind."""
    X, y = data()
    options = {"hidden_layer_sizes": (8,), "epsilon": 2, "max_iter": 3, "random_state": 0}
    labels = np.column_stack([y == "low", X[:, 1] > 0]).astype(int)
    classifier = MotifSETClassifier(**options)
    return {
        "scaled": classifier.fit(X, y),
        "tied": MotifSETClassifier(weight_sharing="tied", **options).fit(X, y == "low"),
        "none": MotifSETClassifier(weight_sharing="none", motif_size=3, **options).fit(X, labels),
        "partial": MotifSETClassifier(**options).partial_fit(X, y, classes=np.unique(y)),
        "early": MotifSETClassifier(early_stopping=True, **options).fit(X, y),
        "regressor": MotifSETRegressor(activation="all_relu", **options).fit(X, X[:, 0]),
        "targets": MotifSETRegressor(solver="sgd", **options).fit(X, X[:, :2]),
        "pipeline": make_pipeline(StandardScaler(), MotifSETClassifier(**options)).fit(X, y),
        "image": MotifSETClassifier(feature_shape=(3, 3), **options).fit(X, y),
    }


@pytest.fixture(scope="module")
def fitted():
    return models()


def outputs(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


def through_pickle(model, path):
    return pickle.loads(pickle.dumps(model))


def through_joblib(model, path):
    joblib.dump(model, path)
    return joblib.load(path, mmap_mode="r")


def through_skops(model, path):
    """Nothing needs trust but our own two classes."""
    skops_io = pytest.importorskip("skops.io")
    skops_io.dump(model, path)
    untrusted = skops_io.get_untrusted_types(file=path)
    network = model[-1] if hasattr(model, "steps") else model
    name = f"sklearn_motif._estimators.{type(network).__name__}"
    assert set(untrusted) == {name, "sklearn_motif._network.MotifNetwork"}
    return skops_io.load(path, trusted=untrusted)


@pytest.mark.parametrize("save_and_load", [through_pickle, through_joblib, through_skops])
@pytest.mark.parametrize("name", KINDS)
def test_a_loaded_model_is_the_saved_one(name, save_and_load, fitted, tmp_path):
    X, y = data()
    model = copy.deepcopy(fitted[name])
    loaded = save_and_load(model, tmp_path / "model")
    np.testing.assert_array_equal(outputs(loaded, X), outputs(model, X))
    assert loaded.get_params(deep=False).keys() == model.get_params(deep=False).keys()
    if name == "partial":  # and goes on as it would have
        for one in (model, loaded):
            one.partial_fit(X, y)
        np.testing.assert_array_equal(outputs(loaded, X), outputs(model, X))


def test_a_fitted_estimator_holds_arrays_and_builtins_only(fitted):
    def check(value, path):
        if isinstance(value, dict):
            for key, item in value.items():
                assert isinstance(key, str | int), path
                check(item, f"{path}[{key!r}]")
        elif isinstance(value, list | tuple):
            for item in value:
                check(item, path)
        else:
            kinds = (np.ndarray, np.float64, str, int, float, bool, type(None))
            assert isinstance(value, kinds), f"{path} is a {type(value)}"

    assert tuple(fitted) == KINDS
    for name, model in fitted.items():
        if name != "pipeline":
            state = {**vars(model), "network_": model.network_.__getstate__()}
            check(state, name)


PATHS = sorted(SAVED.glob("*.pickle"))


def load_saved(path):
    """Models of an earlier version by the name of their kind, with their outputs then."""
    with warnings.catch_warnings():
        # NumPy has moved a module since, and the scaler of the pipeline is scikit-learn's.
        warnings.filterwarnings("ignore", "numpy.core", DeprecationWarning)
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        return pickle.loads(path.read_bytes())


@pytest.fixture(params=PATHS, ids=[path.stem for path in PATHS])
def saved(request):
    """What ``load_saved`` gives."""
    return load_saved(request.param)


def test_models_of_earlier_versions_load(saved):
    X, _ = data()
    assert saved.keys() >= {"scaled", "partial", "regressor"}
    for name, (model, expected) in saved.items():
        # Another machine's vectors may round differently.
        np.testing.assert_allclose(outputs(model, X), expected, rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("name", ["scaled", "tied", "none"])
def test_networks_that_kept_no_smoothing_predict_what_they_predicted(name, fitted):
    X, _ = data()
    network = copy.deepcopy(fitted[name].network_)
    scores = network.scores(X)
    state = network.__getstate__()
    for field in ("smoothing", "shares", "shared_weight"):
        del state["outputs"][field]
    network.__setstate__(state)
    activation = softmax(scores, axis=1) if network.out_activation == "softmax" else expit(scores)
    np.testing.assert_array_equal(network.predict(X), activation)


@pytest.mark.parametrize("how", ["partial_fit", "warm_start"])
def test_models_of_earlier_versions_go_on(saved, how):
    """And are then as models of this version are."""
    X, y = data()
    labels = np.column_stack([y == "low", X[:, 1] > 0]).astype(int)
    goals = {"tied": y == "low", "none": labels, "regressor": X[:, 0], "targets": X[:, :2]}
    for name, (model, _) in saved.items():
        network = model[-1] if name == "pipeline" else model
        before = network.n_iter_, network.loss_curve_
        goal = goals.get(name, y)
        network.set_params(learning_rate="cosine", early_stopping=False)
        if how == "warm_start":
            network.set_params(warm_start=True).fit(X, goal)
        else:
            network.partial_fit(X, goal)
        assert network.n_iter_ == before[0] + (3 if how == "warm_start" else 1), name
        assert network.loss_curve_[: before[0]] == before[1]
        assert network.loss_ < 1.5 * before[1][-1], name  # not from the start again
        curves = network.motif_size_curve_, network.n_connections_curve_, network.loss_curve_
        assert {len(curve) for curve in curves} == {network.n_iter_}
        assert set(network.motif_size_curve_) == {network.motif_size_}
        state = network._training_state
        assert (state["optimizer"] is not None) == (how == "partial_fit")
        loaded = through_pickle(network, None)
        np.testing.assert_array_equal(outputs(loaded, X), outputs(network, X))
        loaded.partial_fit(X, goal)
        network.partial_fit(X, goal)
        np.testing.assert_array_equal(outputs(loaded, X), outputs(network, X))


def test_the_streams_of_an_earlier_version_go_on(saved):
    """A model goes on as it would have: the saved state decides, not the time of loading."""
    X, y = data()
    model, _ = saved["partial"]
    twin = copy.deepcopy(model)
    states = Streams.from_states(model._streams).states()
    assert states == model._streams
    state = TrainingState.from_dict(model._training_state)
    assert (state.epoch, state.solver, state.n_updates) == (1, "adam", 1)
    saved_state = model._training_state
    np.testing.assert_equal({name: state.to_dict()[name] for name in saved_state}, saved_state)
    for one in (model, twin):
        one.partial_fit(X, y)
    assert model._streams["shuffling"] != states["shuffling"]
    assert model._training_state["epoch"] == 2
    np.testing.assert_array_equal(outputs(twin, X), outputs(model, X))


def test_models_of_earlier_versions_go_on_as_streams_without_an_end(saved, steps):
    """From the updates of a stream, or of a fit about as many as it made."""
    X, y = data()
    X, y = np.tile(X, (10, 1)), np.tile(y, 10)
    model, _ = saved["partial"]
    model.set_params(max_iter="auto", learning_rate="cosine").partial_fit(X, y)
    n_before = model._training_state["n_updates"] - -(-len(X) // 32)
    assert steps[0].n_updates == n_before == 1
    assert steps[0].learning_rate == stream_rate_at(model.learning_rate_init, 1)
    model, _ = saved["scaled"]
    steps.clear()
    model.t_ = 32 * 1000  # of a longer training
    model.set_params(max_iter="auto", learning_rate="cosine").partial_fit(X, y)
    assert steps[0].learning_rate == stream_rate_at(model.learning_rate_init, 1000)
    model.partial_fit(X, y)
    assert steps[-1].learning_rate < steps[0].learning_rate


def test_this_version_left_models_for_later_ones():
    assert (SAVED / f"{__version__}.pickle").exists()


if __name__ == "__main__":
    X, _ = data()
    saved = {name: (model, outputs(model, X)) for name, model in models().items()}
    SAVED.mkdir(exist_ok=True)
    (SAVED / f"{__version__}.pickle").write_bytes(pickle.dumps(saved, protocol=4))
