"""Estimators: parameters, validation and labels; no mathematics."""

from __future__ import annotations

import contextlib
import copy
import itertools
import math
import warnings
from collections.abc import Sequence
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.utils import assert_all_finite, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils._tags import Tags
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from ._documentation import documented
from ._fitting.screening import columns_to_keep, neighbours_are_alike
from ._network import MotifNetwork
from ._training.loop import Course, Streams, mean_loss, train

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # scikit-learn below 1.9

    class CallbackSupportMixin:
        """Stands in where scikit-learn has no callbacks."""


# "auto": below this many rows, full batches and no dropout.
SMALL_DATA = 200
AUTO_MAX_ITER = {True: 100, False: 50}  # by whether the data are small
AUTO_BATCH = 32
AUTO_EVOLVE_EVERY = 10  # a full batch an epoch gives what was grown little time to show its worth
AUTO_DROPOUT = 0.3
AUTO_MOTIF_SIZES = (4, 2)
# Parameters that version 0.1.0 did not have, and what it did.
ABSENT_BEFORE = {"label_smoothing": 0.0, "screen_features": False, "feature_shape": None}
# Features form no motifs where these would be fewer: that saves next to nothing and costs
# accuracy (digits, 64 features). "tied" keeps to the paper as far as there is something left to
# learn from.
FEWEST_FEATURE_MOTIFS = {"scaled": 64, "none": 64, "tied": 8}


class Task(NamedTuple):
    """What the outputs stand for."""

    out_activation: str
    n_outputs: int
    classes: np.ndarray | None = None

    @property
    def has_labels(self) -> bool:
        """Whether y is multilabel: a column of zeros and ones for each output."""
        return self.out_activation == "logistic" and self.n_outputs > 1


class ValidationSet(NamedTuple):
    """Rows to judge by, ready for the network."""

    X: np.ndarray | scipy.sparse.csr_array
    targets: np.ndarray
    weights: np.ndarray


class _CallbackMonitor:
    """Tells scikit-learn's callbacks about every epoch of a fit."""

    def __init__(self, estimator, context, describe, given):
        self._context = context
        self._describe = describe
        self._arguments = {"estimator": estimator, **given}

    def begin(self):
        self._epoch = self._context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._arguments)

    def end(self, network, history):
        # The network is trained on in place: whoever wants to keep it gets a copy.
        return self._epoch.call_on_fit_task_end(
            **self._arguments,
            reconstruction_attributes=lambda: self._describe(network.copy(), history),
        )


class _BaseMotifSET(CallbackSupportMixin, BaseEstimator):
    """What classifier and regressor share."""

    label_smoothing = 0.0  # a parameter of the classifier

    _parameter_constraints: dict = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "motif_size": [
            Interval(Integral, 1, None, closed="left"),
            "array-like",
            StrOptions({"auto"}),
        ],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "weight_sharing": [StrOptions({"scaled", "tied", "none"})],
        "activation": [StrOptions({"relu", "all_relu", "tanh", "logistic", "identity"})],
        "solver": [StrOptions({"adam", "sgd"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "cosine", "adaptive"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "max_iter": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "dropout": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="left")],
        "zeta": [Interval(Real, 0, 1, closed="left")],
        "zeta_schedule": [StrOptions({"cosine", "constant"})],
        "evolve_every": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "prune": [StrOptions({"magnitude", "random"})],
        "grow": [StrOptions({"random", "gradient"})],
        "group_features": ["boolean", StrOptions({"auto"})],
        "screen_features": ["boolean"],
        "feature_shape": ["array-like", None],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "n_jobs": [
            None,
            Interval(Integral, 1, None, closed="left"),
            Interval(Integral, None, -1, closed="right"),
        ],
        "verbose": ["verbose"],
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
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
        verbose: bool = False,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.motif_size = motif_size
        self.epsilon = epsilon
        self.weight_sharing = weight_sharing
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.max_iter = max_iter
        self.tol = tol
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.shuffle = shuffle
        self.dropout = dropout
        self.zeta = zeta
        self.zeta_schedule = zeta_schedule
        self.evolve_every = evolve_every
        self.prune = prune
        self.grow = grow
        self.group_features = group_features
        self.screen_features = screen_features
        self.feature_shape = feature_shape
        self.warm_start = warm_start
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _train(self, X, y, sample_weight, classes=None, validation=None, *, partial=False):
        """Fit, or one epoch of `partial_fit`. The estimator changes at the very end only."""
        given = {
            "X": X,
            "y": y,
            "metadata": None if sample_weight is None else {"sample_weight": sample_weight},
        }
        is_new = not (hasattr(self, "network_") and (partial or self.warm_start))
        dtype = (np.float64, np.float32) if is_new else self.network_.weights.dtype
        X, y = self._validate_rows(X, y, dtype, reset=is_new)
        if is_new:
            task = self._new_task(y, classes, partial)
            streams = Streams.from_random_state(check_random_state(self.random_state))
        else:
            task = self._known_task(classes)
            streams = Streams.from_states(self._streams)
        course = Course() if is_new or not partial else Course.from_dict(self._course)
        targets = self._encode(y, task, X.dtype)
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        rows = np.arange(X.shape[0])
        if validation is not None:
            validation = self._given_validation_set(*validation, task, X.dtype)
        elif self.early_stopping and not partial:
            rows, held_out = self._split(targets, task, streams)
            validation = ValidationSet(X[held_out], targets[held_out], weights[held_out])
        weights, mean_weight = self._row_weights(targets, weights, rows, task)
        network = (
            self._new_network(X, targets, rows[weights[rows] > 0], task, streams)
            if is_new
            else self._known_network()
        )
        if is_new and task.out_activation == "identity":
            # A distant mean would take longer to reach than anything else to learn.
            network.set_output_biases(np.average(targets[rows], axis=0, weights=weights[rows]))

        def describe(network, history):
            return self._describe(network, history, task, streams, course, rows, is_new, partial)

        options = self._training_options(rows.size, partial)
        context = monitor = None
        if not partial and hasattr(self, "_init_callback_context"):
            context = self._init_callback_context(max_subtasks=options["max_iter"])
            context.call_on_fit_task_begin(estimator=self, **given)
            if hasattr(self, "_skl_callbacks"):
                monitor = _CallbackMonitor(self, context, describe, given)
        history = train(
            network,
            network.features(X),
            targets.ravel(),
            weights.astype(X.dtype),
            rows,
            streams,
            course,
            motif_sizes=self._motif_sizes(),
            epsilon=float(self.epsilon),
            partial=partial,
            validate=None if validation is None else self._validator(validation, task),
            monitor=monitor,
            # Weights are 1 on average; the penalty weighs less beside more of them.
            alpha=self.alpha / mean_weight,
            **options,
        )
        # With "cosine" the last epoch is the end that was asked for.
        if history.ran_out and not partial and self.learning_rate != "cosine":
            warnings.warn(
                f"Maximum number of epochs (max_iter={options['max_iter']}) reached before the "
                f"{'validation score' if self.early_stopping else 'training loss'} stopped "
                "improving. Raise max_iter, which also stretches zeta_schedule, or tol; or take "
                'learning_rate="cosine", for which max_iter is the planned end.',
                ConvergenceWarning,
                stacklevel=4,  # where the user called fit, past scikit-learn's wrapper of it
            )
        fitted = describe(network, history)
        if context is not None:  # before the estimator changes: a callback may fail, too
            context.call_on_fit_task_end(
                estimator=self, **given, reconstruction_attributes=lambda: fitted
            )
        vars(self).update(fitted)
        return self

    def _validate_rows(self, X, y, dtype, *, reset):
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            dtype=dtype,
            order="C",
            multi_output=True,
            y_numeric=isinstance(self, RegressorMixin),
            reset=reset,
        )
        y = y.toarray() if scipy.sparse.issparse(y) else y
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return _sorted_rows(X), y

    def _predict_outputs(self, X):
        check_is_fitted(self, "network_")
        dtype = self.network_.weights.dtype
        X = validate_data(self, X, accept_sparse="csr", dtype=dtype, order="C", reset=False)
        return self.network_.predict(_sorted_rows(X), self.n_jobs)

    def _refuse_early_stopping(self):
        if self.early_stopping:
            raise ValueError(
                "early_stopping must be False for partial_fit, in which all rows are trained on."
            )

    def _build_parameters(self):
        sizes = self._motif_sizes()
        return {
            "hidden_layer_sizes": self._hidden_layer_sizes(),
            "motif_size": sizes if len(sizes) > 1 else sizes[0],
            "epsilon": float(self.epsilon),
            "weight_sharing": self.weight_sharing,
            "activation": self.activation,
            "group_features": self.group_features,
            "screen_features": bool(self.screen_features),
            "feature_shape": self._feature_shape(),
        }

    def _known_network(self):
        """A copy of the network to go on from, which parameters must not contradict."""
        for name, value in self._build_parameters().items():
            if value != self._built_by.get(name, value):  # an older version knew fewer
                raise ValueError(
                    f"{name}={value!r}, but the network to go on from was built with "
                    f"{name}={self._built_by[name]!r}. Set it back, or fit anew with "
                    "warm_start=False."
                )
        return self.network_.copy()

    def _new_network(self, X, targets, rows, task, streams):
        options = self._build_parameters() | {"motif_size": self._motif_sizes()[0]}
        shape, columns = options["feature_shape"], None
        if shape is not None and math.prod(shape) != X.shape[1]:
            raise ValueError(
                f"feature_shape={shape} is of {math.prod(shape)} features, but X has {X.shape[1]}."
            )
        # An image is taken whole.
        screens = options.pop("screen_features") and shape is None
        if screens and not scipy.sparse.issparse(X):
            columns = columns_to_keep(X, targets, rows, is_discrete=task.classes is not None)
        n_features = X.shape[1] if columns is None else columns.size
        fewest = FEWEST_FEATURE_MOTIFS[self.weight_sharing]
        if options["motif_size"] == 1 or n_features <= (fewest - 1) * options["motif_size"]:
            options["group_features"] = False
        elif options["group_features"] == "auto":
            options["group_features"] = not scipy.sparse.issparse(X) and neighbours_are_alike(
                X if columns is None else X[:, columns], rows
            )
        hidden_layer_sizes = options.pop("hidden_layer_sizes")
        network = MotifNetwork(
            (n_features, *hidden_layer_sizes, task.n_outputs),
            **options,
            out_activation=task.out_activation,
            dtype=X.dtype,
            wiring=streams.wiring,
            values=streams.values,
        )
        if columns is not None:
            network.select_columns(columns, X.shape[1])
        return network

    def _training_options(self, n_rows, partial):
        small = n_rows < SMALL_DATA
        batch_size, dropout = self.batch_size, self.dropout
        evolve_every = self.evolve_every
        max_iter = self.max_iter
        if max_iter == "auto":
            max_iter = AUTO_MAX_ITER[small]
        if evolve_every == "auto":
            evolve_every = AUTO_EVOLVE_EVERY if small else 1
        if batch_size == "auto":
            batch_size = n_rows if small else AUTO_BATCH
        elif batch_size > n_rows and not partial:
            warnings.warn(
                f"batch_size={batch_size} is more than the {n_rows} rows of X; full batches "
                "are used.",
                stacklevel=5,  # where the user called fit, past scikit-learn's wrapper of it
            )
        if dropout == "auto":
            dropout = 0.0 if small else AUTO_DROPOUT
        return {
            "batch_size": min(int(batch_size), n_rows),
            "dropout": float(dropout),
            "label_smoothing": float(self.label_smoothing),
            "learning_rate": self.learning_rate,
            "learning_rate_init": float(self.learning_rate_init),
            "max_iter": int(max_iter),
            "tol": self.tol,
            "early_stopping": self.early_stopping,
            "n_iter_no_change": int(self.n_iter_no_change),
            "shuffle": self.shuffle,
            "zeta": float(self.zeta),
            "zeta_schedule": self.zeta_schedule,
            "evolve_every": int(evolve_every),
            "prune": self.prune,
            "grow": self.grow,
            "solver": self.solver,
            "momentum": self.momentum,
            "nesterovs_momentum": self.nesterovs_momentum,
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "n_jobs": self.n_jobs,
            "verbose": self.verbose,
        }

    def _split(self, targets, task, streams):
        """Rows to train on, in their order, and rows to validate on."""
        is_stratified = task.classes is not None and not task.has_labels
        try:
            rows, held_out = train_test_split(
                np.arange(targets.shape[0]),
                test_size=self.validation_fraction,
                # A copy: warm starts set the same rows aside, or they would know some by heart.
                random_state=int(copy.deepcopy(streams.validation).integers(2**31)),
                stratify=targets if is_stratified else None,
            )
        except ValueError as error:
            raise ValueError(
                f"early_stopping=True cannot set aside validation_fraction="
                f"{self.validation_fraction} of {targets.shape[0]} rows: {str(error).rstrip('.')}. "
                "Pass X_val and y_val to fit instead."
            ) from error
        return np.sort(rows), np.sort(held_out)

    def _given_validation_set(self, X, y, sample_weight, task, dtype):
        if X is None or y is None:
            raise ValueError(
                "X_val and y_val must be given together, and sample_weight_val with both."
            )
        try:
            X, y = self._validate_rows(X, y, dtype, reset=False)
            targets = self._encode(y, task, dtype)
            weights = _check_sample_weight(
                sample_weight, X, dtype=np.float64, ensure_non_negative=True
            )
        except ValueError as error:
            raise ValueError(f"In X_val, y_val or sample_weight_val: {error}") from error
        return ValidationSet(X, targets, weights)

    def _validator(self, validation, task):
        if not np.any(validation.weights):
            raise ValueError(
                "All rows to validate on have a weight of zero. Pass X_val and y_val, or other "
                "weights."
            )
        if task.out_activation == "identity" and validation.X.shape[0] < 2:
            raise ValueError(
                "The coefficient of determination needs at least 2 rows to validate on; raise "
                "validation_fraction, or pass X_val and y_val."
            )

        def validate(network):
            outputs = network.predict(validation.X, self.n_jobs)
            loss = mean_loss(outputs, validation.targets, validation.weights, task.out_activation)
            decided = self._decide(outputs, task.out_activation)
            metric = accuracy_score if isinstance(self, ClassifierMixin) else r2_score
            targets = validation.targets.astype(decided.dtype)
            return float(metric(targets, decided, sample_weight=validation.weights)), loss

        return validate

    def _row_weights(self, targets, weights, rows, task):
        """Weights of all rows, 1 on average over `rows`, and what they were on average."""
        weights = weights * self._class_weights(targets, weights, rows, task)
        with np.errstate(over="ignore"):
            mean = float(np.mean(weights[rows]))
        if mean == 0.0:
            raise ValueError("All rows to train on have a weight of zero.")
        # Infinite, or so small that the penalty's share would be.
        if not 1e-200 < mean < np.inf:
            raise ValueError(
                f"sample_weight, times class_weight, must be numbers of usual size; their mean is "
                f"{mean}."
            )
        return weights / mean, mean

    def _class_weights(self, targets, weights, rows, task):
        return 1.0

    def _describe(self, network, history, task, streams, course, rows, is_new, partial):
        """Fitted attributes after `history`, which may go on from an earlier one."""

        def joined(name, values, missing=None):
            before = None if is_new else vars(self).get(name, missing)
            return [*(before or []), *values]

        def curve(name, values):  # of a model of an earlier version: it never changed
            return joined(name, values, None if is_new else values[:1] * self.n_iter_)

        degrees = dict(self.input_degrees_) if partial and not is_new else {}
        degrees |= history.input_degrees
        if history.kept_epoch is not None:
            degrees = {epoch: degrees[epoch] for epoch in degrees if epoch <= history.kept_epoch}
        n_epochs = len(history.loss_curve)
        best_loss = min(history.loss_curve)
        scores = joined("validation_scores_", history.validation_scores)
        losses = joined("validation_loss_curve_", history.validation_loss_curve)
        attributes = {
            "network_": network,
            "loss_curve_": joined("loss_curve_", history.loss_curve),
            "motif_size_curve_": curve("motif_size_curve_", history.motif_size_curve),
            "n_connections_curve_": curve("n_connections_curve_", history.n_connections_curve),
            "loss_": history.loss_curve[-1],
            "best_loss_": best_loss if is_new else min(best_loss, self.best_loss_),
            "validation_scores_": scores or None,
            "validation_loss_curve_": losses or None,
            "best_validation_score_": max(scores, default=None),
            "input_degrees_": degrees,
            "n_iter_": n_epochs + (0 if is_new else self.n_iter_),
            "t_": n_epochs * rows.size + (0 if is_new else self.t_),
            "n_layers_": len(network.layer_sizes),
            "n_outputs_": task.n_outputs,
            "out_activation_": task.out_activation,
            # What the next training needs to go on. The optimizer's state is twice the size of the
            # weights: partial_fit alone keeps it.
            "_streams": streams.states(),
            "_course": (course if partial else Course(epoch=course.epoch)).to_dict(),
            "_built_by": self._build_parameters(),
        }
        if task.classes is not None:
            attributes["classes_"] = task.classes
        return attributes

    @contextlib.contextmanager
    def _unchanged_if_it_fails(self):
        """Take back what scikit-learn's validation sets on the way to a failure."""
        names = ("n_features_in_", "feature_names_in_")
        before = {name: vars(self)[name] for name in names if name in vars(self)}
        try:
            yield
        except BaseException:
            for name in names:
                vars(self).pop(name, None)
            vars(self).update(before)
            raise

    @property
    def coefs_(self) -> list[scipy.sparse.csr_array]:
        return self._fitted_network().coefs()

    @property
    def intercepts_(self) -> list[np.ndarray]:
        return self._fitted_network().intercepts()

    @property
    def feature_importances_(self) -> np.ndarray:
        strengths = self._fitted_network().input_strengths()
        total = strengths.sum()
        return strengths / total if total > 0 else strengths

    @property
    def motif_size_(self) -> int:
        return self._fitted_network().motif_size

    @property
    def n_connections_(self) -> int:
        return self._fitted_network().n_connections

    @property
    def n_parameters_(self) -> int:
        return self._fitted_network().n_parameters

    @property
    def density_(self) -> float:
        return self._fitted_network().density

    def _fitted_network(self):
        # AttributeError: hasattr(estimator, "coefs_") is how scikit-learn asks.
        if not hasattr(self, "network_"):
            raise AttributeError(f"This {type(self).__name__} is not fitted yet.")
        return self.network_

    def _motif_sizes(self):
        """The motif sizes to go through."""
        sizes = self.motif_size
        if isinstance(sizes, str):
            return AUTO_MOTIF_SIZES
        sizes = [sizes] if np.ndim(sizes) == 0 else list(sizes)
        # Narrow NumPy integers would overflow in products with sizes.
        sizes = [int(size) if isinstance(size, Integral) else size for size in sizes]
        if (
            not sizes
            or any(not isinstance(size, int) or size < 1 for size in sizes)
            or any(a <= b or a % b for a, b in itertools.pairwise(sizes))
        ):
            raise ValueError(
                'motif_size must be an integer > 0, "auto", or a list of such integers each of '
                f"which is smaller than the one before and divides it, as [4, 2, 1]; got "
                f"{self.motif_size!r}."
            )
        return tuple(sizes)

    def _hidden_layer_sizes(self):
        sizes = self.hidden_layer_sizes
        sizes = [sizes] if np.ndim(sizes) == 0 else list(sizes)
        if any(not isinstance(size, Integral) or size < 1 for size in sizes):
            raise ValueError(f"hidden_layer_sizes must be integers > 0, got {sizes}.")
        return tuple(int(size) for size in sizes)

    def _feature_shape(self):
        if self.feature_shape is None:
            return None
        shape = list(self.feature_shape)
        if len(shape) not in (2, 3) or any(not isinstance(n, Integral) or n < 1 for n in shape):
            raise ValueError(
                "feature_shape must be None, (height, width) or (height, width, channels), of "
                f"integers > 0; got {self.feature_shape!r}."
            )
        return tuple(int(n) for n in shape)

    def __setstate__(self, state):
        super().__setstate__(state)
        # Models of earlier versions go on as they were trained.
        names = self._get_param_names()
        for name, value in ABSENT_BEFORE.items():
            if name in names:
                vars(self).setdefault(name, value)

    def __getstate__(self):
        # A copy that a callback keeps is not in the midst of the fit that it comes from.
        passing = ("_callback_fit_ctx", "_skl_callbacks_to_teardown", "_parent_callback_ctx")
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name not in passing}

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _sorted_rows(X):
    """Sparse X with its indices sorted in every row; the caller's X is left alone."""
    if scipy.sparse.issparse(X) and not X.has_sorted_indices:
        return X.sorted_indices()
    return X


@documented(
    stratified=", stratified by class unless y is multilabel",
    score="Accuracy",
    n_outputs="1 for two classes, else the number of classes or labels",
    out_activation="""{"logistic", "softmax"}
    Activation of the outputs: for two classes and multilabel y, and for more classes.""",
    class_weight="""
label_smoothing : float in [0, 1), default=0.1
    Share of the target that all classes get alike, or both values of a label: what is learnt is
    1 - `label_smoothing` for the class of the row, and the rest for all in equal parts. It
    keeps a network from certainty, which raises accuracy and lowers the highest
    probabilities; 0 gives sharper ones.

class_weight : dict, "balanced" or None, default=None
    Weights of classes, by which those of rows are multiplied. "balanced": inverse to the
    weight of all rows of a class. Not for multilabel y.
""",
)
class MotifSETClassifier(ClassifierMixin, _BaseMotifSET):
    """Truly sparse multilayer perceptron whose wiring evolves while it learns.

    Layers are joined by a sparse random graph. After every epoch the weakest connections are
    pruned and as many new ones grown (Sparse Evolutionary Training, SET [1]_). Neurons are
    grouped into motifs of `motif_size`, which share their connections [2]_. Nothing of size
    n_in × n_out is ever allocated. The loss is the cross-entropy, for multilabel y the sum of
    the binary cross-entropies.

    Scale the features, as for every neural network, for example with ``StandardScaler``.

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
    MotifSETRegressor : The same for regression.
    sklearn.neural_network.MLPClassifier : Dense multilayer perceptron.

    Notes
    -----
    Computes in float32 where X is float32, else in float64. The first fit on a machine
    compiles the engine, which takes some 20 seconds; it is cached on disk.

    References
    ----------
    <references>

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_motif import MotifSETClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> classifier = MotifSETClassifier((300,), tol=0.01, random_state=0)
    >>> model = make_pipeline(StandardScaler(), classifier).fit(X_train, y_train)
    >>> bool(model.score(X_test, y_test) > 0.95)
    True
    >>> model[-1].coefs_[0].shape
    (64, 300)
    """

    _parameter_constraints: dict = {
        **_BaseMotifSET._parameter_constraints,
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
        label_smoothing: float = 0.1,
        class_weight: dict | str | None = None,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
        verbose: bool = False,
    ):
        super().__init__(
            hidden_layer_sizes,
            motif_size=motif_size,
            epsilon=epsilon,
            weight_sharing=weight_sharing,
            activation=activation,
            solver=solver,
            alpha=alpha,
            batch_size=batch_size,
            learning_rate=learning_rate,
            learning_rate_init=learning_rate_init,
            momentum=momentum,
            nesterovs_momentum=nesterovs_momentum,
            beta_1=beta_1,
            beta_2=beta_2,
            max_iter=max_iter,
            tol=tol,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            shuffle=shuffle,
            dropout=dropout,
            zeta=zeta,
            zeta_schedule=zeta_schedule,
            evolve_every=evolve_every,
            prune=prune,
            grow=grow,
            group_features=group_features,
            screen_features=screen_features,
            feature_shape=feature_shape,
            warm_start=warm_start,
            random_state=random_state,
            n_jobs=n_jobs,
            verbose=verbose,
        )
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight

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
            Training rows. float32 is kept, everything else becomes float64.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels, of at least two classes; or 0 and 1 for each of several labels.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts, not negative. None: 1 each.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows to validate on after each epoch. With ``early_stopping=True`` they decide.
        y_val : array-like of shape (n_val,) or (n_val, n_labels), default=None
            Their labels, of the classes in `y`.
        sample_weight_val : array-like of shape (n_val,), default=None
            Their weights.

        Returns
        -------
        MotifSETClassifier
            The fitted estimator itself.

        Raises
        ------
        ValueError
            If X holds NaN or infinity, y holds one class only, a parameter is out of its
            range, or the training diverges.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` ended the training, not its loss or validation score.
        """
        validation = _together(X_val, y_val, sample_weight_val)
        with self._unchanged_if_it_fails():
            return self._train(X, y, sample_weight, validation=validation)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> MotifSETClassifier:
        """Train for one epoch on some rows, going on from what was learnt before.

        Schedules take a call as an epoch: of `max_iter` calls, the first three quarters evolve
        the wiring with ``zeta_schedule="cosine"``; after `max_iter` epochs the wiring stays, and
        the learning rate is a tenth of the first. "auto" goes by the rows of each call. Ctrl-C
        in a call is raised, and leaves the estimator as it was before.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows. The first call decides between float32 and float64.
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
        ValueError
            As in :meth:`fit`; if `classes` is missing, or not as it was; for
            ``class_weight="balanced"`` and ``early_stopping=True``, which need all rows.
        """
        self._validate_params()  # scikit-learn does so in the first call only
        if self.class_weight == "balanced":
            raise ValueError(
                'class_weight="balanced" needs all rows, which partial_fit does not have. Pass the '
                "weights of classes as a dict, for example from compute_class_weight."
            )
        self._refuse_early_stopping()
        with self._unchanged_if_it_fails():
            return self._train(X, y, sample_weight, classes, partial=True)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Predict the most probable class of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels from `classes_`; for multilabel y 1 where the probability is above one half,
            else 0.
        """
        decided = self._decide(self._predict_outputs(X), self.out_activation_)
        return decided if decided.ndim == 2 else self.classes_[decided]

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Predict class probabilities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            In the order of `classes_` and in the dtype of the training rows. The bits of a
            row do not depend on the other rows. For multilabel y the probability of each label.
        """
        outputs = self._predict_outputs(X)
        return np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs

    def predict_log_proba(self, X: ArrayLike) -> np.ndarray:
        """Predict logarithms of the class probabilities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            ``log(predict_proba(X))``; a probability of 0 gives -inf.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def _new_task(self, y, classes, partial):
        kind = type_of_target(y, input_name="y")
        if kind == "multilabel-indicator":
            n_labels = y.shape[1]
            if classes is not None and not np.array_equal(unique_labels(classes), range(n_labels)):
                raise ValueError(
                    f"classes must be the numbers of the {n_labels} labels of y, or None; got "
                    f"{classes}."
                )
            return Task("logistic", n_labels, np.arange(n_labels))
        check_classification_targets(y)
        if y.ndim == 2:
            raise ValueError(
                f"y must be of shape (n_samples,), or hold 0 and 1 only, a column for each label; "
                f"got {kind} y of shape {y.shape}."
            )
        if partial and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        classes = unique_labels(y if classes is None else classes)
        if classes.size < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes, but "
                f"{'classes' if partial else 'y'} contains only one class: {classes[0]}."
            )
        if classes.size == 2:
            return Task("logistic", 1, classes)
        return Task("softmax", classes.size, classes)

    def _known_task(self, classes):
        if classes is not None and not np.array_equal(unique_labels(classes), self.classes_):
            raise ValueError(
                f"classes={classes} is not what it was in the first call: {self.classes_}."
            )
        return Task(self.out_activation_, self.n_outputs_, self.classes_)

    def _encode(self, y, task, dtype):
        """Class numbers, or zeros and ones for each label, in the network's dtype."""
        shape = (y.shape[0], task.n_outputs) if task.has_labels else y.shape[:1]
        if y.shape != shape:
            raise ValueError(f"y must be of shape {shape}; it is of shape {y.shape}.")
        if task.has_labels:
            values = np.unique(y)
            if not np.isin(values, (0, 1)).all():
                raise ValueError(
                    f"y with several columns must hold 0 and 1 only; got {values[:5]}."
                )
            return y.astype(dtype)
        unknown = np.setdiff1d(y, task.classes)
        if unknown.size:
            raise ValueError(
                f"y holds labels that are not among the classes {task.classes}: {unknown[:5]}."
            )
        return np.searchsorted(task.classes, y).astype(dtype)

    def _decide(self, outputs, out_activation):
        """Class numbers, or zeros and ones for each label."""
        if out_activation == "softmax":
            return outputs.argmax(axis=1)
        decided = (outputs > 0.5).astype(np.int64)
        return decided.ravel() if outputs.shape[1] == 1 else decided

    def _class_weights(self, targets, weights, rows, task):
        if self.class_weight is None:
            return 1.0
        if task.has_labels:
            raise ValueError("class_weight must be None for multilabel y; use sample_weight.")
        index = targets.astype(np.int64)
        if self.class_weight == "balanced":
            # Not by compute_class_weight, which counts rows without their weights before
            # scikit-learn 1.7.
            totals = np.bincount(index[rows], weights[rows], minlength=task.classes.size)
            each = np.divide(totals.sum(), totals.size * totals, where=totals > 0, out=totals)
        else:
            each = self._class_weights_of_dict(task.classes)
        return each[index]

    def _class_weights_of_dict(self, classes):
        given = self.class_weight
        known = set(classes.tolist())
        unknown = [label for label in given if label not in known]
        # A part of the data may lack a class that has a weight, if it is not a misnamed one.
        if unknown and len(given) - len(unknown) < len(known):
            raise ValueError(
                f"class_weight names {unknown}, which are not among the classes {classes}."
            )
        each = [given.get(label, 1.0) for label in classes.tolist()]
        if not all(isinstance(weight, Real) and 0 <= weight < np.inf for weight in each):
            raise ValueError(f"class_weight must hold numbers from 0 on; got {given}.")
        return np.array(each, dtype=np.float64)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@documented(
    stratified="",
    score="Coefficient of determination",
    n_outputs="the number of targets",
    out_activation="""{"identity"}
    Activation of the outputs.""",
    class_weight="",
)
class MotifSETRegressor(RegressorMixin, _BaseMotifSET):
    """Truly sparse multilayer perceptron for regression, whose wiring evolves while it learns.

    As :class:`MotifSETClassifier`, for one target or several. The loss is half the squared
    error, summed over the targets. The outputs start at the mean of the targets.

    Scale the features, for example with ``StandardScaler``, and targets that are far from a
    standard deviation of 1, with ``TransformedTargetRegressor``, as for every neural network.

    Parameters
    ----------
    <parameters>

    Attributes
    ----------
    <attributes>

    See Also
    --------
    MotifSETClassifier : The same for classification.
    sklearn.neural_network.MLPRegressor : Dense multilayer perceptron.

    Notes
    -----
    Computes in float32 where X is float32, else in float64. The first fit on a machine
    compiles the engine, which takes some 20 seconds; it is cached on disk.

    References
    ----------
    <references>

    Examples
    --------
    >>> from sklearn.datasets import make_friedman1
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_motif import MotifSETRegressor
    >>> X, y = make_friedman1(1000, noise=1.0, random_state=0)
    >>> regressor = MotifSETRegressor((300,), tol=0.01, random_state=0)
    >>> model = make_pipeline(StandardScaler(), regressor).fit(X[:700], y[:700])
    >>> bool(model.score(X[700:], y[700:]) > 0.8)
    True
    """

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
            Training rows. float32 is kept, everything else becomes float64.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            What each row counts, not negative. None: 1 each.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows to validate on after each epoch. With ``early_stopping=True`` they decide.
        y_val : array-like of shape (n_val,) or (n_val, n_targets), default=None
            Their targets.
        sample_weight_val : array-like of shape (n_val,), default=None
            Their weights.

        Returns
        -------
        MotifSETRegressor
            The fitted estimator itself.

        Raises
        ------
        ValueError
            If X or y holds NaN or infinity, a parameter is out of its range, or the training
            diverges.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` ended the training, not its loss or validation score.
        """
        validation = _together(X_val, y_val, sample_weight_val)
        with self._unchanged_if_it_fails():
            return self._train(X, y, sample_weight, validation=validation)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> MotifSETRegressor:
        """Train for one epoch on some rows, going on from what was learnt before.

        Schedules take a call as an epoch: of `max_iter` calls, the first three quarters evolve
        the wiring with ``zeta_schedule="cosine"``; after `max_iter` epochs the wiring stays, and
        the learning rate is a tenth of the first. "auto" goes by the rows of each call. Ctrl-C
        in a call is raised, and leaves the estimator as it was before.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows. The first call decides between float32 and float64.
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
        ValueError
            As in :meth:`fit`; for ``early_stopping=True``, which needs all rows.
        """
        self._validate_params()  # scikit-learn does so in the first call only
        self._refuse_early_stopping()
        with self._unchanged_if_it_fails():
            return self._train(X, y, sample_weight, partial=True)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Predict the targets of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_targets)
            In the dtype of the training rows. The bits of a row do not depend on the other rows.
        """
        return self._decide(self._predict_outputs(X), self.out_activation_)

    def _new_task(self, y, classes, partial):
        return Task("identity", 1 if y.ndim == 1 else y.shape[1])

    def _known_task(self, classes):
        return Task(self.out_activation_, self.n_outputs_)

    def _encode(self, y, task, dtype):
        n_targets = 1 if y.ndim == 1 else y.shape[1]
        if n_targets != task.n_outputs:
            raise ValueError(f"y must have {task.n_outputs} targets; it has {n_targets}.")
        with np.errstate(over="ignore", invalid="ignore"):
            targets = y.astype(dtype)
            assert_all_finite(targets, input_name="y")
        return targets

    def _decide(self, outputs, out_activation):
        return outputs.ravel() if outputs.shape[1] == 1 else outputs

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _together(X_val, y_val, sample_weight_val):
    """The three, or None where none was given."""
    validation = X_val, y_val, sample_weight_val
    return None if all(part is None for part in validation) else validation
