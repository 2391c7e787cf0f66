"""Segment files written anew without some of their payload: every frame stays in the chain, with its header as it was.

A frame without its payload says what was there. What of it is still wanted goes into a pack: a segment file of `chunks`
frames that belongs to no session, signed like any other.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ulid import ULID

from runtrack_jupyter.errors import DamagedStoreError
from runtrack_jupyter.model import SessionId
from runtrack_jupyter.store.chunks import unpack
from runtrack_jupyter.store.frames import Chunks, Closed, Frame, Piece, SessionStarted
from runtrack_jupyter.store.layout import segments_folder, sync_folder
from runtrack_jupyter.store.scan import SegmentReader, read_header, segment_name
from runtrack_jupyter.store.wire import (
    CHUNK_LIMIT,
    NO_MAC,
    PREFIX,
    encode_frame,
    header_checksum,
    pack_preamble,
)

__all__ = ["Layout", "PackWriter", "PayloadFrame", "layout_of", "read_piece", "rubbish", "write_hollowed"]

_BLOCK = 1 << 20
_PARTIAL = ".partial"


class PayloadFrame(NamedTuple):
    """A frame that has payload."""

    offset: int
    end: int
    payload_offset: int
    pieces: tuple[Piece, ...]


class Layout(NamedTuple):
    """Where the payload lies in a whole file that this user wrote."""

    path: Path
    size: int
    modified: float
    pack: bool  # it belongs to no session
    frames: list[PayloadFrame]


def layout_of(path: Path, key: bytes) -> Layout | None:
    """Return where a file's payload lies; None when a byte of it is not what this user's key signed."""
    reader = SegmentReader(path, key)
    frames = []
    pack = True
    for found in reader.read():
        if not found.trusted:
            return None
        pack &= not isinstance(found.frame, SessionStarted)
        if isinstance(found.frame, Chunks) and found.end > found.payload_offset:
            frames.append(PayloadFrame(found.offset, found.end, found.payload_offset, found.frame.pieces))
    if reader.damage or reader.torn:
        return None
    status = path.stat()
    return Layout(path, status.st_size, status.st_mtime, pack, frames)


def read_piece(file: BinaryIO, at: int, piece: Piece) -> bytes:
    """Return a piece as it is stored; raises DamagedStoreError when it is not what was written."""
    file.seek(at)
    stored = file.read(piece.length)
    if len(stored) != piece.length:
        raise DamagedStoreError(f"chunk {piece.digest} is cut short")
    unpack(piece, stored)
    return stored


def write_hollowed(
    layout: Layout, hollow: Collection[int], replaced: Mapping[int, tuple[int, bytes]] | None = None
) -> Path:
    """Write a file like this one, but for the payload of the frames at `hollow`, and return where; its name stays free.

    `replaced` maps where other frames begin to where they end, and to what stands there instead.
    """
    changes = dict(replaced or {})
    target = layout.path.with_name(layout.path.name + _PARTIAL)
    with layout.path.open("rb") as source, _created(target) as out:
        for frame in layout.frames:
            if frame.offset in hollow:
                header = read_header(source, frame.offset).header
                length = 4 + len(header)
                prefix = PREFIX.pack(length, header_checksum(length, header), len(header))
                changes[frame.offset] = (frame.end, prefix + header)
        at = 0
        for begin, (end, data) in sorted(changes.items()):
            _copy(source, out, at, begin)
            out.write(data)
            at = end
        _copy(source, out, at, layout.size)
        out.flush()
        os.fsync(out.fileno())
    os.utime(target, (layout.modified, layout.modified))  # its age is that of what was recorded
    return target


def rubbish(store: Path) -> list[Path]:
    """Return the files that a rewriting left which did not come to its end; for whoever holds the store lock."""
    try:
        return [path for path in segments_folder(store).iterdir() if path.suffix == _PARTIAL]
    except OSError:
        return []


class PackWriter:
    """A file of chunks that gets its name when it is whole; nothing is made before the first chunk."""

    def __init__(self, store: Path, key: bytes) -> None:
        self.size = 0
        self._key = key
        self._name = SessionId(str(ULID()))
        self._path = segments_folder(store) / segment_name(self._name, 0)
        self._file: BinaryIO | None = None
        self._seq, self._mac = 0, NO_MAC
        self._pieces: list[tuple[Piece, bytes]] = []
        self._waiting = 0

    @property
    def partial(self) -> Path:
        """Where it is written."""
        return self._path.with_name(self._path.name + _PARTIAL)

    def add(self, piece: Piece, stored: bytes) -> None:
        """Write a chunk, as it is stored elsewhere."""
        if self._waiting + piece.size > CHUNK_LIMIT:
            self._write_pieces()
        self._pieces.append((piece, stored))
        self._waiting += piece.size

    def finish(self) -> bool:
        """Make it whole and durable under its name; return whether there is anything in it."""
        self._write_pieces()
        if self._file is None:
            return False
        self._write(Closed(frames=self._seq), ())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.partial.replace(self._path)
        sync_folder(self._path.parent)
        return True

    def abandon(self) -> None:
        """Leave no trace."""
        if self._file is not None:
            self._file.close()
            self.partial.unlink(missing_ok=True)

    def _write_pieces(self) -> None:
        if self._pieces:
            pieces, stored = zip(*self._pieces, strict=True)
            self._write(Chunks(pieces=pieces), stored)
            self._pieces, self._waiting = [], 0

    def _write(self, frame: Frame, stored: Sequence[bytes]) -> None:
        if self._file is None:
            self._file = _created(self.partial)
            self._file.write(pack_preamble(0, NO_MAC))
        self._seq += 1
        payload = sum(map(len, stored))
        head, self._mac = encode_frame(self._key, self._name, self._seq, self._mac, frame, payload)
        for part in (head, *stored):
            self._file.write(part)
            self.size += len(part)


def _created(path: Path) -> BinaryIO:
    flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    return os.fdopen(os.open(path, flags, 0o600), "r+b")


def _copy(source: BinaryIO, target: BinaryIO, begin: int, end: int) -> None:
    source.seek(begin)
    while begin < end:
        block = source.read(min(_BLOCK, end - begin))
        if not block:
            raise DamagedStoreError(f"{source.name} became shorter while it was read")
        target.write(block)
        begin += len(block)
