"""Tables of what is judged beside accuracy, each from the rows of its runs alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.tables import markdown

from .models import OURS
from .results import means
from .tables import number
from .text_makers import LINEAR


def by_measure(results, column, peers, best=0):
    """A measure of the defaults and their peers, and how they rank by their distance to the best.

    Means and ranks are of the sets on which all models that have the measure anywhere have it.
    """
    order = [OURS, *peers]
    values = means(results, column).reindex(columns=order).dropna(how="all")
    rows = []
    for data, row in values.iterrows():
        cells = [number(value, "{:.3f}") for value in row]
        least = f"{(row - best).abs().min():.3f}"
        is_best = (f"{abs(value - best):.3f}" == least for value in row)
        rows.append([data, *(f"**{c}**" if b else c for c, b in zip(cells, is_best, strict=True))])
    complete = values.dropna(axis=1, how="all").dropna()
    if len(complete):
        share = "" if len(complete) == len(values) else f", {len(complete)} of {len(values)} sets"
        sums = {
            "mean": (complete.mean(), "{:.3f}"),
            "mean rank": ((complete - best).abs().rank(axis=1).mean(), "{:.2f}"),
        }
        for name, (sum_, form) in sums.items():
            rows.append([name + share, *(number(value, form) for value in sum_.reindex(order))])
    return markdown(["data", *order], rows)


def few_rows(results, config_of):
    """Accuracy by hidden layers of ours and of a dense network, and what ours gains."""
    accuracy = means(results)
    rows, gains = [], []
    for data, row in accuracy.iterrows():
        for sizes, pair in config_of.items():
            ours, dense = row.reindex(pair)
            gains.append(ours - dense)
            rows.append([data, sizes, number(ours, "{:.1f}"), number(dense, "{:.1f}"),
                         number(gains[-1], "{:+.1f}")])  # fmt: skip
    rows.append(["mean", "", "", "", number(pd.Series(gains).mean(), "{:+.1f}")])
    return markdown(["data", "hidden layers", OURS, "MLPClassifier", "gained"], rows)


def text(results, order):
    """What each model is worth on a set of texts, and its seconds beside those of a linear one."""
    by_config = results.groupby("config")
    seconds = by_config["fit_seconds"].median()
    measures = pd.DataFrame(
        {
            "accuracy": by_config["score"].mean(),
            "log loss": by_config["log_loss"].mean(),
            "seconds of a fit": seconds,
            f"over {LINEAR}": seconds / seconds.get(LINEAR, np.nan),
        }
    )
    forms = ("{:.1f}", "{:.3f}", "{:.2f}", "{:.2f}")
    rows = [
        [f"`{config}`", *map(number, row, forms)]
        for config, row in measures.reindex(order).dropna(how="all").iterrows()
    ]
    return markdown(["model", *measures], rows)
