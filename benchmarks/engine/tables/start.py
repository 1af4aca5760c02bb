"""Table of the section "start"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import seconds


def paragraphs(section):
    """Imports and first calls."""
    text = (
        "Each number from fresh processes of its own. The import is what `import sklearn_motif` "
        "takes after scikit-learn's modules and numba; the fits are of digits, 5 epochs, "
        "hidden (100,); with an empty cache the first one compiles the engine."
    )
    rows = [(r["name"], seconds(r["median"])) for r in section["rows"]]
    return ["## Start", text, markdown(("what", "time"), rows)]
