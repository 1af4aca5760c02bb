"""Columns of categories: an input for each that the training rows hold."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import cross_val_score

from ..models import (
    ONE_EPOCH,
    assert_same_model,
    assert_same_network,
    make_frame,
    small,
)

pl = pytest.importorskip("polars")

FRAMES = [pd.DataFrame, pl.DataFrame]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_of_all_kinds_is_learned(frame):
    X, y = make_frame(400, frame=frame)
    model = small(max_iter=40).fit(X[:300], y[:300])
    assert model.score(X[300:], y[300:]) > 0.75
    names = model.input_names_.tolist()
    assert names[:2] == ["age", "size"]
    indicators = ["color=blue", "color=green", "color=red", "open=False", "open=True"]
    assert set(names) >= {*indicators, "age missing", "color missing", "age bin 1", "size bin 1"}
    assert len(names) == len(set(names)) == model.coefs_[0].shape[0]
    assert model.feature_importances_.shape == (4,)
    assert model.feature_importances_.sum() == pytest.approx(1)
    assert all(degrees.shape == (4,) for degrees in model.input_degrees_.values())
    assert model.n_features_in_ == 4


def test_frames_of_pandas_and_polars_give_the_same_bits():
    models = [small().fit(*make_frame(frame=frame)) for frame in FRAMES]
    assert_same_model(*models)
    X, _ = make_frame(frame=pl.DataFrame)
    np.testing.assert_array_equal(models[0].predict_proba(X), models[1].predict_proba(X))


def test_an_unknown_category_is_none_of_the_known_ones():
    X, y = make_frame()
    model = small().fit(X, y)
    results = []
    for value in ("purple", "", "BLUE"):
        with pytest.warns(UserWarning, match=r"X holds none of the known.*\['color'\]") as warned:
            results.append(model.predict_proba(X.assign(color=value)))
        assert len(warned) == 1
    model.predict(X[:5].assign(color="purple"))  # a few may be new
    known = [model.predict_proba(X.assign(color=value)) for value in ("blue", "green", "red", None)]
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
    for other in known:
        assert np.any(other != results[0])


def test_a_missing_category_that_was_never_missing_is_unknown_without_a_warning():
    X, y = make_frame()
    X["color"] = X["color"].fillna("red")
    model = small().fit(X, y)
    missing = model.predict_proba(X.assign(color=None))
    with pytest.warns(UserWarning, match="none of the known categories"):
        other = model.predict_proba(X.assign(color="other"))
    np.testing.assert_array_equal(missing, other)


def test_categories_of_rows_to_validate_on_may_be_unknown():
    X, y = make_frame()
    with pytest.warns(UserWarning, match=r"X_val holds none of the known.*\['color'\]"):
        model = small().fit(X, y, X_val=X.assign(color="purple"), y_val=y)
    assert "color=purple" not in model.input_names_
    assert np.isfinite(model.validation_loss_curve_).all()


def test_rare_categories_are_inputs_too():
    """No limit to their number."""
    X = pd.DataFrame({"word": [f"word {i}" for i in range(500)], "x": np.arange(500) % 7})
    y = np.arange(500) % 2
    model = small(epsilon=20, max_iter=30, dropout=0).fit(X, y)
    assert sum(name.startswith("word=") for name in model.input_names_) == 500
    assert model.score(X, y) > 0.9


def test_categories_of_another_type_are_told():
    X, y = make_frame()
    codes = X.assign(color=np.arange(90).astype(str))
    model = small(**ONE_EPOCH).fit(codes, y)
    with pytest.warns(UserWarning, match=r"\['color'\].*Are they of the type of the training"):
        model.predict(X.assign(color=pd.Series(np.arange(90), dtype=object)))
    model.predict(codes[::-1].assign(color=["7", *["other"] * 89]))


def test_a_fold_without_any_string_does_not_fail_a_cross_validation():
    X, y = make_frame()
    for dtype in ("str", "string", object, "category"):
        X["note"] = pd.Series([*[None] * 89, "late"], dtype=dtype)
        scores = cross_val_score(small(**ONE_EPOCH), X, y, cv=3, error_score="raise")
        assert np.isfinite(scores).all()


@pytest.mark.parametrize("frame", FRAMES)
def test_columns_without_a_value_in_training_are_not_read(frame):
    X, y = make_frame()
    X = X.assign(color=X["color"].fillna("blue"))
    empty = frame({**X.to_dict("list"), "note": [None] * 90})
    model = small(**ONE_EPOCH).fit(empty, y)
    expected = model.predict_proba(empty)
    for value in ("late", 7.5, True, np.inf):
        full = frame({**X.to_dict("list"), "note": [value] * 90})
        np.testing.assert_array_equal(model.predict_proba(full), expected)
        small(**ONE_EPOCH).fit(empty, y, X_val=full, y_val=y)
        model.set_params(warm_start=True).fit(full, y).partial_fit(full, y)
        model.set_params(warm_start=False).fit(empty, y)


LISTED = [["color", "age"], [0, 1], [True, True, False, False], np.array([1, 0])]


@pytest.mark.parametrize("listed", LISTED, ids=str)
def test_listed_columns_are_categories(listed):
    X, y = make_frame()
    X["open"] = X["open"].astype(float)
    model = small(categorical_features=listed, **ONE_EPOCH).fit(X, y)
    assert list(model.network_.inputs.category_values) == [0, 1]
    assert "open" in model.input_names_
    assert_same_network(model, small(categorical_features=LISTED[0], **ONE_EPOCH).fit(X, y))
    array = small(categorical_features=[0, 1], **ONE_EPOCH).fit(X.to_numpy(), y)
    np.testing.assert_array_equal(array.predict_proba(X.to_numpy()), model.predict_proba(X))


def test_columns_of_categories_are_numbers_where_none_are_listed():
    X, y = make_frame()
    model = small(categorical_features=None, **ONE_EPOCH).fit(X.drop(columns="color"), y)
    assert model.network_.inputs.category_values == {}
    with pytest.raises(ValueError, match="Column 'color' of X holds strings"):
        small(categorical_features=None).fit(X, y)


def test_predictions_go_by_what_was_listed_in_the_training():
    X, y = make_frame()
    model = small(**ONE_EPOCH).fit(X, y)
    expected = model.predict_proba(X)
    model.set_params(categorical_features=None)
    np.testing.assert_array_equal(model.predict_proba(X), expected)
