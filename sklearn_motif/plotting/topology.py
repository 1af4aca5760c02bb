"""TopologyDisplay: the wiring of the input features, and how it moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils._optional_dependencies import check_matplotlib_support

from .pipeline import last_step
from .style import integer_ticks, legend_above, new_axes, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.image import AxesImage
    from matplotlib.lines import Line2D

# More names of features are not legible.
MAX_ROWS = 30
MAX_IMAGES = 6
MAX_LINES = 4


class TopologyDisplay:
    """Input connections of each feature, and how they moved while the network learned.

    A feature is a column of X. Its input connections are those of all inputs of the network
    that are made of it: value, bins, categories, missing values. A feature that was left out
    has none.

    :meth:`from_estimator` makes one. All parameters are kept as attributes. With `image_shape`
    there is an image of the features for each of a few epochs. Up to 30 features are the rows
    of a table whose columns are epochs. More features are points, and lines show averages over
    neighboring features for each of a few epochs.

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
        One image for each epoch, or the table. Empty where features are points.

    lines_ : list of matplotlib Line2D
        Points of the features, then their averages. Empty where there are images.

    Raises
    ------
    ValueError
        If the parameters disagree about the number of features.

    See Also
    --------
    LossCurveDisplay : Loss of every epoch.
    MotifTradeoffDisplay : Score and fit time of each motif size.

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
        if feature_names is not None and np.size(feature_names) != n_features:
            raise ValueError(
                f"feature_names must name {n_features} features; got {np.size(feature_names)} "
                "names."
            )
        if image_shape is not None and np.prod(image_shape) != n_features:
            raise ValueError(
                "image_shape must be (rows, columns), whose product is the number of features, "
                f"{n_features}; got {image_shape}."
            )

    def plot(self, ax: Axes | None = None, *, cmap: str | Colormap = "viridis") -> TopologyDisplay:
        """Draw the connections.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw in. None makes a new figure.

        cmap : str or matplotlib Colormap, default="viridis"
            Colors of the counts, or of the epochs.

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

        self.ax_ = new_axes() if ax is None else ax
        self.figure_ = self.ax_.figure
        self.images_: list[AxesImage] = []
        self.lines_: list[Line2D] = []
        cmap = matplotlib.colormaps.get_cmap(cmap)
        if self.image_shape is not None:
            self._plot_images(self.image_shape, cmap)
        elif np.size(next(iter(self.degrees.values()))) <= MAX_ROWS:
            self._plot_table(cmap)
        else:
            self._plot_lines(cmap)
        return self

    def _epochs(self, maximum: int) -> tuple[list[str], np.ndarray]:
        """Labels and counts of at most `maximum` epochs, the first and the last among them."""
        labels, n = list(self.degrees), len(self.degrees)
        chosen = np.unique(np.linspace(0, n - 1, min(n, maximum)).round().astype(int))
        return [labels[i] for i in chosen], np.array([self.degrees[labels[i]] for i in chosen])

    def _plot_images(self, shape: tuple[int, int], cmap: Colormap) -> None:
        labels, degrees = self._epochs(MAX_IMAGES)
        # Single pixels do not use up the color scale.
        low, high = np.percentile(degrees, (1, 99))
        n_columns = len(labels) if len(labels) <= 3 else -(-len(labels) // 2)
        n_rows = -(-len(labels) // n_columns)
        self.ax_.set_axis_off()
        for i, (label, values) in enumerate(zip(labels, degrees, strict=True)):
            row, column = divmod(i, n_columns)
            left, bottom = column / n_columns, 1 - (row + 1) / n_rows
            axes = self.ax_.inset_axes((left, bottom, 0.95 / n_columns, 0.86 / n_rows))
            axes.set(xticks=[], yticks=[], title=label)
            image = values.reshape(shape)
            self.images_.append(axes.imshow(image, cmap=cmap, vmin=low, vmax=high))
        self._add_colorbar(extend="both")

    def _plot_table(self, cmap: Colormap) -> None:
        labels, degrees = self._epochs(len(self.degrees))
        self.images_ = [self.ax_.imshow(degrees.T, cmap=cmap, aspect="auto")]
        n_features = degrees.shape[1]
        names = range(n_features) if self.feature_names is None else self.feature_names
        texts = [plain_text(name) for name in np.asarray(names, dtype=object)]
        fontsize = 9 if n_features <= 15 else 6.5
        self.ax_.set_yticks(range(n_features), texts, fontsize=fontsize)
        self.ax_.set_xticks(range(len(labels)), [s.removeprefix("epoch ") for s in labels])
        self.ax_.set(xlabel="epoch", ylabel="feature" if self.feature_names is None else None)
        middle = (degrees.min() + degrees.max()) / 2
        for (column, row), count in np.ndenumerate(degrees):
            color = "k" if count > middle else "w"
            self.ax_.text(
                column, row, str(count), color=color, ha="center", va="center", fontsize=fontsize
            )
        self._add_colorbar()

    def _plot_lines(self, cmap: Colormap) -> None:
        labels, degrees = self._epochs(MAX_LINES)
        n_features = degrees.shape[1]
        window = 2 * (n_features // 30) + 1
        n_neighbors = np.convolve(np.ones(n_features), np.ones(window), "same")
        size = np.clip(60 / np.sqrt(n_features), 1, 4)
        self.lines_ = self.ax_.plot(
            degrees[-1], ".", color="0.7", markersize=size, label=f"each feature, {labels[-1]}"
        )
        for label, values, shade in zip(
            labels, degrees, np.linspace(0.9, 0.15, len(labels)), strict=True
        ):
            means = np.convolve(values, np.ones(window), "same") / n_neighbors
            self.lines_ += self.ax_.plot(means, color=cmap(shade), label=label)
        self.ax_.set_xlabel(f"feature (lines: mean over {window} neighbors)")
        self.ax_.set_ylabel("input connections")
        legend_above(self.ax_, self.lines_)

    def _add_colorbar(self, *, extend: str | None = None) -> None:
        self.figure_.colorbar(
            self.images_[0],
            ax=self.ax_,
            label="input connections",
            ticks=integer_ticks(),
            extend=extend,
        )

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        feature_names: ArrayLike | None = None,
        image_shape: tuple[int, int] | None = None,
        ax: Axes | None = None,
        cmap: str | Colormap = "viridis",
    ) -> TopologyDisplay:
        """Draw the input connections of a fitted estimator.

        Parameters
        ----------
        estimator : estimator instance
            A fitted MotifSETClassifier or MotifSETRegressor, or a pipeline that ends in one.

        feature_names : array-like of str, shape (n_features,), or None, default=None
            Names of the columns that the network was fitted with. None: those that it knows, or
            their indices.

        image_shape : tuple of two int or None, default=None
            Rows and columns of the image whose pixels are the features, in C order.

        ax : matplotlib Axes or None, default=None
            Axes to draw in. None makes a new figure.

        cmap : str or matplotlib Colormap, default="viridis"
            Colors of the counts, or of the epochs.

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
            If the estimator is not one of this package.
        ValueError
            If `feature_names` or `image_shape` do not fit the number of features.
        """
        last = last_step(estimator, "input_degrees_")
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


def _feature_names(estimator: BaseEstimator, last: BaseEstimator) -> ArrayLike | None:
    """Names of the features that the last step of an estimator sees; None where none are known."""
    if last is not estimator and hasattr(estimator, "feature_names_in_"):
        try:
            return estimator[:-1].get_feature_names_out()
        except AttributeError:  # a step that does not know its names
            return None
    return getattr(last, "feature_names_in_", None)
