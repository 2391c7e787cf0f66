"""Arrays mapped to a file, opened again where the file is as it was."""

import importlib
import os
import sys
from typing import Any

from xxhash import xxh3_128_digest

from runtrack_jupyter.state.rebuild import Loader, NotHereError
from runtrack_jupyter.state.rebuild.arrays import flat_bytes

__all__ = ["BOUND", "fingerprint_of", "mapped", "mapped_view", "state_of"]

BOUND = frozenset({"mapped", "mapped_view"})


def state_of(path: str) -> bytes | None:
    """Return what changes when a file does; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a str or bytes, as the map has it
    except OSError:
        return None
    return f"{found.st_size} {found.st_mtime_ns}".encode()


def fingerprint_of(array: Any) -> bytes:
    """Return the fingerprint of a map's bytes."""
    return bytes(xxh3_128_digest(memoryview(flat_bytes(array))))


def mapped(
    loader: Loader,
    kind: type,
    path: str,
    writing: bool,
    dtype: Any,
    layout: tuple[int, tuple[int, ...], Any],
    state: bytes,
    writeable: bool,
) -> Any:
    """Map the file again; raises NotHereError where it is gone or was changed."""
    numpy = sys.modules.get("numpy") or importlib.import_module("numpy")
    offset, shape, order = layout
    before = state_of(path)
    if before is None:
        raise NotHereError(f"the mapped file {path} is gone")
    if not writing and before != state:
        raise NotHereError(f"the mapped file {path} was changed since")
    try:
        made = numpy.memmap(path, dtype, "r+" if writing else "r", offset, shape, order)
    except (OSError, ValueError) as error:
        raise NotHereError(f"the mapped file {path} cannot be mapped: {error}") from error
    if writing and fingerprint_of(made) != state:
        raise NotHereError(f"the mapped file {path} was changed since")
    if kind is not numpy.memmap:
        made = made.view(kind)
    if writing and not writeable:
        loader.freeze(made)
    return made


def mapped_view(
    loader: Loader,
    holder: Any,
    kind: type,
    dtype: Any,
    layout: tuple[int, tuple[int, ...], tuple[int, ...]],
    writeable: bool,
) -> Any:
    """Return an array that looks at a map, and keeps it open as the map does."""
    numpy = sys.modules["numpy"]
    offset, shape, strides = layout
    made = numpy.ndarray(shape, dtype, buffer=flat_bytes(holder), offset=offset, strides=strides)
    if kind is not numpy.ndarray:
        made = made.view(kind)
    if isinstance(made, numpy.memmap):
        made._mmap = holder._mmap
    if not writeable:
        loader.freeze(made)
    return made
