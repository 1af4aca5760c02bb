"""The public estimators: their signatures and what they promise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin, RegressorMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils._tags import Tags

from ._base import BaseMotifSET
from ._documentation import documented
from ._fitting.targets import known_targets
from ._fitting.validation import GivenRows


@documented(
    stratified=", stratified by class unless y is multilabel",
    alpha="",
    tol="",
    loss="with the L2 penalty and the smoothing of labels",
    validation_loss="without the L2 penalty and the smoothing of labels",
    intercepts="",
    default_score="accuracy",
    n_outputs="1 for two classes, else the number of classes or labels",
    out_activation="""{"logistic", "softmax"}
    Activation of the outputs: for two classes and multilabel y, and for more classes.""",
    class_weight="""
label_smoothing : float in [0, 1), default=0.1
    Share of the target that all classes get in equal parts in training, or both values of a
    label: the class of a row gets 1 - `label_smoothing` beside its part. It regularizes, which
    raises accuracy. Probabilities are those of labels without it: :meth:`predict_proba` takes
    back what the last training smoothed, so that rare classes stay rare.

class_weight : dict, "balanced" or None, default=None
    Weights of classes, by which those of rows are multiplied. "balanced": inverse to the
    weight of all rows of a class. Not for multilabel y.
""",
    widened="",
)
class MotifSETClassifier(ClassifierMixin, BaseMotifSET):
    """Truly sparse multilayer perceptron whose wiring evolves while it learns.

    Layers are joined by a sparse random graph. Between epochs the weakest connections are
    pruned and as many new ones grown (Sparse Evolutionary Training, SET [1]_). Neurons are
    grouped into motifs of `motif_size`, which share their connections [2]_. Nothing of size
    n_in × n_out is ever allocated. The loss is the cross-entropy, for multilabel y the sum of
    the binary cross-entropies.

    X is taken as people have it: frames and arrays of numbers and categories, of any scale, with
    missing values. What the columns become in the network is learned from the training rows:
    scaled values and bins of numbers, an input for each category, and one for missing values
    where a column misses some. Columns that hold a single value, or none, are left out.

    Parameters
    ----------
    <parameters>

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels; for multilabel y the numbers of the labels.

    <attributes>

    See Also
    --------
    MotifSETRegressor : Sparse multilayer perceptron for regression.
    sklearn.neural_network.MLPClassifier : Dense multilayer perceptron.

    Notes
    -----
    The network computes in float32, but for fewer than 200 training rows that are not float32,
    see `precision`; outputs are float32 where the training rows were, else float64. The first
    fit on a machine compiles the engine, which takes some ten seconds; the result is cached on
    disk.

    References
    ----------
    <references>

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_motif import MotifSETClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> classifier = MotifSETClassifier((300,), tol=0.01, random_state=0)
    >>> bool(classifier.fit(X_train, y_train).score(X_test, y_test) > 0.95)
    True
    >>> classifier.feature_importances_.shape
    (64,)

    Columns may hold categories and miss values:

    >>> ages = [31.0, None, 47.0, 25.0, 52.0, 38.0]
    >>> pets = ["cat", "dog", "cat", None, "dog", "cat"]
    >>> X = [list(row) for row in zip(ages, pets)]
    >>> small = MotifSETClassifier((20,), categorical_features=[1], encode_features=False)
    >>> small.fit(X, [0, 1, 0, 1, 1, 0]).input_names_.tolist()
    ['x0', 'x1=cat', 'x1=dog', 'x0 missing', 'x1 missing']
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseMotifSET._parameter_constraints,
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        hidden_layer_sizes: tuple[int, ...] | int = (1000, 1000),
        *,
        motif_size: int | Sequence[int] | str = 2,
        epsilon: float = 20,
        weight_sharing: str = "scaled",
        activation: str = "relu",
        solver: str = "adam",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate: str = "cosine",
        learning_rate_init: float = 0.003,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        max_iter: int | str = "auto",
        tol: float = 1e-4,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        scoring: str | Callable | None = None,
        n_iter_no_change: int = 10,
        shuffle: bool = True,
        dropout: float | str = "auto",
        zeta: float = 0.3,
        zeta_schedule: str = "cosine",
        evolve_every: int | str = "auto",
        prune: str = "magnitude",
        grow: str = "random",
        group_features: bool | str = "auto",
        screen_features: bool = True,
        feature_shape: tuple[int, ...] | None = None,
        scale_features: str | bool = "auto",
        encode_features: str | int = "auto",
        categorical_features: ArrayLike | str | None = "from_dtype",
        label_smoothing: float = 0.1,
        class_weight: dict | str | None = None,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
        precision: str = "auto",
        verbose: bool = False,
    ):
        self._keep(locals())

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> MotifSETClassifier:
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows: an array or a frame of pandas or polars. Columns hold numbers or
            categories; either may be missing, as NaN, None or NA. Sparse X holds numbers.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels, of at least two classes; or 0 and 1 for each of several labels.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts, not negative. None: 1 each.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows to validate on after each epoch, with the columns of X. With
            ``early_stopping=True`` they decide.
        y_val : array-like of shape (n_val,) or (n_val, n_labels), default=None
            Labels of the rows of `X_val`, of the classes in `y`.
        sample_weight_val : array-like of shape (n_val,), default=None
            What each row of `X_val` counts, not negative. None: 1 each.

        Returns
        -------
        MotifSETClassifier
            The fitted estimator itself.

        Raises
        ------
        TypeError
            If X, y or weights hold objects that are no numbers, strings or booleans, if only some
            names of columns are strings, or if y holds labels that cannot be sorted.
        ValueError
            If X holds infinity or is sparse and holds NaN, a column of X holds neither numbers
            nor categories, y misses values or holds one class only, a parameter is out of its
            range, `scoring` gives no finite number, or the training diverges.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` ended the training, not its loss or validation score, and
            `learning_rate` is not "cosine". If the network has learned next to nothing: its loss
            on up to 2000 training rows is more than 99 % of that of a constant, or 90 % after
            fewer than 300 updates.
        UserWarning
            If the rows to validate on miss values in columns of numbers that missed none in the
            rows to train on, which count as the median of their column, or if a column of
            categories holds none that is known; or if most values of a column of `X_val`
            lie far outside its range in the training rows, as of rows that were not scaled alike.
            If the engine has to be compiled, and no directory can be written to keep it.
        """
        given = GivenRows.of(X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, given_validation=given)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> MotifSETClassifier:
        """Train for one epoch on some rows, going on from what was learned before.

        A stream has no length unless `max_iter` gives one: then its calls are the epochs of a fit;
        otherwise it learns at a rate that falls from three times `learning_rate_init` to half of
        it, and goes on learning and evolving for ever. Without a length 1000 rows count as an
        epoch, however many a call has, and a call evolves the wiring once at most. What goes on
        from :meth:`fit` counts its updates, too, and has a lower rate from the start. Ctrl-C in a
        call is raised, and leaves the estimator as it was before.

        Scale, bins and categories of a column are learned from its first 500 values; if these are
        all equal, they and those that follow count as one until another comes. Every column has its
        inputs from the first call on, but for two kinds: one for a new category or for a first
        missing value, which comes with it as long as fewer values of the column have come; and all
        those of a column of a frame without any value, which come with its first one.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, as those of :meth:`fit`. Predictions have the dtype of the first call.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels; or 0 and 1 for each of several labels.
        classes : array-like of shape (n_classes,), default=None
            All class labels that will ever come. Needed in the first call, unless y is
            multilabel or :meth:`fit` came before.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts beside the others of this call, not negative. None: 1 each.

        Returns
        -------
        MotifSETClassifier
            The fitted estimator itself.

        Raises
        ------
        TypeError
            In the cases of :meth:`fit`.
        ValueError
            In the cases of :meth:`fit`; if `classes` is missing, or not as it was; if y holds a
            label that is not among them, or X other columns than before; for
            ``class_weight="balanced"`` and ``early_stopping=True``, which need all rows.

        Warns
        -----
        UserWarning
            If X misses values in columns of numbers of which the first values, or those that
            :meth:`fit` was given, missed none, which count as the median of their column; or if a
            column of categories holds none that is known.
            If the engine has to be compiled, and no directory can be written to keep it.
        """
        self._check_can_stream()
        return self._fit(X, y, sample_weight, classes=classes, is_partial=True)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Predict the most probable class of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict, with the columns of the training rows. What is missing in a column of
            numbers that missed nothing in training counts as its median, with a warning; unknown
            categories are none of the known ones.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels from `classes_`: that of the largest score of :meth:`decision_function`, for two
            classes ``classes_[1]`` where it is positive. For multilabel y, 1 where the score of a
            label is positive, else 0. Probabilities say the same: the largest, or above one half.

        Warns
        -----
        UserWarning
            If X misses values in columns of numbers that missed none in training, or if a column
            of categories holds none that is known.
        """
        scores = self._scores(X)
        decided = known_targets(self).decide(scores)
        return decided if decided.ndim == 2 else self.classes_[decided]

    def decision_function(self, X: ArrayLike) -> np.ndarray:
        """Give the scores of the classes: the sums of the last layer, before any activation.

        They rank rows also where probabilities are rounded to equal ones. :meth:`predict` goes by
        them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict, with the columns of the training rows. What is missing in a column of
            numbers that missed nothing in training counts as its median, with a warning; unknown
            categories are none of the known ones.

        Returns
        -------
        ndarray of shape (n_samples,), (n_samples, n_classes) or (n_samples, n_labels)
            For two classes the log-odds of ``classes_[1]``, for more the logarithms of
            probabilities up to a constant of the row, for multilabel y the log-odds of each label;
            all with the smoothing that the network was trained with, which :meth:`predict_proba`
            takes back. The dtype is that of probabilities. The bits of a row do not depend on the
            other rows.

        Warns
        -----
        UserWarning
            If X misses values in columns of numbers that missed none in training, or if a column
            of categories holds none that is known.
        """
        scores = self._scores(X)
        return scores.ravel() if scores.shape[1] == 1 else scores

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Predict class probabilities.

        They are those of the labels as they are: what `label_smoothing` added in the last training
        is taken back, and networks of many classes, which it leaves too cautious, are made more
        certain. A class that gets no more than smoothing gives to every class comes near 0, the
        nearer the rarer it was in training, but never to 0. The user guide has the formula. It
        changes no label: the largest of a row stays the largest. Probabilities next to 0 or 1 may
        be equal where :meth:`decision_function` still ranks.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict, with the columns of the training rows. What is missing in a column of
            numbers that missed nothing in training counts as its median, with a warning; unknown
            categories are none of the known ones.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            Probabilities in the order of `classes_` and in the dtype of the training rows, for
            multilabel y that of each label. The bits of a row do not depend on the other rows.

        Warns
        -----
        UserWarning
            If X misses values in columns of numbers that missed none in training, or if a column
            of categories holds none that is known.
        """
        scores = self._scores(X)
        return self.network_.outputs.probabilities(scores)

    def predict_log_proba(self, X: ArrayLike) -> np.ndarray:
        """Predict logarithms of the class probabilities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict, with the columns of the training rows. What is missing in a column of
            numbers that missed nothing in training counts as its median, with a warning; unknown
            categories are none of the known ones.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            ``log(predict_proba(X))``; a probability of 0, which takes ``label_smoothing=0``, gives
            -inf.

        Warns
        -----
        UserWarning
            If X misses values in columns of numbers that missed none in training, or if a column
            of categories holds none that is known.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@documented(
    stratified="",
    alpha=" It is added\n    to the loss of scaled targets.",
    tol=" of scaled\n    targets",
    loss="with the L2 penalty, of scaled targets",
    validation_loss="without the L2 penalty, of scaled targets",
    intercepts=" Those of the outputs are of\n    scaled targets.",
    default_score="the coefficient of determination",
    n_outputs="the number of targets",
    out_activation="""{"identity"}
    Activation of the outputs.""",
    class_weight="",
    widened=", see\n    :meth:`predict`",
)
class MotifSETRegressor(RegressorMixin, BaseMotifSET):
    """Truly sparse multilayer perceptron for regression, whose wiring evolves while it learns.

    Wiring, motifs and columns are those of :class:`MotifSETClassifier`. There may be one target or
    several. The network learns scaled targets, y minus its mean over its standard deviation, so
    that neither offset nor size of a target matters; the loss is half the squared error of
    these, summed over the targets. Predictions and scores are in the units of y.

    Parameters
    ----------
    <parameters>

    Attributes
    ----------
    <attributes>

    See Also
    --------
    MotifSETClassifier : Sparse multilayer perceptron for classification.
    sklearn.neural_network.MLPRegressor : Dense multilayer perceptron.

    Notes
    -----
    The network computes in float32, but for fewer than 200 training rows that are not float32,
    see `precision`; outputs are float32 where the training rows were and float32 tells the
    targets apart, else float64. The first fit on a machine compiles the engine, which takes some
    ten seconds; the result is cached on disk.

    References
    ----------
    <references>

    Examples
    --------
    >>> from sklearn.datasets import make_friedman1
    >>> from sklearn_motif import MotifSETRegressor
    >>> X, y = make_friedman1(1000, noise=1.0, random_state=0)
    >>> regressor = MotifSETRegressor((300,), tol=0.01, random_state=0).fit(X[:700], y[:700])
    >>> bool(regressor.score(X[700:], y[700:]) > 0.8)
    True
    """

    def __init__(
        self,
        hidden_layer_sizes: tuple[int, ...] | int = (1000, 1000),
        *,
        motif_size: int | Sequence[int] | str = 2,
        epsilon: float = 20,
        weight_sharing: str = "scaled",
        activation: str = "relu",
        solver: str = "adam",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate: str = "cosine",
        learning_rate_init: float = 0.003,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        max_iter: int | str = "auto",
        tol: float = 1e-4,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        scoring: str | Callable | None = None,
        n_iter_no_change: int = 10,
        shuffle: bool = True,
        dropout: float | str = "auto",
        zeta: float = 0.3,
        zeta_schedule: str = "cosine",
        evolve_every: int | str = "auto",
        prune: str = "magnitude",
        grow: str = "random",
        group_features: bool | str = "auto",
        screen_features: bool = True,
        feature_shape: tuple[int, ...] | None = None,
        scale_features: str | bool = "auto",
        encode_features: str | int = "auto",
        categorical_features: ArrayLike | str | None = "from_dtype",
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
        precision: str = "auto",
        verbose: bool = False,
    ):
        self._keep(locals())

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> MotifSETRegressor:
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows: an array or a frame of pandas or polars. Columns hold numbers or
            categories; either may be missing, as NaN, None or NA. Sparse X holds numbers.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts, not negative. None: 1 each.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows to validate on after each epoch, with the columns of X. With
            ``early_stopping=True`` they decide.
        y_val : array-like of shape (n_val,) or (n_val, n_targets), default=None
            Targets of the rows of `X_val`.
        sample_weight_val : array-like of shape (n_val,), default=None
            What each row of `X_val` counts, not negative. None: 1 each.

        Returns
        -------
        MotifSETRegressor
            The fitted estimator itself.

        Raises
        ------
        TypeError
            If X, y or weights hold objects that are no numbers, strings or booleans, or if only
            some names of columns are strings.
        ValueError
            If X holds infinity or is sparse and holds NaN, a column of X holds neither numbers
            nor categories, y holds NaN or infinity, a parameter is out of its range, `scoring`
            gives no finite number, or the training diverges.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` ended the training, not its loss or validation score, and
            `learning_rate` is not "cosine". If the network has learned next to nothing: its loss
            on up to 2000 training rows is more than 99 % of that of a constant, or 90 % after
            fewer than 300 updates.
        UserWarning
            If the rows to validate on miss values in columns of numbers that missed none in the
            rows to train on, which count as the median of their column, or if a column of
            categories holds none that is known; or if most values of a column of `X_val`
            lie far outside its range in the training rows, as of rows that were not scaled alike.
            If the engine has to be compiled, and no directory can be written to keep it.
        """
        given = GivenRows.of(X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, given_validation=given)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> MotifSETRegressor:
        """Train for one epoch on some rows, going on from what was learned before.

        A stream has no length unless `max_iter` gives one: then its calls are the epochs of a fit;
        otherwise it learns at a rate that falls from three times `learning_rate_init` to half of
        it, and goes on learning and evolving for ever. Without a length 1000 rows count as an
        epoch, however many a call has, and a call evolves the wiring once at most. What goes on
        from :meth:`fit` counts its updates, too, and has a lower rate from the start. Ctrl-C in a
        call is raised, and leaves the estimator as it was before.

        Scale, bins and categories of a column, and the scale of a target, are learned from its
        first 500 values; if these are all equal, they and those that follow count as one until
        another comes. Every column has its inputs from the first call on, but for two kinds: one
        for a new category or for a first missing value, which comes with it as long as fewer values
        of the column have come; and all those of a column of a frame without any value, which come
        with its first one.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, as those of :meth:`fit`. Those of the first call decide on the dtype of
            predictions, unless targets need another one, see :meth:`predict`.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts beside the others of this call, not negative. None: 1 each.

        Returns
        -------
        MotifSETRegressor
            The fitted estimator itself.

        Raises
        ------
        TypeError
            In the cases of :meth:`fit`.
        ValueError
            In the cases of :meth:`fit`; if X has other columns, or y another number of targets,
            than before; for ``early_stopping=True``, which needs all rows.

        Warns
        -----
        UserWarning
            If X misses values in columns of numbers of which the first values, or those that
            :meth:`fit` was given, missed none, which count as the median of their column; or if a
            column of categories holds none that is known.
            If the engine has to be compiled, and no directory can be written to keep it.
        """
        self._check_can_stream()
        return self._fit(X, y, sample_weight, is_partial=True)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Predict the targets of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict, with the columns of the training rows. What is missing in a column of
            numbers that missed nothing in training counts as its median, with a warning; unknown
            categories are none of the known ones.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_targets)
            Targets in the dtype of the training rows, but in float64 where neighboring numbers of
            float32 differ by more than about 1e-4 times the deviation of a target at its mean plus
            three deviations, or are not finite. The bits of a row do not depend on the other rows.

        Warns
        -----
        UserWarning
            If X misses values in columns of numbers that missed none in training, or if a column
            of categories holds none that is known.
        """
        rows = self._rows_to_predict(X)
        return known_targets(self).decide(self.network_.predict(rows, self.n_jobs))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
