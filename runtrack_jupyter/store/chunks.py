"""Payload bytes as they lie on disk: zstd where it pays, raw where not."""

import threading
from typing import Literal

import zstandard
from blake3 import blake3

from runtrack_jupyter.errors import DamagedStoreError
from runtrack_jupyter.model import Digest
from runtrack_jupyter.store.frames import Chunk
from runtrack_jupyter.store.wire import CHUNK_LIMIT

__all__ = ["chunk_digest", "decode_chunk", "encode_chunk"]

_LEVEL = 1
_SMALLEST = 512  # below this a header costs more than compression saves
_SAMPLE = 16 << 10
_WORTH = 0.9  # compressed must be below this share of the original

_of_thread = threading.local()  # a compressor may serve one thread at a time


def chunk_digest(data: bytes | memoryview) -> Digest:
    """Return the name of a piece of payload."""
    return Digest(blake3(data).hexdigest())


def encode_chunk(data: bytes | memoryview) -> tuple[Literal["raw", "zstd"], bytes | memoryview]:
    """Return how to store `data`, and the bytes to store."""
    data = memoryview(data).cast("B")
    if len(data) < _SMALLEST:
        return "raw", data
    compressor = _compressor()
    if len(data) > 4 * _SAMPLE:
        # A look at the middle spares arrays of noise, the most common large value, the whole attempt.
        middle = len(data) // 2
        sample = data[middle : middle + _SAMPLE]
        if len(compressor.compress(sample)) > _WORTH * len(sample):
            return "raw", data
    packed = compressor.compress(data)
    return ("zstd", packed) if len(packed) < _WORTH * len(data) else ("raw", data)


def _compressor() -> zstandard.ZstdCompressor:
    found: zstandard.ZstdCompressor | None = getattr(_of_thread, "compressor", None)
    if found is None:
        found = _of_thread.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    return found


def decode_chunk(chunk: Chunk, stored: bytes) -> bytes:
    """Return the bytes that `chunk` names.

    Raises
    ------
    DamagedStoreError
        What is stored is not what was written.
    """
    if not 0 <= chunk.size <= CHUNK_LIMIT:
        raise DamagedStoreError(f"chunk {chunk.digest} claims {chunk.size} bytes")
    data = stored
    if chunk.encoding == "zstd":
        try:
            # The size is bounded before a byte is unpacked: a frame may claim anything.
            if zstandard.frame_content_size(stored) != chunk.size:
                raise DamagedStoreError(f"chunk {chunk.digest} has another size than written")
            data = zstandard.ZstdDecompressor().decompress(stored, max_output_size=chunk.size)
        except zstandard.ZstdError as error:
            raise DamagedStoreError(f"chunk {chunk.digest} cannot be unpacked: {error}") from error
    if len(data) != chunk.size or chunk_digest(data) != chunk.digest:
        raise DamagedStoreError(f"chunk {chunk.digest} is not what was written")
    return data
