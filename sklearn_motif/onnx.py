"""Export of fitted networks, alone or within other models, to ONNX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ._estimators import MotifSETClassifier, MotifSETRegressor
from ._fitting.columns import is_frame
from ._onnx import estimators, targets
from ._onnx.input_types import input_types, take_dtypes

if TYPE_CHECKING:
    from onnx import ModelProto


def to_onnx(
    model: BaseEstimator,
    X: Any = None,
    *,
    initial_types: list[tuple[str, Any]] | None = None,
    options: dict | None = None,
    **kwargs: Any,
) -> ModelProto:
    """Convert a fitted network, or a model that ends in one, to ONNX.

    The file holds O(connections) numbers, and no matrix of size n_in × n_out is made, here or
    where the file runs. What the network makes of the columns, such as scales, bins, categories
    and inputs for missing values, is part of it. Networks need the standard operators of ONNX
    only, and LabelEncoder of its domain "ai.onnx.ml" for categories that are not float.

    Parameters
    ----------
    model : MotifSETClassifier, MotifSETRegressor, Pipeline or TransformedTargetRegressor
        The fitted model. Other models that skl2onnx converts, such as ``GridSearchCV``, may
        hold a network, too; they need `X` or `initial_types`. A TransformedTargetRegressor may
        hold any regressor or pipeline that is converted; its transformer must be a StandardScaler,
        RobustScaler, MinMaxScaler, MaxAbsScaler or a pipeline of these, its `inverse_func`
        ``numpy.exp``, ``expm1``, ``log``, ``log1p``, ``sqrt`` or ``square``.
    X : ndarray or DataFrame of shape (n_samples, n_features), default=None
        Rows that show the types of the inputs; one is enough. An array becomes one input, "X".
        A frame of pandas or polars becomes one input for each column, which takes what
        ``X[[name]].to_numpy()`` gives: strings where this holds objects, else its dtype. Inputs
        are in the order of the columns and have their names, in which skl2onnx replaces blanks
        and the like. A column of whole numbers that may miss values must miss one here, so that
        it becomes float64. None: one input, "X", in the dtype of the training rows.
    initial_types : list of (str, skl2onnx type), default=None
        Names and types of the inputs, in place of `X`.
    options : dict, default=None
        Options of skl2onnx's converters; a classifier has "zipmap", "nocl",
        "output_class_labels" and "raw_scores", which gives what ``decision_function`` gives in
        place of probabilities, for two classes a column for each, the first negated. None is
        ``{"zipmap": False}`` for a classifier: probabilities as an array, not as dictionaries.
    **kwargs : dict
        More parameters of ``skl2onnx.to_onnx``, such as ``target_opset``, at least 15.

    Returns
    -------
    onnx.ModelProto
        A classifier has the outputs "label" and "probabilities", as ``predict`` and
        ``predict_proba`` return them; labels are strings or int64. A regressor has the output
        "variable" of shape (n_samples, n_targets), also for one target. Probabilities and
        targets are float64 where an input is, or is uint64, or where transformers get whole
        numbers or booleans; targets also where float32 could not tell them apart, as in
        ``predict``, unless the network is a part of an ensemble. Else they are float32.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.
    NotFittedError
        If `model` is not fitted.
    TypeError
        If `X` is neither a two-dimensional array nor a frame.
    ValueError
        If nothing tells the types of the inputs, or a column of `X` has an empty name or a dtype
        that no input takes; if inputs have another number or order of features than `model`, or
        numbers where it has strings; if a label does not fit in int64; if
        nothing undoes the transformer of a TransformedTargetRegressor; or if ``target_opset`` is
        below 15.

    Notes
    -----
    Values of columns are scaled and encoded in float32 where all inputs are float16, float32,
    booleans or whole numbers of 8 bits, else in float64, so that timestamps survive. A network
    then computes in the dtype in which it was trained, but in float32 where no input is float64
    or uint64.

    NaN counts as in ``predict``. In an input of strings, the empty string, "None", "nan", "NaN"
    and "<NA>" are missing values, unless they are categories of their column: onnxruntime makes
    these words of None, NaN and NA. There, a category that is no string is known by what ``str``
    gives, and numbers are read from strings. A fraction that is a category is known in the dtype
    that the column had in training.

    After the first call, the functions of skl2onnx itself convert networks, too. Dictionaries
    of probabilities and some transformers of skl2onnx need float32 inputs. Transformers get the
    whole numbers and booleans that `X` shows as float64.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_motif import MotifSETClassifier
    >>> from sklearn_motif.onnx import to_onnx
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MotifSETClassifier((20,), tol=0.01, random_state=0).fit(X, y)
    >>> exported = to_onnx(model, X[:1].astype("float32"))
    >>> [output.name for output in exported.graph.output]
    ['label', 'probabilities']
    """
    try:
        import skl2onnx
    except ImportError as error:
        raise ImportError('to_onnx needs skl2onnx: pip install "sklearn-motif[onnx]".') from error
    check_is_fitted(model)
    if X is not None and not (is_frame(X) or (isinstance(X, np.ndarray) and X.ndim == 2)):
        raise TypeError(
            "X must be a DataFrame or an array of shape (n_samples, n_features), got "
            f"{type(X).__name__}."
        )
    if X is None and initial_types is None:
        X = _default_rows(model)
    types = []
    if initial_types is None:
        first = model.regressor_ if isinstance(model, TransformedTargetRegressor) else model
        is_network = isinstance(first, (MotifSETClassifier, MotifSETRegressor))
        types = input_types(X, is_network=is_network)
        X, initial_types = None, [(name, kind) for name, kind, _ in types]
    if options is None and is_classifier(model):
        options = {"zipmap": False}
    _register()
    exported = skl2onnx.to_onnx(model, X, initial_types=initial_types, options=options, **kwargs)
    if types:
        take_dtypes(exported, types)
    return exported


def _default_rows(model: BaseEstimator) -> np.ndarray:
    """Give a row of the dtype that a model was trained on."""
    last = model
    while isinstance(last, (Pipeline, TransformedTargetRegressor)):
        last = last[-1] if isinstance(last, Pipeline) else last.regressor_
    network = getattr(last, "network_", None)
    n_features = getattr(model, "n_features_in_", None)
    if network is None or n_features is None:
        raise ValueError(
            "X or initial_types must be given: this model does not tell the types of its inputs."
        )
    outputs = network.outputs
    return np.zeros((1, n_features), dtype=outputs.rows_dtype or outputs.dtype)


def _register() -> None:
    """Tell skl2onnx how to convert what it does not know."""
    from skl2onnx import update_registered_converter

    both = [True, False]
    choices = {"zipmap": [*both, "columns"], "nocl": both, "output_class_labels": both}
    choices["raw_scores"] = both
    for cls, of_class in ((MotifSETClassifier, choices), (MotifSETRegressor, None)):
        update_registered_converter(
            cls,
            f"Sklearn{cls.__name__}",
            estimators.set_types,
            estimators.convert,
            options=of_class,
        )
    update_registered_converter(
        TransformedTargetRegressor,
        targets.ALIAS,
        targets.set_types,
        targets.convert,
        parser=targets.parse,
    )
