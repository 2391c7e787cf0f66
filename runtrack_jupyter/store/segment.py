"""A session's own file: frames are appended, never changed, and each is whole on disk or not there."""

import contextlib
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from runtrack_jupyter.errors import StoreUnavailableError, UsageError
from runtrack_jupyter.model import Digest, Session
from runtrack_jupyter.store.chunks import Packed, Packer, chunk_digest
from runtrack_jupyter.store.frames import Chunks, Closed, Frame, SessionStarted
from runtrack_jupyter.store.layout import prepare_store, segments_folder, sync_folder
from runtrack_jupyter.store.leases import Lease
from runtrack_jupyter.store.scan import Damage, Scanned, SegmentReader, scan, segment_files, segment_name
from runtrack_jupyter.store.wire import NO_MAC, encode_frame, pack_preamble
from runtrack_jupyter.store.writeback import begin_writeback

__all__ = [
    "Damage",
    "Scanned",
    "SegmentReader",
    "SegmentWriter",
    "scan",
    "segment_files",
    "segment_name",
]

_WRITEBACK = 8 << 20  # bytes after which the disk is told to begin
_MOST_PARTS = 512  # that one call gathers; Linux takes 1024

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
        self._flushed = 0  # bytes of the present file that the disk was told to write
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

    def append(self, frame: Frame) -> None:
        """Hand one frame without payload to the operating system; `sync` makes it durable.

        Raises
        ------
        StoreUnavailableError
            The store is full, read-only or gone; nothing of the frame is in the file.
        UnsupportedFormatError
            The store belongs to a newer Runtrack.
        """
        if isinstance(frame, Chunks):
            raise UsageError("payload goes through `write`")
        self._append(frame, ())

    def write(self, packed: Packed) -> None:
        """Hand payload to the operating system; raises as `append` does."""
        self._append(packed.frame, packed.parts)
        for piece in packed.frame.pieces:
            self._chunks.add(piece.digest)

    def put(self, *pieces: bytes) -> tuple[Digest, ...]:
        """Write payload that is not in this session yet, in one frame, and return the digests of all pieces."""
        named = {chunk_digest(piece): piece for piece in pieces}
        missing = [(digest, piece) for digest, piece in named.items() if digest not in self._chunks]
        if missing:
            self.write(Packer().pack(missing))
        return tuple(map(chunk_digest, pieces))

    def _append(self, frame: Frame, parts: Sequence[bytes | memoryview]) -> None:
        with self._lock:
            self._make_ready()
            if self._tail.size >= self._roll_at:
                self._roll()
            self._write(frame, parts)
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
                    self._write(Closed(frames=self._frames))
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
            self._flushed = 0
            self._write(SessionStarted(session=self._session), preamble=preamble)
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
        self._write(Closed(frames=self._frames, rolled=True))
        self.sync()
        self._open(self._number + 1)
        os.close(full)

    def _write(
        self, frame: Frame, parts: Sequence[bytes | memoryview] = (), *, preamble: bytes = b""
    ) -> None:
        tail = self._tail
        seq = tail.seq + 1
        payload = sum(map(len, parts))
        head, mac = encode_frame(self._key, self._session.session_id, seq, tail.mac, frame, payload)
        head = preamble + head if preamble else head
        # An interrupt may come between the write and what follows it: `_settle` then knows how far we were.
        self._writing = _Tail(tail.size + len(head) + payload, seq, mac)
        try:
            _write_whole(self._file, [head, *parts])
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, tail.size)
            raise self._unavailable(error) from error
        self._tail = self._writing
        self._frames += 1
        if payload:
            self._begin_writeback()

    def _begin_writeback(self) -> None:
        """Let the disk work while the next payload is made ready; the fsync at the end then finds little to do."""
        if self._tail.size - self._flushed >= _WRITEBACK:
            begin_writeback(self._file)
            self._flushed = self._tail.size

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


def _write_whole(file: int, parts: list[bytes | memoryview]) -> None:
    """Write all parts; in one call where the system can gather them, and takes them all."""
    if len(parts) > 1 and not hasattr(os, "writev"):
        parts = [b"".join(parts)]
    left = sum(map(len, parts))
    while left:
        many = len(parts) > 1
        written = os.writev(file, parts[:_MOST_PARTS]) if many else os.write(file, parts[0])
        left -= written
        while parts and written >= len(parts[0]):
            written -= len(parts.pop(0))
        if written:
            parts[0] = memoryview(parts[0])[written:]
