"""Rows of the study's CSV files: which belong to a table, and what a table says of them."""

from __future__ import annotations

import pandas as pd

from .data import DATA
from .plan import PLAN, planned_runs
from .run import COLUMNS

KEY = ["data", "part", "config", "seed"]


def read(paths):
    """All rows; scores in %, data sets in the order of data.py whatever the order of the runs."""
    results = pd.concat(map(pd.read_csv, paths), ignore_index=True)
    results = results.drop_duplicates(KEY)
    results["score"] *= 100
    results["data"] = pd.Categorical(results["data"], list(DATA), ordered=True)
    for name, unknown in (("jobs", 0), ("machine", "an unknown machine")):
        column = results[name] if name in results else pd.Series(unknown, results.index)
        results[name] = column.fillna(unknown)
    # Rows that were written when a measure was not yet taken have none.
    return results.reindex(columns=list(COLUMNS))


def select(results, table):
    """Rows of the runs that the plan makes for a table."""
    planned = set(planned_runs(table))
    is_planned = [key in planned for key in results[KEY].itertuples(index=False, name=None)]
    chosen = results[is_planned].copy()
    chosen["data"] = chosen["data"].cat.remove_unused_categories()
    return chosen


def means(results, column="score", statistic="mean"):
    """A row for each data set, a column for each configuration; seeds averaged."""
    return results.pivot_table(
        index="data", columns="config", values=column, aggfunc=statistic, observed=True
    )


def paired(results, config, other, column):
    """Values of two configurations on the splits that both have, by data set and seed."""
    by_split = results.pivot_table(
        index=["data", "seed"], columns="config", values=column, observed=True
    ).reindex(columns=[config, other])
    both = by_split.dropna()
    return both[config], both[other]


def describe_seeds(results):
    """How many seeds the rows have, with what has fewer, in words."""
    counts = results.groupby(["data", "config"], observed=True).size()
    most = counts.max()
    fewer = []
    for (data, n_seeds), group in counts[counts < most].groupby(["data", counts], observed=True):
        configs = group.index.get_level_values("config")
        is_all = len(configs) == counts.loc[data].size
        shown = "all" if is_all else ", ".join(f"`{config}`" for config in configs)
        fewer.append(f"{count_seeds(n_seeds)} on {data} for {shown}")
    return "; ".join([count_seeds(most), *fewer])


def count_seeds(n_seeds):
    """A number of seeds in words."""
    return "1 seed" if n_seeds == 1 else f"{n_seeds} seeds"


def describe_jobs(results):
    """How many runs shared the machine, in words."""
    jobs = sorted(results["jobs"].astype(int).unique())
    if jobs == [0]:
        return "an unknown number of fits at a time"
    if jobs == [1]:
        return "fits one at a time"
    return f"{' or '.join(map(str, jobs))} fits at a time"


def describe_plan(results):
    """A row for each table of the plan: what it takes, what of it is here, and how long it took."""
    rows = []
    for name, blocks in PLAN.items():
        found = select(results, name)
        rows.append(
            {
                "table": f"`{name}`",
                "part": blocks[0].part,
                "data sets": len({data for block in blocks for data in block.data}),
                "configurations": len({config for block in blocks for config in block.configs}),
                "runs": len(set(planned_runs(name))),
                "of which here": len(found),
                "minutes of fits": f"{found['fit_seconds'].sum() / 60:.1f}",
            }
        )
    return rows
