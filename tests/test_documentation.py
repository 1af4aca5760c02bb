"""The docstrings are complete and true, and what README and docs show runs."""

import ast
import importlib
import inspect
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest
from sklearn.utils._param_validation import Interval, StrOptions

import sklearn_motif
from sklearn_motif._fitting.first_values import FIRST_VALUES
from sklearn_motif._fitting.inputs import (
    AUTO_BINS,
    FEW_COLUMNS,
    ORDERED_COLUMNS,
    QUANTILE_ROWS,
    ROWS_PER_BIN,
    STREAM_BINS,
)
from sklearn_motif._fitting.outcome import ASKED_ROWS, LEFT_BY_FEW_UPDATES, LEFT_LOSS
from sklearn_motif._fitting.parameters import AUTO, MINIMUM_UPDATES
from sklearn_motif._fitting.screening import (
    BINS,
    LEVEL,
    MAXIMUM_COLUMNS,
    MINIMUM_ROWS,
    MINIMUM_SHARE,
    MINIMUM_SIDE,
    MOST_PAIRS,
    ROWS_PER_COLUMN,
)
from sklearn_motif._fitting.smoothing import MOST_SMOOTHING
from sklearn_motif._network.inputs import CLIP, FULL_BIN
from sklearn_motif._network.outputs import CERTAINTY, NARROWEST
from sklearn_motif._training.schedules import (
    FIRST_STREAM_RATE,
    LAST_STREAM_RATE,
    LATE_RATE,
    STREAM_ROWS,
    drop_fraction_at,
)

ROOT = Path(__file__).parents[1]
PACKAGE = Path(sklearn_motif.__file__).parent

# The engine is not public, though its name has no underscore.
MODULES = ["sklearn_motif"] + [
    module.name
    for module in pkgutil.walk_packages(sklearn_motif.__path__, "sklearn_motif.")
    if not re.search(r"\._|\.engine", module.name)
]
ESTIMATORS = ["MotifSETClassifier", "MotifSETRegressor"]


def public_objects():
    """Names of public classes, functions and methods that this package defines.

    A package is public by what it exports. What its modules share with each other is not.
    """
    names = []
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        exported = getattr(module, "__all__", ())
        is_shared = module_name.count(".") > 1
        for name, value in vars(module).items():
            home = getattr(value, "__module__", "")
            is_public = inspect.isclass(value) if is_shared else callable(value)
            is_public &= home == module_name or name in exported
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
        "sklearn_motif.onnx.to_onnx",
        "sklearn_motif.plotting.LossCurveDisplay.from_estimator",
        "sklearn_motif.plotting.topology.TopologyDisplay.plot",
    ):
        assert name in names


def test_every_display_can_be_imported_from_plotting():
    from sklearn_motif import plotting

    displays = {name.rpartition(".")[2] for name in public_objects() if "plotting." in name}
    assert {name for name in displays if name.endswith("Display")} == set(plotting.__all__)


def described_parameters(cls):
    """What the docstring of a class says of the type of each parameter."""
    text = inspect.getdoc(cls).split("Parameters\n----------\n")[1].split("\n\nAttributes\n")[0]
    return dict(re.findall(r"^(\w+) : (.*)$", text, re.M))


@pytest.mark.parametrize("name", ESTIMATORS)
def test_defaults_of_the_docstring_are_those_of_the_signature(name):
    cls = getattr(sklearn_motif, name)
    described = described_parameters(cls)
    parameters = inspect.signature(cls).parameters
    assert list(described) == list(parameters)
    for parameter, text in described.items():
        default = ast.literal_eval(text.partition("default=")[2])
        assert default == parameters[parameter].default, parameter


@pytest.mark.parametrize("name", ESTIMATORS)
def test_values_of_the_docstring_are_those_that_validation_accepts(name):
    cls = getattr(sklearn_motif, name)
    for parameter, text in described_parameters(cls).items():
        values = text.partition("default=")[0]
        constraints = cls._parameter_constraints[parameter]
        options = [c.options for c in constraints if isinstance(c, StrOptions)]
        assert set(re.findall(r'"(\w+)"', values)) == set().union(*options), parameter
        for interval in constraints:
            if isinstance(interval, Interval) and None not in (interval.left, interval.right):
                left = "[" if interval.closed in ("left", "both") else "("
                right = "]" if interval.closed in ("right", "both") else ")"
                expected = f"float in {left}{interval.left}, {interval.right}{right}"
                assert values.startswith(expected), parameter


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_fitted_attribute_is_documented(name, blobs):
    cls = getattr(sklearn_motif, name)
    X, y = blobs
    model = cls((20,), max_iter=2).fit(X, y)
    documented = re.findall(r"^    (\w+_) : ", inspect.getdoc(cls).replace("\n", "\n    "), re.M)
    attributes = {name for name in vars(model) if name.endswith("_") and name[0] != "_"}
    attributes |= {name for name in dir(cls) if name.endswith("_") and name[0] != "_"}
    assert attributes - {"feature_names_in_"} == set(documented) - {"feature_names_in_"}
    for name in set(documented) - {"feature_names_in_"}:
        assert hasattr(model, name), name


def blocks(path):
    """Python code of a Markdown file, as one program."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", path.read_text(), re.M | re.S))


def top_level_imports(program):
    """Names of the packages that a program imports."""
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            yield name.partition(".")[0]


@pytest.mark.parametrize("name", ["README.md", "docs/user_guide.md"])
def test_the_documentation_says_how_to_install_what_it_shows(name):
    path, project = ROOT / name, ROOT / "pyproject.toml"
    if not (path.exists() and project.exists()):
        pytest.skip("the documentation is not installed")
    commands = re.findall(r'pip install -e "\.\[([a-z,]+)\]"([a-z ]*)`', path.read_text())
    extras, packages = max(commands, key=lambda command: len(command[1]))
    project = tomllib.loads(project.read_text())["project"]
    needed = project["dependencies"].copy()
    for extra in extras.split(","):
        needed += project["optional-dependencies"][extra]
    installed = {re.match(r"[\w-]+", requirement).group() for requirement in needed}
    installed |= {"sklearn", "sklearn_motif", *packages.split()}
    assert {"skl2onnx", "matplotlib"} < installed
    assert set(top_level_imports(blocks(path))) <= installed


@pytest.mark.parametrize("name", ["README.md", "docs/user_guide.md"])
def test_what_the_documentation_shows_runs(name, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib").use("Agg")
    monkeypatch.chdir(tmp_path)
    path = ROOT / name
    if not path.exists():
        pytest.skip("the documentation is not installed")
    for needed, package in (("sklearn_motif.onnx", "skl2onnx"), ("onnxruntime", "onnxruntime")):
        if needed in blocks(path):
            pytest.importorskip(package)
    shown = {"__name__": "__main__"}
    exec(compile(blocks(path), name, "exec"), shown)
    if name == "README.md":
        assert shown["network"].best_validation_score_ > 0.95
        assert shown["stream"].score(shown["X_val"], shown["y_val"]) > 0.8
        assert shown["several"].score(shown["X_val"] / 16, shown["labels_val"]) > 0.95
        assert shown["regressor"].score(shown["X_reg"][1000:], shown["y_reg"][1000:]) > 0.85


GUIDE = ROOT / "docs" / "user_guide.md"
SCALING = f"z / sqrt(1 + (z / {CLIP:g}){{}})"
WORDS = {
    3.0: "three times",
    2.0: "twice",
    0.5: "half of",
    0.375: "three eighths",
    0.9: "nine tenths",
    0.1: "a tenth",
    8: "eight",
    9: "nine",
    10: "ten",
}
STREAM_RATES = (
    f"falls from {WORDS[FIRST_STREAM_RATE]} `learning_rate_init` to {WORDS[LAST_STREAM_RATE]} it"
)
STREAM_SHARE = WORDS[drop_fraction_at("stream", 1.0, 1, 1)]
NUMBERS = {
    "docstring": [
        STREAM_RATES,
        f"gets {WORDS[LATE_RATE]} of `learning_rate_init`",
        f"{STREAM_SHARE} of `zeta`",
        f"{STREAM_ROWS} rows count as an epoch",
        f"there are at least {STREAM_BINS}.",
        f"At most {FEW_COLUMNS} columns of numbers that have bins are few, or fewer than "
        f"{ORDERED_COLUMNS} without",
        f"has {MINIMUM_ROWS} rows or more, fewer than {WORDS[ROWS_PER_COLUMN]} rows for each "
        f"column, at most {MAXIMUM_COLUMNS} columns",
        f"at most {MOST_PAIRS // 10**6} million pairs",
        f"{WORDS[MINIMUM_SHARE]} of all columns or more",
        f"up to {ASKED_ROWS} training rows is more than {100 * LEFT_LOSS:g} % of that of a "
        f"constant, or {100 * LEFT_BY_FEW_UPDATES:g} % after fewer than {MINIMUM_UPDATES} updates",
        f"{AUTO_BINS} bins",
        f"one for every {ROWS_PER_BIN} different training rows",
        f"at most {FEW_COLUMNS} columns",
        f"0 below them, {FULL_BIN:g} above them",
        SCALING.format("**2"),
        f"first {FIRST_VALUES} values",
    ],
    "guide": [
        STREAM_RATES,
        f"Later calls have {WORDS[LATE_RATE]} of the rate.",
        f"{STREAM_ROWS} count as one of {AUTO['max_iter']} epochs",
        f"{STREAM_SHARE} of `zeta`",
        f"{STREAM_ROWS} rows count as an epoch",
        f"where at most {FEW_COLUMNS} columns of numbers with bins are left, or fewer than "
        f"{ORDERED_COLUMNS} without",
        f"{MINIMUM_ROWS} rows or more, fewer than {WORDS[ROWS_PER_COLUMN]} rows a column, up to "
        f"{MAXIMUM_COLUMNS} columns",
        f"in {WORDS[BINS]} bins",
        f"at {100 * LEVEL:g} % for all pairs together",
        f"{WORDS[MINIMUM_SHARE]} of all or more",
        f"in all but {WORDS[MINIMUM_SIDE - 1]} rows or fewer",
        f"at most {WORDS[MOST_SMOOTHING]} `label_smoothing`",
        f"up to {ASKED_ROWS} of the training rows, its loss is more than {100 * LEFT_LOSS:g} % of",
        f"more than {100 * LEFT_BY_FEW_UPDATES:g} % where the training made fewer than "
        f"{MINIMUM_UPDATES} updates",
        f"({WORDS[BINS]}, if y holds numbers) are more than {MOST_PAIRS // 10**6} million",
        f"there are {AUTO_BINS} of them",
        f"has at least {STREAM_BINS} bins",
        f"one for every {ROWS_PER_BIN} different training rows",
        "all columns together have no more bins than there are different rows",
        f"at most {FEW_COLUMNS} columns",
        f"{FULL_BIN:g} · clip(",
        SCALING.format("²"),
        f"first {FIRST_VALUES} values",
        f"{QUANTILE_ROWS:,} of the training rows",
        f"softmax((K / 2)^({CERTAINTY:g} s) · z)",
        f"at least {NARROWEST:g} and at most 1 / K",
    ],
    "how_it_works": [f"first {FIRST_VALUES} values", f"of which {STREAM_ROWS} are an epoch"],
}


@pytest.mark.parametrize(("place", "sentence"), [(p, s) for p in NUMBERS for s in NUMBERS[p]])
def test_the_documentation_has_the_numbers_of_the_package(place, sentence):
    if place == "docstring":
        texts = [
            " ".join(map(inspect.getdoc, (cls, cls.fit, cls.partial_fit)))
            for cls in (sklearn_motif.MotifSETClassifier, sklearn_motif.MotifSETRegressor)
        ]
    else:
        page = GUIDE if place == "guide" else ROOT / "docs" / "how_it_works.md"
        if not page.exists():
            pytest.skip("the documentation is not installed")
        texts = [page.read_text()]
    assert all(sentence in " ".join(text.split()) for text in texts)


def files_of_the_page():
    """Files of the package that the table of how_it_works.md has rows for."""
    page = ROOT / "docs" / "how_it_works.md"
    if not page.exists():
        pytest.skip("the documentation is not installed")
    return re.findall(r"^\| `([\w/]+\.py)` \|", page.read_text(), re.M)


def test_how_it_works_lists_every_file_once():
    files = (path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
    listed = files_of_the_page()
    assert sorted(listed) == sorted(name for name in files if not name.endswith("__init__.py"))


def prose(text):
    """Lines of a Markdown text that are no code, table, heading or picture, without addresses."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    for line in text.splitlines():
        if not re.match(r"    |\||#|!\[", line):
            yield re.sub(r"\]\([^)]*\)|<?https?://\S+", "", line)


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_lines_of_prose_are_short(page):
    if not page.exists():
        pytest.skip("the documentation is not installed")
    assert [line for line in prose(page.read_text()) if len(line) > 100] == []
