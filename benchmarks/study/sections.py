"""The tables that are published: what they are called, what they show, and how they are made."""

from __future__ import annotations

from . import configs, judge_tables, motif_tables, tables
from .judge import N_BINS
from .peers import PEERS, REALMLP
from .section import Section, beside, probabilities

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
        "Text",
        "Questions to a bank in 77 categories (banking77), by their words and pairs of words. On "
        "test rows, means over seeds. What the others are set to was chosen on validation rows.",
        "text",
        lambda rows: judge_tables.text(rows, [*configs.TEXT, *PEERS["text"]]),
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
