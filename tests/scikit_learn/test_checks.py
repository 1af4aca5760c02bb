"""scikit-learn's own checks."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_motif import MotifSETClassifier, MotifSETRegressor

from ..models import SHARING

# Far fewer neurons than by default, as the checks fit some hundred times.
CONFIGURATIONS = [
    *(
        MotifSETClassifier((40,), motif_size=motif_size, weight_sharing=weight_sharing)
        for weight_sharing in SHARING
        for motif_size in (1, 2, 3)
    ),
    *(MotifSETRegressor((40,), weight_sharing=weight_sharing) for weight_sharing in SHARING),
    MotifSETClassifier((40,), solver="sgd", learning_rate="cosine"),
    MotifSETRegressor((40, 20), motif_size=3, grow="gradient", learning_rate="adaptive"),
    MotifSETClassifier((40,), motif_size="auto"),
    *(
        make((40, 20), motif_size=[2, 1], weight_sharing=weight_sharing)
        for weight_sharing in SHARING
        for make in (MotifSETClassifier, MotifSETRegressor)
    ),
    MotifSETClassifier((100,), activation="tanh", prune="random"),
    # What inputs are made of columns, and in which precision the network computes. Weights agree
    # with repeated rows as closely as the checks demand in float64 only.
    *(
        make((100,), **options)
        for options in (
            {"scale_features": False},
            {"encode_features": False},
            {"encode_features": 5},
            {"scale_features": False, "encode_features": False},
            {"precision": "float64"},
            {"categorical_features": None, "encode_features": 2, "motif_size": 1},
            {"categorical_features": [0], "encode_features": 3, "max_iter": 50},
        )
        for make in (MotifSETClassifier, MotifSETRegressor)
    ),
]


# With "adaptive" the epochs run out, which is what that warning is for.
@pytest.mark.filterwarnings("ignore:Maximum number of epochs:sklearn.exceptions.ConvergenceWarning")
# Numbers that are listed as categories may all be new.
@pytest.mark.filterwarnings("ignore:X holds none of the known categories:UserWarning")
@parametrize_with_checks([MotifSETClassifier(), MotifSETRegressor(), *CONFIGURATIONS])
def test_scikit_learns_checks(estimator, check):
    name = getattr(check, "func", check).__name__
    if name.endswith("on_sparse_data") and not estimator.__sklearn_tags__().input_tags.sparse:
        pytest.skip("older scikit-learn gives sparse X to all, whatever their tags say")
    check(estimator)
