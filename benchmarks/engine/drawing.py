"""What all pictures share: colors, style, and the machine below."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

# Okabe and Ito's colors, which color-blind people tell apart.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
KINDS = {
    "scikit-learn": "#999999",
    "torch": "#E69F00",
    "sparselab": "#CC79A7",
    "ours": "#0072B2",
}
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


def finish(figure, section, path):
    """Name the machine below the figure and write it."""
    machine = section["machine"]
    versions = machine["versions"]
    names = [name for name in ("scikit-learn", "numba", "torch", "sparselab") if versions[name]]
    note = f"{machine['processor']}, {machine['cores']} cores; "
    note += ", ".join(f"{name} {versions[name]}" for name in names)
    note += " – SMOKE RUN, TINY SIZES" if section["smoke"] else ""
    figure.supxlabel(note, fontsize=7.5, color="#555555", x=0.01, ha="left")
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def plain_number(value, _):
    """Tick label without an exponent."""
    return f"{value:g}"
