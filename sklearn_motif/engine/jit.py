"""The one jit policy: how every kernel of the engine is compiled and cached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numba

# No "nnan" and "ninf": checks for NaN and infinity must survive. No "arcp" and "afn": LLVM
# would estimate divisions in vectors but not in scalar remainders, and bits would differ.
_FASTMATH = {"contract", "reassoc", "nsz"}


def _engine_stamp() -> str:
    """Digest of every source file of the engine.

    numba notices a change in the file of the compiled function only; a helper that was
    inlined from another file would be served stale from the cache.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


_STAMP = _engine_stamp()


def inner(function: Callable) -> Callable:
    """Compile a helper that only other kernels call; it lives in their cache entries."""
    return numba.njit(nogil=True, fastmath=_FASTMATH, error_model="numpy")(function)


def entry(function: Callable) -> Callable:
    """Compile a kernel that Python calls: lazily, without the GIL, cached on disk.

    Where numba finds no directory that can be written, the kernel is compiled anew in every
    process instead.
    """
    kernel = inner(function)
    if numba.config.DISABLE_JIT:
        return kernel
    try:
        kernel.enable_caching()
    except RuntimeError:  # numba: "no locator available"
        return kernel
    index = kernel._cache._cache_file
    index._source_stamp = (index._source_stamp, _STAMP)
    return kernel
