"""Table of the section "memory"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import layers, size, times


def paragraphs(section):
    """Bytes of a fit."""
    rows = [
        (
            f"m={r['motif_size']}" + f" {r['weight_sharing']}" * (r["motif_size"] > 1),
            r["epsilon"],
            f"{r['connections']:,}",
            f"{r['weights']:,}",
            f"{r['bytes_a_connection']:.1f}",
            size(r["needed"]),
            size(r["traced_peak"]),
            times(r["peak_over_needed"]),
            size(r["rss_peak"]),
            size(max(0, r["rss_peak"] - r["rss_before"])),
        )
        for r in section["rows"]
    ]
    header = (
        "model",
        "epsilon",
        "connections",
        "weights",
        "bytes a connection",
        "arrays",
        "peak of fit",
        "peak / arrays",
        "peak RSS",
        "RSS above the imports",
    )
    text = (
        f"float32, Adam, 784 features, hidden {layers(section)}, batch {section['batch']}. Bytes "
        "a connection are those of all arrays that grow with the connections, optimizer state "
        "included; arrays are network, optimizer state and activations. The peak of the fit is "
        "tracemalloc's, with initialization and two evolutions. RSS is that of a process of its "
        "own."
    )
    return ["## Memory", text, markdown(header, rows)]
