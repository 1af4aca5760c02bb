"""Table of the section "sparse_rows"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import layers, seconds, size

HEADER = (
    "columns",
    "inputs",
    "connections",
    "an epoch",
    "an epoch, laid out",
    "rows a second predicted",
    "peak RSS",
    "before the fit",
)


def paragraphs(section):
    """A row for each number of columns."""
    text = (
        f"{section['n_rows']:,} rows of {section['stored']} words by Zipf's law, hashed to some "
        f"number of columns; hidden {layers(section)}, m=2, Adam, batch 32, one thread. An epoch "
        'has its evolution. "Laid out" is the way of dense X, by which all occupied columns of a '
        "mini-batch are multiplied and updated. The peak is that of a process with one fit, and "
        "what stood there before it are imports and data."
    )
    rows = [
        (
            f"{r['columns']:,}",
            f"{r['inputs']:,}",
            f"{r['connections']:,}",
            seconds(r["epoch"]),
            seconds(r["laid_out"]),
            f"{r['predicted']:,.0f}",
            size(r["rss_peak"]),
            size(r["rss_before"]),
        )
        for r in section["rows"]
    ]
    return ["## Sparse rows", text, markdown(HEADER, rows)]
