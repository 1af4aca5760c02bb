"""The jit policy: nothing compiled at import, a cache that is never stale and never fatal."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sklearn_motif
from sklearn_motif.engine.jit import digest_of_sources

PACKAGE = Path(sklearn_motif.__file__).parent

PREDICT = """
import numpy as np
from sklearn_motif._network import MotifNetwork
network = MotifNetwork(
    (6, 5, 1), motif_size=2, epsilon=9, weight_sharing="scaled", activation="logistic",
    out_activation="identity",
    group_features=True, dtype=np.float32,
    wiring=np.random.default_rng(0), values=np.random.default_rng(1),
)
network.graph_weights(1)[:] = 1
X = np.random.default_rng(2).standard_normal((4, 6)).astype(np.float32)
print(*network.predict(X).ravel())
"""


def run(code, *, path=None, **environment):
    """What code prints in a fresh interpreter, with the package of this tree or of `path`."""
    return run_both(code, path=path, **environment)[0]


def run_both(code, *, path=None, **environment):
    """What it prints, and what it says on stderr."""
    env = {**os.environ, **environment}
    cwd = path or PACKAGE.parent  # the first place where `python -c` looks
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=cwd, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout, result.stderr


def numbers(text):
    return np.array(text.split(), dtype=float)


def test_import_compiles_nothing():
    code = """
import sys
import sklearn_motif
from numba.core.dispatcher import Dispatcher
modules = [m for name, m in sys.modules.items() if name.startswith("sklearn_motif")]
kernels = {v for m in modules for v in vars(m).values() if isinstance(v, Dispatcher)}
assert len(kernels) > 10, "found no kernels"
print([k for k in kernels if k.signatures])
"""
    assert run(code).strip() == "[]"


def test_cache_is_used_and_notices_a_change_in_an_inlined_helper(tmp_path):
    """prediction.py holds the compiled function, activations.py the helper that changes."""
    shutil.copytree(PACKAGE, tmp_path / "sklearn_motif", ignore=shutil.ignore_patterns("*cache*"))
    environment = {"path": tmp_path, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    first = numbers(run(PREDICT, **environment))
    files = {p: p.stat().st_mtime_ns for p in (tmp_path / "cache").rglob("*.nbc")}
    assert files, "nothing was cached"
    np.testing.assert_array_equal(numbers(run(PREDICT, **environment)), first)
    assert files == {p: p.stat().st_mtime_ns for p in (tmp_path / "cache").rglob("*.nbc")}

    activations = tmp_path / "sklearn_motif" / "engine" / "activations.py"
    source = activations.read_text()
    sigmoid = "return vdiv(1.0, vadd(1.0, vexp(vmul(-1.0, z))))"
    assert sigmoid in source
    activations.write_text(source.replace(sigmoid, sigmoid.replace("vdiv(1.0,", "vdiv(0.5,")))
    np.testing.assert_allclose(numbers(run(PREDICT, **environment)), first / 2, rtol=1e-6)


def make_sources(folder, **changes):
    """A folder of two Python files, one of them in a subfolder, and one of another kind."""
    sources = {"kernels.py": "x = 1\n", "helpers/inline.py": "y = 1\n", "helpers/notes.txt": ""}
    for name, source in {**sources, **changes}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return folder


@pytest.mark.parametrize(
    "change",
    [
        {"kernels.py": "x = 2\n"},
        {"helpers/inline.py": "y = 2\n"},
        {"helpers/new.py": ""},
        {"kernels.py": "x = 1\n\n"},
    ],
)
def test_the_digest_changes_with_every_python_file_below_the_folder(change, tmp_path):
    before = digest_of_sources(make_sources(tmp_path / "before"))
    assert digest_of_sources(make_sources(tmp_path / "after", **change)) != before


def test_the_digest_does_not_depend_on_where_the_folder_lies(tmp_path):
    """An installation that moves keeps its cache; what is no Python file does not count."""
    here = digest_of_sources(make_sources(tmp_path / "here"))
    there = make_sources(tmp_path / "some" / "where" / "else", **{"helpers/notes.txt": "note"})
    assert digest_of_sources(there) == here
    (there / "kernels.py").rename(there / "renamed.py")
    assert digest_of_sources(there) != here


def test_a_cache_of_a_version_whose_modules_are_gone_is_not_used(tmp_path):
    """An upgrade leaves numba's files behind; they name the classes of the arguments."""
    engine = tmp_path / "sklearn_motif" / "engine"
    shutil.copytree(PACKAGE, engine.parent, ignore=shutil.ignore_patterns("*cache*"))
    environment = {"path": tmp_path, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    first = numbers(run(PREDICT, **environment))
    for path in engine.glob("*.py"):
        path.write_text(re.sub(r"\blayout\b", "other_layout", path.read_text()))
    (engine / "layout.py").rename(engine / "other_layout.py")
    np.testing.assert_array_equal(numbers(run(PREDICT, **environment)), first)


def test_compiled_and_cached_kernels_give_the_same_bits(tmp_path):
    """LLVM may round otherwise in another copy of a helper, where it is given the freedom."""
    code = """
import hashlib
import numpy as np
from sklearn_motif import MotifSETClassifier
rng = np.random.default_rng(0)
X, y = rng.standard_normal((300, 40), dtype=np.float32), rng.integers(3, size=300)
network = MotifSETClassifier((30, 20), max_iter=5, random_state=0).fit(X, y).network_
print(hashlib.sha256(network.weights.tobytes() + network.nodes.tobytes()).hexdigest())
"""
    compiled = run(code, NUMBA_CACHE_DIR=str(tmp_path))
    assert list(tmp_path.rglob("*.nbc"))
    assert run(code, NUMBA_CACHE_DIR=str(tmp_path)) == compiled


def test_machine_code_is_made_of_entries_only(tmp_path):
    """What a helper computes is compiled within the entries that call it, and nowhere else."""
    code = """
from sklearn_motif.engine import layers, prediction
def has_machine_code(kernel):
    (compiled,) = kernel.overloads.values()
    symbols = compiled.library.codegen._engine
    return symbols.is_symbol_defined(compiled.fndesc.llvm_func_name)
print(has_machine_code(prediction.predict_rows), has_machine_code(layers.incoming))
"""
    printed = run(PREDICT + code, NUMBA_CACHE_DIR=str(tmp_path)).splitlines()
    assert printed[-1] == "True False"


@pytest.mark.parametrize("is_enabled", [True, False])
def test_no_garbage_is_looked_for_while_kernels_are_compiled(is_enabled, tmp_path):
    """Afterwards it is, where it was before."""
    before = f"import gc\nif not {is_enabled}:\n    gc.disable()\n"
    code = """
full = []
gc.callbacks.append(lambda phase, info: full.append(phase) if info["generation"] == 2 else None)
network.predict(X)
print(len(full), gc.isenabled())
"""
    compiling = PREDICT.replace("print(*network.predict(X).ravel())", code)
    printed = run(before + compiling, NUMBA_CACHE_DIR=str(tmp_path))
    assert printed.split() == ["0", str(is_enabled)]


def test_a_kernel_that_takes_little_is_compiled_without_a_word(tmp_path):
    """Rows of another dtype than those of the fit are no reason to speak of a long wait."""
    code = """
import numpy as np
from sklearn_motif import engine
X = np.ones((2, 3), dtype=np.float32)
engine.scale(X, np.zeros(3), np.ones(3), X, far=9.0, clip=3.0)
print(X[0, 0])
"""
    printed, said = run_both(code, NUMBA_CACHE_DIR=str(tmp_path))
    assert np.float32(printed) == np.float32(1 / np.sqrt(1 + 1 / 9))
    assert not said
    assert list(tmp_path.rglob("*.nbi"))


def test_works_where_no_directory_can_be_written():
    """numba finds no place for a cache, for example in a read-only install."""
    code = "from numba.core.caching import CompileResultCacheImpl as C; C._locator_classes = []"
    np.testing.assert_array_equal(numbers(run(code + PREDICT)), numbers(run(PREDICT)))


SUMS = """
import numpy as np
from sklearn_motif.engine import squared_gradients, vacant
def call():
    squared_gradients(*np.ones((2, 3, 16)), *np.zeros((2, 1), dtype=np.int64), 1, 1)
    vacant(np.array([0, 1]), np.array([0], dtype=np.int32), 2, np.arange(2))
"""


def test_a_process_that_compiles_says_so_once_and_where_the_result_goes(tmp_path):
    code = SUMS + "call()\ncall()\n"
    _, first = run_both(code, NUMBA_CACHE_DIR=str(tmp_path))
    (line,) = first.splitlines()
    assert "compiled" in line
    (folder,) = {str(path.parent) for path in tmp_path.rglob("*.nbc")}
    assert folder in line
    _, second = run_both(code, NUMBA_CACHE_DIR=str(tmp_path))
    assert second == ""


def without_a_place(tmp_path):
    """A copy of the package, and an environment, in which no cache can be written, by anybody."""
    shutil.copytree(PACKAGE, tmp_path / "sklearn_motif", ignore=shutil.ignore_patterns("*cache*"))
    (tmp_path / "sklearn_motif" / "engine" / "__pycache__").touch()
    file = tmp_path / "file"
    file.touch()
    places = ("NUMBA_CACHE_DIR", "HOME", "XDG_CACHE_HOME")
    return {"path": tmp_path, **{name: str(file / "below") for name in places}}


def test_where_no_directory_can_be_written_a_warning_says_so_once_and_what_to_do(tmp_path):
    code = (
        SUMS
        + """
import sys, warnings
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as caught:
    call()
    call()
(warning,) = caught
print(warning.category.__name__, warning.filename, warning.message)
"""
    )
    environment = without_a_place(tmp_path)
    printed, said = run_both(code, **environment)
    assert printed.startswith("UserWarning <string> ")
    assert "NUMBA_CACHE_DIR to a directory" in printed
    assert environment["NUMBA_CACHE_DIR"] in printed
    assert said == ""


def test_a_warning_taken_for_an_error_leaves_the_next_call_alone(tmp_path):
    code = (
        SUMS
        + """
import warnings
warnings.simplefilter("error")
try:
    call()
except UserWarning as warning:
    assert "NUMBA_CACHE_DIR" in str(warning)
else:
    raise AssertionError("no warning")
call()
"""
    )
    run(code, **without_a_place(tmp_path))


def test_kernels_run_without_the_jit():
    """The NumPy twins of the vectors: the same numbers, slowly."""
    code = """
from tests.models import make_network, make_step, train_on
import numpy as np
X = np.random.default_rng(0).standard_normal((12, 11))
y = np.arange(12, dtype=np.int32) % 3
for weight_sharing in ("scaled", "none"):
    for solver in ("adam", "sgd"):
        for activation in ("all_relu", "tanh"):
            network = make_network(weight_sharing=weight_sharing, activation=activation)
            step = make_step(network, solver=solver, learning_rate=0.05, dropout=0.3)
            print(train_on(step, X, y, np.arange(12)), train_on(step, X, y, np.arange(7)))
            print(*network.predict(X).ravel())
"""
    twins = numbers(run(code, NUMBA_DISABLE_JIT="1"))
    np.testing.assert_allclose(twins, numbers(run(code)), rtol=1e-9)
