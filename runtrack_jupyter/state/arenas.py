"""Memory for the copies that wait for the disk: taken in large pieces, used again, and never more than a limit.

Fresh memory is what makes a copy slow: the system hands it out a page at a time, cleared. 256 KiB of `bytes` each
were copied at 1 GB/s, huge pages at 4, memory that was used before at 8 (`docs/decisions/`).
"""

import mmap
from collections import deque

__all__ = ["Arenas", "Copy"]

_SIZE = 4 << 20  # of one arena: a multiple of a huge page
_KEPT = 128  # arenas kept for the next copies while there is work: no more than there were at once before
_SMALLEST = 32 << 10  # smaller copies come from the heap, which has such pieces at hand


class _Filling:
    """One use of an arena's memory; when the last copy in it is let go, the memory is there for others."""

    __slots__ = ("_free", "_memory", "used", "view")

    def __init__(self, memory: mmap.mmap, free: "deque[mmap.mmap]") -> None:
        self._memory = memory
        self._free = free
        self.view = memoryview(memory)
        self.used = 0

    def __del__(self) -> None:
        self.view.release()
        if len(self._free) < _KEPT:
            self._free.append(self._memory)


class Copy:
    """A piece of copied memory; `data` is valid as long as this lives."""

    __slots__ = ("_filling", "data")

    def __init__(self, filling: _Filling, data: memoryview) -> None:
        self._filling = filling
        self.data = data


class Arenas:
    """Where copies are put; taken from by one thread, given back to by any."""

    def __init__(self) -> None:
        self._free: deque[mmap.mmap] = deque()
        self._filling: _Filling | None = None

    def copy(self, piece: memoryview) -> Copy | bytes:
        """Return a copy of at most 1 MiB."""
        size = piece.nbytes
        if size < _SMALLEST:
            return bytes(piece)
        filling = self._filling
        if filling is None or filling.used + size > _SIZE:
            filling = self._filling = _Filling(self._memory(), self._free)
        start = filling.used
        filling.used = start + size
        data = filling.view[start : start + size]
        data[:] = piece
        return Copy(filling, data)

    def trim(self) -> None:
        """Give unused memory back to the system."""
        self._free.clear()
        self._filling = None

    def _memory(self) -> mmap.mmap:
        try:
            return self._free.popleft()
        except IndexError:
            return _fresh()


def _fresh() -> mmap.mmap:
    if not hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, _SIZE)
    memory = mmap.mmap(-1, _SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory
