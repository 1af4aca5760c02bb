"""Data frames as a user reads them: numbers and categories, values that are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Boosting takes no category with more values than this; names of people and jobs are none.
MOST_VALUES = 250
# The target of each frame, and columns that are the target in other words.
TARGETS = {
    "frame_ames": ("Sale_Price", []),
    "frame_credit": ("Status", []),
    "frame_loans": ("interest_rate", ["grade", "sub_grade"]),
}
CLASSIFICATION = ["frame_credit"]


def read_frame(name, data_dir):
    """Columns and target of a frame; its strings are categories, its rows all have a target."""
    target, told = TARGETS[name]
    X = pd.read_csv(data_dir / "tables" / f"{name}.csv.gz").dropna(subset=[target])
    y = X.pop(target)
    X = X.drop(columns=told)
    strings = X.select_dtypes(exclude="number")
    names = [column for column in strings if strings[column].nunique() >= MOST_VALUES]
    X = X.drop(columns=names).astype({c: "category" for c in strings if c not in names})
    return X, y.to_numpy(str if name in CLASSIFICATION else np.float64)


def generated_frame(name, n_rows):
    """Numbers, whole numbers and a category, of which some are missing, and their target."""
    rng = np.random.default_rng(0)
    number, count = rng.standard_normal(n_rows), rng.integers(9, size=n_rows)
    color = rng.choice(["red", "green", "blue"], n_rows)
    y = number + (color == "red") + count / 9
    X = pd.DataFrame({"number": number, "count": count, "color": color})
    X.loc[::7, "number"] = np.nan
    X.loc[::11, "color"] = None
    X = X.astype({"color": "category"})
    return X, np.where(y > np.median(y), "good", "bad") if name in CLASSIFICATION else y
