"""The values in a bundle as bytes: described, bounded and checked, and never loaded here."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from blake3 import blake3

from runtrack_jupyter.errors import BundleError, DamagedStoreError
from runtrack_jupyter.model import Component, ComponentId, Digest, Manifest
from runtrack_jupyter.share.archive import Archive
from runtrack_jupyter.share.bundle import CHUNKS, COMPONENTS, INDEX, Bundle, decoded
from runtrack_jupyter.store.chunks import Packed, unpack
from runtrack_jupyter.store.frames import Chunks, Piece
from runtrack_jupyter.store.payload import component_digest
from runtrack_jupyter.store.wire import CHUNK_LIMIT

__all__ = ["Values", "read_values"]


class Values(NamedTuple):
    """What a bundle holds of the variables of its run."""

    components: Mapping[ComponentId, Component]
    pieces: tuple[Piece, ...]

    def packed(self, archive: Archive) -> Iterator[Packed]:
        """Yield the payload as frames of a segment, each piece checked against its digest.

        Raises
        ------
        BundleError
            A piece is not what its digest says.
        """
        at = 0
        for piece in self.pieces:
            stored = archive.read_at(CHUNKS, at, piece.length)
            at += piece.length
            try:
                unpack(piece, stored)
            except DamagedStoreError as error:
                raise BundleError(str(error)) from error
            yield Packed(Chunks(pieces=(piece,)), [stored])


def read_values(archive: Archive, bundle: Bundle) -> Values:
    """Read what a bundle says of its values, and hold it to what its run says.

    Raises
    ------
    BundleError
        They do not fit each other.
    """
    listed = bundle.contents.files
    if COMPONENTS not in listed:
        return Values({}, ())
    files = {name: archive.read(name) for name in (COMPONENTS, INDEX) if name in listed}
    for name, data in files.items():
        if blake3(data).hexdigest() != listed[name][1]:
            raise BundleError(f"{name} was changed")
    components = _components(decoded(files, COMPONENTS, tuple[Component, ...]), bundle)
    pieces = decoded(files, INDEX, tuple[Piece, ...])
    _check_pieces(pieces, archive)
    held = {piece.digest for piece in pieces}
    for component in components.values():
        if component.manifest is not None and not _chunks_of(component.manifest) <= held:
            raise BundleError(f"values of component {component.component_id[:16]} are missing")
    return Values(components, pieces)


def _components(found: tuple[Component, ...], bundle: Bundle) -> dict[ComponentId, Component]:
    wanted = set(bundle.run.components.values())
    components: dict[ComponentId, Component] = {}
    for component in found:
        if component.manifest is None or component_digest(component.manifest) != component.component_id:
            raise BundleError(f"component {component.component_id[:16]} is not what its name says")
        if component.component_id not in wanted:
            raise BundleError(f"component {component.component_id[:16]} is of another run")
        components[component.component_id] = component
    return components


def _check_pieces(pieces: tuple[Piece, ...], archive: Archive) -> None:
    for piece in pieces:
        if not (0 <= piece.size <= CHUNK_LIMIT and 0 <= piece.stored <= CHUNK_LIMIT):
            raise BundleError(f"a chunk of {piece.size:,} bytes is larger than chunks are")
    there = archive.entries[CHUNKS].size if CHUNKS in archive.entries else 0
    if sum(piece.length for piece in pieces) != there:
        raise BundleError(f"{CHUNKS} is not as large as its index says")


def _chunks_of(manifest: Manifest) -> set[Digest]:
    return {digest for blob in (manifest.stream, *manifest.buffers) for digest in blob.chunks}
