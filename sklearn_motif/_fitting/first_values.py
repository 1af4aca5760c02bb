"""The first values of a stream, by which its columns and targets are known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

# Values by which a column or a target is known.
FIRST_VALUES = 500
# What is learned of the first values is learned again when there are so many times as many.
GROWTH = 1.1
# Rows that are kept as they came, until they are joined to those before.
LOOSE_ROWS = 16


@dataclass
class FirstValues:
    """First values of the columns and targets that are not known yet, in arrays and builtins.

    A column is known by its first values, unless these are all equal: then they count as one, and
    so do those that follow, until another one comes.

    Attributes
    ----------
    waiting : ndarray of int64, shape (n_waiting,)
        The columns; targets are numbered after all columns. Those of sparse X and classes are not
        among them.
    counts : ndarray of int64, shape (n_waiting,)
        How many values there were, as far as they count.
    learned : ndarray of int64, shape (n_waiting,)
        Of how many of them it was learned what there is to learn.
    same : ndarray of float64, shape (n_waiting,)
        The value of columns of which all values are equal; NaN for others.
    values, weights : list of ndarray of float64, shape (n_rows, n_waiting)
        The values that count, NaN where there is none, and their weights, which may be of shape
        (n_rows, 1). No array is ever changed.
    """

    waiting: np.ndarray
    counts: np.ndarray
    learned: np.ndarray
    same: np.ndarray
    values: list[np.ndarray]
    weights: list[np.ndarray]

    @classmethod
    def none_of(cls, waiting: np.ndarray) -> FirstValues:
        """No value yet of some columns and targets."""
        nothing = np.zeros(waiting.size, dtype=np.int64)
        return cls(waiting, nothing, nothing, np.full(waiting.size, np.nan), [], [])

    @property
    def due(self) -> np.ndarray:
        """Which columns have so many more values that it is time to learn of them again."""
        is_complete = self.counts == FIRST_VALUES
        has_grown = self.counts >= GROWTH * self.learned
        return (self.counts > self.learned) & (is_complete | has_grown)

    def joined(self, X: np.ndarray, row_weights: np.ndarray) -> FirstValues:
        """These and the values of more rows of the columns, which weigh something."""
        is_value, n_before = ~np.isnan(X), self.counts
        places = is_value.argmax(axis=0), np.arange(X.shape[1])
        same = np.where(n_before == 0, X[places], self.same)
        varied = (n_before > 0) & np.isnan(self.same)
        varies = varied | np.logical_or.accumulate(is_value & (X != same), axis=0)
        n_equal = np.where(varied, 0, n_before + np.count_nonzero(is_value & ~varies, axis=0))
        is_long = n_equal >= FIRST_VALUES  # such a beginning counts as one value
        start = np.where(varied, n_before, np.where(is_long, 1, n_equal))
        counts = start + np.cumsum(is_value & varies, axis=0)
        is_kept = is_value & np.where(varies, counts <= FIRST_VALUES, ~is_long)
        is_kept[places] |= is_value[places] & is_long & (n_before == 0)
        now = replace(
            self,
            counts=np.minimum(np.where(varies[-1], counts[-1], n_equal), FIRST_VALUES),
            learned=np.where(is_long & varies[-1], 0, self.learned),
            same=np.where(varies[-1], np.nan, same),
            values=self.values.copy(),
            weights=self.weights.copy(),
        )
        if np.any(is_long & (n_before > 0) & (n_before < FIRST_VALUES)):
            now._join(is_long)
        rows = is_kept.any(axis=1)
        if rows.any():
            now.values.append(np.where(is_kept, X, np.nan)[rows])
            now.weights.append(row_weights[rows, None])
        n_loose = sum(map(len, now.values[1:]))
        if n_loose >= max(LOOSE_ROWS, len(now.values[0]) // 4 if now.values else 0):
            now._join()
        return now

    def of(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values at some places, NaN between them, and their weights."""
        parts = zip(self.values, self.weights, strict=True)
        weights = [np.broadcast_to(weight, value.shape)[:, places] for value, weight in parts]
        return np.vstack([value[:, places] for value in self.values]), np.vstack(weights)

    def not_known(self) -> FirstValues | None:
        """What still waits when all that was due is learned; None where nothing does."""
        learned = np.where(self.due, self.counts, self.learned)
        waits = (self.counts < FIRST_VALUES) | ~np.isnan(self.same)
        if not waits.any():
            return None
        rest = replace(self, learned=learned)
        if waits.all():
            return rest
        for name in ("waiting", "counts", "learned", "same"):
            setattr(rest, name, getattr(rest, name)[waits])
        if self.values:
            values, weights = self.of(waits)
            rest.values, rest.weights = [values], [weights]
            rest._join()
        return rest

    def _join(self, is_long: np.ndarray | None = None) -> None:
        """Make one array of all values, without gaps; one value only of columns `is_long`."""
        values, weights = self.of(np.ones(self.waiting.size, dtype=bool))
        is_value = ~np.isnan(values)
        if is_long is not None:
            is_value &= ~is_long | (np.cumsum(is_value, axis=0) == 1)
        if not is_value.all():
            n_rows = int(np.count_nonzero(is_value, axis=0).max())
            order = np.argsort(~is_value, axis=0, kind="stable")[:n_rows]
            values = np.take_along_axis(np.where(is_value, values, np.nan), order, axis=0)
            weights = np.take_along_axis(weights, order, axis=0)
        self.values, self.weights = [values], [weights]
