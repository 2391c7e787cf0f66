"""A session's own file: frames are appended, never changed, and each is whole on disk or not there."""

import contextlib
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from runtrack_jupyter.errors import StoreUnavailableError, UsageError
from runtrack_jupyter.model import Digest, Session
from runtrack_jupyter.store.chunks import encode_chunk
from runtrack_jupyter.store.frames import Chunk, Closed, Frame, SessionStarted
from runtrack_jupyter.store.layout import prepare_store, segments_folder, sync_folder
from runtrack_jupyter.store.leases import Lease
from runtrack_jupyter.store.scan import Damage, Scanned, SegmentReader, scan, segment_files, segment_name
from runtrack_jupyter.store.wire import CHUNK_LIMIT, NO_MAC, encode_frame, pack_preamble

__all__ = [
    "Damage",
    "Scanned",
    "SegmentReader",
    "SegmentWriter",
    "scan",
    "segment_files",
    "segment_name",
]

_FLAGS = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | os.O_APPEND
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class _Tail(NamedTuple):
    """Where the file ends and what the chain's next link needs."""

    size: int
    seq: int
    mac: bytes


class SegmentWriter:
    """The one writer of a session. Nothing is made on disk before the first `append`.

    A failed `append` leaves the file as it was: bytes of it that reached the disk are cut off again, at the latest
    before the next frame, and the chain goes on from the frame before. Every method may be called from any thread.
    """

    def __init__(self, store: Path, session: Session, key: bytes, *, roll_at: int = 1 << 30) -> None:
        self._store = store
        self._session = session
        self._key = key
        self._roll_at = roll_at
        self._lease = Lease(store, session.session_id)
        self._lock = threading.RLock()
        self._chunks: set[Digest] = set()
        self._file = -1
        self._number = 0
        self._frames = 0  # in the present file
        self._tail = _Tail(0, 0, NO_MAC)
        self._writing: _Tail | None = None  # the tail once the frame being written is whole
        self._closed = False
        self._process = os.getpid()

    @property
    def path(self) -> Path:
        """The file that is written now, or will be."""
        return segments_folder(self._store) / segment_name(self._session.session_id, self._number)

    def has_chunk(self, digest: Digest) -> bool:
        """Return whether this payload needs no writing."""
        return digest in self._chunks

    def adopt(self, digests: Iterable[Digest]) -> None:
        """Take payload that is known to be in the store, of a restored run, as written."""
        self._chunks.update(digests)

    def append(self, frame: Frame, payload: bytes | memoryview = b"") -> None:
        """Hand one frame to the operating system; `sync` makes it durable.

        The payload of a `Chunk` is given as it is, at most 1 MiB, and stored compressed where that pays.

        Raises
        ------
        StoreUnavailableError
            The store is full, read-only or gone; nothing of the frame is in the file.
        UnsupportedFormatError
            The store belongs to a newer Runtrack.
        """
        if isinstance(frame, Chunk):
            if self.has_chunk(frame.digest):
                return
            frame, payload = _encoded(frame, payload)
        elif len(payload):
            raise UsageError(f"a {type(frame).__name__} frame carries no payload")
        with self._lock:
            self._make_ready()
            if self._tail.size >= self._roll_at:
                self._roll()
            self._write(frame, payload)
            if isinstance(frame, Chunk):
                self._chunks.add(frame.digest)
        self._lease.beat()

    def sync(self) -> None:
        """Return when everything appended so far is durable.

        Raises
        ------
        StoreUnavailableError
            The disk refused; what was appended since the last `sync` may not survive a crash of the machine.
        """
        with self._lock:
            if self._file < 0:
                return
            try:
                copy = os.dup(self._file)  # the cell that runs now must not wait for the disk to append
            except OSError as error:
                raise self._unavailable(error) from error
        try:
            os.fsync(copy)
        except OSError as error:
            raise self._unavailable(error) from error
        finally:
            os.close(copy)
        self._lease.beat()

    def beat(self) -> None:
        """Show others that this session lives; to be called now and then while nothing is written."""
        if self._file >= 0:
            self._lease.beat()

    def close(self) -> None:
        """End the session in order; a session that recorded nothing leaves nothing.

        Raises
        ------
        StoreUnavailableError
            The last frame could not be written; the session will look as if its kernel had died.
        """
        with self._lock:
            if self._closed or os.getpid() != self._process:
                return
            try:
                if self._file >= 0:
                    self._settle()
                    self._write(Closed(frames=self._frames), b"")
                    self.sync()
            finally:
                self._closed = True
                self._lease.release()
                if self._file >= 0:
                    os.close(self._file)
                    self._file = -1

    def _make_ready(self) -> None:
        if self._closed:
            raise StoreUnavailableError("this session's segment is closed")
        if os.getpid() != self._process:
            raise StoreUnavailableError("a forked process cannot write the segment of its parent")
        if self._file < 0:
            prepare_store(self._store)
            self._open(0)
        else:
            self._settle()

    def _open(self, number: int) -> None:
        """Make the file `number`, with its first frame, or leave no trace of it."""
        path = segments_folder(self._store) / segment_name(self._session.session_id, number)
        before = (self._file, self._number, self._frames, self._tail)
        preamble = pack_preamble(number, self._tail.mac)
        try:
            if number == 0:
                self._lease.take()  # before the segment: a segment without a lease is a dead one
            self._file = os.open(path, _FLAGS, 0o600)
        except OSError as error:
            raise self._unavailable(error) from error
        try:
            self._number, self._frames = number, 0
            self._tail = self._tail._replace(size=0)
            self._write(SessionStarted(session=self._session), b"", preamble)
            os.fsync(self._file)
            sync_folder(path.parent)
        except BaseException as error:  # an interrupt too: half a file would look like a dead session
            os.close(self._file)
            self._file, self._number, self._frames, self._tail = before
            self._writing = None
            with contextlib.suppress(OSError):
                path.unlink()
            if number == 0:
                self._lease.release()
            if isinstance(error, OSError):
                raise self._unavailable(error) from error
            raise

    def _roll(self) -> None:
        full = self._file
        self._write(Closed(frames=self._frames, rolled=True), b"")
        self.sync()
        self._open(self._number + 1)
        os.close(full)

    def _write(self, frame: Frame, payload: bytes | memoryview, preamble: bytes = b"") -> None:
        tail = self._tail
        seq = tail.seq + 1
        data, mac = encode_frame(self._key, self._session.session_id, seq, tail.mac, frame, payload)
        data = preamble + data if preamble else data
        # An interrupt may come between the write and what follows it: `_settle` then knows how far we were.
        self._writing = _Tail(tail.size + len(data), seq, mac)
        try:
            written = os.write(self._file, data)
            while written < len(data):
                written += os.write(self._file, memoryview(data)[written:])
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, tail.size)
            raise self._unavailable(error) from error
        self._tail = self._writing
        self._frames += 1

    def _settle(self) -> None:
        """Make the file end where the last whole frame does, whatever stopped the write before."""
        try:
            found = os.fstat(self._file)
            if found.st_nlink == 0:
                raise StoreUnavailableError(f"{self.path} was deleted while its kernel ran")
            if found.st_size == self._tail.size:
                return
            if self._writing is not None and found.st_size == self._writing.size:
                self._tail = self._writing
                self._frames += 1
                return
            if found.st_size < self._tail.size:
                raise StoreUnavailableError(f"{self.path} was cut by somebody else")
            os.ftruncate(self._file, self._tail.size)
        except OSError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: OSError) -> StoreUnavailableError:
        return StoreUnavailableError(f"{self.path} cannot be written: {error.strerror or error}")


def _encoded(frame: Chunk, payload: bytes | memoryview) -> tuple[Chunk, bytes | memoryview]:
    if frame.encoding != "raw":
        return frame, payload
    payload = memoryview(payload).cast("B")
    if len(payload) != frame.size or frame.size > CHUNK_LIMIT:
        raise UsageError(f"a chunk holds at most {CHUNK_LIMIT} bytes and as many as it says")
    encoding, stored = encode_chunk(payload)
    return (
        (msgspec.structs.replace(frame, encoding=encoding), stored) if encoding != "raw" else (frame, stored)
    )
