"""Open files: one that is read is opened again at its position, where the file is still what it was.

A file that is written is a gap: what a second handle would write is nobody's intention. One that is only appended
to is opened again at its end. What lies in memory is saved as it is; a closed file is closed.
"""

import gc
import io
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blake3 import blake3

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import files as rebuild
from runtrack_jupyter.state.rebuild.code import attribute
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS", "mark_of"]

_STREAMS = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")
_NEWLINES = frozenset({"", "\n", "\r", "\r\n"})


def mark_of(path: str | bytes) -> rebuild.Mark:
    """Return what a file must still be to be opened again."""
    found = Path(os.fsdecode(path)).stat()
    digest = ""
    if found.st_size <= rebuild.SMALL:
        digest = blake3(Path(os.fsdecode(path)).read_bytes()).hexdigest()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, digest


def reduce_stream(pickler: "StatePickler", stream: Any) -> Any:
    """Reduce a file or stream of any kind."""
    for name in _STREAMS:
        if stream is getattr(sys, name, None):
            return attribute, (sys, name)
    reduce = _BY_KIND.get(type(stream))
    if reduce is None:
        raise CannotSaveError("an open file")
    return _closed(stream) if stream.closed else reduce(pickler, stream)


def _closed(stream: Any) -> Any:
    raw: Any = stream
    encoding: tuple[Any, ...] = ()
    if isinstance(stream, io.TextIOWrapper):
        raw, encoding = stream.buffer, (stream.encoding, stream.errors)
    raw = getattr(raw, "raw", raw)
    if not isinstance(raw, io.FileIO):
        raise CannotSaveError("a closed stream")
    return rebuild.closed, (type(stream), raw.name, raw.mode, encoding, vars(stream))


def _reduce_raw(pickler: "StatePickler", raw: io.FileIO) -> Any:
    if not isinstance(raw.name, (str, bytes)) or not stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
        raise CannotSaveError("an open pipe or device")
    if raw.mode == "ab":
        pickler.note_rebuilt("a file open for appending, opened again at its end")
        return rebuild.raw, (raw.name, _place_of(raw), raw.mode, None), vars(raw)
    if raw.mode != "rb":
        raise CannotSaveError("a file open for writing")
    place = _place_of(raw)
    position = os.lseek(raw.fileno(), 0, os.SEEK_CUR)
    made_of = (raw.name, place, raw.mode, mark_of(place))
    return rebuild.raw, made_of, (vars(raw), position), None, None, rebuild.set_over


def _place_of(raw: io.FileIO) -> str | bytes:
    """Return the absolute path; raises where that is another file by now, or none."""
    place: str | bytes = os.path.abspath(raw.name)  # noqa: PTH100 - bytes stay bytes
    try:
        same = os.path.samestat(os.stat(place), os.fstat(raw.fileno()))  # noqa: PTH116 - as above
    except OSError:
        same = False
    if not same:
        raise CannotSaveError("an open file that its path does not lead to any more")
    return place


def _reduce_buffered(_pickler: "StatePickler", buffered: Any) -> Any:
    kind = type(buffered)
    position = buffered.tell() if buffered.readable() and buffered.seekable() else None
    if position is None and buffered.readable():
        raise CannotSaveError("an open stream")
    if position is None and not _appends(buffered.raw):
        raise CannotSaveError("a file open for writing")
    return rebuild.over, (kind, buffered.raw), (vars(buffered), position), None, None, rebuild.set_over


def _appends(raw: Any) -> bool:
    return isinstance(raw, io.FileIO) and raw.mode == "ab"


def _reduce_text(_pickler: "StatePickler", text: io.TextIOWrapper) -> Any:
    settings = (text.encoding, text.errors, text.line_buffering, text.write_through)
    own = vars(text)
    newline = _newline_of(text)
    if _appends(getattr(text.buffer, "raw", None)):
        return rebuild.text, (text.buffer, newline, *settings), (own, None), None, None, rebuild.set_over
    if text.buffer.writable() and not isinstance(text.buffer, io.BytesIO):
        raise CannotSaveError("a file open for writing")
    if not text.seekable():
        raise CannotSaveError("an open pipe or device")
    if _holds_unwritten(text):
        raise CannotSaveError("a stream with text that was not flushed")
    try:
        position = text.tell()
    except OSError as error:
        raise CannotSaveError("a file in the middle of a loop over its lines") from error
    return rebuild.text, (text.buffer, newline, *settings), (own, position), None, None, rebuild.set_over


def _newline_of(text: io.TextIOWrapper) -> str | None:
    """Return how a text file treats ends of lines, which only its structure in C tells."""
    inside = gc.get_referents(text)
    texts = [each for each in inside[1:] if type(each) is str and each not in (text.encoding, text.errors)]
    begun = any(type(each) is tuple for each in inside)  # the snapshot by which it knows its position
    if len(texts) == 2 and texts[0] in _NEWLINES:
        return texts[0]
    if len(texts) == 1 and texts[0] in _NEWLINES and not begun:
        return texts[0]
    if len(texts) <= 1:
        return None
    raise CannotSaveError("an open file")


def _holds_unwritten(text: io.TextIOWrapper) -> bool:
    return text.writable() and any(type(each) in (bytes, list) for each in gc.get_referents(text))


def _reduce_memory(_pickler: "StatePickler", memory: Any) -> Any:
    return (rebuild.closed_memory, (type(memory),)) if memory.closed else NotImplemented


def reduce_compressed(_pickler: "StatePickler", file: Any) -> Any:
    """Reduce a file of `gzip`, `bz2` or `lzma` that is read to the file below it."""
    kind = type(file)
    name = vars(file).get("name")  # of gzip; the others have a property
    if file.closed:
        return rebuild.closed_compressed, (kind, name)
    below = file.fileobj if hasattr(file, "fileobj") else getattr(file, "_fp", None)
    if not file.readable() or below is None:
        raise CannotSaveError("a compressed file open for writing")
    return rebuild.compressed, (kind, below, name), file.tell(), None, None, rebuild.set_position


def reduce_archive(_pickler: "StatePickler", archive: Any) -> Any:
    """Reduce a zip archive that is read to the file below it."""
    if archive.fp is None:
        return NotImplemented
    if archive.mode != "r":
        raise CannotSaveError("an archive open for writing")
    if archive._fileRefCnt != 1:
        raise CannotSaveError("an archive one of whose files is open")
    return rebuild.archive, (type(archive), archive.fp, archive.filename, archive.pwd)


def reduce_spooled(_pickler: "StatePickler", file: Any) -> Any:
    """Reduce a spooled temporary file while it lies in memory."""
    if file._rolled:
        raise CannotSaveError("a temporary file")
    return rebuild.spooled, (type(file),), vars(file)


_BY_KIND: dict[type, Any] = {
    io.FileIO: _reduce_raw,
    io.BufferedReader: _reduce_buffered,
    io.BufferedWriter: _reduce_buffered,
    io.BufferedRandom: _reduce_buffered,
    io.TextIOWrapper: _reduce_text,
}

REDUCERS: Reducers = {
    ("_io", "_IOBase"): reduce_stream,
    ("_io", "BytesIO"): _reduce_memory,
    ("_io", "StringIO"): _reduce_memory,
    ("gzip", "GzipFile"): reduce_compressed,
    ("bz2", "BZ2File"): reduce_compressed,
    ("lzma", "LZMAFile"): reduce_compressed,
    ("zipfile", "ZipFile"): reduce_archive,
    ("tempfile", "SpooledTemporaryFile"): reduce_spooled,
}
