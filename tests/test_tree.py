"""The house rules that a machine can see: short modules and functions, imports downwards."""

import ast
import graphlib
import io
import tokenize
from pathlib import Path

import pytest

import sklearn_motif

PACKAGE = Path(sklearn_motif.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
MAXIMUM_LINES = 400
LONGER = {
    "_estimators.py",  # two signatures with their docstrings
    "engine/simd.py",  # vectors and their twins in NumPy
}
MAXIMUM_CODE = 60  # lines of a function without its docstring, comments and blank lines
# A room imports from those below it, never from its neighbors on the same line.
LEVELS = (
    ("__init__",),
    ("plotting", "onnx", "model_selection", "datasets"),
    ("_estimators",),
    ("_base", "_cv_results", "_documentation", "_onnx"),
    ("_fitting",),
    ("_training",),
    ("_evolution",),
    ("_network",),
    ("engine",),
)
LEVEL_OF = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}


def name_of(path):
    return path.relative_to(PACKAGE).as_posix()


def room_of(path):
    """Folder or module right below the package."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_names(path):
    """Absolute names of all that a module imports, under ``if TYPE_CHECKING`` and in functions."""
    parents = path.relative_to(PACKAGE.parent).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = parents[: len(parents) + 1 - node.level] if node.level else ()
            module = tuple(node.module.split(".")) if node.module else ()
            yield from ((*start, *module, alias.name) for alias in node.names)


def module_at(name):
    """File of the module that an absolute name leads to, which may be a name inside of it."""
    for n in range(len(name), 0, -1):
        place = PACKAGE.parent.joinpath(*name[:n])
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path in MODULES:
                return path
    return None


def imported_modules(path):
    """Files of the package that a module imports."""
    return {module_at(name) for name in imported_names(path)} - {None}


def lines_of_code(source, function):
    """Lines of a function's body that hold code."""
    first = function.body[0]
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = first.end_lineno + 1 if has_docstring else first.lineno
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER):
            continue
        if token.type in (tokenize.INDENT, tokenize.DEDENT):
            continue
        lines.update(range(token.start[0], token.end[0] + 1))
    return len([line for line in lines if start <= line <= function.end_lineno])


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_long(path):
    n_lines = len(path.read_text().splitlines())
    assert n_lines <= MAXIMUM_LINES or name_of(path) in LONGER


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_function_is_long(path):
    source = path.read_text()
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and function.name != "__init__":
            n_lines = lines_of_code(source, function)
            assert n_lines <= MAXIMUM_CODE, f"{function.name}: {n_lines}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_engine_imports_numba(path):
    outside = {name[0] for name in imported_names(path)}
    assert room_of(path) == "engine" or not outside & {"numba", "llvmlite"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_downwards(path):
    room = room_of(path)
    for module in imported_modules(path):
        other = room_of(module)
        assert other == room or LEVEL_OF[other] > LEVEL_OF[room], name_of(module)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_other_rooms_import_only_what_the_engine_exports(path):
    inside = {name_of(m) for m in imported_modules(path) if room_of(m) == "engine"}
    assert room_of(path) == "engine" or inside <= {"engine/__init__.py"}


def test_no_imports_run_in_a_circle():
    """Of modules, so that there is none inside a room either."""
    graph = {
        name_of(path): {name_of(module) for module in imported_modules(path)} for path in MODULES
    }
    assert len(graph["engine/__init__.py"]) > 5, "found no imports"
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError
