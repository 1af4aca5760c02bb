"""The outputs' activations and their losses: in training, and of what was predicted.

Cross-entropy, or half the squared error for outputs without an activation.
"""

from __future__ import annotations

import numpy as np

from .activations import sigmoid
from .jit import inlined, inner
from .layout import TINY
from .simd import lanes_of, vadd, vdiv, vexp, vflush, vload, vmax, vmul, vstore, vsub, vsum, vzeros

SOFTMAX, SIGMOID, LINEAR = range(3)
OUT_ACTIVATIONS = {"softmax": SOFTMAX, "logistic": SIGMOID, "identity": LINEAR}


@inner
def activate_outputs(scores, n_outputs, out_activation, width):
    """Softmax, logistic function or nothing over the rows of `scores`, in place."""
    if out_activation == SIGMOID:
        for lane in range(0, n_outputs * width, lanes_of(scores)):
            vstore(scores, lane, sigmoid(vload(scores, lane, vzeros(scores, 1))))
    if out_activation != SOFTMAX:
        return
    for lane in range(0, width, lanes_of(scores)):
        total = vzeros(scores, 1)
        maximum = vload(scores, lane, total)
        for j in range(1, n_outputs):
            maximum = vmax(vload(scores, j * width + lane, maximum), maximum)
        for j in range(n_outputs):
            value = vexp(vsub(vload(scores, j * width + lane, maximum), maximum))
            vstore(scores, j * width + lane, value)
            total = vadd(total, value)
        for j in range(n_outputs):
            vstore(scores, j * width + lane, vdiv(vload(scores, j * width + lane, total), total))


@inlined
def softmax_loss(d, width, b, n_outputs, label, smoothing, smallest):
    """Cross-entropy of place `b` of the batch; its probabilities in `d` turn into gradients."""
    loss = 0.0
    for j in range(n_outputs):
        place = j * width + b
        target = smoothing / n_outputs
        if j == label:
            target += 1.0 - smoothing
        if target > 0.0:
            loss -= target * np.log(max(np.float64(d[place]), smallest))
        d[place] -= target
    return loss


@inlined
def sigmoid_loss(d, width, b, n_outputs, targets, smoothing, smallest):
    """Cross-entropies of place `b` of the batch; its probabilities in `d` turn into gradients."""
    loss = 0.0
    for j in range(n_outputs):
        place = j * width + b
        target = np.float64(targets[j])
        value = np.float64(d[place])
        target += smoothing * (0.5 - target)
        loss -= target * np.log(max(value, smallest))
        loss -= (1.0 - target) * np.log(max(1.0 - value, smallest))
        d[place] -= target
    return loss


@inlined
def squared_loss(d, width, b, n_outputs, targets):
    """Half the squared errors of place `b` of the batch; its outputs in `d` turn into gradients."""
    loss = 0.0
    for j in range(n_outputs):
        place = j * width + b
        target = np.float64(targets[j])
        loss += 0.5 * (np.float64(d[place]) - target) ** 2
        d[place] -= target
    return loss


@inner
def output_loss(net, work, samples, rows, out_activation, smoothing, shares):
    """Loss of a mini-batch, summed, and the gradient of its mean by the output's s.

    A row's loss times its weight. Targets of the cross-entropy are mixed with the share
    `smoothing` of equal ones. `shares` is scratch.
    """
    width, n = work.width, rows.size
    layer = net.layers[net.layers.size - 1]
    n_outputs = layer["units"]
    start = (layer["row"] - net.layers[0]["units"]) * width
    d = work.s[start:]
    y, weights = samples.y, samples.row_weights
    activate_outputs(d, n_outputs, out_activation, width)
    smallest = np.float64(np.finfo(d.dtype).eps)  # where MLPClassifier clips, too
    loss = 0.0
    for b in range(n):
        row = rows[b]
        if out_activation == SOFTMAX:
            label = np.int64(y[row])
            row_loss = softmax_loss(d, width, b, n_outputs, label, smoothing, smallest)
        else:
            targets = y[row * n_outputs :]
            if out_activation == SIGMOID:
                row_loss = sigmoid_loss(d, width, b, n_outputs, targets, smoothing, smallest)
            else:
                row_loss = squared_loss(d, width, b, n_outputs, targets)
        loss += weights[row] * row_loss
        shares[b] = np.float64(weights[row]) / n
    shares[n:width] = 0
    for j in range(n_outputs):
        d[j * width + n : (j + 1) * width] = 0
        total = vzeros(d, 1)
        for lane in range(0, width, lanes_of(d)):
            value = vmul(vload(shares, lane, total), vload(d, j * width + lane, total))
            value = vflush(value, TINY)
            vstore(d, j * width + lane, value)
            total = vadd(total, value)
        work.node_gradient[layer["bias"] + j] = vsum(total)
    work.loss[0] += loss


def mean_loss(
    outputs: np.ndarray, y: np.ndarray, weights: np.ndarray, out_activation: str
) -> float:
    """Mean loss over rows as training counts it, without penalty and smoothing.

    Parameters
    ----------
    outputs : ndarray of shape (n_rows, n_outputs)
        What the network predicts. Probabilities count as at least the `eps` of their dtype.
    y : ndarray
        The number of a class for each row where the outputs are a softmax, else a number for
        each row and output, flat.
    weights : ndarray of shape (n_rows,)
        What each row counts.
    out_activation : {"softmax", "logistic", "identity"}
    """
    smallest = np.finfo(outputs.dtype).eps  # as scikit-learn's log_loss
    outputs = outputs.astype(np.float64)
    if out_activation == "softmax":
        likelihood = outputs[np.arange(y.size), y.astype(np.int64)]
        losses = -np.log(np.maximum(likelihood, smallest))
    else:
        y = y.reshape(outputs.shape)
        if out_activation == "logistic":
            likelihood = np.where(y > 0, outputs, 1.0 - outputs)
            losses = -np.log(np.maximum(likelihood, smallest)).sum(axis=1)
        else:
            losses = 0.5 * ((outputs - y) ** 2).sum(axis=1)
    return float(np.average(losses, weights=weights))
