"""The tables that are published: what they are called, what they show, and how they are made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from . import configs, judge_tables, motif_tables, tables
from .judge import N_BINS
from .peer_tables import beside_peers
from .peers import PEERS, REALMLP


class Section(NamedTuple):
    """A table that is published."""

    title: str
    note: str  # what the cells are
    planned: str  # the table of the plan whose runs it shows
    make: Callable  # of the rows of these runs, Markdown


def beside(title, score, planned, peers):
    """The section of a table of our defaults beside their peers."""
    note = (
        f"{score} in % on test rows, with the deviation over seeds of ours. The greatest loss is "
        "against the best of the others, below 0 where none is better."
    )
    return Section(title, note, planned, partial(beside_peers, peers=peers))


def probabilities(title, note, planned, column, best=0):
    """The section of a measure of probabilities."""
    peers = [name for name in PEERS[planned] if name != "SVC"]  # it has no probabilities
    make = partial(judge_tables.by_measure, column=column, peers=peers, best=best)
    return Section(title, f"{note} On test rows, means over seeds.", planned, make)


LOST = (
    "Points of accuracy lost against `motif_size=1`, paired by split; large sets have "
    f"{motif_tables.LARGE} test rows or more. The interval is a bootstrap over seeds within the "
    "large sets, on which the time saved is measured, too."
)
SECTIONS = [
    Section("In short", "Accuracy in % on test rows, defaults.", "defaults", tables.in_short),
    beside("Accuracy of the defaults", "Accuracy", "defaults", sorted(PEERS["defaults"])),
    beside("Tables", "Accuracy", "tables", PEERS["tables"]),
    beside("Regression", "R²", "regression", PEERS["regression"]),
    beside("Data frames", "Accuracy (frame_credit) or R²", "frames", PEERS["frames"]),
    beside("Beside RealMLP", "Accuracy, or R² of regression,", "realmlp", [REALMLP]),
    probabilities(
        "Log loss of tables", "The mean of -log of what the right class got.", "tables", "log_loss"
    ),
    probabilities(
        "Log loss of rare classes and labels",
        "The mean of -log of what the right class got, of `rare_labels` the mean over labels.",
        "probabilities",
        "log_loss",
    ),
    probabilities(
        "Calibration error",
        f"The mean difference of the highest probability and the accuracy, in {N_BINS} equal bins.",
        "probabilities",
        "calibration_error",
    ),
    probabilities(
        "Probability over rate",
        "The mean probability of a rare class, or of all labels, over its rate; best is 1.",
        "probabilities",
        "probability_over_rate",
        best=1,
    ),
    beside("Streams", "Accuracy", "streams", [*configs.STREAMING[1:], *PEERS["streams"]]),
    beside(
        "Interactions",
        "Accuracy, or R² of product_and_column,",
        "interactions",
        [configs.CHANGE_OF_SCREENING, *PEERS["interactions"]],
    ),
    Section(
        "Few rows",
        "Accuracy in % on the test rows of three folds of three shuffles; a seed is a fold.",
        "few_rows",
        lambda rows: judge_tables.few_rows(rows, configs.FEW_ROWS),
    ),
    Section(
        "Useful columns of Madelon",
        "How many of the 20 most important columns are among the 20 useful ones.",
        "defaults",
        tables.useful_columns,
    ),
    Section(
        "Motif sizes",
        f"Defaults otherwise. {LOST}",
        "motif_sizes",
        lambda rows: motif_tables.lost_and_saved(rows, configs.MOTIF_SIZES),
    ),
    Section(
        "Accuracy by motif size",
        "Accuracy in % on test rows, defaults otherwise.",
        "motif_sizes",
        lambda rows: tables.by_configuration(rows, list(configs.MOTIF_SIZES.values())),
    ),
    Section(
        "Motif sizes of wide networks",
        f"Hidden layers (3000, 3000, 3000). {LOST}",
        "wide",
        lambda rows: motif_tables.lost_and_saved(rows, configs.WIDE),
    ),
    Section("Seconds of a fit", "Medians over seeds.", "seconds", motif_tables.seconds),
    Section(
        "Motif sizes in all modes",
        "Accuracy in % on test rows, and medians against `motif_size=1`, as means over sets. In "
        '"none" mode `epsilon` is divided by the motif size: all sizes have as many weights.',
        "sweep",
        lambda rows: motif_tables.sweep(rows, configs.SWEEP),
    ),
    Section(
        "Pruning",
        "Accuracy in % on test rows.",
        "pruning",
        lambda rows: tables.by_configuration(rows, configs.PRUNING),
    ),
    Section(
        "Images wired by windows",
        "Accuracy in % on test rows.",
        "images",
        lambda rows: tables.by_configuration(rows, configs.IMAGES),
    ),
    Section(
        "Images wired by windows without motifs",
        "Accuracy in % on test rows.",
        "images",
        lambda rows: tables.by_configuration(rows, configs.IMAGES_OF_SINGLE_NEURONS),
    ),
    Section(
        "Scales, bins and precision",
        "Accuracy or R² in % on validation rows.",
        "inputs",
        lambda rows: tables.by_configuration(rows, configs.INPUTS),
    ),
    Section(
        "What a change of a default does",
        "Points of accuracy gained on validation rows, and seconds as a factor.",
        "changes",
        tables.changes,
    ),
]
