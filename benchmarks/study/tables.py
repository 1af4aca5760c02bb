"""Tables of scores, each from the rows of its runs alone."""

from __future__ import annotations

import numpy as np

from benchmarks.tables import markdown

from .models import OURS
from .peers import BOOSTING, DENSE, FOREST
from .results import means, paired

NAME_OF_OURS = "MotifSETClassifier"
IN_SHORT = {
    OURS: "ours",
    DENSE: "dense",
    "LogisticRegression": "logistic regression",
    FOREST: "forest",
    BOOSTING: "boosting",
}
IN_SHORT_DATA = [
    "fashion_mnist_60k", "fashion_mnist_5k", "isolet", "madelon", "basehock", "digits", "tox_171",
]  # fmt: skip


def number(value, form="{:.2f}"):
    """A formatted number; nothing where there is none."""
    return "" if np.isnan(value) else form.format(value)


def scores(row, form="{:.1f}"):
    """Formatted scores, of which all that read as the best are bold."""
    cells = [number(value, form) for value in row]
    best = form.format(row.max())
    return [f"**{cell}**" if cell == best else cell for cell in cells]


def in_short(results):
    """Accuracy of the defaults and of four peers on seven sets."""
    accuracy = means(results).reindex(columns=IN_SHORT)
    names = [name for name in IN_SHORT_DATA if name in accuracy.index]
    rows = ([name, *scores(accuracy.loc[name])] for name in names)
    return markdown(["", *IN_SHORT.values()], rows)


def useful_columns(results):
    """Columns of Madelon that mean something among the 20 most important."""
    of_madelon = results[results["data"] == "madelon"]
    useful = of_madelon.groupby("config", sort=False)["useful_in_top_20"].mean().dropna()
    rows = ([NAME_OF_OURS if name == OURS else name, f"{n:.1f}"] for name, n in useful.items())
    return markdown(["model", "of 20"], rows)


def by_configuration(results, configs):
    """Accuracy of some configurations, on the splits that all of them have."""
    chosen = results[results["config"].isin(configs)]
    by_split = chosen.pivot_table(
        index=["data", "seed"], columns="config", values="score", observed=True
    )
    accuracy = by_split.reindex(columns=configs).dropna().groupby("data", observed=True).mean()
    rows = ([data, *(f"{value:.1f}" for value in row)] for data, row in accuracy.iterrows())
    return markdown(["data", *(f"`{config}`" for config in configs)], rows)


def changes(results):
    """What a change of a default gains in accuracy, and the factor of its seconds, by split."""
    ours = results[results["config"] == OURS]
    accuracy = ours.groupby("data", observed=True)["score"].mean()
    names = list(accuracy.index)
    rows = [["(accuracy of the defaults)", *(f"{value:.1f}" for value in accuracy), ""]]
    for config in results["config"].unique():
        if config == OURS:
            continue
        before, after = paired(results, OURS, config, "score")
        gained = (after - before).groupby("data", observed=True).mean().reindex(names)
        before, after = paired(results, OURS, config, "fit_seconds")
        factor = (after / before).groupby("data", observed=True).median().mean()
        cells = (number(value, "{:+.1f}") for value in gained)
        rows.append([config.removeprefix("ours "), *cells, number(factor, "x {:.2f}")])
    return markdown(["change", *names, "seconds"], rows)
