"""Table of the section "break_even"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import missing, times


def crossing_text(line):
    """Density at which both are equally fast, or on which side of the cells it lies."""
    if line["crossing"]:
        return f"{100 * line['crossing']:.2g} %"
    cells = line["cells"]
    if cells[-1]["dense_over_ours"] >= 1:
        return f"> {100 * cells[-1]['density']:g} %"
    return f"< {100 * cells[0]['density']:g} %"


def paragraphs(section):
    """A dense epoch over ours, by width, batch and density."""
    densities = section["densities"]
    rows = []
    for line in section["lines"]:
        found = {c["density"]: times(c["dense_over_ours"]) for c in line["cells"]}
        peer = min(line["peers"], key=lambda peer: peer["median"])
        cells = [found.get(density, "–") for density in densities]
        rows.append((line["width"], line["batch"], peer["name"], *cells, crossing_text(line)))
    header = ("width", "batch", "faster dense peer")
    header += (*(f"{100 * d:g} %" for d in densities), "equally fast at")
    text = (
        "Hidden (width, width) on as many features, 10 classes, SGD, m=1, one thread. An epoch "
        "of the faster dense peer of each round over ours: above 1 ours is faster. A dash was not "
        "measured, because the dense peer was already twice as fast at a lower density. The last "
        "column is interpolated between the logarithms of two cells."
    )
    return [
        "## Where a dense network wins",
        text,
        *missing(section, "torch"),
        markdown(header, rows),
    ]
