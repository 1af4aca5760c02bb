"""Nodes of an ONNX graph: added one by one, with names that are new in the whole model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike


class Adder:
    """Adds a node to a graph in each call, which returns the name of the node's output.

    Inputs are names or constants. Floating-point constants take `dtype`, lists become int64.
    Names are new in the whole model, as ONNX demands of a graph within a graph.

    Parameters
    ----------
    scope : skl2onnx Scope
        Gives names.
    add_node : callable
        Takes the type of a node, the names of its inputs and outputs, its name and attributes.
    dtype : dtype
        float32 or float64.
    """

    def __init__(self, scope: Any, add_node: Callable[..., Any], dtype: DTypeLike):
        from onnx import helper

        self.scope, self.add_node, self.dtype = scope, add_node, np.dtype(dtype)
        self.type = helper.np_dtype_to_tensor_dtype(self.dtype)

    def of(self, dtype: DTypeLike) -> Adder:
        """One that adds to the same graph in another dtype."""
        return Adder(self.scope, self.add_node, dtype)

    def __call__(
        self, op_type: str, *inputs: Any, output: str | None = None, **attributes: Any
    ) -> str:
        names = [x if isinstance(x, str) else self._constant(x) for x in inputs]
        output = output or self.scope.get_unique_variable_name(op_type)
        name = self.scope.get_unique_operator_name(op_type)
        self.add_node(op_type, names, [output], name=name, **attributes)
        return output

    def cast(self, x: str) -> str:
        """A tensor in `dtype`."""
        return self("Cast", x, to=self.type)

    def cast_to_integers(self, x: str) -> str:
        """A tensor in int64."""
        from onnx import TensorProto

        return self("Cast", x, to=TensorProto.INT64)

    def joined(self, parts: list[str], axis: int) -> str:
        """Tensors side by side."""
        return parts[0] if len(parts) == 1 else self("Concat", *parts, axis=axis)

    def _constant(self, values: Any) -> str:
        from onnx import numpy_helper

        values = np.asarray(values, dtype=np.int64 if isinstance(values, list) else None)
        if values.dtype.kind == "f":
            values = values.astype(self.dtype)
        return self("Constant", value=numpy_helper.from_array(values))
