"""What the docstrings of the estimators share."""

from __future__ import annotations

import inspect
from collections.abc import Callable

PARAMETERS = """hidden_layer_sizes : array-like of int, or int, default=(1000, 1000)
    Neurons of each hidden layer. Wide layers cost little here: time and memory grow with
    the connections.

motif_size : int, list of int or "auto", default=2
    Neurons that share their connections. 1 is plain SET. Greater motifs need fewer
    connections, so that training is faster. The last motif of a layer is shorter where
    the size does not divide. A list such as ``[4, 2, 1]`` is a schedule, in which each size
    divides the one before: training begins with the first, and splits the motifs at evenly
    spaced epochs until they have the last size at half of `max_iter`. "auto" is the
    schedule ``[4, 2]``.

epsilon : float, default=20
    Density, as in SET: the graph between layers of ``M_in`` and ``M_out`` motifs gets
    ``min(M_in * M_out, round(epsilon * (M_in + M_out)))`` connections. This is not
    Adam's constant, which scikit-learn's multilayer perceptrons call `epsilon` and which is
    fixed here at 1e-8.

weight_sharing : {{"scaled", "tied", "none"}}, default="scaled"
    What a connection between two motifs carries. "scaled": one number, beside a learned
    gain for each side of a neuron and a bias for each neuron. "tied": one number, the
    neurons of a motif are clones, as in the paper. "none": a free number for each pair
    of neurons; the motifs share only their wiring. With ``motif_size=1`` all three are
    the same.

activation : {{"relu", "all_relu", "tanh", "logistic", "identity"}}, default="relu"
    Activation of the hidden layers. "all_relu" is x for positive x, else 0.6 x in the
    first, third, ... hidden layer and -0.6 x in the others [3]_.

solver : {{"adam", "sgd"}}, default="adam"
    Adam, or stochastic gradient descent with momentum.

alpha : float, default=1e-4
    Strength of the L2 penalty on the weights of connections, divided by the batch size
    as in scikit-learn's multilayer perceptrons. Biases and gains have none.

batch_size : int or "auto", default="auto"
    Rows of a mini-batch. "auto": all rows below 200 rows, else 32.

learning_rate : {{"constant", "cosine", "adaptive"}}, default="cosine"
    Schedule of the learning rate, for both solvers. "constant": `learning_rate_init`.
    "cosine": falls from there to nearly 0 in epoch `max_iter`; a stream that goes on after
    that gets a tenth of `learning_rate_init`. "adaptive": is divided by 5, down to 1e-6,
    whenever `n_iter_no_change` epochs went by without progress.

learning_rate_init : float, default=0.003
    Learning rate of the first epoch. SGD usually needs a greater one.

momentum : float in [0, 1], default=0.9
    Momentum of ``solver="sgd"``.

nesterovs_momentum : bool, default=True
    Whether momentum is Nesterov's.

beta_1 : float in [0, 1), default=0.9
    Decay of the first moment of ``solver="adam"``.

beta_2 : float in [0, 1), default=0.999
    Decay of the second moment of ``solver="adam"``.

max_iter : int or "auto", default="auto"
    Largest number of epochs. "auto": 100 below 200 rows, else 50. ``zeta_schedule="cosine"``
    and ``learning_rate="cosine"`` are stretched over them.

tol : float, default=1e-4
    An epoch makes progress if the training loss falls below the best so far by `tol`, or,
    with `early_stopping`, if the validation score rises by it.

early_stopping : bool, default=False
    Whether progress is judged by the score on rows that are not trained on: those of
    `X_val`, if :meth:`fit` is given one, else `validation_fraction` of X{stratified}. The
    network of the best epoch is kept.

validation_fraction : float in (0, 1), default=0.1
    Share of the rows that ``early_stopping=True`` sets aside where there is no `X_val`.

n_iter_no_change : int, default=10
    Training stops after more than so many epochs in a row without progress. With
    ``zeta_schedule="cosine"`` they are counted once the drop fraction has fallen below
    1 % of `zeta`, which is after some 70 % of `max_iter`; with a schedule of motif sizes
    not before the last split.

shuffle : bool, default=True
    Whether each epoch takes the rows in another order.

dropout : float in [0, 1) or "auto", default="auto"
    Share of hidden activations set to zero in a training step, a whole motif at a time
    in "tied" mode. "auto": 0 below 200 rows, else 0.3.

zeta : float in [0, 1), default=0.3
    Drop fraction: the share of a hidden layer's connections that one evolution prunes
    and grows anew. 0 keeps the wiring.

zeta_schedule : {{"cosine", "constant"}}, default="cosine"
    "cosine" anneals the drop fraction from `zeta` to 0 at three quarters of `max_iter`.

evolve_every : int or "auto", default="auto"
    Epochs from one evolution to the next. "auto": 10 below 200 rows, where an epoch is one
    update, else 1.

prune : {{"magnitude", "random"}}, default="magnitude"
    Which connections are pruned. "magnitude": the smallest positive and the largest negative
    weights.

grow : {{"random", "gradient"}}, default="random"
    Where new connections are placed: anywhere, or where the gradient of the last mini-batch is
    largest, as in RigL [4]_. They start with a weight of 0.

group_features : bool or "auto", default="auto"
    Whether the input features form motifs, too, in the order of the columns. "auto": where
    columns are more alike to their neighbours than to others, as in images and spectra, and
    never for sparse X. They stay apart in any case where they would form fewer than 64
    motifs, or 8 in "tied" mode, which keeps to the paper. In a schedule of motif sizes the
    first one decides.

screen_features : bool, default=True
    Whether columns that are noise by the training rows get no connections: those that go with
    no other column and with no target, if they are a tenth of the columns or more, and look
    like noise together, too. Looked at in dense X of 500 rows or more, of fewer than ten rows
    a column, and of up to 4000 columns.

feature_shape : tuple of int or None, default=None
    Shape (height, width) or (height, width, channels) of the images that the rows are, flattened
    in this order. Each motif of the first hidden layer then has all its connections in a
    window, a square of neighbouring pixels, and windows lie all over the image. They are as
    small as the number of connections allows. None: anywhere. Columns of images are not
    screened.
{class_weight}
warm_start : bool, default=False
    Whether :meth:`fit` goes on from the network of the last fit instead of a new one. The
    optimizer and the clock of the schedules start anew.

random_state : int, RandomState instance or None, default=None
    Seed of the wiring, the initial weights, the shuffling, the dropout, the evolution and
    the choice of validation rows, which draw from separate streams. An int gives
    bit-identical models on one machine, for any `n_jobs`.

n_jobs : int or None, default=None
    Threads of training and prediction. None is one, -1 all cores. Small networks stay
    on one thread. Searches are better run in parallel by their own `n_jobs`.

verbose : bool, default=False
    Whether to log a line an epoch, by the logger "sklearn_motif": the loss, the validation
    score if there is one, the connections that evolution replaced, the seconds."""

ATTRIBUTES = """n_features_in_ : int
    Number of features seen in :meth:`fit`.

feature_names_in_ : ndarray of shape (n_features_in_,)
    Names of the features; only where `X` had names that are all strings.

feature_importances_ : ndarray of shape (n_features_in_,)
    Strength of each input feature: the sum of the absolute weights that leave it [5]_, as a
    share of the sum over all features. Comparable where the features are scaled alike.

input_degrees_ : dict of int to ndarray of shape (n_features_in_,)
    Connections of each input feature in epochs 1, 2, 4, 8, ... of those that were kept. The
    network evolves after an epoch, so that those of epoch 1 are the first wiring.

n_iter_ : int
    Epochs run.

t_ : int
    Training rows seen.

loss_ : float
    Loss of the last epoch, with the L2 penalty and the smoothing of labels.

best_loss_ : float
    Smallest loss of an epoch.

loss_curve_ : list of float
    Loss of each epoch.

motif_size_ : int
    Motif size of the network; with a schedule that of the epoch that was kept.

motif_size_curve_ : list of int
    Motif size in each epoch.

n_connections_curve_ : list of int
    Connections of all motif graphs in each epoch.

validation_scores_ : list of float or None
    {score} on the validation rows after each epoch; None where there were none.

validation_loss_curve_ : list of float or None
    Loss on the validation rows after each epoch, without either.

best_validation_score_ : float or None
    Best of `validation_scores_`.

coefs_ : list of csr_array of shape (n_in, n_out)
    Weights between the neurons of neighbouring layers, in X's dtype, with sorted indices.
    Made anew whenever asked for. A connection has an entry for each pair of neurons that
    it joins: the square of `motif_size` between two grouped layers.

intercepts_ : list of ndarray of shape (n_out,)
    Biases of the neurons of each layer after the inputs.

n_layers_ : int
    Number of layers, inputs and outputs included.

n_outputs_ : int
    Number of outputs: {n_outputs}.

out_activation_ : {out_activation}

n_connections_ : int
    Connections of all motif graphs.

n_parameters_ : int
    Learned numbers: weights, biases and gains.

density_ : float
    Connections over all places of the motif graphs.

network_ : MotifNetwork
    The network as flat arrays, for those who want to look inside; not a stable
    interface."""

REFERENCES = """.. [1] D. C. Mocanu et al., "Scalable training of artificial neural networks with
   adaptive sparse connectivity inspired by network science", Nature Communications 9, 2018.
.. [2] X. Chen, X. Liu, M. Mohammadi Ziabari, "A Topological Improvement of the Overall
   Performance of Sparse Evolutionary Training: Motif-Based Structural Optimization of
   Sparse MLPs", arXiv 2506.09204, 2025.
.. [3] S. Curci, D. C. Mocanu, M. Pechenizkiy, "Truly Sparse Neural Networks at Scale",
   arXiv 2102.01732, 2021.
.. [4] U. Evci et al., "Rigging the Lottery: Making All Tickets Winners", ICML 2020.
.. [5] Z. Atashgahi et al., "Quick and Robust Feature Selection: the Strength of
   Energy-efficient Sparse Training for Autoencoders", arXiv 2012.00560, 2020."""


def documented(**texts: str) -> Callable[[type], type]:
    """Fill the shared parts into a class docstring, and `texts` into those."""

    def fill(cls):
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
