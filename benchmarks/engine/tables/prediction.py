"""Table of the section "prediction"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import layers, seconds, times


def paragraphs(section):
    """Many rows, and one."""
    header = ("model", "{}", "times faster than MLPClassifier, 1 thread")
    found = ["## Prediction", f"Hidden {layers(section)}, rows of {section['data']}."]
    for key, title in (("many", f"{section['n_rows']} rows"), ("single", "one row, latency")):
        rows = [
            (r["name"], seconds(r["median"]), times(r["dense_over_this"])) for r in section[key]
        ]
        found.append(markdown([h.format(title) for h in header], rows))
    return found
