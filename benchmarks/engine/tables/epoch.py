"""Table of the section "epoch"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import contestant, layers, missing, times

# Rows of README's table, on one thread.
IN_SHORT = {
    "MLPClassifier": "`MLPClassifier`",
    "ours, m=1": "`motif_size=1` (plain SET)",
    "ours, m=2 scaled": "`motif_size=2`",
    "ours, m=4 scaled": "`motif_size=4`",
}


def in_short(section):
    """What README quotes."""
    rows = []
    for r in section["rows"]:
        if r["name"] in IN_SHORT and r["allowed"] == 1:
            ratio = r["dense_over_this"]
            faster = f"{ratio:.{0 if ratio >= 10 else 1}f} times faster"
            cells = (IN_SHORT[r["name"]], f"{r['weights']:,}", three_digits(r["median"]))
            rows.append((*cells, "" if r["name"] == "MLPClassifier" else faster))
    text = (
        f"One epoch of {section['n_rows']} rows of {section['data']}, hidden {layers(section)}, on "
        "one thread."
    )
    header = ("", "weights", "seconds", "against `MLPClassifier`")
    return ["## In short", text, markdown(header, rows)]


def three_digits(value):
    """Seconds to three digits, without an exponent."""
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def paragraphs(section):
    """One epoch by everybody."""
    rows = [
        (
            contestant(r),
            f"{r['weights']:,}",
            f"{r['median']:.3f}",
            times(r["dense_over_this"]),
            times(r["share_of_plain"]),
            times(r["one_thread_over_this"]),
        )
        for r in section["rows"]
    ]
    header = (
        "model",
        "weights",
        "seconds",
        "times faster than MLPClassifier, 1 thread",
        "share of m=1's time",
        "times faster than on 1 thread",
    )
    text = (
        f"{section['n_rows']} rows of {section['data']}, hidden {layers(section)}, epsilon 20, "
        "SGD, batches of 40, an evolution every epoch. Ours is the difference between fits of "
        f"{1 + section['epochs']} epochs and of one, divided by {section['epochs']}, so that "
        "initialization does not count; `partial_fit` of MLPClassifier is one epoch. The row of "
        "CSR products is PyTorch's three sparse products of each layer (forward, backward, "
        "gradient at the connections) through the same wiring, without activations, loss, "
        "optimizer and evolution. The row of sparselab is a network of its layers with as many "
        "connections, but for chance, and its SET once an epoch. The share of m=1's time is that "
        "of m=1 with the same `n_jobs`, which is an upper limit: where fewer threads were used, "
        "the row says so. Below 1 in the last column, the second thread makes it slower."
    )
    failed = [
        f"{contestant(r)}, could not be measured: it ended with {r['error']}."
        for r in section["failed"]
    ]
    notes = [*missing(section, "torch", "sparselab"), *failed]
    return ["## One epoch", text, *notes, markdown(header, rows)]
