"""Table of the section "very_wide"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import seconds, size


def paragraphs(section):
    """What was measured of a million neurons, and the formula for more."""
    text = (
        f"{section['neurons']:,} hidden neurons in two layers on {section['features']:,} "
        f"features, {section['connections']:,} connections (density {section['density']:.2g}), "
        "Adam, batch 32, one thread, alone in its process:"
    )
    found = (
        f"- {seconds(section['median'])} a mini-batch; "
        f"{seconds(section['seconds_to_start'])} for all of the fit that is not an epoch\n"
        f"- peak RSS {size(section['rss_peak'])}, of which {size(section['rss_before'])} were "
        "there before the fit (imports and data)\n"
        f"- arrays {size(section['needed'])}; the formula says {size(section['formula']['total'])}"
    )
    rows = [
        (
            f"{p['neurons']:,}",
            f"{p['features']:,}",
            p["motif_size"],
            f"{p['connections']:,}",
            size(p["total"]),
            *(size(value) for value in p["bytes"].values()),
        )
        for p in section["paper"]
    ]
    header = (
        "hidden neurons",
        "features",
        "m",
        "connections",
        "total",
        *section["paper"][0]["bytes"],
    )
    paper = "By the same formula, on paper:"
    return ["## A very wide network", text, found, paper, markdown(header, rows)]
