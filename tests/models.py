"""Small networks and training steps for the tests."""

import numpy as np

from sklearn_motif import engine
from sklearn_motif._network import MotifNetwork

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
    network._clear_unused(network.graphs.size - 1)
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
