"""Growth by gradient: the gradients by connections that do not exist yet."""

from __future__ import annotations

import numpy as np

from .jit import entry
from .products import inner_product


@entry
def sum_squares(d, p, width, units_out, units_in, targets, sources, block_out, block_in, result):
    """Write the sum of each block's squared gradients to `result`."""
    for k in range(targets.size):
        total = 0.0
        for out in range(targets[k] * block_out, min((targets[k] + 1) * block_out, units_out)):
            for source in range(sources[k] * block_in, min((sources[k] + 1) * block_in, units_in)):
                gradient = inner_product(d, out * width, p, source * width, width)
                total += gradient * gradient
        result[k] = total


def squared_gradients(
    d: np.ndarray,
    p: np.ndarray,
    targets: np.ndarray,
    sources: np.ndarray,
    block_out: int,
    block_in: int,
) -> np.ndarray:
    """Squares of the products of rows of `d` and `p`, summed over a block.

    In one order of summation, which a threaded BLAS does not promise.

    Parameters
    ----------
    d, p : ndarray of shape (n_units, width)
        Gradient by what output units sum up, and what input units send.
    targets, sources : ndarray of int
        Motifs that each possible connection joins.
    block_out, block_in : int
        Units of such a motif.
    """
    result = np.empty(targets.size, dtype=d.dtype)
    sizes = (d.shape[1], d.shape[0], p.shape[0])
    sum_squares(d.ravel(), p.ravel(), *sizes, targets, sources, block_out, block_in, result)
    return result
