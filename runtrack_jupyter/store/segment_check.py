"""One session's segments looked over: checksums, MACs, the chain, payload, and the digests that bind runs together."""

from collections.abc import Container, Iterable, Mapping
from pathlib import Path

import msgspec
from blake3 import blake3

from runtrack_jupyter.errors import DamagedStoreError, StoreError
from runtrack_jupyter.model import Component, ComponentId, Digest, Manifest, SessionId
from runtrack_jupyter.store.chunks import unpack
from runtrack_jupyter.store.findings import Finding, Kind, Severity
from runtrack_jupyter.store.frames import (
    Captured,
    Chunks,
    HeadMoved,
    Piece,
    Purged,
    RunLogged,
    SessionStarted,
    left_of,
)
from runtrack_jupyter.store.leases import is_held
from runtrack_jupyter.store.payload import component_digest
from runtrack_jupyter.store.scan import Scanned, SegmentReader, read_header
from runtrack_jupyter.store.wire import CHUNK_LIMIT, NO_MAC

__all__ = ["SegmentCheck"]


Place = tuple[Path, int, Piece]


class _LoggedRun(msgspec.Struct):
    run: msgspec.Raw


class _RunHeader(msgspec.Struct):
    frame: _LoggedRun


class SegmentCheck:
    """Reads all frames of one session; `findings` tells what is wrong with them.

    `chunks` are the payload that is there and right, `components` the manifests, `wanted` the components that the
    record refers to, with the first step or run that does.
    """

    def __init__(self, store: Path, session_id: SessionId, files: list[Path], key: bytes | None) -> None:
        self.session_id = session_id
        self.findings: list[Finding] = []
        self.chunks: dict[Digest, Place] = {}
        self.components: dict[ComponentId, Manifest] = {}
        self.wanted: dict[ComponentId, str] = {}
        self._alive = is_held(store, session_id)
        self._seq = 0
        self._mac = NO_MAC
        self._signed = 0
        self._unsigned: list[Scanned] = []
        self._previous_run: Digest | None = None
        self._components: list[Component] = []
        for number, path in enumerate(files):
            self._check_file(path, number, key)
        self._judge_signatures(key)

    def _say(self, severity: Severity, kind: Kind, subject: str, message: str) -> None:
        self.findings.append(Finding(severity=severity, kind=kind, subject=subject, message=message))

    def _check_file(self, path: Path, number: int, key: bytes | None) -> None:
        reader = SegmentReader(path, key)
        try:
            first = True
            for found in reader.read():
                if first and (reader.number != number or reader.previous != self._mac):
                    self._say("error", "chain", str(path), "it does not continue the file before it")
                first = False
                self._check_frame(path, found)
        except StoreError as error:
            self._say("error", "damaged", str(path), str(error))
        for damage in reader.damage:
            message = f"bytes {damage.offset} to {damage.end}: {damage.reason}"
            self._say("error", "damaged", str(path), message)
        if reader.torn and not reader.cut_short:
            self._say(
                "error", "damaged", str(path), f"bytes from {reader.position} on are not what was written"
            )
        elif reader.torn:
            severity: Severity = "info" if self._alive else "warning"
            self._say(severity, "torn", str(path), f"{reader.torn} bytes of an unfinished frame at the end")

    def _check_frame(self, path: Path, found: Scanned) -> None:
        if found.seq != self._seq + 1 or found.previous != self._mac:
            message = f"frame {found.seq} at {found.offset} comes after frame {self._seq}"
            self._say("error", "chain", str(path), message)
        self._seq, self._mac = found.seq, found.mac
        if found.trusted:
            self._signed += 1
        else:
            self._unsigned.append(found)
        frame = left_of(found.frame)
        if isinstance(found.frame, Purged):
            self._check_tombstone(found.frame)
        elif isinstance(frame, RunLogged):
            self._check_run_chain(path, found, frame)
        if isinstance(frame, SessionStarted):
            if frame.session.session_id != self.session_id:
                message = f"it holds session {frame.session.session_id}"
                self._say("error", "chain", str(path), message)
        elif isinstance(frame, Chunks):
            self._check_chunks(path, found, frame)
        elif isinstance(frame, Captured):
            self._check_captured(frame)
        elif isinstance(frame, HeadMoved):
            self._want(frame.components.values(), f"move to {frame.step_id}")
        elif isinstance(frame, RunLogged):
            self._want(frame.run.components.values(), f"run {frame.run.run_id}")

    def _check_tombstone(self, frame: Purged) -> None:
        if frame.run_digest is None:
            return
        message = f"it was purged on {frame.at.date().isoformat()}; its digest stands for it in the chain"
        self._say("info", "purged", frame.run_id, message)
        if isinstance(frame.kept, RunLogged) and frame.kept.run.previous != self._previous_run:
            self._say(
                "error", "run", frame.run_id, "its session's run before it is not the one that it names"
            )
        self._previous_run = frame.run_digest

    def _check_chunks(self, path: Path, found: Scanned, frame: Chunks) -> None:
        at = found.payload_offset
        if found.hollow:
            return  # it was moved, or taken out: whether it is missed is told when all is known
        for piece in frame.pieces:
            try:
                _read_piece(path, at, piece)
            except (DamagedStoreError, OSError) as error:
                self._say("error", "chunk", str(path), f"at {at}: {error}")
            else:
                self.chunks[piece.digest] = (path, at, piece)
            at += piece.length
        if at != found.end:
            message = f"frame {found.seq} at {found.offset} has another payload than it says"
            self._say("error", "chunk", str(path), message)

    def _check_captured(self, frame: Captured) -> None:
        self._components += frame.components
        self._want(frame.bound.values(), f"step {frame.step_id}")

    def check_components(
        self, chunks: Mapping[Digest, Place], thinned: Mapping[ComponentId, Container[SessionId]]
    ) -> None:
        """Look at the components it saved, with the payload of all files, and what was taken out of the record."""
        for component in self._components:
            manifest = self._manifest(component, chunks)
            if manifest is None and self.session_id in thinned.get(component.component_id, ()):
                continue
            if manifest is None or component_digest(manifest) != component.component_id:
                message = (
                    "its manifest has another digest" if manifest else "its manifest is missing or damaged"
                )
                self._say("error", "component", component.component_id, message)
            if manifest is not None:
                self.components[component.component_id] = manifest

    def _manifest(self, component: Component, chunks: Mapping[Digest, Place]) -> Manifest | None:
        if component.manifest is not None:
            return component.manifest
        try:
            data = b"".join(_read_piece(*chunks[digest]) for digest in component.pieces)
            return msgspec.json.decode(data, type=Manifest)
        except (KeyError, DamagedStoreError, OSError, msgspec.DecodeError):
            return None

    def _want(self, components: Iterable[ComponentId], by: str) -> None:
        for component_id in components:
            self.wanted.setdefault(component_id, by)

    def _check_run_chain(self, path: Path, found: Scanned, frame: RunLogged) -> None:
        if frame.run.previous != self._previous_run:
            message = "its session's run before it is not the one that it names"
            self._say("error", "run", frame.run.run_id, message)
        with path.open("rb") as file:
            header = read_header(file, found.offset).header
        raw = bytes(msgspec.json.decode(header, type=_RunHeader).frame.run)
        self._previous_run = Digest(blake3(raw).hexdigest())

    def _judge_signatures(self, key: bytes | None) -> None:
        if not self._unsigned:
            return
        if key is None or not self._signed:
            message = "not recorded with this user's key: it can be read, and its values are not loaded"
            self._say("info", "foreign", self.session_id, message)
            return
        for found in self._unsigned:
            message = f"frame {found.seq} is not what this user's key signed"
            self._say("error", "mac", self.session_id, message)


def _read_piece(path: Path, at: int, piece: Piece) -> bytes | memoryview:
    if not 0 <= piece.length <= CHUNK_LIMIT:
        raise DamagedStoreError(f"chunk {piece.digest} claims {piece.length} bytes")
    with path.open("rb") as file:
        file.seek(at)
        return unpack(piece, file.read(piece.length))
