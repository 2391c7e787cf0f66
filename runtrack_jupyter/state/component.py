"""The bytes of one component: chunks that are copied once, kept while unchanged, and named by their digest.

Two hashes with two jobs. xxh3 (memory speed, on the user's time) tells whether a piece changed; BLAKE3, taken
from the copy by the writer thread, is the name a piece has on disk. A torn copy can so never carry the digest
of other bytes.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from blake3 import blake3
from xxhash import xxh3_128_digest

from runtrack_jupyter.model import Blob, ComponentId, Digest, Manifest

__all__ = ["CHUNK_SIZE", "Chunk", "LiveComponent", "Print", "chunked", "component_id_of", "prints_of"]

CHUNK_SIZE = 256 << 10  # large enough that the calls cost nothing beside the hashing, small enough to dedupe

Print = tuple[bytes, ...]  # the xxh3-128 of each piece of a run of bytes

_encoder = msgspec.json.Encoder(order="deterministic")


class Chunk:
    """One piece of payload, at most `CHUNK_SIZE` bytes.

    `data` is the copy, until the writer lets go of it; `digest` is None until the writer has hashed the copy.
    """

    __slots__ = ("data", "digest", "size")

    def __init__(self, data: bytes | None, size: int, digest: Digest | None = None) -> None:
        self.data = data
        self.size = size
        self.digest = digest

    def hash(self) -> Digest:
        """Return the digest, taking it from the copy the first time; for the writer thread."""
        if self.digest is None:
            if self.data is None:
                message = "a chunk lost its data before it was hashed"
                raise ValueError(message)
            self.digest = Digest(blake3(self.data).hexdigest())
        return self.digest

    def release(self) -> None:
        """Let go of the copy: it is on disk under `digest`."""
        self.data = None


class LiveComponent:
    """Variables that share mutable objects, as they were at one capture.

    `component_id` is None until `identify` has been called by the writer.
    """

    __slots__ = ("__weakref__", "buffers", "component_id", "python", "references", "roots", "size", "stream")

    def __init__(
        self,
        roots: tuple[str, ...],
        stream: list[Chunk],
        buffers: list[list[Chunk]],
        *,
        references: tuple[str, ...] = (),
        python: str = "",
        component_id: ComponentId | None = None,
    ) -> None:
        self.roots = roots
        self.stream = stream
        self.buffers = buffers
        self.references = references
        self.python = python
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
        )

    def identify(self) -> ComponentId:
        """Hash what is not hashed yet and set `component_id`; for the writer thread."""
        if self.component_id is None:
            for chunk in self.chunks():
                chunk.hash()
            self.component_id = component_id_of(self.manifest())
        return self.component_id


def component_id_of(manifest: Manifest) -> ComponentId:
    """Return the digest of the manifest's canonical JSON."""
    return ComponentId(blake3(_encoder.encode(manifest)).hexdigest())


def _blob(chunks: Sequence[Chunk]) -> Blob:
    return Blob(size=sum(chunk.size for chunk in chunks), chunks=tuple(chunk.hash() for chunk in chunks))


def prints_of(data: memoryview) -> Print:
    """Return the change-detecting hash of every piece of `data`."""
    if data.nbytes <= CHUNK_SIZE:
        return (xxh3_128_digest(data),)
    return tuple(
        xxh3_128_digest(data[start : start + CHUNK_SIZE]) for start in range(0, data.nbytes, CHUNK_SIZE)
    )


def chunked(
    data: memoryview, prints: Print, known: dict[bytes, Chunk], new: dict[bytes, Chunk]
) -> tuple[list[Chunk], Print]:
    """Return `data` as chunks with their prints, copying only pieces that are not in `known`.

    `new` receives the pieces used. The prints returned are those of the copies: another thread may have
    written between hashing and copying, and then the next capture must see a change.
    """
    chunks: list[Chunk] = []
    taken: list[bytes] = []
    for index, wanted in enumerate(prints):
        piece_print = wanted
        chunk = new.get(wanted) or known.get(wanted)
        if chunk is None:
            copy = bytes(data[index * CHUNK_SIZE : (index + 1) * CHUNK_SIZE])
            piece_print = xxh3_128_digest(copy)
            chunk = Chunk(copy, len(copy))
        new[piece_print] = chunk
        chunks.append(chunk)
        taken.append(piece_print)
    return chunks, tuple(taken)


def sizes(buffers: Iterable[memoryview]) -> int:
    """Return how many bytes `buffers` hold together."""
    return sum(buffer.nbytes for buffer in buffers)
