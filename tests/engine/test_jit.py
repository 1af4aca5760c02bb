"""The jit policy: nothing compiled at import, a cache that is never stale and never fatal."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sklearn_motif

PACKAGE = Path(sklearn_motif.__file__).parent

PREDICT = """
import numpy as np
from sklearn_motif._network import MotifNetwork
network = MotifNetwork(
    (6, 5, 1), motif_size=2, epsilon=9, weight_sharing="scaled", activation="relu",
    out_activation="logistic",
    group_features=True, dtype=np.float32,
    wiring=np.random.default_rng(0), values=np.random.default_rng(1),
)
X = np.random.default_rng(2).standard_normal((4, 6)).astype(np.float32)
print(*network.predict(X).ravel())
"""


def run(code, *, path=None, **environment):
    """Run code in a fresh interpreter, with the package of this tree or of `path`."""
    env = {**os.environ, **environment}
    cwd = path or PACKAGE.parent  # the first place where `python -c` looks
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=cwd, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


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
    """training.py holds the compiled function, activations.py the helper that changes."""
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


def test_works_where_no_directory_can_be_written():
    """numba finds no place for a cache, for example in a read-only install."""
    code = "from numba.core.caching import CompileResultCacheImpl as C; C._locator_classes = []"
    np.testing.assert_array_equal(numbers(run(code + PREDICT)), numbers(run(PREDICT)))


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


MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name != "engine"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_engine_imports_numba(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert not any(name.split(".")[0] in ("numba", "llvmlite") for name in names)
