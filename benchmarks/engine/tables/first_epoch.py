"""Table of the section "first_epoch"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import seconds, times


def paragraphs(section):
    """Steps of a fit beside an epoch."""
    text = (
        f"A default fit of {section['n_rows']} rows of {section['data']} with "
        f"{section['features']} features, one thread. An epoch is the difference of two fits; what "
        "is left of a fit of one epoch is the second row, of which the others are parts."
    )
    rows = [(r["name"], seconds(r["median"]), times(r["over_epoch"])) for r in section["rows"]]
    return ["## Before the first epoch", text, markdown(("what", "time", "in epochs"), rows)]
