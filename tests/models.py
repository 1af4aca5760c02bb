"""Small networks, training steps and estimators for the tests."""

import contextlib
import copy
import logging
import warnings

import numpy as np
import pandas as pd
import pytest

from sklearn_motif import MotifSETClassifier, MotifSETRegressor, engine
from sklearn_motif._evolution.grow import GROW
from sklearn_motif._evolution.prune import PRUNE
from sklearn_motif._network import MotifNetwork
from sklearn_motif._training.options import TrainingOptions
from sklearn_motif.engine import StepOptions

SHARING = ("scaled", "tied", "none")
ACTIVATIONS = ("relu", "all_relu", "tanh", "logistic", "identity")


def make_network(layer_sizes=(11, 7, 9, 3), *, dtype=np.float64, seed=0, **options):
    """A network whose parameters are away from their starting values, so that no term hides."""
    options = {
        "motif_size": 2,
        "epsilon": 1.5,
        "weight_sharing": "scaled",
        "activation": "tanh",
        "out_activation": "logistic" if layer_sizes[-1] == 1 else "softmax",
        "group_features": True,
        **options,
    }
    wiring, values = (np.random.default_rng([seed, i]) for i in range(2))
    network = MotifNetwork(layer_sizes, dtype=dtype, wiring=wiring, values=values, **options)
    # The weights of the outputs start at zero.
    start = int(network.graphs[-1]["weight"])
    weights = np.random.default_rng([seed, 3]).normal(0, 0.5, network.weights.size - start)
    network.weights[start:] = weights
    network.clear_unused(network.graphs.size - 1)
    network.nodes += np.random.default_rng([seed, 2]).normal(0, 0.3, network.nodes.size)
    return network


def make_step(network, batch_size=32, state=None, **options):
    """A training step; options are fields of StepOptions and arguments of TrainingStep."""
    options = {
        "solver": "sgd",
        "momentum": 0.0,
        "nesterovs_momentum": False,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "alpha": 0.0,
        "dropout": 0.0,
        "label_smoothing": 0.0,
        "n_jobs": 1,
        "activation": network.activation,
        "out_activation": network.out_activation,
        "learning_rate": 1.0,
        "dropout_seed": 0,
        "n_updates": 0,
        **options,
    }
    names = set(engine.StepOptions._fields) & set(options)
    step_options = engine.StepOptions(batch_size, **{name: options.pop(name) for name in names})
    if state is None:
        state = engine.new_optimizer_state(network.net, step_options.solver)
    return engine.TrainingStep(network.net, state, step_options, **options)


def train_on(step, X, y, rows=None, row_weights=None):
    """Take a step on some rows, by default all; returns the loss."""
    dtype = step.net.weights.dtype
    n = X.shape[0]
    row_weights = np.ones(n) if row_weights is None else row_weights
    rows = np.arange(n) if rows is None else rows
    return step(
        engine.features(X), y.ravel().astype(dtype), row_weights.astype(dtype), np.asarray(rows)
    )


class AllThreads:
    """Stands in for TeamSize: as many threads as may be used, whatever they gain."""

    def __init__(self, most, n_at_a_time):
        self.size = most

    def next_run(self, n_batches):
        return self.size, n_batches

    def note(self, n_batches, seconds):
        pass


def use_all_threads(monkeypatch):
    """Let small networks train and predict on as many threads as `n_jobs` says."""
    monkeypatch.setattr(engine.threads, "LEAST_WORK", 0)
    monkeypatch.setattr(engine.threads, "WORK_PER_THREAD", 1)
    monkeypatch.setattr(engine.training, "TeamSize", AllThreads)


def interrupt_step(monkeypatch, number):
    """Let Ctrl-C come in mini-batch `number`, counted from 1."""
    step, calls = engine.TrainingStep.__call__, []

    def interrupt(*arguments):
        calls.append(1)
        if len(calls) == number:
            raise KeyboardInterrupt
        return step(*arguments)

    monkeypatch.setattr(engine.TrainingStep, "__call__", interrupt)
    monkeypatch.setattr(engine.training, "MOMENT", 1)  # a mini-batch a call


def engine_gradients(network, X, y, row_weights=None, **options):
    """Gradients as the difference that one SGD step of rate 1 makes, and the loss."""
    before = network.weights.copy(), network.nodes.copy()
    step = make_step(network, batch_size=X.shape[0], **options)
    loss = train_on(step, X, y, row_weights=row_weights)
    gradients = before[0] - network.weights, before[1] - network.nodes
    network.weights[:], network.nodes[:] = before
    return *gradients, loss


def sample(n=23, n_features=11, n_classes=3, dtype=np.float64):
    """Rows of noise and classes without a meaning."""
    rng = np.random.default_rng(5)
    return rng.standard_normal((n, n_features)).astype(dtype), rng.integers(n_classes, size=n)


def filled_state(network):
    """Adam's state, nowhere zero."""
    state = network.new_optimizer_state("adam")
    for i, values in enumerate(state):
        values[:] = np.random.default_rng(i).uniform(1, 2, values.size)
    return state


class RandomSignals:
    """d and p of every graph of a network, and the squared gradients that follow."""

    def __init__(self, network, width=16):
        rng = np.random.default_rng(1)
        units = network.layers["units"]
        self.network = network
        self.d = [rng.standard_normal((n, width)) for n in units[1:]]
        self.p = [rng.standard_normal((n, width)) for n in units[:-1]]

    def __call__(self, index, targets, sources):
        graph = self.network.graphs[index]
        blocks = int(graph["block_out"]), int(graph["block_in"])
        return engine.squared_gradients(self.d[index], self.p[index], targets, sources, *blocks)

    def dense(self, index):
        """Squared gradients of all cells of a graph."""
        graph = self.network.graphs[index]
        d, p = self.d[index], self.p[index]
        blocks = np.zeros([graph[n] for n in ("motifs_in", "block_in", "motifs_out", "block_out")])
        flat = blocks.reshape(
            graph["motifs_in"] * graph["block_in"], graph["motifs_out"] * graph["block_out"]
        )
        flat[: p.shape[0], : d.shape[0]] = p @ d.T
        return (blocks**2).sum(axis=(1, 3)).ravel()


# Estimators, and data for them.

ESTIMATORS = (MotifSETClassifier, MotifSETRegressor)
NAMES = np.array(["blue", "green", "red"])

# For what is learned before the training.
ONE_EPOCH = {"max_iter": 1, "learning_rate": "cosine"}

# X as it is, a column an input: for what is not about the way from columns to inputs.
RAW = {"scale_features": False, "encode_features": False}


SMALL = {
    "hidden_layer_sizes": (30, 20),
    "epsilon": 4,
    "learning_rate_init": 0.01,
    "max_iter": 8,
    "random_state": 0,
}


def small(estimator=MotifSETClassifier, **parameters):
    """An unfitted estimator that takes a moment to fit and has vacant cells to grow at."""
    return estimator(**{**SMALL, **parameters})


def busy(estimator=MotifSETClassifier, **parameters):
    """A small estimator, of which every epoch draws from all random streams and evolves."""
    defaults = {
        "batch_size": 16,
        "dropout": 0.2,
        "zeta_schedule": "constant",
        "evolve_every": 1,
        "max_iter": 4,
    }
    return small(estimator, **{**defaults, **parameters})


def smooth(n_rows=100, n_columns=200):
    """Columns that are more like their neighbors than like others."""
    return np.cumsum(np.random.default_rng(0).standard_normal((n_rows, n_columns)), axis=1)


def make_data(estimator=MotifSETClassifier, *, n_rows=90, n_features=6, n_classes=3, noise=1.0):
    """Classes of equal size, by name and in random order, or a linear target."""
    rng = np.random.default_rng(n_rows)
    if estimator is MotifSETClassifier:
        y = rng.permutation(n_rows) % n_classes
        X = noise * rng.standard_normal((n_rows, n_features)) + 2 * np.eye(3, n_features)[y]
        return X, NAMES[y]
    X = rng.standard_normal((n_rows, n_features))
    return X, X[:, 0] - 0.5 * X[:, 1] + 0.1 * noise * rng.standard_normal(n_rows)


def make_frame(n_rows=90, *, frame=pd.DataFrame, seed=0):
    """Columns of all kinds, and a target that goes by most of them."""
    rng = np.random.default_rng(seed)
    age = rng.normal(40, 10, n_rows).round(1)
    color = rng.choice(["blue", "green", "red"], n_rows).astype(object)
    is_open = rng.random(n_rows) < 0.5
    y = (age > 40) ^ (color == "red")
    age[rng.random(n_rows) < 0.1] = np.nan
    color[rng.random(n_rows) < 0.1] = None
    columns = {"age": age, "color": color, "open": is_open, "size": rng.standard_normal(n_rows)}
    return frame(columns), y.astype(int)


def make_weights(n_rows=90):
    """Weights of rows, none of them zero."""
    return np.random.default_rng(1).uniform(0.1, 3, n_rows)


@contextlib.contextmanager
def without_a_warning():
    """Any warning is an error, but that so short a training has learned little."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "The network has learned next to nothing")
        yield


def assert_same_network(one, other):
    """The networks of two fitted estimators have the same bits."""
    for name in ("weights", "nodes", "sources", "indptr"):
        np.testing.assert_array_equal(
            getattr(one.network_, name), getattr(other.network_, name), err_msg=name
        )
    assert_same_inputs(one, other)
    # Not how many rows their shares are of, which a stream counts in all calls.
    for name in ("activation", "dtype", "means", "scales", "rows_dtype", "smoothing", "shares"):
        values = (getattr(model.network_.outputs, name) for model in (one, other))
        np.testing.assert_equal(*values, err_msg=name)


def assert_same_inputs(one, other):
    """Two fitted estimators make the same of their columns, where no value is missing."""
    inputs = [{**vars(model.network_.inputs), "fills": None} for model in (one, other)]
    np.testing.assert_equal(*inputs)


def assert_same_model(one, other):
    """Two fitted estimators have the same bits: the network and the record of the training."""
    assert_same_network(one, other)
    for name in (
        "n_features_in_",
        "n_iter_",
        "t_",
        "loss_",
        "best_loss_",
        "loss_curve_",
        "motif_size_curve_",
        "n_connections_curve_",
        "validation_scores_",
        "validation_loss_curve_",
        "best_validation_score_",
    ):
        assert getattr(one, name) == getattr(other, name), name
    np.testing.assert_equal(one.input_degrees_, other.input_degrees_)


def inputs_of(model, X):
    """Inputs by their names, in float64, of an X that holds numbers only."""
    values = model.network_.inputs.of(X, np.float64)
    return dict(zip(model.input_names_, values.T, strict=True))


def state_of(model):
    """A copy of all that an estimator holds, to compare by ``np.testing.assert_equal``."""
    state = copy.deepcopy(vars(model))
    if "network_" in state:
        state["network_"] = state["network_"].__getstate__()
    return state


def make_options(**options):
    """TrainingOptions, for their own fields and those of StepOptions; as few effects as may be."""
    options = {
        "motif_sizes": (2,),
        "is_partial": False,
        "is_endless": False,
        "epsilon": 4.0,
        "learning_rate": "constant",
        "learning_rate_init": 0.01,
        "max_iter": 100,
        "tol": 0.0,
        "early_stopping": False,
        "n_iter_no_change": 10,
        "shuffle": False,
        "zeta": 0.0,
        "zeta_schedule": "constant",
        "evolve_every": 1,
        "prune": PRUNE["magnitude"],
        "grow": GROW["random"],
        "verbose": False,
        "batch_size": 32,
        "solver": "adam",
        "momentum": 0.9,
        "nesterovs_momentum": True,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "alpha": 0.0,
        "dropout": 0.0,
        "label_smoothing": 0.0,
        "n_jobs": None,
        **options,
    }
    step = StepOptions(**{name: options.pop(name) for name in StepOptions._fields})
    return TrainingOptions(step=step, **options)


def first_epochs(model, X, y, k):
    """A fit that was interrupted after the evolution of its epoch k."""

    def interrupt(record):
        if record.msg.startswith("epoch") and record.args[0] == k:
            raise KeyboardInterrupt
        return False

    logger = logging.getLogger("sklearn_motif")
    logger.addFilter(interrupt)
    try:
        with pytest.warns(UserWarning, match="interrupted"):
            model.set_params(verbose=True).fit(X, y)
    finally:
        logger.removeFilter(interrupt)
    return model.set_params(verbose=False)


# ONNX.


def odd(estimator=MotifSETClassifier, **parameters):
    """A small estimator whose last motifs are short."""
    defaults = {"hidden_layer_sizes": (13, 7), "learning_rate_init": 0.03, "max_iter": 100}
    return small(estimator, **{**defaults, **parameters})


def fitted_regressor(network):
    """A regressor around a network that no fit gave it."""
    model = MotifSETRegressor()
    model.network_, model.out_activation_ = network, network.out_activation
    model.n_features_in_, model.n_outputs_ = network.n_columns, network.layer_sizes[-1]
    return model


def shaken(model):
    """A fitted estimator in which all that a row has matters for what is predicted."""
    weights = model.network_.weights
    weights[:] = np.random.default_rng(0).normal(0, 0.5, weights.size)
    return model


def run_onnx(exported, X):
    """What onnxruntime computes, by name.

    X is the only input, or a frame that has a column for each, or arrays by name.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(
        exported.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [value.name for value in session.get_inputs()]
    if hasattr(X, "columns"):
        assert len(names) == len(X.columns)
        X = {name: X[[column]].to_numpy() for name, column in zip(names, X.columns, strict=True)}
    outputs = {}
    arrays = session.run(None, X if isinstance(X, dict) else {names[0]: X})
    for value, array in zip(exported.graph.output, arrays, strict=True):
        if isinstance(array, np.ndarray):
            sizes = [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
            told = [n or size for n, size in zip(sizes, array.shape, strict=True)]
            assert told == list(array.shape)
        outputs[value.name] = array
    return outputs
