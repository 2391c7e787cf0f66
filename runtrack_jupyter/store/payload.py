"""Values as bytes: nothing is handed out that this user's key did not sign, or that is not what was written."""

import contextlib
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

import msgspec
from blake3 import blake3

from runtrack_jupyter.errors import DamagedStoreError, StoreError, StoreUnavailableError, UntrustedError
from runtrack_jupyter.model import Blob, Component, ComponentId, Digest, Manifest, Wanted
from runtrack_jupyter.store.chunks import chunk_digest
from runtrack_jupyter.store.fetching import fetch, runs_of
from runtrack_jupyter.store.folding import Location
from runtrack_jupyter.store.frames import Captured, Chunks, Piece, left_of
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.scan import HeaderRead, read_header
from runtrack_jupyter.store.wire import CHUNK_LIMIT, is_signed

__all__ = ["StorePayload", "component_digest"]

_OPEN_FILES = 32  # segments kept open between reads
_MANIFEST_LIMIT = 1 << 30  # bytes of one manifest; nothing we write comes near

_Found = TypeVar("_Found")
_encoder = msgspec.json.Encoder(order="deterministic")


def component_digest(manifest: Manifest) -> ComponentId:
    """Return the id of the component that `manifest` describes."""
    return ComponentId(chunk_digest(_encoder.encode(manifest)))


class Place(NamedTuple):
    """Where the bytes of a chunk lie, in a frame whose MAC was checked."""

    path: Path
    at: int
    piece: Piece


class StorePayload:
    """The components of all the stores of a history, read where they lie; for one thread at a time."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._files: dict[Path, BinaryIO] = {}
        self._places: dict[Digest, Place] = {}
        weakref.finalize(self, _close_all, self._files)

    def manifest(self, component_id: ComponentId) -> Manifest:
        """Return how to rebuild a component.

        Raises
        ------
        UntrustedError
            It is on record, but not by this user's hand.
        DamagedStoreError
            It is not on record, or not as it was written.
        """
        return self._looking_again(
            lambda: self._first(
                f"component {component_id}",
                lambda: self._history.component_locations(component_id),
                lambda location: self._manifest_at(location, component_id),
            )
        )

    def pieces(self, component_id: ComponentId) -> set[Digest]:
        """Return the chunks that hold a long manifest, of every session that saved it."""
        found: set[Digest] = set()
        for location in self._history.component_locations(component_id):
            with contextlib.suppress(DamagedStoreError, UntrustedError):
                found.update(self._component_at(location, component_id).pieces)
        return found

    def sizes(self, digests: Sequence[Digest]) -> list[int]:
        """Return how many bytes each chunk has; raises as `manifest` does."""
        return self._looking_again(lambda: [self._place(digest).piece.size for digest in digests])

    def read(
        self, wanted: Sequence[Wanted], into: memoryview, progress: Callable[[int], None] | None = None
    ) -> None:
        """Put chunks where they are wanted in `into`; `progress` is told how many bytes came.

        Raises
        ------
        UntrustedError
            Some of it is on record, but not by this user's hand.
        DamagedStoreError
            Some of it is missing, or is not what was written; `into` may be partly filled.
        """
        memory = into.cast("B")
        self._looking_again(lambda: self._read(wanted, memory, progress))

    def _read(
        self, wanted: Sequence[Wanted], into: memoryview, progress: Callable[[int], None] | None
    ) -> None:
        if len(self._files) >= _OPEN_FILES:
            _close_all(self._files)
        placed = [(each, self._place(each.digest)) for each in wanted]
        for each, place in placed:
            if place.piece.size != each.size or each.start + each.size > len(into):
                raise DamagedStoreError(f"chunk {each.digest} has not the size that is wanted of it")
        for failed in fetch(runs_of(placed), self._open, into, progress):
            self._read_elsewhere(failed, into)

    def read_blob(self, blob: Blob, into: memoryview) -> None:
        """Fill `into`, of exactly ``blob.size`` bytes; raises as `read` does."""
        if into.nbytes != blob.size:
            raise ValueError(f"a blob of {blob.size} bytes does not fill {into.nbytes}")
        wanted, at = [], 0
        for digest, size in zip(blob.chunks, self.sizes(blob.chunks), strict=True):
            wanted.append(Wanted(digest, at, size))
            at += size
        if at != blob.size:
            raise DamagedStoreError(f"a blob of {blob.size} bytes has chunks of {at}")
        self.read(wanted, into)

    def close(self) -> None:
        """Close the files that are kept open between reads."""
        _close_all(self._files)

    def _looking_again(self, act: Callable[[], _Found]) -> _Found:
        """Do what reads; where it finds something else than it knew of, look where things lie now and do it again."""
        try:
            return act()
        except DamagedStoreError:
            if not self._history.refresh():
                raise
            _close_all(self._files)
            self._places.clear()
            return act()

    def _first(
        self, name: str, locations: Callable[[], Iterator[Location]], take: Callable[[Location], _Found]
    ) -> _Found:
        """Return what `take` gives at the first location that is whole and trusted."""
        refused: StoreError | UntrustedError | None = None
        for location in locations():
            try:
                return take(location)
            except (DamagedStoreError, StoreUnavailableError) as error:
                refused = refused or error
            except UntrustedError as error:
                refused = error  # whole, and needs only trust: what a person can do something about
        raise refused or DamagedStoreError(f"{name} is not in the store")

    def _manifest_at(self, location: Location, component_id: ComponentId) -> Manifest:
        component = self._component_at(location, component_id)
        manifest = component.manifest or self._long_manifest(component)
        if component_digest(manifest) != component_id:
            raise DamagedStoreError(f"component {component_id} is not what was written")
        return manifest

    def _component_at(self, location: Location, component_id: ComponentId) -> Component:
        frame = left_of(self._trusted(location).envelope.frame)
        for component in frame.components if isinstance(frame, Captured) else ():
            if component.component_id == component_id:
                return component
        raise DamagedStoreError(f"component {component_id} is not what was written")

    def _long_manifest(self, component: Component) -> Manifest:
        sizes = self.sizes(component.pieces)
        if sum(sizes) > _MANIFEST_LIMIT:
            raise DamagedStoreError(
                f"component {component.component_id} claims a manifest beyond all measure"
            )
        data = bytearray(sum(sizes))
        self.read_blob(Blob(size=len(data), chunks=component.pieces), memoryview(data))
        if blake3(data).hexdigest() != component.component_id:
            raise DamagedStoreError(f"component {component.component_id} is not what was written")
        try:
            return msgspec.json.decode(data, type=Manifest)
        except msgspec.DecodeError as error:
            raise DamagedStoreError(f"component {component.component_id} is no manifest") from error

    # --- chunks ---

    def _place(self, digest: Digest) -> Place:
        place = self._places.get(digest)
        if place is None:
            place = self._first(
                f"chunk {digest}",
                lambda: self._history.chunk_locations(digest),
                lambda location: self._place_at(location, digest),
            )
        return place

    def _place_at(self, location: Location, digest: Digest) -> Place:
        """Return where a frame holds a chunk, and note where it holds its others."""
        found = self._trusted(location)
        frame = found.envelope.frame
        places: dict[Digest, Place] = {}
        if isinstance(frame, Chunks):
            at = found.payload_offset
            for piece in frame.pieces:
                if not (0 <= piece.size <= CHUNK_LIMIT and 0 <= piece.stored <= CHUNK_LIMIT):
                    raise DamagedStoreError(f"chunk {piece.digest} claims {piece.size} bytes")
                places[piece.digest] = Place(location.path, at, piece)
                at += piece.length
            if at != found.payload_offset + found.payload_size:
                raise DamagedStoreError(f"the frame at {location.offset} has another payload than it says")
        if digest not in places:
            raise DamagedStoreError(f"chunk {digest} is not what was written")
        for each, place in places.items():
            self._places.setdefault(each, place)
        return places[digest]

    def _read_elsewhere(self, wanted: Wanted, into: memoryview) -> None:
        """Read a chunk that is damaged where it was first found from wherever else it lies."""

        def take(location: Location) -> None:
            place = self._place_at(location, wanted.digest)
            if place.piece.size != wanted.size or fetch(runs_of([(wanted, place)]), self._open, into):
                raise DamagedStoreError(f"chunk {wanted.digest} is not what was written")

        locations = self._history.chunk_locations(wanted.digest)
        self._first(f"chunk {wanted.digest}", lambda: locations, take)

    def _trusted(self, location: Location) -> HeaderRead:
        """Return a frame's header, once its MAC shows who made it."""
        key = self._history.key
        if key is None:
            raise UntrustedError(
                "this user's key is missing: values on record cannot be told from forged ones"
            )
        try:
            found = read_header(self._open(location.path), location.offset)
        except OSError as error:
            raise StoreUnavailableError(f"{location.path} cannot be read: {error.strerror}") from error
        if not is_signed(key, location.session_id, location.previous, found.envelope, found.header):
            raise UntrustedError(f"session {location.session_id} was not recorded with this user's key")
        return found

    def _open(self, path: Path) -> BinaryIO:
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = path.open("rb", buffering=0)
        return file


def _close_all(files: dict[Path, BinaryIO]) -> None:
    while files:
        files.popitem()[1].close()
