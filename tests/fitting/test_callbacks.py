"""scikit-learn's callbacks: what they are told, what they may keep, how they stop a fit."""

import pickle
import re
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._network import MotifNetwork
from sklearn_motif.engine import threads

try:
    from sklearn.callback import CallbackContext, ProgressBar, ScoringMonitor
except ImportError:
    CallbackContext = None

needs_callbacks = pytest.mark.skipif(
    CallbackContext is None, reason="scikit-learn has callbacks from 1.9 on"
)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ESTIMATORS = [MotifSETClassifier, MotifSETRegressor]
FOLDS = KFold(2)
MAX_ITER = 4


def small(estimator=MotifSETClassifier, **parameters):
    """With evolution and dropout, so that every epoch changes the wiring and all streams."""
    defaults = {
        "hidden_layer_sizes": (30, 20),
        "epsilon": 3,
        "learning_rate_init": 0.01,
        "batch_size": 16,
        "dropout": 0.2,
        "learning_rate": "constant",
        "zeta_schedule": "constant",
        "evolve_every": 1,
        "max_iter": MAX_ITER,
        "random_state": 0,
    }
    return estimator(**{**defaults, **parameters})


def make_data(estimator=MotifSETClassifier, n_rows=90, n_features=8):
    """Overlapping classes, by name, or a target."""
    rng = np.random.default_rng(n_rows)
    X = rng.standard_normal((n_rows, n_features))
    target = X[:, 0] - X[:, 1] + 0.5 * rng.standard_normal(n_rows)
    if estimator is MotifSETClassifier:
        return X, np.array(["low", "middle", "high"])[np.digitize(target, [-0.7, 0.7])]
    return X, target


def make_weights(n_rows=90):
    return np.random.default_rng(1).uniform(0.1, 3, n_rows)


def assert_same_model(one, other):
    """In the network and in what the training left on record."""
    for name in ("weights", "nodes", "sources", "indptr"):
        np.testing.assert_array_equal(getattr(one.network_, name), getattr(other.network_, name))
    for name in (
        "n_features_in_",
        "n_iter_",
        "t_",
        "loss_",
        "best_loss_",
        "loss_curve_",
        "validation_scores_",
        "validation_loss_curve_",
        "best_validation_score_",
    ):
        assert getattr(one, name) == getattr(other, name), name
    assert one.input_degrees_.keys() == other.input_degrees_.keys()
    for epoch, degrees in one.input_degrees_.items():
        np.testing.assert_array_equal(degrees, other.input_degrees_[epoch])


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


# Without callbacks.


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_without_callbacks_a_fit_leaves_nothing_of_them_behind(estimator):
    X, y = make_data(estimator)
    model = small(estimator).fit(X, y)
    assert model.n_iter_ == MAX_ITER
    assert callback_attributes(model) == []
    model.partial_fit(X, y)
    assert callback_attributes(pickle.loads(pickle.dumps(model))) == []
    with pytest.raises(ValueError, match="diverged"):
        model.set_params(solver="sgd", learning_rate_init=1e9).fit(1e3 * X, y)
    assert callback_attributes(model) == []


@pytest.fixture
def counted(monkeypatch):
    """Calls of what callbacks cost."""
    counts = {"copies of the network": 0, "contexts of epochs": 0}

    def count(owner, method, name):
        original = getattr(owner, method)

        def counting(*args, **kwargs):
            counts[name] += 1
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, method, counting)

    count(MotifNetwork, "copy", "copies of the network")
    if CallbackContext is not None:
        count(CallbackContext, "subcontext", "contexts of epochs")
    return counts


def test_unused_callbacks_cost_nothing(counted):
    small().fit(*make_data())
    assert set(counted.values()) == {0}


@needs_callbacks
def test_the_network_is_copied_once_an_epoch_and_only_for_those_who_ask(counted):
    X, y = make_data()
    small().set_callbacks(Recorder(), Recorder()).fit(X, y)
    assert list(counted.values()) == [0, MAX_ITER]
    small().set_callbacks(Keeper(), Recorder(), Keeper()).fit(X, y)
    assert list(counted.values()) == [MAX_ITER, 2 * MAX_ITER]


@needs_callbacks
def test_callbacks_can_be_taken_back():
    recorder = Recorder()
    model = small().set_callbacks(recorder).set_callbacks()
    assert callback_attributes(model.fit(*make_data())) == []
    assert recorder.hooks == []


# What they are told.


@needs_callbacks
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_task_comes_with_what_fit_was_given(estimator):
    X, y = make_data(estimator)
    weights, recorder = make_weights(), Recorder()
    model = small(estimator).set_callbacks(recorder)
    model.fit(X, y)
    assert recorder.hooks == hooks_of(MAX_ITER)
    for told_X, told_y, metadata in recorder.told:
        assert told_X is X
        assert told_y is y  # the labels as they came, not their numbers
        assert metadata is None
    recorder.told.clear()
    model.fit(X, y, weights)
    assert len(recorder.told) == 2 + 2 * MAX_ITER
    for _, _, metadata in recorder.told:
        assert list(metadata) == ["sample_weight"]
        assert metadata["sample_weight"] is weights


@needs_callbacks
def test_contexts_say_which_epoch_of_how_many():
    class Contexts(Recorder):
        def on_fit_task_begin(self, estimator, context):
            self.told.append((context, estimator))

        def on_fit_task_end(self, estimator, context):
            pass

    contexts = Contexts()
    model = small().set_callbacks(contexts).fit(*make_data())
    (fit, *epochs), estimators = zip(*contexts.told, strict=True)
    assert (fit.estimator_name, fit.max_subtasks) == ("MotifSETClassifier", MAX_ITER)
    assert fit.parent is None
    assert [epoch.task_id for epoch in epochs] == list(range(MAX_ITER))
    assert all(epoch.parent is fit for epoch in epochs)
    assert all(estimator is model for estimator in estimators)


@needs_callbacks
def test_partial_fit_tells_callbacks_nothing():
    X, y = make_data()
    recorder = Recorder(stop_after=1)
    model = small().set_callbacks(recorder)
    for _ in range(2):
        model.partial_fit(X, y, np.unique(y))
    assert recorder.hooks == []
    assert model.n_iter_ == 2


@needs_callbacks
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_frames_reach_callbacks_without_a_warning(estimator):
    X, y = make_data(estimator)
    frame = pd.DataFrame(X, columns=[f"gene {i}" for i in range(X.shape[1])])
    keeper = Keeper()
    scoring = "accuracy" if estimator is MotifSETClassifier else "r2"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = small(estimator).set_callbacks(keeper, ScoringMonitor(scoring=scoring))
        model.fit(frame, pd.Series(y))
        for kept in keeper.models:
            kept.predict(frame)
    for kept in keeper.models:
        assert kept.feature_names_in_.tolist() == frame.columns.tolist()
    assert_same_model(keeper.models[-1], small(estimator).fit(X, y))


# What they may keep.


@needs_callbacks
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"weight_sharing": "tied", "grow": "gradient"},
        {"weight_sharing": "none", "solver": "sgd"},
        {"learning_rate": "cosine", "zeta_schedule": "cosine", "evolve_every": 2},
        {"early_stopping": True, "learning_rate_init": 0.5},
        {"warm_start": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_model_of_an_epoch_is_as_if_fit_had_stopped_there(estimator, parameters):
    X, y = make_data(estimator)
    X_val, y_val = make_data(estimator, 30)
    keeper, base = Keeper(), small(estimator, **parameters)

    def fit(callback):
        model = clone(base)
        if base.warm_start:
            model.fit(X[:50], y[:50])
        return model.set_callbacks(callback).fit(X, y, X_val=X_val, y_val=y_val)

    last = fit(keeper)
    assert len(keeper.models) == MAX_ITER + 1
    expected = [fit(Recorder(epoch)) for epoch in range(1, MAX_ITER + 1)]
    for kept, stopped in zip(keeper.models, [*expected, last], strict=True):
        assert_same_model(kept, stopped)
        np.testing.assert_array_equal(kept.predict(X), stopped.predict(X))
        np.testing.assert_array_equal(kept.feature_importances_, stopped.feature_importances_)
    assert_same_model(last, expected[-1])


@needs_callbacks
def test_kept_models_are_frozen_and_differ():
    X, y = make_data()
    keeper = Keeper()
    model = small().set_callbacks(keeper)
    model.fit(X, y)
    *epochs, of_fit = keeper.models
    assert of_fit.network_ is model.network_
    before = [pickle.dumps(kept.network_) for kept in epochs]
    assert len(set(before)) == MAX_ITER
    assert not np.array_equal(epochs[0].network_.sources, epochs[2].network_.sources)
    # Neither a training of the model nor of another kept one reaches them.
    model.set_callbacks().partial_fit(X, y)
    model.set_params(warm_start=True, random_state=1).fit(X, y)
    assert [pickle.dumps(kept.network_) for kept in epochs] == before


@needs_callbacks
@pytest.mark.parametrize("how", ["warm_start", "partial_fit"])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_kept_model_can_be_trained_on(estimator, how):
    """As one can whose fit was stopped there."""
    X, y = make_data(estimator)
    keeper = Keeper()
    small(estimator).set_callbacks(keeper).fit(X, y)
    for epoch, kept in enumerate(keeper.models[:-1], start=1):
        stopped = stopped_after(epoch, small(estimator), X, y)
        for model in (kept, stopped):
            model.set_callbacks()
            if how == "partial_fit":
                model.partial_fit(X, y)
            else:
                model.set_params(warm_start=True).fit(X, y)
        assert_same_model(kept, stopped)
    assert keeper.hooks == hooks_of(MAX_ITER)  # and not torn down once more


@needs_callbacks
def test_a_model_kept_in_a_pipeline_is_trained_on_by_itself():
    class Propagated(Recorder):
        max_propagation_depth = None

    X, y = make_data()
    keeper, propagated = Keeper(), Propagated()
    network = small(warm_start=True).set_callbacks(keeper)
    make_pipeline(StandardScaler(), network).set_callbacks(propagated).fit(X, y)
    propagated.hooks.clear()
    keeper.models[0].fit(X, y)
    # The pipeline set the callback up when it was the outermost; now the model is.
    assert propagated.hooks == hooks_of(MAX_ITER)


@needs_callbacks
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_kept_models_have_the_validation_score_that_they_show(estimator, early_stopping):
    """Evolution, which costs score, comes after an epoch only where another epoch follows."""
    X, y = make_data(estimator)
    X_val, y_val = make_data(estimator, 30)
    keeper = Keeper()
    model = small(estimator, early_stopping=early_stopping, zeta=0.6).set_callbacks(keeper)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    for kept in keeper.models:
        scores = kept.validation_scores_
        expected = max(scores) if early_stopping else scores[-1]
        assert kept.score(X_val, y_val) == pytest.approx(expected, rel=1e-12)


@needs_callbacks
def test_kept_models_know_the_labels():
    X, y = make_data()
    keeper = Keeper()
    small().set_callbacks(keeper).fit(X, y)
    for kept in keeper.models:
        assert kept.classes_.tolist() == ["high", "low", "middle"]
        assert set(kept.predict(X)) <= set(y)
        assert kept.score(X, y) == accuracy_score(y, kept.predict(X))


# How they end a fit.


@needs_callbacks
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("epoch", [1, 3, MAX_ITER])
def test_a_callback_stops_the_training_without_a_warning(epoch, estimator):
    X, y = make_data(estimator)
    recorder, other = Recorder(stop_after=epoch), Recorder()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = small(estimator).set_callbacks(recorder, other).fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) == epoch
    # Those that stop nothing hear of the end, too.
    assert recorder.hooks == other.hooks == hooks_of(epoch)
    complete = small(estimator).fit(X, y)
    assert model.loss_curve_ == complete.loss_curve_[:epoch]
    with pytest.warns(ConvergenceWarning):
        small(estimator).set_callbacks(Recorder(stop_after=99)).fit(X, y)


@needs_callbacks
def test_a_stopped_fit_keeps_the_best_network_of_early_stopping():
    X, y = make_data()
    model = small(early_stopping=True, learning_rate_init=0.5, max_iter=12)
    complete = clone(model).fit(X, y)
    losses = np.negative(complete.validation_loss_curve_)
    # Of epochs that score alike, that of the least loss.
    best = int(np.lexsort([losses, complete.validation_scores_])[-1]) + 1
    stopped = stopped_after(12, model, X, y)
    assert_same_model(stopped, complete)
    np.testing.assert_array_equal(
        stopped.network_.weights, stopped_after(best, model, X, y).network_.weights
    )


@needs_callbacks
def test_ctrl_c_in_a_callback_keeps_the_model():
    class Interrupting(Recorder):
        def on_fit_task_end(self, estimator, context):
            super().on_fit_task_end(estimator, context)
            if context.task_name == "epoch" and context.task_id == 1:
                raise KeyboardInterrupt

    X, y = make_data()
    interrupting = Interrupting()
    model = small().set_callbacks(interrupting)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, y)
    assert interrupting.hooks[-2:] == ["end fit", "teardown"]
    assert_same_model(model, stopped_after(2, small(), X, y))


def fit_first(X, y):
    """A fitted model, of fewer features than those of the fit that is going to fail."""
    frame = pd.DataFrame(X[:, :5], columns=list("abcde"))
    return small().fit(frame, y), frame


def assert_as_first(model, frame, y):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as of names that are not the model's
        probability = model.predict_proba(frame)
    np.testing.assert_array_equal(probability, small().fit(frame, y).predict_proba(frame))
    assert model.n_features_in_ == 5
    assert callback_attributes(model) == ["_skl_callbacks"]


@needs_callbacks
def test_a_failing_fit_tears_down_and_leaves_the_previous_model():
    X, y = make_data()
    model, frame = fit_first(X, y)
    recorder = Recorder()
    model.set_callbacks(recorder).set_params(solver="sgd", learning_rate_init=1e9)
    with pytest.raises(ValueError, match="diverged"):
        model.fit(1e3 * X, y)
    assert recorder.hooks == ["setup", "begin fit", "begin epoch", "teardown"]
    assert_as_first(model, frame, y)


HOOKS = ["setup", "begin fit", "begin epoch", "end epoch", "end fit"]


@needs_callbacks
@pytest.mark.parametrize("hook", HOOKS)
def test_a_callback_that_fails_leaves_the_previous_model(hook):
    X, y = make_data()
    model, frame = fit_first(X, y)
    failing, other = Failing(hook), Recorder()
    model.set_callbacks(other, failing)
    with pytest.raises(RuntimeError, match=f"fails in {hook}"):
        model.fit(X, y)
    assert failing.hooks[-2:] == [hook, "teardown"]
    assert other.hooks == failing.hooks
    assert_as_first(model, frame, y)
    # And there is nothing in the way of the next fit.
    assert_same_model(model.set_callbacks().fit(X, y), small().fit(X, y))


@needs_callbacks
@pytest.mark.parametrize("hook", HOOKS)
def test_an_unfitted_model_stays_unfitted_where_a_callback_fails(hook):
    X, y = make_data()
    model = small().set_callbacks(Failing(hook))
    with pytest.raises(RuntimeError, match=f"fails in {hook}"):
        model.fit(X, y)
    with pytest.raises(NotFittedError):
        model.predict(X)
    assert not hasattr(model, "n_features_in_")


@needs_callbacks
def test_a_callback_that_fails_after_the_fit_leaves_the_new_model():
    X, y = make_data()
    model = fit_first(X, y)[0].set_callbacks(Failing("teardown"))
    with pytest.raises(RuntimeError, match="fails in teardown"):
        model.fit(X, y)
    assert_same_model(model, small().fit(X, y))
    np.testing.assert_array_equal(model.predict(X), small().fit(X, y).predict(X))


# In threads, pipelines and searches.


@needs_callbacks
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_clones_in_threads_share_a_callback(estimator):
    X, y = make_data(estimator)
    keeper = Keeper()
    model = small(estimator).set_callbacks(keeper)
    jobs = [clone(model).set_params(random_state=seed) for seed in range(6)]
    with ThreadPoolExecutor(3) as pool:
        fitted = list(pool.map(lambda job: job.fit(X, y), jobs))
    for hook in hooks_of(1):
        times = MAX_ITER if "epoch" in hook else 1
        assert keeper.hooks.count(hook) == 6 * times
    plain = small(estimator)
    for seed, one in enumerate(fitted):
        own = [kept for kept in keeper.models if kept.random_state == seed]
        assert [kept.n_iter_ for kept in own] == [*range(1, MAX_ITER + 1), MAX_ITER]
        plain.set_params(random_state=seed)
        assert_same_model(own[1], stopped_after(2, plain, X, y))
        assert_same_model(one, clone(plain).fit(X, y))


def scores_of(monitor, name, path):
    """What a monitor logged for the epochs of the fit whose task has a path."""
    rows = monitor.get_logs().data
    return [row[name] for row in rows if row["parent_task_id_path"] == path]


@pytest.fixture(params=ESTIMATORS)
def monitored(request):
    """An estimator with a monitor, the name of the score, the score, some data."""
    is_classifier = request.param is MotifSETClassifier
    name, metric = ("accuracy", accuracy_score) if is_classifier else ("r2", r2_score)
    monitor = ScoringMonitor(scoring=name)
    model = small(request.param).set_callbacks(monitor)
    return model, monitor, name, metric, *make_data(request.param)


def expected_scores(model, metric, X, y, sample_weight=None):
    scores = []
    for epoch in range(1, MAX_ITER + 1):
        stopped = stopped_after(epoch, model, X, y, sample_weight=sample_weight)
        scores.append(metric(y, stopped.predict(X), sample_weight=sample_weight))
    return scores


@needs_callbacks
def test_a_monitor_scores_the_model_of_every_epoch(monitored):
    model, monitor, name, metric, X, y = monitored
    model.fit(X, y)
    expected = expected_scores(model, metric, X, y)
    assert len(set(expected)) > 1
    assert scores_of(monitor, name, (0,)) == expected
    assert scores_of(monitor, name, ()) == expected[-1:]  # of the fit as a whole


@needs_callbacks
def test_a_monitor_hears_sample_weights(monitored):
    model, monitor, name, metric, X, y = monitored
    weights = make_weights()
    model.fit(X, y, weights)
    expected = expected_scores(model, metric, X, y, weights)
    assert expected != expected_scores(model, metric, X, y)
    assert scores_of(monitor, name, (0,)) == expected


@needs_callbacks
def test_a_monitor_in_a_pipeline(monitored):
    model, monitor, name, metric, X, y = monitored
    make_pipeline(StandardScaler(), model).fit(100 * X, y)
    X = StandardScaler().fit_transform(100 * X)
    assert scores_of(monitor, name, (0, 1)) == expected_scores(model, metric, X, y)


@needs_callbacks
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_monitor_in_a_search(monitored, n_jobs):
    model, monitor, name, metric, X, y = monitored
    search = GridSearchCV(model, {"motif_size": [2, 1]}, cv=FOLDS, n_jobs=n_jobs).fit(X, y)
    fits = [(size, train) for size in (2, 1) for train, _ in FOLDS.split(X)]
    for task, (size, train) in enumerate(fits):
        inner = clone(model).set_params(motif_size=size)
        expected = expected_scores(inner, metric, X[train], y[train])
        assert scores_of(monitor, name, (0, 0, task)) == expected
    expected = expected_scores(search.best_estimator_, metric, X, y)
    assert scores_of(monitor, name, (0, 1)) == expected


@needs_callbacks
def test_a_monitor_may_predict_in_the_midst_of_a_threaded_fit(monitored, monkeypatch):
    monkeypatch.setattr(threads, "WORK_PER_THREAD", 1)
    model, monitor, name, metric, X, y = monitored
    model.set_params(n_jobs=2).fit(X, y)
    model.set_params(n_jobs=None)
    assert scores_of(monitor, name, (0,)) == expected_scores(model, metric, X, y)


@pytest.fixture
def wide_console():
    """A terminal of rich's, on which ProgressBar draws, where no line is cut."""
    rich = pytest.importorskip("rich", reason="ProgressBar is drawn by rich")
    rich.reconfigure(width=200)
    yield
    rich.reconfigure()


def bars(capsys):
    """The bars that were drawn in the end, and their percentages."""
    lines = re.findall(r"^ *(.*?) +[━╸╺ ]*(\d+)%", capsys.readouterr().out, re.MULTILINE)
    return {name: int(percentage) for name, percentage in lines}


@needs_callbacks
@pytest.mark.usefixtures("wide_console")
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_progress_bar_moves_with_every_epoch(estimator, capsys, monkeypatch):
    from rich.progress import Progress

    completed, update = [], Progress.update

    def spy(self, *args, **kwargs):
        completed.append(kwargs["completed"] / kwargs.get("total", MAX_ITER))
        update(self, *args, **kwargs)

    monkeypatch.setattr(Progress, "update", spy)
    X, y = make_data(estimator)
    model = small(estimator).set_callbacks(ProgressBar()).fit(X, y)
    assert completed == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert bars(capsys) == {f"{estimator.__name__} - fit": 100}
    assert_same_model(model, small(estimator).fit(X, y))


@needs_callbacks
@pytest.mark.usefixtures("wide_console")
def test_a_progress_bar_is_full_when_patience_ends_the_fit(capsys):
    X, y = make_data()
    model = small(tol=1e6, n_iter_no_change=1, max_iter=50).set_callbacks(ProgressBar())
    assert model.fit(X, y).n_iter_ == 3
    assert bars(capsys) == {"MotifSETClassifier - fit": 100}


@needs_callbacks
@pytest.mark.usefixtures("wide_console")
def test_a_progress_bar_stops_where_a_fit_fails_and_can_be_used_again(capsys):
    X, y = make_data()
    model = small(solver="sgd", learning_rate_init=1e9).set_callbacks(ProgressBar())
    with pytest.raises(ValueError, match="diverged"):
        model.fit(1e3 * X, y)
    assert bars(capsys) == {"MotifSETClassifier - fit": 0}
    model.set_params(solver="adam", learning_rate_init=0.01).fit(X, y)
    assert bars(capsys) == {"MotifSETClassifier - fit": 100}
    # The threads that listen for other processes end in their own time.
    assert not any("Rich" in type(thread).__name__ for thread in threading.enumerate())


@needs_callbacks
@pytest.mark.usefixtures("wide_console")
def test_a_progress_bar_of_a_pipeline_reaches_the_network(capsys):
    X, y = make_data()
    pipeline = make_pipeline(StandardScaler(), small()).set_callbacks(ProgressBar())
    pipeline.fit(X, y)
    assert bars(capsys) == {
        "Pipeline - fit": 100,
        "Pipeline - fit-transform-standardscaler | StandardScaler - fit #0": 100,
        "Pipeline - fit-final-estimator | MotifSETClassifier - fit #1": 100,
    }
    assert callback_attributes(pipeline[-1]) == []


@needs_callbacks
@pytest.mark.usefixtures("wide_console")
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_progress_bar_of_a_search_reaches_every_network(n_jobs, capsys):
    X, y = make_data()
    search = GridSearchCV(small(), {"motif_size": [1, 2]}, cv=FOLDS, n_jobs=n_jobs)
    search.set_callbacks(ProgressBar()).fit(X, y)
    fit = "MotifSETClassifier - fit #"
    assert bars(capsys) == {
        "GridSearchCV - fit": 100,
        "GridSearchCV - search #0": 100,
        **{f"GridSearchCV - candidate-split-evaluation | {fit}{i}": 100 for i in range(4)},
        f"GridSearchCV - refit-with-best-params | {fit}1": 100,
    }
    assert callback_attributes(search.best_estimator_) == []
