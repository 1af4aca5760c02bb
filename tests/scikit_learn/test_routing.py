"""The estimators at home in scikit-learn: what reaches them there, and what comes out."""

import warnings

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, VotingClassifier, VotingRegressor
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import SelectFromModel
from sklearn.inspection import permutation_importance
from sklearn.metrics import get_scorer, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    StratifiedKFold,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.utils.fixes import parse_version

from sklearn_motif import MotifSETClassifier, MotifSETRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ESTIMATORS = [MotifSETClassifier, MotifSETRegressor]
NAMES = np.array(["blue", "green", "red"])
FOLDS = KFold(2, shuffle=True, random_state=0)


def small(estimator=MotifSETClassifier, **parameters):
    """Mini-batches and dropout, so that the random streams take part, too."""
    defaults = {
        "hidden_layer_sizes": (20,),
        "learning_rate_init": 0.02,
        "batch_size": 16,
        "dropout": 0.2,
        "max_iter": 4,
        "random_state": 0,
    }
    return estimator(**{**defaults, **parameters})


def make_data(estimator=MotifSETClassifier, n_rows=90, noise=1.0, n_classes=3):
    """Classes of equal size, by name and in random order, or a linear target."""
    rng = np.random.default_rng(n_rows)
    if estimator is MotifSETClassifier:
        y = rng.permutation(n_rows) % n_classes
        return noise * rng.standard_normal((n_rows, 6)) + 2 * np.eye(3, 6)[y], NAMES[y]
    X = rng.standard_normal((n_rows, 6))
    return X, X[:, 0] - 0.5 * X[:, 1] + 0.1 * noise * rng.standard_normal(n_rows)


def make_weights(n_rows=90):
    return np.random.default_rng(1).uniform(0.1, 3, n_rows)


def assert_same_model(one, other):
    for name in ("weights", "nodes", "sources", "indptr"):
        np.testing.assert_array_equal(getattr(one.network_, name), getattr(other.network_, name))
    assert one.loss_curve_ == other.loss_curve_
    assert one.validation_scores_ == other.validation_scores_


# Weights and validation rows on their way through scikit-learn.


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_pipeline_routes_weights_and_scales_the_validation_rows_like_x(estimator):
    X, y = make_data(estimator)
    X_val, y_val = make_data(estimator, 30, noise=2.0)
    X, X_val = 100 * X + 7, 100 * X_val + 7
    metadata = {"sample_weight": make_weights(), "sample_weight_val": make_weights(30)}
    requests = dict.fromkeys(("sample_weight", "X_val", "y_val", "sample_weight_val"), True)
    model = small(estimator, early_stopping=True, max_iter=8).set_fit_request(**requests)
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
    model = small(early_stopping=True).set_fit_request(X_val=True, y_val=True)
    pipeline = Pipeline([("scaler", MinMaxScaler()), ("model", model)], transform_input=["X_val"])
    fitted = []
    search = GridSearchCV(
        pipeline, {}, cv=FOLDS, scoring=lambda model, X, y: fitted.append(model) or 0.0
    )
    search.fit(X, y, X_val=X_val, y_val=y_val)
    rows = [train for train, _ in FOLDS.split(X)] + [np.arange(90)]
    for inner, train in zip([*fitted, search.best_estimator_], rows, strict=True):
        scaler = MinMaxScaler().fit(X[train])
        direct = small(early_stopping=True)
        direct.fit(scaler.transform(X[train]), y[train], X_val=scaler.transform(X_val), y_val=y_val)
        assert_same_model(inner["model"], direct)


def test_a_pipeline_passes_on_by_the_name_of_the_step():
    (X, y), (X_val, y_val) = make_data(), make_data(n_rows=30, noise=2.0)
    given = {"sample_weight": make_weights(), "X_val": X_val, "y_val": y_val}
    pipeline = make_pipeline(MinMaxScaler(), small())
    pipeline.fit(X, y, **{f"motifsetclassifier__{name}": value for name, value in given.items()})
    # Without routing nobody scales X_val but the caller.
    assert_same_model(pipeline[-1], small().fit(MinMaxScaler().fit_transform(X), y, **given))


@pytest.mark.filterwarnings("ignore:The scoring .* does not support sample_weight")
@pytest.mark.parametrize("enable_metadata_routing", [False, True])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_search_gives_every_fit_its_rows_weights_and_the_validation_rows(
    estimator, enable_metadata_routing
):
    X, y = make_data(estimator)
    X_val, y_val = make_data(estimator, 30, noise=2.0)
    weights, fixed = make_weights(), {"X_val": X_val, "y_val": y_val}
    model = small(estimator, early_stopping=True)
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
        direct = small(estimator, early_stopping=True, motif_size=size)
        assert_same_model(
            inner, direct.fit(X[train], y[train], sample_weight=weights[train], **fixed)
        )
    direct = small(estimator, early_stopping=True, motif_size=1)
    direct.fit(X, y, sample_weight=weights, **fixed)
    assert_same_model(search.best_estimator_, direct)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_cross_validation_weighs_fits_and_with_routing_scores(estimator):
    X, y = make_data(estimator, noise=3.0)
    weights = make_weights()
    options = {"cv": FOLDS, "params": {"sample_weight": weights}, "return_estimator": True}
    plain = cross_validate(small(estimator), X, y, **options)
    with sklearn.config_context(enable_metadata_routing=True):
        model = small(estimator).set_fit_request(sample_weight=True)
        routed = cross_validate(model.set_score_request(sample_weight=True), X, y, **options)
    for i, (train, test) in enumerate(FOLDS.split(X)):
        direct = small(estimator).fit(X[train], y[train], weights[train])
        for results in (plain, routed):
            assert_same_model(results["estimator"][i], direct)
        assert plain["test_score"][i] == direct.score(X[test], y[test])
        weighted = direct.score(X[test], y[test], sample_weight=weights[test])
        assert routed["test_score"][i] == weighted != plain["test_score"][i]


@pytest.mark.parametrize("n_classes", [2, 3])
def test_scorers_take_probabilities_in_float32_without_a_warning(n_classes):
    X, y = make_data(noise=2.0, n_classes=n_classes)
    X = X.astype(np.float32)
    model = small().fit(X, y)
    probability = model.predict_proba(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss, area = (get_scorer(name)(model, X, y) for name in ("neg_log_loss", "roc_auc_ovr"))
    likelihood = probability[np.arange(90), np.searchsorted(NAMES, y)]
    assert loss == pytest.approx(np.mean(np.log(likelihood)), rel=1e-5)
    decisive = probability[:, 1] if n_classes == 2 else probability
    assert area == pytest.approx(roc_auc_score(y, decisive, multi_class="ovr"))


# Ensembles and other wrappers.


def brier(y, probability):
    return np.mean(np.sum((probability - (y[:, None] == np.unique(y))) ** 2, axis=1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(
    "method",
    [
        "sigmoid",
        "isotonic",
        pytest.param(
            "temperature",
            marks=pytest.mark.skipif(
                parse_version(sklearn.__version__) < parse_version("1.8"),
                reason="scikit-learn scales by a temperature from 1.8 on",
            ),
        ),
    ],
)
def test_calibration_mends_an_overconfident_network(method, n_classes, dtype):
    X, y = make_data(n_rows=400, noise=3.0, n_classes=n_classes)
    X, X_test, y, y_test = X[:200].astype(dtype), X[200:].astype(dtype), y[:200], y[200:]
    # In the dtype of X: scikit-learn 1.6 mixes no others in the sigmoid.
    weights, folds = make_weights(200).astype(dtype), StratifiedKFold(2)
    options = {"dropout": 0, "label_smoothing": 0, "batch_size": 32}
    model = small(hidden_layer_sizes=60, max_iter=120, **options)
    calibrated = CalibratedClassifierCV(model, method=method, cv=folds)
    calibrated.fit(X, y, sample_weight=weights)
    parts = calibrated.calibrated_classifiers_
    for part, (train, _) in zip(parts, folds.split(X, y), strict=True):
        assert_same_model(part.estimator, clone(model).fit(X[train], y[train], weights[train]))

    raw = model.fit(X, y, weights).predict_proba(X_test)
    assert raw.dtype == dtype
    probability = calibrated.predict_proba(X_test)
    for rows in (raw, probability):
        assert np.all(rows >= 0)
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=4 * np.finfo(dtype).eps)
    assert brier(y_test, probability) < 0.9 * brier(y_test, raw)


def test_soft_voting_averages_networks_that_heard_the_weights():
    X, y = make_data(noise=2.0)
    weights = make_weights()
    members = [(f"m{m}", small(motif_size=m)) for m in (1, 2)]
    voting = VotingClassifier(members, voting="soft", weights=[1, 3])
    voting.fit(X, y, sample_weight=weights)
    direct = [model.fit(X, y, weights) for _, model in members]
    for member, model in zip(voting.estimators_, direct, strict=True):
        assert_same_model(member, model)
    mean = np.average([model.predict_proba(X) for model in direct], axis=0, weights=[1, 3])
    np.testing.assert_allclose(voting.predict_proba(X), mean, rtol=1e-12)
    np.testing.assert_array_equal(voting.predict(X), NAMES[mean.argmax(axis=1)])


def test_voting_regressors_average_networks_that_heard_the_weights():
    X, y = make_data(MotifSETRegressor)
    weights = make_weights()
    members = [(f"m{m}", small(MotifSETRegressor, motif_size=m)) for m in (1, 2)]
    voting = VotingRegressor(members).fit(X, y, sample_weight=weights)
    direct = [model.fit(X, y, weights) for _, model in members]
    for member, model in zip(voting.estimators_, direct, strict=True):
        assert_same_model(member, model)
    mean = np.mean([model.predict(X) for model in direct], axis=0)
    np.testing.assert_allclose(voting.predict(X), mean, rtol=1e-12)


def test_bagging_draws_rows_by_sample_weights_in_two_processes():
    X, y = make_data()
    # Of 0 and 1: older versions of scikit-learn multiply by them, newer ones draw by them.
    weights = (np.arange(90) % 4 > 0).astype(float)
    bagging = BaggingClassifier(small(), n_estimators=4, max_samples=80, n_jobs=2, random_state=0)
    bagging.fit(X, y, sample_weight=weights)
    codes = np.searchsorted(NAMES, y)
    for member, rows in zip(bagging.estimators_, bagging.estimators_samples_, strict=True):
        counts = np.bincount(rows, minlength=90) * weights
        assert counts.max() > 1
        assert_same_model(member, clone(member).fit(X, codes, counts))
    mean = np.mean([member.predict_proba(X) for member in bagging.estimators_], axis=0)
    np.testing.assert_allclose(bagging.predict_proba(X), mean, rtol=1e-12)


@pytest.mark.parametrize("wrapper", [OneVsRestClassifier, ClassifierChain])
def test_one_network_a_label(wrapper):
    X, _ = make_data()
    Y = (X[:, :3] + X[:, 3:] > 1).astype(int)
    model = wrapper(small()).fit(X, Y)
    for i, part in enumerate(model.estimators_):
        columns = np.hstack([X, Y[:, :i]]) if wrapper is ClassifierChain else X
        assert_same_model(part, small().fit(columns, Y[:, i]))
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X) > 0.5)


def test_one_network_of_all_labels_is_scored_as_multilabel():
    X, _ = make_data()
    Y = (X[:, :3] + X[:, 3:] > 1).astype(int)
    scores = cross_val_score(small(), X, Y, cv=FOLDS, scoring="roc_auc")
    for score, (train, test) in zip(scores, FOLDS.split(X), strict=True):
        probability = small().fit(X[train], Y[train]).predict_proba(X[test])
        assert score == roc_auc_score(Y[test], probability)


@pytest.mark.parametrize("n_targets", [1, 2])
def test_a_transformed_target_is_learnt_in_its_own_units(n_targets):
    X, y = make_data(MotifSETRegressor, 300)
    y = 5e4 + 3e3 * (y if n_targets == 1 else np.column_stack([y, X[:, 2]]))
    weights = make_weights(300)
    model = small(MotifSETRegressor, max_iter=40, dropout=0)
    transformed = TransformedTargetRegressor(model, transformer=StandardScaler())
    transformed.fit(X[:200], y[:200], sample_weight=weights[:200])
    assert transformed.score(X[200:], y[200:]) > 0.9

    scaler = StandardScaler()
    targets = scaler.fit_transform(y[:200].reshape(200, -1))
    targets = targets.ravel() if n_targets == 1 else targets
    assert_same_model(transformed.regressor_, model.fit(X[:200], targets, weights[:200]))
    expected = scaler.inverse_transform(model.predict(X).reshape(300, -1)).reshape(y.shape)
    np.testing.assert_array_equal(transformed.predict(X), expected)


# What a fitted network tells about its features.


@pytest.fixture(scope="module", params=ESTIMATORS)
def needle(request):
    """An unfitted estimator, rows of 20 features, targets, the three features that tell."""
    rng = np.random.default_rng(0)
    X, informative = rng.standard_normal((400, 20)), [3, 8, 17]
    if request.param is MotifSETClassifier:
        y = NAMES[X[:, informative].argmax(axis=1)]
    else:
        y = X[:, informative].sum(axis=1)
    return small(request.param, max_iter=30, batch_size=32), X, y, informative


def test_feature_importances_select_what_is_informative(needle):
    model, X, y, informative = needle
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=[f"gene {i}" for i in range(20)])
    selector = SelectFromModel(model).fit(frame, y)  # above the mean importance
    expected = [f"gene {i}" for i in informative]
    assert selector.get_feature_names_out().tolist() == expected
    np.testing.assert_array_equal(
        selector.get_support(),
        selector.estimator_.feature_importances_ >= 1 / 20,
    )
    best = SelectFromModel(model, threshold=-np.inf, max_features=3)
    pipeline = make_pipeline(best, clone(model)).fit(X, y)
    np.testing.assert_array_equal(pipeline[0].get_support(indices=True), informative)
    assert pipeline[-1].n_features_in_ == 3
    assert pipeline.score(X, y) > 0.8


def test_permutation_finds_what_is_informative(needle):
    model, X, y, informative = needle
    model = clone(model).fit(X[:300], y[:300])
    options = {"n_repeats": 3, "random_state": 0}
    result = permutation_importance(model, X[300:], y[300:], **options)
    noise = np.delete(result.importances_mean, informative)
    assert result.importances_mean[informative].min() > 3 * np.abs(noise).max()
    parallel = permutation_importance(model, X[300:], y[300:], n_jobs=2, **options)
    np.testing.assert_array_equal(parallel.importances, result.importances)


# Curves and searches that give some fits fewer rows or epochs.


@pytest.mark.parametrize("incremental", [False, True])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_learning_curves_fit_or_go_on_with_more_rows(estimator, incremental):
    X, y = make_data(estimator, noise=2.0)
    weights, sizes = make_weights(), [16, 45]
    if incremental and parse_version(sklearn.__version__) < parse_version("1.9"):
        weights = np.ones(90)  # older versions pass partial_fit those of all rows
    _, train_scores, test_scores = learning_curve(
        small(estimator),
        X,
        y,
        train_sizes=sizes,
        cv=FOLDS,
        exploit_incremental_learning=incremental,
        params={"sample_weight": weights} if np.ptp(weights) else None,
    )
    classes = {"classes": NAMES} if estimator is MotifSETClassifier else {}
    for fold, (train, test) in enumerate(FOLDS.split(X)):
        model, seen = small(estimator), 0
        for i, size in enumerate(sizes):
            new = train[seen:size]
            if incremental:
                model.partial_fit(X[new], y[new], sample_weight=weights[new], **classes)
                seen = size
            else:
                model.fit(X[new], y[new], weights[new])
            assert model.n_iter_ == (i + 1 if incremental else 4)
            assert train_scores[i, fold] == model.score(X[train[:size]], y[train[:size]])
            assert test_scores[i, fold] == model.score(X[test], y[test])


def test_halving_gives_the_better_candidates_more_epochs():
    X, y = make_data()
    grid = {"learning_rate_init": [1e-9, 1e-8, 0.02, 1e-7]}
    options = {"resource": "max_iter", "min_resources": 3, "max_resources": 12}
    search = HalvingGridSearchCV(small(), grid, cv=FOLDS, factor=2, **options).fit(X, y)
    assert search.n_resources_ == [3, 6, 12]
    assert search.best_params_ == {"learning_rate_init": 0.02, "max_iter": 12}
    assert_same_model(search.best_estimator_, small(**search.best_params_).fit(X, y))


def test_halving_gives_the_better_candidates_more_rows():
    X, y = make_data(n_rows=240)
    grid = {"learning_rate_init": [1e-9, 1e-8, 0.02, 1e-7]}
    options = {"resource": "n_samples", "min_resources": 60, "random_state": 0}
    search = HalvingGridSearchCV(small(), grid, cv=FOLDS, factor=2, **options).fit(X, y)
    assert search.n_resources_ == [60, 120, 240]
    assert search.best_params_ == {"learning_rate_init": 0.02}
    assert_same_model(search.best_estimator_, small().fit(X, y))


# Clones, frames and workers.


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_clone_has_the_parameters_and_requests_and_nothing_learnt(estimator):
    X, y = make_data(estimator)
    model = small(estimator, zeta=0.2, grow="gradient", early_stopping=True, n_jobs=2)
    with sklearn.config_context(enable_metadata_routing=True):
        model.set_fit_request(X_val=True)
        twin = clone(model.fit(X, y))
        assert twin.get_metadata_routing().fit.requests["X_val"] is True
    assert twin.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        twin.predict(X)
    assert_same_model(twin.fit(X, y), model)
    assert not np.shares_memory(twin.network_.weights, model.network_.weights)


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_give_the_bits_of_arrays_without_a_warning(library, output):
    frames = pytest.importorskip(library)
    if output != "default":
        pytest.importorskip(output)
    X, y = make_data()
    colours = np.array(["cyan", "pink"])[np.arange(90) // 7 % 2]
    names = [f"gene {i}" for i in range(6)]
    frame = frames.DataFrame({**dict(zip(names, X.T, strict=True)), "colour": colours})
    columns = ColumnTransformer(
        [
            # Not the mean and deviation: their last bits depend on the order in memory.
            ("numbers", MinMaxScaler(), names),
            ("words", OneHotEncoder(sparse_output=False), ["colour"]),
        ],
        verbose_feature_names_out=False,
    ).set_output(transform=output)
    model = make_pipeline(columns, small())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        probability = model.fit(frame, frames.Series(y)).predict_proba(frame)
        assert model.predict(frame).tolist() == NAMES[probability.argmax(axis=1)].tolist()

    one_hot = colours[:, None] == ["cyan", "pink"]
    array = np.hstack([MinMaxScaler().fit_transform(X), one_hot])
    direct = small().fit(array, y)
    np.testing.assert_array_equal(probability, direct.predict_proba(array))
    if output == "default":
        assert not hasattr(model[-1], "feature_names_in_")
    else:
        expected = [*names, "colour_cyan", "colour_pink"]
        assert model[-1].feature_names_in_.tolist() == expected


def test_a_sparse_column_transformer_gives_what_a_dense_one_does():
    pandas = pytest.importorskip("pandas")
    X, y = make_data()
    frame = pandas.DataFrame(X, columns=list("abcdef"))
    frame["colour"] = np.array(["cyan", "pink", "teal"])[np.arange(90) // 7 % 3]
    models = []
    for sparse_threshold in (0, 1):
        columns = ColumnTransformer(
            [("numbers", MinMaxScaler(), list("abcdef")), ("words", OneHotEncoder(), ["colour"])],
            sparse_threshold=sparse_threshold,
        )
        models.append(make_pipeline(columns, small()).fit(frame, y))
    dense, sparse = (model.predict_proba(frame) for model in models)
    np.testing.assert_allclose(sparse, dense, rtol=1e-9)


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_bits_do_not_depend_on_joblibs_backend(estimator, backend):
    X, y = make_data(estimator)
    options = {"cv": KFold(4), "return_estimator": True}
    expected = cross_validate(small(estimator), X, y, **options)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        results = cross_validate(small(estimator), X, y, **options)
    for one, other in zip(results["estimator"], expected["estimator"], strict=True):
        assert_same_model(one, other)
    np.testing.assert_array_equal(results["test_score"], expected["test_score"])
