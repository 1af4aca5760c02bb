"""LossCurveDisplay: the course of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils._optional_dependencies import check_matplotlib_support

from .pipeline import last_step
from .style import COLORS, integer_ticks, legend_above, new_axes, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

LINE_STYLES = ("-", "--", "-.")


class LossCurveDisplay:
    """Loss of every epoch, and loss and score on the validation rows.

    :meth:`from_estimator` makes one. All parameters are kept as attributes.

    Parameters
    ----------
    loss_curve : array-like of float, shape (n_epochs,)
        Training loss of each epoch.

    validation_loss_curve : array-like of float or None, default=None
        Loss on the validation rows after each epoch.

    validation_scores : array-like of float or None, default=None
        Score on the validation rows after each epoch.

    score_name : str, default="score"
        Name of the score, such as "accuracy".

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the losses.

    score_ax_ : matplotlib Axes or None
        Axes of the score, on the right; None where there is no score.

    figure_ : matplotlib Figure
        Figure of the axes.

    lines_ : list of matplotlib Line2D
        Training loss, then validation loss and validation score where they were given.

    See Also
    --------
    TopologyDisplay : Input connections of each feature.
    MotifTradeoffDisplay : Score and fit time of each motif size.

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
            share them; each of these should have a name.

        name : str or None, default=None
            Name that begins the labels of the lines, which then have one color.

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
        self.figure_ = ax.figure
        self.score_ax_: Axes | None = None
        score = f"validation {self.score_name}"
        n_colors = len({line.get_color() for line in ax.lines})
        both = [ax]
        curves = [
            (ax, "training loss", self.loss_curve),
            (ax, "validation loss", self.validation_loss_curve),
        ]
        if self.validation_scores is not None:
            self.score_ax_ = _right_axis(ax)
            self.score_ax_.set_ylabel(score)
            both.append(self.score_ax_)
            curves.append((self.score_ax_, f"{score} (right)", self.validation_scores))
        self.lines_: list[Line2D] = []
        for i, (axes, label, curve) in enumerate(curves):
            if curve is None:
                continue
            values = np.asarray(curve)
            self.lines_ += axes.plot(
                np.arange(1, values.size + 1),
                values,
                color=COLORS[(n_colors + (i if name is None else 0)) % len(COLORS)],
                linestyle=LINE_STYLES[i],
                marker="o" if values.size == 1 else None,
                label=label if name is None else plain_text(f"{name}: {label}"),
            )
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
        ax.xaxis.set_major_locator(integer_ticks())
        legend_above(ax, [line for axes in both for line in axes.lines])
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
            Name that begins the labels of the lines, which then have one color.

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
            score_name=_score_name(last),
        )
        return display.plot(ax, name=name)


def _score_name(estimator: BaseEstimator) -> str:
    """Name the scores on validation rows."""
    scoring = getattr(estimator, "scoring", None)
    if scoring is None:
        return "accuracy" if is_classifier(estimator) else "R²"
    return scoring if isinstance(scoring, str) and scoring != "loss" else "score"


def _right_axis(ax: Axes) -> Axes:
    """Axes with the vertical axis on the right: those of an earlier display, or new ones."""
    for other in ax.get_shared_x_axes().get_siblings(ax):
        if other is not ax and np.allclose(other.get_position().bounds, ax.get_position().bounds):
            return other
    return ax.twinx()
