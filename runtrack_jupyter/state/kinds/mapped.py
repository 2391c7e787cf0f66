"""numpy arrays that are mapped to a file: the file and the place in it, not the bytes.

A reading map is known by the size and time of its file, so that looking costs nothing however large it is. What is
written through a writing map reaches the file at the kernel's leisure, and its time later still: such a map is known
by a fingerprint of its bytes.
"""

import mmap
import os
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.rebuild import mapped as rebuild
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["holder_of", "reduce_mapped"]

_WRITING = ("r+", "w+")
_HASHED = 1 << 30  # bytes of a writing map that are read at every look


def holder_of(array: Any, owner: Any, numpy: Any) -> Any:
    """Return the map that an array looks at, where it is one of a file that can be opened again; else None."""
    if not isinstance(owner, mmap.mmap):
        return None
    while isinstance(array.base, numpy.ndarray):
        array = array.base
    if not isinstance(array, numpy.memmap) or array._mmap is not owner or array.mode == "c":
        return None  # copied when it is written to: its bytes are its own
    return array if array.filename is not None else None


def reduce_mapped(pickler: "StatePickler", array: Any, holder: Any) -> Any:
    """Reduce a map of a file, or an array that looks at one."""
    if array is not holder:
        pickler.tie(holder)
        start = array.__array_interface__["data"][0] - holder.__array_interface__["data"][0]
        layout = (start, array.shape, array.strides)
        return rebuild.mapped_view, (holder, type(array), array.dtype, layout, array.flags.writeable)
    writing = holder.mode in _WRITING
    path = os.fspath(holder.filename)
    state = _content_of(holder) if writing else rebuild.state_of(path)
    if state is None:
        raise CannotSaveError(f"an array mapped to {path}, which is gone")
    order = "C" if holder.flags.c_contiguous else "F"
    layout = (holder.offset, holder.shape, order)
    return rebuild.mapped, (type(holder), path, writing, holder.dtype, layout, state, holder.flags.writeable)


def _content_of(holder: Any) -> bytes | None:
    if not os.path.exists(holder.filename):  # noqa: PTH110 - a str or bytes, as the map has it
        return None
    if holder.nbytes > _HASHED:
        raise CannotSaveError("an array of more than 1 GB that writes to a file")
    return rebuild.fingerprint_of(holder)
