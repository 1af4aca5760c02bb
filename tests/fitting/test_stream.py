"""What partial_fit learns of columns and targets: each from the first values that come in it."""

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._fitting.first_values import FIRST_VALUES
from sklearn_motif._fitting.inputs import AUTO_BINS, ROWS_PER_BIN, STREAM_BINS

from ..models import (
    ESTIMATORS,
    ONE_EPOCH,
    assert_same_inputs,
    assert_same_model,
    make_data,
    make_frame,
    make_weights,
    small,
    state_of,
)

pl = pytest.importorskip("polars")

# One call after the other; "auto" of so few rows would wait long for the first evolution.
STREAM = {
    "learning_rate": "constant",
    "zeta_schedule": "constant",
    "evolve_every": 1,
    "batch_size": 16,
    "dropout": 0,
}


def stream(model, X, y, *, size=50, classes=None):
    """Train on some rows a call, pass by pass."""
    first_call = {} if isinstance(model, MotifSETRegressor) else {"classes": classes}
    if first_call and classes is None:
        first_call["classes"] = np.unique(y)
    for first in range(0, len(y), size):
        model.partial_fit(X[first : first + size], y[first : first + size], **first_call)
    return model


# From the first call on.


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("size", [1, 7])
def test_a_stream_may_begin_with_one_row(estimator, size):
    X, y = make_data(estimator, n_rows=350)
    model = small(estimator, encode_features=4, **STREAM)
    stream(model, X[:3], y[:3], size=1, classes=np.unique(y))
    assert np.isfinite(model.network_.predict(X)).all()
    assert model.network_.weights.dtype == np.float32
    for _ in range(3):
        stream(model, X, y, size=size, classes=np.unique(y))
    assert model.score(X, y) > 0.8


@pytest.mark.parametrize("options", [{}, {"encode_features": 4}, {"scale_features": False}])
def test_all_columns_have_inputs_from_the_first_call_on(options):
    X, y = make_data(n_rows=350)
    X[:40, 1], X[:40, 2] = 7.0, np.nan
    model = small(**STREAM, **options)
    model.partial_fit(X[:40], y[:40], classes=np.unique(y))
    inputs = model.network_.inputs
    assert inputs.values.tolist() == list(range(6))
    assert np.all(model.input_degrees_[1] > 0)
    # Bins that nothing was learned of yet are there, too.
    n_bins = np.bincount(inputs.bins, minlength=6)
    assert np.unique(n_bins).size == 1
    for _ in range(8):
        stream(model, X[40:], y[40:])
    assert model.score(X[40:], y[40:]) > 0.8
    assert model.feature_importances_[[1, 2]].min() > 0.02


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_bins_go_by_the_rows_of_the_first_call_but_there_are_some(estimator):
    X, y = make_data(estimator, n_rows=2 * ROWS_PER_BIN * AUTO_BINS)
    for n_rows in (1, ROWS_PER_BIN * STREAM_BINS - 1, ROWS_PER_BIN * 15, len(X)):
        model = stream(small(estimator), X[:n_rows], y[:n_rows], size=n_rows, classes=np.unique(y))
        n_bins = min(max(n_rows // ROWS_PER_BIN, STREAM_BINS), AUTO_BINS)
        assert np.all(np.bincount(model.network_.inputs.bins) == n_bins)
        stream(model, X[:7], y[:7], size=1)
        assert np.all(np.bincount(model.network_.inputs.bins) == n_bins)


# As many values as a column or a target is known by.


@pytest.mark.parametrize("size", [1, 70, FIRST_VALUES])
def test_the_first_values_tell_what_they_tell_in_fit(size):
    X, _ = make_data(n_rows=FIRST_VALUES)
    rng = np.random.default_rng(0)
    y = 1e3 + X[:, :2] @ rng.standard_normal((2, 2))
    options = {"encode_features": 4, **ONE_EPOCH}
    model = stream(small(MotifSETRegressor, **options), X, y, size=size)
    expected = small(MotifSETRegressor, **options).fit(X, y)
    assert_same_inputs(model, expected)
    for name in ("means", "scales"):
        np.testing.assert_allclose(
            getattr(model.network_.outputs, name),
            getattr(expected.network_.outputs, name),
            rtol=1e-12,
        )
    assert model._first_values is None


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_what_is_known_stays(estimator):
    X, y = make_data(estimator, n_rows=2 * FIRST_VALUES)
    model = stream(small(estimator), X[:FIRST_VALUES], y[:FIRST_VALUES])
    before = model.network_.copy()
    more = slice(FIRST_VALUES, None)
    targets = y[more] if estimator is MotifSETClassifier else 100 * y[more] + 7
    stream(model, 100 * X[more], targets)
    np.testing.assert_equal(vars(model.network_.inputs), vars(before.inputs))
    for name in ("means", "scales"):
        np.testing.assert_equal(*(getattr(n.outputs, name) for n in (model.network_, before)))


def test_one_value_less_and_it_is_not_known():
    X, y = make_data(n_rows=FIRST_VALUES)
    model = stream(small(), X[:-1], y[:-1])
    assert model._first_values is not None
    before = model.network_.inputs.centers.copy()
    model.partial_fit(X[-1:] + 1e3, y[-1:])
    assert np.any(model.network_.inputs.centers != before)
    assert model._first_values is None


def test_each_column_waits_for_its_own_values():
    X, y = make_data(n_rows=3 * FIRST_VALUES)
    X[: 2 * FIRST_VALUES, 4] = np.nan
    model = stream(small(encode_features=4), X, y)
    expected = small(encode_features=4, **ONE_EPOCH).fit(X[:FIRST_VALUES], y[:FIRST_VALUES])
    late = small(encode_features=4, **ONE_EPOCH).fit(X[-FIRST_VALUES:], y[-FIRST_VALUES:])
    for name in ("centers", "scales", "fills"):
        ours, first, last = (getattr(m.network_.inputs, name) for m in (model, expected, late))
        np.testing.assert_array_equal(np.delete(ours, 4), np.delete(first, 4))
        assert ours[4] == last[4]
    assert model._first_values is None


def test_rows_of_weight_zero_tell_nothing_and_weights_count_as_rows():
    X, y = make_data(n_rows=200)
    weights = np.random.default_rng(0).integers(0, 3, 200)
    rows = np.repeat(np.arange(200), weights)
    broken = np.where(weights[:, None] > 0, X, 1e9)
    options = {"classes": np.unique(y)}
    model = small(encode_features=4).partial_fit(broken, y, sample_weight=weights, **options)
    expected = small(encode_features=4).partial_fit(X[rows], y[rows], **options)
    assert_same_inputs(model, expected)


# What comes later.


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("sharing", ["scaled", "tied", "none"])
def test_categories_and_missing_values_that_come_later_get_inputs(sharing, frame):
    X, _ = make_frame(300)
    X["color"] = X["color"].fillna("blue")
    X["age"] = X["age"].fillna(40.0)
    X.loc[:150, "color"] = np.where(X["color"][:151] == "red", "green", X["color"][:151])
    y = (X["color"] == "red").to_numpy().astype(int)
    later = X[151:].copy()
    later.loc[::3, "age"] = np.nan
    first, later = (frame(part.to_dict("list")) for part in (X[:151], later))
    model = small(weight_sharing=sharing, epsilon=8, **STREAM)
    model.partial_fit(first, y[:151], classes=[0, 1])
    before = model.input_names_.tolist()
    assert "color=red" not in before
    assert "age missing" not in before
    n_connections, has_gained = model.n_connections_, np.zeros(2, dtype=bool)
    for _ in range(40):
        model.partial_fit(later, y[151:])
        has_gained |= np.diff(model.network_.part("indptr", 0))[-2:] > 0
    names = model.input_names_.tolist()
    assert names[: len(before)] == before
    assert set(names[len(before) :]) == {"color=red", "age missing"}
    assert has_gained.all()
    assert model.n_connections_ == n_connections
    assert model.coefs_[0].shape[0] == len(names)
    assert model.score(later, y[151:]) > 0.95


def test_what_comes_after_a_column_is_known_has_no_input():
    X, y = make_frame(FIRST_VALUES + 100)
    X["color"], X["age"] = X["color"].fillna("blue"), X["age"].fillna(40.0)
    model = stream(small(), X[:FIRST_VALUES], y[:FIRST_VALUES])
    names = model.input_names_.tolist()
    rest, labels = X[FIRST_VALUES:].copy(), y[FIRST_VALUES:]
    with pytest.warns(UserWarning, match=r"none of the known categories in columns \['color'\]"):
        model.partial_fit(rest.assign(color="purple"), labels)
    rest.iloc[3, 0] = np.nan
    with pytest.warns(UserWarning, match=r"X misses values.*\['age'\].*median"):
        model.partial_fit(rest, labels)
    assert model.input_names_.tolist() == names


def test_inputs_in_motifs_and_pixels_stay_as_they_are():
    rng = np.random.default_rng(0)
    X, y = np.cumsum(rng.standard_normal((100, 200)), axis=1), np.arange(100) % 2
    broken = X.copy()
    broken[3, 5] = broken[4, 7] = np.nan
    pixels = {"feature_shape": (10, 20), "group_features": False}
    for options in ({"group_features": True}, pixels):
        model = small(**STREAM, **options).partial_fit(X, y, classes=[0, 1])
        with pytest.warns(UserWarning, match=r"X misses values.*\[5, 7\].*median"):
            model.partial_fit(broken, y)
        assert model.network_.inputs.size == 200
        assert np.isfinite(model.predict_proba(X)).all()


def test_frames_with_categories_do_not_form_motifs():
    """Whose inputs could not become more."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(np.cumsum(rng.standard_normal((100, 200)), axis=1)).add_prefix("x")
    X["color"] = rng.choice(["blue", "red"], 100)
    model = small(group_features=True).partial_fit(X, np.arange(100) % 2, classes=[0, 1])
    assert model.network_.motif_sizes[0] == 1
    assert {"color=blue", "color=red"} <= set(model.input_names_)


@pytest.mark.parametrize("options", [{}, {"encode_features": 3}])
def test_sparse_rows_have_nothing_to_wait_for(options):
    X, y = make_data(n_rows=40)
    model = small(**options).partial_fit(scipy.sparse.csr_array(X), y, classes=np.unique(y))
    np.testing.assert_array_equal(model.network_.inputs.of(X, np.float64), X)
    assert model._first_values is None


READ_LATER = {
    "text, floats first": ([np.nan] * 60, ["x", "y"] * 30),
    "text, objects first": ([None] * 60, ["x", "y"] * 30),
    "text, its dtype first": (pd.Series([None] * 60, dtype="str"), ["x", "y"] * 30),
    "numbers, text first": (pd.Series([None] * 60, dtype="str"), [2.5, 7.0] * 30),
    "numbers, objects first": ([None] * 60, [2.5, 7.0] * 30),
    "booleans": ([None] * 60, [True, False] * 30),
}


@pytest.mark.parametrize(("first", "later"), READ_LATER.values(), ids=READ_LATER)
@pytest.mark.parametrize("n_empty", [1, 3])
@pytest.mark.parametrize("options", [{}, {"encode_features": 4}, {"scale_features": False}])
def test_the_first_value_of_a_column_may_come_later(first, later, n_empty, options):
    X, _ = make_frame(60)
    X, y = X.assign(color="red"), np.arange(60) % 2
    model = small(epsilon=8, **STREAM, **options)
    for _ in range(n_empty):
        model.partial_fit(X.assign(a_note=first)[["age", "a_note", "color"]], y, classes=[0, 1])
    before = set(model.input_names_)
    assert not any("note" in name for name in before)
    full = X.assign(a_note=later)[["age", "a_note", "color"]]
    model.predict(full)  # not read yet
    for _ in range(60):
        model.partial_fit(full, y)
    new = set(model.input_names_) - before
    if isinstance(later[0], float):
        assert {"a_note", "a_note missing"} <= new
    else:
        assert new == {f"a_note={later[0]}", f"a_note={later[1]}", "a_note missing"}
    assert model.score(full, y) == 1.0
    assert not np.array_equal(model.predict(full), model.predict(full.assign(a_note=later[::-1])))


def test_nothing_of_polars_may_become_numbers():
    X = {"a": [0.5, 1.5, 2.5], "b": [None] * 3}
    model = small(**STREAM).partial_fit(pl.DataFrame(X), [0, 1, 0], classes=[0, 1])
    model.partial_fit(pl.DataFrame({**X, "b": [7.0, 8.0, 9.5]}), [0, 1, 0])
    assert model.network_.inputs.category_values == {}
    assert {"b", "b missing"} <= set(model.input_names_)


@pytest.mark.parametrize("zeta", [0, 0.3])
@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_categories_of_the_first_call_are_wired(zeta, frame):
    X = frame({"a": ["x", "y", "z", None] * 20, "b": [True, False] * 40})
    y = [0, 1] * 40
    model = small(**STREAM, zeta=zeta).partial_fit(X, y, classes=[0, 1])
    assert set(model.input_names_) == {"a=x", "a=y", "a=z", "a missing", "b=False", "b=True"}
    assert np.all(np.diff(model.network_.part("indptr", 0)) > 0)


def test_a_first_call_without_any_value_is_refused():
    X = pd.DataFrame({"a": [None, None], "b": [np.nan] * 2})
    with pytest.raises(ValueError, match="first call of partial_fit needs values"):
        small(**STREAM).partial_fit(X, [0, 1], classes=[0, 1])


# Values that are all equal.


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_columns_that_begin_with_equal_values_are_learned_from_others(estimator, unit):
    X, y = make_data(estimator, n_rows=2 * FIRST_VALUES)
    late = np.vstack([np.zeros_like(X), np.zeros_like(X), unit * X])
    y = np.concatenate([y, y, y])
    model = stream(small(estimator, encode_features=4), late, y)
    expected = stream(small(estimator, encode_features=4), unit * X, y[: len(X)])
    ours, theirs = (m.network_.inputs.scales for m in (model, expected))
    np.testing.assert_allclose(ours, theirs, rtol=0.02)
    assert model._first_values is None


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_targets_that_begin_with_equal_values_are_learned_from_others(unit):
    X, y = make_data(MotifSETRegressor, n_rows=2 * FIRST_VALUES)
    model = small(MotifSETRegressor, **STREAM)
    for _ in range(12):
        stream(model, X, np.zeros(len(y)))
    for _ in range(6):
        stream(model, X, unit * y)
    assert model.score(X, unit * y) > 0.8


# Targets.


def test_targets_of_any_size_are_learned_from_the_first_calls_on():
    X, y = make_data(MotifSETRegressor, n_rows=600)
    for factor, shift in ((1, 0), (1e9, 1e12), (1e-6, -3)):
        model = small(MotifSETRegressor, **STREAM)
        for _ in range(4):
            stream(model, X, factor * y + shift, size=30)
        assert model.score(X, factor * y + shift) > 0.8, factor


# As any other training.


def some_stream():
    """Calls in which scales change and inputs come."""
    X, y = make_frame(300)
    X.loc[:90, "color"], X.loc[:90, "age"] = "blue", 40.0
    return [(X[first : first + 60], y[first : first + 60]) for first in range(0, 300, 60)]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_pickled_between_calls(estimator):
    first_call = {"classes": [0, 1]} if estimator is MotifSETClassifier else {}
    model, other = (small(estimator, motif_size=[4, 2], max_iter=6, **STREAM) for _ in range(2))
    for X, y in some_stream():
        model.partial_fit(X, y, **first_call)
        other = pickle.loads(pickle.dumps(other)).partial_fit(X, y, **first_call)
    assert_same_model(other, model)
    np.testing.assert_equal(other._first_values, model._first_values)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_call_that_fails_changes_nothing(estimator, monkeypatch):
    first_call = {"classes": [0, 1]} if estimator is MotifSETClassifier else {}
    (X, y), *others = some_stream()
    model = small(estimator, **STREAM).partial_fit(X, y, **first_call)
    before = state_of(model)
    for X, y in others:
        with pytest.raises(ValueError, match="infinity"):
            model.partial_fit(X.assign(size=np.inf), y)
        with monkeypatch.context() as patch:
            patch.setattr("sklearn_motif._base.train", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):  # after columns were looked at
                model.partial_fit(X, y)
        np.testing.assert_equal(state_of(model), before)
    n_inputs = model.input_names_.size
    for X, y in others:
        model.partial_fit(X, y)
    assert model.input_names_.size > n_inputs, "there was nothing to change"


def test_fit_knows_all_columns():
    X, y = make_data()
    model = small().fit(X, y)
    before = model.network_.copy()
    model.partial_fit(100 * X, y, sample_weight=make_weights())
    np.testing.assert_equal(vars(model.network_.inputs), vars(before.inputs))
    model = small().partial_fit(X, y, classes=np.unique(y))
    model.set_params(warm_start=True).fit(100 * X, y)
    assert model._first_values is None
