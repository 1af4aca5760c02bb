"""The one jit policy: how every kernel of the engine is compiled and cached."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from .caller import warn_user

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
    process instead. The first kernel of a process that has to be compiled tells the user.
    """
    kernel = _njit(**_OPTIONS)(function)
    if JIT_IS_DISABLED:
        return kernel
    try:
        kernel.enable_caching()
    except RuntimeError:  # numba: "no locator available"
        _tell_where_nothing_is_loaded(kernel)
        return kernel
    _tell_where_nothing_is_loaded(kernel)
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


_has_told = False  # whether this process knows that it compiles


def _tell_where_nothing_is_loaded(kernel: Any) -> None:
    """Let a kernel tell the user before it is compiled, which takes long."""
    cache = kernel._cache
    load_overload = cache.load_overload

    def load_or_tell(*arguments):
        loaded = load_overload(*arguments)
        if loaded is None:
            _tell_of_compilation(cache.cache_path)
        return loaded

    cache.load_overload = load_or_tell


def _tell_of_compilation(directory: str | None) -> None:
    """Say once what takes so long, and where the result goes; None: nowhere."""
    global _has_told
    if _has_told:
        return
    _has_told = True
    if directory is not None:
        logging.getLogger("sklearn_motif").warning(
            "The engine is being compiled for this machine, which takes some 15 seconds; the "
            "result is cached in %s.",
            directory,
        )
        return
    tried = [repr(_config.CACHE_DIR)] if _config.CACHE_DIR else []
    tried += [repr(str(Path(__file__).parent / "__pycache__")), "the user's cache directory"]
    warn_user(
        "The engine is compiled anew in every process, which takes some 15 seconds each time, "
        f"because no directory can be written for its cache: neither {' nor '.join(tried)}. Set "
        "the environment variable NUMBA_CACHE_DIR to a directory that can be written."
    )
