"""All tables, from what the sections have measured.

Everything here is made from the JSON alone, so that a section can be measured again without
the others.
"""

from __future__ import annotations

from benchmarks import machine

from .tables import (
    break_even,
    epoch,
    first_epoch,
    late_epochs,
    memory,
    prediction,
    products,
    scaling,
    small_data,
    sparse_rows,
    stages,
    start,
    very_wide,
)

# By section, in the order of the file.
TABLES = (
    ("epoch", epoch.in_short),
    ("epoch", epoch.paragraphs),
    ("stages", stages.paragraphs),
    ("products", products.paragraphs),
    ("small_data", small_data.paragraphs),
    ("prediction", prediction.paragraphs),
    ("start", start.paragraphs),
    ("first_epoch", first_epoch.paragraphs),
    ("late_epochs", late_epochs.paragraphs),
    ("memory", memory.paragraphs),
    ("sparse_rows", sparse_rows.paragraphs),
    ("scaling", scaling.paragraphs),
    ("very_wide", very_wide.paragraphs),
    ("break_even", break_even.paragraphs),
)
HEAD = (
    "Every section ran in a fresh process. Contestants are warm and take turns; figures are "
    "medians, ratios are medians of the ratios of each turn. Data are float32, and every "
    "contestant may use the same number of BLAS, PyTorch or engine threads where a row "
    "compares them. Seconds are those of the wall clock."
)


def machine_line(section):
    """Processor, cores and versions that a section was measured with."""
    return machine.words(section["machine"]) + " (SMOKE RUN: TINY SIZES)" * section["smoke"]


def markdown(results):
    """All tables as Markdown; a section that was measured elsewhere says so."""
    first = machine_line(next(iter(results.values())))
    made = f"Made by `python -m benchmarks.engine DATA_DIR` on {first}."
    text = ["# The engine beside its peers", made, HEAD]
    for name, paragraphs in TABLES:
        if name in results:
            title, *rest = paragraphs(results[name])
            here = machine_line(results[name])
            text += [title, *[f"Measured on {here}."] * (here != first), *rest]
    return "\n\n".join(text) + "\n"
