"""What both estimators share: the steps of a fit, fitted attributes, tags, pickling."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils._tags import Tags
from sklearn.utils.validation import check_is_fitted

from ._evolution.grow import GROW
from ._evolution.prune import PRUNE
from ._fitting.advice import advice_on_columns, advice_on_targets
from ._fitting.attributes import fitted_attributes
from ._fitting.callbacks import CallbackSupportMixin, fit_callbacks
from ._fitting.columns import lists_columns
from ._fitting.continuation import Start, known_network, start_of
from ._fitting.first_values import FirstValues
from ._fitting.inputs import Table, with_inputs
from ._fitting.new_network import new_network
from ._fitting.noise import kind_of_y
from ._fitting.occurrences import occurrences
from ._fitting.outcome import look_at_outcome
from ._fitting.parameters import dtype_of, structure_of, training_options
from ._fitting.row_weights import checked_weights, row_weights, rows_that_weigh
from ._fitting.rows import Rows, log_left_out, rows_to_predict, validated_rows, warn_of_cells
from ._fitting.scoring import asks_for_scorer
from ._fitting.stream import connect_new_columns, learn_more, no_values
from ._fitting.targets import Targets, check_known_classes, known_targets, new_targets
from ._fitting.validation import (
    GivenRows,
    ValidationSet,
    chosen_rows,
    given_validation_set,
    split_rows,
    validator,
)
from ._network import MotifNetwork
from ._training.history import where_positive
from ._training.loop import train
from ._training.rows import TrainingRows

# Parameters that version 0.1.0 did not have, with the values by which it worked.
ABSENT_BEFORE = {
    "label_smoothing": 0.0,
    "screen_features": False,
    "feature_shape": None,
    "scale_features": False,
    "encode_features": False,
    "categorical_features": None,
    "scoring": None,
    "precision": "auto",  # it was that of X, which no word of today says
}


class BaseMotifSET(CallbackSupportMixin, BaseEstimator):
    """What classifier and regressor share."""

    # Parameters that this class reads itself; the classes below take them all.
    early_stopping: bool
    n_jobs: int | None
    validation_fraction: float
    scoring: str | Callable | None
    categorical_features: Any
    verbose: bool
    # Parameters of the classifier alone, with the values by which a regressor works.
    class_weight: dict | str | None = None
    label_smoothing: float = 0.0

    network_: MotifNetwork

    _parameter_constraints: ClassVar[dict] = {
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
        "scoring": [str, callable, None],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "dropout": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="left")],
        "zeta": [Interval(Real, 0, 1, closed="left")],
        "zeta_schedule": [StrOptions({"cosine", "constant"})],
        "evolve_every": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "prune": [StrOptions(set(PRUNE))],
        "grow": [StrOptions(set(GROW))],
        "group_features": ["boolean", StrOptions({"auto"})],
        "screen_features": ["boolean"],
        "feature_shape": ["array-like", None],
        "scale_features": [StrOptions({"auto"}), Options(bool, {False})],
        "encode_features": [
            StrOptions({"auto"}),
            Options(bool, {False}),
            Interval(Integral, 2, None, closed="left"),
        ],
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
        "precision": [StrOptions({"auto", "float32", "float64"})],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "n_jobs": [
            None,
            Interval(Integral, 1, None, closed="left"),
            Interval(Integral, None, -1, closed="right"),
        ],
        "verbose": ["verbose"],
    }

    def _keep(self, parameters: dict[str, Any]) -> None:
        """Keep what `__init__` was given as attributes, unchanged, as scikit-learn asks."""
        self.__dict__.update({n: value for n, value in parameters.items() if n != "self"})

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        classes: Any = None,
        given_validation: GivenRows | None = None,
        is_partial: bool = False,
    ) -> Self:
        """Train, for one epoch if `is_partial`; the estimator changes at the very end only."""
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        given = {"X": X, "y": y, "metadata": metadata}
        with self._unchanged_if_it_fails():
            start = start_of(self, is_partial=is_partial)
            with advice_on_columns(self, X, start):
                X, y, categories = validated_rows(
                    self, X, y, reset=start.is_new, inputs=start.inputs, growing=start.waiting
                )
            targets = self._targets(y, classes, start)
            y = targets.encode(y, advice_on_targets(targets, start))
            weights = checked_weights(sample_weight, X)
            places = np.flatnonzero(weights)
            X, y, weights = rows_that_weigh(X, y, weights)
            rows, validation = np.arange(X.shape[0]), None
            if self.early_stopping and given_validation is None and not is_partial:
                rows, validation = self._split(X, y, weights, targets, start, given, places)
            weights, mean_weight = row_weights(y, weights, rows, targets, self.class_weight)
            structure = structure_of(self)
            table = Table(X, y, weights, rows[weights[rows] > 0], categories, mean_weight)
            dtype = dtype_of(self.precision, X.dtype, rows.size, is_partial=is_partial)
            network, table, first_values = self._network(table, targets, structure, start, dtype)
            if validation is not None or not start.is_new:  # inputs were learned from other rows
                warn_of_cells(self, X, network.inputs)
            if given_validation is not None:
                validation = given_validation_set(self, given_validation, targets, network, X)
            y, dtype = network.outputs.scaled(y), network.weights.dtype
            table = with_inputs(table, network)
            kind = kind_of_y(self, network, table, targets, is_partial=is_partial)
            options = training_options(self, rows.size, mean_weight, kind, is_partial=is_partial)
            describe = partial(
                fitted_attributes,
                self,
                start=start,
                targets=targets,
                structure=structure,
                first_values=first_values,
                n_rows=rows.size,
            )
            validate = validator(self, validation, targets, network)
            callbacks = fit_callbacks(self, given, options.max_iter, is_partial=is_partial)
            history = train(
                network,
                TrainingRows(X, y.astype(dtype), weights.astype(dtype), rows, table.inputs),
                start.streams,
                start.state,
                options,
                validate=validate,
                monitor=None if callbacks is None else callbacks.monitor(describe),
            )
            if not is_partial:
                look_at_outcome(network, table, targets, history, options)
            fitted = describe(network, history)
            if callbacks is not None:
                callbacks.end(fitted)
            self.__dict__.update(fitted)
        return self

    @contextlib.contextmanager
    def _unchanged_if_it_fails(self) -> Iterator[None]:
        """Take back what scikit-learn's validation sets on the way to a failure."""
        names = ("n_features_in_", "feature_names_in_")
        before = {name: self.__dict__[name] for name in names if name in self.__dict__}
        try:
            yield
        except BaseException:
            for name in names:
                self.__dict__.pop(name, None)
            self.__dict__.update(before)
            raise

    def _targets(self, y: np.ndarray, classes: Any, start: Start) -> Targets:
        if start.is_new:
            return new_targets(self, y, classes, is_partial=start.is_partial)
        check_known_classes(self, classes)
        return known_targets(self)

    def _split(
        self,
        X: Rows,
        y: np.ndarray,
        weights: np.ndarray,
        targets: Targets,
        start: Start,
        given: dict[str, Any],
        places: np.ndarray,
    ) -> tuple[np.ndarray, ValidationSet]:
        """Numbers of the rows to train on, and the rows to validate on.

        `places` are those of the rows of `X` among the `given` ones.
        """
        stream = start.streams.validation
        rows, held_out = split_rows(y, targets, self.validation_fraction, stream)
        as_given = None, None
        if asks_for_scorer(self.scoring):
            as_given = chosen_rows(given["X"], given["y"], places[held_out])
        return rows, ValidationSet(X[held_out], y[held_out], weights[held_out], *as_given)

    def _network(
        self,
        table: Table,
        targets: Targets,
        structure: dict[str, Any],
        start: Start,
        dtype: np.dtype,
    ) -> tuple[MotifNetwork, Table, FirstValues | None]:
        """The network to train, a copy of the known one or a new one; what a stream keeps.

        Beside them the table, with the inputs of all rows where they were made on the way.
        """
        first_values = start.first_values
        if not start.is_new:
            network = known_network(self, structure)
            if start.is_partial:
                connect_new_columns(network, table, structure, start)
        else:
            network, table = new_network(table, targets, structure, start, dtype)
            if start.is_partial:
                first_values = no_values(table, targets)
            elif self.verbose:
                log_left_out(self, table.X, table.rows, network.inputs)
        if first_values is not None:
            first_values = learn_more(network, first_values, table, targets, structure)
        if network.occurrences is not None and not start.is_new and start.is_partial:
            network.occurrences = network.occurrences + occurrences(table, network.inputs)
        if targets.is_discrete:
            weights = table.weights[table.rows]
            shares = targets.means(table.y[table.rows], weights)
            weight = table.mean_weight * float(weights.sum())
            network.outputs = network.outputs.with_labels(
                float(self.label_smoothing), shares, weight, goes_on=start.is_partial
            )
        return network, table, first_values

    def _check_can_stream(self) -> None:
        """Refuse parameters that need all rows, which `partial_fit` does not have."""
        self._validate_params()  # scikit-learn does so in the first call only
        if self.class_weight == "balanced":
            raise ValueError(
                'class_weight="balanced" needs all rows, which partial_fit does not have. Pass the '
                "weights of classes as a dict, for example from compute_class_weight."
            )
        if self.early_stopping:
            raise ValueError(
                "early_stopping must be False for partial_fit, in which all rows are trained on."
            )

    def _scores(self, X: Any) -> np.ndarray:
        """Sums of the last layer, shape (n_samples, n_outputs)."""
        rows = self._rows_to_predict(X)
        return self.network_.scores(rows, self.n_jobs)

    def _rows_to_predict(self, X: Any) -> Rows:
        check_is_fitted(self, "network_")
        return rows_to_predict(self, X, self.network_.inputs)

    @property
    def coefs_(self) -> list[scipy.sparse.csr_array]:
        return self._fitted_network().coefs()

    @property
    def intercepts_(self) -> list[np.ndarray]:
        return self._fitted_network().intercepts()

    @property
    def input_names_(self) -> np.ndarray:
        inputs = self._fitted_network().inputs
        names = getattr(self, "feature_names_in_", [f"x{j}" for j in range(inputs.n_columns)])
        return inputs.names(names)

    @property
    def left_out_features_(self) -> np.ndarray:
        return self._fitted_network().inputs.left_out

    @property
    def input_degrees_(self) -> dict[int, np.ndarray]:
        found, n_columns = {}, self._fitted_network().n_columns
        for epoch, (columns, degrees) in self._input_degrees.items():
            found[epoch] = np.zeros(n_columns, dtype=degrees.dtype)
            found[epoch][columns] = degrees
        return found

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

    def _fitted_network(self) -> MotifNetwork:
        # AttributeError: hasattr(estimator, "coefs_") is how scikit-learn asks.
        if not hasattr(self, "network_"):
            raise AttributeError(f"This {type(self).__name__} is not fitted yet.")
        return self.network_

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        # Models of earlier versions go on as they were trained.
        names = self._get_param_names()
        for name, value in ABSENT_BEFORE.items():
            if name in names:
                self.__dict__.setdefault(name, value)
        if "input_degrees_" in self.__dict__:  # of 0.1.0, for all columns
            kept = self.__dict__.pop("input_degrees_")
            self._input_degrees = {epoch: where_positive(all_) for epoch, all_ in kept.items()}
        if "_course" in self.__dict__:  # its name in the first state of 0.1.0
            self._training_state = self.__dict__.pop("_course")

    def __getstate__(self) -> dict[str, Any]:
        # A copy that a callback or a scorer keeps is not part of the fit that it comes from.
        passing = (
            "_callback_fit_ctx",
            "_skl_callbacks_to_teardown",
            "_parent_callback_ctx",
            "_checked_rows",
        )
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name not in passing}

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = not lists_columns(self.categorical_features)
        tags.input_tags.allow_nan = True
        return tags
