"""Two threads against one, from small networks to very wide ones, in training and in prediction."""

from __future__ import annotations

from functools import partial

from benchmarks.timing import median_ratio, row, take_turns, timed

from .ours import ADAM, NETWORK, logged_fit
from .wide import wide

EPOCHS = 6  # of a fit
# Hidden layers, batch and solver on images.
IMAGES = (
    ((300, 300), ADAM),
    ((1000, 1000), ADAM),
    ((3000, 3000, 3000), NETWORK),
    ((3000, 3000, 3000), {**NETWORK, "batch_size": 128}),
)


def networks(X, y, neurons):
    """(X, y, parameters) of each network; the last has so many random neurons a layer."""
    changes = {"encode_features": False}
    found = [
        (X, y, {**parameters, **changes, "hidden_layer_sizes": hidden})
        for hidden, parameters in IMAGES
    ]
    return [*found, wide(neurons)]


def train_on(models, X, y, parameters, n_jobs):
    """Seconds of an epoch, on average: those count, too, in which numbers of threads are tried."""
    models[n_jobs], seconds, _ = logged_fit(X, y, EPOCHS, **{**parameters, "n_jobs": n_jobs})
    return sum(seconds) / EPOCHS


def predict_by(models, X, n_jobs):
    """Seconds of a prediction."""
    return timed(models[n_jobs].predict, X)


def compared(images, n_rows, neurons, rounds):
    """A row for each network's training, and one for its prediction."""
    rows, counts = [], (1, 2)
    X, y = images.X[:n_rows], images.y[:n_rows]
    for X_of_network, targets, parameters in networks(X, y, neurons):
        models = {}
        train = partial(train_on, models, X_of_network, targets, parameters)
        predict = partial(predict_by, models, X_of_network)
        take_turns({n: partial(train, n) for n in counts}, 1)  # warm-up
        trained = take_turns({n: partial(train, n) for n in counts}, rounds)
        runs = {n: partial(predict, n) for n in counts}
        take_turns(runs, 1)  # warm-up
        facts = {"hidden": parameters["hidden_layer_sizes"], "batch": parameters["batch_size"]}
        for task, seconds in (("an epoch", trained), ("predict", take_turns(runs, 3 * rounds))):
            one_over_two = median_ratio(seconds[1], seconds[2])
            two = row("two threads", seconds[2])
            rows.append({**facts, **row(task, seconds[1]), "two": two, "ratio": one_over_two})
    return rows
