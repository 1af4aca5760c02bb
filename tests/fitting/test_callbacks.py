"""scikit-learn's callbacks: what they are told, what they may keep, how they stop a fit."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_motif import MotifSETClassifier
from sklearn_motif._network import MotifNetwork

from ..callbacks import (
    MAX_ITER,
    CallbackContext,
    Failing,
    Keeper,
    Recorder,
    callback_attributes,
    hooks_of,
    needs_callbacks,
    stopped_after,
)
from ..models import (
    ESTIMATORS,
    assert_same_model,
    busy,
    make_data,
    make_weights,
    without_a_warning,
)

if CallbackContext is not None:
    from sklearn.callback import ScoringMonitor


# Without callbacks.


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_without_callbacks_a_fit_leaves_nothing_of_them_behind(estimator):
    X, y = make_data(estimator)
    model = busy(estimator).fit(X, y)
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
    busy().fit(*make_data())
    assert set(counted.values()) == {0}


@needs_callbacks
def test_the_network_is_copied_once_an_epoch_and_only_for_those_who_ask(counted):
    X, y = make_data()
    busy().set_callbacks(Recorder(), Recorder()).fit(X, y)
    assert list(counted.values()) == [0, MAX_ITER]
    busy().set_callbacks(Keeper(), Recorder(), Keeper()).fit(X, y)
    assert list(counted.values()) == [MAX_ITER, 2 * MAX_ITER]


@needs_callbacks
def test_callbacks_can_be_taken_back():
    recorder = Recorder()
    model = busy().set_callbacks(recorder).set_callbacks()
    assert callback_attributes(model.fit(*make_data())) == []
    assert recorder.hooks == []


# What they are told.


@needs_callbacks
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_task_comes_with_what_fit_was_given(estimator):
    X, y = make_data(estimator)
    weights, recorder = make_weights(), Recorder()
    model = busy(estimator).set_callbacks(recorder)
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
    model = busy().set_callbacks(contexts).fit(*make_data())
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
    model = busy().set_callbacks(recorder)
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
    with without_a_warning():
        model = busy(estimator).set_callbacks(keeper, ScoringMonitor(scoring=scoring))
        model.fit(frame, pd.Series(y))
        for kept in keeper.models:
            kept.predict(frame)
    for kept in keeper.models:
        assert kept.feature_names_in_.tolist() == frame.columns.tolist()
    assert_same_model(keeper.models[-1], busy(estimator).fit(X, y))


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
    X_val, y_val = make_data(estimator, n_rows=30)
    keeper, base = Keeper(), busy(estimator, **parameters)

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
    model = busy().set_callbacks(keeper)
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
    busy(estimator).set_callbacks(keeper).fit(X, y)
    for epoch, kept in enumerate(keeper.models[:-1], start=1):
        stopped = stopped_after(epoch, busy(estimator), X, y)
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
    network = busy(warm_start=True).set_callbacks(keeper)
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
    X_val, y_val = make_data(estimator, n_rows=30)
    keeper = Keeper()
    model = busy(estimator, early_stopping=early_stopping, zeta=0.6).set_callbacks(keeper)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    for kept in keeper.models:
        scores = kept.validation_scores_
        expected = max(scores) if early_stopping else scores[-1]
        assert kept.score(X_val, y_val) == pytest.approx(expected, rel=1e-12)


@needs_callbacks
def test_kept_models_know_the_labels():
    X, y = make_data()
    keeper = Keeper()
    busy().set_callbacks(keeper).fit(X, y)
    for kept in keeper.models:
        assert kept.classes_.tolist() == ["blue", "green", "red"]
        assert set(kept.predict(X)) <= set(y)
        assert kept.score(X, y) == accuracy_score(y, kept.predict(X))


# How they end a fit.


@needs_callbacks
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("epoch", [1, 3, MAX_ITER])
def test_a_callback_stops_the_training_without_a_warning(epoch, estimator):
    X, y = make_data(estimator)
    recorder, other = Recorder(stop_after=epoch), Recorder()
    constant = busy(estimator, learning_rate="constant")
    with without_a_warning():
        model = clone(constant).set_callbacks(recorder, other).fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) == epoch
    # Those that stop nothing hear of the end, too.
    assert recorder.hooks == other.hooks == hooks_of(epoch)
    with pytest.warns(ConvergenceWarning, match="Maximum number of epochs"):
        complete = clone(constant).fit(X, y)
    assert model.loss_curve_ == complete.loss_curve_[:epoch]
    with pytest.warns(ConvergenceWarning, match="Maximum number of epochs"):
        clone(constant).set_callbacks(Recorder(stop_after=99)).fit(X, y)


@needs_callbacks
def test_a_stopped_fit_keeps_the_best_network_of_early_stopping():
    X, y = make_data()
    model = busy(early_stopping=True, learning_rate_init=0.5, max_iter=12)
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
    model = busy().set_callbacks(interrupting)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, y)
    assert interrupting.hooks[-2:] == ["end fit", "teardown"]
    assert_same_model(model, stopped_after(2, busy(), X, y))


def fit_first(X, y):
    """A fitted model, of fewer features than those of the fit that is going to fail."""
    frame = pd.DataFrame(X[:, :5], columns=list("abcde"))
    return busy().fit(frame, y), frame


def assert_as_first(model, frame, y):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as of names that are not the model's
        probability = model.predict_proba(frame)
    np.testing.assert_array_equal(probability, busy().fit(frame, y).predict_proba(frame))
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
    assert_same_model(model.set_callbacks().fit(X, y), busy().fit(X, y))


@needs_callbacks
@pytest.mark.parametrize("hook", HOOKS)
def test_an_unfitted_model_stays_unfitted_where_a_callback_fails(hook):
    X, y = make_data()
    model = busy().set_callbacks(Failing(hook))
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
    assert_same_model(model, busy().fit(X, y))
    np.testing.assert_array_equal(model.predict(X), busy().fit(X, y).predict(X))
