"""The numba engine: what a mini-batch does, at the speed of the machine.

The rest of the package calls only what is named here; only this folder imports numba.
"""

from .layout import GRAPH, LAYER, Net, State
from .step import TrainingStep, make_state, predict_proba, squared_gradients
from .wiring import rewire, transpose, vacant

__all__ = [
    "GRAPH",
    "LAYER",
    "Net",
    "State",
    "TrainingStep",
    "make_state",
    "predict_proba",
    "rewire",
    "squared_gradients",
    "transpose",
    "vacant",
]
