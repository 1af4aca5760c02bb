"""A backend without windows, and data for the displays."""

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def figures():
    """Draw and close all figures of a test."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    yield
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()  # whatever fails on the way to a file
    plt.close("all")


@pytest.fixture(scope="module")
def data():
    """90 rows of three classes in 12 features."""
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=90)
    return rng.standard_normal((90, 12)) + 2 * np.eye(3, 12)[y], y
