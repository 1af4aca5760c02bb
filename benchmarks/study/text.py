"""Short texts as sparse columns of their words and pairs of words."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

from .splits import within


def banking77(data_dir, seed, part):
    """Questions to a bank: the official parts, or three quarters of the first one and the fourth.

    Only the texts that are trained on say which words there are, and what they weigh. Without a
    `data_dir`, generated texts stand in.
    """
    frame = generated_texts() if data_dir is None else read_texts(data_dir)
    texts, y = frame["text"].to_numpy(object), frame["category"].to_numpy(str)
    is_train = frame["part"].to_numpy() == "train"
    split = texts[is_train], texts[~is_train], y[is_train], y[~is_train]
    if part == "validation":
        split = within(split[0], split[2], seed)
    texts, texts_test, y, y_test = split
    words = TfidfVectorizer(ngram_range=(1, 2), dtype=np.float32)
    return words.fit_transform(texts), words.transform(texts_test), y, y_test


def read_texts(data_dir):
    """Texts with their part and category."""
    return pd.read_csv(data_dir / "tables" / "banking77.csv.gz")


def generated_texts():
    """Texts in which some words tell the category."""
    rng = np.random.default_rng(0)
    categories = np.arange(180) % 3
    words = rng.integers(20, size=(180, 8)) + 10 * categories[:, None]
    return pd.DataFrame(
        {
            "part": np.where(np.arange(180) < 120, "train", "test"),
            "text": [" ".join(f"word{word}" for word in row) for row in words],
            "category": [f"category {category}" for category in categories],
        }
    )


TEXT = {"banking77": banking77}
