"""Estimators: parameters, validation and labels; no mathematics."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ._network import MotifNetwork
from ._training import Streams, train

# "auto": below this many rows, full batches and no dropout.
SMALL_DATA = 200
AUTO_BATCH = 32
AUTO_DROPOUT = 0.3


class MotifSETClassifier(ClassifierMixin, BaseEstimator):
    _parameter_constraints: dict = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "motif_size": [Interval(Integral, 1, None, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "weight_sharing": [StrOptions({"scaled", "tied", "none"})],
        "activation": [StrOptions({"relu", "all_relu", "tanh", "logistic", "identity"})],
        "solver": [StrOptions({"adam", "sgd"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "dropout": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="left")],
        "zeta": [Interval(Real, 0, 1, closed="left")],
        "zeta_schedule": [StrOptions({"cosine", "constant"})],
        "evolve_every": [Interval(Integral, 1, None, closed="left")],
        "prune": [StrOptions({"magnitude", "random"})],
        "grow": [StrOptions({"random", "gradient"})],
        "group_features": ["boolean"],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        hidden_layer_sizes: tuple[int, ...] | int = (1000, 1000),
        *,
        motif_size: int = 2,
        epsilon: float = 20,
        weight_sharing: str = "scaled",
        activation: str = "relu",
        solver: str = "adam",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.001,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        max_iter: int = 100,
        tol: float = 1e-4,
        n_iter_no_change: int = 10,
        shuffle: bool = True,
        dropout: float | str = "auto",
        zeta: float = 0.3,
        zeta_schedule: str = "cosine",
        evolve_every: int = 1,
        prune: str = "magnitude",
        grow: str = "random",
        group_features: bool = True,
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
        self.learning_rate_init = learning_rate_init
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.shuffle = shuffle
        self.dropout = dropout
        self.zeta = zeta
        self.zeta_schedule = zeta_schedule
        self.evolve_every = evolve_every
        self.prune = prune
        self.grow = grow
        self.group_features = group_features
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y) -> MotifSETClassifier:
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32), order="C")
        check_classification_targets(y)
        self.classes_, encoded = np.unique(y, return_inverse=True)
        if self.classes_.size < 2:
            raise ValueError(
                "This solver needs samples of at least 2 classes in the data, but the data "
                f"contains only one class: {self.classes_[0]!r}."
            )
        return self._fit(X, encoded.astype(np.int32))

    def _fit(self, X, y):
        hidden = self._hidden_layer_sizes()
        n_samples, n_features = X.shape
        self.n_outputs_ = 1 if self.classes_.size == 2 else self.classes_.size
        self.out_activation_ = "logistic" if self.n_outputs_ == 1 else "softmax"
        streams = Streams.from_random_state(check_random_state(self.random_state))
        self.network_ = MotifNetwork(
            (n_features, *hidden, self.n_outputs_),
            motif_size=self.motif_size,
            epsilon=self.epsilon,
            weight_sharing=self.weight_sharing,
            activation=self.activation,
            group_features=self.group_features,
            dtype=X.dtype,
            wiring=streams.wiring,
            values=streams.values,
        )
        small = n_samples < SMALL_DATA
        batch_size, dropout = self.batch_size, self.dropout
        if batch_size == "auto":
            batch_size = n_samples if small else AUTO_BATCH
        if dropout == "auto":
            dropout = 0.0 if small else AUTO_DROPOUT
        history = train(
            self.network_,
            np.require(X, requirements="A"),
            y,
            streams,
            batch_size=min(batch_size, n_samples),
            dropout=dropout,
            learning_rate=self.learning_rate_init,
            max_iter=self.max_iter,
            tol=self.tol,
            n_iter_no_change=self.n_iter_no_change,
            shuffle=self.shuffle,
            zeta=self.zeta,
            zeta_schedule=self.zeta_schedule,
            evolve_every=self.evolve_every,
            prune=self.prune,
            grow=self.grow,
            solver=self.solver,
            alpha=self.alpha,
            momentum=self.momentum,
            nesterovs_momentum=self.nesterovs_momentum,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
        )
        self.loss_curve_ = history.loss_curve
        self.loss_ = history.loss_curve[-1]
        self.best_loss_ = history.best_loss
        self.n_iter_ = len(history.loss_curve)
        self.t_ = self.n_iter_ * n_samples
        self.n_layers_ = len(hidden) + 2
        return self

    def predict(self, X) -> np.ndarray:
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=(np.float64, np.float32), order="C", reset=False)
        probability = self.network_.predict_proba(np.require(X, requirements="A"), self.n_jobs)
        if self.n_outputs_ == 1:
            probability = np.hstack([1 - probability, probability])
        return probability

    def predict_log_proba(self, X) -> np.ndarray:
        return np.log(self.predict_proba(X))

    @property
    def coefs_(self) -> list[scipy.sparse.csr_array]:
        return self._fitted_network().coefs()

    @property
    def intercepts_(self) -> list[np.ndarray]:
        return self._fitted_network().intercepts()

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

    def _hidden_layer_sizes(self):
        sizes = self.hidden_layer_sizes
        sizes = [sizes] if isinstance(sizes, Integral) else list(sizes)
        if any(not isinstance(size, Integral) or size < 1 for size in sizes):
            raise ValueError(f"hidden_layer_sizes must be integers > 0, got {sizes}.")
        return tuple(int(size) for size in sizes)
