"""Values of columns, scaled in one pass."""

import numpy as np
import pytest

from sklearn_motif.engine import scale

FAR, CLIP = 1e6, 3.0


def in_numpy(X, centers, scales):
    with np.errstate(over="ignore"):
        z = np.clip((X.astype(np.float64) - centers) / scales, -FAR, FAR)
    return z / np.sqrt(1.0 + (z / CLIP) ** 2)


def some_rows(dtype, n_rows=300, n_columns=37):
    """Numbers of all sizes, zeros, and ends of the range of their type."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, n_columns)) * 10.0 ** rng.uniform(-30, 30, (n_rows, 1))
    X[0], X[1], X[2] = 0.0, np.finfo(dtype).max, -np.finfo(dtype).max
    X[3:200] = rng.standard_normal((197, n_columns))
    return X.astype(dtype), rng.standard_normal(n_columns), 10.0 ** rng.uniform(-9, 9, n_columns)


@pytest.mark.parametrize("of_result", [np.float32, np.float64])
@pytest.mark.parametrize("of_rows", [np.float32, np.float64])
def test_bits_are_those_of_numpy(of_rows, of_result):
    X, centers, scales = some_rows(of_rows)
    result = np.empty(X.shape, dtype=of_result)
    with np.errstate(over="ignore"):
        scale(X, centers, scales, result, far=FAR, clip=CLIP)
    np.testing.assert_array_equal(result, in_numpy(X, centers, scales).astype(of_result))


def test_what_follows_the_values_stays():
    X, centers, scales = some_rows(np.float32)
    result = np.full((len(X), 40), 7.0)
    with np.errstate(over="ignore"):
        scale(X, centers, scales, result, far=FAR, clip=CLIP)
    np.testing.assert_array_equal(result[:, :37], in_numpy(X, centers, scales))
    assert np.all(result[:, 37:] == 7.0)


def test_rows_may_be_read_only_unaligned_or_in_any_order():
    X, centers, scales = some_rows(np.float32)
    expected = in_numpy(X, centers, scales)
    read_only = X.copy()
    read_only.flags.writeable = False
    unaligned = np.frombuffer(b"\0" + X.tobytes(), dtype=np.uint8)[1:].view(np.float32)
    for rows in (read_only, unaligned.reshape(X.shape), np.asfortranarray(X)):
        result = np.empty(X.shape)
        with np.errstate(over="ignore"):
            scale(rows, centers, scales, result, far=FAR, clip=CLIP)
        np.testing.assert_array_equal(result, expected)
