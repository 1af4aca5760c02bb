"""Our configurations that published tables compare."""

from __future__ import annotations

from .makers import SMALL
from .models import OURS
from .peers import PEERS

EPSILON = 20  # the estimator's default


def of_size(size, *words):
    """Our configuration of a motif size, in the one spelling that the study uses; 2 is default."""
    return " ".join([OURS, *words, *([] if size == 2 else [f"motif_size={size}"])])


def of_free_weights(size):
    """Blocks of free weights, of which all sizes have as many."""
    return of_size(size, "weight_sharing=none", f"epsilon={EPSILON / size:.4g}")


MOTIF_SIZES = {size: of_size(size) for size in (1, 2, 4, "auto")}
WIDE = {size: of_size(size, "hidden_layer_sizes=(3000,3000,3000)") for size in (1, 2, 4)}
# A motif of one neuron shares nothing, whatever the mode.
LARGER = (2, 3, 4, 5, 6, 8, 12, 16)
SWEEP = {
    "scaled": {1: of_size(1)} | {size: of_size(size) for size in LARGER},
    "tied": {1: of_size(1)} | {size: of_size(size, "weight_sharing=tied") for size in LARGER},
    "none": {1: of_size(1)} | {size: of_free_weights(size) for size in LARGER},
}
PRUNING = [
    OURS,
    f"{OURS} prune=random",
    f"{OURS} zeta_schedule=constant",
    f"{OURS} prune=random zeta_schedule=constant",
]
IMAGES = [OURS, f"{OURS} feature_shape=(28,28)"]
IMAGES_OF_SINGLE_NEURONS = [f"{config} motif_size=1" for config in IMAGES]
CHANGES = [
    f"{OURS} {words}"
    for words in (
        "label_smoothing=0.0",
        "dropout=0.0",
        "learning_rate=constant learning_rate_init=0.001",
        "learning_rate_init=0.001",
        "group_features=True",
        "group_features=False",
        "grow=gradient",
        "zeta=0.0",
        "hidden_layer_sizes=(1000,)",
        "hidden_layer_sizes=(2000,2000)",
        "epsilon=10",
        "epsilon=40",
    )
]
INPUTS = [
    OURS,
    *(
        f"{OURS} {words}"
        for words in (
            "scale_features=False",
            "encode_features=False",
            "encode_features=8",
            "encode_features=16",
            "encode_features=32",
            "precision=float64",
        )
    ),
]
CHANGE_OF_SCREENING = f"{OURS} screen_features=False"
TEXT = [OURS, of_size(1)]
STREAMING = [OURS, f"{OURS} hidden_layer_sizes=(100,)"]
# Of one network and its peer, by hidden layers.
FEW_ROWS = {
    sizes: (f"{OURS} hidden_layer_sizes={sizes}".replace(", ", ","), peer)
    for sizes, peer in zip(SMALL, PEERS["few_rows"], strict=True)
}
