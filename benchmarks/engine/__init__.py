"""How fast and how small the engine is beside scikit-learn, PyTorch, SciPy and sparselab.

Each section is a file and runs in a process of its own. Inside a section all contestants are
warmed up and then take turns, round by round; figures are medians, and medians of the ratios of
each turn. Data are float32. ``python -m benchmarks.engine --help`` tells the options.
"""

SECTIONS = (
    "epoch",
    "stages",
    "products",
    "small_data",
    "prediction",
    "start",
    "first_epoch",
    "late_epochs",
    "memory",
    "sparse_rows",
    "scaling",
    "very_wide",
    "break_even",
)
