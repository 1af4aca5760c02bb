"""TransformedTargetRegressor: its predictions in the units of y."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)

from sklearn_motif import MotifSETRegressor
from sklearn_motif.onnx import to_onnx

from ..models import run_onnx, small

pytest.importorskip("onnxruntime")
pytest.importorskip("skl2onnx")

X = np.random.default_rng(0).standard_normal((90, 4))
Y = np.exp(X[:, 0])


def regressor():
    return small(MotifSETRegressor, learning_rate_init=0.03, max_iter=20)


def functions(func, inverse_func):
    return {"func": func, "inverse_func": inverse_func}


def assert_same(model, rows=X, *, exported=None, close=1e-10):
    """The exported model predicts what the model predicts."""
    exported = to_onnx(model, rows[:1]) if exported is None else exported
    outputs, expected = run_onnx(exported, rows), model.predict(rows)
    assert list(outputs) == ["variable"]
    assert outputs["variable"].shape == (len(rows), expected.size // len(rows))
    outputs = outputs["variable"].reshape(expected.shape)
    np.testing.assert_allclose(outputs, expected, rtol=close, atol=close)
    assert np.nanstd(expected, axis=0).min() > 0.01


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"transformer": StandardScaler()},
        {"transformer": StandardScaler(with_mean=False)},
        {"transformer": StandardScaler(with_std=False)},
        {"transformer": RobustScaler()},
        {"transformer": RobustScaler(with_centering=False)},
        {"transformer": RobustScaler(with_scaling=False)},
        {"transformer": MinMaxScaler((2, 5))},
        {"transformer": MaxAbsScaler()},
        {"transformer": make_pipeline(FunctionTransformer(np.log, np.exp), StandardScaler())},
        {"transformer": make_pipeline("passthrough", MinMaxScaler(), RobustScaler())},
        functions(np.log, np.exp),
        functions(np.log1p, np.expm1),
        functions(np.exp, np.log),
        functions(np.expm1, np.log1p),
        functions(np.sqrt, np.square),
        functions(np.square, np.sqrt),
    ],
    ids=str,
)
@pytest.mark.parametrize("y", [Y, np.column_stack([Y, 3 + 0.1 * Y])], ids=["one", "several"])
def test_what_follows_after_the_regressor(how, y):
    model = TransformedTargetRegressor(regressor(), check_inverse=False, **how)
    with np.errstate(invalid="ignore"):  # of roots
        assert_same(model.fit(X, y))


@pytest.mark.parametrize(
    "inner", [LinearRegression(), make_pipeline(StandardScaler(), regressor())]
)
def test_regressors_within(inner):
    model = TransformedTargetRegressor(inner, func=np.log, inverse_func=np.exp).fit(X, Y)
    assert_same(model)


def test_within_other_models():
    model = TransformedTargetRegressor(regressor(), transformer=StandardScaler())
    assert_same(make_pipeline(StandardScaler(), model).fit(X, Y))
    assert_same(GridSearchCV(model, {"regressor__alpha": [1e-4]}, cv=2).fit(X, Y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_of_the_inputs(dtype):
    rows = X.astype(dtype)
    model = TransformedTargetRegressor(regressor(), transformer=StandardScaler()).fit(rows, Y)
    for exported in (to_onnx(model), to_onnx(model, rows)):
        assert run_onnx(exported, rows)["variable"].dtype == dtype
        assert_same(model, rows, exported=exported, close=1e-5)


@pytest.mark.parametrize(
    "how",
    [
        {"transformer": PowerTransformer()},
        functions(np.log, lambda y: np.exp(y)),
        {"transformer": FunctionTransformer(np.log, np.exp, inv_kw_args={"dtype": "f8"})},
    ],
    ids=["transformer", "function", "arguments"],
)
def test_what_cannot_be_undone(how):
    model = TransformedTargetRegressor(regressor(), **how).fit(X, Y)
    with pytest.raises(ValueError, match=r"cannot undo[\s\S]*It can undo StandardScaler, .*expm1"):
        to_onnx(model)
