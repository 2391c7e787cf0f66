"""Removing a run for good: its record, its values, its commit, and what was said of it. A tombstone keeps the chain whole."""

import os
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

import msgspec

from runtrack_jupyter.errors import (
    DamagedStoreError,
    StoreLockedError,
    StoreUnavailableError,
    UntrustedError,
    UsageError,
)
from runtrack_jupyter.model import ComponentId, Digest, Run, RunId, SessionId, StepId
from runtrack_jupyter.store.folding import FoldedSession
from runtrack_jupyter.store.goingback import somebody_goes_back, taking_out
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import events_folder, sync_folder
from runtrack_jupyter.store.lock import store_lock
from runtrack_jupyter.store.moments import can_be_thinned
from runtrack_jupyter.store.payload import StorePayload
from runtrack_jupyter.store.repository import RunRepository
from runtrack_jupyter.store.rewriting import Layout, PackWriter, layout_of, read_piece, write_hollowed
from runtrack_jupyter.store.scan import SegmentReader, read_header, segment_files
from runtrack_jupyter.store.thinned import Thinned, ThinnedLog
from runtrack_jupyter.store.tombstones import Survivors, belongs_to, tombstone
from runtrack_jupyter.store.wire import pack_header, raw_frame, sign_tombstone

__all__ = ["Preview", "preview", "purge"]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a purge takes, and what it leaves."""

    run: Run
    steps: tuple[StepId, ...]  # whose record goes with it
    shared: tuple[StepId, ...]  # that other runs have too: they stay
    size: int  # bytes of values that nothing else needs
    later: tuple[RunId, ...]  # of the same notebook: their documents may hold the same cells and outputs


def preview(history: History, store: Path, run_id: RunId) -> Preview:
    """Return what `purge` would do; `history` covers the store and all that may refer to it.

    Raises
    ------
    NotFoundError
        There is no such run.
    UsageError
        It cannot be purged now; the message says why.
    """
    target = _Target(history, store, run_id, datetime.now(timezone.utc))
    run = target.run
    later = [
        each.run_id
        for each in history.runs(run.notebook_id)
        if each.created_at > run.created_at and not each.purged_at
    ]
    sizes = StorePayload(history)
    size = 0
    for digest in target.doomed():
        try:
            size += sum(sizes.sizes([digest]))
        except (DamagedStoreError, UntrustedError):
            continue  # taken out already
    return Preview(
        run=run,
        steps=tuple(sorted(target.steps)),
        shared=tuple(step for step in run.steps if step not in target.steps),
        size=size,
        later=tuple(later),
    )


def purge(
    store: Path,
    run_id: RunId,
    key: bytes | None,
    *,
    others: Sequence[Path] = (),
    now: datetime | None = None,
) -> None:
    """Remove a run for good; doing it again finishes what was cut short.

    Raises
    ------
    UntrustedError
        The run was not made by this user.
    NotFoundError
        There is no such run.
    UsageError
        It cannot be purged now; the message says why.
    GitError
        Its record and its values are gone, but not its commit: do it again.
    StoreUnavailableError
        The store cannot be written.
    """
    if key is None:
        raise UntrustedError("this user's key is missing: what may be removed cannot be told")
    now = now or datetime.now(timezone.utc)
    with store_lock(store):
        history = History([store, *others], key, received=False)
        history.refresh()
        if not history.is_purged(run_id):
            target = _Target(history, store, run_id, now)
            try:
                _rewrite(store, key, target, now)
            except OSError as error:
                raise StoreUnavailableError(
                    f"{store} cannot be written: {error.strerror or error}"
                ) from error
        _silence(store, run_id)
        RunRepository(store).remove(run_id)


class _Target:
    """One run to be removed, and what must survive it."""

    def __init__(self, history: History, store: Path, run_id: RunId, now: datetime) -> None:
        self.run = history.run(run_id)
        self.history = history
        self._now = now
        elsewhere = {
            step for run in history.runs() if run.run_id != run_id and not run.purged_at for step in run.steps
        }
        self.steps = {step for step in self.run.steps if step not in elsewhere}
        self.sessions = [
            session
            for session in history.folded_sessions()
            if run_id in session.runs or self.steps & session.places.keys()
        ]
        if history.is_foreign(run_id):
            raise UntrustedError("a run that was not recorded with this user's key cannot be purged")
        for session in self.sessions:
            if session.store != store:
                raise UsageError(f"part of it lies in {session.store}")
            if not (can_be_thinned(session, store, now) or session.session is None):
                raise UsageError(
                    "its kernel still runs, or ended less than a day ago without saying so: shut it down"
                )
        self.survivors = Survivors.of(history, run_id, self.steps, store, now)

    def components(self) -> set[ComponentId]:
        """Return the components that only this run needs."""
        found = set(self.run.components.values())
        for session in self.sessions:
            for step_id in self.steps & session.places.keys():
                for frame in session.places[step_id].captured:
                    found.update(frame.bound.values())
        return found - self.survivors.components

    def doomed(self) -> set[Digest]:
        """Return the payload that only this run needs."""
        return _chunks_of(self.history, self.components()) - self.needed()

    def needed(self) -> set[Digest]:
        """Return the payload that something else needs."""
        return _chunks_of(self.history, self.survivors.components)


def _chunks_of(history: History, components: Collection[ComponentId]) -> set[Digest]:
    payload = StorePayload(history)
    found: set[Digest] = set()
    for component in components:
        if history.is_gone(component):
            continue
        try:
            manifest = payload.manifest(component)
        except (DamagedStoreError, UntrustedError):
            continue  # nothing of it can come back
        found |= payload.pieces(component)
        for blob in (manifest.stream, *manifest.buffers):
            found.update(blob.chunks)
    return found


def _rewrite(store: Path, key: bytes, target: _Target, now: datetime) -> None:
    """Write the files anew that hold something of the run."""
    doomed, needed = target.doomed(), target.needed()
    own = {session.session_id for session in target.sessions}
    pack = PackWriter(store, key)
    written: list[tuple[Path, Path]] = []
    try:
        for session, path in _files(target.history, store, now):
            layout = layout_of(path, key)
            if layout is None:
                if session.session_id in own:
                    raise DamagedStoreError(f"{path} is damaged: nothing of it can be purged")
                continue
            drop = doomed if session.session_id not in own else _payload(layout) - needed
            replaced = _tombstones(path, session, key, target, now) if session.session_id in own else {}
            hollow = _hollowed(layout, drop, pack)
            if hollow or replaced:
                written.append((write_hollowed(layout, hollow, replaced), path))
        pack.finish()
        with taking_out(store):
            if any(map(somebody_goes_back, target.history.stores)):
                raise StoreLockedError("a kernel restores a run just now: try again")
            _say_thinned(store, target, now)
            for partial, path in written:
                partial.replace(path)
            sync_folder(store / "segments")
    finally:
        pack.abandon()
        for partial, _ in written:
            partial.unlink(missing_ok=True)


def _files(history: History, store: Path, now: datetime) -> Iterator[tuple[FoldedSession, Path]]:
    files = segment_files(store)
    for session in history.folded_sessions():
        if can_be_thinned(session, store, now):
            for path in files.get(session.session_id, ()):
                yield session, path


def _payload(layout: Layout) -> set[Digest]:
    return {piece.digest for frame in layout.frames for piece in frame.pieces}


def _hollowed(layout: Layout, drop: set[Digest], pack: PackWriter) -> list[int]:
    """Return the frames that lose their payload; what stays of it goes into the pack."""
    hollow = []
    with layout.path.open("rb") as file:
        for frame in layout.frames:
            if not any(piece.digest in drop for piece in frame.pieces):
                continue
            hollow.append(frame.offset)
            at = frame.payload_offset
            for piece in frame.pieces:
                if piece.digest not in drop:
                    pack.add(piece, read_piece(file, at, piece))
                at += piece.length
    return hollow


def _tombstones(
    path: Path, session: FoldedSession, key: bytes, target: _Target, now: datetime
) -> dict[int, tuple[int, bytes]]:
    """Return what stands in the place of the frames of a run."""
    replaced: dict[int, tuple[int, bytes]] = {}
    wanted = _sources_of_others(session, target)
    with path.open("rb") as file:
        for found in SegmentReader(path, key).read():
            if found.frame is None or not belongs_to(found.frame, target.run.run_id, target.steps):
                continue
            header = read_header(file, found.offset).header
            mac = found.mac.hex()
            stone = tombstone(
                found.frame, target.run.run_id, raw_frame(header), target.survivors, wanted, now
            )
            stone = sign_tombstone(key, session.session_id, found.seq, mac, stone)
            replaced[found.offset] = (found.end, pack_header(found.seq, mac, stone))
    return replaced


def _sources_of_others(session: FoldedSession, target: _Target) -> set[Digest]:
    """Return the sources that lists of cells at other steps refer to."""
    wanted: set[Digest] = set()
    for step_id, spot in session.cells.items():
        if step_id not in target.steps:
            frame = session.cells_at(spot)
            wanted.update(entry.digest for entry in frame.cells)
    return wanted


def _say_thinned(store: Path, target: _Target, now: datetime) -> None:
    log, gone = ThinnedLog(store), target.components()
    for session in target.history.folded_sessions():
        lost = session.components.keys() & gone
        if session in target.sessions:
            lost = session.components.keys() - target.survivors.components
        if lost and session.store == store:
            log.append(
                Thinned(session_id=SessionId(session.session_id), components=tuple(sorted(lost)), at=now)
            )


def _silence(store: Path, run_id: RunId) -> None:
    """Overwrite what was said of a run; the files keep their size, as others may be reading on."""
    try:
        paths = [path for path in events_folder(store).iterdir() if path.suffix == ".jsonl"]
    except OSError:
        return
    for path in paths:
        with path.open("r+b") as file:
            at = 0
            for line in file.read().splitlines(keepends=True):
                if run_id.encode() in line and line.endswith(b"\n"):
                    blank = b'{"kind":"purged"}'.ljust(len(line) - 1)
                    file.seek(at)
                    file.write(blank)
                at += len(line)
            file.flush()
            os.fsync(file.fileno())
