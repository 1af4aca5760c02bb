"""The estimators' parameters in the form that the layers below take: checked, "auto" decided."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from .._evolution.grow import GROW
from .._evolution.prune import PRUNE
from .._training.options import TrainingOptions
from ..engine import StepOptions, as_declared, warn_user

AUTO_MOTIF_SIZES = (4, 2)
# Below this many rows, training takes full batches without dropout.
FEW_ROWS = 200
# What "auto" stands for.
# One full batch an epoch gives new connections little time to show their worth, so that evolution
# waits for several epochs.
AUTO_OF_FEW_ROWS = {"batch_size": FEW_ROWS, "dropout": 0.0, "evolve_every": 10}
AUTO = {"batch_size": 32, "max_iter": 50, "evolve_every": 1}
# In a stream that has no end, rows may come once only: there is less to learn by heart.
AUTO_OF_STREAM = {"dropout": 0.1}
# What it stands for by what y holds. Noise is easily learned by heart, and so is what many columns
# say together.
AUTO_OF_KIND: dict[str, dict[str, Any]] = {
    "noisy classes": {"dropout": 0.5, "max_iter": 25},
    "classes": {"dropout": 0.3},
    "classes by few columns": {"dropout": 0.1},
    # Words are soon learned by heart.
    "classes by rare values": {"dropout": 0.3, "max_iter": 15},
    "numbers": {"dropout": 0.2},
}
# Where epochs have few updates, "auto" has more of them: as many as make so many updates.
MINIMUM_UPDATES = 300


def motif_sizes(motif_size: int | Sequence[int] | str) -> tuple[int, ...]:
    """The motif sizes that a training goes through."""
    if isinstance(motif_size, str):
        return AUTO_MOTIF_SIZES
    sizes = _as_list(motif_size)
    if (
        not sizes
        or any(not isinstance(size, Integral) or size < 1 for size in sizes)
        or any(a <= b or a % b for a, b in itertools.pairwise(sizes))
    ):
        raise ValueError(
            'motif_size must be an integer > 0, "auto", or a list of such integers each of '
            "which is smaller than the one before and divides it, as [4, 2, 1]; got "
            f"{motif_size!r}."
        )
    # Narrow NumPy integers would overflow in products with sizes.
    return tuple(int(size) for size in sizes)


def hidden_layer_sizes(sizes: Sequence[int] | int) -> tuple[int, ...]:
    """Neurons of each hidden layer."""
    sizes = _as_list(sizes)
    if any(not isinstance(size, Integral) or size < 1 for size in sizes):
        raise ValueError(f"hidden_layer_sizes must be integers > 0, got {sizes}.")
    return tuple(int(size) for size in sizes)


def feature_shape(shape: Sequence[int] | None) -> tuple[int, ...] | None:
    """Height, width and perhaps channels of images."""
    if shape is None:
        return None
    sizes = list(shape)
    if len(sizes) not in (2, 3) or any(not isinstance(n, Integral) or n < 1 for n in sizes):
        raise ValueError(
            "feature_shape must be None, (height, width) or (height, width, channels), of "
            f"integers > 0; got {shape!r}."
        )
    return tuple(int(n) for n in sizes)


def _as_list(sizes: Any) -> list:
    return [sizes] if np.ndim(sizes) == 0 else list(sizes)


def structure_of(estimator: BaseEstimator) -> dict[str, Any]:
    """The parameters that a network is built by, in a form that can be compared and saved."""
    sizes = motif_sizes(estimator.motif_size)
    return {
        "hidden_layer_sizes": hidden_layer_sizes(estimator.hidden_layer_sizes),
        "motif_size": sizes if len(sizes) > 1 else sizes[0],
        "epsilon": float(estimator.epsilon),
        "weight_sharing": estimator.weight_sharing,
        "activation": estimator.activation,
        "group_features": estimator.group_features,
        "screen_features": bool(estimator.screen_features),
        "feature_shape": feature_shape(estimator.feature_shape),
        "scale_features": estimator.scale_features,
        "encode_features": estimator.encode_features,
        "categorical_features": _as_builtins(estimator.categorical_features),
        "precision": estimator.precision,
    }


def _as_builtins(columns: Any) -> Any:
    """Listed columns as a tuple of builtins; a word or None as it is."""
    if columns is None or isinstance(columns, str):
        return columns
    return tuple(np.ravel(columns).tolist())


def dtype_of(precision: str, dtype: Any, n_rows: int, *, is_partial: bool) -> np.dtype:
    """In which a new network computes.

    Parameters
    ----------
    precision : {"auto", "float32", "float64"}
    dtype : dtype
        Of X.
    n_rows : int
        Rows to train on.
    is_partial : bool
        Whether they are the first of a stream, of which more will come.
    """
    if precision != "auto":
        return np.dtype(precision)
    return np.dtype(np.float32) if is_partial or n_rows >= FEW_ROWS else np.dtype(dtype)


def training_options(
    estimator: BaseEstimator, n_rows: int, mean_weight: float, kind: str, *, is_partial: bool
) -> TrainingOptions:
    """What to train with: the estimator's parameters by their names, with what they stand for.

    Parameters
    ----------
    estimator : BaseEstimator
    n_rows : int
        Rows to train on, by which "auto" goes.
    mean_weight : float
        What a row weighed on average before weights became 1 on average. The L2 penalty is
        divided by it.
    kind : str
        What y holds, and what tells of it: a key of `AUTO_OF_KIND`.
    is_partial : bool
        Whether this is a call of `partial_fit`.
    """
    is_endless = is_partial and _is_auto(estimator.max_iter)
    automatic = {**AUTO, **AUTO_OF_KIND[kind]}
    if is_endless:
        automatic |= AUTO_OF_STREAM
    elif n_rows < FEW_ROWS:
        automatic |= AUTO_OF_FEW_ROWS
    batch_size = estimator.batch_size
    if _is_auto(batch_size):
        batch_size = automatic["batch_size"]
    elif batch_size > n_rows and not is_partial:
        warn_user(
            f"batch_size={batch_size} is more than the {n_rows} rows of X; full batches are used."
        )
    automatic["batch_size"] = min(int(batch_size), n_rows)
    if not is_endless:
        n_updates = -(-n_rows // automatic["batch_size"])  # of an epoch
        automatic["max_iter"] = max(automatic["max_iter"], -(-MINIMUM_UPDATES // n_updates))
    decided: dict[str, Any] = {
        name: value for name, value in automatic.items() if _is_auto(getattr(estimator, name))
    }
    decided["batch_size"] = automatic["batch_size"]
    decided["is_endless"] = is_endless
    for schedule in ("learning_rate", "zeta_schedule"):
        if is_endless and getattr(estimator, schedule) == "cosine":
            decided[schedule] = "stream"
    decided["alpha"] = estimator.alpha / mean_weight
    decided["motif_sizes"] = motif_sizes(estimator.motif_size)
    decided["is_partial"] = is_partial
    decided["prune"], decided["grow"] = PRUNE[estimator.prune], GROW[estimator.grow]
    decided["step"] = _options(StepOptions, estimator, decided)
    return _options(TrainingOptions, estimator, decided)


def goes_by_noise(estimator: BaseEstimator) -> bool:
    """Whether a parameter is "auto" that goes by the noise of classes."""
    return any(_is_auto(getattr(estimator, name)) for name in AUTO_OF_KIND["noisy classes"])


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"


def _options(kind: type, estimator: BaseEstimator, decided: dict[str, Any]) -> Any:
    """Options of a kind: every field is what was decided, or the parameter of that name."""
    names = inspect.signature(kind).parameters
    values = {
        name: decided[name] if name in decided else getattr(estimator, name) for name in names
    }
    return kind(**as_declared(kind, values))
