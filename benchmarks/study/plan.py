"""What is run for each published table: parts, data sets, configurations and seeds.

A run that stands in several tables is made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from .configs import (
    CHANGE_OF_SCREENING,
    CHANGES,
    FEW_ROWS,
    IMAGES,
    IMAGES_OF_SINGLE_NEURONS,
    INPUTS,
    MOTIF_SIZES,
    PRUNING,
    STREAMING,
    SWEEP,
    TEXT,
    WIDE,
)
from .data import GROUPS
from .models import OURS
from .peers import BOOSTING, DENSE, FOREST, PEERS, REALMLP
from .run import Run
from .text_makers import ONE_LAYER

LARGEST = "fashion_mnist_60k"
# Wide and sparse rows, tables and frames of both tasks; a rare class; interactions of both tasks.
SMOKE_DATA = [
    "madelon", "basehock", "adult", "r_houses", "frame_ames", "frame_credit", "rare_1_in_100",
    "xor_in_noise", "product_and_column",
]  # fmt: skip
OTHERS = [name for name in GROUPS["defaults"] if name != LARGEST]
# Boosting takes up to two minutes a fit there; test parts are large, so that seeds differ little.
SLOW_FOR_BOOSTING = ["fashion_mnist_5k", "isolet", "basehock"]
QUICK = [name for name in PEERS["defaults"] if name != BOOSTING]
# Peers that run once on the largest set: they are slow, or have nothing that differs.
ONCE = ["LogisticRegression", BOOSTING, DENSE]
CHANGED = ["isolet", "basehock", "digits", "tox_171", "lymphoma"]


class Block(NamedTuple):
    """All configurations on all sets, with all seeds."""

    part: str
    data: Sequence[str]
    configs: Sequence[str]
    seeds: Sequence[int]

    def runs(self):
        """Whole seeds first: what stops early is still a comparison."""
        return [
            Run(data, self.part, config, seed)
            for seed in self.seeds
            for data in self.data
            for config in self.configs
        ]


PLAN = {
    "defaults": [
        Block("test", OTHERS, [OURS, *QUICK], range(5)),
        Block("test", [name for name in OTHERS if name not in SLOW_FOR_BOOSTING], [BOOSTING],
              range(5)),
        Block("test", SLOW_FOR_BOOSTING, [BOOSTING], range(2)),
        Block("test", [LARGEST], [OURS], range(1)),
        Block("test", [LARGEST], ["MLPClassifier", FOREST], range(2)),
        Block("test", [LARGEST], ONCE, range(1)),
    ],
    **{
        group: [Block("test", list(GROUPS[group]), [OURS, *PEERS[group]], range(5))]
        for group in ("tables", "regression", "frames")
    },
    "realmlp": [
        Block("test", [*GROUPS["tables"], *GROUPS["regression"]], [OURS, REALMLP], range(1)),
    ],
    "probabilities": [
        Block("test", ["digits", *GROUPS["probabilities"]], [OURS, *PEERS["probabilities"]],
              range(5)),
        Block("test", list(GROUPS["labels"]), [OURS, *PEERS["labels"]], range(5)),
    ],
    "streams": [
        Block("test", list(GROUPS["streams"]), [*STREAMING, *PEERS["streams"]], range(3)),
    ],
    "interactions": [
        Block("test", list(GROUPS["interactions"]),
              [OURS, CHANGE_OF_SCREENING, *PEERS["interactions"]], range(5)),
    ],
    # Three folds of three shuffles.
    "few_rows": [
        Block("test", list(GROUPS["few_rows"]), list(chain(*FEW_ROWS.values())), range(9)),
    ],
    "text": [
        Block("test", list(GROUPS["text"]),
              [*TEXT, *(name for name in PEERS["text"] if name not in ONE_LAYER.values())],
              range(2)),
        Block("test", list(GROUPS["text"]), list(ONE_LAYER.values()), range(1)),
    ],
    "motif_sizes": [
        Block("test", OTHERS, list(MOTIF_SIZES.values()), range(5)),
        Block("test", [LARGEST], list(MOTIF_SIZES.values()), range(1)),
    ],
    "seconds": [Block("test", OTHERS, [*MOTIF_SIZES.values(), DENSE], range(3))],
    "wide": [
        Block("test", ["fashion_mnist_5k", "isolet", "madelon", "basehock", "digits"],
              list(WIDE.values()), range(3)),
    ],
    "sweep": [
        Block("test", OTHERS, list(dict.fromkeys(chain(*map(dict.values, SWEEP.values())))),
              range(2)),
    ],
    "pruning": [Block("test", OTHERS, PRUNING, range(2))],
    "images": [
        Block("test", ["fashion_mnist_5k"], [*IMAGES, *IMAGES_OF_SINGLE_NEURONS], range(5)),
        Block("test", [LARGEST], IMAGES, range(1)),
    ],
    "changes": [
        Block("validation", CHANGED, [OURS, *CHANGES], range(3)),
        Block("validation", ["fashion_mnist_5k"], [OURS, *CHANGES], range(2)),
        Block("validation", ["madelon"], [OURS, CHANGE_OF_SCREENING], range(3)),
    ],
    "inputs": [
        Block("validation", [*GROUPS["tables"], *GROUPS["regression"]], INPUTS, range(2)),
    ],
}  # fmt: skip


def planned_runs(name):
    """All runs of a table."""
    return [run for block in PLAN[name] for run in block.runs()]


def smoke_runs(name):
    """Every configuration of a table once or twice: on rows and for tasks of each kind."""
    runs = []
    for block in PLAN[name]:
        data = [data for data in SMOKE_DATA if data in block.data] or block.data[:1]
        runs += block._replace(data=data, seeds=[0]).runs()
    return runs
