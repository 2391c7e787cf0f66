"""After a kernel died: what it left half written is cut off, and what it left behind is tidied away."""

import contextlib
import time
from pathlib import Path
from typing import NamedTuple

from runtrack_jupyter.errors import DamagedStoreError, StoreUnavailableError
from runtrack_jupyter.model import SessionId
from runtrack_jupyter.store.layout import check_format, leases_folder, segments_folder, sync_folder
from runtrack_jupyter.store.leases import is_held
from runtrack_jupyter.store.lock import store_lock
from runtrack_jupyter.store.scan import SegmentReader, segment_files

__all__ = ["Cut", "recover"]

_LEFT_OVER = 24 * 3600.0  # seconds after which a partial file is rubbish, wherever its writer is


class Cut(NamedTuple):
    """A torn tail that was cut off: bytes of a frame that never was whole."""

    session_id: SessionId
    path: Path
    size: int


def recover(store: Path, *, timeout: float = 30.0) -> list[Cut]:
    """Cut the torn tails of sessions whose kernel is gone, and remove their leases; everything whole stays.

    Unsealed runs are listed by `sealing.unsealed`. Bytes that are complete but not what was written are damage,
    not a torn tail: they stay for `fsck` to report.

    Raises
    ------
    StoreLockedError
        Another process is busy with the store.
    StoreUnavailableError
        The store cannot be written.
    UnsupportedFormatError
        It was written by a newer Runtrack.
    """
    if not segments_folder(store).is_dir():
        return []
    check_format(store)
    dead = {sid: files for sid, files in segment_files(store).items() if not is_held(store, sid)}
    torn = [path for files in dead.values() for path in files if _torn(path)]
    leases = _dead_leases(store)
    if not torn and not leases:
        return []  # the usual case, and possible in a store that can only be read
    with store_lock(store, timeout=timeout):
        cuts = [
            _cut(SegmentReader(path)) for path in torn if not is_held(store, SegmentReader(path).session_id)
        ]
        for lease in leases:
            with contextlib.suppress(OSError):
                lease.unlink()
        return cuts


def _torn(path: Path) -> int:
    reader = SegmentReader(path)
    try:
        for _ in reader.read():
            pass
    except (DamagedStoreError, StoreUnavailableError):
        return 0
    return reader.torn if reader.cut_short else 0


def _cut(reader: SegmentReader) -> Cut:
    try:
        for _ in reader.read():
            pass
        with reader.path.open("r+b") as file:
            file.truncate(reader.position)
            file.flush()
        sync_folder(reader.path.parent)
    except OSError as error:
        raise StoreUnavailableError(f"{reader.path} cannot be cut: {error.strerror}") from error
    return Cut(reader.session_id, reader.path, reader.torn)


def _dead_leases(store: Path) -> list[Path]:
    found = []
    with contextlib.suppress(OSError):
        for path in leases_folder(store).iterdir():
            if path.suffix == ".partial":
                if time.time() - path.stat().st_mtime > _LEFT_OVER:
                    found.append(path)
            elif not is_held(store, SessionId(path.name)):
                found.append(path)
    return found
