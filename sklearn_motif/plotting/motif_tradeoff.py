"""Displays: the course of a training, its wiring, and what a motif size costs and gains.

They follow scikit-learn's displays. matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils.validation import check_is_fitted

from ..model_selection import _column, _mean_test_scores, _motif_size_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Of Okabe and Ito, whose colours colour-blind readers tell apart.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
LINE_STYLES = ("-", "--", "-.")
# Names of more features than these are not legible.
MOST_ROWS = 30
MOST_IMAGES = 6
MOST_LINES = 4
MOST_GROUPS = 6
# Fit times further apart than this factor go on a logarithmic axis.
WIDEST_LINEAR = 5.0


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
        self.ax_ = ax = _new_axes() if ax is None else ax
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
                label=label if name is None else _plain(f"{name}: {label}"),
            )
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
        ax.xaxis.set_major_locator(_integer_ticks())
        both = [ax] if self.score_ax_ is None else [ax, self.score_ax_]
        lines = [line for axes in both for line in axes.lines]
        _legend_above(ax, lines)
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
        last = _last_step(estimator, "loss_curve_")
        display = cls(
            loss_curve=last.loss_curve_,
            validation_loss_curve=getattr(last, "validation_loss_curve_", None),
            validation_scores=getattr(last, "validation_scores_", None),
            score_name="accuracy" if is_classifier(last) else "R²",
        )
        return display.plot(ax, name=name)


class TopologyDisplay:
    """Input connections of each feature, and how they moved while the network learnt.

    Make one by :meth:`from_estimator`. All parameters are kept as attributes. With `image_shape`
    there is an image of the features for each of a few epochs. Up to 30 features are the rows
    of a table whose columns are epochs. More features are points, with lines that average over
    neighbouring features for each of a few epochs.

    Parameters
    ----------
    degrees : dict of str to array-like of int, shape (n_features,)
        Input connections of each feature; the keys say when, such as "epoch 2".

    feature_names : array-like of str, shape (n_features,), or None, default=None
        Names of the features. None: their indices.

    image_shape : tuple of two int or None, default=None
        Rows and columns of the image whose pixels are the features, in C order.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes that were given or made. Images are inset into it.

    figure_ : matplotlib Figure
        Figure of the axes.

    images_ : list of matplotlib AxesImage
        An image an epoch, or the table; empty for more features.

    lines_ : list of matplotlib Line2D
        Points of the features and their averages; empty where there are images.

    Raises
    ------
    ValueError
        If the parameters disagree about the number of features.

    See Also
    --------
    LossCurveDisplay : Loss of every epoch.
    MotifTradeoffDisplay : Score and fit time of motif sizes.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_motif import MotifSETClassifier
    >>> from sklearn_motif.plotting import TopologyDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> classifier = MotifSETClassifier((50,), tol=0.05, random_state=0).fit(X / 16, y)
    >>> display = TopologyDisplay.from_estimator(classifier, image_shape=(8, 8))
    >>> [image.axes.get_title() for image in display.images_][:2]
    ['start', 'epoch 2']
    """

    def __init__(
        self,
        *,
        degrees: Mapping[str, ArrayLike],
        feature_names: ArrayLike | None = None,
        image_shape: tuple[int, int] | None = None,
    ):
        self.degrees = degrees
        self.feature_names = feature_names
        self.image_shape = image_shape
        sizes = {np.size(values) for values in degrees.values()}
        if len(sizes) != 1:
            raise ValueError(f"degrees must be of one number of features; got {sorted(sizes)}.")
        (n_features,) = sizes
        if feature_names is not None and len(feature_names) != n_features:
            raise ValueError(
                f"feature_names must name {n_features} features; got {len(feature_names)} names."
            )
        if image_shape is not None and np.prod(image_shape) != n_features:
            raise ValueError(
                "image_shape must be (rows, columns), whose product is the number of features, "
                f"{n_features}; got {image_shape}."
            )

    def plot(self, ax: Axes | None = None, *, cmap: Any = "viridis") -> TopologyDisplay:
        """Draw the connections.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw in. None makes a new figure.

        cmap : str or matplotlib Colormap, default="viridis"
            Colours of the counts, or of the epochs.

        Returns
        -------
        TopologyDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        import matplotlib

        self.ax_ = _new_axes() if ax is None else ax
        self.figure_, self.images_, self.lines_ = self.ax_.figure, [], []
        cmap = matplotlib.colormaps.get_cmap(cmap)
        if self.image_shape is not None:
            self._plot_images(*self._epochs(MOST_IMAGES), cmap)
        elif np.size(next(iter(self.degrees.values()))) <= MOST_ROWS:
            self._plot_table(*self._epochs(len(self.degrees)), cmap)
        else:
            self._plot_lines(*self._epochs(MOST_LINES), cmap)
        return self

    def _epochs(self, most):
        """Labels and counts of at most so many epochs, the first and the last among them."""
        labels, n = list(self.degrees), len(self.degrees)
        chosen = np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))
        return [labels[i] for i in chosen], np.array([self.degrees[labels[i]] for i in chosen])

    def _plot_images(self, labels, degrees, cmap):
        # Single pixels do not use up the colour scale.
        low, high = np.percentile(degrees, (1, 99))
        n_columns = len(labels) if len(labels) <= 3 else -(-len(labels) // 2)
        n_rows = -(-len(labels) // n_columns)
        self.ax_.set_axis_off()
        for i, (label, values) in enumerate(zip(labels, degrees, strict=True)):
            row, column = divmod(i, n_columns)
            place = [column / n_columns, 1 - (row + 1) / n_rows, 0.95 / n_columns, 0.86 / n_rows]
            axes = self.ax_.inset_axes(place)
            axes.set(xticks=[], yticks=[], title=label)
            image = values.reshape(self.image_shape)
            self.images_.append(axes.imshow(image, cmap=cmap, vmin=low, vmax=high))
        self._add_colorbar(extend="both")

    def _plot_table(self, labels, degrees, cmap):
        self.images_ = [self.ax_.imshow(degrees.T, cmap=cmap, aspect="auto")]
        names = np.arange(degrees.shape[1]) if self.feature_names is None else self.feature_names
        small = {"fontsize": 9 if len(names) <= 15 else 6.5}
        self.ax_.set_yticks(range(len(names)), list(map(_plain, names)), **small)
        self.ax_.set_xticks(range(len(labels)), [s.removeprefix("epoch ") for s in labels])
        self.ax_.set(xlabel="epoch", ylabel="feature" if self.feature_names is None else None)
        middle = (degrees.min() + degrees.max()) / 2
        for (column, row), count in np.ndenumerate(degrees):
            color = "k" if count > middle else "w"
            self.ax_.text(column, row, count, color=color, ha="center", va="center", **small)
        self._add_colorbar()

    def _plot_lines(self, labels, degrees, cmap):
        n_features = degrees.shape[1]
        window = 2 * (n_features // 30) + 1
        n_neighbours = np.convolve(np.ones(n_features), np.ones(window), "same")
        size = np.clip(60 / np.sqrt(n_features), 1, 4)
        self.lines_ = self.ax_.plot(
            degrees[-1], ".", color="0.7", markersize=size, label=f"each feature, {labels[-1]}"
        )
        for label, values, shade in zip(
            labels, degrees, np.linspace(0.9, 0.15, len(labels)), strict=True
        ):
            means = np.convolve(values, np.ones(window), "same") / n_neighbours
            self.lines_ += self.ax_.plot(means, color=cmap(shade), label=label)
        self.ax_.set_xlabel(f"feature (lines: mean over {window} neighbours)")
        self.ax_.set_ylabel("input connections")
        _legend_above(self.ax_, self.lines_)

    def _add_colorbar(self, **options):
        self.figure_.colorbar(
            self.images_[0],
            ax=self.ax_,
            label="input connections",
            ticks=_integer_ticks(),
            **options,
        )

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        feature_names: ArrayLike | None = None,
        image_shape: tuple[int, int] | None = None,
        ax: Axes | None = None,
        cmap: Any = "viridis",
    ) -> TopologyDisplay:
        """Draw the input connections of a fitted estimator.

        Parameters
        ----------
        estimator : estimator instance
            A fitted MotifSETClassifier or MotifSETRegressor, or a pipeline that ends in one.

        feature_names : array-like of str, shape (n_features,), or None, default=None
            Names of the features that the network sees. None: those that it was fitted with,
            or their indices.

        image_shape : tuple of two int or None, default=None
            Rows and columns of the image whose pixels are the features, in C order.

        ax : matplotlib Axes or None, default=None
            Axes to draw in. None makes a new figure.

        cmap : str or matplotlib Colormap, default="viridis"
            Colours of the counts, or of the epochs.

        Returns
        -------
        TopologyDisplay
            The display that was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        NotFittedError
            If the estimator is not fitted.
        TypeError
            If the estimator is none of this package.
        ValueError
            If `feature_names` or `image_shape` do not fit the number of features.
        """
        last = _last_step(estimator, "input_degrees_")
        degrees = {
            "start" if epoch == 1 else f"epoch {epoch}": values
            for epoch, values in last.input_degrees_.items()
        }
        fitted = last.network_.input_degrees()
        if np.array_equal(list(degrees.values())[-1], fitted):
            degrees.popitem()  # nothing moved since
        degrees["fitted"] = fitted
        if feature_names is None:
            feature_names = _feature_names(estimator, last)
        display = cls(degrees=degrees, feature_names=feature_names, image_shape=image_shape)
        return display.plot(ax, cmap=cmap)


class MotifTradeoffDisplay:
    """Score against fit time, for the motif sizes of a search.

    Make one by :meth:`from_estimator` or :meth:`from_cv_results`. All parameters are kept as
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
        The other parameters of each candidate. Up to 6 groups have a line each; more are not
        told apart.

    score_name : str, default="score"
        What the score is.

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
        motif_sizes: ArrayLike,
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
        from matplotlib.ticker import LogLocator, NullLocator

        self.ax_ = ax = _new_axes() if ax is None else ax
        self.figure_, self.errorbars_, self.texts_ = ax.figure, [], []
        groups = np.asarray(self.groups)
        names = list(dict.fromkeys(groups.tolist()))  # in the order of the search
        linestyle = "-"
        if len(names) > MOST_GROUPS:
            groups, names, linestyle = np.zeros(groups.size), [0], "none"
        for name, color in zip(names, COLORS, strict=False):
            members = np.flatnonzero(groups == name)
            members = sorted(members, key=lambda k: _motif_size_order(self.motif_sizes[k]))
            bars = ax.errorbar(
                np.asarray(self.fit_times)[members],
                np.asarray(self.scores)[members],
                yerr=np.asarray(self.score_stds)[members],
                color=color,
                linestyle=linestyle,
                elinewidth=1,
                capsize=3,
                label=_plain(name),
            )
            self.errorbars_.append(bars)
            for k in members:
                # Where points overlap, the later hides the earlier, number and all.
                point = (self.fit_times[k], self.scores[k])
                disc = {"color": color, "markersize": 15, "markeredgecolor": "w", "zorder": 3}
                ax.plot(*point, "o", **disc)
                self.texts_.append(
                    ax.text(
                        *point,
                        _motif_size_text(self.motif_sizes[k]),
                        # A schedule is wider than its point.
                        color="w" if isinstance(self.motif_sizes[k], Integral) else "k",
                        fontsize=9,
                        ha="center",
                        va="center_baseline",
                        zorder=3,
                    )
                )
        if np.max(self.fit_times) > WIDEST_LINEAR * np.min(self.fit_times):
            ax.set_xscale("log")
            ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            ax.xaxis.set_major_formatter("{x:g}")
            ax.xaxis.set_minor_locator(NullLocator())
        else:
            ax.set_xlim(0, 1.08 * np.max(self.fit_times))
        ax.set_xlabel("mean fit time (s); the number in a point is the motif size")
        ax.set_ylabel(f"{self.score_name} in cross-validation (mean ± SD)")
        ax.margins(y=0.1)
        if len(names) > 1:
            _legend_above(ax, self.errorbars_)
        return self

    @classmethod
    def from_estimator(
        cls, search: BaseEstimator, *, metric: str = "score", ax: Axes | None = None
    ) -> MotifTradeoffDisplay:
        """Draw the candidates of a fitted search.

        Parameters
        ----------
        search : GridSearchCV, RandomizedSearchCV or the like
            A fitted search over `motif_size`, or over a parameter that ends in
            ``__motif_size``.

        metric : str, default="score"
            Metric to draw; "score" is the only one of a search that has one.

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
            If it is no search.
        ValueError
            As :meth:`from_cv_results`.
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
            Metric to draw; "score" is the only one of a search that has one.

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
            If `cv_results` is none of a search, no or more than one parameter is a motif
            size, `metric` is unknown, or no candidate has a finite score.
        """
        params = list(_column(cv_results, "params"))
        name = _motif_size_name(params)
        scores = _mean_test_scores(cv_results, metric)
        chosen = [i for i in np.flatnonzero(np.isfinite(scores)) if name in params[i]]
        if not chosen:
            raise ValueError(f"No candidate has a finite {metric}: all fits failed.")
        display = cls(
            motif_sizes=[params[i][name] for i in chosen],
            fit_times=np.asarray(_column(cv_results, "mean_fit_time"))[chosen],
            scores=scores[chosen],
            score_stds=np.asarray(_column(cv_results, f"std_test_{metric}"))[chosen],
            groups=_others([params[i] for i in chosen], name),
            score_name=metric.replace("_", " "),
        )
        return display.plot(ax)


def _motif_size_order(size):
    """Sizes first, then schedules by their text."""
    is_size = isinstance(size, Integral)
    return not is_size, int(size) if is_size else 0, _motif_size_text(size)


def _motif_size_text(size):
    if isinstance(size, str | Integral):
        return str(size)
    return ", ".join(map(str, size))


def _new_axes():
    """Axes of a new figure, which makes room for the legend above them."""
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _integer_ticks():
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator("auto", integer=True, min_n_ticks=1)


def _right_axis(ax):
    """Second vertical axis of some axes: the one of an earlier display, or a new one."""
    for other in ax.get_shared_x_axes().get_siblings(ax):
        if other is not ax and np.allclose(other.get_position().bounds, ax.get_position().bounds):
            return other
    return ax.twinx()


def _legend_above(ax, handles):
    """Legend outside the axes, so that it hides nothing."""
    longest = max(len(handle.get_label()) for handle in handles)
    ax.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=int(np.clip(105 // (longest + 6), 1, len(handles))),
        frameon=False,
        fontsize="small",
    )


def _plain(text):
    """A text in which matplotlib sees no mathematics."""
    return str(text).replace("$", r"\$")


def _others(candidates, name):
    """The parameters other than `name` that tell candidates apart, a text each."""
    keys = dict.fromkeys(key for params in candidates for key in params if key != name)
    texts = {key: [str(params.get(key)) for params in candidates] for key in keys}
    varied = [key for key in keys if len(set(texts[key])) > 1]
    return [
        ", ".join(f"{key.rpartition('__')[2]}={texts[key][i]}" for key in varied)
        for i in range(len(candidates))
    ]


def _feature_names(estimator, last):
    """Names of the features that the last step sees, or None."""
    if last is not estimator and hasattr(estimator, "feature_names_in_"):
        try:
            return estimator[:-1].get_feature_names_out()
        except AttributeError:  # a step that does not know its names
            return None
    return getattr(last, "feature_names_in_", None)


def _last_step(estimator, attribute):
    """The fitted estimator, or the last step of a pipeline, which must have an attribute."""
    check_is_fitted(estimator)
    last = estimator
    while isinstance(last, Pipeline):
        last = last[-1]
    if not hasattr(last, attribute):
        raise TypeError(
            "estimator must be a fitted MotifSETClassifier or MotifSETRegressor, or a Pipeline "
            f"that ends in one; {type(last).__name__} has no {attribute}."
        )
    return last
