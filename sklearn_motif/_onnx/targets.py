"""TransformedTargetRegressor: what undoes the transformer of y follows after the regressor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from .columns import dtype_of
from .graph import Adder

ALIAS = "SklearnTransformedTargetRegressor"
# What may be an ``inverse_func``, as nodes.
FUNCTIONS: dict[Any, Callable[[Adder, str], str]] = {
    None: lambda add, y: y,
    np.exp: lambda add, y: add("Exp", y),
    np.expm1: lambda add, y: add("Sub", add("Exp", y), 1.0),
    np.log: lambda add, y: add("Log", y),
    np.log1p: lambda add, y: add("Log", add("Add", y, 1.0)),
    np.sqrt: lambda add, y: add("Sqrt", y),
    np.square: lambda add, y: add("Mul", y, y),
}


def parse(scope: Any, model: Any, inputs: list[Any], custom_parsers: Any = None) -> list[Any]:
    """Declare the regressor and what follows after it; returns the output."""
    from skl2onnx._parse import parse_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    # The first variable of this name is the one that has it without a number.
    output = scope.declare_local_variable("variable", FloatTensorType())
    predicted = parse_sklearn(scope, model.regressor_, inputs, custom_parsers=custom_parsers)
    for variable in predicted:
        variable.init_status(is_leaf=False)  # no output of the whole model
    operator = scope.declare_local_operator(ALIAS, model)
    operator.inputs = predicted
    operator.outputs.append(output)
    return [output]


def set_types(operator: Any) -> None:
    """Give the output the type of what the regressor predicts."""
    predicted = operator.inputs[0].type
    operator.outputs[0].set_type(type(predicted)(predicted.shape))


def convert(scope: Any, operator: Any, container: Any) -> None:
    """Add what undoes the transformer of y."""
    predicted = operator.inputs[0]
    add = Adder(scope, container.add_node, dtype_of(predicted))
    y = _add_inverse(add, operator.raw_operator.transformer_, predicted.full_name)
    add("Identity", y, output=operator.outputs[0].full_name)


def _add_inverse(add: Adder, transformer: Any, y: str) -> str:
    """Add what ``inverse_transform`` computes."""
    if isinstance(transformer, Pipeline):
        for _, step in reversed(transformer.steps):
            y = y if step in (None, "passthrough") else _add_inverse(add, step, y)
        return y
    if isinstance(transformer, StandardScaler):
        y = add("Mul", y, transformer.scale_) if transformer.with_std else y
        return add("Add", y, transformer.mean_) if transformer.with_mean else y
    if isinstance(transformer, RobustScaler):
        y = add("Mul", y, transformer.scale_) if transformer.with_scaling else y
        return add("Add", y, transformer.center_) if transformer.with_centering else y
    if isinstance(transformer, MinMaxScaler):
        return add("Div", add("Sub", y, transformer.min_), transformer.scale_)
    if isinstance(transformer, MaxAbsScaler):
        return add("Mul", y, transformer.scale_)
    if isinstance(transformer, FunctionTransformer) and not transformer.inv_kw_args:
        function = FUNCTIONS.get(transformer.inverse_func)
        if function is not None:
            return function(add, y)
    known = ", ".join(f"numpy.{function.__name__}" for function in FUNCTIONS if function)
    raise ValueError(
        f"to_onnx cannot undo the transformer of y, {transformer}, of a "
        "TransformedTargetRegressor. It can undo StandardScaler, RobustScaler, MinMaxScaler and "
        f"MaxAbsScaler, pipelines of these, and an inverse_func among {known}."
    )
