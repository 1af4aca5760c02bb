"""Export of fitted networks, alone or at the end of a pipeline, to ONNX."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ._estimators import MotifSETClassifier, MotifSETRegressor
from ._fitting.targets import Labels, known_targets
from ._network import MotifNetwork

if TYPE_CHECKING:
    from onnx import ModelProto

# Rows that the exported network takes at a time. Memory then does not grow with all rows, and
# what connections read stays in the cache.
ROWS = 64
# In older ones, Shape cannot leave out dimensions.
MIN_OPSET = 15
ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid"}


def to_onnx(
    model: BaseEstimator,
    X: Any = None,
    *,
    initial_types: list[tuple[str, Any]] | None = None,
    options: dict | None = None,
    **kwargs: Any,
) -> ModelProto:
    """Convert a fitted network, or a pipeline that ends in one, to ONNX.

    The file holds O(connections) numbers, and no matrix of size n_in × n_out is made, here or
    where the file runs. Networks need the standard operators of ONNX only.

    Parameters
    ----------
    model : MotifSETClassifier, MotifSETRegressor or Pipeline
        The fitted model. Other models that skl2onnx converts, such as ``GridSearchCV``, may
        hold a network, too; they need `X` or `initial_types`.
    X : ndarray or DataFrame of shape (n_samples, n_features), default=None
        Rows that show the types of the inputs; one is enough. An array becomes one input, "X",
        a frame one input for each column. A network computes in float64 where its input is
        float64, else in float32. None: one input, "X", in the dtype in which the network was
        trained.
    initial_types : list of (str, skl2onnx type), default=None
        Names and types of the inputs, in place of `X`.
    options : dict, default=None
        Options of skl2onnx's converters; a classifier has "zipmap", "nocl" and
        "output_class_labels". None is ``{"zipmap": False}`` for a classifier: probabilities as an
        array, not as dictionaries.
    **kwargs : dict
        More parameters of ``skl2onnx.to_onnx``, such as ``target_opset``, at least 15.

    Returns
    -------
    onnx.ModelProto
        A classifier has the outputs "label" and "probabilities", as ``predict`` and
        ``predict_proba`` return them; labels are strings or int64. A regressor has the output
        "variable" of shape (n_samples, n_targets), also for one target.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.
    NotFittedError
        If `model` is not fitted.
    TypeError
        If `X` is neither a two-dimensional array nor a frame.
    ValueError
        If nothing tells the types of the inputs, if they have another number of features than
        `model`, or if ``target_opset`` is below 15.

    Notes
    -----
    After the first call, the functions of skl2onnx itself convert networks, too. Dictionaries
    of probabilities and some transformers of skl2onnx need float32 inputs.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_motif import MotifSETClassifier
    >>> from sklearn_motif.onnx import to_onnx
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = MotifSETClassifier((20,), tol=0.01, random_state=0)
    >>> model = make_pipeline(StandardScaler(), classifier).fit(X, y)
    >>> exported = to_onnx(model, X[:1].astype("float32"))
    >>> [output.name for output in exported.graph.output]
    ['label', 'probabilities']
    """
    try:
        import skl2onnx
    except ImportError as error:
        raise ImportError('to_onnx needs skl2onnx: pip install "sklearn-motif[onnx]".') from error
    check_is_fitted(model)
    is_table = hasattr(X, "iloc") or isinstance(X, np.ndarray)
    if X is not None and not (is_table and X.ndim == 2):
        raise TypeError(
            "X must be a DataFrame or an array of shape (n_samples, n_features), got "
            f"{type(X).__name__}."
        )
    if X is None and initial_types is None:
        network = getattr(model[-1] if isinstance(model, Pipeline) else model, "network_", None)
        n_features = getattr(model, "n_features_in_", None)
        if network is None or n_features is None:
            raise ValueError(
                "X or initial_types must be given: this model does not tell the types of its "
                "inputs."
            )
        X = np.zeros((1, n_features), dtype=network.weights.dtype)
    if options is None and is_classifier(model):
        options = {"zipmap": False}
    both = [True, False]
    choices = {"zipmap": [*both, "columns"], "nocl": both, "output_class_labels": both}
    for cls, of_class in ((MotifSETClassifier, choices), (MotifSETRegressor, None)):
        skl2onnx.update_registered_converter(
            cls, f"Sklearn{cls.__name__}", _set_types, _convert, options=of_class
        )
    return skl2onnx.to_onnx(model, X, initial_types=initial_types, options=options, **kwargs)


def _set_types(operator: Any) -> None:
    """Complete the types of an estimator's outputs, which skl2onnx asks for first."""
    from skl2onnx.common.data_types import Int64TensorType, StringTensorType

    estimator = operator.raw_operator
    widths = [x.type.shape[1] for x in operator.inputs]
    if None not in widths and sum(widths) != estimator.n_features_in_:
        raise ValueError(
            f"X or initial_types show {sum(widths)} features, but {type(estimator).__name__} "
            f"expects {estimator.n_features_in_}."
        )
    n_rows = operator.inputs[0].get_first_dimension()
    if is_classifier(estimator):
        classes = _classes(operator.scope_inst, estimator)
        label_type = Int64TensorType if classes.dtype == np.int64 else StringTensorType
        shape = [n_rows, classes.size]
        operator.outputs[0].set_type(
            label_type(shape if isinstance(known_targets(estimator), Labels) else [n_rows])
        )
        operator.outputs[1].type.shape = shape
    else:
        operator.outputs[0].type.shape = [n_rows, estimator.n_outputs_]


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """Add an estimator to the graph that skl2onnx builds."""
    from onnx import TensorProto
    from skl2onnx.common.data_types import DoubleTensorType

    if container.target_opset < MIN_OPSET:
        raise ValueError(
            f"target_opset must be at least {MIN_OPSET}, got {container.target_opset}."
        )
    estimator, names = operator.raw_operator, operator.output_full_names
    is_double = isinstance(operator.inputs[0].type, DoubleTensorType)
    add = _Adder(scope, container.add_node, np.dtype(np.float64 if is_double else np.float32))
    x = add("Concat", *(add("Cast", x.full_name, to=add.type) for x in operator.inputs), axis=1)
    columns = estimator.network_.columns
    if columns is not None:
        x = add("Gather", x, columns.tolist(), axis=1)
    y = _add_network(add, estimator.network_, x)
    if not is_classifier(estimator):
        add("Identity", y, output=names[0])
        return
    if estimator.out_activation_ == "softmax":
        decided = add("ArgMax", y, axis=1)
    else:
        decided = add("Cast", add("Greater", y, 0.5), to=TensorProto.INT64)
    if isinstance(known_targets(estimator), Labels):
        add("Identity", decided, output=names[0])
    else:
        add("Gather", _classes(scope, estimator), add("Reshape", decided, [-1]), output=names[0])
    if estimator.n_outputs_ == 1:
        y = add("Concat", add("Sub", 1.0, y), y, axis=1)
    add("Identity", y, output=names[1])


def _classes(scope: Any, estimator: MotifSETClassifier) -> np.ndarray:
    """Labels as ONNX has them: int64 or strings."""
    from skl2onnx.common.utils_classifier import get_label_classes

    classes = get_label_classes(scope, estimator)
    return classes.astype(np.int64 if classes.dtype.kind in "biuf" else object)


class _Adder:
    """Adds a node to a graph in each call, which returns the name of the node's output.

    Inputs are names or constants. Floating-point constants take `dtype`, lists become int64.
    Names are new in the whole model, as ONNX demands of a graph within a graph.
    """

    def __init__(self, scope: Any, add_node: Callable[..., Any], dtype: np.dtype):
        from onnx import helper

        self.scope, self.add_node, self.dtype = scope, add_node, dtype
        self.type = helper.np_dtype_to_tensor_dtype(dtype)

    def __call__(
        self, op_type: str, *inputs: Any, output: str | None = None, **attributes: Any
    ) -> str:
        names = [x if isinstance(x, str) else self._constant(x) for x in inputs]
        output = output or self.scope.get_unique_variable_name(op_type)
        name = self.scope.get_unique_operator_name(op_type)
        self.add_node(op_type, names, [output], name=name, **attributes)
        return output

    def _constant(self, values: Any) -> str:
        from onnx import numpy_helper

        values = np.asarray(values, dtype=np.int64 if isinstance(values, list) else None)
        if values.dtype.kind == "f":
            values = values.astype(self.dtype)
        return self("Constant", value=numpy_helper.from_array(values))


def _add_network(add: _Adder, network: MotifNetwork, x: str) -> str:
    """Add a network that takes the rows of x in blocks: outputs, (n_samples, n_outputs)."""
    from onnx import helper

    nodes: list[Any] = []
    within = _Adder(
        add.scope, lambda *args, **names: nodes.append(helper.make_node(*args, **names)), add.dtype
    )
    block = add.scope.get_unique_variable_name("block")
    ends = block, _add_layers(within, network, block)
    widths = network.layer_sizes[0], network.layer_sizes[-1]
    inputs, outputs = (
        [helper.make_tensor_value_info(end, add.type, [None, width])]
        for end, width in zip(ends, widths, strict=True)
    )
    body = helper.make_graph(nodes, "network", inputs, outputs)

    n_rows = add("Shape", x, start=0, end=1)
    n_some = add("Max", n_rows, [1])  # no rows are computed as one
    size = add("Min", n_some, [ROWS])
    n_blocks = add("Div", add("Sub", add("Add", n_some, size), [1]), size)
    n_missing = add("Sub", add("Mul", n_blocks, size), n_rows)
    x = add("Pad", x, add("Concat", [0, 0], n_missing, [0], axis=0))
    x = add("Reshape", x, add("Concat", n_blocks, size, [widths[0]], axis=0))
    y = add("Scan", x, body=body, num_scan_inputs=1)
    return add("Slice", add("Reshape", y, [-1, widths[1]]), [0], n_rows)


def _add_layers(add: _Adder, network: MotifNetwork, block: str) -> str:
    """Add all layers. Between them, rows are neurons or units, and columns are samples."""
    a = add("Transpose", block, perm=[1, 0])
    for i, layer in enumerate(network.layers[1:]):
        s, rows = _add_connections(add, network, i, _add_pooling(add, network, i, a))
        neurons = np.arange(layer["n_neurons"])
        z = add("Gather", s, rows[neurons // layer["group"]].astype(np.int32), axis=0)
        if layer["gain_out"] >= 0:
            z = add("Mul", z, network.nodes[layer["gain_out"] + neurons, None])
        z = add("Add", z, network.nodes[layer["bias"] + neurons, None])
        is_last = i + 2 == network.layers.size
        activation = network.out_activation if is_last else network.activation
        if activation == "softmax":
            a = add("Softmax", z, axis=0)
        elif activation == "all_relu":
            a = add("Max", z, add("Mul", z, layer["slope"]))
        else:
            a = z if activation == "identity" else add(ACTIVATIONS[activation], z)
    return add("Transpose", a, perm=[1, 0])


def _add_pooling(add: _Adder, network: MotifNetwork, i: int, a: str) -> str:
    """Add what the connections of graph i read: a row for each of its input units."""
    layer = network.layers[i]
    if layer["group"] == 1:
        return a
    members = np.arange(layer["units"] * layer["group"]).reshape(layer["units"], 1, -1)
    gains = np.pad(network.gains_in(i), (0, members.size - layer["n_neurons"]))
    return _add_sums(add, a, np.minimum(members[:, 0], layer["n_neurons"] - 1), gains[members])


def _add_connections(add: _Adder, network: MotifNetwork, i: int, p: str) -> tuple[str, np.ndarray]:
    """Add the sums over the connections of graph i; returns them and the row of each output unit.

    Motifs of similar fan-in are summed up together. Each has room for the largest fan-in among
    them, which is less than twice its own. ScatterND could add products up without such room,
    but threads of onnxruntime race for the sums, which then come out wrong at times.
    """
    graph = network.graphs[i]
    block_in, block_out = int(graph["block_in"]), int(graph["block_out"])
    targets = network.targets_of(i)
    order = np.argsort(targets, kind="stable")
    sources, weights = network.sources_in_order(i)[order], network.graph_weights(i)[order]
    fan_in = np.bincount(targets, minlength=graph["motifs_out"])
    first = np.cumsum(fan_in) - fan_in
    doublings = np.ceil(np.log2(np.maximum(fan_in, 1)))
    motif_sets = [np.flatnonzero(doublings == d) for d in np.unique(doublings)]
    sums = []
    for motifs in motif_sets:
        position = np.arange(max(1, fan_in[motifs].max()))
        is_used = position < fan_in[motifs, None]
        k = np.where(is_used, first[motifs, None] + position, 0)
        # The units that a shorter last motif lacks have weights of zero.
        units = sources[k][..., None] * block_in + np.arange(block_in)
        units = np.minimum(units, network.layers[i]["units"] - 1).reshape(motifs.size, -1)
        blocks = (weights[k] * is_used[..., None, None]).transpose(0, 3, 1, 2)
        sums.append(_add_sums(add, p, units, blocks.reshape(motifs.size, block_out, -1)))
    rows = np.argsort(np.concatenate(motif_sets))
    return add("Concat", *sums, axis=0), (rows[:, None] * block_out + np.arange(block_out)).ravel()


def _add_sums(add: _Adder, rows: str, index: np.ndarray, weights: np.ndarray) -> str:
    """Add the sums over k of weights[v, j, k] · rows[index[v, k]], a row for each v and j."""
    sums = add("MatMul", weights, add("Gather", rows, index.astype(np.int32), axis=0))
    return add("Reshape", sums, [weights.shape[0] * weights.shape[1], -1])
