"""The numba engine: what a mini-batch does, at the speed of the machine.

The rest of the package calls only what is named here; only this folder imports numba.
"""

from .layout import GRAPH, LAYER, Features, Net, State
from .training import TrainingStep, features, make_state, predict, squared_gradients
from .wiring import rewire, transpose, vacant

__all__ = [
    "GRAPH",
    "LAYER",
    "Features",
    "Net",
    "State",
    "TrainingStep",
    "features",
    "make_state",
    "predict",
    "rewire",
    "squared_gradients",
    "transpose",
    "vacant",
]
