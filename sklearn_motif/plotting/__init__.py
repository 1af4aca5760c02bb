"""Displays: the course of a training, its wiring, and what a motif size costs and gains.

They follow scikit-learn's displays. matplotlib is imported when something is drawn.
"""

from .loss_curve import LossCurveDisplay
from .motif_tradeoff import MotifTradeoffDisplay
from .topology import TopologyDisplay

__all__ = ["LossCurveDisplay", "MotifTradeoffDisplay", "TopologyDisplay"]
