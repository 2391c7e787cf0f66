"""Files, opened again where they are still what they were."""

import io
import os
from pathlib import Path
from typing import Any

from blake3 import blake3

__all__ = [
    "SMALL",
    "Mark",
    "archive",
    "closed",
    "closed_compressed",
    "closed_memory",
    "compressed",
    "over",
    "raw",
    "set_over",
    "set_position",
    "spooled",
    "text",
    "verify",
]

SMALL = 1 << 16  # bytes of a file whose content is compared: more would cost time after every cell

Mark = tuple[int, int, int, int, str]  # device, inode, size, time of change, digest of a small file


def verify(place: str | bytes, mark: Mark) -> None:
    """Raise OSError where the file is not what it was: neither untouched, nor small and of the same content."""
    path = Path(os.fsdecode(place))
    found = path.stat()
    if (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns) == tuple(mark[:4]):
        return
    if mark[4] and found.st_size == mark[2] and blake3(path.read_bytes()).hexdigest() == mark[4]:
        return
    raise OSError(f"{path} has changed since")


def raw(name: Any, place: str | bytes, mode: str, mark: Mark | None) -> io.FileIO:
    """Return the file opened again; `name` is what it was opened by, maybe from another directory."""
    if mark is not None:
        verify(place, mark)
    flags = os.O_RDONLY if mode == "rb" else os.O_WRONLY | os.O_APPEND
    cloexec = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    return io.FileIO(name, mode, opener=lambda _name, _flags: os.open(place, flags | cloexec))


def closed(kind: Any, name: Any, mode: str, encoding: tuple[Any, ...], own: dict[str, Any]) -> Any:
    """Return a file of that kind that is closed, and was never open."""
    made: Any = io.FileIO(name, mode, opener=lambda _name, _flags: os.open(os.devnull, os.O_RDWR))
    if issubclass(kind, io.TextIOWrapper):
        made = _BUFFERED["+" if "+" in mode else mode[0]](made)
    if kind is not io.FileIO:
        made = kind(made, *encoding)
    made.close()
    made.__dict__.update(own)
    return made


_BUFFERED: dict[str, Any] = {
    "+": io.BufferedRandom,
    "r": io.BufferedReader,
    "w": io.BufferedWriter,
    "a": io.BufferedWriter,
    "x": io.BufferedWriter,
}


def over(kind: Any, below: Any) -> Any:
    """Return a buffer over a file."""
    return kind(below)


def text(
    below: Any, newline: str | None, encoding: str, errors: str, line_buffering: bool, write_through: bool
) -> io.TextIOWrapper:
    """Return a text file over a buffer."""
    return io.TextIOWrapper(
        below, encoding, errors, newline, line_buffering=line_buffering, write_through=write_through
    )


def set_over(target: Any, state: tuple[dict[str, Any], int | None]) -> None:
    """Give a file its attributes, and its position where it has one."""
    own, position = state
    target.__dict__.update(own)
    if position is not None:
        target.seek(position)


def closed_memory(kind: Any) -> Any:
    """Return a closed `BytesIO` or `StringIO`."""
    made = kind()
    made.close()
    return made


def compressed(kind: Any, below: Any, name: Any) -> Any:
    """Return a compressed file that is read from the file below it."""
    below.seek(0)
    made = kind(below) if kind.__module__ != "gzip" else kind(name, "rb", fileobj=below)
    if kind.__module__ == "gzip":
        made.myfileobj = below  # closed with it, as it was
    return made


def set_position(target: Any, position: int) -> None:
    """Go to a position of what was compressed."""
    target.seek(position)


def closed_compressed(kind: Any, name: Any) -> Any:
    """Return a closed compressed file."""
    made = kind(io.BytesIO()) if kind.__module__ != "gzip" else kind(name or "", "rb", fileobj=io.BytesIO())
    made.close()
    return made


def archive(kind: Any, below: Any, name: Any, password: bytes | None) -> Any:
    """Return a zip archive that is read from the file below it."""
    made = kind(below)
    made.filename, made.pwd = name, password
    made._filePassed = 0  # closed with it, as it was
    return made


def spooled(kind: Any) -> Any:
    """Return a spooled temporary file; what it holds follows as state."""
    made = kind()
    made._file.close()
    return made
