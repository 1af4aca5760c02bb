"""The docstrings are complete, and what README and docs show runs."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import sklearn_motif

ROOT = Path(__file__).parents[1]

MODULES = ["sklearn_motif"] + [
    f"sklearn_motif.{module.name}"
    for module in pkgutil.iter_modules(sklearn_motif.__path__)
    if not module.name.startswith("_") and module.name != "engine"
]


def public_objects():
    """Names of public classes, functions and methods that this package defines."""
    names = []
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        for name, value in vars(module).items():
            home = getattr(value, "__module__", "")
            is_public = home == module_name or name in getattr(module, "__all__", ())
            if name.startswith("_") or not home.startswith("sklearn_motif") or not is_public:
                continue
            names.append(f"{module_name}.{name}")
            if inspect.isclass(value):
                names += [
                    f"{module_name}.{name}.{attribute}"
                    for attribute, method in inspect.getmembers(value, callable)
                    if not attribute.startswith("_")
                    and getattr(method, "__module__", "").startswith("sklearn_motif")
                ]
    return sorted(set(names))


# What the validator may say: text begins in the line of the quotes (GL01, GL02), no extended
# summary (ES01), no "See Also" (SA01), a named return value (RT02).
ALLOWED = {"GL01", "GL02", "ES01", "SA01", "RT02"}


@pytest.mark.parametrize("name", public_objects())
def test_docstrings_are_complete(name):
    validate = pytest.importorskip("numpydoc.validate")
    report = validate.validate(name)
    parent, _, _ = name.rpartition(".")
    is_method = inspect.isclass(pkgutil.resolve_name(parent))
    errors = [
        f"{code}: {text}"
        for code, text in report["errors"]
        if code not in ALLOWED and not (code == "EX01" and is_method)
    ]
    assert not errors, "\n".join(errors)


def test_every_public_object_is_looked_at():
    names = public_objects()
    for name in (
        "sklearn_motif.MotifSETClassifier",
        "sklearn_motif.MotifSETRegressor.partial_fit",
        "sklearn_motif.datasets.load_lung",
        "sklearn_motif.model_selection.CheapestMotifSize",
    ):
        assert name in names


@pytest.mark.parametrize("estimator", ["MotifSETClassifier", "MotifSETRegressor"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_fitted_attribute_is_documented(estimator, blobs):
    cls = getattr(sklearn_motif, estimator)
    X, y = blobs
    model = cls((20,), max_iter=2, tol=10, n_iter_no_change=1).fit(X, y)
    documented = re.findall(r"^    (\w+_) : ", inspect.getdoc(cls).replace("\n", "\n    "), re.M)
    attributes = {name for name in vars(model) if name.endswith("_") and name[0] != "_"}
    attributes |= {name for name in dir(cls) if name.endswith("_") and name[0] != "_"}
    assert attributes - {"feature_names_in_"} == set(documented) - {"feature_names_in_"}
    for name in set(documented) - {"feature_names_in_"}:
        assert hasattr(model, name), name


def blocks(path):
    """Python code of a Markdown file, as one program."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", path.read_text(), re.M | re.S))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", ["README.md", "docs/user_guide.md"])
def test_what_the_documentation_shows_runs(name, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib").use("Agg")
    monkeypatch.chdir(tmp_path)
    path = ROOT / name
    if not path.exists():
        pytest.skip("the documentation is not installed")
    shown = {"__name__": "__main__"}
    exec(compile(blocks(path), name, "exec"), shown)
    if name == "README.md":
        assert shown["network"].best_validation_score_ > 0.95
        assert shown["stream"].score(shown["X_val"], shown["y_val"]) > 0.8
        assert shown["several"].score(shown["X_val"], shown["labels_val"]) > 0.95
        assert shown["regressor"].score(shown["X_reg"][1000:], shown["y_reg"][1000:]) > 0.85
