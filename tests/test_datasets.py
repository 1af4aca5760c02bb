"""Loaders of the paper's data: shapes, sources, and errors that name what is wrong."""

import numpy as np
import pytest
import scipy.io
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch
from threadpoolctl import threadpool_limits

from sklearn_motif import datasets
from sklearn_motif.datasets import load_fashion_mnist, load_lung


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    return rng.integers(256, size=(30, 784), dtype=np.uint8), np.arange(30) % 10


@pytest.fixture
def folder(tmp_path, images):
    X, y = images
    np.savez(tmp_path / "fashion_mnist_train.npz", X=X[:20].reshape(-1, 28, 28), y=y[:20])
    np.savez(tmp_path / "fashion_mnist_test.npz", X=X[20:], y=y[20:])
    return tmp_path


@pytest.fixture
def lung():
    X = np.random.default_rng(0).standard_normal((203, 3312))
    return {"X": X, "Y": (np.arange(203) % 5 + 1)[:, None]}


def test_fashion_mnist_from_a_folder(folder, images):
    X, y = images
    data = load_fashion_mnist(folder)
    np.testing.assert_array_equal(data.X_train, X[:20])
    np.testing.assert_array_equal(data.X_test, X[20:])
    np.testing.assert_array_equal(np.r_[data.y_train, data.y_test], y)
    assert data.X_train.dtype == np.uint8
    assert data.y_train.dtype == np.int64
    assert len(data.target_names) == 10
    assert str(folder) in data.DESCR


def test_fashion_mnist_official_parts(data_dir):
    data = load_fashion_mnist(str(data_dir))
    assert data.X_train.shape == (60_000, 784)
    assert data.X_test.shape == (10_000, 784)
    assert np.bincount(data.y_train).tolist() == [6000] * 10
    assert np.bincount(data.y_test).tolist() == [1000] * 10


@pytest.mark.parametrize("kind", ["text labels", "numbers"])
def test_fashion_mnist_from_openml(monkeypatch, images, kind):
    X, y = images
    target = y.astype(str).astype(object) if kind == "text labels" else y

    def fetch_openml(name, *, version, as_frame, parser):
        assert (name, version, as_frame) == ("Fashion-MNIST", 1, False)
        return Bunch(data=X.astype(float), target=target)

    monkeypatch.setattr(datasets, "fetch_openml", fetch_openml)
    with pytest.raises(ValueError, match="must have 70000 rows, got 30"):
        load_fashion_mnist()

    monkeypatch.setattr(datasets, "N_OFFICIAL", 30)
    monkeypatch.setattr(datasets, "N_OFFICIAL_TRAIN", 20)
    data = load_fashion_mnist()
    np.testing.assert_array_equal(data.X_train, X[:20])
    np.testing.assert_array_equal(data.X_test, X[20:])
    np.testing.assert_array_equal(np.r_[data.y_train, data.y_test], y)
    assert data.X_train.dtype == np.uint8
    assert "OpenML" in data.DESCR


def test_fashion_mnist_without_folder_or_file(folder):
    with pytest.raises(FileNotFoundError, match=r"data_dir must be a folder or None .* 'nowhere'"):
        load_fashion_mnist("nowhere")
    (folder / "fashion_mnist_test.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"data_dir must hold .*fashion_mnist_test\.npz'"):
        load_fashion_mnist(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": None}, r"must hold the arrays 'X' and 'y', got \['X'\]"),
        ({"X": np.zeros((20, 783), np.uint8)}, r"\(n_samples, 784\) .*, got \(20, 783\)"),
        ({"X": np.zeros(20, np.uint8)}, r"\(n_samples, 784\) .*, got \(20,\)"),
        ({"y": np.zeros(19, int)}, r"y must have the shape \(20,\), got \(19,\)"),
        ({"y": np.full(20, 10)}, "y must hold whole numbers from 0 to 9"),
        ({"X": np.full((20, 784), 0.5)}, "X must hold whole gray values"),
        ({"X": np.full((20, 784), np.nan)}, "X must hold whole gray values"),
        ({"X": np.full((20, 784), 256)}, "X must hold whole gray values"),
    ],
)
def test_fashion_mnist_wrong_arrays(folder, images, change, message):
    arrays = {"X": images[0][:20], "y": images[1][:20]} | change
    arrays = {name: array for name, array in arrays.items() if array is not None}
    np.savez(folder / "fashion_mnist_train.npz", **arrays)
    with pytest.raises(ValueError, match=rf"data_dir: .*fashion_mnist_train\.npz.*{message}"):
        load_fashion_mnist(folder)


def test_fashion_mnist_not_a_npz(folder):
    (folder / "fashion_mnist_train.npz").write_bytes(b"no archive")
    with pytest.raises(ValueError, match=r"data_dir: .*is not a readable \.npz file"):
        load_fashion_mnist(folder)


def test_lung_from_a_file(tmp_path, lung):
    scipy.io.savemat(tmp_path / "lung.mat", lung)
    data = load_lung(tmp_path / "lung.mat")
    np.testing.assert_array_equal(data.X, lung["X"])
    np.testing.assert_array_equal(data.y, lung["Y"].ravel() - 1)
    assert data.target_names == ["1", "2", "3", "4", "5"]
    assert not data.simulated
    assert "simulated" not in data.DESCR.lower()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Y": None}, r"must hold the arrays 'X' and 'Y', got \['X'\]"),
        ({"X": np.zeros((203, 325))}, r"\(203, 3312\) .*, got \(203, 325\)"),
        ({"Y": np.zeros((7, 1))}, r"Y the shape \(203, 1\), got .*\(7, 1\)"),
        ({"Y": np.zeros((203, 1))}, "Y must have 5 classes, got 1"),
        ({"X": np.full((203, 3312), np.inf)}, "X must hold finite numbers"),
    ],
)
def test_lung_wrong_arrays(tmp_path, lung, change, message):
    arrays = {name: array for name, array in (lung | change).items() if array is not None}
    scipy.io.savemat(tmp_path / "other.mat", arrays)
    with pytest.raises(ValueError, match=rf"file: .*other\.mat.*{message}"):
        load_lung(tmp_path / "other.mat")


def test_lung_without_a_readable_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"file must be .*lung\.mat or None .*'nowhere'"):
        load_lung("nowhere")
    for content in (b"", b"no matrix"):
        (tmp_path / "lung.mat").write_bytes(content)
        with pytest.raises(ValueError, match=r"file: .*lung\.mat' is not a readable MATLAB file"):
            load_lung(tmp_path / "lung.mat")


def test_simulated_lung():
    data = load_lung(random_state=1)
    assert data.X.shape == (203, 3312)
    assert data.X.dtype == np.float64
    assert sorted(np.bincount(data.y), reverse=True) == [139, 21, 20, 17, 6]
    assert data.simulated
    assert "SIMULATED" in data.DESCR
    np.testing.assert_array_equal(load_lung(random_state=1).X, data.X)
    assert not np.array_equal(load_lung(random_state=2).X, data.X)


def test_simulated_lung_has_classes_and_correlated_genes():
    data = load_lung()
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
    with threadpool_limits(1):  # many small products: threads cost more than they save
        recall = cross_val_score(model, data.X, data.y, cv=3, scoring="balanced_accuracy")
    assert recall.mean() > 0.5  # chance is 0.2
    # Of 200 genes in 60 modules, nearly each has another of its module among them.
    correlation = np.corrcoef(data.X[data.y == 0, :200].T) - np.eye(200)
    assert np.median(correlation.max(axis=1)) > 0.4
