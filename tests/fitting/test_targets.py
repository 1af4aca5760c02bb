"""What y stands for, and which y is refused."""

import numpy as np
import pytest

from sklearn_motif import MotifSETClassifier, MotifSETRegressor
from sklearn_motif._fitting.targets import Classes, Labels, Numbers, known_targets, new_targets

from ..models import small, state_of

KINDS = {
    "two classes": (MotifSETClassifier, Classes, ["b", "a", "b", "a"], "logistic", 1),
    "three classes": (MotifSETClassifier, Classes, [7, 3, 5, 3], "softmax", 3),
    "labels": (MotifSETClassifier, Labels, [[0, 1], [1, 1], [0, 0], [1, 0]], "logistic", 2),
    "a number": (MotifSETRegressor, Numbers, [0.5, -2.0, 3.0, 8.0], "identity", 1),
    "numbers": (MotifSETRegressor, Numbers, [[1.0, 2.0], [3.0, 4.0]], "identity", 2),
}


@pytest.mark.parametrize(
    ("estimator", "kind", "y", "activation", "n_outputs"), KINDS.values(), ids=KINDS
)
def test_what_is_coded_is_read_back(estimator, kind, y, activation, n_outputs):
    y = np.array(y)
    targets = new_targets(estimator(), y, None, is_partial=False)
    assert type(targets) is kind
    assert (targets.out_activation, targets.n_outputs) == (activation, n_outputs)
    codes = targets.encode(y)
    assert codes.dtype == np.float64
    # Outputs of a network that has no doubt.
    outputs = np.eye(3)[codes.astype(int)] if activation == "softmax" else codes.reshape(len(y), -1)
    decided = targets.decide(outputs)
    np.testing.assert_array_equal(targets.classes[decided] if kind is Classes else decided, y)


@pytest.mark.parametrize(
    ("estimator", "kind", "y", "activation", "n_outputs"), KINDS.values(), ids=KINDS
)
def test_a_fitted_estimator_knows_what_its_y_stood_for(estimator, kind, y, activation, n_outputs):
    X = np.arange(2.0 * len(y)).reshape(len(y), 2)
    targets = known_targets(small(estimator, max_iter=1).fit(X, y))
    assert type(targets) is kind
    assert (targets.out_activation, targets.n_outputs) == (activation, n_outputs)
    if estimator is MotifSETClassifier:
        expected = np.arange(2) if kind is Labels else np.unique(y)
        np.testing.assert_array_equal(targets.classes, expected)


def test_wrong_shapes_and_labels_are_refused(blobs):
    X, y = blobs
    with pytest.raises(ValueError, match=r"0 sample"):
        small().fit(X[:0], y[:0])
    with pytest.raises(ValueError, match="inconsistent"):
        small().fit(X, y[:-1])
    with pytest.raises(ValueError, match="class"):
        small().fit(X, np.zeros(300))
    with pytest.raises(ValueError, match="continuous"):
        small().fit(X, X[:, 0])
    for labels in (np.eye(3, dtype=int)[y] + 1, np.where(np.eye(3)[y], 1, -1)):
        with pytest.raises(ValueError, match="must hold 0 and 1 only"):
            small().fit(X, labels)
    with pytest.raises(ValueError, match=r"must be of shape \(n_samples,\), or hold 0 and 1"):
        small().fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="y contains NaN"):
        MotifSETRegressor((9,)).fit(X, np.where(y == 1, np.nan, y))
    with pytest.raises(ValueError, match="y contains infinity"):
        MotifSETRegressor((9,)).fit(X, np.where(y == 1, np.inf, y))
    model = small().fit(X, y)
    with pytest.raises(ValueError, match="11 features"):
        model.predict(X[:, :11])
    with pytest.raises(ValueError, match="0 sample"):
        model.predict_proba(X[:0])


def test_batches_may_lack_classes_but_not_bring_new_ones(blobs):
    X, y = blobs
    model = small().partial_fit(X[y < 2], y[y < 2], classes=[0, 1, 2])
    assert model.predict_proba(X).shape == (300, 3)
    before = state_of(model)
    with pytest.raises(ValueError, match=r"y holds labels that are not among the classes.*\[7\]"):
        model.partial_fit(X, np.where(y == 2, 7, y))
    with pytest.raises(ValueError, match=r"classes=.*first call"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="11 features"):
        model.partial_fit(X[:, :11], y)
    with pytest.raises(ValueError, match="shape"):
        model.partial_fit(X, np.eye(3, dtype=int)[y])
    np.testing.assert_equal(state_of(model), before)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        small().partial_fit(X, y)
    with pytest.raises(ValueError, match="numbers of the 3 labels"):
        small().partial_fit(X, np.eye(3, dtype=int)[y], classes=[0, 1])
    regressor = small(MotifSETRegressor).partial_fit(X, X[:, :2])
    with pytest.raises(ValueError, match="y must have 2 targets; it has 3"):
        regressor.partial_fit(X, X[:, :3])
