"""A zip file that can mean one thing only, read without trusting a byte of it.

Zip readers disagree about files that are ambiguous: entries that overlap, that stand twice, whose two headers differ.
What is read here has one entry after the other, without gaps, then the directory, then the end; all else is refused.
Nothing is ever unpacked to disk, and no more is unpacked than was declared and is allowed.
"""

import re
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from runtrack_jupyter.errors import BundleError

__all__ = ["LARGEST_ARCHIVE", "Archive", "Entry", "check_name"]

LARGEST_ARCHIVE = (1 << 32) - 1  # what the format can say without its extensions, which are refused
MOST_ENTRIES = 4096
LONGEST_NAME = 240  # bytes
DEEPEST_NAME = 32
LARGEST_TEXT = 64 << 20  # bytes of one packed entry, unpacked
LARGEST_TEXTS = 256 << 20  # of all of them

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_UTF8 = 0x800
_STORED, _DEFLATED = 0, 8
_UNIX = 3
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


class Entry(NamedTuple):
    """One file in the archive; `at` is where its bytes begin."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    at: int


class Archive:
    """An open archive, checked as a whole; for one thread.

    Raises
    ------
    BundleError
        It is no archive of this narrow kind; the message says what is wrong.
    """

    def __init__(self, path: Path) -> None:
        self._file = _opened(path)
        try:
            self.entries = {entry.name: entry for entry in _entries(self._file)}
        except BaseException:  # an interrupt too: nobody else can close it
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, name: str) -> bytes:
        """Return one file, unpacked; raises BundleError when it is not there, or not as declared."""
        entry = self.entries.get(name)
        if entry is None:
            raise BundleError(f"{name} is missing")
        if entry.size > LARGEST_TEXT:
            raise BundleError(f"{name} is {entry.size:,} bytes; at most {LARGEST_TEXT:,} are read")
        data = self._unpacked(entry)
        if len(data) != entry.size or zlib.crc32(data) != entry.crc:
            raise BundleError(f"{name} is not what was packed")
        return data

    def read_at(self, name: str, at: int, size: int) -> bytes:
        """Return some bytes of a file that is stored as it is; raises as `read` does."""
        entry = self.entries.get(name)
        if entry is None or entry.method != _STORED or not 0 <= at <= at + size <= entry.size:
            raise BundleError(f"{name} has no {size} bytes at {at}")
        return self._bytes(entry.at + at, size)

    def _unpacked(self, entry: Entry) -> bytes:
        packed = self._bytes(entry.at, entry.packed)
        if entry.method == _STORED:
            return packed
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            # One byte more than declared, never the rest: a bomb is known by that byte.
            data = unpacker.decompress(packed, entry.size + 1)
        except zlib.error as error:
            raise BundleError(f"{entry.name} cannot be unpacked: {error}") from error
        if len(data) > entry.size or not unpacker.eof or unpacker.unused_data:
            raise BundleError(f"{entry.name} has another size than it declares")
        return data

    def _bytes(self, at: int, size: int) -> bytes:
        return _read(self._file, at, size)


def check_name(name: str) -> None:
    """Refuse names that could lead anywhere but below one folder, on any system.

    Raises
    ------
    BundleError
        It is such a name.
    """
    parts = name.split("/")
    if len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME or len(parts) > DEEPEST_NAME:
        raise BundleError(f"the name {name[:60]!r}… is too long")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in name):
        raise BundleError(f"the name {name!r} holds invisible characters")
    if any(character in '\\:*?"<>|' for character in name):
        raise BundleError(f"the name {name!r} means something else on other systems")
    for part in parts:
        if part in {"", ".", ".."} or part != part.strip() or part.endswith("."):
            raise BundleError(f"the name {name!r} leads out of its folder")
        if part.lower() == ".git" or _RESERVED.fullmatch(part):
            raise BundleError(f"the name {name!r} is reserved")


def _opened(path: Path) -> BinaryIO:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # not a pipe, on which one would wait
            raise BundleError("it is no ordinary file")
        return path.open("rb")
    except OSError as error:
        raise BundleError(f"it cannot be read: {error.strerror}") from error


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    try:
        file.seek(at)
        data = file.read(size)
    except OSError as error:
        raise BundleError(f"it cannot be read: {error.strerror}") from error
    if len(data) != size:
        raise BundleError("it ends too early")
    return data


def _entries(file: BinaryIO) -> Iterator[Entry]:
    """Yield the entries, once the whole of the file is accounted for."""
    count, directory, at = _directory(file)
    found: list[Entry] = []
    seen: set[str] = set()
    position = begin = total = 0
    for _ in range(count):
        entry, offset, position = _entry(directory, position)
        if offset != begin:
            raise BundleError(
                f"{entry.name} does not lie where it should: entries overlap, or hide something"
            )
        begin = _checked_local(file, entry, offset)
        entry = entry._replace(at=begin - entry.packed)
        folded = unicodedata.normalize("NFKC", entry.name).casefold()
        if folded in seen:
            raise BundleError(f"{entry.name} is there twice")
        seen.add(folded)
        total += entry.size if entry.method == _DEFLATED else 0
        found.append(entry)
    if position != len(directory) or begin != at:
        raise BundleError("there is something between its parts")
    if total > LARGEST_TEXTS:
        raise BundleError(f"it would unpack to {total:,} bytes; at most {LARGEST_TEXTS:,} are read")
    _check_folders(seen)
    yield from found


def _directory(file: BinaryIO) -> tuple[int, bytes, int]:
    size = file.seek(0, 2)
    if size < _END.size:
        raise BundleError("it is too short to be a bundle")
    if size > LARGEST_ARCHIVE:
        raise BundleError(f"it is {size:,} bytes; at most {LARGEST_ARCHIVE:,} are read")
    mark, disk, first, here, count, length, at, comment = _END.unpack(
        _read(file, size - _END.size, _END.size)
    )
    if mark != b"PK\5\6" or disk or first or here != count or comment:
        raise BundleError("it is no bundle, or not the whole of one")
    if count > MOST_ENTRIES or length > MOST_ENTRIES * (_CENTRAL.size + LONGEST_NAME):
        raise BundleError(f"it has {count:,} entries; at most {MOST_ENTRIES:,} are read")
    if at + length + _END.size != size:
        raise BundleError("there is something between its parts")
    return count, _read(file, at, length), at


def _entry(directory: bytes, position: int) -> tuple[Entry, int, int]:
    """Return the entry at a position of the directory, where its header lies, and where the next one begins."""
    if position + _CENTRAL.size > len(directory):
        raise BundleError("its directory ends too early")
    fields = _CENTRAL.unpack_from(directory, position)
    mark, made, _needs, flags, method, _time, _date, crc, packed, size = fields[:10]
    length, extra, comment, disk, _internal, attributes, offset = fields[10:]
    if mark != b"PK\1\2":
        raise BundleError("its directory is damaged")
    if not 0 < length <= LONGEST_NAME:
        raise BundleError("a name in it is too long")
    raw = directory[position + _CENTRAL.size : position + _CENTRAL.size + length]
    name = _decoded(raw, flags)
    check_name(name)
    kind = stat.S_IFMT(attributes >> 16) if made >> 8 == _UNIX else 0
    if kind not in {0, stat.S_IFREG}:
        raise BundleError(f"{name} is a link or a device, not a file")
    if flags & ~_UTF8 or extra or comment or disk:
        raise BundleError(f"{name} is packed in a way that bundles do not use")
    if method not in {_STORED, _DEFLATED} or (method == _STORED and packed != size):
        raise BundleError(f"{name} is packed in a way that bundles do not use")
    if method == _DEFLATED and size > LARGEST_TEXT:
        raise BundleError(f"{name} would unpack to {size:,} bytes; at most {LARGEST_TEXT:,} are read")
    return Entry(name, method, crc, packed, size, 0), offset, position + _CENTRAL.size + length


def _decoded(raw: bytes, flags: int) -> str:
    try:
        return raw.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError as error:
        raise BundleError("a name in it is no text") from error


def _checked_local(file: BinaryIO, entry: Entry, offset: int) -> int:
    """Hold the header before an entry's bytes to what the directory says; return where the entry ends."""
    fields = _LOCAL.unpack(_read(file, offset, _LOCAL.size))
    mark, _needs, flags, method, _time, _date, crc, packed, size, length, extra = fields
    name = _read(file, offset + _LOCAL.size, length)
    same = (method, crc, packed, size) == (entry.method, entry.crc, entry.packed, entry.size)
    if mark != b"PK\3\4" or not same or extra or flags & ~_UTF8 or _decoded(name, flags) != entry.name:
        raise BundleError(f"{entry.name} says two things of itself")
    end: int = offset + _LOCAL.size + length + entry.packed
    return end


def _check_folders(names: set[str]) -> None:
    for name in names:
        parts = name.split("/")
        for depth in range(1, len(parts)):
            if "/".join(parts[:depth]) in names:
                raise BundleError(f"{'/'.join(parts[:depth])} is both a file and a folder")
