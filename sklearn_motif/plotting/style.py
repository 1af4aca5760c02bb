"""What the displays look like: colors, legends, ticks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.container import Container
    from matplotlib.ticker import Locator

# By Okabe and Ito: color-blind readers can tell them apart.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def new_axes() -> Axes:
    """Axes of a new figure, with room for the legend above them."""
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def integer_ticks() -> Locator:
    """Ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator("auto", integer=True, min_n_ticks=1)


def legend_above(ax: Axes, handles: Sequence[Artist | Container]) -> None:
    """Draw the legend outside the axes, so that it hides nothing."""
    longest = max(len(str(handle.get_label())) for handle in handles)
    ax.legend(
        handles=list(handles),
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=int(np.clip(105 // (longest + 6), 1, len(handles))),
        frameon=False,
        fontsize="small",
    )


def plain_text(text: object) -> str:
    """Text in which matplotlib sees no mathematics."""
    return str(text).replace("$", r"\$")
