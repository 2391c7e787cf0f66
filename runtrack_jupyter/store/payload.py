"""Values as bytes: nothing is handed out that this user's key did not sign, or that is not what was written."""

import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from runtrack_jupyter.errors import DamagedStoreError, StoreError, StoreUnavailableError, UntrustedError
from runtrack_jupyter.model import Blob, ComponentId, Digest, Manifest
from runtrack_jupyter.store.chunks import chunk_digest, decode_chunk
from runtrack_jupyter.store.folding import Location
from runtrack_jupyter.store.frames import Captured, Chunk, Frame
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.scan import read_frame
from runtrack_jupyter.store.wire import mac_of_header

__all__ = ["StorePayload", "component_digest"]

_OPEN_FILES = 32

_Found = TypeVar("_Found")


def component_digest(manifest: Manifest) -> ComponentId:
    """Return a component's id: the digest of its manifest as it is written in a frame."""
    return ComponentId(chunk_digest(msgspec.json.encode(manifest, order="deterministic")))


class StorePayload:
    """The components of all the stores of a history, read where they lie; for one thread at a time."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._files: dict[Path, BinaryIO] = {}
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
        name = f"component {component_id}"
        return self._first(
            name,
            lambda: self._history.component_locations(component_id),
            lambda location: self._manifest_at(location, component_id),
        )

    def read(self, blob: Blob, into: memoryview) -> None:
        """Fill `into`, of exactly ``blob.size`` bytes.

        Raises
        ------
        UntrustedError
            It is on record, but not by this user's hand.
        DamagedStoreError
            Some of it is missing, or is not what was written; `into` may be partly filled.
        """
        into = into.cast("B")
        if len(into) != blob.size:
            raise ValueError(f"a blob of {blob.size} bytes does not fill {len(into)}")
        at = 0
        for digest in blob.chunks:
            data = self.chunk(digest)
            if len(data) > blob.size - at:
                raise DamagedStoreError(f"a blob of {blob.size} bytes has larger chunks")
            into[at : at + len(data)] = data
            at += len(data)
        if at != blob.size:
            raise DamagedStoreError(f"a blob of {blob.size} bytes has chunks of only {at}")

    def chunk(self, digest: Digest) -> bytes:
        """Return one piece of payload; raises as `read` does."""
        return self._first(
            f"chunk {digest}",
            lambda: self._history.chunk_locations(digest),
            lambda location: self._chunk_at(location, digest),
        )

    def close(self) -> None:
        """Close the files that are kept open between reads."""
        _close_all(self._files)

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
        frame, _ = self._frame_at(location)
        components = frame.components if isinstance(frame, Captured) else ()
        for component in components:
            if component.component_id == component_id == component_digest(component.manifest):
                return component.manifest
        raise DamagedStoreError(f"component {component_id} is not what was written")

    def _chunk_at(self, location: Location, digest: Digest) -> bytes:
        frame, stored = self._frame_at(location)
        if not isinstance(frame, Chunk) or frame.digest != digest:
            raise DamagedStoreError(f"chunk {digest} is not what was written")
        return decode_chunk(frame, stored)

    def _frame_at(self, location: Location) -> tuple[Frame, bytes]:
        """Return a frame and its payload, once its MAC shows who made it."""
        key = self._history.key
        if key is None:
            raise UntrustedError(
                "this user's key is missing: values on record cannot be told from forged ones"
            )
        try:
            file = self._open(location.path)
            envelope, header, payload = read_frame(file, location.offset)
        except OSError as error:
            raise StoreUnavailableError(f"{location.path} cannot be read: {error.strerror}") from error
        expected = mac_of_header(key, location.session_id, location.previous, envelope, header)
        if expected.hex() != envelope.mac:  # no secret: whoever reads the file may time as they like
            raise UntrustedError(f"session {location.session_id} was not recorded with this user's key")
        return envelope.frame, payload

    def _open(self, path: Path) -> BinaryIO:
        file = self._files.get(path)
        if file is None:
            if len(self._files) >= _OPEN_FILES:
                _close_all(self._files)
            file = self._files[path] = path.open("rb")
        return file


def _close_all(files: dict[Path, BinaryIO]) -> None:
    while files:
        files.popitem()[1].close()
