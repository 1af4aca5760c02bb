"""What a table that is published consists of, and the kinds of which there are several."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from .judge_tables import by_measure
from .peer_tables import beside_peers
from .peers import PEERS


class Section(NamedTuple):
    """A table that is published."""

    title: str
    note: str  # what the cells are
    planned: str  # the table of the plan whose runs it shows
    make: Callable  # of the rows of these runs, Markdown


def beside(title, score, planned, peers):
    """The section of a table of our defaults beside their peers."""
    note = (
        f"{score} in % on test rows, with the deviation over seeds of ours. The greatest loss is "
        "against the best of the others, below 0 where none is better."
    )
    return Section(title, note, planned, partial(beside_peers, peers=peers))


def probabilities(title, note, planned, column, best=0):
    """The section of a measure of probabilities."""
    peers = [name for name in PEERS[planned] if name != "SVC"]  # it has no probabilities
    make = partial(by_measure, column=column, peers=peers, best=best)
    return Section(title, f"{note} On test rows, means over seeds.", planned, make)
