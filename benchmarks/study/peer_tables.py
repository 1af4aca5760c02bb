"""Tables of our defaults beside their peers, each from the rows of its runs alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.tables import markdown

from .models import OURS
from .results import means
from .tables import number, scores


def beside_peers(results, peers):
    """Score of the defaults, with the deviation over seeds, and of their peers; what sums it up.

    Ranks, losses and seconds are of the sets on which all that have rows have some; where these are
    not all sets, the lines say so.
    """
    order = [OURS, *peers]
    score = means(results).reindex(columns=order)
    deviation = means(results, statistic="std").reindex(score.index, columns=[OURS])[OURS]
    rows = []
    for data, row in score.iterrows():
        cells = scores(row)
        if not np.isnan(deviation[data]):  # one seed has none
            cells[0] += f" ± {deviation[data]:.1f}"
        rows.append([data, *cells])
    complete = score.dropna(axis=1, how="all").dropna()
    seconds = means(results, "fit_seconds").loc[complete.index, complete.columns].mean()
    sums = {
        "mean rank": (complete.rank(axis=1, ascending=False).mean(), "{:.2f}"),
        "greatest loss": (greatest_loss(complete), "{:.1f}"),
        "mean seconds of a fit": (seconds, "{:.2f}"),
    }
    share = "" if len(complete) == len(score) else f", {len(complete)} of {len(score)} sets"
    for name, (values, form) in sums.items():
        rows.append([name + share, *(number(value, form) for value in values.reindex(order))])
    return markdown(["data", *order], rows)


def greatest_loss(score):
    """How far each model is at worst below the best of the others; below 0, where it never is."""
    return pd.Series(
        {
            name: (score.drop(columns=name).max(axis=1) - score[name]).max()
            for name in score.columns
        },
        dtype=float,
    )
