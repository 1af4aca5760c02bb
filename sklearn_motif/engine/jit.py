"""The one jit policy: how every kernel of the engine is compiled and cached."""

from __future__ import annotations

import gc
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from llvmlite.binding import Linkage
from numba import _dynfunc  # type: ignore[attr-defined]
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

from .caller import warn_user

# numba's type stubs do not know all of its options and settings.
_njit: Any = numba.njit
_config: Any = numba.config
JIT_IS_DISABLED = bool(_config.DISABLE_JIT)
# No fast-math: "nnan" and "ninf" would remove checks for NaN and infinity, and with "contract"
# or "reassoc" LLVM rounds differently from one copy of a helper to the next, so that a process
# that compiled a kernel and one that loaded it from the cache would disagree. Kernels fuse and
# reorder sums by hand instead (see ``simd``).
# Nobody takes a kernel's address, for which numba would make a wrapper.
_OPTIONS = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}


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


# numba makes machine code of every function, optimized together with all that it calls, and
# anew in each of its callers. Helpers are called by kernels only: their code waits, and is
# optimized once, in the entries that it is linked into.


class _EntryLibrary(JITCodeLibrary):
    """The code of an entry with that of its helpers, optimized as a whole only."""

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout


class _HelperLibrary(_EntryLibrary):
    """The code of a helper, for LLVM, with that of the helpers that it calls."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        # Several entries may hold it, and one that has inlined it drops it.
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage == Linkage.external:
                function.linkage = Linkage.linkonce_odr
        self._finalized = True

    def _get_module_for_linking(self) -> Any:
        self._ensure_finalized()
        return self._final_module


def _not_for_python(library: Any, description: Any, environment: Any) -> Any:
    """The function object by which numba knows a helper; without code, as Python never calls it."""
    module, name = description.lookup_module(), description.qualname
    return _dynfunc.make_function(module, name, "", 0, environment, (library,))


# Steps of numba that change what no kernel has: with statements, closures, functions that are
# inlined before they have types, expressions that make arrays. All others look at every function.
_NEEDLESS = {
    "WithLifting",
    "InlineClosureLikes",
    "InlineInlinables",
    "InlineOverloads",
    "NopythonRewrites",
}


class _EntryCompiler(Compiler):
    """numba's own way, without what kernels do not need."""

    _library_class: type[JITCodeLibrary] = _EntryLibrary

    def compile_extra(self, function: Callable) -> Any:
        # There is next to no garbage in what numba makes, and looks for it take long.
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            return super().compile_extra(function)
        finally:
            if was_enabled:
                gc.enable()

    def define_pipelines(self) -> Any:
        state = self.state
        state.library = self._library_class(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        pipelines = super().define_pipelines()
        for pipeline in pipelines:
            steps = pipeline.passes
            pipeline.passes = [step for step in steps if step[0].__name__ not in _NEEDLESS]
        return pipelines


class _HelperCompiler(_EntryCompiler):
    """The same, to a library of code that waits."""

    _library_class = _HelperLibrary

    def define_pipelines(self) -> Any:
        self.state.targetctx.get_executable = _not_for_python
        return super().define_pipelines()


_HELPER = {"no_cpython_wrapper": True, "pipeline_class": _HelperCompiler}


def inner(function: Callable) -> Any:
    """Compile a helper that only other kernels call; it lives in their cache entries.

    It cannot allocate. In return arrays are not counted (numba's reference counts are atomic
    operations, dozens for a row), which is safe because the callers hold them.
    """
    return _njit(**_OPTIONS, **_HELPER, _nrt=False)(function)


def inlined(function: Callable) -> Any:
    """Compile a helper into each of its callers: its vectors stay in registers.

    It cannot allocate. A counter that starts as a plain 0 has a type of its own on its first way
    through a loop, and what it is passed to is compiled twice; counters start as ``np.int64(0)``.
    """
    return _njit(**_OPTIONS, **_HELPER, _nrt=False, forceinline=True)(function)


def entry(function: Callable, *, tells: bool = True) -> Any:
    """Compile a kernel that Python calls: lazily, without the GIL, cached on disk.

    Where numba finds no directory that can be written, the kernel is compiled anew in every
    process instead. The first kernel of a process that has to be compiled tells the user, unless
    it is one that takes so little that it does not tell. It cannot allocate: scratch and results
    are made in Python.
    """
    kernel = _njit(**_OPTIONS, pipeline_class=_EntryCompiler, _nrt=False)(function)
    if JIT_IS_DISABLED:
        return kernel
    is_cached = True
    try:
        kernel.enable_caching()
    except RuntimeError:  # numba: "no locator available"
        is_cached = False
    if tells:
        _tell_where_nothing_is_loaded(kernel)
    if is_cached:
        _bind_to_this_version(kernel._cache._cache_file)
    return kernel


def _bind_to_this_version(index: Any) -> None:
    """Let the index of a kernel's cache know nothing that another version of the engine wrote."""
    index._source_stamp = (index._source_stamp, _STAMP)
    load_index = index._load_index

    def load_index_of_this_version():
        # numba unpickles an index before it looks at the stamp.
        try:
            return load_index()
        except (ImportError, AttributeError):
            return {}  # an older version wrote it, some of whose classes are gone

    index._load_index = load_index_of_this_version


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
            "The engine is being compiled for this machine, which takes some ten seconds; the "
            "result is cached in %s.",
            directory,
        )
        return
    tried = [repr(_config.CACHE_DIR)] if _config.CACHE_DIR else []
    tried += [repr(str(Path(__file__).parent / "__pycache__")), "the user's cache directory"]
    warn_user(
        "The engine is compiled anew in every process, which takes some ten seconds each time, "
        f"because no directory can be written for its cache: neither {' nor '.join(tried)}. Set "
        "the environment variable NUMBA_CACHE_DIR to a directory that can be written."
    )
