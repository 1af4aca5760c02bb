"""Bytes a connection, and the peak of a fit beside what its arrays need."""

from __future__ import annotations

import json
from itertools import product
from typing import NamedTuple

from benchmarks.timing import fresh_process

from . import section
from .memory_case import BATCH


class Sizes(NamedTuple):
    """What is measured."""

    hidden: tuple[int, ...] = (3000, 3000, 3000)
    epsilons: tuple[int, ...] = (20, 200)
    kinds: tuple[tuple[int, str], ...] = ((1, "scaled"), (2, "scaled"), (4, "none"))


FULL = Sizes()
SMOKE = Sizes(hidden=(200, 200, 200), epsilons=(5,), kinds=((4, "none"),))


def measure(sizes, data_dir):
    """Bytes of each case, alone in its process."""
    rows = []
    for epsilon, (m, sharing) in product(sizes.epsilons, sizes.kinds):
        case = {"motif_size": m, "weight_sharing": sharing, "epsilon": epsilon}
        case["hidden_layer_sizes"] = sizes.hidden
        rows.append(fresh_process("benchmarks.engine.memory_case", json.dumps(case)))
    return {"rows": rows, "hidden": sizes.hidden, "batch": BATCH}


if __name__ == "__main__":
    section.run("memory", measure, FULL, SMOKE)
