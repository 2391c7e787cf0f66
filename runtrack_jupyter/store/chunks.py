"""Payload bytes as they lie on disk: zstd where it pays, raw where not."""

import threading
from collections.abc import Iterable
from typing import NamedTuple

import zstandard
from blake3 import blake3

from runtrack_jupyter.errors import DamagedStoreError, UsageError
from runtrack_jupyter.model import Digest
from runtrack_jupyter.store.frames import Chunks, Piece
from runtrack_jupyter.store.wire import CHUNK_LIMIT

__all__ = ["Packed", "Packer", "chunk_digest", "unpack"]

_LEVEL = 1
_SMALLEST = 512  # below this a header costs more than compression saves
_SAMPLE = 4 << 10
_WORTH = 0.9  # compressed must be below this share of the original
_SURE = 4  # pieces of noise in a row, after which only every fourth is tried; after four times as many, every 16th

_of_thread = threading.local()  # a compressor or decompressor may serve one thread at a time

Data = bytes | memoryview


def chunk_digest(data: Data) -> Digest:
    """Return the name of a piece of payload."""
    return Digest(blake3(data).hexdigest())


class Packed(NamedTuple):
    """A frame of payload ready to be written: its header, and the bytes that follow it."""

    frame: Chunks
    parts: list[Data]

    @property
    def size(self) -> int:
        """Bytes on disk, without the header."""
        return sum(map(len, self.parts))


class Packer:
    """Compresses what pays; for one thread.

    Large values are arrays of noise more often than not. A look at a few bytes of a piece spares the attempt, and a
    row of such pieces spares most of the looks.
    """

    def __init__(self) -> None:
        self._noise = 0
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)

    def pack(self, pieces: Iterable[tuple[Digest, Data]]) -> Packed:
        """Return pieces as one frame; together they are at most 1 MiB.

        Raises
        ------
        UsageError
            They are more.
        """
        headers: list[Piece] = []
        parts: list[Data] = []
        total = 0
        for digest, data in pieces:
            size = len(data)
            total += size
            packed = self._compressed(data, size)
            headers.append(Piece(digest, size, len(packed) if packed else 0))
            parts.append(packed or data)
        if total > CHUNK_LIMIT:
            raise UsageError(f"a frame carries at most {CHUNK_LIMIT} bytes of payload, not {total}")
        return Packed(Chunks(pieces=tuple(headers)), parts)

    def _compressed(self, data: Data, size: int) -> bytes | None:
        if size < _SMALLEST:
            return None
        if size > 4 * _SAMPLE:
            if self._skips():
                self._noise += 1
                return None
            middle = size // 2
            if len(self._compressor.compress(data[middle : middle + _SAMPLE])) > _WORTH * _SAMPLE:
                self._noise += 1
                return None
        self._noise = 0
        packed = self._compressor.compress(data)
        return packed if len(packed) < _WORTH * size else None

    def _skips(self) -> bool:
        if self._noise <= _SURE:
            return False
        return self._noise % (_SURE if self._noise <= _SURE * _SURE else _SURE * _SURE) != 0


def unpack(piece: Piece, stored: Data) -> Data:
    """Return the bytes that `piece` names.

    Raises
    ------
    DamagedStoreError
        What is stored is not what was written.
    """
    if not 0 <= piece.size <= CHUNK_LIMIT:
        raise DamagedStoreError(f"chunk {piece.digest} claims {piece.size} bytes")
    data = stored
    if piece.stored:
        try:
            # The size is bounded before a byte is unpacked: a frame may claim anything.
            if zstandard.frame_content_size(stored) != piece.size:
                raise DamagedStoreError(f"chunk {piece.digest} has another size than written")
            data = _decompressor().decompress(stored, max_output_size=piece.size)
        except zstandard.ZstdError as error:
            raise DamagedStoreError(f"chunk {piece.digest} cannot be unpacked: {error}") from error
    if len(data) != piece.size or chunk_digest(data) != piece.digest:
        raise DamagedStoreError(f"chunk {piece.digest} is not what was written")
    return data


def _decompressor() -> zstandard.ZstdDecompressor:
    found: zstandard.ZstdDecompressor | None = getattr(_of_thread, "decompressor", None)
    if found is None:
        found = _of_thread.decompressor = zstandard.ZstdDecompressor()
    return found
