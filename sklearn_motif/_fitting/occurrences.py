"""How often the inputs of sparse rows are other than 0, where the first layer goes by it."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse

from .._network import Inputs
from .._network.inputs import blocks
from .inputs import Table

# The first layer goes by what rows store where they store this share of their inputs at most.
SPARSE_SHARE = 1 / 32
# Numbers of dense X whose inputs are counted at a time.
COUNTED_NUMBERS = 1 << 22


def rare_occurrences(table: Table, inputs: Inputs, *, is_stream: bool) -> np.ndarray | None:
    """How often each input occurs, as ``occurrences`` counts it; None: rows are no sparse ones.

    A stream is judged by all columns, because those that are empty yet may get values.
    """
    if not (scipy.sparse.issparse(table.X) or inputs.is_sparse):
        return None
    counts = occurrences(table, inputs)
    width = table.X.shape[1] if is_stream and inputs.is_plain else inputs.size
    is_rare = counts.sum() <= SPARSE_SHARE * table.weights[table.rows].sum() * width
    return counts if is_rare else None


def common_factor(table: Table) -> float:
    """What brings the root mean square of the values that rows to train on store to 1.

    Columns keep what they are to each other: counts and TF-IDF say how much a word tells.
    """
    X: Any = scipy.sparse.csr_array(table.training_rows)
    is_stored = X.data != 0
    values = X.data[is_stored].astype(np.float64)
    if not values.size:
        return 1.0
    largest = np.abs(values).max()  # squares of more than 1 might be infinite
    weights = np.repeat(table.weights[table.rows], np.diff(X.indptr))[is_stored]
    root = np.sqrt(np.average((values / largest) ** 2, weights=weights))
    limits = np.finfo(X.dtype)
    with np.errstate(over="ignore", divide="ignore"):
        return float(np.clip(1.0 / (largest * root), limits.tiny, limits.max))


def occurrences(table: Table, inputs: Inputs) -> np.ndarray:
    """Weight of the rows to train on in which an input is other than 0, shape (n_inputs,)."""
    counts, n_rows = np.zeros(inputs.size), table.rows.size
    width = 1 if scipy.sparse.issparse(table.X) else inputs.numbers_a_row
    for some in blocks(n_rows, width, COUNTED_NUMBERS):
        chosen = table.rows[some]
        rows = scipy.sparse.csr_array(inputs.of(table.X[chosen], table.X.dtype))
        weights = np.repeat(table.weights[chosen], np.diff(rows.indptr))
        is_stored = rows.data != 0
        counts += np.bincount(rows.indices[is_stored], weights[is_stored], inputs.size)
    return counts
