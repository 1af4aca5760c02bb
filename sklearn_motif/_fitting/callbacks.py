"""What a fit tells the callbacks that scikit-learn has from 1.9 on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._network import MotifNetwork
from .._training.history import History

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Takes its place where scikit-learn has no callbacks."""


Describe = Callable[[MotifNetwork, History], dict[str, Any]]


class FitCallbacks:
    """Tells an estimator's callbacks about a fit and its epochs.

    Parameters
    ----------
    estimator : estimator instance
    given : dict
        What `fit` was given, by the names of the callbacks' parameters.
    max_iter : int
    """

    def __init__(self, estimator: Any, given: dict[str, Any], max_iter: int):
        self._arguments = {"estimator": estimator, **given}
        self._context = estimator._init_callback_context(max_subtasks=max_iter)
        self._context.call_on_fit_task_begin(**self._arguments)

    def monitor(self, describe: Describe) -> EpochMonitor | None:
        """An object that tells of epochs; None where nobody listens.

        `describe` gives the fitted attributes for a network and the history so far.
        """
        if not hasattr(self._arguments["estimator"], "_skl_callbacks"):
            return None
        return EpochMonitor(self._context, self._arguments, describe)

    def end(self, fitted: dict[str, Any]) -> None:
        """Tell of the end, before the estimator changes: a callback may fail, too."""
        self._context.call_on_fit_task_end(
            **self._arguments, reconstruction_attributes=lambda: fitted
        )


class EpochMonitor:
    """Tells callbacks about every epoch of a fit."""

    def __init__(self, context: Any, arguments: dict[str, Any], describe: Describe):
        self._context = context
        self._arguments = arguments
        self._describe = describe

    def begin(self) -> None:
        """Tell that an epoch begins."""
        self._epoch = self._context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._arguments)

    def end(self, network: MotifNetwork, history: History) -> bool:
        """Tell that an epoch ends; gives whether a callback wants to stop the training."""
        # The network is trained on in place: whoever wants to keep it gets a copy.
        return self._epoch.call_on_fit_task_end(
            **self._arguments,
            reconstruction_attributes=lambda: self._describe(network.copy(), history),
        )


def fit_callbacks(
    estimator: Any, given: dict[str, Any], max_iter: int, *, is_partial: bool
) -> FitCallbacks | None:
    """Begin to tell of a fit; None in `partial_fit`, and where scikit-learn has no callbacks."""
    if is_partial or not hasattr(estimator, "_init_callback_context"):
        return None
    return FitCallbacks(estimator, given, max_iter)
