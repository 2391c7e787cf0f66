"""`ctypes`: memory of C, which may be a part of other memory, and pointers, which mean nothing elsewhere."""

import sys
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import native as rebuild
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]


def reduce_data(_pickler: "StatePickler", data: Any) -> Any:
    """Reduce memory that is a part of other memory to its place there; all else is saved as its bytes."""
    holder = data._b_base_ if data._b_base_ is not None else _lender_of(data)
    if holder is not None:
        start = _address(holder)
        offset = -1 if start is None else sys.modules["ctypes"].addressof(data) - start
        if offset < 0:
            raise CannotSaveError("memory of C whose place is not known")
        return rebuild.part, (type(data), holder, offset)
    try:
        data.__reduce__()
    except ValueError:
        raise CannotSaveError("memory of C that holds pointers") from None
    return NotImplemented


def _lender_of(data: Any) -> Any:
    """Return what `from_buffer` was given; None where the memory is the object's own."""
    held = data._objects
    values = held.values() if type(held) is dict else (held,)
    views = [each for each in values if type(each) is memoryview]
    return views[0].obj if views else None


def _address(holder: Any) -> int | None:
    ctypes = sys.modules["ctypes"]
    if isinstance(holder, ctypes._SimpleCData.__base__):
        return int(ctypes.addressof(holder))
    try:
        return int(ctypes.addressof(ctypes.c_char.from_buffer(holder)))
    except (TypeError, ValueError):
        return None


REDUCERS: Reducers = {("_ctypes", "_CData"): reduce_data}
