"""One frame as bytes: length, checksum, header and payload, as `docs/format.md` lays them down.

::

    length u32 │ checksum u64 │ header length u32 │ header (JSON) │ payload
               └ xxh3-64 of length, header length and header

Integers are little-endian; `length` counts what follows the checksum. The checksum spares the payload, so that
readers can jump over it: a payload is checked by its own digest.
"""

import functools
import struct
from typing import Any, NamedTuple

import msgspec
from blake3 import blake3
from xxhash import xxh3_64_intdigest

from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.model import FORMAT_VERSION
from runtrack_jupyter.store.frames import Frame, Purged

__all__ = [
    "CHUNK_LIMIT",
    "FRAME_LIMIT",
    "MAGIC",
    "NO_MAC",
    "PREAMBLE",
    "PREFIX",
    "Envelope",
    "Preamble",
    "decode_header",
    "encode_frame",
    "encode_record",
    "frame_mac",
    "header_checksum",
    "is_signed",
    "pack_header",
    "pack_preamble",
    "raw_frame",
    "sign_tombstone",
    "unpack_preamble",
]

MAGIC = b"\x89RTSEG\r\n"
PREAMBLE = struct.Struct("<8sII32s")  # magic, format version, number of this file, MAC of the frame before it
PREFIX = struct.Struct("<IQI")  # length, checksum, header length
CHUNK_LIMIT = 1 << 20  # bytes of one piece of payload, and of what a frame carries
FRAME_LIMIT = 1 << 28  # nothing we write comes near: a larger length is damage
NO_MAC = bytes(32)  # before a session's first frame

_LENGTHS = struct.Struct("<II")
_SEQUENCE = struct.Struct("<Q")
_FRAME_KEY = b',"frame":'


class Preamble(NamedTuple):
    """The first bytes of a segment file."""

    version: int
    number: int
    previous: bytes


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """A frame's header: its place in the session's chain, and the frame itself. The order of fields is the format."""

    seq: int
    mac: str
    frame: Frame


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Envelope)


def pack_preamble(number: int, previous: bytes) -> bytes:
    """Return the first bytes of a session's segment file `number`."""
    return PREAMBLE.pack(MAGIC, FORMAT_VERSION, number, previous)


def unpack_preamble(data: bytes) -> Preamble:
    """Return what the first bytes of a segment say."""
    _magic, version, number, previous = PREAMBLE.unpack_from(data)
    return Preamble(version, number, previous)


@functools.lru_cache(maxsize=8)
def _mac_key(key: bytes) -> bytes:
    return blake3(key, derive_key_context="runtrack 2026 segment frame mac").digest()


def frame_mac(key: bytes, session_id: str, seq: int, previous: bytes, frame: bytes) -> bytes:
    """Return the MAC of one frame; it says nothing of where the frame lies."""
    name = session_id.encode()
    message = b"".join((_SEQUENCE.pack(len(name)), name, _SEQUENCE.pack(seq), previous, frame))
    return blake3(message, key=_mac_key(key)).digest()


def is_signed(key: bytes, session_id: str, previous: bytes, envelope: Envelope, header: bytes) -> bool:
    """Return whether this user's key made a frame that was read back, or the tombstone in its place."""
    # No secret is compared: whoever reads the file may time as they like.
    if isinstance(envelope.frame, Purged):
        return (
            _signature(key, session_id, envelope.seq, envelope.mac, envelope.frame)
            == envelope.frame.signature
        )
    return frame_mac(key, session_id, envelope.seq, previous, raw_frame(header)).hex() == envelope.mac


def sign_tombstone(key: bytes, session_id: str, seq: int, mac: str, frame: Purged) -> Purged:
    """Return the tombstone of the frame with this number and MAC, signed."""
    return msgspec.structs.replace(frame, signature=_signature(key, session_id, seq, mac, frame))


def _signature(key: bytes, session_id: str, seq: int, mac: str, frame: Purged) -> str:
    unsigned = msgspec.structs.replace(frame, signature="")
    own = blake3(key, derive_key_context="runtrack 2026 tombstone").digest()
    message = f"{session_id}\n{seq}\n{mac}\n".encode() + encode_record(unsigned)
    return blake3(message, key=own).hexdigest()


def raw_frame(header: bytes) -> bytes:
    """Return the JSON of the frame in a header, as it stands there."""
    return header[header.index(_FRAME_KEY) + len(_FRAME_KEY) : -1]


def pack_header(seq: int, mac: str, frame: Frame) -> bytes:
    """Return a frame without payload that bears a MAC it is given."""
    header = b'{"seq":%d,"mac":"%s"%s%s}' % (seq, mac.encode(), _FRAME_KEY, encode_record(frame))
    length = 4 + len(header)
    return PREFIX.pack(length, header_checksum(length, header), len(header)) + header


def header_checksum(length: int, header: bytes) -> int:
    """Return the checksum of a frame with this length and header."""
    return xxh3_64_intdigest(_LENGTHS.pack(length, len(header)) + header)


def encode_frame(
    key: bytes, session_id: str, seq: int, previous: bytes, frame: Frame, payload: int = 0
) -> tuple[bytes, bytes]:
    """Return the bytes of a frame up to its `payload`, of so many bytes, and its MAC.

    Raises
    ------
    UsageError
        The frame is larger than a frame can be.
    """
    raw = encode_record(frame)
    mac = frame_mac(key, session_id, seq, previous, raw)
    header = b'{"seq":%d,"mac":"%s"%s%s}' % (seq, mac.hex().encode(), _FRAME_KEY, raw)
    length = 4 + len(header) + payload
    if length > FRAME_LIMIT:
        raise UsageError(f"a record of {length} bytes is more than a frame holds ({FRAME_LIMIT})")
    prefix = PREFIX.pack(length, header_checksum(length, header), len(header))
    return prefix + header, mac


decode_header = _decoder.decode
"""Return what a frame's header says; raises msgspec.DecodeError for a kind that this version does not know."""


def encode_record(frame: msgspec.Struct) -> bytes:
    """Return the JSON of a record, as frames hold it."""
    try:
        return _encoder.encode(frame)
    except UnicodeEncodeError:
        # Half a surrogate pair, which Python text may hold and UTF-8 may not: the rest must not be lost with it.
        return _encoder.encode(_without_surrogates(msgspec.to_builtins(frame)))


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_surrogates(each) for each in value]
    return value
