"""Table of the section "products"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import missing, seconds, times


def paragraphs(section):
    """The sparse product by everybody."""
    names = [r["name"] for r in section["batches"][0]["rows"]]
    ratios = list(section["batches"][0]["over_ours"])
    rows = [
        (
            b["batch"],
            *(seconds(r["median"]) for r in b["rows"]),
            *(times(b["over_ours"][name]) for name in ratios),
        )
        for b in section["batches"]
    ]
    n = section["neurons"]
    text = (
        f"{n} × {n}, {section['connections']:,} connections, float32, one thread. MKL is used "
        "through PyTorch's CSR matrices; its ratio takes the faster index type of each round. "
        "All results equal SciPy's."
    )
    header = ("batch", *names, *(f"{name} / ours" for name in ratios))
    notes = missing(section, "torch", "sparselab")
    return ["## The sparse product alone", text, *notes, markdown(header, rows)]
