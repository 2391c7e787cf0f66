"""Frames added to the segment of a session whose kernel is gone: what it would have written at its end."""

import os
from collections.abc import Sequence
from pathlib import Path

from runtrack_jupyter.errors import StoreUnavailableError, UntrustedError
from runtrack_jupyter.model import SessionId
from runtrack_jupyter.store.frames import Closed, Frame
from runtrack_jupyter.store.leases import is_held
from runtrack_jupyter.store.lock import store_lock
from runtrack_jupyter.store.scan import SegmentReader, segment_files
from runtrack_jupyter.store.wire import encode_frame

__all__ = ["append_last_words"]


def append_last_words(store: Path, session_id: SessionId, key: bytes, frames: Sequence[Frame]) -> bool:
    """Add frames and the closing one to a dead session's record; False when there is nothing to add to.

    That is: its kernel lives after all, it was closed in order, or somebody else was quicker. The store lock makes
    us the one writer, and a torn tail must have been cut off before (`recovery.recover`).

    Raises
    ------
    UntrustedError
        The record was not made with this user's key: nobody else may speak for it.
    StoreUnavailableError
        The segment cannot be read or written; it is as it was.
    """
    with store_lock(store):
        files = segment_files(store).get(session_id, [])
        if not files or is_held(store, session_id):
            return False
        reader = SegmentReader(files[-1], key)
        count, closed, trusted = 0, False, True
        for found in reader.read():
            count += 1
            closed = isinstance(found.frame, Closed)
            trusted = trusted and found.trusted
        if closed or reader.torn or not count:
            return False
        if not trusted:
            raise UntrustedError(f"{files[-1]} was not written with this user's key, or was changed")
        _append(reader, key, (*frames, Closed(frames=count + len(frames))))
    return True


def _append(reader: SegmentReader, key: bytes, frames: Sequence[Frame]) -> None:
    data, seq, mac = b"", reader.seq, reader.mac
    for frame in frames:
        seq += 1
        encoded, mac = encode_frame(key, reader.session_id, seq, mac, frame)
        data += encoded
    try:
        with reader.path.open("r+b") as file:
            file.seek(reader.position)
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(reader.position)
                raise
    except OSError as error:
        raise StoreUnavailableError(f"{reader.path} cannot be written: {error.strerror}") from error
