"""Kernels that other kernels take as one argument, and are compiled for, as for its type."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numba.core import types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)

# numba's type stubs take a method that templates define for a constant.
_Template: Any = AttributeTemplate


@dataclass(frozen=True)
class KernelSet:
    """Kernels of one kind, as a constant of a module defines them.

    A network needs one set of a kind, and what it does not need is not compiled.
    """

    module: str
    constant: str  # its name there

    def __reduce__(self) -> tuple[Callable, tuple[str, str]]:
        """By name: numba's cache looks for the same bytes in every process."""
        return set_of, (self.module, self.constant)


def set_of(module: str, constant: str) -> KernelSet:
    """The set that a module defines."""
    return getattr(importlib.import_module(module), constant)


@dataclass(frozen=True)
class Products(KernelSet):
    """The products of a layer."""

    order: Callable
    sums: Callable
    gradients: Callable
    weight_gradients: Callable


@dataclass(frozen=True)
class FirstLayer(KernelSet):
    """What is different in the first layer: how rows come in, and who computes its connections.

    `forward` and `backward` tell whether they did; otherwise it is a layer as others are.
    """

    load: Callable
    forward: Callable
    backward: Callable


class KernelSetType(types.Dummy):
    """numba's type of one set: nothing of it is left at run time."""

    def __init__(self, kernels: KernelSet):
        self.kernels = kernels
        super().__init__(name=f"{kernels.module}.{kernels.constant}")


register_model(KernelSetType)(models.OpaqueModel)


@typeof_impl.register(KernelSet)
def typeof_set(kernels: KernelSet, context: Any) -> KernelSetType:
    """The type of a set, for numba."""
    return KernelSetType(kernels)


@unbox(KernelSetType)
def unbox_set(kind, kernels, c):
    """Nothing, for numba."""
    return NativeValue(c.context.get_dummy_value())


@infer_getattr
class KernelOfSet(_Template):
    """A kernel of a set, for numba."""

    key = KernelSetType

    def generic_resolve(self, kind, name):
        """Type of the kernel."""
        return self.context.resolve_value_type(getattr(kind.kernels, name))


@lower_getattr_generic(KernelSetType)
def lower_kernel_of_set(context, builder, kind, value, name):
    """Nothing: a kernel's type says what is called."""
    return context.get_dummy_value()
