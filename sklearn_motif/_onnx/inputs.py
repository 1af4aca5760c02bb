"""The inputs of a network from the columns of X as numbers: what ``Inputs.of`` computes."""

from __future__ import annotations

import numpy as np

from .._network import Inputs
from .._network.inputs import CLIP, FAR, FULL_BIN
from .graph import Adder


def add_inputs(add: Adder, inputs: Inputs, codes: np.ndarray, x: str) -> str:
    """Add the inputs of a network.

    Parameters
    ----------
    add : Adder
    inputs : Inputs
    codes : ndarray of float64, shape of ``inputs.codes``
        What each indicator is equal to: the code, or the number itself where the column has
        numbers and not their codes.
    x : str
        Rows of X as numbers, shape (n_samples, n_columns).

    Returns
    -------
    str
        Inputs, shape (n_samples, inputs.size).
    """
    parts = []
    if inputs.values.size:
        parts.append(_add_values(add, inputs, x))
    if inputs.bins.size:
        parts.append(_add_bins(add, inputs, x))
    if inputs.indicators.size:
        of_columns = _chosen(add, x, inputs.indicators, inputs.n_columns)
        parts.append(add.cast(add("Equal", of_columns, _exact(codes, add.dtype))))
    made = add.joined(parts, axis=1)
    if_missing = inputs.of(np.full((1, inputs.n_columns), np.nan), np.float64)
    if not isinstance(if_missing, np.ndarray):
        if_missing = if_missing.toarray()
    is_missing = add("IsNaN", _chosen(add, x, inputs.columns, inputs.n_columns))
    return add("Where", is_missing, if_missing, made)


def _add_values(add: Adder, inputs: Inputs, x: str) -> str:
    """Add the values of columns, scaled where there are scales."""
    x = _chosen(add, x, inputs.values, inputs.n_columns)
    if inputs.centers is None or inputs.scales is None:
        return x
    distances = _add_differences(add, x, inputs.centers[inputs.values])
    z = add("Div", distances, _positive(inputs.scales[inputs.values], add.dtype))
    z = add("Clip", z, -FAR, FAR)
    bend = add("Div", z, CLIP)
    return add("Div", z, add("Sqrt", add("Add", add("Mul", bend, bend), 1.0)))


def _add_bins(add: Adder, inputs: Inputs, x: str) -> str:
    """Add the bins of columns."""
    x = _chosen(add, x, inputs.bins, inputs.n_columns)
    has_width = inputs.widths > 0
    with np.errstate(over="ignore"):  # of steps
        slopes = FULL_BIN / np.where(has_width, inputs.widths, 1.0)
    slopes = np.where(has_width, _positive(slopes, add.dtype), 0.0)
    rises = add("Mul", _add_differences(add, x, inputs.starts), slopes)
    return add("Clip", rises, 0.0, FULL_BIN)


def _chosen(add: Adder, x: str, columns: np.ndarray, n_columns: int) -> str:
    """Some columns of x."""
    if np.array_equal(columns, np.arange(n_columns)):
        return x
    return add("Gather", x, columns.astype(np.int32), axis=1)


def _add_differences(add: Adder, x: str, values: np.ndarray) -> str:
    """Add x - values. In float32 as well, what is left of close numbers has all its digits."""
    nearest = _finite(values, add.dtype)
    rest = _finite(values - nearest, add.dtype)
    differences = add("Sub", x, nearest)
    return add("Sub", differences, rest) if rest.any() else differences


def _finite(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Numbers rounded to a dtype; those that it does not hold become its largest."""
    largest = float(np.finfo(dtype).max)
    return np.clip(values, -largest, largest).astype(dtype).astype(np.float64)


def _positive(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Positive numbers, none of which becomes 0 or infinite in a dtype."""
    limits = np.finfo(dtype)
    return np.clip(values, float(limits.tiny), float(limits.max))


def _exact(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Numbers in a dtype; NaN, which nothing is equal to, where it does not hold one exactly."""
    with np.errstate(over="ignore"):
        rounded = values.astype(dtype)
    return np.where(rounded == values, rounded, np.nan)
