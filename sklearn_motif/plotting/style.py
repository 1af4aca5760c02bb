"""What the displays look like: colors, legends, ticks."""

import numpy as np

# Of Okabe and Ito, whose colours colour-blind readers tell apart.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def new_axes():
    """Axes of a new figure, which makes room for the legend above them."""
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def integer_ticks():
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator("auto", integer=True, min_n_ticks=1)


def legend_above(ax, handles):
    """Legend outside the axes, so that it hides nothing."""
    longest = max(len(handle.get_label()) for handle in handles)
    ax.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=int(np.clip(105 // (longest + 6), 1, len(handles))),
        frameon=False,
        fontsize="small",
    )


def plain(text):
    """A text in which matplotlib sees no mathematics."""
    return str(text).replace("$", r"\$")
