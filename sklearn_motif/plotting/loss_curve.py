"""LossCurveDisplay: the course of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils._optional_dependencies import check_matplotlib_support

from .pipeline import last_step
from .style import COLORS, integer_ticks, legend_above, new_axes, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE_STYLES = ("-", "--", "-.")


class LossCurveDisplay:
    """Loss of every epoch, and what was measured on the validation rows.

    Make one by :meth:`from_estimator`. All parameters are kept as attributes.

    Parameters
    ----------
    loss_curve : array-like of float, shape (n_epochs,)
        Training loss of each epoch.

    validation_loss_curve : array-like of float or None, default=None
        Loss on the validation rows after each epoch.

    validation_scores : array-like of float or None, default=None
        Score on the validation rows after each epoch.

    score_name : str, default="score"
        What `validation_scores` are, such as "accuracy".

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the losses.

    score_ax_ : matplotlib Axes or None
        Axes of the score, on the right; None where there is no score.

    figure_ : matplotlib Figure
        Figure of the axes.

    lines_ : list of matplotlib Line2D
        Training loss, then validation loss and validation score where there are such.

    See Also
    --------
    TopologyDisplay : Input connections of each feature.
    MotifTradeoffDisplay : Score and fit time of motif sizes.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_motif import MotifSETClassifier
    >>> from sklearn_motif.plotting import LossCurveDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = MotifSETClassifier((50,), early_stopping=True, tol=0.05, random_state=0)
    >>> display = LossCurveDisplay.from_estimator(classifier.fit(X, y))
    >>> [line.get_label() for line in display.lines_]
    ['training loss', 'validation loss', 'validation accuracy (right)']
    """

    def __init__(
        self,
        *,
        loss_curve: ArrayLike,
        validation_loss_curve: ArrayLike | None = None,
        validation_scores: ArrayLike | None = None,
        score_name: str = "score",
    ):
        self.loss_curve = loss_curve
        self.validation_loss_curve = validation_loss_curve
        self.validation_scores = validation_scores
        self.score_name = score_name

    def plot(self, ax: Axes | None = None, *, name: str | None = None) -> LossCurveDisplay:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes for the losses. None makes a new figure. Displays of several estimators may
            share them; each should have a name.

        name : str or None, default=None
            Comes before the labels of the lines, which then have one colour.

        Returns
        -------
        LossCurveDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        self.ax_ = ax = new_axes() if ax is None else ax
        self.figure_, self.score_ax_ = ax.figure, None
        score = f"validation {self.score_name}"
        curves = [
            (ax, "training loss", self.loss_curve),
            (ax, "validation loss", self.validation_loss_curve),
        ]
        if self.validation_scores is not None:
            self.score_ax_ = _right_axis(ax)
            self.score_ax_.set_ylabel(score)
            curves.append((self.score_ax_, f"{score} (right)", self.validation_scores))
        n_before = len({line.get_color() for line in ax.lines})
        self.lines_ = []
        for i, (axes, label, values) in enumerate(curves):
            if values is None:
                continue
            self.lines_ += axes.plot(
                np.arange(1, len(values) + 1),
                values,
                color=COLORS[(n_before + (i if name is None else 0)) % len(COLORS)],
                linestyle=LINE_STYLES[i],
                marker="o" if len(values) == 1 else None,
                label=label if name is None else plain(f"{name}: {label}"),
            )
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
        ax.xaxis.set_major_locator(integer_ticks())
        both = [ax] if self.score_ax_ is None else [ax, self.score_ax_]
        lines = [line for axes in both for line in axes.lines]
        legend_above(ax, lines)
        return self

    @classmethod
    def from_estimator(
        cls, estimator: BaseEstimator, *, ax: Axes | None = None, name: str | None = None
    ) -> LossCurveDisplay:
        """Draw the curves of a fitted estimator.

        Parameters
        ----------
        estimator : estimator instance
            A fitted MotifSETClassifier or MotifSETRegressor, a pipeline that ends in one, or
            another estimator with `loss_curve_`, such as `MLPClassifier`.

        ax : matplotlib Axes or None, default=None
            Axes for the losses. None makes a new figure.

        name : str or None, default=None
            Comes before the labels of the lines, which then have one colour.

        Returns
        -------
        LossCurveDisplay
            The display that was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        NotFittedError
            If the estimator is not fitted.
        TypeError
            If the estimator has no `loss_curve_`.
        """
        last = last_step(estimator, "loss_curve_")
        display = cls(
            loss_curve=last.loss_curve_,
            validation_loss_curve=getattr(last, "validation_loss_curve_", None),
            validation_scores=getattr(last, "validation_scores_", None),
            score_name="accuracy" if is_classifier(last) else "R²",
        )
        return display.plot(ax, name=name)


def _right_axis(ax):
    """Second vertical axis of some axes: the one of an earlier display, or a new one."""
    for other in ax.get_shared_x_axes().get_siblings(ax):
        if other is not ax and np.allclose(other.get_position().bounds, ax.get_position().bounds):
            return other
    return ax.twinx()
