"""The house rules that a machine can see: short modules and functions."""

import ast
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


def name_of(path):
    return path.relative_to(PACKAGE).as_posix()


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
