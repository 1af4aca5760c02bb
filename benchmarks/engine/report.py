"""Tables from what the sections have measured.

Everything here is made from the JSON alone, so that a section can be measured again without
the others.
"""

from __future__ import annotations

from benchmarks import machine

from .words import contestant, layers, seconds, size, table, times


def epoch_table(section):
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
        f"{name}, could not be measured: it ended with {error}."
        for name, error in section["failed"].items()
    ]
    notes = [*missing(section, "torch", "sparselab"), *(line for f in failed for line in ("", f))]
    return ["## One epoch", "", text, *notes, *table(header, rows)]


def missing(section, *packages):
    """A sentence for each of the packages that was not there."""
    versions = section["machine"]["versions"]
    absent = [package for package in packages if not versions[package]]
    return [
        line
        for package in absent
        for line in ("", f"The package {package} is not installed: its figures are missing.")
    ]


def products_table(section):
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
    return ["## The sparse product alone", "", text, *notes, *table(header, rows)]


def small_data_table(section):
    """A fit of digits."""
    rows = [
        (batch, r["name"], f"{r['median']:.3f}", times(r["dense_over_this"]))
        for batch, batch_rows in section["batches"].items()
        for r in batch_rows
    ]
    text = (
        f"Fit of scikit-learn's digits ({section['n_rows']} rows, 64 features), hidden (100,), "
        f"Adam, {section['epochs']} epochs on both sides, one thread. All else is as the "
        "estimators come, with dropout, label smoothing and evolution on our side."
    )
    header = ("batch", "model", "fit seconds", "times faster than MLPClassifier")
    return ["## Small data", "", text, *table(header, rows)]


def prediction_table(section):
    """Many rows, and one."""
    header = ("model", "{}", "times faster than MLPClassifier, 1 thread")
    lines = ["## Prediction", "", f"Hidden {layers(section)}, rows of {section['data']}."]
    for key, title in (("many", f"{section['n_rows']} rows"), ("single", "one row, latency")):
        rows = [
            (r["name"], seconds(r["median"]), times(r["dense_over_this"])) for r in section[key]
        ]
        lines += table([h.format(title) for h in header], rows)
    return lines


def start_table(section):
    """Imports and first calls."""
    text = (
        "Each number from fresh processes of its own. The import is what `import sklearn_motif` "
        "takes after scikit-learn's modules and numba; the fits are of digits, 5 epochs, "
        "hidden (100,); with an empty cache the first one compiles the engine."
    )
    rows = [(r["name"], seconds(r["median"])) for r in section["rows"]]
    return ["## Start", "", text, *table(("what", "time"), rows)]


def late_epochs_table(section):
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
    return ["## Late epochs", "", text, *table(("model", "early", "late", "late / early"), rows)]


def memory_table(section):
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
    return ["## Memory", "", text, *table(header, rows)]


def scaling_table(section):
    """Four series and one evolution."""
    text = (
        "Adam on random rows at constant epsilon 10 (two equal hidden layers, batch 32), SGD on "
        f"{section['data']} for hidden {layers(section)} (batch 40). Epochs without evolution, by "
        "the log of `verbose`; the first is left out. One thread but in the table of threads, "
        "where `n_jobs` is an upper limit."
    )
    lines = ["## Scaling", "", text]
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
        lines += ["", f"By {title}:", *table(header, rows)]
    evolution = section["evolution"]
    lines += [
        f"One evolution of {evolution['connections']:,} connections at zeta {evolution['zeta']} "
        f"takes {seconds(evolution['median'])}, {seconds(evolution['a_connection'])} a connection.",
        "",
    ]
    return lines


HEADERS = {
    "neurons": "neurons a layer",
    "motif_size": "m",
    "threads": "threads used",
    "a_connection": "a connection",
    "a_sample": "a sample",
}


def very_wide_table(section):
    """What was measured of a million neurons, and the formula for more."""
    text = [
        f"{section['neurons']:,} hidden neurons in two layers on {section['features']:,} "
        f"features, {section['connections']:,} connections (density {section['density']:.2g}), "
        "Adam, batch 32, one thread, alone in its process:",
        "",
        f"- {seconds(section['median'])} a mini-batch; "
        f"{seconds(section['seconds_to_start'])} for all of the fit that is not an epoch",
        f"- peak RSS {size(section['rss_peak'])}, of which {size(section['rss_before'])} were "
        "there before the fit (imports and data)",
        f"- arrays {size(section['needed'])}; the formula says {size(section['formula']['total'])}",
        "",
        "By the same formula, on paper:",
    ]
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
    return ["## A very wide network", "", *text, *table(header, rows)]


def crossing_text(line):
    """Density at which both are equally fast, or on which side of the cells it lies."""
    if line["crossing"]:
        return f"{100 * line['crossing']:.2g} %"
    cells = line["cells"]
    if cells[-1]["dense_over_ours"] >= 1:
        return f"> {100 * cells[-1]['density']:g} %"
    return f"< {100 * cells[0]['density']:g} %"


def break_even_table(section):
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
        "",
        text,
        *missing(section, "torch"),
        *table(header, rows),
    ]


TABLES = {
    "epoch": epoch_table,
    "products": products_table,
    "small_data": small_data_table,
    "prediction": prediction_table,
    "start": start_table,
    "late_epochs": late_epochs_table,
    "memory": memory_table,
    "scaling": scaling_table,
    "very_wide": very_wide_table,
    "break_even": break_even_table,
}


def machine_line(section):
    """Processor, cores and versions that a section was measured with."""
    return machine.words(section["machine"]) + " (SMOKE RUN: TINY SIZES)" * section["smoke"]


def markdown(results):
    """All tables as Markdown; a section that was measured elsewhere says so."""
    first = machine_line(next(iter(results.values())))
    lines = [
        "# The engine beside its peers",
        "",
        f"Made by `python -m benchmarks.engine DATA_DIR` on {first}.",
        "",
        "Every section ran in a fresh process. Contestants are warm and take turns; figures are "
        "medians, ratios are medians of the ratios of each turn. Data are float32, and every "
        "contestant may use the same number of BLAS, PyTorch or engine threads where a row "
        "compares them. Seconds are those of the wall clock.",
        "",
    ]
    for name, section in results.items():
        title, *rest = TABLES[name](section)
        here = machine_line(section)
        lines += [title, *(["", f"Measured on {here}."] if here != first else []), *rest]
    # One empty line where two parts each brought their own.
    lines = [line for i, line in enumerate(lines) if line or i == 0 or lines[i - 1]]
    return "\n".join(lines).rstrip() + "\n"
