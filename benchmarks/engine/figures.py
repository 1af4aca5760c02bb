"""Pictures from what the sections have measured."""

from __future__ import annotations

import matplotlib.pyplot as plt

from .drawing import COLORS, KINDS, MARKERS, STYLE, finish, plain_number
from .words import contestant, layers, seconds


def draw_epoch(section, path):
    """Seconds of an epoch as bars."""
    rows = section["rows"][::-1]
    figure, axes = plt.subplots(figsize=(8, 0.27 * len(rows) + 1.2), layout="constrained")
    values = [r["median"] for r in rows]
    positive = [value for value in values if value > 0]  # a difference may drown in noise
    names = [contestant(r) for r in rows]
    axes.barh(range(len(rows)), values, tick_label=names, color=[KINDS[r["kind"]] for r in rows])
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
    """Seconds by connections, threads and batch."""
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.3), layout="constrained")
    for i, (key, label) in enumerate(
        (
            ("connections", "growing layers,\nepsilon 10"),
            ("epsilon", "growing epsilon,\nfixed layers"),
        )
    ):
        x = [r["connections"] for r in section[key]]
        y = [1e9 * r["a_connection"] for r in section[key]]
        axes[0].plot(x, y, color=COLORS[i], marker=MARKERS[i], label=label)
    axes[0].set(xscale="log", xlabel="connections", ylabel="ns a connection and mini-batch")
    for i, m in enumerate((1, 2, 4)):
        style = {"color": COLORS[i], "marker": MARKERS[i], "label": f"m={m}"}
        rows = [r for r in section["threads"] if r["motif_size"] == m]
        axes[1].plot([r["n_jobs"] for r in rows], [1e3 * r["median"] for r in rows], **style)
        rows = [r for r in section["batch"] if r["motif_size"] == m]
        axes[2].plot([r["batch"] for r in rows], [1e6 * r["a_sample"] for r in rows], **style)
    n_jobs = sorted({r["n_jobs"] for r in section["threads"]})
    axes[1].set(xlabel="n_jobs", ylabel="ms a mini-batch of 40", xticks=n_jobs)
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


def draw_break_even(section, path):
    """A dense epoch over ours by density, a panel for each width."""
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
                color=COLORS[i % len(COLORS)],
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


def draw_sparse_rows(section, path):
    """Seconds of an epoch by columns, at constant stored values."""
    figure, axes = plt.subplots(figsize=(8, 3.3), layout="constrained")
    for i, (key, label) in enumerate((("epoch", "ours"), ("laid_out", "ours, laid out"))):
        rows = [r for r in section["rows"] if r[key] is not None]
        style = {"color": COLORS[i], "marker": MARKERS[i], "label": label}
        axes.plot([r["columns"] for r in rows], [r[key] for r in rows], **style)
    axes.set(xscale="log", xlabel="columns", ylabel="seconds an epoch")
    axes.set_ylim(0, 1.08 * axes.dataLim.y1)
    axes.set_title(
        f"{section['n_rows']} rows of {section['stored']} words", fontsize=10, loc="left"
    )
    axes.legend()
    finish(figure, section, path)


FIGURES = {
    "epoch": ("engine_epoch.png", draw_epoch),
    "scaling": ("engine_scaling.png", draw_scaling),
    "sparse_rows": ("engine_sparse.png", draw_sparse_rows),
    "break_even": ("engine_breakeven.png", draw_break_even),
}


def draw(results, folder):
    """Write the picture of every section that has one and was measured."""
    with plt.rc_context(STYLE):
        for name, (file, figure) in FIGURES.items():
            if name in results:
                figure(results[name], folder / file)
