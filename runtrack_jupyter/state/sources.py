"""Where a restore takes bytes from: the disk, or live memory that was just seen to hold them.

Of large arrays mostly a little differs from what is live. What does not is copied from there: memory is ten times as
fast as a disk and its digests. Every piece that was copied is hashed: what another thread changed meanwhile is read
from disk after all.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from xxhash import xxh3_128_digest

from runtrack_jupyter.errors import DamagedStoreError, RuntrackError
from runtrack_jupyter.model import Blob, ComponentId, Digest, Manifest, Wanted
from runtrack_jupyter.state.component import CHUNK_SIZE, Chunk, Print
from runtrack_jupyter.state.ledger import Known
from runtrack_jupyter.state.records import Payload

__all__ = ["Filled", "LiveMemory", "Progress", "Source"]

Progress = Callable[[int, int], None]  # bytes that came, bytes in all

_WINDOW = 1 << 20  # bytes of a stream that are in memory at once; no chunk is larger
_WORTH = 8  # a look pickles; it must find this many times more in memory than it pickles
_LEAST = 1 << 20  # bytes below which nobody looks for them in memory
_STRIP = 4 << 20  # bytes that one thread copies at a time
_THREADS = 2
_EVERY = 0.1  # seconds between two words of progress


class Filled:
    """The chunks that some memory was filled from, in order, and the print of each."""

    __slots__ = ("chunks", "prints")

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.prints: list[bytes] = []

    def note(self, wanted: Wanted, piece_print: bytes) -> None:
        """Take up one more."""
        self.chunks.append(Chunk(None, wanted.size, wanted.digest))
        self.prints.append(piece_print)


class _Held(NamedTuple):
    """Live memory that holds a chunk."""

    known: Known
    buffer: int
    start: int
    size: int
    print: bytes


class _Strip(NamedTuple):
    """A stretch of live memory, where it is to go, and the chunks in it: place among all, offset, size, print."""

    memory: memoryview
    start: int
    parts: list[tuple[int, int, int, bytes]]


class LiveMemory:
    """The memory of live components, found by the digests of what it holds.

    `look` gives the buffers of a component as they are now, in the order of its manifest; None where it cannot.
    """

    def __init__(
        self, components: Iterable[Known], look: Callable[[Known], Sequence[memoryview] | None]
    ) -> None:
        self._components = components
        self._look = look
        self._held: dict[Digest, _Held] | None = None
        self._buffers: dict[tuple[str, ...], Sequence[memoryview] | None] = {}

    def sizes(self, blob: Blob) -> dict[Digest, int]:
        """Return the sizes of those chunks of `blob` that some memory held a moment ago."""
        if blob.size < _LEAST:
            return {}
        if self._held is None:
            self._held = _index(self._components)
        found = self._held
        return {digest: found[digest].size for digest in blob.chunks if digest in found}

    def copy(self, wanted: Sequence[Wanted], into: memoryview) -> dict[int, bytes]:
        """Copy what there is of `wanted`; return the prints of these, by their index."""
        if not self._held or into.nbytes < _LEAST:
            return {}
        right: dict[int, bytes] = {}

        def copy(strip: _Strip) -> None:
            target = into[strip.start : strip.start + strip.memory.nbytes]
            _transfer(target, strip.memory)
            right.update(
                (index, piece_print)
                for index, at, size, piece_print in strip.parts
                if xxh3_128_digest(target[at : at + size]) == piece_print
            )

        strips = list(self._strips(wanted, self._held))
        if len(strips) < _THREADS or "numpy" not in sys.modules:
            for strip in strips:
                copy(strip)
            return right
        pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="runtrack-copier")
        try:
            for _ in pool.map(copy, strips):
                pass
        finally:
            pool.shutdown(cancel_futures=True)  # after Ctrl-C nobody writes into memory that is given up
        return right

    def close(self) -> None:
        """Let go of the memory."""
        self._buffers.clear()
        self._held = None

    def _strips(self, wanted: Sequence[Wanted], held: dict[Digest, _Held]) -> Iterator[_Strip]:
        """Yield what is held; neighbours in memory that are neighbours where they are wanted, as one."""
        parts: list[tuple[int, int, int, bytes]] = []
        first: tuple[Known, int] | None = None  # the component and buffer of the strip so far
        begin = end = target = stop = 0
        for index, each in enumerate(wanted):
            found = held.get(each.digest)
            if found is None:
                continue
            here = (found.known, found.buffer)
            adjacent = first == here and found.start == end and each.start == stop
            if not adjacent or end - begin >= _STRIP:
                yield from self._strip(first, begin, end, target, parts)
                first, parts = here, []
                begin, target = found.start, each.start
            parts.append((index, found.start - begin, found.size, found.print))
            end, stop = found.start + found.size, each.start + each.size
        yield from self._strip(first, begin, end, target, parts)

    def _strip(
        self,
        where: tuple[Known, int] | None,
        begin: int,
        end: int,
        target: int,
        parts: list[tuple[int, int, int, bytes]],
    ) -> Iterator[_Strip]:
        if where is not None:
            known, number = where
            if known.live.roots not in self._buffers:
                self._buffers[known.live.roots] = self._look(known)
            buffers = self._buffers[known.live.roots]
            if buffers is not None and number < len(buffers) and end <= buffers[number].nbytes:
                yield _Strip(buffers[number][begin:end], target, parts)


def _index(components: Iterable[Known]) -> dict[Digest, _Held]:
    held: dict[Digest, _Held] = {}
    for known in components:
        live = known.live
        # Where there is a print for every chunk, the chunks are cuts of memory that is there all the time.
        cuts = {
            number: prints
            for number, (chunks, prints) in enumerate(zip(live.buffers, known.print.buffers, strict=False))
            if len(chunks) == len(prints) > 1
        }
        lasting = sum(chunk.size for number in cuts for chunk in live.buffers[number])
        if lasting < _LEAST or lasting < _WORTH * (live.size - lasting):
            continue
        for number, prints in cuts.items():
            start = 0
            for chunk, piece_print in zip(live.buffers[number], prints, strict=True):
                if chunk.digest is not None and chunk.digest not in held:
                    held[chunk.digest] = _Held(known, number, start, chunk.size, piece_print)
                start += chunk.size
    return held


def _transfer(target: memoryview, source: memoryview) -> None:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        target[:] = source
    else:  # lets go of the interpreter's lock, so that two threads clear and fill new pages at once
        numpy.frombuffer(target, numpy.uint8)[:] = numpy.frombuffer(source, numpy.uint8)


class Source:
    """What one restore reads, and how far it has come."""

    def __init__(self, payload: Payload, live: LiveMemory, progress: Progress | None = None) -> None:
        self._payload = payload
        self._live = live
        self._progress = progress
        self._manifests: dict[ComponentId, Manifest] = {}
        self._done = 0
        self._total = 0
        self._told = time.monotonic()
        self.prints: dict[tuple[int, int], Print] = {}  # of memory that was filled, by address and size

    def close(self) -> None:
        """Let go of live memory."""
        self._live.close()

    def expect(self, components: Iterable[ComponentId]) -> None:
        """Say what is going to be read, so that progress has an end."""
        if self._progress is None:
            return
        for component_id in components:
            try:
                manifest = self.manifest(component_id)
            except RuntrackError:  # loading it will say why, and make it a gap
                continue
            self._total += manifest.stream.size + sum(blob.size for blob in manifest.buffers)

    def manifest(self, component_id: ComponentId) -> Manifest:
        """Return the manifest of a component on record."""
        manifest = self._manifests.get(component_id)
        if manifest is None:
            manifest = self._manifests[component_id] = self._payload.manifest(component_id)
        return manifest

    def fill(self, blob: Blob, into: memoryview) -> Filled:
        """Fill `into`, of exactly ``blob.size`` bytes."""
        wanted = self._layout(blob)
        if into.nbytes != blob.size:
            raise DamagedStoreError(f"a buffer of {blob.size} bytes does not fill {into.nbytes}")
        copied = self._live.copy(wanted, into)
        self._advance(sum(wanted[index].size for index in copied))
        missing = [each for index, each in enumerate(wanted) if index not in copied]
        self._payload.read(missing, into, self._advance)
        filled = Filled()
        for index, each in enumerate(wanted):
            known = copied.get(index)
            filled.note(each, known or xxh3_128_digest(into[each.start : each.start + each.size]))
        if all(each.start == index * CHUNK_SIZE for index, each in enumerate(wanted)):
            self._remember(into, tuple(filled.prints))
        return filled

    def windows(self, blob: Blob, filled: Filled) -> Iterator[memoryview]:
        """Yield the bytes of a stream, a few chunks at a time in the same memory; note each in `filled`."""
        wanted = self._layout(blob)
        memory = memoryview(bytearray(min(blob.size, _WINDOW)))
        while wanted:
            count, size = 1, wanted[0].size
            while count < len(wanted) and size + wanted[count].size <= len(memory):
                size += wanted[count].size
                count += 1
            first = wanted[0].start
            part = [each._replace(start=each.start - first) for each in wanted[:count]]
            self._payload.read(part, memory[:size], self._advance)
            for each in part:
                filled.note(each, xxh3_128_digest(memory[each.start : each.start + each.size]))
            yield memory[:size]
            wanted = wanted[count:]

    def _layout(self, blob: Blob) -> list[Wanted]:
        sizes = self._live.sizes(blob)
        missing = [digest for digest in blob.chunks if digest not in sizes]
        sizes.update(zip(missing, self._payload.sizes(missing), strict=True))
        wanted, at = [], 0
        for digest in blob.chunks:
            wanted.append(Wanted(digest, at, sizes[digest]))
            at += sizes[digest]
        if at != blob.size:
            raise DamagedStoreError(f"a blob of {blob.size} bytes has chunks of {at}")
        return wanted

    def _remember(self, into: memoryview, prints: Print) -> None:
        interface: Any = getattr(into.obj, "__array_interface__", None)
        if interface is not None:
            self.prints[interface["data"][0], into.nbytes] = prints

    def _advance(self, size: int) -> None:
        self._done += size
        now = time.monotonic()
        if self._progress is not None and now - self._told >= _EVERY:
            self._told = now
            self._progress(min(self._done, self._total), self._total)
