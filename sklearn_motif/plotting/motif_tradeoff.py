"""MotifTradeoffDisplay: what a motif size costs and gains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils.validation import check_is_fitted

from .._cv_results import column, mean_test_scores, motif_size_name
from .style import COLORS, legend_above, new_axes, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.text import Text

MAX_GROUPS = 6
# Fit times further apart than this factor go on a logarithmic axis.
MAX_LINEAR_RATIO = 5.0


class MotifTradeoffDisplay:
    """Score against fit time, for the motif sizes of a search.

    :meth:`from_estimator` and :meth:`from_cv_results` make one. All parameters are kept as
    attributes. Each point is a candidate and holds its motif size; bars are standard
    deviations over the folds.

    Parameters
    ----------
    motif_sizes : array-like of shape (n_candidates,)
        Motif size of each candidate.

    fit_times : array-like of float, shape (n_candidates,)
        Mean seconds of a fit.

    scores : array-like of float, shape (n_candidates,)
        Mean score on the left-out parts.

    score_stds : array-like of float, shape (n_candidates,)
        Standard deviation of the score.

    groups : array-like of str, shape (n_candidates,)
        Text of the other parameters of each candidate. Up to 6 groups have a
        line each; of more, all points look alike.

    score_name : str, default="score"
        Name of the score, such as "accuracy".

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes that were drawn in.

    figure_ : matplotlib Figure
        Figure of the axes.

    errorbars_ : list of matplotlib ErrorbarContainer
        Line and bars of each group.

    texts_ : list of matplotlib Text
        The motif sizes in the points.

    See Also
    --------
    LossCurveDisplay : Loss of every epoch.
    TopologyDisplay : Input connections of each feature.

    Notes
    -----
    Fit times of a search that runs in parallel are those of a loaded machine. The first fit on
    a machine compiles the engine: run a short one before the search.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn_motif import MotifSETClassifier
    >>> from sklearn_motif.plotting import MotifTradeoffDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = MotifSETClassifier((50,), tol=0.05, random_state=0)
    >>> search = GridSearchCV(classifier, {"motif_size": [1, 2, 4]}, cv=3).fit(X, y)
    >>> display = MotifTradeoffDisplay.from_estimator(search)
    >>> [text.get_text() for text in display.texts_]
    ['1', '2', '4']
    """

    def __init__(
        self,
        *,
        motif_sizes: Sequence[int | str | Sequence[int]] | np.ndarray,
        fit_times: ArrayLike,
        scores: ArrayLike,
        score_stds: ArrayLike,
        groups: ArrayLike,
        score_name: str = "score",
    ):
        self.motif_sizes = motif_sizes
        self.fit_times = fit_times
        self.scores = scores
        self.score_stds = score_stds
        self.groups = groups
        self.score_name = score_name

    def plot(self, ax: Axes | None = None) -> MotifTradeoffDisplay:
        """Draw the candidates.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw in. None makes a new figure.

        Returns
        -------
        MotifTradeoffDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        self.ax_ = ax = new_axes() if ax is None else ax
        self.figure_ = ax.figure
        self.errorbars_: list[ErrorbarContainer] = []
        self.texts_: list[Text] = []
        groups: dict[str, list[int]] = {}  # in the order of the search
        for k, name in enumerate(np.asarray(self.groups).tolist()):
            groups.setdefault(str(name), []).append(k)
        linestyle = "-"
        if len(groups) > MAX_GROUPS:
            groups, linestyle = {"": list(range(np.size(self.scores)))}, "none"
        for (name, members), color in zip(groups.items(), COLORS, strict=False):
            self._plot_group(ax, name, members, color=color, linestyle=linestyle)
        _scale_times(ax, np.asarray(self.fit_times))
        ax.set_xlabel("mean fit time (s); the number in a point is the motif size")
        ax.set_ylabel(f"{self.score_name} in cross-validation (mean ± SD)")
        ax.margins(y=0.1)
        if len(groups) > 1:
            legend_above(ax, self.errorbars_)
        return self

    def _plot_group(
        self, ax: Axes, name: str, members: list[int], *, color: str, linestyle: str
    ) -> None:
        sizes = list(self.motif_sizes)
        times, scores = np.asarray(self.fit_times), np.asarray(self.scores)
        members = sorted(members, key=lambda k: _motif_size_order(sizes[k]))
        self.errorbars_.append(
            ax.errorbar(
                times[members],
                scores[members],
                yerr=np.asarray(self.score_stds)[members],
                color=color,
                linestyle=linestyle,
                elinewidth=1,
                capsize=3,
                label=plain_text(name),
            )
        )
        for k in members:
            # Where points overlap, the later hides the earlier, number and all.
            x, y = times[k], scores[k]
            ax.plot(x, y, "o", color=color, markersize=15, markeredgecolor="w", zorder=3)
            self.texts_.append(
                ax.text(
                    x,
                    y,
                    _motif_size_text(sizes[k]),
                    # A schedule is wider than its point.
                    color="w" if isinstance(sizes[k], int | np.integer) else "k",
                    fontsize=9,
                    ha="center",
                    va="center_baseline",
                    zorder=3,
                )
            )

    @classmethod
    def from_estimator(
        cls, search: BaseEstimator, *, metric: str = "score", ax: Axes | None = None
    ) -> MotifTradeoffDisplay:
        """Draw the candidates of a fitted search.

        Parameters
        ----------
        search : GridSearchCV, RandomizedSearchCV or another search
            A fitted search over `motif_size`, or over a parameter that ends in
            ``__motif_size``.

        metric : str, default="score"
            Metric to draw. A search with one metric calls it "score".

        ax : matplotlib Axes or None, default=None
            Axes to draw in. None makes a new figure.

        Returns
        -------
        MotifTradeoffDisplay
            The display that was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        NotFittedError
            If the search is not fitted.
        TypeError
            If `search` is not a search.
        ValueError
            If no or more than one parameter is a motif size, `metric` is unknown, or no
            candidate has a finite score.
        """
        if not hasattr(search, "cv_results_") and not hasattr(search, "cv"):
            raise TypeError(f"search must be a fitted search, not a {type(search).__name__}.")
        check_is_fitted(search, "cv_results_")
        return cls.from_cv_results(search.cv_results_, metric=metric, ax=ax)

    @classmethod
    def from_cv_results(
        cls, cv_results: Mapping[str, Any], *, metric: str = "score", ax: Axes | None = None
    ) -> MotifTradeoffDisplay:
        """Draw the candidates of a search from its `cv_results_`.

        Candidates all of whose fits failed are left out.

        Parameters
        ----------
        cv_results : dict of array-like
            `cv_results_` of a fitted search over `motif_size`, or over a parameter that ends
            in ``__motif_size``.

        metric : str, default="score"
            Metric to draw. A search with one metric calls it "score".

        ax : matplotlib Axes or None, default=None
            Axes to draw in. None makes a new figure.

        Returns
        -------
        MotifTradeoffDisplay
            The display that was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `cv_results` does not come from a search, no or more than one parameter is a
            motif size, `metric` is unknown, or no candidate has a finite score.
        """
        params = list(column(cv_results, "params"))
        name = motif_size_name(params)
        scores = mean_test_scores(cv_results, metric)
        chosen = [i for i in np.flatnonzero(np.isfinite(scores)) if name in params[i]]
        if not chosen:
            raise ValueError(f"No candidate has a finite {metric}: all fits failed.")
        display = cls(
            motif_sizes=[params[i][name] for i in chosen],
            fit_times=np.asarray(column(cv_results, "mean_fit_time"))[chosen],
            scores=scores[chosen],
            score_stds=np.asarray(column(cv_results, f"std_test_{metric}"))[chosen],
            groups=_others([params[i] for i in chosen], name),
            score_name=metric.replace("_", " "),
        )
        return display.plot(ax)


def _scale_times(ax: Axes, times: np.ndarray) -> None:
    """Horizontal axis of fit times: linear from 0, or logarithmic where they are far apart."""
    from matplotlib.ticker import LogLocator, NullLocator

    if np.max(times) > MAX_LINEAR_RATIO * np.min(times):
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_locator(NullLocator())
    else:
        ax.set_xlim(0, 1.08 * np.max(times))


def _motif_size_order(size: int | str | Sequence[int]) -> tuple[bool, int, str]:
    """Sizes first, then schedules by their text."""
    if isinstance(size, int | np.integer):
        return False, int(size), ""
    return True, 0, _motif_size_text(size)


def _motif_size_text(size: int | str | Sequence[int]) -> str:
    if isinstance(size, str | int | np.integer):
        return str(size)
    return ", ".join(map(str, size))


def _others(candidates: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    """For each candidate, the parameters other than `name` that tell candidates apart, as text."""
    keys = dict.fromkeys(key for params in candidates for key in params if key != name)
    texts = {key: [str(params.get(key)) for params in candidates] for key in keys}
    varied = [key for key in keys if len(set(texts[key])) > 1]
    return [
        ", ".join(f"{key.rpartition('__')[2]}={texts[key][i]}" for key in varied)
        for i in range(len(candidates))
    ]
