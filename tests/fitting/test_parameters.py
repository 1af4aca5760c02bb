"""Parameters in the form that the layers below take: checked, "auto" decided."""

import numpy as np
import pytest

from ..models import assert_same_model, small


def test_every_parameter_reaches_the_training(blobs, monkeypatch):
    seen = {}

    def spy(*arguments, **options):
        seen.update(options)
        raise KeyboardInterrupt

    monkeypatch.setattr("sklearn_motif._base.train", spy)
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


def test_auto_depends_on_nothing_but_the_number_of_rows(blobs):
    X, y = blobs
    for rows, explicit in (
        (199, {"batch_size": 199, "dropout": 0}),
        (200, {"batch_size": 32, "dropout": 0.3}),
    ):
        automatic = small().fit(X[:rows], y[:rows])
        assert_same_model(automatic, small(**explicit).fit(X[:rows], y[:rows]))


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
