"""The first layer where rows are sparse: what it costs goes by what they store.

Nothing is laid out for columns that a mini-batch does not hold. Their connections are neither
read nor updated: the moments of their weights wait, and their weights get the decay of all these
updates when they are needed, as one factor.
"""

from __future__ import annotations

import numpy as np

from . import layers, neurons
from .jit import entry, inlined, inner
from .kernel_sets import FirstLayer
from .layout import TINY, Net, n_weights_of, outgoing
from .optimizers import Parameters, log_left, optimize
from .sharing import PARTS, next_part
from .simd import CACHE_LINE, item, lanes_of, prefetch, vstore, vzeros

# Columns from one whose connections are needed to the one whose connections the cache fetches.
AHEAD = 4
# Values that a row is taken to store, where it must be known how long it takes.
STORED_VALUES = 64
# Less decay than this waits on in a call, because factors so near to 1 are rounded to it.
LEAST_DECAY = 1e-5


@inner
def left_of(decay, stored, column):
    """What the L2 penalty leaves of a column's weights that it did not reach yet.

    `decay` is the logarithm of what it leaves by now of weights that a call began with.
    """
    return np.exp(decay - stored.decays[column])


@inner
def gather_columns(stored, samples, rows):
    """Note the columns of some rows that weigh anything, and where these store something."""
    X = samples.X
    slots, columns, starts = stored.slots, stored.columns, stored.starts
    for slot in range(stored.n_columns[0]):
        slots[columns[slot]] = 0
    n = 0
    for row in rows:
        if samples.row_weights[row] == 0:
            continue
        for i in range(X.indptr[row], X.indptr[row + 1]):
            if X.values[i] == 0:
                continue
            column = X.indices[i]
            if slots[column] == 0:
                columns[n] = column
                n += 1
                slots[column] = n
                starts[n] = 0
            starts[slots[column]] += 1
    # Counts become starts, one place ahead: filling moves them to where they belong.
    start = 0
    for slot in range(n):
        count = starts[slot + 1]
        starts[slot + 1] = start
        start += count
    starts[0] = 0
    for lane in range(rows.size):
        row = rows[lane]
        if samples.row_weights[row] == 0:
            continue
        for i in range(X.indptr[row], X.indptr[row + 1]):
            if X.values[i] != 0:
                slot = slots[X.indices[i]]
                stored.lanes[starts[slot]] = lane
                stored.values[starts[slot]] = X.values[i]
                starts[slot] += 1
    stored.n_columns[0] = n


@inlined
def expect(array, place):
    """Let the cache fetch what `array` has of a column, whose connections lie anywhere."""
    prefetch(array, place)
    prefetch(array, place + CACHE_LINE // array.itemsize)


@inner
def add_rows(connections, stored, X, rows, decay, sums, width, first, last):
    """Sums (s) of the lanes first:last over what their rows store."""
    indptr, block = connections.indptr, connections.block_out
    units = connections.units_out
    zero = vzeros(sums, 1)
    for unit in range(units):
        for lane in range(first, last, lanes_of(sums)):
            vstore(sums, unit * width + lane, zero)
    for lane in range(first, min(last, rows.size)):
        end = X.indptr[rows[lane] + 1]
        for i in range(X.indptr[rows[lane]], end):
            column, value = X.indices[i], X.values[i]
            ahead = indptr[X.indices[min(i + AHEAD, end - 1)]]
            expect(connections.targets, ahead)
            expect(connections.weights, ahead * block)
            if value == 0:
                continue
            if decay < 0.0:
                value = X.values.dtype.type(value * left_of(decay, stored, column))
            if block == 1:
                for k in range(indptr[column], indptr[column + 1]):
                    place = item(connections.targets, k) * width + lane
                    sums[place] += value * item(connections.weights, k)
            else:
                for k in range(indptr[column], indptr[column + 1]):
                    unit = connections.targets[k] * block
                    for j in range(min(block, units - unit)):
                        place = (unit + j) * width + lane
                        sums[place] += value * connections.weights[k * block + j]


@inner
def load(net, work, scratch, samples, rows, decay, share):
    """From rows to the sums of the next layer, some lanes a part, and what the rows store."""
    connections = outgoing(net, 0)
    sums = layers.sums_and_outputs(net, work, 0)[0]
    # Threads that share no cache line write to none that another one writes to.
    in_line = CACHE_LINE // work.p.itemsize
    n_lines = (work.width + in_line - 1) // in_line
    n_parts = PARTS - 1
    part = next_part(work.parts, share)
    while part < PARTS:
        if part < n_parts:
            first = n_lines * part // n_parts * in_line
            last = min(n_lines * (part + 1) // n_parts * in_line, work.width)
            if first < last:
                add_rows(
                    connections, work.stored, samples.X, rows, decay, sums, work.width, first, last
                )
        elif work.is_training:
            gather_columns(work.stored, samples, rows)
        part = next_part(work.parts, share)


@inner
def forward(net, work, activation, dropout, share):
    """From the sums of layer 1, which `load` leaves, to what it sends."""
    layer = net.layers[1]
    sums, outputs = layers.sums_and_outputs(net, work, 0)
    units = layer["units"]
    part = next_part(work.parts, share)
    while part < PARTS:
        first, last = units * part // PARTS, units * (part + 1) // PARTS
        if net.graphs.size == 1:
            neurons.add_bias(net.nodes, layer["bias"], sums, work.width, first, last)
        else:
            neurons.forward(
                net.nodes, layer, activation, dropout, sums, outputs, work.width, first, last
            )
        part = next_part(work.parts, share)
    return True


@inner
def column_gradient(connections, stored, slot, d, width, gradient):
    """Gradient by the weights of one column that the mini-batch holds."""
    column = stored.columns[slot]
    first, last = connections.indptr[column], connections.indptr[column + 1]
    block, units = connections.block_out, connections.units_out
    gradient[: (last - first) * block] = 0
    for i in range(stored.starts[slot], stored.starts[slot + 1]):
        lane, value = stored.lanes[i], stored.values[i]
        if block == 1:
            for k in range(first, last):
                gradient[k - first] += value * item(d, item(connections.targets, k) * width + lane)
        else:
            for k in range(first, last):
                unit = connections.targets[k] * block
                for j in range(min(block, units - unit)):
                    gradient[(k - first) * block + j] += value * d[(unit + j) * width + lane]


@inner
def backward(net, state, work, scratch, update, decay, share):
    """The update of the columns that the mini-batch holds, from d of layer 1."""
    connections, stored = outgoing(net, 0), work.stored
    block = connections.block_out
    weights = Parameters(connections.weights, state.weights_1, state.weights_2)
    n = stored.n_columns[0]
    part = next_part(work.parts, share)
    while part < PARTS:
        for slot in range(n * part // PARTS, n * (part + 1) // PARTS):
            ahead = connections.indptr[stored.columns[min(slot + AHEAD, n - 1)]]
            expect(connections.targets, ahead)
            expect(weights.values, ahead * block)
            expect(weights.moment_1, ahead * block)
            expect(weights.moment_2, ahead * block)
            column = stored.columns[slot]
            first, last = connections.indptr[column] * block, connections.indptr[column + 1] * block
            column_gradient(connections, stored, slot, work.s, work.width, scratch.gradient)
            if decay - stored.decays[column] < -LEAST_DECAY:
                shrink(weights.values, first, last, left_of(decay, stored, column))
                stored.decays[column] = decay
            optimize(update, 0.0, weights, first, last, scratch.gradient, np.int64(0))
        layers.optimize_nodes(
            net, work, state, update, layers.part_of_nodes(net, part),
            layers.part_of_nodes(net, part + 1),
        )  # fmt: skip
        part = next_part(work.parts, share)
    return True


@inner
def shrink(values, first, last, factor):
    """Multiply values[first:last]; what becomes too small is 0."""
    share = values.dtype.type(factor)
    for k in range(first, last):
        value = values[k] * share
        values[k] = value if abs(value) >= TINY else values.dtype.type(0)


STORED = FirstLayer(__name__, "STORED", load, forward, backward)


def work_of_row(net: Net) -> int:
    """Multiply-adds of a row in one product of each layer, or about as many."""
    n_weights = n_weights_of(net, 0)
    of_column = n_weights / int(net.graphs[0]["motifs_in"])
    return net.weights.size - n_weights + max(1, round(STORED_VALUES * of_column))


@entry
def catch_up(net, stored, options, learning_rate, n_rows):
    """Bring the weights of all columns up to the end of a call; gives the sum of their squares.

    The last mini-batch may be of fewer rows.
    """
    n_full = n_rows // options.batch_size
    n_left = n_rows - n_full * options.batch_size
    decay = n_full * log_left(options, learning_rate, options.batch_size)
    if n_left > 0:
        decay += log_left(options, learning_rate, n_left)
    connections = outgoing(net, 0)
    block, total = connections.block_out, 0.0
    for column in range(net.graphs[0]["motifs_in"]):
        first, end = connections.indptr[column] * block, connections.indptr[column + 1] * block
        shrink(connections.weights, first, end, left_of(decay, stored, column))
        squares = 0.0
        for k in range(first, end):
            squares += connections.weights[k] * connections.weights[k]
        total += squares
    stored.decays[:] = 0.0
    return total


@entry
def squared_gradients(net, work, targets, sources, result):
    """Squared gradients on the last mini-batch by possible connections, as ``growth`` has them.

    Where the mini-batch does not hold a column, they are 0.
    """
    stored, width = work.stored, work.width
    connections = outgoing(net, 0)
    block, units = connections.block_out, connections.units_out
    for k in range(targets.size):
        slot, total = stored.slots[sources[k]] - 1, 0.0
        for unit in range(targets[k] * block, min((targets[k] + 1) * block, units)):
            gradient = 0.0
            if slot >= 0:
                for i in range(stored.starts[slot], stored.starts[slot + 1]):
                    gradient += stored.values[i] * work.s[unit * width + stored.lanes[i]]
            total += gradient * gradient
        result[k] = total
