"""Table of the section "late_epochs"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import layers, seconds, times


def paragraphs(section):
    """Early against late epochs."""
    rows = [
        (
            r["name"],
            seconds(r["median_early"]),
            seconds(r["median_late"]),
            times(r["late_over_early"]),
        )
        for r in section["rows"]
    ]
    text = (
        f"{section['n_rows']} rows of {section['data']} with {section['features']} features, "
        f"{section['constant']} of them constant; hidden {layers(section)}, batches of 40, "
        "constant zeta 0.3, one thread. Early is the median of epochs 2 to 6, late the median of "
        f"five epochs after {section['updates_before']} updates."
    )
    return ["## Late epochs", text, markdown(("model", "early", "late", "late / early"), rows)]
