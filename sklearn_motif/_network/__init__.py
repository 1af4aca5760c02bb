"""The network as flat arrays: how they are laid out, filled, wired and read."""

from .growing import add_connections, change_inputs
from .inputs import Inputs, Rows
from .layout import ALL_RELU_SLOPE
from .network import MotifNetwork
from .outputs import Outputs

__all__ = [
    "ALL_RELU_SLOPE",
    "Inputs",
    "MotifNetwork",
    "Outputs",
    "Rows",
    "add_connections",
    "change_inputs",
]

# Saved models name the class so, and users of skops trust it by this name.
MotifNetwork.__module__ = __name__
