"""The one jit policy: how every kernel of the engine is compiled and cached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numba


def _engine_stamp() -> str:
    """Digest of every source file of the engine.

    numba notices a change in the file of the compiled function only; a helper that was
    inlined from another file would be served stale from the cache.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


_STAMP = _engine_stamp()


# No fast-math: "nnan" and "ninf" would remove checks for NaN and infinity, and with "contract"
# or "reassoc" LLVM rounds differently from one copy of a helper to the next, so that a process
# that compiled a kernel and one that loaded it from the cache would disagree. Kernels fuse and
# reorder sums by hand instead (see ``simd``).
_OPTIONS = {"nogil": True, "error_model": "numpy"}


def inner(function: Callable) -> Callable:
    """Compile a helper that only other kernels call; it lives in their cache entries.

    It cannot allocate. In return arrays are not counted (numba's reference counts are atomic
    operations, dozens for a row), which is safe because the callers hold them.
    """
    return numba.njit(**_OPTIONS, _nrt=False)(function)


def inlined(function: Callable) -> Callable:
    """The same, compiled into each of its callers: its vectors stay in registers.

    A counter that starts as a plain 0 has a type of its own on its first way through a loop, and
    what it is passed to is compiled twice; counters start as ``np.int64(0)``.
    """
    return numba.njit(**_OPTIONS, _nrt=False, forceinline=True)(function)


def entry(function: Callable) -> Callable:
    """Compile a kernel that Python calls: lazily, without the GIL, cached on disk.

    Where numba finds no directory that can be written, the kernel is compiled anew in every
    process instead.
    """
    kernel = numba.njit(**_OPTIONS)(function)
    if numba.config.DISABLE_JIT:
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
