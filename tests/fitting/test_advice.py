"""What to do where the rows of a call do not fit what the calls before have learned."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from sklearn_motif import MotifSETRegressor

from ..models import small

ALL_CLASSES = "Pass all classes that will ever come in the first call of partial_fit, or fit anew"
COLUMNS = "partial_fit goes on with the columns of its first call.*NaN where.*or fit anew"


def test_new_classes_are_named_with_what_to_do(blobs):
    X, y = blobs
    names = np.array(["a", "b", "c"])[y]
    model = small().partial_fit(X, names, classes=["a", "b", "c"])
    names[:3] = ["d", "e", "a"]
    with pytest.raises(ValueError, match=rf"(?s)\['a' 'b' 'c'\]: \['d' 'e'\].*{ALL_CLASSES}"):
        model.partial_fit(X, names)
    with pytest.raises(ValueError, match=ALL_CLASSES):
        small().partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match=r"classes=.*Leave it out.*fit anew with all rows"):
        model.partial_fit(X, names, classes=["a", "b", "c", "d"])
    warm = small(warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match=r"\[9\].*warm_start=False"):
        warm.fit(X, np.where(y == 2, 9, y))


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("change", ["new", "missing", "reordered", "renamed"])
def test_other_columns_of_a_frame_are_named_with_what_to_do(blobs, library, change):
    kind = pytest.importorskip(library).DataFrame
    X, y = blobs
    columns = {f"c{j}": X[:, j] for j in range(4)}
    names = {
        "new": ["c0", "c1", "c2", "c3", "c9"],
        "missing": ["c0", "c1", "c2"],
        "reordered": ["c1", "c0", "c2", "c3"],
        "renamed": ["c0", "c1", "c2", "c9"],
    }[change]
    others = kind({name: columns.get(name, X[:, 4]) for name in names})
    model = small().partial_fit(kind(columns), y, classes=[0, 1, 2])
    theirs = {"new": "- c9", "missing": "- c3", "reordered": "same order", "renamed": "- c9"}
    expected = rf"(?s)^The feature names should match.*{theirs[change]}.*\n{COLUMNS}"
    with pytest.raises(ValueError, match=expected):
        model.partial_fit(others, y)
    with pytest.raises(ValueError, match="The feature names should match") as error:
        model.predict(others)
    assert "partial_fit" not in str(error.value)
    assert model.n_features_in_ == 4


@pytest.mark.parametrize("kind", [np.asarray, csr_array, list])
def test_another_number_of_columns_is_told_with_what_to_do(blobs, kind):
    X, y = blobs
    model = small().partial_fit(X, y, classes=[0, 1, 2])
    theirs = "X has 5 features, but MotifSETClassifier is expecting 12 features as input"
    with pytest.raises(ValueError, match=rf"^{theirs}\. {COLUMNS}"):
        model.partial_fit(kind(X[:, :5]), y)
    warm = small(warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match=rf"^{theirs}.*warm_start=False"):
        warm.fit(kind(X[:, :5]), y)


def test_other_faults_of_x_are_told_alone(blobs):
    X, y = blobs
    model = small().partial_fit(X, y, classes=[0, 1, 2])
    for broken in (X[:, 0], X + np.inf, "rows"):
        with pytest.raises(ValueError, match=r"Reshape|infinity|convert") as error:
            model.partial_fit(broken, y)
        assert "partial_fit goes on" not in str(error.value)


def test_another_number_of_labels_or_targets_is_told_with_what_to_do(blobs):
    X, y = blobs
    labels = np.eye(3, dtype=int)[y]
    several = small().partial_fit(X, labels)
    with pytest.raises(ValueError, match=r"shape \(300, 3\).*\(300, 2\).*fit anew with all rows"):
        several.partial_fit(X, labels[:, :2])
    regressor = small(MotifSETRegressor).partial_fit(X, X[:, :2])
    with pytest.raises(ValueError, match=r"2 targets; it has 3.*fit anew with all rows"):
        regressor.partial_fit(X, X[:, :3])
    with pytest.raises(ValueError, match=r"0 and 1 only; got \[0 2\]\.$"):
        several.partial_fit(X, 2 * labels)
