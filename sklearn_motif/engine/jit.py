"""The one jit policy: how every kernel of the engine is compiled and cached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

# numba's type stubs do not know all of its options and settings.
_njit: Any = numba.njit
_config: Any = numba.config
JIT_IS_DISABLED = bool(_config.DISABLE_JIT)
# No fast-math: "nnan" and "ninf" would remove checks for NaN and infinity, and with "contract"
# or "reassoc" LLVM rounds differently from one copy of a helper to the next, so that a process
# that compiled a kernel and one that loaded it from the cache would disagree. Kernels fuse and
# reorder sums by hand instead (see ``simd``).
_OPTIONS = {"nogil": True, "error_model": "numpy"}
# Python calls entries only; wrappers for it take their share of the time to compile.
_NO_WRAPPERS = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def digest_of_sources(folder: Path) -> str:
    """Digest of every Python file in a folder and its subfolders, wherever the folder lies.

    numba notices a change in the file of the compiled function only; a helper that was
    inlined from another file would be served stale from the cache.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        source = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(source)} ".encode())
        digest.update(source)
    return digest.hexdigest()


_STAMP = digest_of_sources(Path(__file__).parent)


def inner(function: Callable) -> Any:
    """Compile a helper that only other kernels call; it lives in their cache entries.

    It cannot allocate. In return arrays are not counted (numba's reference counts are atomic
    operations, dozens for a row), which is safe because the callers hold them.
    """
    return _njit(**_OPTIONS, **_NO_WRAPPERS, _nrt=False)(function)


def inlined(function: Callable) -> Any:
    """Compile a helper into each of its callers: its vectors stay in registers.

    It cannot allocate. A counter that starts as a plain 0 has a type of its own on its first way
    through a loop, and what it is passed to is compiled twice; counters start as ``np.int64(0)``.
    """
    return _njit(**_OPTIONS, **_NO_WRAPPERS, _nrt=False, forceinline=True)(function)


def allocating(function: Callable) -> Any:
    """Compile a helper that allocates into each of its callers."""
    return _njit(**_OPTIONS, **_NO_WRAPPERS, forceinline=True)(function)


def entry(function: Callable) -> Any:
    """Compile a kernel that Python calls: lazily, without the GIL, cached on disk.

    Where numba finds no directory that can be written, the kernel is compiled anew in every
    process instead.
    """
    kernel = _njit(**_OPTIONS)(function)
    if JIT_IS_DISABLED:
        return kernel
    try:
        kernel.enable_caching()
    except RuntimeError:  # numba: "no locator available"
        return kernel
    index = kernel._cache._cache_file
    index._source_stamp = (index._source_stamp, _STAMP)
    load_index = index._load_index

    def load_index_of_this_version():
        # numba unpickles an index before it looks at the stamp.
        try:
            return load_index()
        except (ImportError, AttributeError):
            return {}  # an older version wrote it, some of whose classes are gone

    index._load_index = load_index_of_this_version
    return kernel
