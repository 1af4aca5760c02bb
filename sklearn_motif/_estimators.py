"""Estimators: parameters, validation and labels; no mathematics."""

from __future__ import annotations

import warnings
from numbers import Integral, Real

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike
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
# Features form no motifs where these would be fewer: that saves next to nothing and costs
# accuracy (digits, 64 features). "tied" keeps to the paper as far as there is something left to
# learn from.
FEWEST_FEATURE_MOTIFS = {"scaled": 64, "none": 64, "tied": 4}


class MotifSETClassifier(ClassifierMixin, BaseEstimator):
    """Truly sparse multilayer perceptron whose wiring evolves while it learns.

    Layers are joined by a sparse random graph. After every epoch the weakest connections are
    pruned and as many new ones grown (Sparse Evolutionary Training, SET). Neurons are
    grouped into motifs of `motif_size`, which share their connections. Nothing of size
    n_in × n_out is ever allocated. The loss is the cross-entropy.

    Scale the features, as for every neural network, for example with ``StandardScaler``.

    Parameters
    ----------
    hidden_layer_sizes : array-like of int, or int, default=(1000, 1000)
        Neurons of each hidden layer. Wide layers cost little here: time and memory grow with
        the connections.

    motif_size : int, default=2
        Neurons that share their connections. 1 is plain SET. Greater motifs need fewer
        connections, so that training is faster. The last motif of a layer is shorter where
        the size does not divide.

    epsilon : float, default=20
        Density, as in SET: the graph between layers of ``M_in`` and ``M_out`` motifs gets
        ``min(M_in * M_out, round(epsilon * (M_in + M_out)))`` connections. This is not
        Adam's constant, which `MLPClassifier` calls `epsilon` and which is fixed here at
        1e-8.

    weight_sharing : {"scaled", "tied", "none"}, default="scaled"
        What a connection between two motifs carries. "scaled": one number, beside a learned
        gain for each side of a neuron and a bias for each neuron. "tied": one number, the
        neurons of a motif are clones, as in the paper. "none": a free number for each pair
        of neurons; the motifs share only their wiring. With ``motif_size=1`` all three are
        the same.

    activation : {"relu", "all_relu", "tanh", "logistic", "identity"}, default="relu"
        Activation of the hidden layers. "all_relu" is x for positive x, else 0.6 x in the
        first, third, ... hidden layer and -0.6 x in the others [3]_.

    solver : {"adam", "sgd"}, default="adam"
        Adam, or stochastic gradient descent with momentum.

    alpha : float, default=1e-4
        Strength of the L2 penalty on the weights of connections, divided by the batch size
        as in `MLPClassifier`. Biases and gains have none.

    batch_size : int or "auto", default="auto"
        Rows of a mini-batch. "auto": all rows below 200 rows, else 32.

    learning_rate_init : float, default=0.001
        Learning rate; it is constant.

    momentum : float in [0, 1], default=0.9
        Momentum of ``solver="sgd"``.

    nesterovs_momentum : bool, default=True
        Whether momentum is Nesterov's.

    beta_1 : float in [0, 1), default=0.9
        Decay of the first moment of ``solver="adam"``.

    beta_2 : float in [0, 1), default=0.999
        Decay of the second moment of ``solver="adam"``.

    max_iter : int, default=100
        Largest number of epochs. ``zeta_schedule="cosine"`` is stretched over them.

    tol : float, default=1e-4
        An epoch makes progress if the training loss falls below the best so far by `tol`.

    n_iter_no_change : int, default=10
        Training stops after more than so many epochs in a row without progress. With
        ``zeta_schedule="cosine"`` they are counted once the drop fraction has fallen below
        1 % of `zeta`, which is after some 70 % of `max_iter`.

    shuffle : bool, default=True
        Whether each epoch takes the rows in another order.

    dropout : float in [0, 1) or "auto", default="auto"
        Share of hidden activations set to zero in a training step, a whole motif at a time
        in "tied" mode. "auto": 0 below 200 rows, else 0.3.

    zeta : float in [0, 1), default=0.3
        Drop fraction: the share of a hidden layer's connections that one evolution prunes
        and grows anew. 0 keeps the wiring.

    zeta_schedule : {"cosine", "constant"}, default="cosine"
        "cosine" anneals the drop fraction from `zeta` to 0 at three quarters of `max_iter`.

    evolve_every : int, default=1
        Epochs from one evolution to the next.

    prune : {"magnitude", "random"}, default="magnitude"
        Which connections are pruned. "magnitude": the smallest positive and the largest negative
        weights.

    grow : {"random", "gradient"}, default="random"
        Where new connections are placed: anywhere, or where the gradient of the last mini-batch is
        largest, as in RigL [4]_. They start with a weight of 0.

    group_features : bool, default=True
        Whether the input features form motifs, too, in the order of the columns. They stay
        apart in any case where they would form fewer than 64 motifs, or 4 in "tied" mode,
        which keeps to the paper.

    random_state : int, RandomState instance or None, default=None
        Seed of the wiring, the initial weights, the shuffling, the dropout and the
        evolution, which draw from separate streams. An int gives bit-identical models on one
        machine, for any `n_jobs`.

    n_jobs : int or None, default=None
        Threads of training and prediction. None is one, -1 all cores. Small networks stay
        on one thread. Searches are better run in parallel by their own `n_jobs`.

    verbose : bool, default=False
        Whether to log a line an epoch, by the logger "sklearn_motif": the loss, the
        connections that evolution replaced, the seconds.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels.

    n_features_in_ : int
        Number of features seen in :meth:`fit`.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features; only where `X` had names that are all strings.

    n_iter_ : int
        Epochs run.

    t_ : int
        Training rows seen: ``n_iter_`` times the rows of X.

    loss_ : float
        Loss of the last epoch, the L2 penalty included.

    best_loss_ : float
        Smallest loss of an epoch.

    loss_curve_ : list of float
        Loss of each epoch.

    coefs_ : list of csr_array of shape (n_in, n_out)
        Weights between the neurons of neighbouring layers, in X's dtype, with sorted indices.
        Made anew whenever asked for. A connection has an entry for each pair of neurons that
        it joins: the square of `motif_size` between two grouped layers.

    intercepts_ : list of ndarray of shape (n_out,)
        Biases of the neurons of each layer after the inputs.

    n_layers_ : int
        Number of layers, inputs and outputs included.

    n_outputs_ : int
        Number of outputs: 1 for two classes, else the number of classes.

    out_activation_ : {"logistic", "softmax"}
        Activation of the outputs, for two classes and for more.

    n_connections_ : int
        Connections of all motif graphs.

    n_parameters_ : int
        Learned numbers: weights, biases and gains.

    density_ : float
        Connections over all places of the motif graphs.

    network_ : MotifNetwork
        The network as flat arrays, for those who want to look inside; not a stable
        interface.

    See Also
    --------
    sklearn.neural_network.MLPClassifier : Dense multilayer perceptron.

    Notes
    -----
    Computes in float32 where X is float32, else in float64. The first fit on a machine
    compiles the engine, which takes some 20 seconds; it is cached on disk.

    References
    ----------
    .. [1] D. C. Mocanu et al., "Scalable training of artificial neural networks with adaptive
       sparse connectivity inspired by network science", Nature Communications 9, 2018.
    .. [2] X. Chen, X. Liu, M. Mohammadi Ziabari, "A Topological Improvement of the Overall
       Performance of Sparse Evolutionary Training: Motif-Based Structural Optimization of
       Sparse MLPs", arXiv 2506.09204, 2025.
    .. [3] S. Curci, D. C. Mocanu, M. Pechenizkiy, "Truly Sparse Neural Networks at Scale",
       arXiv 2102.01732, 2021.
    .. [4] U. Evci et al., "Rigging the Lottery: Making All Tickets Winners", ICML 2020.

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
    def fit(self, X: ArrayLike, y: ArrayLike) -> MotifSETClassifier:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training rows. float32 is kept, everything else becomes float64.
        y : array-like of shape (n_samples,)
            Class labels, of at least two classes.

        Returns
        -------
        self : MotifSETClassifier

        Raises
        ------
        ValueError
            If X holds NaN or infinity, y holds one class only, a parameter is out of its
            range, or the training diverges.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` ended the training, not its loss.
        """
        before = dict(vars(self))
        try:
            return self._fit_classes(X, y)
        except BaseException:
            # Nothing half fitted: scikit-learn's validation has already set attributes.
            vars(self).clear()
            vars(self).update(before)
            raise

    def _fit_classes(self, X, y):
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32), order="C")
        check_classification_targets(y)
        classes, encoded = np.unique(y, return_inverse=True)
        if classes.size < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes, but y contains only "
                f"one class: {classes[0]}."
            )
        n_outputs = 1 if classes.size == 2 else classes.size
        self._fit(X, encoded.astype(np.int32), n_outputs)
        self.classes_ = classes
        self.out_activation_ = "logistic" if n_outputs == 1 else "softmax"
        return self

    def _fit(self, X, y, n_outputs):
        """Train a network and record what came of it."""
        hidden = self._hidden_layer_sizes()
        n_samples, n_features = X.shape
        # Narrow NumPy integers would overflow in products with sizes.
        motif_size = int(self.motif_size)
        streams = Streams.from_random_state(check_random_state(self.random_state))
        network = MotifNetwork(
            (n_features, *hidden, n_outputs),
            motif_size=motif_size,
            epsilon=float(self.epsilon),
            weight_sharing=self.weight_sharing,
            activation=self.activation,
            group_features=bool(self.group_features)
            and n_features > (FEWEST_FEATURE_MOTIFS[self.weight_sharing] - 1) * motif_size,
            dtype=X.dtype,
            wiring=streams.wiring,
            values=streams.values,
        )
        small = n_samples < SMALL_DATA
        batch_size, dropout = self.batch_size, self.dropout
        if batch_size == "auto":
            batch_size = n_samples if small else AUTO_BATCH
        elif batch_size > n_samples:
            warnings.warn(
                f"batch_size={batch_size} is more than the {n_samples} rows of X; full batches "
                "are used.",
                stacklevel=2,
            )
        if dropout == "auto":
            dropout = 0.0 if small else AUTO_DROPOUT
        history = train(
            network,
            np.require(X, requirements="A"),
            y,
            streams,
            batch_size=min(int(batch_size), n_samples),
            dropout=float(dropout),
            learning_rate=float(self.learning_rate_init),
            max_iter=int(self.max_iter),
            tol=self.tol,
            n_iter_no_change=int(self.n_iter_no_change),
            shuffle=self.shuffle,
            zeta=float(self.zeta),
            zeta_schedule=self.zeta_schedule,
            evolve_every=int(self.evolve_every),
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
        self.network_ = network
        self.loss_curve_ = history.loss_curve
        self.loss_ = history.loss_curve[-1]
        self.best_loss_ = history.best_loss
        self.n_iter_ = len(history.loss_curve)
        self.t_ = self.n_iter_ * n_samples
        self.n_layers_ = len(hidden) + 2
        self.n_outputs_ = n_outputs

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Most probable class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels from `classes_`.
        """
        probability = self.predict_proba(X)
        return self.classes_[probability.argmax(axis=1)]

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_` and in the dtype of the training rows. The bits of a
            row do not depend on the other rows.
        """
        check_is_fitted(self, "network_")
        dtype = self.network_.weights.dtype
        X = validate_data(self, X, dtype=dtype, order="C", reset=False)
        probability = self.network_.predict_proba(np.require(X, requirements="A"), self.n_jobs)
        if self.n_outputs_ == 1:
            probability = np.hstack([1 - probability, probability])
        return probability

    def predict_log_proba(self, X: ArrayLike) -> np.ndarray:
        """Logarithms of the class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            ``log(predict_proba(X))``; a probability of 0 gives -inf.
        """
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
        sizes = [sizes] if np.ndim(sizes) == 0 else list(sizes)
        if any(not isinstance(size, Integral) or size < 1 for size in sizes):
            raise ValueError(f"hidden_layer_sizes must be integers > 0, got {sizes}.")
        return tuple(int(size) for size in sizes)
