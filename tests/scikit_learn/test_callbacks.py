"""scikit-learn's own callbacks, in threads, pipelines and searches."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier
from sklearn_motif.engine import threads

from ..callbacks import (
    MAX_ITER,
    CallbackContext,
    Keeper,
    callback_attributes,
    hooks_of,
    needs_callbacks,
    stopped_after,
)
from ..models import ESTIMATORS, assert_same_model, busy, make_data, make_weights

if CallbackContext is not None:
    from sklearn.callback import ProgressBar, ScoringMonitor


FOLDS = KFold(2)


@needs_callbacks
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_clones_in_threads_share_a_callback(estimator):
    X, y = make_data(estimator)
    keeper = Keeper()
    model = busy(estimator).set_callbacks(keeper)
    jobs = [clone(model).set_params(random_state=seed) for seed in range(6)]
    with ThreadPoolExecutor(3) as pool:
        fitted = list(pool.map(lambda job: job.fit(X, y), jobs))
    for hook in hooks_of(1):
        times = MAX_ITER if "epoch" in hook else 1
        assert keeper.hooks.count(hook) == 6 * times
    plain = busy(estimator)
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
    model = busy(request.param).set_callbacks(monitor)
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


def search_of_one(model):
    return GridSearchCV(model, {}, cv=FOLDS, error_score="raise")


@needs_callbacks
def test_a_monitor_in_a_pipeline(monitored):
    model, monitor, name, metric, X, y = monitored
    make_pipeline(StandardScaler(), model).fit(100 * X, y)
    X = StandardScaler().fit_transform(100 * X)
    assert scores_of(monitor, name, (0, 1)) == expected_scores(model, metric, X, y)


@needs_callbacks
@pytest.mark.parametrize("outer", [make_pipeline, search_of_one])
def test_a_monitor_goes_on_the_network_and_a_progress_bar_on_what_is_around_it(outer):
    """As the user guide says."""
    pytest.importorskip("rich", reason="ProgressBar is drawn by rich")
    X, y = make_data()
    monitor = ScoringMonitor(scoring="accuracy")
    outer(busy()).set_callbacks(monitor).fit(X, y)
    with pytest.raises(ValueError, match="No logs"):
        monitor.get_logs()
    outer(busy().set_callbacks(monitor)).fit(X, y)
    assert len(monitor.get_logs().data) > MAX_ITER
    with pytest.raises(TypeError, match="ProgressBar"):
        outer(busy().set_callbacks(ProgressBar())).fit(X, y)


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
    model = busy(estimator).set_callbacks(ProgressBar()).fit(X, y)
    assert completed == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert bars(capsys) == {f"{estimator.__name__} - fit": 100}
    assert_same_model(model, busy(estimator).fit(X, y))


@needs_callbacks
@pytest.mark.usefixtures("wide_console")
def test_a_progress_bar_is_full_when_patience_ends_the_fit(capsys):
    X, y = make_data()
    model = busy(tol=1e6, n_iter_no_change=1, max_iter=50).set_callbacks(ProgressBar())
    assert model.fit(X, y).n_iter_ == 3
    assert bars(capsys) == {"MotifSETClassifier - fit": 100}


@needs_callbacks
@pytest.mark.usefixtures("wide_console")
def test_a_progress_bar_stops_where_a_fit_fails_and_can_be_used_again(capsys):
    X, y = make_data()
    model = busy(solver="sgd", learning_rate_init=1e9).set_callbacks(ProgressBar())
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
    pipeline = make_pipeline(StandardScaler(), busy()).set_callbacks(ProgressBar())
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
    search = GridSearchCV(busy(), {"motif_size": [1, 2]}, cv=FOLDS, n_jobs=n_jobs)
    search.set_callbacks(ProgressBar()).fit(X, y)
    fit = "MotifSETClassifier - fit #"
    assert bars(capsys) == {
        "GridSearchCV - fit": 100,
        "GridSearchCV - search #0": 100,
        **{f"GridSearchCV - candidate-split-evaluation | {fit}{i}": 100 for i in range(4)},
        f"GridSearchCV - refit-with-best-params | {fit}1": 100,
    }
    assert callback_attributes(search.best_estimator_) == []
