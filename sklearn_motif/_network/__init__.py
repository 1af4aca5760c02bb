"""The network as flat arrays: how they are laid out, filled, wired and read."""

from .layout import ALL_RELU_SLOPE
from .network import MotifNetwork, Rows

__all__ = ["ALL_RELU_SLOPE", "MotifNetwork", "Rows"]

# Saved models name the class so, and users of skops trust it by this name.
MotifNetwork.__module__ = __name__
