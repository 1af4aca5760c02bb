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
class Products:
    """The products of a layer, as the constant `PRODUCTS` of a module defines them.

    A network needs one set of them, and what it does not need is not compiled.
    """

    module: str
    order: Callable
    sums: Callable
    gradients: Callable
    weight_gradients: Callable

    def __reduce__(self) -> tuple[Callable, tuple[str]]:
        """By name: numba's cache looks for the same bytes in every process."""
        return products_of, (self.module,)


def products_of(module: str) -> Products:
    """The products that a module defines."""
    return importlib.import_module(module).PRODUCTS


class ProductsType(types.Dummy):
    """numba's type of one set: nothing of it is left at run time."""

    def __init__(self, products: Products):
        self.products = products
        super().__init__(name=f"Products({products.module})")


register_model(ProductsType)(models.OpaqueModel)


@typeof_impl.register(Products)
def typeof_products(products: Products, context: Any) -> ProductsType:
    """The type of a set, for numba."""
    return ProductsType(products)


@unbox(ProductsType)
def unbox_products(kind, products, c):
    """Nothing, for numba."""
    return NativeValue(c.context.get_dummy_value())


@infer_getattr
class ProductsAttribute(_Template):
    """A kernel of a set, for numba."""

    key = ProductsType

    def generic_resolve(self, kind, name):
        """Type of the kernel."""
        return self.context.resolve_value_type(getattr(kind.products, name))


@lower_getattr_generic(ProductsType)
def lower_products_attribute(context, builder, kind, value, name):
    """Nothing: a kernel's type says what is called."""
    return context.get_dummy_value()
