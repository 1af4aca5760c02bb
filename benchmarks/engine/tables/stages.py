"""Table of the section "stages"."""

from __future__ import annotations

from benchmarks.tables import markdown


def paragraphs(section):
    """Milliseconds of each stage, and its share of the plain network's."""
    sizes = section["motif_sizes"]
    rows = []
    for r in section["rows"]:
        plain, *others = r["seconds"]
        shares = [f"{value / plain:.2f}" if plain > 0 < value else "" for value in others]
        rows.append((r["name"], *(f"{1000 * value:.2f}" for value in r["seconds"]), *shares))
    text = (
        f"Milliseconds an epoch, {section['n_rows']} rows of {section['data']}, hidden "
        f"{tuple(section['hidden'])}, batches of {section['batch']}, one thread; all else is as "
        "the estimator comes. The stages of a mini-batch are in seconds of the processor; the rest "
        "of an epoch is what they leave of it, and may drown in noise."
    )
    shares = [f"m={m} over m={sizes[0]}" for m in sizes[1:]]
    header = ("stage", *(f"m={m}" for m in sizes), *shares)
    return ["## Stages of an epoch", text, markdown(header, rows)]
