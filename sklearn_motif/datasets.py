"""The data sets of the motif paper's experiments: Fashion-MNIST and Lung."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError

import numpy as np
import scipy.io
from sklearn.datasets import fetch_openml
from sklearn.utils import Bunch, check_random_state

FASHION_MNIST_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
N_PIXELS = 28 * 28
N_OFFICIAL_TRAIN = 60_000
N_OFFICIAL = 70_000
Images = tuple[np.ndarray, np.ndarray]  # of uint8, (n_samples, N_PIXELS), and their classes

LUNG_SHAPE = (203, 3312)
LUNG_CLASS_SIZES = (139, 21, 20, 17, 6)
# Of the simulation: modules of genes, genes that a class shifts, and how far.
N_MODULES = 60
N_MARKERS = 150
SHIFT = 2.0


def load_fashion_mnist(data_dir: str | os.PathLike | None = None) -> Bunch:
    """Load Fashion-MNIST in its official training and test parts.

    Parameters
    ----------
    data_dir : str or path-like, default=None
        Folder with ``fashion_mnist_train.npz`` and ``fashion_mnist_test.npz``, each with the
        arrays `X`, of shape (n_samples, 784) or (n_samples, 28, 28) and dtype uint8, and `y`,
        the classes 0 to 9. None downloads the data from OpenML (version 1 of
        "Fashion-MNIST"), which scikit-learn keeps in its own data folder.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        X_train, X_test : ndarray of shape (n_samples, 784), dtype uint8
            A row for each image, gray values 0 to 255; 60000 and 10000 rows from OpenML.
        y_train, y_test : ndarray of shape (n_samples,), dtype int64
            Classes, 0 to 9.
        target_names : list of str
            What the ten classes show.
        DESCR : str
            Where the data came from.

    Raises
    ------
    FileNotFoundError
        If the folder or one of its two files does not exist.
    ValueError
        If a file is not an .npz, or its arrays have other names, shapes or values.

    References
    ----------
    H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking
    Machine Learning Algorithms", arXiv 1708.07747, 2017.

    Examples
    --------
    From a folder with a few black images, which needs no network:

    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from sklearn_motif.datasets import load_fashion_mnist
    >>> with TemporaryDirectory() as folder:
    ...     for part, n in (("train", 30), ("test", 10)):
    ...         X, y = np.zeros((n, 28, 28), dtype=np.uint8), np.arange(n) % 10
    ...         np.savez(f"{folder}/fashion_mnist_{part}.npz", X=X, y=y)
    ...     data = load_fashion_mnist(folder)
    >>> data.X_train.shape, data.X_test.shape
    ((30, 784), (10, 784))
    >>> data.target_names[data.y_test[9]]
    'Ankle boot'
    """
    if data_dir is None:
        (X_train, y_train), (X_test, y_test) = _fashion_mnist_from_openml()
        source = "OpenML, Fashion-MNIST version 1"
    else:
        folder = Path(data_dir)
        if not folder.is_dir():
            raise FileNotFoundError(
                f"data_dir must be a folder or None (download from OpenML); there is no folder "
                f"{str(folder)!r}."
            )
        X_train, y_train = _read_images(folder / "fashion_mnist_train.npz")
        X_test, y_test = _read_images(folder / "fashion_mnist_test.npz")
        source = f"folder {folder}"
    return Bunch(
        X_train=X_train,
        y_train=y_train,
        X_test=X_test,
        y_test=y_test,
        target_names=list(FASHION_MNIST_CLASSES),
        DESCR=f"Fashion-MNIST, official training and test parts ({source})",
    )


def load_lung(
    file: str | os.PathLike | None = None,
    *,
    random_state: int | np.random.RandomState | None = 0,
) -> Bunch:
    """Load the Lung gene expression data, or simulate a set of its shape.

    Parameters
    ----------
    file : str or path-like, default=None
        ``lung.mat`` of the scikit-feature collection, with the arrays `X`, of shape
        (203, 3312), and `Y`, of shape (203, 1) and with 5 classes. None simulates a set of this
        shape with class sizes 139, 21, 20, 17 and 6 instead: results on it say nothing about
        the real genes.
    random_state : int, RandomState instance or None, default=0
        Seed of the simulation. It has no effect on a file.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        X : ndarray of shape (203, 3312), dtype float64
            A row for each sample, a column for each gene; not scaled.
        y : ndarray of shape (203,), dtype int64
            Classes, 0 to 4.
        target_names : list of str
            The labels of the file, in the order of the classes.
        simulated : bool
            Whether the set was simulated.
        DESCR : str
            Where the data came from, or that they are simulated.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If the file is not a MATLAB file up to version 7, or its arrays have other names, shapes
        or values.

    References
    ----------
    J. Li et al., "Feature Selection: A Data Perspective", ACM Computing Surveys 50(6), 2017:
    the scikit-feature collection. A. Bhattacharjee et al., "Classification of human lung
    carcinomas by mRNA expression profiling reveals distinct adenocarcinoma subclasses", PNAS
    98(24), 2001: the samples.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_motif.datasets import load_lung
    >>> data = load_lung()
    >>> data.X.shape, np.bincount(data.y).tolist()
    ((203, 3312), [139, 21, 20, 17, 6])
    >>> data.DESCR
    'SIMULATED data in the shape of the Lung set; no real gene was measured.'
    """
    if file is None:
        X, y = _simulate_lung(check_random_state(random_state))
        target_names = [f"simulated class {k}" for k in range(len(LUNG_CLASS_SIZES))]
        description = "SIMULATED data in the shape of the Lung set; no real gene was measured"
    else:
        X, y, target_names = _read_lung(Path(file))
        description = f"Lung gene expression data (file {file})"
    return Bunch(
        X=X, y=y, target_names=target_names, simulated=file is None, DESCR=f"{description}."
    )


def _fashion_mnist_from_openml() -> tuple[Images, Images]:
    """Fetch the official training part and the test part."""
    # scikit-learn's faster parser needs pandas, which is no dependency of this package.
    parser = "pandas" if find_spec("pandas") else "liac-arff"
    try:
        data = fetch_openml("Fashion-MNIST", version=1, as_frame=False, parser=parser)
    except URLError as error:
        raise OSError(
            "Fashion-MNIST could not be fetched from OpenML. Without a network, data_dir must be a "
            "folder that holds fashion_mnist_train.npz and fashion_mnist_test.npz."
        ) from error
    X, y = _check_images("OpenML's Fashion-MNIST", data.data, data.target)
    if len(X) != N_OFFICIAL:
        raise ValueError(f"OpenML's Fashion-MNIST must have {N_OFFICIAL} rows, got {len(X)}.")
    n = N_OFFICIAL_TRAIN
    return (X[:n], y[:n]), (X[n:], y[n:])


def _read_images(path: Path) -> Images:
    if not path.is_file():
        raise FileNotFoundError(
            f"data_dir must hold fashion_mnist_train.npz and fashion_mnist_test.npz; there is no "
            f"file {str(path)!r}."
        )
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except Exception as error:  # numpy raises whatever the bytes lead it to
        raise ValueError(f"data_dir: {str(path)!r} is not a readable .npz file.") from error
    if not {"X", "y"} <= arrays.keys():
        raise ValueError(
            f"data_dir: {str(path)!r} must hold the arrays 'X' and 'y', got {sorted(arrays)}."
        )
    return _check_images(f"data_dir: {str(path)!r}", arrays["X"], arrays["y"])


def _check_images(name: str, X: np.ndarray, y: np.ndarray) -> Images:
    """Images as rows of uint8 and labels as int64; `name` begins every error."""
    if X.ndim not in (2, 3) or X.shape[1:] not in ((N_PIXELS,), (28, 28)):
        raise ValueError(
            f"{name}: X must have the shape (n_samples, 784) or (n_samples, 28, 28), got {X.shape}."
        )
    n_samples = len(X)
    if y.shape != (n_samples,):
        raise ValueError(f"{name}: y must have the shape ({n_samples},), got {y.shape}.")
    X = X.reshape(n_samples, N_PIXELS)
    with np.errstate(invalid="ignore"):  # NaN is found by the comparison
        pixels = X.astype(np.uint8, copy=False)
    if not np.array_equal(pixels, X):
        raise ValueError(f"{name}: X must hold whole gray values from 0 to 255.")
    labels = y.astype(str)  # OpenML's labels are text
    if not np.isin(labels, np.arange(10).astype(str)).all():
        raise ValueError(f"{name}: y must hold whole numbers from 0 to 9.")
    return pixels, labels.astype(np.int64)


def _read_lung(path: Path) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Read samples, classes from 0 on, and the labels that these have in the file."""
    if not path.is_file():
        raise FileNotFoundError(
            f"file must be scikit-feature's lung.mat or None (simulated data); there is no file "
            f"{str(path)!r}."
        )
    try:
        arrays = scipy.io.loadmat(path, appendmat=False)
    except Exception as error:  # scipy raises whatever the bytes lead it to
        raise ValueError(
            f"file: {str(path)!r} is not a readable MATLAB file up to version 7."
        ) from error
    if not {"X", "Y"} <= arrays.keys():
        found = sorted(name for name in arrays if not name.startswith("__"))
        raise ValueError(f"file: {str(path)!r} must hold the arrays 'X' and 'Y', got {found}.")
    X, labels = arrays["X"], arrays["Y"]
    n_samples = LUNG_SHAPE[0]
    if X.shape != LUNG_SHAPE or labels.size != n_samples:
        raise ValueError(
            f"file: in {str(path)!r}, X must have the shape {LUNG_SHAPE} and Y the shape "
            f"({n_samples}, 1), got {X.shape} and {labels.shape}."
        )
    if not (np.issubdtype(X.dtype, np.number) and np.isfinite(X).all()):
        raise ValueError(f"file: in {str(path)!r}, X must hold finite numbers only.")
    names, y = np.unique(labels.ravel(), return_inverse=True)
    if names.size != len(LUNG_CLASS_SIZES):
        raise ValueError(
            f"file: in {str(path)!r}, Y must have {len(LUNG_CLASS_SIZES)} classes, got "
            f"{names.size}."
        )
    return X.astype(np.float64), y.astype(np.int64), [str(name) for name in names]


def _simulate_lung(random_state: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
    """Log expression in modules of correlated genes; every class shifts some genes of its own."""
    n_samples, n_genes = LUNG_SHAPE
    n_classes = len(LUNG_CLASS_SIZES)
    y = random_state.permutation(np.repeat(np.arange(n_classes), LUNG_CLASS_SIZES))
    # Genes of a module rise and fall together: their correlation is 0.5.
    module = random_state.randint(N_MODULES, size=n_genes)
    activity = random_state.standard_normal((n_samples, N_MODULES))
    noise = random_state.standard_normal((n_samples, n_genes))
    X = random_state.uniform(4, 12, size=n_genes) + activity[:, module] + noise
    for k in range(n_classes):
        markers = random_state.choice(n_genes, N_MARKERS, replace=False)
        X[np.ix_(y == k, markers)] += SHIFT * random_state.choice([-1, 1], size=N_MARKERS)
    return X, y
