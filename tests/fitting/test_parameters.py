"""Parameters in the form that the layers below take: checked, "auto" decided."""

import inspect
import pickle
import re
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.neural_network import MLPClassifier

from sklearn_motif import MotifSETClassifier
from sklearn_motif._evolution.grow import GROW
from sklearn_motif._evolution.prune import PRUNE
from sklearn_motif._fitting.parameters import (
    AUTO,
    AUTO_OF_FEW_ROWS,
    AUTO_OF_KIND,
    AUTO_OF_STREAM,
    FEW_ROWS,
    MINIMUM_UPDATES,
    training_options,
)
from sklearn_motif._training.history import History
from sklearn_motif._training.options import TrainingOptions
from sklearn_motif._training.schedules import STREAM_ROWS
from sklearn_motif.engine import StepOptions

from ..models import ESTIMATORS, RAW, assert_same_model, small

# Every parameter reaches the training.

# Another value of every parameter.
OTHER = {
    "hidden_layer_sizes": (20,),
    "motif_size": [4, 2],
    "epsilon": 3.0,
    "weight_sharing": "none",
    "activation": "tanh",
    "solver": "sgd",
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
    "validation_fraction": 0.3,
    "scoring": "loss",
    "n_iter_no_change": 3,
    "shuffle": False,
    "dropout": 0.45,
    "zeta": 0.1,
    "zeta_schedule": "constant",
    "evolve_every": 4,
    "prune": "random",
    "grow": "gradient",
    "group_features": True,
    "screen_features": True,
    "feature_shape": (16, 10),
    "scale_features": False,
    "encode_features": 3,
    "categorical_features": [0],
    "precision": "float64",
    "label_smoothing": 0.2,
    "class_weight": {0: 5},
    "warm_start": True,
    "random_state": 1,
    "n_jobs": 3,
    "verbose": True,
}
# What a parameter needs beside it to have an effect.
BESIDE = {name: {"early_stopping": True} for name in ("validation_fraction", "scoring")}
# Those that the training is told under their own names.
OPTIONS = {field.name for field in fields(TrainingOptions)} | set(StepOptions._fields)


def told_to_training(estimator, monkeypatch, **parameters):
    """All that the training hears in a second fit, by name."""
    heard = {}

    def spy(network, data, streams, state, options, *, validate, monitor):
        heard.clear()
        heard.update(asdict(options), **options.step._asdict())
        heard["validation"] = None if validate is None else validate(network)
        network.weights += 1  # is heard of again if the second fit goes on
        for whose in (network.__getstate__(), data._asdict(), streams.states()):
            for name, part in whose.items():
                heard.setdefault(f"its {name}", []).append(pickle.dumps(part))
        history = History()
        history.end_epoch(network, 1.0)
        return history

    # Wide data of which some columns are noise, and enough of the others for motifs.
    X, y = make_classification(600, 160, n_informative=10, random_state=0)
    monkeypatch.setattr("sklearn_motif._base.train", spy)
    small(estimator, **{"screen_features": False, **parameters}).fit(X, y).fit(X, y)
    del heard["step"], heard["its X"]
    return heard


@pytest.mark.parametrize(
    ("estimator", "name"),
    [(e, name) for e in ESTIMATORS for name in e().get_params()],
)
def test_every_parameter_reaches_the_training(estimator, name, monkeypatch):
    """By its own name and as it is, or by what it changes."""
    beside = BESIDE.get(name, {})
    plain = told_to_training(estimator, monkeypatch, **beside)
    changed = told_to_training(estimator, monkeypatch, **beside, **{name: OTHER[name]})
    assert changed != plain
    if name in OPTIONS:
        rules = {"prune": PRUNE, "grow": GROW}.get(name, {})
        assert changed[name] == rules.get(OTHER[name], OTHER[name]) != plain[name]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_training_hears_nothing_but_the_parameters(estimator, monkeypatch):
    """Or differences would not tell of them."""
    one, other = (told_to_training(estimator, monkeypatch) for _ in range(2))
    assert one == other


def test_a_schedule_of_motif_sizes_reaches_the_training(monkeypatch):
    heard = told_to_training(MotifSETClassifier, monkeypatch, motif_size=[4, 2])
    assert heard["motif_sizes"] == (4, 2)
    assert told_to_training(MotifSETClassifier, monkeypatch, motif_size="auto") == heard


# What "auto" stands for.

# Below FEW_ROWS, and from there on; several numbers go by what y holds.
FEW = {**AUTO_OF_FEW_ROWS, "batch_size": "all rows", "max_iter": MINIMUM_UPDATES}
MANY_OF_KIND = {kind: {**AUTO, **of_kind} for kind, of_kind in AUTO_OF_KIND.items()}
MANY = {name: {many[name] for many in MANY_OF_KIND.values()} for name in FEW}


def decided(estimator, n_rows, kind="classes", *, is_partial=False):
    """What the training is told of the parameters that may be "auto", by name."""
    options = training_options(estimator, n_rows, 1.0, kind, is_partial=is_partial)
    return {name: getattr(options.step, name, getattr(options, name, None)) for name in FEW}


@pytest.mark.parametrize("kind", AUTO_OF_KIND)
@pytest.mark.parametrize("n_rows", [1, 31, FEW_ROWS - 1, 4 * FEW_ROWS, 1_000_000])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_auto_goes_by_the_number_of_rows(estimator, n_rows, kind):
    expected = {**FEW, "batch_size": n_rows} if n_rows < FEW_ROWS else MANY_OF_KIND[kind]
    assert decided(estimator(), n_rows, kind) == expected
    # A stream with an end is a fit of that many epochs.
    stream = estimator(max_iter=7)
    assert decided(stream, n_rows, kind, is_partial=True) == {**expected, "max_iter": 7}


@pytest.mark.parametrize("kind", AUTO_OF_KIND)
@pytest.mark.parametrize("n_rows", [1, 31, FEW_ROWS - 1, FEW_ROWS, 1_000_000])
def test_a_stream_without_an_end_has_many_rows_however_few_a_call_has(n_rows, kind):
    expected = {**MANY_OF_KIND[kind], **AUTO_OF_STREAM}
    expected["batch_size"] = min(n_rows, AUTO["batch_size"])
    assert decided(MotifSETClassifier(), n_rows, kind, is_partial=True) == expected
    chosen = {"batch_size": 1, "dropout": 0.7, "evolve_every": 3}
    given = decided(MotifSETClassifier(**chosen), n_rows, kind, is_partial=True)
    assert given == {**expected, **chosen}


@pytest.mark.parametrize("kind", AUTO_OF_KIND)
@pytest.mark.parametrize("batch_size", ["auto", 1, 50, 1000])
@pytest.mark.parametrize("n_rows", [1, 37, FEW_ROWS - 1, FEW_ROWS, 700, 100_000])
@pytest.mark.filterwarnings("ignore:batch_size=")
def test_epochs_by_default_make_updates_enough(n_rows, batch_size, kind):
    told = decided(MotifSETClassifier(batch_size=batch_size), n_rows, kind)
    of_an_epoch = np.ceil(n_rows / told["batch_size"])
    assert told["max_iter"] * of_an_epoch >= MINIMUM_UPDATES
    usual = MANY_OF_KIND[kind]["max_iter"]
    assert told["max_iter"] == usual or (told["max_iter"] - 1) * of_an_epoch < MINIMUM_UPDATES
    for max_iter in (1, 12):
        told = decided(MotifSETClassifier(batch_size=batch_size, max_iter=max_iter), n_rows, kind)
        assert told["max_iter"] == max_iter


def test_auto_is_what_it_says_explicitly(blobs):
    X, y = blobs
    few = {**FEW, "batch_size": FEW_ROWS - 1}
    for rows, explicit in (
        (FEW_ROWS - 1, few),
        (FEW_ROWS, MANY_OF_KIND["classes by few columns"]),
    ):
        automatic = small(**dict.fromkeys(explicit, "auto"), **RAW).fit(X[:rows], y[:rows])
        assert_same_model(automatic, small(**explicit, **RAW).fit(X[:rows], y[:rows]))


def numbers_of(text):
    """Numbers of rows or epochs as the documentation writes them."""
    return [float(number) for number in re.findall(r"\d(?:[\d.]*\d)?", text)]


@pytest.fixture(scope="module")
def user_guide():
    path = Path(__file__).parents[2] / "docs" / "user_guide.md"
    if not path.exists():
        pytest.skip("the documentation is not installed")
    return path.read_text()


def test_the_user_guide_says_what_auto_means(user_guide):
    section = user_guide.partition('## What "auto" means')[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \| (.*) \|$", section, re.MULTILINE)
    assert {row[0] for row in rows} == FEW.keys()
    endless = {"batch_size": MANY["batch_size"], "dropout": {AUTO_OF_STREAM["dropout"]}}
    endless |= {"max_iter": [], "evolve_every": [STREAM_ROWS]}
    for name, few, many, stream in rows:
        assert few == FEW[name] or numbers_of(few) == [FEW[name]], name
        assert sorted(numbers_of(many)) == sorted(MANY[name]), name
        assert sorted(numbers_of(stream)) == sorted(endless[name]), name
    assert f"as make {MINIMUM_UPDATES} updates" in " ".join(section.split())


def test_the_user_guide_says_how_the_defaults_differ_from_those_of_scikit_learn(user_guide):
    row = re.search(r"^\| epochs, rows a batch, dropout by default \|.*$", user_guide, re.MULTILINE)
    theirs, ours = (numbers_of(cell) for cell in row[0].split("|")[2:4])
    assert theirs == [MLPClassifier().max_iter, 200]
    epochs = [AUTO["max_iter"]]
    epochs += [kind["max_iter"] for kind in AUTO_OF_KIND.values() if "max_iter" in kind]
    assert ours == [*epochs, AUTO["batch_size"], min(MANY["dropout"]), max(MANY["dropout"])]


def test_the_docstrings_say_how_many_epochs_auto_means():
    for estimator in ESTIMATORS:
        said = re.search(r"^max_iter : .*?\n\n", inspect.getdoc(estimator), re.M | re.DOTALL)
        numbers = {AUTO["max_iter"], MINIMUM_UPDATES}
        numbers |= {kind["max_iter"] for kind in AUTO_OF_KIND.values() if "max_iter" in kind}
        assert set(numbers_of(said[0])) == numbers


@pytest.mark.parametrize("name", sorted(FEW.keys() - {"max_iter"}))
def test_the_docstrings_say_what_auto_means(name):
    few = rf"(all rows|[\d.]*\d) where\s+there\s+are\s+fewer\s+than\s+{FEW_ROWS}\s+training\s+rows"
    pattern = rf"^{name} : .*?\"auto\":\s+{few}(.*?)\n\n"
    for estimator in ESTIMATORS:
        said = re.search(pattern, inspect.getdoc(estimator), re.MULTILINE | re.DOTALL)
        assert said[1] == FEW[name] or numbers_of(said[1]) == [FEW[name]]
        else_ = re.split(r"\.\s", said[2].partition("else")[2])[0]
        assert sorted(numbers_of(else_)) == sorted(MANY[name])


# Sizes and numbers of any kind.


def test_a_batch_larger_than_the_data_is_clipped_with_a_warning(blobs):
    with pytest.warns(UserWarning, match="batch_size=10000 is more than the 300 rows"):
        one = small(batch_size=10_000).fit(*blobs)
    assert_same_model(one, small(batch_size=300).fit(*blobs))


def test_narrow_numpy_numbers_are_numbers(blobs):
    X, y = blobs
    narrow = {"motif_size": np.uint8(2), "batch_size": np.int8(32), "dropout": np.float32(0.5)}
    options = {"hidden_layer_sizes": np.array([300, 20])}
    one = small(**narrow, **options).fit(X, y)
    two = small(motif_size=2, batch_size=32, dropout=0.5, **options).fit(X, y)
    assert_same_model(one, two)


# What they may be.

BAD = [
    ("motif_size", 0),
    ("motif_size", 1.5),
    ("motif_size", []),
    ("motif_size", [2, 4]),
    ("motif_size", [4, 4]),
    ("motif_size", [4, 3]),
    ("motif_size", [4, 2.0]),
    ("epsilon", 0),
    ("scoring", 3),
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
    ("scale_features", True),
    ("scale_features", "robust"),
    ("encode_features", 1),
    ("encode_features", True),
    ("encode_features", 2.5),
    ("encode_features", "bins"),
    ("categorical_features", "all"),
    ("categorical_features", 3),
    ("categorical_features", [12]),
    ("categorical_features", [-1]),
    ("categorical_features", [0.5]),
    ("categorical_features", ["age"]),
    ("categorical_features", [True, False]),
    ("precision", "float16"),
    ("precision", np.float32),
    ("random_state", "seed"),
    ("n_jobs", 1.5),
    ("n_jobs", 0),
    ("hidden_layer_sizes", 0),
    ("hidden_layer_sizes", (10, -1)),
    ("hidden_layer_sizes", (10, 2.5)),
    ("hidden_layer_sizes", "big"),
    ("learning_rate", "slow"),
    ("early_stopping", "yes"),
    ("validation_fraction", 1.0),
    ("screen_features", "some"),
    ("label_smoothing", 1.0),
    ("class_weight", "even"),
    ("warm_start", "yes"),
    ("verbose", "very"),
]


def test_a_bad_value_of_every_parameter_is_tried():
    assert {name for name, _ in BAD} == MotifSETClassifier().get_params().keys()


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_parameters_are_named(blobs, name, value):
    with pytest.raises((ValueError, TypeError), match=name):
        small(**{name: value}).fit(*blobs)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("solver", "foo"),
        ("learning_rate", "slow"),
        ("learning_rate_init", -0.1),
        ("dropout", 2.0),
        ("batch_size", 2.5),
        ("max_iter", 0),
        ("class_weight", "even"),
    ],
)
def test_parameters_are_validated_in_every_call(blobs, name, value):
    model = small().partial_fit(*blobs, classes=[0, 1, 2]).set_params(**{name: value})
    with pytest.raises(ValueError, match=name):
        model.partial_fit(*blobs)
