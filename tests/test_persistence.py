"""Models that were saved: by this version, and by earlier ones."""

import copy
import pickle
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier, MotifSETRegressor, __version__

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

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
            state = {**vars(model), "network_": vars(model.network_)}
            check(state, name)


@pytest.mark.filterwarnings("ignore:numpy.core:DeprecationWarning")
@pytest.mark.filterwarnings(
    f"ignore::{InconsistentVersionWarning.__module__}.InconsistentVersionWarning"
)
@pytest.mark.parametrize("path", sorted(SAVED.glob("*.pickle")), ids=lambda path: path.stem)
def test_models_of_earlier_versions_load(path):
    X, y = data()
    saved = pickle.loads(path.read_bytes())
    assert saved.keys() >= {"scaled", "partial", "regressor"}
    for name, (model, expected) in saved.items():
        # Another machine's vectors may round differently.
        np.testing.assert_allclose(outputs(model, X), expected, rtol=1e-4, atol=1e-6, err_msg=name)
    saved["partial"][0].partial_fit(X, y)
    assert saved["partial"][0].n_iter_ == 2
    saved["regressor"][0].set_params(warm_start=True).fit(X, X[:, 0])


def test_this_version_left_models_for_later_ones():
    assert (SAVED / f"{__version__}.pickle").exists()


if __name__ == "__main__":
    X, _ = data()
    saved = {name: (model, outputs(model, X)) for name, model in models().items()}
    SAVED.mkdir(exist_ok=True)
    (SAVED / f"{__version__}.pickle").write_bytes(pickle.dumps(saved, protocol=4))
