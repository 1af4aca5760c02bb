"""Table of the section "scaling"."""

from __future__ import annotations

from benchmarks.tables import markdown

from ..words import layers, seconds, times

HEADERS = {
    "neurons": "neurons a layer",
    "motif_size": "m",
    "threads": "threads used",
    "a_connection": "a connection",
    "a_sample": "a sample",
}


def paragraphs(section):
    """Four series, two threads against one, and one evolution."""
    text = (
        "Adam on random rows at constant epsilon 10 (two equal hidden layers, batch 32), SGD on "
        f"{section['data']} for hidden {layers(section)} (batch 40). Epochs without evolution, by "
        "the log of `verbose`; the first is left out. One thread but in the table of threads, "
        "where `n_jobs` is an upper limit."
    )
    found = ["## Scaling", text]
    for title, facts, last in (
        ("connections", ("neurons", "connections"), "a_connection"),
        ("epsilon", ("epsilon", "connections"), "a_connection"),
        ("threads", ("n_jobs", "threads", "motif_size"), "a_connection"),
        ("batch", ("batch", "motif_size"), "a_sample"),
    ):
        header = (*(HEADERS.get(fact, fact) for fact in facts), "a mini-batch", HEADERS[last])
        rows = [
            (*(f"{r[fact]:,}" for fact in facts), seconds(r["median"]), seconds(r[last]))
            for r in section[title]
        ]
        found += [f"By {title}:", markdown(header, rows)]
    header = ("hidden", "batch", "", "at most 1 thread", "at most 2", "times faster")
    rows = [
        (
            layers(r), f"{r['batch']}", r["name"], seconds(r["median"]),
            seconds(r["two"]["median"]), times(r["ratio"]),
        )
        for r in section["two_threads"]
    ]  # fmt: skip
    text = (
        "Two threads against one, in turn: whole fits, Adam with batches of 32, else SGD, and "
        "predictions of the same rows."
    )
    found += [text, markdown(header, rows)]
    evolution = section["evolution"]
    return [
        *found,
        f"One evolution of {evolution['connections']:,} connections at zeta {evolution['zeta']} "
        f"takes {seconds(evolution['median'])}, {seconds(evolution['a_connection'])} a connection.",
    ]
