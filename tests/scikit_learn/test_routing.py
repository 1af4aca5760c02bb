"""Weights and validation rows on their way through scikit-learn."""

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from ..models import ESTIMATORS, assert_same_model, busy, make_data, make_weights

FOLDS = KFold(2, shuffle=True, random_state=0)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_pipeline_routes_weights_and_scales_the_validation_rows_like_x(estimator):
    X, y = make_data(estimator)
    X_val, y_val = make_data(estimator, n_rows=30, noise=2.0)
    X, X_val = 100 * X + 7, 100 * X_val + 7
    metadata = {"sample_weight": make_weights(), "sample_weight_val": make_weights(30)}
    requests = dict.fromkeys(("sample_weight", "X_val", "y_val", "sample_weight_val"), True)
    model = busy(estimator, early_stopping=True, max_iter=8).set_fit_request(**requests)
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    pipeline = Pipeline([("scaler", scaler), ("model", model)], transform_input=["X_val"])
    pipeline.fit(X, y, X_val=X_val, y_val=y_val, **metadata)

    scaler = StandardScaler().fit(X)
    X, X_val = scaler.transform(X), scaler.transform(X_val)
    direct = clone(model).fit(X, y, X_val=X_val, y_val=y_val, **metadata)
    assert_same_model(pipeline["model"], direct)
    for name, attribute in (
        ("sample_weight", "loss_curve_"),
        ("sample_weight_val", "validation_scores_"),
    ):
        fewer = {key: value for key, value in metadata.items() if key != name}
        other = clone(model).fit(X, y, X_val=X_val, y_val=y_val, **fewer)
        assert getattr(other, attribute) != getattr(direct, attribute)


@pytest.mark.usefixtures("routing")
def test_a_search_over_a_pipeline_scales_the_validation_rows_anew_in_every_fit():
    (X, y), (X_val, y_val) = make_data(), make_data(n_rows=30, noise=2.0)
    model = busy(early_stopping=True).set_fit_request(X_val=True, y_val=True)
    pipeline = Pipeline([("scaler", MinMaxScaler()), ("model", model)], transform_input=["X_val"])
    fitted = []
    search = GridSearchCV(
        pipeline, {}, cv=FOLDS, scoring=lambda model, X, y: fitted.append(model) or 0.0
    )
    search.fit(X, y, X_val=X_val, y_val=y_val)
    rows = [train for train, _ in FOLDS.split(X)] + [np.arange(90)]
    for inner, train in zip([*fitted, search.best_estimator_], rows, strict=True):
        scaler = MinMaxScaler().fit(X[train])
        direct = busy(early_stopping=True)
        direct.fit(scaler.transform(X[train]), y[train], X_val=scaler.transform(X_val), y_val=y_val)
        assert_same_model(inner["model"], direct)


def test_a_pipeline_passes_on_by_the_name_of_the_step():
    (X, y), (X_val, y_val) = make_data(), make_data(n_rows=30, noise=2.0)
    given = {"sample_weight": make_weights(), "X_val": X_val, "y_val": y_val}
    pipeline = make_pipeline(MinMaxScaler(), busy())
    named = {f"motifsetclassifier__{name}": value for name, value in given.items()}
    # Without routing nobody scales X_val but the caller, who is told so.
    with pytest.warns(UserWarning, match="Most values of X_val lie far"):
        pipeline.fit(X, y, **named)
    with pytest.warns(UserWarning, match="Most values of X_val lie far"):
        expected = busy().fit(MinMaxScaler().fit_transform(X), y, **given)
    assert_same_model(pipeline[-1], expected)


@pytest.mark.filterwarnings("ignore:The scoring .* does not support sample_weight")
@pytest.mark.parametrize("enable_metadata_routing", [False, True])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_search_gives_every_fit_its_rows_weights_and_the_validation_rows(
    estimator, enable_metadata_routing
):
    X, y = make_data(estimator)
    X_val, y_val = make_data(estimator, n_rows=30, noise=2.0)
    weights, fixed = make_weights(), {"X_val": X_val, "y_val": y_val}
    model = busy(estimator, early_stopping=True)
    fitted = []

    def keep(fitted_model, X, y):
        fitted.append(fitted_model)
        return -float(fitted_model.motif_size)

    with sklearn.config_context(enable_metadata_routing=enable_metadata_routing):
        if enable_metadata_routing:
            model.set_fit_request(sample_weight=True, X_val=True, y_val=True)
        search = GridSearchCV(model, {"motif_size": [2, 1]}, scoring=keep, cv=FOLDS)
        search.fit(X, y, sample_weight=weights, **fixed)
    jobs = [(size, train) for size in (2, 1) for train, _ in FOLDS.split(X)]
    assert len(fitted) == len(jobs)
    for inner, (size, train) in zip(fitted, jobs, strict=True):
        direct = busy(estimator, early_stopping=True, motif_size=size)
        assert_same_model(
            inner, direct.fit(X[train], y[train], sample_weight=weights[train], **fixed)
        )
    direct = busy(estimator, early_stopping=True, motif_size=1)
    direct.fit(X, y, sample_weight=weights, **fixed)
    assert_same_model(search.best_estimator_, direct)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_cross_validation_weighs_fits_and_with_routing_scores(estimator):
    X, y = make_data(estimator, noise=3.0)
    weights = make_weights()
    options = {"cv": FOLDS, "params": {"sample_weight": weights}, "return_estimator": True}
    plain = cross_validate(busy(estimator), X, y, **options)
    with sklearn.config_context(enable_metadata_routing=True):
        model = busy(estimator).set_fit_request(sample_weight=True)
        routed = cross_validate(model.set_score_request(sample_weight=True), X, y, **options)
    for i, (train, test) in enumerate(FOLDS.split(X)):
        direct = busy(estimator).fit(X[train], y[train], weights[train])
        for results in (plain, routed):
            assert_same_model(results["estimator"][i], direct)
        assert plain["test_score"][i] == direct.score(X[test], y[test])
        weighted = direct.score(X[test], y[test], sample_weight=weights[test])
        assert routed["test_score"][i] == weighted != plain["test_score"][i]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_clone_has_the_parameters_and_requests_and_nothing_learned(estimator):
    X, y = make_data(estimator)
    model = busy(estimator, zeta=0.2, grow="gradient", early_stopping=True, n_jobs=2)
    with sklearn.config_context(enable_metadata_routing=True):
        model.set_fit_request(X_val=True)
        twin = clone(model.fit(X, y))
        assert twin.get_metadata_routing().fit.requests["X_val"] is True
    assert twin.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        twin.predict(X)
    assert_same_model(twin.fit(X, y), model)
    assert not np.shares_memory(twin.network_.weights, model.network_.weights)
