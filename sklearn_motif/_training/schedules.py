"""What changes by the epoch: the learning rate, the drop fraction and the motif size."""

from __future__ import annotations

import numpy as np

# Learning rate of "cosine" after `max_iter` epochs, as a share of the first one.
LATE_RATE = 0.1
# Share of `max_iter` at which a drop fraction with "cosine" reaches 0.
EVOLVING_SHARE = 0.75
# Learning rates of a stream that has no end, as shares of `learning_rate_init`: at its start, and
# where it comes to stay; and the updates after which it has come half of the way.
FIRST_STREAM_RATE, LAST_STREAM_RATE = 3.0, 0.5
HALF_WAY = 200
# Rows that count as an epoch in a stream that has no end.
STREAM_ROWS = 1000
# Share of the epochs after which motifs have their last size; splits are evenly spaced up to it.
LAST_SPLIT = 0.5


def learning_rate_at(schedule: str, init: float, epoch: int, max_iter: int) -> float:
    """Learning rate of an epoch, counted from 1, for "constant" and "cosine".

    "cosine" falls to nearly 0 in epoch `max_iter`. Later epochs belong to a stream, which still
    has to learn something.
    """
    if schedule == "constant":
        return init
    if epoch > max_iter:
        return LATE_RATE * init
    return init * 0.5 * (1.0 + np.cos(np.pi * (epoch - 1) / max_iter))


def stream_rate_at(init: float, n_updates: int) -> float:
    """Learning rate after some updates of a stream that has no end, whatever its calls are."""
    falling = (FIRST_STREAM_RATE - LAST_STREAM_RATE) / (1.0 + n_updates / HALF_WAY)
    return init * (LAST_STREAM_RATE + falling)


def stream_epochs(n_rows: int) -> int:
    """Epochs that are over when a stream without an end has seen some rows."""
    return n_rows // STREAM_ROWS


def drop_fraction_at(schedule: str, zeta: float, epoch: int, max_iter: int) -> float:
    """Share of connections to replace after `epoch` epochs.

    "cosine" anneals it to 0 at three quarters of `max_iter`; "stream" stays at the mean of that.
    """
    if schedule == "constant":
        return zeta
    if schedule == "stream":
        return zeta * 0.5 * EVOLVING_SHARE
    progress = min(1.0, epoch / (EVOLVING_SHARE * max_iter))
    return zeta * 0.5 * (1.0 + np.cos(np.pi * progress))


def motif_size_at(sizes: tuple[int, ...], epoch: int, max_iter: int) -> int:
    """Motif size of an epoch, counted from 1, of a schedule of falling sizes.

    Each size is trained for an epoch at least where `max_iter` allows it.
    """
    n_splits = len(sizes) - 1
    ends = (max(i, int(LAST_SPLIT * max_iter * i / n_splits)) for i in range(1, len(sizes)))
    return sizes[sum(epoch > min(end, max_iter - 1) for end in ends)]
