"""A fitted estimator within the model that skl2onnx builds: its types, and its nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier

from .._fitting.targets import Labels, known_targets
from .._network import Outputs
from .columns import add_numbers, common_dtype, dtype_of
from .graph import Adder
from .network import add_network

# In older ones, Shape cannot leave out dimensions.
MIN_OPSET = 15


def set_types(operator: Any) -> None:
    """Complete the types of an estimator's outputs, which skl2onnx asks for first."""
    from skl2onnx.common.data_types import (
        DoubleTensorType,
        FloatTensorType,
        Int64TensorType,
        StringTensorType,
    )

    estimator = operator.raw_operator
    _check_inputs(operator.inputs, estimator)
    n_rows = operator.inputs[0].get_first_dimension()
    is_double = _dtype_of_outputs(operator) == np.float64
    number_type = DoubleTensorType if is_double else FloatTensorType
    if is_classifier(estimator):
        classes = _classes(operator.scope_inst, estimator)
        label_type = Int64TensorType if classes.dtype == np.int64 else StringTensorType
        shape = [n_rows, classes.size]
        operator.outputs[0].set_type(
            label_type(shape if isinstance(known_targets(estimator), Labels) else [n_rows])
        )
        operator.outputs[1].set_type(number_type(shape))
    else:
        operator.outputs[0].set_type(number_type([n_rows, estimator.n_outputs_]))


def convert(scope: Any, operator: Any, container: Any) -> None:
    """Add an estimator to the graph that skl2onnx builds."""
    if container.target_opset < MIN_OPSET:
        raise ValueError(
            f"target_opset must be at least {MIN_OPSET}, got {container.target_opset}."
        )
    estimator, names = operator.raw_operator, operator.output_full_names
    network, dtype = estimator.network_, _dtype_of_outputs(operator)
    add = Adder(scope, container.add_node, dtype)
    within = add.of(common_dtype(operator.inputs))
    x, codes = add_numbers(within, operator.inputs, network.inputs, _column_names(estimator))
    dtypes = _dtype_of_inputs(operator.inputs), network.weights.dtype
    narrower = min(dtypes, key=lambda dtype: dtype.itemsize)
    scores = add.cast(add_network(within, network, x, codes, narrower))
    if not is_classifier(estimator):
        add("Identity", _add_targets(add, network.outputs, scores), output=names[0])
        return
    if network.out_activation == "softmax":
        decided = add("ArgMax", scores, axis=1)
    else:
        decided = add.cast_to_integers(add("Greater", scores, 0.0))
    if isinstance(known_targets(estimator), Labels):
        add("Identity", decided, output=names[0])
    else:
        add("Gather", _classes(scope, estimator), add("Reshape", decided, [-1]), output=names[0])
    # skl2onnx sets it where it calibrates what decision_function gives.
    is_raw = container.get_options(estimator, {"raw_scores": False})["raw_scores"]
    if not is_raw:
        y = _add_probabilities(add, network.outputs, scores, estimator.n_outputs_)
    elif estimator.n_outputs_ == 1:
        y = add("Concat", add("Neg", scores), scores, axis=1)
    else:
        y = scores
    add("Identity", y, output=names[1])


def _check_inputs(tensors: list[Any], estimator: BaseEstimator) -> None:
    """Refuse another number of columns than in training, or another order."""
    widths = [x.type.shape[1] for x in tensors]
    if None not in widths and sum(widths) != estimator.n_features_in_:
        raise ValueError(
            f"X or initial_types show {sum(widths)} features, but {type(estimator).__name__} "
            f"expects {estimator.n_features_in_}."
        )
    names, known = [x.raw_name for x in tensors], _column_names(estimator)
    if names != known and sorted(names) == sorted(known):
        raise ValueError(
            f"X or initial_types show the features {names[:5]} in another order than in training, "
            f"which was {known[:5]}."
        )


def _column_names(estimator: BaseEstimator) -> list[str]:
    numbers = range(estimator.n_features_in_)
    return [str(name) for name in getattr(estimator, "feature_names_in_", numbers)]


def _dtype_of_inputs(tensors: list[Any]) -> np.dtype:
    """float64 where one of some tensors is, else float32."""
    is_double = any(dtype_of(x) == np.float64 for x in tensors)
    return np.dtype(np.float64 if is_double else np.float32)


def _dtype_of_outputs(operator: Any) -> np.dtype:
    """That of the inputs, but float64 for targets that float32 does not tell apart."""
    # Other models, of which a network is a part, go on in the dtype of the inputs.
    is_part = operator.outputs[0].is_leaf is None
    if operator.raw_operator.network_.outputs.needs_float64 and not is_part:
        return np.dtype(np.float64)
    return _dtype_of_inputs(operator.inputs)


def _classes(scope: Any, estimator: BaseEstimator) -> np.ndarray:
    """Labels as ONNX has them: int64 or strings."""
    from skl2onnx.common.utils_classifier import get_label_classes

    classes = get_label_classes(scope, estimator)
    is_number, values = classes.dtype.kind in "biuf", classes.tolist()
    if is_number and not -(2**63) <= min(values) <= max(values) < 2**63:
        largest = max(values, key=abs)
        raise ValueError(
            f"Labels in ONNX are int64, but {type(estimator).__name__} has the class {largest}. "
            'Train on smaller numbers or on strings, or export with options={"nocl": True, '
            '"zipmap": False}: the label is then a place in classes_.'
        )
    return classes.astype(np.int64 if is_number else object)


def _add_probabilities(add: Adder, outputs: Outputs, scores: str, n_outputs: int) -> str:
    """Add probabilities: what ``Outputs.probabilities`` computes."""
    smoothing, bends = outputs.smoothing, outputs.bends(n_outputs)
    if outputs.activation == "softmax":
        if not outputs.is_smoothed:
            return add("Softmax", scores, axis=1)
        y = add("Softmax", add("Mul", scores, outputs.certainty(n_outputs)), axis=1)
        freed = _add_freed(add, y, smoothing, bends, n_outputs)
        return add("Div", freed, add("ReduceSum", freed, [1]))
    ones, zeros = add("Sigmoid", scores), add("Sigmoid", add("Neg", scores))
    if outputs.is_smoothed:
        ones = _add_freed(add, ones, smoothing, bends[:, 1], 2)
        zeros = _add_freed(add, zeros, smoothing, bends[:, 0], 2)
        total = add("Add", ones, zeros)
        ones, zeros = add("Div", ones, total), add("Div", zeros, total)
    return add("Concat", zeros, ones, axis=1) if n_outputs == 1 else ones


def _add_freed(
    add: Adder, probabilities: str, smoothing: float | np.ndarray, bends: np.ndarray, n_classes: int
) -> str:
    """Add what ``unsmoothed`` computes."""
    bends = (1 - smoothing) * bends
    rest = add("Sub", probabilities, smoothing / n_classes)
    bent = add("Div", bends, add("Sub", 2.0, add("Min", add("Div", rest, bends), 1.0)))
    return add("Where", add("GreaterOrEqual", rest, bends), rest, bent)


def _add_targets(add: Adder, outputs: Outputs, scores: str) -> str:
    """Add targets: what ``Outputs.of`` computes."""
    if outputs.means is None or outputs.scales is None:
        return scores
    return add("Add", add("Mul", scores, outputs.scales), outputs.means)
