"""The plainest way to keep variables and have them back: what a restore in a fresh kernel is measured against.

One file: the variables as one pickle (protocol 5, buffers apart), cut into pieces of 1 MiB, each compressed with zstd
level 1 where that saves a tenth. Reading it back is read, decompress, unpickle, on one thread, with nothing checked.
"""

import json
import pickle
import struct
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

__all__ = ["load", "save"]

_PIECE = 1 << 20


def save(file: str) -> int:
    """Write the user's variables; return the bytes written."""
    import cloudpickle

    shell = sys.modules["IPython"].get_ipython()
    values = {
        name: value
        for name, value in shell.user_ns.items()
        if name not in shell.user_ns_hidden and not name.startswith("_") and not isinstance(value, ModuleType)
    }
    buffers: list[pickle.PickleBuffer] = []
    stream = cloudpickle.dumps(values, protocol=5, buffer_callback=buffers.append)
    with Path(file).open("wb") as target:
        for data in (memoryview(stream), *(buffer.raw() for buffer in buffers)):
            _write(target, data)
    return Path(file).stat().st_size


def load(file: str) -> int:
    """Read them again into the namespace; return how many there are."""
    with Path(file).open("rb") as source:
        stream, *buffers = iter(lambda: _read(source), None)
    values: dict[str, Any] = pickle.loads(stream, buffers=buffers)
    sys.modules["IPython"].get_ipython().user_ns.update(values)
    return len(values)


def _write(target: BinaryIO, data: memoryview) -> None:
    import zstandard

    compress = zstandard.ZstdCompressor(level=1).compress
    pieces: list[bytes | memoryview] = []
    for place in range(0, len(data), _PIECE):
        piece = data[place : place + _PIECE]
        packed = compress(piece)
        pieces.append(packed if len(packed) < 0.9 * len(piece) else piece)
    head = json.dumps({"size": len(data), "pieces": [len(piece) for piece in pieces]}).encode()
    target.write(struct.pack("<I", len(head)) + head)
    target.writelines(pieces)


def _read(source: BinaryIO) -> bytearray | None:
    import zstandard

    length = source.read(4)
    if not length:
        return None
    head = json.loads(source.read(struct.unpack("<I", length)[0]))
    data = bytearray(head["size"])
    into = memoryview(data)
    decompress = zstandard.ZstdDecompressor().decompress
    for number, size in enumerate(head["pieces"]):
        target = into[number * _PIECE : (number + 1) * _PIECE]
        if size == len(target):
            source.readinto(target)  # type: ignore[attr-defined]  # a buffered file has it, BinaryIO says not so
        else:
            target[:] = decompress(source.read(size))
    return data
