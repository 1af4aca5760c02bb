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
        return x if inputs.factor == 1.0 else add("Mul", x, inputs.factor)
    z = _add_shares(add, x, inputs.centers[inputs.values], inputs.scales[inputs.values])
    z = add("Clip", z, -FAR, FAR)
    bend = add("Div", z, CLIP)
    return add("Div", z, add("Sqrt", add("Add", add("Mul", bend, bend), 1.0)))


def _add_bins(add: Adder, inputs: Inputs, x: str) -> str:
    """Add the bins of columns."""
    x = _chosen(add, x, inputs.bins, inputs.n_columns)
    has_width = inputs.widths > 0
    shares = _add_shares(add, x, inputs.starts, np.where(has_width, inputs.widths, 1.0))
    return add("Mul", add("Clip", shares, 0.0, 1.0), np.where(has_width, FULL_BIN, 0.0))


def _chosen(add: Adder, x: str, columns: np.ndarray, n_columns: int) -> str:
    """Some columns of x."""
    if np.array_equal(columns, np.arange(n_columns)):
        return x
    return add("Gather", x, columns.astype(np.int32), axis=1)


def _add_shares(add: Adder, x: str, starts: np.ndarray, widths: np.ndarray) -> str:
    """Add (x - start) / width.

    Powers of two move very small widths to where numbers have all their digits, and very large
    ones to where differences are finite in float32; in float64 ``Inputs.of`` leaves them infinite.
    """
    limits = np.finfo(add.dtype)
    tiny, largest = float(limits.tiny), float(limits.max)
    small = np.sqrt(tiny)
    factors = np.where(widths < small, 1 / tiny, 1.0)
    if add.dtype == np.float32:
        factors = np.where(widths > 1 / small, small, factors)
    if (factors != 1).any():
        x, starts, widths = add("Mul", x, factors), starts * factors, widths * factors
    # In float32 as well, what is left of close numbers has all its digits.
    nearest = _finite(starts, add.dtype)
    rest = _finite(starts - nearest, add.dtype)
    differences = add("Sub", x, nearest)
    differences = add("Sub", differences, rest) if rest.any() else differences
    return add("Div", differences, np.clip(widths, tiny, largest))


def _finite(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Numbers rounded to a dtype; those that it does not hold become its largest."""
    largest = float(np.finfo(dtype).max)
    return np.clip(values, -largest, largest).astype(dtype).astype(np.float64)


def _exact(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Numbers in a dtype; NaN, which nothing is equal to, where it does not hold one exactly."""
    with np.errstate(over="ignore"):
        rounded = values.astype(dtype)
    return np.where(rounded == values, rounded, np.nan)
