"""Chunks on their way to the disk: hashed, compressed and written, in frames of about a megabyte.

Hashing lets go of the interpreter's lock once for each chunk, writing once for each frame. Where there is more than a
frame, a second thread writes while the next one is hashed: the disk does not wait for the hash, nor the hash for it.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from threading import Semaphore, Thread

from runtrack_jupyter.errors import StoreUnavailableError
from runtrack_jupyter.model import Digest
from runtrack_jupyter.state import Chunk
from runtrack_jupyter.store.chunks import Packed, Packer
from runtrack_jupyter.store.segment import SegmentWriter

__all__ = ["PayloadWriter"]

_FRAME = 1 << 20  # bytes of payload in a frame: a cell that starts meanwhile waits for one at most

_Batch = list[Chunk]


class PayloadWriter:
    """Writes chunks that are not in the segment yet; `freed` is told how much memory was let go."""

    def __init__(self, segment: SegmentWriter, freed: Callable[[int], None]) -> None:
        self._segment = segment
        self._freed = freed
        self._packer = Packer()

    def write(self, chunks: Iterable[Chunk]) -> None:
        """Return when all are handed to the operating system, and let go of their copies.

        Raises
        ------
        StoreUnavailableError
            Not all could be written; those that were not keep their copies.
        """
        same: list[Chunk] = []
        batches = self._batches(chunks, same)
        first, second = next(batches, None), next(batches, None)
        if first is not None and second is None:
            self._put(first, self._packed(first))
        elif first is not None and second is not None:
            behind = _Behind(self._put)
            try:
                for batch in itertools.chain((first, second), batches):
                    behind.put(batch, self._packed(batch))
            finally:
                behind.finish()
            behind.check()
        self._let_go(same)  # only now: what they are the same as is written

    def _batches(self, chunks: Iterable[Chunk], same: list[Chunk]) -> Iterator[_Batch]:
        batch: _Batch = []
        taken: set[Digest] = set()
        size = 0
        for chunk in chunks:
            if chunk.data is None:
                continue
            digest = chunk.hash()
            if digest in taken or self._segment.has_chunk(digest):
                same.append(chunk)
                continue
            if size + chunk.size > _FRAME and batch:
                yield batch
                batch, size = [], 0
            taken.add(digest)
            batch.append(chunk)
            size += chunk.size
        if batch:
            yield batch

    def _packed(self, batch: _Batch) -> Packed:
        return self._packer.pack((chunk.hash(), data) for chunk in batch if (data := chunk.data) is not None)

    def _put(self, batch: _Batch, packed: Packed) -> None:
        self._segment.write(packed)
        packed.parts.clear()  # before the memory they look at is used again
        self._let_go(batch)

    def _let_go(self, chunks: Iterable[Chunk]) -> None:
        size = 0
        for chunk in chunks:
            size += chunk.size
            chunk.release()
        self._freed(size)


class _Behind:
    """A thread that writes one frame while the next one is made; what it raises comes out of `put` and `check`."""

    def __init__(self, write: Callable[[_Batch, Packed], None]) -> None:
        self._write = write
        self._frames: SimpleQueue[tuple[_Batch, Packed] | None] = SimpleQueue()
        self._room = Semaphore(2)
        self._error: StoreUnavailableError | None = None
        self._thread = Thread(target=self._run, name="runtrack-pen", daemon=True)
        self._thread.start()

    def put(self, batch: _Batch, packed: Packed) -> None:
        """Hand over a frame; waits while two are ahead of it."""
        self._room.acquire()
        self.check()
        self._frames.put((batch, packed))

    def finish(self) -> None:
        """Return when all is written that was handed over."""
        self._frames.put(None)
        self._thread.join()

    def check(self) -> None:
        """Raise what the writing raised."""
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (frame := self._frames.get()) is not None:
            try:
                if self._error is None:
                    self._write(*frame)
            except StoreUnavailableError as error:
                self._error = error
            finally:
                self._room.release()
