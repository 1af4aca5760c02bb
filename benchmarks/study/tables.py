"""Tables of the study in Markdown, each from the rows of its runs alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .models import BOOSTING, DENSE, FOREST, OURS, PEERS
from .plan import MOTIF_SIZES
from .results import means, paired

NAME_OF_OURS = "MotifSETClassifier"
# Sets whose test parts are large enough for differences of a few tenths of a point.
LARGE = 500
N_DRAWS = 10_000
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


def markdown(columns, rows):
    """Lines of a table."""
    return [
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
        *(f"| {' | '.join(map(str, row))} |" for row in rows),
    ]


def number(value, form="{:.2f}"):
    """A formatted number; nothing where there is none."""
    return "" if np.isnan(value) else form.format(value)


def accuracies(row, form="{:.1f}"):
    """Formatted accuracies, of which all that read as the best are bold."""
    cells = [number(value, form) for value in row]
    best = form.format(row.max())
    return [f"**{cell}**" if cell == best else cell for cell in cells]


def in_short(results):
    """Accuracy of the defaults and of four peers on seven sets."""
    accuracy = means(results).reindex(columns=IN_SHORT)
    names = [name for name in IN_SHORT_DATA if name in accuracy.index]
    rows = ([name, *accuracies(accuracy.loc[name])] for name in names)
    return markdown(["", *IN_SHORT.values()], rows)


def peers(results):
    """Accuracy of the defaults, with the deviation over seeds, and of all peers; mean ranks."""
    order = [OURS, *sorted(PEERS)]
    accuracy = means(results).reindex(columns=order).dropna(subset=[OURS])
    deviation = means(results, statistic="std").reindex(columns=[OURS])[OURS]
    rows = []
    for data, row in accuracy.iterrows():
        cells = accuracies(row)
        if data in deviation.index:  # one seed has none
            cells[0] += f" ± {deviation[data]:.1f}"
        rows.append([data, *cells])
    ranks = accuracy.rank(axis=1, ascending=False).mean()
    rows.append(["mean rank", *map(number, ranks)])
    return markdown(["data", NAME_OF_OURS, *order[1:]], rows)


def useful_columns(results):
    """Columns of Madelon that mean something among the 20 most important."""
    of_madelon = results[results["data"] == "madelon"]
    useful = of_madelon.groupby("config", sort=False)["useful_in_top_20"].mean().dropna()
    rows = ([NAME_OF_OURS if name == OURS else name, f"{n:.1f}"] for name, n in useful.items())
    return markdown(["model", "of 20"], rows)


def lost_and_saved(results, config_of):
    """Accuracy lost and time saved by each motif size against 1, paired by split."""
    rng = np.random.default_rng(0)
    n_test = results.groupby("data", observed=True)["n_test"].max()
    rows = []
    for size, config in config_of.items():
        if size == 1:
            continue
        one, other = paired(results, config_of[1], config, "accuracy")
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


def by_configuration(results, configs):
    """Accuracy of some configurations, on the splits that all of them have."""
    chosen = results[results["config"].isin(configs)]
    by_split = chosen.pivot_table(
        index=["data", "seed"], columns="config", values="accuracy", observed=True
    )
    accuracy = by_split.reindex(columns=configs).dropna().groupby("data", observed=True).mean()
    rows = ([data, *(f"{value:.1f}" for value in row)] for data, row in accuracy.iterrows())
    return markdown(["data", *(f"`{config}`" for config in configs)], rows)


def changes(results):
    """What a change of a default gains in accuracy, and the factor of its seconds, by split."""
    ours = results[results["config"] == OURS]
    accuracy = ours.groupby("data", observed=True)["accuracy"].mean()
    names = list(accuracy.index)
    rows = [["(accuracy of the defaults)", *(f"{value:.1f}" for value in accuracy), ""]]
    for config in results["config"].unique():
        if config == OURS:
            continue
        before, after = paired(results, OURS, config, "accuracy")
        gained = (after - before).groupby("data", observed=True).mean().reindex(names)
        before, after = paired(results, OURS, config, "fit_seconds")
        factor = (after / before).groupby("data", observed=True).median().mean()
        cells = (number(value, "{:+.1f}") for value in gained)
        rows.append([config.removeprefix("ours "), *cells, number(factor, "x {:.2f}")])
    return markdown(["change", *names, "seconds"], rows)


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
            for column in ("accuracy", "fit_seconds", "connections")
        }
        if by_split["accuracy"].empty:
            continue
        mean = by_split["accuracy"].groupby("data", observed=True).mean().mean()
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
