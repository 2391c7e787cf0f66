"""Small logs of JSON lines: appended to, never changed, and read on from where one stopped."""

import os
from collections.abc import Iterator
from pathlib import Path

from runtrack_jupyter.errors import StoreUnavailableError

__all__ = ["LineReader", "append_line"]


def append_line(path: Path, line: bytes) -> None:
    """Append one line and return when it is durable; the file is made if need be, for its owner only.

    Raises
    ------
    StoreUnavailableError
        It could not be written; what reached the disk of it is no whole line and is skipped by readers.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            data = line + b"\n"
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":  # a write that was cut short: our line must not be lost with it
                    data = b"\n" + data
            written = 0
            while written < len(data):
                written += file.write(data[written:]) or 0
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be written: {error.strerror}") from error


class LineReader:
    """The whole lines of one file, each read once; a file that is not there yet has none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0

    def read(self) -> Iterator[bytes]:
        """Yield the lines that came since the last call.

        Raises
        ------
        StoreUnavailableError
            The file is there and cannot be read.
        """
        try:
            if self.path.stat().st_size == self._position:
                return
            with self.path.open("rb") as file:
                file.seek(self._position)
                data = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise StoreUnavailableError(f"{self.path} cannot be read: {error.strerror}") from error
        end = data.rfind(b"\n") + 1  # the rest is perhaps just being written
        self._position += end
        yield from filter(None, data[:end].split(b"\n"))
