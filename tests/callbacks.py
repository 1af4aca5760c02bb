"""Callbacks for the tests: they note what they are told, keep models, stop a fit or fail."""

import pytest
from sklearn.base import clone

try:
    from sklearn.callback import CallbackContext
except ImportError:
    CallbackContext = None


needs_callbacks = pytest.mark.skipif(
    CallbackContext is None, reason="scikit-learn has callbacks from 1.9 on"
)

MAX_ITER = 4


def callback_attributes(estimator):
    return [name for name in vars(estimator) if "callback" in name]


class Recorder:
    """Notes all that it is told, and may stop a fit."""

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.hooks = []
        self.told = []

    def setup(self, estimator, context):
        self.hooks.append("setup")

    def teardown(self, estimator, context):
        self.hooks.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        self.note("begin", context, X, y, metadata)

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, metadata=None):
        self.note("end", context, X, y, metadata)
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after

    def note(self, hook, context, X, y, metadata):
        self.hooks.append(f"{hook} {context.task_name}")
        self.told.append((X, y, metadata))


class Keeper(Recorder):
    """Keeps the model of every epoch and of the fit, too."""

    def __init__(self):
        super().__init__()
        self.models = []

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self.hooks.append(f"end {context.task_name}")
        self.models.append(fitted_estimator)


class Failing(Recorder):
    """Fails in one hook."""

    def __init__(self, fails_in):
        super().__init__()
        self.fails_in = fails_in

    def note(self, hook, context, *told):
        super().note(hook, context, *told)
        self.fail_in(self.hooks[-1])

    def setup(self, estimator, context):
        super().setup(estimator, context)
        self.fail_in("setup")

    def teardown(self, estimator, context):
        super().teardown(estimator, context)
        self.fail_in("teardown")

    def fail_in(self, hook):
        if hook == self.fails_in:
            raise RuntimeError(f"The callback fails in {hook}.")


def hooks_of(n_epochs):
    epochs = ["begin epoch", "end epoch"] * n_epochs
    return ["setup", "begin fit", *epochs, "end fit", "teardown"]


def stopped_after(epoch, model, X, y, **given):
    """The model that a fit leaves which a callback stops after an epoch."""
    return clone(model).set_callbacks(Recorder(epoch)).fit(X, y, **given)
