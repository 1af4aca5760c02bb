"""The fitted attributes that a training leaves, joined to those of an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from .._network import MotifNetwork
from .._training.history import History
from .._training.state import TrainingState
from .continuation import Start
from .first_values import FirstValues
from .targets import Targets


def predicting_attributes(network: MotifNetwork, targets: Targets) -> dict[str, Any]:
    """The attributes that predictions need, beside number and names of the columns."""
    attributes = {
        "network_": network,
        "n_outputs_": targets.n_outputs,
        "out_activation_": targets.out_activation,
    }
    if targets.classes is not None:
        attributes["classes_"] = targets.classes
    return attributes


def fitted_attributes(
    estimator: BaseEstimator,
    network: MotifNetwork,
    history: History,
    *,
    start: Start,
    targets: Targets,
    structure: dict[str, Any],
    first_values: FirstValues | None,
    n_rows: int,
) -> dict[str, Any]:
    """All attributes that a fitted estimator has, arrays and builtins only.

    Parameters
    ----------
    estimator : BaseEstimator
        As it was before the training.
    network : MotifNetwork
    history : History
        What the training did.
    start : Start
        What it began with; its streams and state have moved on since.
    targets : Targets
    structure : dict
        The parameters that the network was built by.
    first_values : FirstValues or None
        What a stream keeps.
    n_rows : int
        Rows that an epoch trained on.
    """
    before = {} if start.is_new else vars(estimator)
    n_before = before.get("n_iter_", 0)

    def joined(name: str, values: list) -> list:
        return [*(before.get(name) or []), *values]

    def curve(name: str, values: list) -> list:
        if start.is_new or name in before:
            return joined(name, values)
        return values[:1] * n_before + values  # a model of an earlier version: it never changed

    n_epochs, best_loss = len(history.loss_curve), min(history.loss_curve)
    scores = joined("validation_scores_", history.validation_scores)
    losses = joined("validation_loss_curve_", history.validation_loss_curve)
    state = start.state
    if not start.is_partial:
        state = TrainingState(epoch=state.epoch, n_updates_before=state.n_updates)
    return {
        **predicting_attributes(network, targets),
        "loss_curve_": joined("loss_curve_", history.loss_curve),
        "motif_size_curve_": curve("motif_size_curve_", history.motif_size_curve),
        "n_connections_curve_": curve("n_connections_curve_", history.n_connections_curve),
        "loss_": history.loss_curve[-1],
        "best_loss_": min(best_loss, before.get("best_loss_", best_loss)),
        "validation_scores_": scores or None,
        "validation_loss_curve_": losses or None,
        "best_validation_score_": max(scores, default=None),
        "_input_degrees": _input_degrees(before, history, start),
        "n_iter_": n_before + n_epochs,
        "t_": before.get("t_", 0) + n_epochs * n_rows,
        "n_layers_": len(network.layer_sizes),
        # What the next training needs to go on. The optimizer's state is twice the size of the
        # weights: partial_fit alone keeps it.
        "_streams": start.streams.states(),
        "_training_state": state.to_dict(),
        "_first_values": None if first_values is None else vars(first_values),
        "_built_by": structure,
    }


def _input_degrees(
    before: Mapping[str, Any], history: History, start: Start
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Columns with connections, and how many, in the epochs that were kept."""
    degrees = dict(before.get("_input_degrees", {})) if start.is_partial else {}
    degrees |= history.input_degrees
    if history.kept_epoch is None:
        return degrees
    return {epoch: degrees[epoch] for epoch in degrees if epoch <= history.kept_epoch}
