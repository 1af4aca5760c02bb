"""The numba engine: what a mini-batch does, at the speed of the machine.

The rest of the package calls only what is named here; only this folder imports numba.
"""

from .caller import warn_user
from .growth import squared_gradients
from .inputs import Features, features
from .layout import GRAPH, LAYER, Net
from .losses import mean_loss
from .optimizers import OptimizerState, new_optimizer_state
from .options import StepOptions, as_declared
from .prediction import predict
from .scaling import scale
from .training import TrainingStep
from .wiring import rewire, vacant

__all__ = [
    "GRAPH",
    "LAYER",
    "Features",
    "Net",
    "OptimizerState",
    "StepOptions",
    "TrainingStep",
    "as_declared",
    "features",
    "mean_loss",
    "new_optimizer_state",
    "predict",
    "rewire",
    "scale",
    "squared_gradients",
    "vacant",
    "warn_user",
]
