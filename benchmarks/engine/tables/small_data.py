"""Table of the section "small_data"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import times


def paragraphs(section):
    """A fit of digits."""
    rows = [
        (batch, r["name"], f"{r['median']:.3f}", times(r["dense_over_this"]))
        for batch, batch_rows in section["batches"].items()
        for r in batch_rows
    ]
    text = (
        f"Fit of scikit-learn's digits ({section['n_rows']} rows, 64 features), hidden (100,), "
        f"Adam, {section['epochs']} epochs on both sides, one thread. All else is as the "
        "estimators come, with dropout, label smoothing and evolution on our side."
    )
    header = ("batch", "model", "fit seconds", "times faster than MLPClassifier")
    return ["## Small data", text, markdown(header, rows)]
