"""Rows of X and what belongs to them: as kernels take them, and loaded into a mini-batch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse

from .jit import inner
from .kernel_sets import FirstLayer
from .neurons import gather_inputs
from .sharing import PARTS, next_part
from .simd import item, lanes_of, vstore_rows, vzeros
from .squares import vload_square


class Features(NamedTuple):
    """Rows of X as the kernels see them: dense, or in CSR format."""

    values: np.ndarray  # flat, one row after the other; or those that CSR stores
    indices: np.ndarray  # int32; the columns of these, sorted in every row
    indptr: np.ndarray  # int64; where each row begins; empty: X is dense


class Samples(NamedTuple):
    """Rows with their targets and weights."""

    X: Features
    y: np.ndarray  # a class for each row, or a number for each row and output, flat
    row_weights: np.ndarray
    rows: np.ndarray  # int64; those to take, in this order


def flat_view(array: np.ndarray) -> np.ndarray:
    """A flat view that says it could be written, of a C-ordered array that may be read-only.

    numba compiles a kernel anew for read-only arrays, such as joblib's memory maps; the
    kernels that get this view only read.
    """
    array = array.reshape(-1)
    if array.flags.writeable:
        return array

    class View:
        base = array
        __array_interface__ = {
            **array.__array_interface__,
            "data": (array.__array_interface__["data"][0], False),
        }

    return np.asarray(View())


def features(X: np.ndarray | scipy.sparse.csr_array | scipy.sparse.csr_matrix) -> Features:
    """X as the kernels take it, without a copy where possible.

    Dense X is C-ordered; the indices of sparse X are sorted in every row, and below 2**31.
    """
    if isinstance(X, np.ndarray):
        X = np.require(X, requirements=("C", "A"))
        return Features(flat_view(X), np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64))
    indices = X.indices.astype(np.int32, copy=False)
    data = np.require(X.data, requirements="A")
    indptr = X.indptr.astype(np.int64, copy=False)
    return Features(flat_view(data), flat_view(indices), flat_view(indptr))


@inner
def load_dense(values, starts, n_rows, x, width, first, last):
    """Copy the features first:last of some dense rows into `x`, batch-minor, zero-padded.

    They begin at values[starts[b]]; what pads the batch has a row to read, too. A square of as
    many features and rows as a vector has lanes is read and written by whole vectors.
    """
    side = lanes_of(x)
    if last - first < side:
        for feature in range(first, last):
            for b in range(n_rows):
                x[feature * width + b] = item(values, item(starts, b) + feature)
    else:
        for b in range(0, width, side):
            for feature in range(first, last, side):
                # The last square may overlap the one before.
                place = min(feature, last - side)
                square = vload_square(values, starts, b, place)
                vstore_rows(x, place * width + b, width, square, vzeros(x, 1))
    for feature in range(first, last):
        for b in range(n_rows, width):
            x[feature * width + b] = 0


@inner
def load_sparse(X, rows, cursors, x, width, first, last):
    """Copy the features first:last of some CSR rows into `x`, batch-minor, zero-padded.

    Cursors move up with the features.
    """
    x[first * width : last * width] = 0
    for b in range(rows.size):
        k, end = cursors[b], X.indptr[rows[b] + 1]
        while k < end and X.indices[k] < first:
            k += 1
        while k < end and X.indices[k] < last:
            x[X.indices[k] * width + b] += X.values[k]
            k += 1
        cursors[b] = k


@inner
def first_input(units, side, part):
    """First unit of a part: parts are made of at least `side` units, where there are as many."""
    if part >= PARTS:
        return units
    return max(1, units // side) * part // PARTS * side


@inner
def load(net, work, scratch, samples, rows, decay, share):
    """Layer 0: features, and what is gathered from them."""
    layer, X, cursors = net.layers[0], samples.X, scratch.cursors
    units, group, n_features = layer["units"], layer["group"], layer["n_neurons"]
    is_sparse = X.indptr.size > 0
    if not is_sparse:
        for b in range(work.width):
            cursors[b] = item(rows, min(b, rows.size - 1)) * n_features
    passed = units  # where the cursors are; a thread goes back for parts of others
    part = next_part(work.parts, share)
    while part < PARTS:
        first = first_input(units, lanes_of(work.x), part)
        last = first_input(units, lanes_of(work.x), part + 1)
        feature, last_feature = first * group, min(last * group, n_features)
        if is_sparse:
            if first < passed:
                for b in range(rows.size):
                    cursors[b] = X.indptr[rows[b]]
            passed = last
            load_sparse(X, rows, cursors, work.x, work.width, feature, last_feature)
        else:
            load_dense(X.values, cursors, rows.size, work.x, work.width, feature, last_feature)
        gather_inputs(net, work.x, work.p, work.width, first, last)
        part = next_part(work.parts, share)


@inner
def forward(net, work, activation, dropout, share):
    """Leave the first layer to the products of all layers."""
    return False


@inner
def backward(net, state, work, scratch, update, decay, share):
    """Leave the first layer to the products of all layers."""
    return False


LAID_OUT = FirstLayer(__name__, "LAID_OUT", load, forward, backward)
