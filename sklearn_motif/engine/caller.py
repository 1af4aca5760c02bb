"""Warnings that name the line of the user, from whatever depth."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

# Frames of these packages lie between a user's call and what happens in it.
PACKAGES_BETWEEN = ("sklearn_motif", "sklearn", "joblib", "numba")


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called into this package, or into scikit-learn around it."""
    level = 1
    frame: FrameType | None = sys._getframe()
    while frame is not None and _package(frame) in PACKAGES_BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _package(frame: FrameType) -> str:
    return frame.f_globals.get("__name__", "").partition(".")[0]
