"""The picture of the study: accuracy against time."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

# Of Okabe and Ito, whose colors color-blind readers tell apart.
COLORS = {"scaled": "#0072B2", "tied": "#D55E00", "none": "#009E73"}
N_COLUMNS = 4


def draw_pareto(results, config_of, path):
    """Accuracy against seconds, a panel for each data set, a line for each mode of sharing."""
    names = list(results["data"].cat.categories)
    n_rows = -(-len(names) // N_COLUMNS)
    figure = Figure(figsize=(13, 3.1 * n_rows), layout="constrained")
    panels = figure.subplots(n_rows, N_COLUMNS, squeeze=False).ravel()
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    for axes, name in zip(panels, names, strict=False):
        of_set = results[results["data"] == name].groupby("config")
        accuracy, seconds = of_set["score"].mean(), of_set["fit_seconds"].median()
        for sharing, configs in config_of.items():
            sizes = [size for size, config in configs.items() if config in accuracy.index]
            x = [seconds[configs[size]] for size in sizes]
            y = [accuracy[configs[size]] for size in sizes]
            color = COLORS[sharing]
            axes.plot(x, y, "-o", ms=3, lw=1, color=color, label=f'"{sharing}"')
            for size, place in zip(sizes, zip(x, y, strict=True), strict=True):
                axes.annotate(str(size), place, fontsize=7, color=color,
                              xytext=(3, 2), textcoords="offset points")  # fmt: skip
        axes.set_title(name, fontsize=9)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(labelsize=7)
    figure.supxlabel("seconds of a fit, one thread (logarithmic)")
    figure.supylabel("test accuracy (%)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False,
                  title="accuracy against time; numbers are motif sizes")  # fmt: skip
    figure.savefig(path, dpi=120)
