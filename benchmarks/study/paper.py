"""The table of the paper's experiment, from the CSV files of examples/reproduce_paper.py."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.tables import markdown

# Accuracy lost and time saved against m=1 in %, as the paper reports them.
PAPER = {
    ("fashion_mnist", 2): ("3.7", "43.3"),
    ("fashion_mnist", 4): ("over 9", ""),
    ("simulated_lung", 2): ("1.2 (real Lung)", "30.4 (real Lung)"),
    ("lung", 2): ("1.2", "30.4"),
}


def read(paths):
    """Rows of all files; accuracy in %."""
    runs = pd.concat(map(pd.read_csv, paths), ignore_index=True)
    runs["accuracy"] *= 100
    return runs


def describe(runs):
    """Seeds and epochs, in words."""
    n_seeds = sorted(runs.groupby(["dataset", "prune", "motif_size"]).size().unique())
    seeds = " or ".join(map(str, n_seeds))
    epochs = " or ".join(map(str, sorted(runs["epochs"].unique())))
    return f"{seeds} seed{'s' if n_seeds != [1] else ''}, {epochs} epochs."


def table(runs):
    """Mean accuracy with its deviation over seeds; what is lost and saved against m=1."""
    rows = []
    for (data, prune), group in runs.groupby(["dataset", "prune"], sort=False):
        one = group[group["motif_size"] == 1]
        for size, part in group.groupby("motif_size"):
            deviation = part["accuracy"].std()
            cells = [data, prune, size, f"{part['accuracy'].mean():.1f}"]
            cells[3] += "" if np.isnan(deviation) else f" ± {deviation:.1f}"
            if size == 1:
                rows.append([*cells, "", "", "", ""])
                continue
            lost = one["accuracy"].mean() - part["accuracy"].mean()
            saved = 100 * (1 - part["fit_seconds"].mean() / one["fit_seconds"].mean())
            paper_lost, paper_saved = PAPER.get((data, size), ("", ""))
            rows.append([*cells, f"{lost:.1f}", paper_lost, f"{saved:.0f}", paper_saved])
    return markdown(
        ["data", "pruning", "m", "accuracy", "points lost", "the paper's loss, %",
         "time saved, %", "the paper's"],
        rows,
    )  # fmt: skip
