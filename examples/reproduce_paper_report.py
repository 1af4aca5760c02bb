"""The table and the picture of reproduce_paper.py, beside the paper's figures."""

import numpy as np

from sklearn_motif.model_selection import weigh_time_and_score

# What the paper reports for a motif size, against m=1: time saved and accuracy lost, in %.
PAPER = {"fashion_mnist": {2: ("43.3", "3.7"), 4: ("-", ">9")}, "lung": {2: ("30.4", "1.2")}}
TITLES = {
    "fashion_mnist": "Fashion-MNIST",
    "lung": "Lung",
    "simulated_lung": "simulated Lung",
    "tox_171": "TOX-171",
    "lymphoma": "Lymphoma",
    "glioma": "Glioma",
}


def summarize(rows, options):
    """One dict for each pruning and motif size: means over the seeds, and what m=1 compares to."""

    def column(name, prune, motif_size):
        chosen = [r[name] for r in rows if (r["prune"], r["motif_size"]) == (prune, motif_size)]
        return np.array(chosen, dtype=float)

    summary = []
    for prune in options.prunings:
        base_accuracy = column("accuracy", prune, 1)
        base_seconds = column("fit_seconds", prune, 1).mean()
        for size in options.motif_sizes:
            accuracy = column("accuracy", prune, size)
            seconds = column("fit_seconds", prune, size).mean()
            summary.append(
                {
                    "prune": prune,
                    "motif_size": size,
                    "connections": column("connections", prune, size).mean(),
                    "parameters": column("parameters", prune, size).mean(),
                    "accuracy": 100 * accuracy.mean(),
                    "accuracy_std": 100 * spread(accuracy),
                    "lost": 100 * (base_accuracy - accuracy).mean(),
                    "lost_std": 100 * spread(base_accuracy - accuracy),
                    "seconds": seconds,
                    "saved": 100 * (1 - seconds / base_seconds),
                    "score": weigh_time_and_score(
                        seconds,
                        accuracy.mean(),
                        baseline_seconds=base_seconds,
                        baseline_scores=base_accuracy.mean(),
                        weight=options.weight,
                    ),
                }
            )
    return summary


def spread(values):
    """Standard deviation over the seeds, NaN for one seed."""
    return values.std(ddof=1) if len(values) > 1 else np.nan


def paper_figures(options, motif_size):
    """Time saved, accuracy lost and score that the paper stands for, as text."""
    saved, lost = PAPER.get(options.dataset, {}).get(motif_size, ("-", "-"))
    try:
        seconds, accuracy = 1 - float(saved) / 100, 1 - float(lost) / 100
    except ValueError:  # not a number
        return saved, lost, "-"
    value = weigh_time_and_score(
        seconds, accuracy, baseline_seconds=1, baseline_scores=1, weight=options.weight
    )
    return saved, lost, f"{value:.3f}"


def print_table(summary, options):
    """Print what was measured beside what the paper reports."""
    print()
    print(
        f"{'':<40}{'accuracy (%)':^16} {'accuracy lost':^15} {'fit':>8}  {'time saved (%)':^15} "
        f"{'score':^13}"
    )
    print(
        f"{'pruning':<10}{'motif size':>10}{'connections':>12}{'param.':>8}"
        f"{'mean ± std':^16} {'points':>7} {'paper %':>7} {'seconds':>8}  {'here':>7} {'paper':>7} "
        f"{'here':>6} {'paper':>6}"
    )
    print("-" * 102)
    for row in summary:
        saved, lost, paper_score = paper_figures(options, row["motif_size"])
        std = "-" if np.isnan(row["accuracy_std"]) else f"{row['accuracy_std']:.2f}"
        print(
            f"{row['prune']:<10}{row['motif_size']:>10}{row['connections']:>12,.0f}"
            f"{row['parameters']:>8,.0f}{row['accuracy']:>8.2f} ± {std:<5} {row['lost']:>7.2f} "
            f"{lost:>7} {row['seconds']:>8.2f}  {row['saved']:>7.1f} {saved:>7} "
            f"{row['score']:>6.3f} {paper_score:>6}"
        )
    w = options.weight
    print()
    print("Lost and saved: against m=1 with the same pruning, means over the seeds. A dash stands")
    print("where no figure of the paper is known, and for the deviation of a single seed.")
    print(f"score = {w:g} × (1 - time / time of m=1) + {1 - w:g} × (accuracy / accuracy of m=1);")
    print(f"m=1 scores {1 - w:g}. The paper's score takes its loss as relative to m=1.")


def draw(summary, options, name):
    """A figure of accuracy against time saved, both relative to m=1, with the paper's points."""
    # Without pyplot, a figure is drawn by the Agg backend and needs no display.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5.5), layout="constrained")
    axes = figure.subplots()
    axes.axhline(0, color="0.8", linewidth=1, zorder=0)

    def mark(x, y, motif_size, **style):
        axes.plot(x, y, markersize=14, linestyle="none", **style)
        axes.annotate(str(motif_size), (x, y), color="white", ha="center", va="center_baseline")

    styles = {"magnitude": ("tab:blue", "o"), "random": ("tab:green", "s")}
    for prune in options.prunings:
        color, marker = styles[prune]
        points = [row for row in summary if row["prune"] == prune]
        x, y = [p["saved"] for p in points], [-p["lost"] for p in points]
        errors = [p["lost_std"] for p in points] if options.repeats > 1 else None
        axes.errorbar(x, y, errors, color=color, capsize=4, zorder=1)
        label = f"{prune} pruning (m=1: {points[0]['accuracy']:.1f} %)"
        for point in points[1:]:
            mark(
                point["saved"],
                -point["lost"],
                point["motif_size"],
                color=color,
                marker=marker,
                label=label,
            )
            label = None  # one entry in the legend
    mark(0, 0, 1, color="black", marker="o", label="m=1, the baseline")
    paper = "paper (real data)" if name == "simulated_lung" else "paper"
    for size, (saved, lost) in PAPER.get(options.dataset, {}).items():
        if lost.startswith(">"):
            label = f"{paper}: m={size} lies below"
            axes.axhline(-float(lost[1:]), color="tab:red", linestyle=":", label=label)
        else:
            mark(float(saved), -float(lost), size, color="tab:red", marker="D", label=paper)
    axes.margins(0.1, 0.15)
    axes.set(
        xlabel="training time saved against m=1 (%)",
        ylabel="accuracy against m=1 (percentage points)",
        title=f"{TITLES[name]}: hidden {tuple(options.hidden)}, {options.weight_sharing}, "
        f"epsilon {options.epsilon:g}, {options.epochs} epochs",
    )
    bars = "; bars: deviation over seeds" if options.repeats > 1 else ""
    figure.legend(
        loc="outside lower center",
        ncols=3,
        frameon=False,
        markerscale=0.7,
        title=f"number in a marker: motif size m{bars}",
    )
    return figure
