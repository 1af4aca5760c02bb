"""What the docstrings of both estimators share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PARAMETERS = """hidden_layer_sizes : array-like of int, or int, default=(1000, 1000)
    Neurons of each hidden layer. Wide layers cost little here, because time and memory grow
    with the connections.

motif_size : int, list of int or "auto", default=2
    Neurons that share their connections. 1 is plain SET. Larger motifs need fewer connections,
    so that training is faster. The last motif of a layer is shorter where the size does not
    divide the layer. A list such as ``[4, 2, 1]`` is a schedule, in which each size divides the
    one before it: training begins with the first size and splits the motifs at evenly spaced
    epochs, so that they have the last size from half of `max_iter` on. "auto" is the schedule
    ``[4, 2]``.

epsilon : float, default=20
    Density, as in SET: the graph between layers of ``M_in`` and ``M_out`` motifs gets
    ``min(M_in * M_out, round(epsilon * (M_in + M_out)))`` connections. The constant of Adam,
    which scikit-learn's multilayer perceptrons call `epsilon`, is fixed at 1e-8.

weight_sharing : {{"scaled", "tied", "none"}}, default="scaled"
    What a connection between two motifs carries. "scaled": one number; each neuron of a motif
    has learned gains for what comes in and what goes out, and a bias. "tied": one number; the
    neurons of a motif are clones, as in the paper [2]_. "none": a number for each pair of
    neurons; the motifs share their wiring only. With ``motif_size=1`` all three are the same.

activation : {{"relu", "all_relu", "tanh", "logistic", "identity"}}, default="relu"
    Activation of the hidden layers. "all_relu" is x for positive x; for other x it is 0.6 x in
    the first, third, ... hidden layer and -0.6 x in the second, fourth, ... [3]_.

solver : {{"adam", "sgd"}}, default="adam"
    Adam, or stochastic gradient descent with momentum.

alpha : float, default=1e-4
    Strength of the L2 penalty on the weights of connections. It is divided by the batch size,
    as in scikit-learn's multilayer perceptrons. Biases and gains have no penalty. Where the first
    layer goes by what sparse rows store, its weights decay instead.{alpha}

batch_size : int or "auto", default="auto"
    Rows of a mini-batch. "auto": all rows where there are fewer than 200 training rows, else 32.
    In a stream without an end it is 32, or all rows of a call that has fewer.

learning_rate : {{"constant", "cosine", "adaptive"}}, default="cosine"
    Schedule of the learning rate, for both solvers. It begins with `learning_rate_init`.
    "constant" stays there. "cosine" falls to nearly 0 in epoch `max_iter`; what
    :meth:`partial_fit` trains after that gets a tenth of `learning_rate_init`. In a stream without
    an end, "cosine" falls from three times `learning_rate_init` to half of it, with the updates,
    and stays there. "adaptive" is divided by 5 whenever `n_iter_no_change` would end the training,
    until it is 1e-6 or less.

learning_rate_init : float, default=0.003
    Learning rate of the first epoch. ``solver="sgd"`` usually needs a higher one.

momentum : float in [0, 1], default=0.9
    Momentum of ``solver="sgd"``.

nesterovs_momentum : bool, default=True
    Whether momentum is Nesterov's.

beta_1 : float in [0, 1), default=0.9
    Decay of the first moment of ``solver="adam"``.

beta_2 : float in [0, 1), default=0.999
    Decay of the second moment of ``solver="adam"``.

max_iter : int or "auto", default="auto"
    Maximum number of epochs. "auto": 50, or 25 for noisy classes (see `dropout`), or 15 for other
    classes of sparse X of which rows store little; or as many as make 300 updates
    where that is more. What :meth:`partial_fit` trains has no end then.
    ``zeta_schedule="cosine"`` and ``learning_rate="cosine"`` stretch over all of them.

tol : float, default=1e-4
    An epoch makes progress if it improves the lowest training loss so far by `tol`{tol} or
    more. With ``early_stopping=True`` it has to improve the highest validation score instead.

early_stopping : bool, default=False
    Whether progress is judged by the score on rows that are not trained on: those of `X_val`
    where :meth:`fit` is given it, else `validation_fraction` of the rows of X{stratified}. The
    network of the best epoch is kept.

validation_fraction : float in (0, 1), default=0.1
    Share of the rows of X that ``early_stopping=True`` sets aside where there is no `X_val`.

scoring : str, callable or None, default=None
    By what the network of an epoch is judged on the validation rows; greater is better. None:
    {default_score}. "loss": the validation loss, negated. Another
    str names one of scikit-learn's scorers. A callable is called as
    ``scoring(estimator, X, y)``, also with `sample_weight` where validation rows do not all
    count the same, and gives a finite number. It sees a copy of the estimator as it is after
    the epoch, and the rows as :meth:`fit` was given them.

n_iter_no_change : int, default=10
    Training ends after more than this number of epochs in a row without progress. With
    ``zeta_schedule="cosine"`` they count once the drop fraction is at most 1 % of `zeta`, which
    is after some 70 % of `max_iter`, or from the first epoch where `zeta` is 0. With a schedule
    of motif sizes they count after the last split.

shuffle : bool, default=True
    Whether each epoch takes the rows in another order.

dropout : float in [0, 1) or "auto", default="auto"
    Share of hidden activations that a training step sets to zero; with
    ``weight_sharing="tied"`` those of a motif together. "auto": 0 where there are fewer than
    200 training rows, else 0.2 for numbers, 0.3 for classes, 0.1 for classes by few columns and
    0.5 for noisy classes. At most 128 columns of numbers that have bins are few, or fewer than 64
    without; classes are noisy where nearest neighbors are of other classes nearly as often as any
    rows are. In a stream without an end it is 0.1.

zeta : float in [0, 1), default=0.3
    Drop fraction: the share of the connections to a hidden layer that one evolution prunes and
    grows anew. 0 keeps the wiring. The connections to the outputs always stay.

zeta_schedule : {{"cosine", "constant"}}, default="cosine"
    "cosine" anneals the drop fraction from `zeta` to 0 at three quarters of `max_iter`; in a stream
    without an end it is the mean of that, three eighths of `zeta`. "constant" keeps it at `zeta`.

evolve_every : int or "auto", default="auto"
    Epochs from one evolution to the next. "auto": 10 where there are fewer than 200 training
    rows, since an epoch is then one update, else 1. In a stream without an end 1000 rows count as
    an epoch, and "auto" is 1.

prune : {{"magnitude", "random"}}, default="magnitude"
    Which connections are pruned. "magnitude": the positive and the negative ones that are
    closest to 0, the same share of each; a weight counts with the gains of its motifs, and
    connections that carry several numbers are compared by their norms. "random": any.

grow : {{"random", "gradient"}}, default="random"
    Where new connections are placed. "random": anywhere. "gradient": where the gradient of the
    last mini-batch is largest, as in RigL [4]_. They start with a weight of 0.

group_features : bool or "auto", default="auto"
    Whether the columns form motifs, too, in their order. "auto": where columns are more like
    their neighbors than like others, as in images and spectra, and never for sparse X. In any
    case they stay apart where they would form fewer than 64 motifs, or fewer than 8 with
    ``weight_sharing="tied"``, which keeps to the paper, and where `encode_features` is a
    number. In a schedule of motif sizes the first size decides. Columns in motifs have no bins.

screen_features : bool, default=True
    Whether columns of numbers that look like noise get no connections. These are columns that are
    related to no other one and to no target, neither by themselves nor by the product of their
    signs with another column's, as those of an exclusive or are; provided that they are a tenth of
    all columns or more, that any other column is left, and that together they look like noise, too.
    The training rows tell, where X is dense and has 500 rows or more, fewer than ten rows for each
    column, at most 4000 columns, and, times the classes, at most 200 million pairs of them; else
    all columns stay. `left_out_features_` has the columns. What matters only together with two
    others looks like noise: set it to False where you expect that.

feature_shape : tuple of int or None, default=None
    Shape (height, width) or (height, width, channels) of images, of which each row of X is
    one, flattened in this order. Each motif of the first hidden layer then has all its
    connections in a window, which is a square of neighboring pixels. Windows lie all over the
    image and are as small as the number of connections allows. Columns of images are neither
    screened nor encoded, and none of them is left out. None: connections lie anywhere.

scale_features : "auto" or False, default="auto"
    Whether columns of numbers are scaled. "auto": a value x of dense X becomes
    ``z / sqrt(1 + (z / 3)**2)`` with ``z = (x - median) / (Q3 - Q1)``, by the median and the
    quartiles of the column in the training rows; half the range of the column takes the place
    of ``Q3 - Q1`` where that is 0. What is far away comes near 3 or -3, and never passes them.
    Where rows of sparse X store 1/32 of its occupied columns at most, all values are divided by
    one number, the root mean square of what the training rows store, or the first call in a
    stream; else sparse X is taken as it is. False: any X is.

encode_features : "auto", int or False, default="auto"
    Bins of each column of numbers, which are inputs beside its value. An int, from 2 on, is their
    number. A bin lies between two quantiles of the column; it is 0 below them, 0.5 above them, and
    rises evenly between them (piecewise-linear encoding [6]_). Equal quantiles make fewer bins, and
    columns of two values have none. "auto": 32 bins, but at most one for every 10 different
    training rows, and in all columns together no more than different rows; where there are at most
    128 columns of numbers that form no motifs, else none. Nor have 64 columns or more that are
    mostly more like their neighbors than like others, as wavelengths and pixels are. In a stream
    the rows of the first call decide, and there are at least 8. False: none. Sparse X and images
    never have bins.

categorical_features : "from_dtype", array-like or None, default="from_dtype"
    Which columns hold categories, each of which becomes an input. "from_dtype": columns of a
    frame of pandas or polars that are categorical by their dtype, or hold strings or booleans.
    Array-like: these columns, by their names in a frame or their numbers from 0 on, or by a
    bool for each column. None: no column. A category that did not come in the training rows, and
    a missing one where none was missing there, is 0 in all inputs of its column.
{class_weight}
warm_start : bool, default=False
    Whether :meth:`fit` goes on from the network of the last fit instead of a new one. The
    optimizer and the count of epochs that schedules follow start anew.

random_state : int, RandomState instance or None, default=None
    Seed of the wiring, the initial weights, the shuffling, the dropout, the evolution and the
    choice of validation rows, each of which draws from a stream of its own. An int gives
    bit-identical models on one machine, for any `n_jobs`.

n_jobs : int or None, default=None
    Most threads of training and prediction. None is one thread, -1 a thread for each core, -2
    one less. Training measures how many of them are fastest; small mini-batches stay on one. A
    search runs better in parallel
    by its own `n_jobs`.

precision : {{"auto", "float32", "float64"}}, default="auto"
    In which the network computes. "auto": float32, which takes less time, from 200
    training rows on and in :meth:`partial_fit`; else the dtype of X. In any case inputs are made
    from X as it is given, in float64, and predictions have the dtype of X{widened}.

verbose : bool, default=False
    Whether the logger "sklearn_motif" logs a line for each epoch: the loss, the validation
    score if there is one, the connections that evolution replaced, and the seconds. A line
    before them tells of columns that are left out."""

ATTRIBUTES = """n_features_in_ : int
    Number of columns of X in :meth:`fit`.

feature_names_in_ : ndarray of shape (n_features_in_,)
    Names of the columns. It exists where `X` had names that are all strings.

input_names_ : ndarray of shape (n_inputs,)
    Names of the inputs of the network, one for each row of ``coefs_[0]``. Columns "age" and
    "color" may give "age", "age bin 1", "age missing" and "color=red". Columns without names
    are called "x0", "x1", ... A name comes twice where a column is called like an input of another
    one: "age missing" beside "age", which misses values.

left_out_features_ : ndarray of int
    Numbers of the columns of X that the network does not read, sorted: those that hold the same
    value in all training rows, or none, and those that `screen_features` leaves out. Of sparse X
    they are the columns in which no training row stores a value other than 0. It is empty for
    images; in a stream it has columns of frames and of sparse X without any value so far.

feature_importances_ : ndarray of shape (n_features_in_,)
    Strength of each column of X: the sum of the absolute weights that leave its inputs [5]_, as
    a share of the sum over all columns; 0 for a column that was left out. They can be compared
    where columns are scaled alike.

input_degrees_ : dict of int to ndarray of shape (n_features_in_,)
    Connections of the inputs of each column of X in epochs 1, 2, 4, 8, ..., up to the epoch
    that was kept. The network evolves after an epoch, so that epoch 1 has the first wiring.

n_iter_ : int
    Number of epochs that were run.

t_ : int
    Number of training rows that were seen, counted in every epoch.

loss_ : float
    Training loss of the last epoch, {loss}.

best_loss_ : float
    Lowest training loss of an epoch.

loss_curve_ : list of float
    Training loss of each epoch.

motif_size_ : int
    Motif size of the network. With a schedule it is the size in the epoch that was kept.

motif_size_curve_ : list of int
    Motif size in each epoch.

n_connections_curve_ : list of int
    Connections of all motif graphs in each epoch.

validation_scores_ : list of float or None
    Score on the validation rows after each epoch, by `scoring`.
    None where there were no such rows.

validation_loss_curve_ : list of float or None
    Loss on the validation rows after each epoch, {validation_loss}.
    None where there were no validation rows.

best_validation_score_ : float or None
    Highest of `validation_scores_`. None where there were no validation rows.

coefs_ : list of csr_array of shape (n_in, n_out)
    Weights between the neurons of neighboring layers, in the dtype in which the network
    computes, with sorted indices. The first has a row for each input, see `input_names_`. They
    are made anew at each access. A connection has an entry for each pair of neurons that it
    joins, which are up to the square of `motif_size`.

intercepts_ : list of ndarray of shape (n_out,)
    Biases of the neurons of each layer after the inputs.{intercepts}

n_layers_ : int
    Number of layers, including inputs and outputs.

n_outputs_ : int
    Number of outputs: {n_outputs}.

out_activation_ : {out_activation}

n_connections_ : int
    Connections of all motif graphs.

n_parameters_ : int
    Number of weights, biases and gains.

density_ : float
    Share of the possible connections of the motif graphs that exist.

network_ : MotifNetwork
    The network as flat arrays, for those who want to look inside. It is not a stable interface."""

REFERENCES = """.. [1] D. C. Mocanu et al., "Scalable training of artificial neural networks with
   adaptive sparse connectivity inspired by network science", Nature Communications 9, 2018.
.. [2] X. Chen, X. Liu, M. Mohammadi Ziabari, "A Topological Improvement of the Overall
   Performance of Sparse Evolutionary Training: Motif-Based Structural Optimization of
   Sparse MLPs", arXiv 2506.09204, 2025.
.. [3] S. Curci, D. C. Mocanu, M. Pechenizkiy, "Truly Sparse Neural Networks at Scale",
   arXiv 2102.01732, 2021.
.. [4] U. Evci et al., "Rigging the Lottery: Making All Tickets Winners", ICML 2020.
.. [5] Z. Atashgahi et al., "Quick and Robust Feature Selection: the Strength of
   Energy-efficient Sparse Training for Autoencoders", arXiv 2012.00560, 2020.
.. [6] Y. Gorishniy, I. Rubachev, A. Babenko, "On Embeddings for Numerical Features in Tabular
   Deep Learning", NeurIPS 2022, arXiv 2203.05556."""


def documented(**texts: str) -> Callable[[type[T]], type[T]]:
    """Fill the shared parts into the docstring of a class, and `texts` into the shared parts."""

    def fill(cls: type[T]) -> type[T]:
        if cls.__doc__ is None:  # python -OO
            return cls
        shared = {
            "parameters": PARAMETERS.format(**texts),
            "attributes": ATTRIBUTES.format(**texts),
            "references": REFERENCES,
        }
        document = inspect.cleandoc(cls.__doc__)
        for name, text in shared.items():
            document = document.replace(f"<{name}>", text)
        cls.__doc__ = document
        return cls

    return fill
