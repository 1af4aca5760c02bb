"""Displays: the course of a training, its wiring, and what a motif size costs and gains.

They follow scikit-learn's displays. matplotlib is imported when something is drawn.
"""

from .motif_tradeoff import LossCurveDisplay, MotifTradeoffDisplay, TopologyDisplay

__all__ = ["LossCurveDisplay", "MotifTradeoffDisplay", "TopologyDisplay"]
