"""Reading segments: frame by frame from where one stopped last, also while somebody appends.

Damage is reported and stepped over; a torn tail is what a writer has not finished, and is left for the next look.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from runtrack_jupyter.errors import DamagedStoreError, StoreUnavailableError, UnsupportedFormatError
from runtrack_jupyter.model import FORMAT_VERSION, SessionId
from runtrack_jupyter.store.frames import Chunks, Frame
from runtrack_jupyter.store.layout import segments_folder
from runtrack_jupyter.store.wire import (
    FRAME_LIMIT,
    MAGIC,
    NO_MAC,
    PREAMBLE,
    PREFIX,
    Envelope,
    decode_header,
    header_checksum,
    is_signed,
    unpack_preamble,
)

__all__ = [
    "Damage",
    "HeaderRead",
    "Scanned",
    "SegmentReader",
    "read_header",
    "scan",
    "segment_files",
    "segment_name",
]

_NAME = re.compile(r"(?P<session>[0-9A-Za-z_-]+)-(?P<number>[0-9]{4,})\.rtseg")
_HEADER_START = b'{"seq":'
_CUT_SHORT = "cut short"
_UNFINISHED = "without all its payload yet"
_SMALL, _LARGE = 1 << 12, 1 << 18
_USUAL = 512  # bytes that hold most frames' prefix and header
_HEAD = 2048  # likewise, of frames of payload


class Scanned(NamedTuple):
    """One frame as found on disk."""

    offset: int
    end: int
    seq: int
    mac: bytes
    previous: bytes  # the MAC of the frame before, which this one's MAC covers
    frame: Frame | None  # None: of a kind that this version does not know
    payload_offset: int
    trusted: bool  # made with the key that was given; False without one

    @property
    def hollow(self) -> bool:
        """Whether its payload is not here any more: moved, or taken out."""
        if self.end > self.payload_offset or not isinstance(self.frame, Chunks):
            return False
        return any(piece.length for piece in self.frame.pieces)


class Damage(NamedTuple):
    """Bytes between two frames that are not what was written."""

    offset: int
    end: int
    reason: str


def segment_name(session_id: SessionId, number: int) -> str:
    """Return the file name of a session's segment `number`."""
    return f"{session_id}-{number:04d}.rtseg"


def segment_files(store: Path) -> dict[SessionId, list[Path]]:
    """Return the segment files of each session, in the order they were written.

    Raises
    ------
    StoreUnavailableError
        The folder is there but cannot be read.
    """
    found: dict[SessionId, list[tuple[int, Path]]] = {}
    try:
        paths = sorted(segments_folder(store).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise StoreUnavailableError(f"{segments_folder(store)} cannot be read: {error.strerror}") from error
    for path in paths:
        if match := _NAME.fullmatch(path.name):
            session_id = SessionId(match["session"])
            found.setdefault(session_id, []).append((int(match["number"]), path))
    return {session_id: [path for _, path in sorted(files)] for session_id, files in found.items()}


class _Window:
    """A file as a sliding window: small reads after a jump, large ones in a row."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._ahead = _SMALL
        self.start = 0
        self.data = b""

    def get(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes: fewer at the end of the file."""
        at = offset - self.start
        if at < 0 or at + size > len(self.data):
            in_a_row = 0 <= at <= len(self.data)
            self._ahead = min(self._ahead * 2, _LARGE) if in_a_row else _SMALL
            self._file.seek(offset)
            self.data = self._file.read(max(size, self._ahead))
            self.start, at = offset, 0
        return self.data[at : at + size]


class SegmentReader:
    """One segment file, read on from `position` at every call of `read`."""

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        match = _NAME.fullmatch(path.name)
        self.path = path
        self.session_id = SessionId(match["session"] if match else path.stem)
        self.position = 0  # everything before it was read
        self.number = 0
        self.seq = 0
        self.mac = NO_MAC  # of the last frame read
        self.previous = NO_MAC  # what the preamble says came before this file
        self.torn = 0  # bytes after `position` that make no whole frame yet
        self.cut_short = False  # they are the beginning of a frame, as far as can be told
        self.damage: list[Damage] = []
        self._key = key
        self._file = 0  # what tells the file from one that took its place

    def was_replaced(self) -> bool:
        """Return whether another file bears the name now, or it lacks bytes that were read."""
        try:
            found = self.path.stat()
        except OSError:
            return self.position > 0
        return found.st_size < self.position or self._file not in {0, found.st_ino}

    def read(self) -> Iterator[Scanned]:
        """Yield the frames that came since the last call.

        Raises
        ------
        StoreUnavailableError
            The file cannot be read.
        UnsupportedFormatError
            It was written by a newer Runtrack.
        DamagedStoreError
            It is no segment.
        """
        try:
            with self.path.open("rb", buffering=0) as file:
                found = os.fstat(file.fileno()).st_ino
                if self._file not in {0, found}:
                    return  # places in the one mean nothing in the other: `was_replaced` says so
                self._file = found
                size = file.seek(0, 2)
                if size > self.position:
                    yield from self._frames(_Window(file), size)
                elif size == self.position:
                    self.torn = 0
                else:
                    raise DamagedStoreError(f"{self.path} is shorter than it was")
        except OSError as error:
            raise StoreUnavailableError(f"{self.path} cannot be read: {error.strerror}") from error

    def _frames(self, window: _Window, size: int) -> Iterator[Scanned]:
        if self.position == 0 and not self._read_preamble(window, size):
            return
        while self.position < size:
            found = self._frame_at(window, self.position, size)
            if isinstance(found, str):
                # What follows the header of an unfinished frame is payload, whatever it looks like.
                after = self._next_frame(window, self.position + 1, size) if found != _UNFINISHED else None
                self.torn = size - self.position
                self.cut_short = found in {_CUT_SHORT, _UNFINISHED}
                if after is None:
                    return  # the tail: perhaps just being written
                self.damage.append(Damage(self.position, after.offset, found))
                found = after
            self.torn = 0
            self.position, self.seq, self.mac = found.end, found.seq, found.mac
            yield found

    def _read_preamble(self, window: _Window, size: int) -> bool:
        if not MAGIC.startswith(window.get(0, len(MAGIC))):
            raise DamagedStoreError(f"{self.path} is no segment")
        if size < PREAMBLE.size:
            self.torn, self.cut_short = size, True
            return False
        preamble = unpack_preamble(window.get(0, PREAMBLE.size))
        if preamble.version > FORMAT_VERSION:
            raise UnsupportedFormatError(f"{self.path} has format {preamble.version}")
        self.number = preamble.number
        self.previous = self.mac = preamble.previous
        self.position = PREAMBLE.size
        return True

    def _frame_at(self, window: _Window, offset: int, size: int) -> Scanned | str:
        """Return the frame at `offset`, or why there is none."""
        at = offset - window.start
        if not 0 <= at <= len(window.data) - _USUAL:  # else its prefix lies in the window: no copy of it
            if len(window.get(offset, _USUAL)) < PREFIX.size:
                return _CUT_SHORT
            at = offset - window.start
        length, checksum, header_size = PREFIX.unpack_from(window.data, at)
        end = offset + PREFIX.size - 4 + length
        if length > FRAME_LIMIT or header_size > length - 4:
            return "impossible length"
        header = window.get(offset + PREFIX.size, header_size) if offset + header_size < size else b""
        if len(header) < header_size or header_checksum(length, header) != checksum:
            return _CUT_SHORT if end > size else "wrong checksum"
        return self._decoded(offset, end, header) if end <= size else _UNFINISHED

    def _decoded(self, offset: int, end: int, header: bytes) -> Scanned | str:
        previous = self.mac
        try:
            envelope = decode_header(header)
            mac = bytes.fromhex(envelope.mac)
        except (msgspec.DecodeError, ValueError):
            return self._unknown(offset, end, header)
        key = self._key
        trusted = key is not None and is_signed(key, self.session_id, previous, envelope, header)
        payload_offset = offset + PREFIX.size + len(header)
        return Scanned(offset, end, envelope.seq, mac, previous, envelope.frame, payload_offset, trusted)

    def _unknown(self, offset: int, end: int, header: bytes) -> Scanned | str:
        """Step over a frame of a kind that came later; the chain goes through it."""
        try:
            chain = msgspec.json.decode(header, type=_Chain)
            mac = bytes.fromhex(chain.mac)
        except (msgspec.DecodeError, ValueError):
            return "no header"
        self.damage.append(Damage(offset, end, "of a kind this version does not know"))
        return Scanned(offset, end, chain.seq, mac, self.mac, None, end, trusted=False)

    def _next_frame(self, window: _Window, offset: int, size: int) -> Scanned | None:
        """Return the next whole frame after damage: one later in the chain than the last good one."""
        back = PREFIX.size
        while offset < size:
            block = window.get(offset, _LARGE)
            at = block.find(_HEADER_START)
            while at >= 0:
                start = offset + at - back
                if start > self.position:
                    found = self._frame_at(window, start, size)
                    if not isinstance(found, str) and found.seq > self.seq:
                        return found
                at = block.find(_HEADER_START, at + 1)
            offset += max(1, len(block) - len(_HEADER_START))
            if len(block) < _LARGE:
                break
        return None


class _Chain(msgspec.Struct, frozen=True):
    seq: int
    mac: str


def scan(path: Path, key: bytes | None = None) -> Iterator[Scanned]:
    """Yield every whole frame of a segment file; damage is stepped over, a torn tail ignored."""
    return SegmentReader(path, key).read()


class HeaderRead(NamedTuple):
    """The header of a frame read again at a known place."""

    envelope: Envelope
    header: bytes
    payload_offset: int
    payload_size: int


def read_header(file: BinaryIO, offset: int) -> HeaderRead:
    """Return the header of the frame at a known `offset`.

    Raises
    ------
    DamagedStoreError
        The frame is not what was written there.
    """
    file.seek(offset)
    head = file.read(_HEAD)
    if len(head) >= PREFIX.size:
        length, checksum, header_size = PREFIX.unpack_from(head)
        if header_size + 4 <= length <= FRAME_LIMIT:
            header = head[PREFIX.size : PREFIX.size + header_size]
            if len(header) < header_size:
                header += file.read(header_size - len(header))
            if header_checksum(length, header) == checksum:
                at = offset + PREFIX.size + header_size
                return HeaderRead(_whole(header), header, at, length - 4 - header_size)
    raise DamagedStoreError(f"the frame at {offset} is not what was written there")


def _whole(header: bytes) -> Envelope:
    try:
        return decode_header(header)
    except msgspec.DecodeError as error:
        raise DamagedStoreError("a frame is of a kind this version does not know") from error
