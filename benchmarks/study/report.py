"""Tables and figures of study.py's results, from its CSV file alone.

python benchmarks/study_report.py RESULTS.csv --out benchmarks/study.md --figures docs/images
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd
from .__main__ import DATA

OURS = "MotifSETClassifier"
BASELINE = "MLPClassifier (256, 256)"
# Sets whose test parts are large enough for differences of a few tenths of a point.
LARGE = 500


def read(paths, part):
    results = pd.concat(map(pd.read_csv, paths)).query("part == @part").copy()
    results["accuracy"] *= 100
    results["model"] = results["config"].replace("ours", OURS)
    # Data sets in the order of study.py, whatever the order of the runs.
    results["data"] = pd.Categorical(results["data"], list(DATA), ordered=True)
    results["data"] = results["data"].cat.remove_unused_categories()
    return results


def means(results):
    """Mean accuracy, a row for each data set, a column for each model; seeds averaged."""
    return results.pivot_table(index="data", columns="model", values="accuracy", observed=True)


def peers_table(results):
    """Accuracy of our defaults and of the peers, and their mean ranks."""
    results = results[~results["model"].str.startswith("ours ")]
    accuracy = means(results)
    order = [OURS, *(name for name in accuracy.columns if name != OURS)]
    accuracy = accuracy[order].dropna(subset=[OURS])
    deviation = results[results["model"] == OURS].groupby("data", observed=True)["accuracy"].std()
    ranks = accuracy.rank(axis=1, ascending=False)
    lines = table_head(["data", *order])
    for data, row in accuracy.iterrows():
        best = row.max()
        cells = [f"**{value:.1f}**" if value == best else f"{value:.1f}" for value in row]
        cells[0] += f" ± {deviation[data]:.1f}"
        lines.append(f"| {data} | {' | '.join(cells)} |")
    lines.append(f"| mean rank | {' | '.join(f'{rank:.2f}' for rank in ranks.mean())} |")
    return lines


def seconds_table(results):
    """Median seconds of fits that took turns, and what they are beside each other."""
    one, four, auto = (f"ours motif_size={m}" for m in (1, 4, "auto"))
    seconds = results.pivot_table(
        index="data", columns="config", values="fit_seconds", aggfunc="median", observed=True
    ).reindex(columns=[one, "ours", four, auto, BASELINE])
    ratios = {
        "m=2 / m=1": seconds["ours"] / seconds[one],
        "m=4 / m=1": seconds[four] / seconds[one],
        "auto / m=1": seconds[auto] / seconds[one],
        "dense / m=2": seconds[BASELINE] / seconds["ours"],
    }
    table = pd.concat([seconds, pd.DataFrame(ratios)], axis=1)
    lines = table_head(["data", "m=1", "m=2 (default)", "m=4", "auto", "dense (256, 256)", *ratios])
    for data, row in table.iterrows():
        cells = ("" if np.isnan(value) else f"{value:.2f}" for value in row)
        lines.append(f"| {data} | {' | '.join(cells)} |")
    return lines


def motif_sizes(results, like):
    """Runs of configurations that differ in motif_size, or epsilon with it, by size as text."""
    found = {"2": results[results["config"] == f"ours {like}".strip()]}  # 2 is the default
    for config in results["config"].unique():
        match = re.search(r"\bmotif_size=(\S+)", config)
        rest = re.sub(r"\b(motif_size|epsilon)=\S+", "", config)
        if match and rest.split() == ["ours", *like.split()]:
            runs = results[results["config"] == config]
            if match[1] != "2" or len(runs) > len(found["2"]):
                found[match[1]] = runs
    return {size: runs for size, runs in found.items() if len(runs)}


def bootstrap(differences, rng, n=10_000):
    """95 % interval of the mean over data sets of the mean over seeds.

    Seeds are drawn anew within every data set.
    """
    sums = np.zeros(n)
    for values in differences:
        sums += rng.choice(values, (n, values.size)).mean(axis=1)
    return np.percentile(sums / len(differences), [2.5, 97.5])


def lost_table(results, like=""):
    """Accuracy lost and time saved by each motif size against 1, paired by seed."""
    runs = {size: part.set_index(["data", "seed"]) for size, part in
            motif_sizes(results, like).items()}  # fmt: skip
    one = runs.pop("1", None)
    if one is None:
        return []
    rng = np.random.default_rng(0)
    lines = table_head(
        ["motif_size", "points lost on large sets", "95 % interval", "on small sets", "time saved"]
    )
    for size, other in sorted(runs.items()):
        lost = (one["accuracy"] - other["accuracy"]).dropna()
        saved = 100 * (1 - other["fit_seconds"] / one["fit_seconds"]).dropna()
        is_large = one.loc[lost.index, "n_test"] >= LARGE
        groups = [
            [values.to_numpy() for _, values in part.groupby("data", observed=True)]
            for part in (lost[is_large], lost[~is_large])
        ]
        low, high = bootstrap(groups[0], rng) if groups[0] else (np.nan, np.nan)
        large, small = (np.mean([g.mean() for g in group]) if group else np.nan for group in groups)
        lines.append(
            f"| {size} | {large:.2f} | {low:.2f} to {high:.2f} | {small:.2f} | "
            f"{saved[is_large].groupby('data').median().mean():.0f} % |"
        )
    return lines


def details_table(results, configs):
    """Accuracy of some configurations of ours, on the splits that all of them have."""
    part = results[results["config"].isin(configs)]
    per_split = part.pivot_table(
        index=["data", "seed"], columns="config", values="accuracy", observed=True
    )
    accuracy = per_split[configs].dropna().groupby("data", observed=True).mean()
    lines = table_head(["data", *(f"`{name}`" for name in accuracy.columns)])
    for data, row in accuracy.iterrows():
        lines.append(f"| {data} | {' | '.join(f'{value:.1f}' for value in row)} |")
    return lines


def changes_table(results):
    """Points of accuracy, and seconds as a factor, by what a configuration changes, by seed."""
    index = ["data", "seed"]
    ours = results[results["config"] == "ours"].set_index(index)
    gained, factors = {"(accuracy of the defaults)": ours["accuracy"].groupby("data").mean()}, {}
    for config, part in results.groupby("config", sort=False):
        if config.startswith("ours "):
            part = part.set_index(index)
            name = config.removeprefix("ours ")
            difference = (part["accuracy"] - ours["accuracy"]).dropna()
            gained[name] = difference.groupby("data", observed=True).mean()
            factor = (part["fit_seconds"] / ours["fit_seconds"]).dropna()
            factors[name] = factor.groupby("data", observed=True).median().mean()
    table = pd.DataFrame(gained).T
    lines = table_head(["change", *table.columns, "seconds"])
    for name, row in table.iterrows():
        form = "{:+.1f}" if name in factors else "{:.1f}"
        cells = ["" if np.isnan(value) else form.format(value) for value in row]
        seconds = f"x {factors[name]:.2f}" if name in factors else ""
        lines.append(f"| {name} | {' | '.join(cells)} | {seconds} |")
    return lines


def table_head(columns):
    return [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]


def sweep_table(results, like_of):
    """Accuracy against motif size, averaged over data sets, for each mode of sharing."""
    lines = table_head(
        ["weight_sharing", "motif_size", "accuracy, mean over sets", "seconds / m=1",
         "connections / m=1"]
    )  # fmt: skip
    for sharing, like in like_of.items():
        runs = motif_sizes(results, like)
        if "1" not in runs:
            continue
        one = (
            runs["1"]
            .groupby("data", observed=True)[["accuracy", "fit_seconds", "connections"]]
            .median()
        )
        for size in sorted(runs, key=lambda text: (not text.isdigit(), text.zfill(3))):
            by_data = runs[size].groupby("data", observed=True)
            ratio = by_data[["fit_seconds", "connections"]].median() / one
            lines.append(
                f"| {sharing} | {size} | {by_data['accuracy'].mean().mean():.2f} | "
                f"{ratio['fit_seconds'].mean():.2f} | {ratio['connections'].mean():.2f} |"
            )
    return lines


def draw_pareto(results, like_of, path):
    """Accuracy against seconds, a panel for each data set, a line for each mode of sharing."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    names = [
        name
        for name in results["data"].unique()
        if any((run["data"] == name).any() for like in like_of.values()
               for run in motif_sizes(results, like).values())
    ]  # fmt: skip
    n_columns = 4
    n_rows = -(-len(names) // n_columns)
    figure = Figure(figsize=(13, 3.1 * n_rows), layout="constrained")
    panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    colors = {"scaled": "tab:blue", "tied": "tab:orange", "none": "tab:green"}
    for axes, name in zip(panels, names, strict=False):
        for sharing, like in like_of.items():
            runs = {
                size: run[run["data"] == name]
                for size, run in motif_sizes(results, like).items()
                if size.isdigit()
            }
            sizes = sorted((size for size in runs if len(runs[size])), key=int)
            x = [runs[size]["fit_seconds"].median() for size in sizes]
            y = [runs[size]["accuracy"].mean() for size in sizes]
            axes.plot(x, y, "-o", ms=3, lw=1, color=colors[sharing], label=f'"{sharing}"')
            for place in zip(sizes, x, y, strict=True):
                axes.annotate(place[0], place[1:], fontsize=7, color=colors[sharing],
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


LIKE = {name: f"weight_sharing={name}" for name in ("scaled", "tied", "none")}
WIDE = "hidden_layer_sizes=(3000,3000,3000)"


def test_sections(results):
    """Tables by their titles."""
    useful = results[results["data"] == "madelon"].groupby("model", sort=False)["useful_in_top_20"]
    useful = useful.mean().dropna()
    prunings = ["ours", "ours prune=random", "ours zeta_schedule=constant",
                "ours prune=random zeta_schedule=constant"]  # fmt: skip
    sizes = ["ours motif_size=1", "ours", "ours motif_size=4", "ours motif_size=auto"]
    images = ["ours", "ours feature_shape=(28,28)"]
    return {
        "Accuracy (%) on test parts, defaults": peers_table(results),
        "Madelon: useful columns among the 20 most important": [
            *table_head(["model", "of 20"]),
            *(f"| {name} | {value:.1f} |" for name, value in useful.items()
              if not name.startswith("ours ")),
        ],
        "Motif sizes, defaults otherwise": [
            *lost_table(results), "", *details_table(results, sizes)
        ],
        "Motif sizes with hidden layers (3000, 3000, 3000)": lost_table(results, WIDE),
        "Motif sizes in all modes": sweep_table(results, LIKE),
        "How connections are pruned": details_table(results, prunings),
        "Images wired by windows": [
            *details_table(results, images), "",
            *details_table(results, [f"{name} motif_size=1" for name in images]),
        ],
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("results", type=Path, nargs="+", help="CSV files of study.py")
    parser.add_argument("--part", choices=["validation", "test"], default="test")
    parser.add_argument(
        "--seconds", type=Path, help="CSV file of runs with --jobs 1 and nothing beside them"
    )
    parser.add_argument("--machine", default="", help="what it was measured on, in words")
    parser.add_argument("--out", type=Path, help="write the tables to this file")
    parser.add_argument("--figures", type=Path, help="folder for the figures")
    options = parser.parse_args()
    results = read(options.results, options.part)
    if options.part == "validation":
        sections = {
            "What a change of the defaults does, on validation rows": changes_table(results)
        }
    else:
        sections = test_sections(results)
        if options.seconds:
            title = "Seconds of a fit, medians of runs that took turns"
            sections[title] = seconds_table(read([options.seconds], options.part))
    lines = ["# Results of the study", "", options.machine]
    for title, section in sections.items():
        lines += ["", f"## {title}", "", *section]
    text = "\n".join(lines) + "\n"
    print(text)
    if options.out:
        options.out.write_text(text)
    if options.figures:
        draw_pareto(results, LIKE, options.figures / "study_pareto.png")


if __name__ == "__main__":
    main()
