"""Tables and figures from what engine.py has measured.

Everything here is made from the JSON alone, so that a section can be measured again without
the others.
"""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

# Okabe and Ito's colours, which colour-blind people tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
KINDS = {"scikit-learn": "#999999", "torch": "#E69F00", "ours": "#0072B2"}
MARKERS = "os^D"
STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.fontsize": 9,
}
DPI = 160

# Words and numbers.


def machine_line(section):
    """Processor, cores and versions that a section was measured with."""
    machine = section["machine"]
    versions = ", ".join(
        f"{name} {version}" if version else f"{name} not installed"
        for name, version in machine["versions"].items()
    )
    blas = sorted(
        {
            f"{pool['internal_api']} {pool['version']}"
            for pool in machine["thread_pools"]
            if pool["user_api"] == "blas"
        }
    )
    line = f"{machine['processor']}, {machine['cores']} cores, {machine['system']}; "
    line += f"Python {machine['python']}, {versions}, {', '.join(blas)}"
    return line + (" (SMOKE RUN: TINY SIZES)" if section["smoke"] else "")


def seconds(value):
    """A time to three digits in a readable unit."""
    if value is None:
        return ""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9)):
        # Three digits, without an exponent for hundreds.
        if abs(value) * factor >= 1 or unit == "ns":
            return f"{value * factor:.3g} {unit}"


def size(value):
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value} B"


def times(value):
    if value is None:
        return ""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return ["", *("| " + " | ".join(map(str, line)) + " |" for line in lines), ""]


def layers(section):
    return "(" + ", ".join(f"{n}" for n in section["hidden"]) + ")"


# Tables, one function a section.


def epoch_table(section):
    rows = [
        (
            r["name"],
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
        f"{section['n_rows']} rows of Fashion-MNIST, hidden {layers(section)}, epsilon 20, SGD, "
        "batches of 40, an evolution every epoch. Ours is the difference between fits of "
        f"{1 + section['epochs']} epochs and of one, divided by {section['epochs']}, so that "
        "initialisation does not count; `partial_fit` of MLPClassifier is one epoch. The row of "
        "CSR products is PyTorch's three sparse products of each layer (forward, backward, "
        "gradient at the connections) through the same wiring, without activations, loss, "
        "optimizer and evolution. m=1's time is that on as many threads. `n_jobs` is an upper "
        "limit: small networks stay on one thread."
    )
    return ["## One epoch", "", text, *missing(section), *table(header, rows)]


def missing(section):
    if section["machine"]["versions"]["torch"]:
        return []
    return ["", "PyTorch is not installed: its rows are missing."]


def spmm_table(section):
    names = [r["name"] for r in section["batches"][0]["rows"]]
    rows = [
        (
            b["batch"],
            *(seconds(r["median"]) for r in b["rows"]),
            times(b.get("mkl_over_ours")),
            times(b["scipy_over_ours"]),
        )
        for b in section["batches"]
    ]
    n = section["neurons"]
    text = (
        f"{n} × {n}, {section['connections']:,} connections, float32, one thread. MKL through "
        "PyTorch's CSR matrices; its ratio takes the faster index type of each round."
    )
    header = ("batch", *names, "MKL / ours", "scipy / ours")
    return ["## The sparse product alone", "", text, *missing(section), *table(header, rows)]


def digits_table(section):
    rows = [
        (batch, r["name"], f"{r['median']:.3f}", times(r["dense_over_this"]))
        for batch, batch_rows in section["batches"].items()
        for r in batch_rows
    ]
    text = (
        f"Fit of scikit-learn's digits ({section['n_rows']} rows, 64 features), hidden (100,), "
        f"Adam, {section['epochs']} epochs on both sides, one thread. Ours has its default "
        "motif size of 2 and its evolution."
    )
    header = ("batch", "model", "fit seconds", "times faster than MLPClassifier")
    return ["## Small data", "", text, *table(header, rows)]


def predict_table(section):
    header = ("model", "{}", "times faster than MLPClassifier")
    lines = ["## Prediction", "", f"Hidden {layers(section)}, features of Fashion-MNIST."]
    for key, title in (("many", f"{section['n_rows']} rows"), ("single", "one row, latency")):
        rows = [
            (r["name"], seconds(r["median"]), times(r["dense_over_this"])) for r in section[key]
        ]
        lines += table([h.format(title) for h in header], rows)
    return lines


def start_table(section):
    text = (
        "Each number from fresh processes of its own. The import is what `import sklearn_motif` "
        "takes after scikit-learn's modules and numba; the fits are of digits, 5 epochs, "
        "hidden (100,); with an empty cache the first one compiles the engine."
    )
    rows = [(r["name"], seconds(r["median"])) for r in section["rows"]]
    return ["## Start", "", text, *table(("what", "time"), rows)]


def late_table(section):
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
        f"{section['n_rows']} rows of {section['features']} features, "
        f"{section['constant']} of them constant; hidden {layers(section)}, batches of 40, "
        "constant zeta 0.3, one thread. Early: the median of epochs 2 to 6. Late: the median of "
        f"five epochs after {section['updates_before']} updates."
    )
    return ["## Late epochs", "", text, *table(("model", "early", "late", "late / early"), rows)]


def memory_table(section):
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
        "a connection: all arrays that grow with the connections, optimizer state included. "
        "Arrays: network, optimizer state and activations. Peak of fit: tracemalloc, with "
        "initialisation and two evolutions. RSS is of a process of its own."
    )
    return ["## Memory", "", text, *table(header, rows)]


def scaling_table(section):
    text = (
        "Adam on random rows at constant epsilon 10 (two equal hidden layers, batch 32), SGD on "
        f"Fashion-MNIST for hidden {layers(section)} (batch 40). Epochs without evolution, by "
        "the log of `verbose`; the first is left out. One thread but in the table of threads."
    )
    header = ("seconds a mini-batch", "a connection")
    times_of = [
        (
            "connections",
            ("neurons a layer", "connections", *header),
            [
                (
                    f"{r['neurons']:,}",
                    f"{r['connections']:,}",
                    seconds(r["median"]),
                    seconds(r["a_connection"]),
                )
                for r in section["connections"]
            ],
        ),
        (
            "epsilon",
            ("epsilon", "connections", *header),
            [
                (
                    r["epsilon"],
                    f"{r['connections']:,}",
                    seconds(r["median"]),
                    seconds(r["a_connection"]),
                )
                for r in section["epsilon"]
            ],
        ),
        (
            "threads",
            ("n_jobs", "m", *header),
            [
                (r["threads"], r["motif_size"], seconds(r["median"]), seconds(r["a_connection"]))
                for r in section["threads"]
            ],
        ),
        (
            "batch",
            ("batch", "m", "seconds a mini-batch", "a sample"),
            [
                (r["batch"], r["motif_size"], seconds(r["median"]), seconds(r["a_sample"]))
                for r in section["batch"]
            ],
        ),
    ]
    lines = ["## Scaling", "", text]
    for title, header, rows in times_of:
        lines += ["", f"By {title}:", *table(header, rows)]
    evolution = section["evolution"]
    lines += [
        f"One evolution of {evolution['connections']:,} connections at zeta 0.3: "
        f"{seconds(evolution['median'])}, {seconds(evolution['a_connection'])} a connection.",
        "",
    ]
    return lines


def million_table(section):
    measured = sum(section["bytes"][key] for key in ("network", "optimizer", "activations"))
    text = [
        f"{section['neurons']:,} hidden neurons in two layers on {section['features']:,} "
        f"features, {section['connections']:,} connections (density {section['density']:.2g}), "
        "Adam, batch 32, one thread, alone in its process:",
        "",
        f"- {seconds(section['median'])} a mini-batch; "
        f"{seconds(section['seconds_to_start'])} for all of the fit that is not an epoch",
        f"- peak RSS {size(section['rss_peak'])}, of which {size(section['rss_before'])} were "
        "there before the fit (imports and data)",
        f"- arrays {size(measured)}; the formula says {size(section['formula']['total'])}",
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
    if line["crossing"]:
        return f"{100 * line['crossing']:.2g} %"
    cells = line["cells"]
    if cells[-1]["dense_over_ours"] >= 1:
        return f"> {100 * cells[-1]['density']:g} %"
    return f"< {100 * cells[0]['density']:g} %"


def breakeven_table(section):
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
        "of the faster dense peer of each round over ours: above 1 ours is faster. A dash: not "
        "measured, because the dense peer was already twice as fast at a lower density. The last "
        "column is interpolated between the logarithms of two cells."
    )
    return ["## Where a dense network wins", "", text, *missing(section), *table(header, rows)]


TABLES = {
    "epoch": epoch_table,
    "spmm": spmm_table,
    "digits": digits_table,
    "predict": predict_table,
    "start": start_table,
    "late": late_table,
    "memory": memory_table,
    "scaling": scaling_table,
    "million": million_table,
    "breakeven": breakeven_table,
}


def markdown(results):
    """All tables as Markdown; a section of another machine names it again."""
    first = machine_line(next(iter(results.values())))
    lines = [
        "# The engine beside its peers",
        "",
        f"Made by `benchmarks/engine.py` on {first}.",
        "",
        "Every section ran in a fresh process. Contestants are warm and take turns; figures are "
        "medians, ratios are medians of the ratios of each turn. Data are float32, and every "
        "contestant has the same number of BLAS, PyTorch or engine threads where a row compares "
        "them.",
        "",
    ]
    for name, section in results.items():
        title, *rest = TABLES[name](section)
        here = machine_line(section)
        lines += [title, *(["", f"Measured on {here}."] if here != first else []), *rest]
    # One empty line where two parts each brought their own.
    lines = [line for i, line in enumerate(lines) if line or i == 0 or lines[i - 1]]
    return "\n".join(lines).rstrip() + "\n"


# Figures.


def finish(figure, section, path):
    """Name the machine below the figure and write it."""
    machine = section["machine"]
    versions = machine["versions"]
    names = ["scikit-learn", "numba"] + ["torch"] * bool(versions["torch"])
    note = f"{machine['processor']}, {machine['cores']} cores; "
    note += ", ".join(f"{name} {versions[name]}" for name in names)
    note += " – SMOKE RUN, TINY SIZES" if section["smoke"] else ""
    figure.supxlabel(note, fontsize=7.5, color="#555555", x=0.01, ha="left")
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def plain_number(value, _):
    """Tick label without an exponent."""
    return f"{value:g}"


def draw_epoch(section, path):
    rows = section["rows"][::-1]
    figure, axes = plt.subplots(figsize=(8, 0.27 * len(rows) + 1.2), layout="constrained")
    values = [r["median"] for r in rows]
    positive = [value for value in values if value > 0]  # a difference may drown in noise
    axes.barh([r["name"] for r in rows], values, color=[KINDS[r["kind"]] for r in rows])
    for y, value in enumerate(values):
        axes.annotate(
            seconds(value), (value, y), (4, 0), textcoords="offset points", va="center", fontsize=9
        )
    axes.set_xscale("log")
    axes.set_xlim(min(positive) / 2, max(positive) * 3)
    axes.set_xlabel("seconds an epoch (logarithmic; shorter is better)")
    axes.set_title(
        f"One epoch of {section['n_rows']} rows, hidden {layers(section)}", fontsize=10, loc="left"
    )
    axes.xaxis.set_major_formatter(plain_number)
    axes.grid(axis="y", visible=False)
    finish(figure, section, path)


def draw_scaling(section, path):
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.3), layout="constrained")
    for i, (key, label) in enumerate(
        (
            ("connections", "growing layers,\nepsilon 10"),
            ("epsilon", "growing epsilon,\nfixed layers"),
        )
    ):
        x = [r["connections"] for r in section[key]]
        y = [1e9 * r["a_connection"] for r in section[key]]
        axes[0].plot(x, y, color=COLOURS[i], marker=MARKERS[i], label=label)
    axes[0].set(xscale="log", xlabel="connections", ylabel="ns a connection and mini-batch")
    for i, m in enumerate((1, 2, 4)):
        style = {"color": COLOURS[i], "marker": MARKERS[i], "label": f"m={m}"}
        rows = [r for r in section["threads"] if r["motif_size"] == m]
        x = [r["threads"] for r in rows]
        axes[1].plot(x, [1e3 * r["median"] for r in rows], **style)
        rows = [r for r in section["batch"] if r["motif_size"] == m]
        x = [r["batch"] for r in rows]
        axes[2].plot(x, [1e6 * r["a_sample"] for r in rows], **style)
    axes[1].set(xlabel="n_jobs", ylabel="ms a mini-batch of 40", xticks=x_of(section["threads"]))
    axes[2].set(xscale="log", yscale="log", xlabel="batch", ylabel="µs a sample")
    ticks = [b for b in (1, 8, 40, 256) if b in {r["batch"] for r in section["batch"]}]
    axes[2].set_xticks(ticks, [str(b) for b in ticks])
    axes[2].minorticks_off()
    for panel in axes:
        panel.legend()
    axes[2].yaxis.set_major_formatter(plain_number)
    for panel in axes[:2]:
        panel.set_ylim(0, 1.08 * panel.dataLim.y1)
    finish(figure, section, path)


def x_of(rows):
    return sorted({r["threads"] for r in rows})


def draw_breakeven(section, path):
    widths = sorted({line["width"] for line in section["lines"]})
    figure, axes = plt.subplots(
        1, len(widths), figsize=(9, 3.5), layout="constrained", sharey=True, squeeze=False
    )
    ticks = [d for d in (0.005, 0.02, 0.05, 0.1, 0.2, 0.5) if d in section["densities"]]
    batches = sorted({line["batch"] for line in section["lines"]})
    for panel, width in zip(axes[0], widths, strict=True):
        panel.axhline(1, color="black", linewidth=1.2)
        for line in section["lines"]:
            if line["width"] != width:
                continue
            i = batches.index(line["batch"])
            panel.plot(
                [100 * c["density"] for c in line["cells"]],
                [c["dense_over_ours"] for c in line["cells"]],
                color=COLOURS[i % len(COLOURS)],
                marker=MARKERS[i % len(MARKERS)],
                label=f"batch {line['batch']}",
            )
        panel.set(xscale="log", yscale="log", xlabel="density [%]", title=f"width {width}")
        panel.set_xticks([100 * d for d in ticks], [f"{100 * d:g}" for d in ticks])
        panel.minorticks_off()
        panel.yaxis.set_major_formatter(plain_number)
    axes[0, 0].set_ylabel("dense epoch / ours\n(above 1: ours is faster)")
    axes[0, -1].legend()
    finish(figure, section, path)


FIGURES = {"epoch": draw_epoch, "scaling": draw_scaling, "breakeven": draw_breakeven}


def draw(results, folder):
    """Write ``engine_NAME.png`` for every section that has a figure and was measured."""
    with plt.rc_context(STYLE):
        for name, figure in FIGURES.items():
            if name in results:
                figure(results[name], folder / f"engine_{name}.png")
