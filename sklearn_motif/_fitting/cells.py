"""Cells of one column: which are missing, and what the others are, as numbers or as categories."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

# The code of a value that is none of the known categories.
UNKNOWN = -1
PLAIN = {str, bool, int, float, type(None)}
WORDS, NUMBERS = {str, bool}, {int, float}


def is_missing(cell: Any) -> bool:
    """Whether a cell is None, NaN, or the NA or NaT of pandas."""
    is_marked = cell is None or type(cell).__name__ in ("NAType", "NaTType")
    return is_marked or (isinstance(cell, (float, np.floating)) and bool(np.isnan(cell)))


class Objects(NamedTuple):
    """The cells of a column as builtins."""

    cells: list  # str, bool, int, float, or None where a value is missing
    types: set[type]  # of those that are not missing

    @classmethod
    def of(cls, cells: Iterable[Any], name: Any) -> Objects:
        """Cells of the types of Python, NumPy or pandas; `name` is that of their column."""
        found = list(cells)
        types = set(map(type, found))
        if not types <= PLAIN:
            found = [cell if type(cell) in PLAIN else _plain(cell, name) for cell in found]
            types = set(map(type, found))
        if float in types:
            found = [None if cell != cell else cell for cell in found]
            types = set(map(type, found))
        return cls(found, types - {type(None)})

    def are_words(self, name: Any) -> bool:
        """Whether the values are strings or booleans; numbers if not."""
        if self.types & WORDS and self.types & NUMBERS:
            raise ValueError(
                f"Column {name!r} of X holds numbers beside strings or booleans; it must hold one "
                "kind, or be listed in categorical_features."
            )
        return bool(self.types & WORDS)

    def numbers(self, name: Any, hint: str) -> np.ndarray:
        """The cells as float64, NaN where they are missing."""
        if str in self.types:
            raise ValueError(
                f"Column {name!r} of X holds strings, but is a column of numbers: {hint}"
            )
        try:
            return np.array(self.cells, dtype=np.float64)
        except OverflowError as error:
            raise _no_float(name) from error


class Values(NamedTuple):
    """The different values of a column of categories, and the place of each cell among them."""

    values: list  # str, bool, int or float
    places: np.ndarray  # int; -1 where a cell is missing

    @classmethod
    def of_objects(cls, objects: Objects, name: Any) -> Values:
        """The values among some objects."""
        if bool in objects.types and objects.types & NUMBERS:
            raise ValueError(
                f"Column {name!r} of X holds booleans beside numbers, of which some are equal; it "
                "must hold one kind."
            )
        values = [value for value in dict.fromkeys(objects.cells) if value is not None]
        place_of = {None: -1, **{value: place for place, value in enumerate(values)}}
        places = map(place_of.__getitem__, objects.cells)
        return cls(values, np.fromiter(places, np.int64, len(objects.cells)))

    @classmethod
    def of_array(cls, cells: np.ndarray) -> Values:
        """The values of an array of numbers or booleans, integers exactly."""
        values, places = np.unique(cells, return_inverse=True)
        if cells.dtype.kind == "f":
            values = values[~np.isnan(values)]  # NaN comes last
            places = np.where(places < values.size, places, -1)
        return cls(values.tolist(), places)

    def coded(self, known: list, name: Any, *, is_growing: bool) -> tuple[np.ndarray, list]:
        """The codes of the cells, places among `known` values, and the values that have a code.

        Codes are float64, NaN where a cell is missing. Other values are UNKNOWN, unless
        `is_growing`: then they follow the known ones, in their order.
        """
        if any(isinstance(value, float) and np.isinf(value) for value in self.values):
            raise ValueError(
                f"X contains infinity, in columns [{name!r}]; columns must hold finite numbers."
            )
        coded, code_of = list(known), {_key(value): code for code, value in enumerate(known)}
        if is_growing:
            for value in sorted(self.values, key=lambda value: (isinstance(value, str), value)):
                if code_of.setdefault(_key(value), len(coded)) == len(coded):
                    coded.append(value)
        codes = [float(code_of.get(_key(value), UNKNOWN)) for value in self.values]
        return np.array([*codes, np.nan])[self.places], coded


def _key(value: Any) -> Any:
    """What is the same for a number of any dtype: of a fraction, the digits that float32 has."""
    if not isinstance(value, float) or value.is_integer():
        return value
    with np.errstate(over="ignore", under="ignore"):
        return float(np.float32(value))


def _plain(cell: Any, name: Any) -> Any:
    """A cell as a string, a bool, an int or a float, or None where it is missing."""
    if is_missing(cell):
        return None
    if isinstance(cell, (bool, np.bool_)):
        return bool(cell)
    if isinstance(cell, str):
        return str.__str__(cell)
    if isinstance(cell, (int, np.integer)) and not isinstance(cell, np.timedelta64):
        return int(cell)
    if isinstance(cell, (float, np.floating, Decimal, Fraction)):
        try:
            return float(cell)
        except (OverflowError, ValueError) as error:  # ValueError: a signaling NaN of decimal
            raise _no_float(name) from error
    # scikit-learn asks for a TypeError where a cell is no scalar.
    is_container = isinstance(cell, (dict, list, tuple, set, np.ndarray))
    raise (TypeError if is_container else ValueError)(
        f"Column {name!r} of X holds {reprlib.repr(cell)}, of type {type(cell).__name__}; a cell "
        "as an argument must be a string, a boolean or a number."
    )


def _no_float(name: Any) -> ValueError:
    return ValueError(f"Column {name!r} of X holds a number that is none of float64.")
