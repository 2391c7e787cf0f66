"""A stream as the unpickler reads it: from one small window after the other, never as a whole in memory."""

from collections.abc import Iterator

__all__ = ["Feed"]


class Feed:
    """Reads `head` and then the windows; each is over when the next one is asked for."""

    __slots__ = ("_at", "_before", "_view", "_windows")

    def __init__(self, head: bytes, windows: Iterator[memoryview]) -> None:
        self._view = memoryview(head)
        self._at = 0
        self._before = 0  # bytes of the windows that are over
        self._windows = windows

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._before + self._at

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer only at the end."""
        end = self._at + size
        if end <= len(self._view):
            part = bytes(self._view[self._at : end])
            self._at = end
            return part
        made = bytearray(size)
        return bytes(memoryview(made)[: self.readinto(memoryview(made))])

    def readinto(self, target: memoryview) -> int:
        """Fill `target` and return how many bytes there were."""
        got = 0
        while got < len(target):
            part = self._view[self._at : self._at + len(target) - got]
            if not len(part) and not self._next():
                break
            target[got : got + len(part)] = part
            got += len(part)
            self._at += len(part)
        return got

    def readline(self) -> bytes:
        """Return the bytes up to a line end; only old opcodes ask for it."""
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = self.read(1)
            if not byte:
                break
            line += byte
        return bytes(line)

    def _next(self) -> bool:
        view = next(self._windows, None)
        if view is None:
            return False
        self._before += len(self._view)
        self._view, self._at = view, 0
        return True
