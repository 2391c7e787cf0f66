"""The bytes of one component: chunks that are copied once, kept while unchanged, and named by their digest.

Two hashes with two jobs. xxh3 (memory speed, on the user's time) tells whether a piece changed; BLAKE3, taken
from the copy by the writer thread, is the name a piece has on disk. A torn copy can so never carry the digest
of other bytes.

Memory that changes in place is cut at fixed distances, so that a piece is compared with what was there before.
Bytes made for this look (pickles) are cut where their content says so: what is inserted moves no other cut.
"""

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

import msgspec
from blake3 import blake3
from xxhash import xxh3_128_digest

from runtrack_jupyter.model import Blob, ComponentId, Digest, Manifest
from runtrack_jupyter.state.arenas import Arenas, Copy
from runtrack_jupyter.state.cutting import cut_by_content
from runtrack_jupyter.state.unsavable import TooLargeError

__all__ = [
    "CHUNK_SIZE",
    "Chunk",
    "Copies",
    "LiveComponent",
    "Print",
    "chunked",
    "component_id_of",
    "prints_of",
]

CHUNK_SIZE = 64 << 10  # what a write of a few bytes stores; the calls still cost little beside the hashing
_STREAK = 8  # pieces in a row that have changed: then the next has as well
_PLACES = 1 << 12  # arrays whose prints are kept by address, until all are forgotten
_STRIDE = 16 << 20  # bytes of copies after which it is asked whether there are too many

Print = tuple[bytes, ...]  # the xxh3-128 of each piece of a run of bytes; of content-cut bytes, one of all

_encoder = msgspec.json.Encoder(order="deterministic")
_made_here = (bytes, type(io.BytesIO().getbuffer().obj))


class Chunk:
    """One piece of payload, at most 1 MiB.

    `data` is the copy, until the writer lets go of it; `digest` is None until the writer has hashed the copy.
    `handed` says that its memory is counted by the writer.
    """

    __slots__ = ("_copy", "digest", "handed", "size")

    def __init__(self, copy: bytes | Copy | None, size: int, digest: Digest | None = None) -> None:
        self._copy = copy
        self.size = size
        self.digest = digest
        self.handed = False

    @property
    def data(self) -> bytes | memoryview | None:
        """The copy; not to be kept beyond `release`, after which its memory is used again."""
        copy = self._copy
        return copy.data if isinstance(copy, Copy) else copy

    def hash(self) -> Digest:
        """Return the digest, taking it from the copy the first time; for the writer thread."""
        if self.digest is None:
            data = self.data
            if data is None:
                message = "a chunk lost its data before it was hashed"
                raise ValueError(message)
            self.digest = Digest(blake3(data).hexdigest())
        return self.digest

    def release(self) -> None:
        """Let go of the copy: it is on disk under `digest`."""
        self._copy = None


class Copies:
    """Makes the copies of one engine's captures.

    `spill` is shown what a capture that still goes on has copied, and its size; it may take these chunks to write
    them at once, wait until there is room again, and say so by True. Captures of any size so need no more memory
    than the limit that `spill` knows.
    """

    def __init__(self, limit: int = sys.maxsize) -> None:
        self.arenas = Arenas()
        self.spill: Callable[[Sequence[Chunk], int], bool] | None = None
        self._limit = limit
        self._total = 0
        self._waiting: Callable[[], AbstractContextManager[None]] = nullcontext
        self._new: list[Chunk] = []
        self._size = 0
        self._asked = 0
        self._ahead: dict[bytes, Chunk] = {}  # copied before anybody asked for it, by its print
        self._last: dict[tuple[int, int], Print] = {}  # of memory as it was last seen, by address and size

    def begin(self, waiting: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        """Forget what the capture before has copied: it was handed over, or is not wanted.

        `waiting` is entered while this one waits for room.
        """
        self._ahead = {}
        self._total = 0
        self._waiting = waiting
        self._counted()

    def _counted(self) -> None:
        self._new, self._size, self._asked = [], 0, 0

    def prints_of(self, data: memoryview, address: int) -> Print:
        """Return the prints of memory that changes in place.

        After a few pieces in a row that have changed the next are copied first, and the copies hashed: what was
        updated as a whole is then read once, not twice.
        """
        where = (address, data.nbytes)
        former = self._last.get(where)
        if former is None or data.nbytes <= _STREAK * CHUNK_SIZE:
            prints = prints_of(data)
        else:
            prints = tuple(self._prints(data, former))
        if len(self._last) > _PLACES:
            self._last.clear()
        self._last[where] = prints
        return prints

    def _prints(self, data: memoryview, former: Print) -> Iterator[bytes]:
        changed = 0
        for index, before in enumerate(former):
            piece = data[index * CHUNK_SIZE : (index + 1) * CHUNK_SIZE]
            if changed < _STREAK:
                piece_print = xxh3_128_digest(piece)
            else:
                chunk, piece_print = self.chunk(piece)
                self._ahead[piece_print] = chunk
            changed = changed + 1 if piece_print != before else 0
            yield piece_print

    def made_ahead(self, piece_print: bytes) -> Chunk | None:
        """Return the copy that was made of a piece while it was hashed, if one was."""
        return self._ahead.get(piece_print)

    def chunk(self, piece: memoryview) -> tuple[Chunk, bytes]:
        """Return a copy of `piece`, and the print of the copy.

        Raises
        ------
        TooLargeError
            One capture has made more than it may.
        """
        if self._total + piece.nbytes > self._limit:
            raise TooLargeError(self._limit, of_step=True)
        self._total += piece.nbytes
        copy = self.arenas.copy(piece)
        piece_print = xxh3_128_digest(copy.data if isinstance(copy, Copy) else copy)
        chunk = Chunk(copy, piece.nbytes)
        self._new.append(chunk)
        self._size += chunk.size
        if self._size - self._asked >= _STRIDE and self.spill is not None:
            self._asked = self._size
            with self._waiting():
                spilt = self.spill(self._new, self._size)
            if spilt:
                self._counted()
        return chunk, piece_print


class LiveComponent:
    """Variables that share mutable objects, as they were at one capture.

    `component_id` is None until `identify` has been called by the writer.
    """

    __slots__ = (
        "__weakref__",
        "buffers",
        "component_id",
        "libraries",
        "python",
        "references",
        "roots",
        "size",
        "stream",
    )

    def __init__(
        self,
        roots: tuple[str, ...],
        stream: list[Chunk],
        buffers: list[list[Chunk]],
        *,
        references: tuple[str, ...] = (),
        python: str = "",
        libraries: tuple[str, ...] = (),
        component_id: ComponentId | None = None,
    ) -> None:
        self.roots = roots
        self.stream = stream
        self.buffers = buffers
        self.references = references
        self.python = python
        self.libraries = libraries
        self.component_id = component_id
        self.size = sum(chunk.size for chunk in self.chunks())

    def __repr__(self) -> str:
        return f"<LiveComponent {', '.join(self.roots)}: {self.size} bytes>"

    def chunks(self) -> Iterator[Chunk]:
        """Every piece, in the order of the manifest."""
        yield from self.stream
        for buffer in self.buffers:
            yield from buffer

    def manifest(self) -> Manifest:
        """Return how to rebuild it; every chunk must have been hashed."""
        return Manifest(
            roots=self.roots,
            stream=_blob(self.stream),
            buffers=tuple(_blob(buffer) for buffer in self.buffers),
            references=self.references,
            python=self.python,
            libraries=self.libraries,
        )

    def identify(self) -> ComponentId:
        """Hash what is not hashed yet and set `component_id`; for the writer thread."""
        if self.component_id is None:
            self.encoded()
        if self.component_id is None:
            raise AssertionError("a manifest has a digest")
        return self.component_id

    def encoded(self) -> bytes:
        """Return the manifest's canonical JSON, whose digest is `component_id`."""
        encoded = _encoder.encode(self.manifest())
        if self.component_id is None:
            self.component_id = ComponentId(blake3(encoded).hexdigest())
        return encoded


def component_id_of(manifest: Manifest) -> ComponentId:
    """Return the digest of the manifest's canonical JSON."""
    return ComponentId(blake3(_encoder.encode(manifest)).hexdigest())


def _blob(chunks: Sequence[Chunk]) -> Blob:
    return Blob(size=sum(chunk.size for chunk in chunks), chunks=tuple(chunk.hash() for chunk in chunks))


def prints_of(data: memoryview) -> Print:
    """Return the change-detecting hashes of `data`: of every piece of memory that changes in place, else of all."""
    if data.nbytes <= CHUNK_SIZE or isinstance(data.obj, _made_here):
        return (xxh3_128_digest(data),)
    return tuple(
        [xxh3_128_digest(data[start : start + CHUNK_SIZE]) for start in range(0, data.nbytes, CHUNK_SIZE)]
    )


def chunked(
    data: memoryview,
    prints: Print,
    known: dict[bytes, Chunk],
    new: dict[bytes, Chunk],
    copies: Copies | None = None,
) -> tuple[list[Chunk], Print]:
    """Return `data` as chunks with its prints, copying only pieces that are not in `known`.

    `new` receives the pieces used. The prints returned are those of the copies: another thread may have
    written between hashing and copying, and then the next capture must see a change.
    """
    copy = _heap_copy if copies is None else copies.chunk
    if isinstance(data.obj, _made_here):
        return _cut(data, known, new, copy), prints  # nobody else writes to it
    chunks: list[Chunk] = []
    taken: list[bytes] = []
    for index, wanted in enumerate(prints):
        piece_print = wanted
        chunk = new.get(wanted) or known.get(wanted) or (copies and copies.made_ahead(wanted))
        if not chunk:
            chunk, piece_print = copy(data[index * CHUNK_SIZE : (index + 1) * CHUNK_SIZE])
        new[piece_print] = chunk
        chunks.append(chunk)
        taken.append(piece_print)
    return chunks, tuple(taken)


def _heap_copy(piece: memoryview) -> tuple[Chunk, bytes]:
    return Chunk(bytes(piece), piece.nbytes), xxh3_128_digest(piece)


def _cut(
    data: memoryview,
    known: dict[bytes, Chunk],
    new: dict[bytes, Chunk],
    copy: Callable[[memoryview], tuple[Chunk, bytes]],
) -> list[Chunk]:
    chunks: list[Chunk] = []
    start = 0
    for end in cut_by_content(data):
        piece = data[start:end]
        piece_print = xxh3_128_digest(piece)
        chunk = new.get(piece_print) or known.get(piece_print)
        if chunk is None:
            chunk, piece_print = copy(piece)
        new[piece_print] = chunk
        chunks.append(chunk)
        start = end
    return chunks


def sizes(buffers: Iterable[memoryview]) -> int:
    """Return how many bytes `buffers` hold together."""
    return sum(buffer.nbytes for buffer in buffers)
