"""A word to the operating system that written bytes may go to the disk now, without waiting for them.

Left alone Linux keeps them for up to half a minute, and the fsync that must wait for them all then takes as long as
the writing did. Where there is no such call nothing happens: it is about time, never about safety.
"""

import ctypes
import functools
import sys
from collections.abc import Callable

__all__ = ["begin_writeback"]

_SYNC_FILE_RANGE_WRITE = 2


def begin_writeback(file: int) -> None:
    """Start writing what of the file is only in memory; returns at once."""
    call = _found()
    if call is not None:
        call(file, 0, 0, _SYNC_FILE_RANGE_WRITE)  # a failure is the fsync's to report


@functools.cache
def _found() -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        found = ctypes.CDLL(None).sync_file_range
    except (OSError, AttributeError):  # a C library without it
        return None
    found.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return found
