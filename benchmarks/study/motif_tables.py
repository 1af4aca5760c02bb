"""Tables that compare motif sizes, each from the rows of its runs alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.tables import markdown

from .configs import MOTIF_SIZES
from .peers import DENSE
from .results import means, paired
from .tables import number

# Sets whose test parts are large enough for differences of a few tenths of a point.
LARGE = 500
N_DRAWS = 10_000


def lost_and_saved(results, config_of):
    """Accuracy lost and time saved by each motif size against 1, paired by split."""
    rng = np.random.default_rng(0)
    n_test = results.groupby("data", observed=True)["n_test"].max()
    rows = []
    for size, config in config_of.items():
        if size == 1:
            continue
        one, other = paired(results, config_of[1], config, "score")
        lost = {
            name: part.to_numpy() for name, part in (one - other).groupby("data", observed=True)
        }
        large = [values for name, values in lost.items() if n_test[name] >= LARGE]
        small = [values for name, values in lost.items() if n_test[name] < LARGE]
        one, other = paired(results, config_of[1], config, "fit_seconds")
        saved = 100 * (1 - other / one).groupby("data", observed=True).median()
        saved = saved[n_test[saved.index] >= LARGE].mean()
        low, high = bootstrap(large, rng)
        interval = f"{low:.2f} to {high:.2f}" if large else ""
        rows.append([size, mean_of_means(large), interval, mean_of_means(small),
                     number(saved, "{:.0f} %")])  # fmt: skip
    columns = ["points lost on large sets", "95 % interval", "on small sets", "time saved"]
    return markdown(["motif_size", *columns], rows)


def mean_of_means(groups):
    """The mean over data sets of the mean over seeds."""
    return f"{np.mean([values.mean() for values in groups]):.2f}" if groups else ""


def bootstrap(groups, rng):
    """The 95 % interval of the mean over data sets of the mean over seeds.

    Seeds are drawn anew within every data set.
    """
    if not groups:
        return np.nan, np.nan
    draws = [rng.choice(values, (N_DRAWS, values.size)).mean(axis=1) for values in groups]
    return np.percentile(np.mean(draws, axis=0), [2.5, 97.5])


def sweep(results, config_of):
    """Accuracy, time and size by motif size in each mode, on the splits that all have."""
    rows = []
    for sharing, configs in config_of.items():
        by_split = {
            column: results.pivot_table(
                index=["data", "seed"], columns="config", values=column, observed=True
            )
            .reindex(columns=configs.values())
            .dropna()
            for column in ("score", "fit_seconds", "connections")
        }
        if by_split["score"].empty:
            continue
        mean = by_split["score"].groupby("data", observed=True).mean().mean()
        medians = pd.concat(
            {
                column: by_split[column].groupby("data", observed=True).median()
                for column in ("fit_seconds", "connections")
            },
            axis=1,
        )
        for size, config in configs.items():
            ratios = (
                (medians[column, config] / medians[column, configs[1]]).mean()
                for column in ("fit_seconds", "connections")
            )
            rows.append([sharing, size, number(mean[config]), *map(number, ratios)])
    columns = ["accuracy, mean over sets", "seconds / m=1", "connections / m=1"]
    return markdown(["weight_sharing", "motif_size", *columns], rows)


def seconds(results):
    """Median seconds of fits, and what they are beside each other."""
    one, two, four, auto = MOTIF_SIZES.values()
    columns = [one, two, four, auto, DENSE]
    medians = means(results, "fit_seconds", "median").reindex(columns=columns)
    ratios = {
        "m=2 / m=1": medians[two] / medians[one],
        "m=4 / m=1": medians[four] / medians[one],
        "auto / m=1": medians[auto] / medians[one],
        "dense / m=2": medians[DENSE] / medians[two],
    }
    table = pd.concat([medians, pd.DataFrame(ratios)], axis=1)
    rows = ([data, *map(number, row)] for data, row in table.iterrows())
    heads = ["m=1", "m=2 (default)", "m=4", "auto", "dense (256, 256)"]
    return markdown(["data", *heads, *ratios], rows)
