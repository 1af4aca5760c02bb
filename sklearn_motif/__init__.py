"""Truly sparse neural networks with evolving, motif-based wiring for scikit-learn."""

from ._estimators import MotifSETClassifier, MotifSETRegressor

__version__ = "0.1.0"

__all__ = ["MotifSETClassifier", "MotifSETRegressor", "__version__"]
