"""One session, folded from its frames as they are read."""

import contextlib
import itertools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from runtrack_jupyter.errors import DamagedStoreError, StoreError
from runtrack_jupyter.model import ComponentId, Digest, Gap, NotebookId, RunId, Session, SessionId, StepId
from runtrack_jupyter.store.frames import (
    Captured,
    Cells,
    Chunks,
    Closed,
    HeadMoved,
    NotebookBound,
    Output,
    Purged,
    Recorded,
    RunLogged,
    SessionStarted,
    StepEnded,
    StepStarted,
    left_of,
)
from runtrack_jupyter.store.leases import is_held
from runtrack_jupyter.store.places import Place
from runtrack_jupyter.store.scan import Damage, Scanned, SegmentReader, read_header

__all__ = ["FoldedSession", "Location"]

_NEAR = 4  # places above the head in which a capture that comes late can belong


class Location(NamedTuple):
    """Where a frame lies, and the MAC before it, which its own MAC covers."""

    path: Path
    session_id: SessionId
    offset: int
    previous: bytes


# Number of the file, offset, MAC before: a plain tuple, of which there is one for every frame of payload.
_Spot = tuple[int, int, bytes]


class FoldedSession:
    """What one session's segment files say, kept up to date by `refresh`."""

    def __init__(self, store: Path, session_id: SessionId, key: bytes | None) -> None:
        self.store = store
        self.session_id = session_id
        self.session: Session | None = None  # None: not even the first frame is whole
        self.alive = True
        self.closed = False
        self.foreign = False  # not made with this user's key
        self.foreign_runs: set[RunId] = set()  # nor these, though the session was: forged, or after damage
        self.purged: dict[RunId, datetime] = {}
        self.places: dict[StepId, Place] = {}
        self.beginning = Place(session_id)
        self.head = self.beginning
        self.runs: dict[RunId, RunLogged] = {}
        self.run_places: dict[RunId, Place] = {}
        self.bindings: list[NotebookBound] = []
        self.components: dict[ComponentId, _Spot] = {}
        self.cells: dict[StepId | None, _Spot] = {}
        self.sources: dict[Digest, str] = {}
        self.problems: list[str] = []
        self._key = key
        self._readers: list[SegmentReader] = []
        self._all = [self.beginning]
        self._new_steps: list[StepId] = []
        self._payload: list[_Spot] = []
        self._chunks: dict[Digest, _Spot] = {}
        self._indexed = 0  # frames of payload whose chunks are in the index

    @property
    def notebook_id(self) -> NotebookId:
        """The notebook it belongs to: as bound last, as it began, or else one of its own."""
        if self.bindings:
            return self.bindings[-1].notebook_id
        if self.session is not None and self.session.notebook_id is not None:
            return self.session.notebook_id
        return NotebookId(self.session_id)

    @property
    def damage(self) -> list[tuple[Path, Damage]]:
        """What was stepped over in its files."""
        return [(reader.path, damage) for reader in self._readers for damage in reader.damage]

    def bound(self, session: Session) -> Session:
        """Return its `session` with the notebook and path it is bound to."""
        path = next((frame.path for frame in reversed(self.bindings) if frame.path), session.notebook_path)
        return msgspec.structs.replace(session, notebook_id=self.notebook_id, notebook_path=path)

    def cells_at(self, spot: _Spot) -> Cells:
        """Return a list of cells, read again, with all their sources that are known."""
        location = self.location(spot)
        with location.path.open("rb") as file:
            frame = left_of(read_header(file, location.offset).envelope.frame)
        if not isinstance(frame, Cells):
            raise DamagedStoreError(f"{location.path} was changed while it was read")
        digests = {entry.digest for entry in frame.cells}
        sources = {digest: text for digest, text in self.sources.items() if digest in digests}
        return msgspec.structs.replace(frame, sources=sources)

    def last_at(self) -> datetime:
        """Return when something was last done in it."""
        moments = [logged.run.created_at for logged in self.runs.values()]
        if self.session is not None:
            moments.append(self.session.started_at)
        if self.places:
            last = next(reversed(self.places.values()))
            moments += [frame.ended_at for frame in (last.ended,) if frame is not None]
            moments += [frame.started_at for frame in (last.started,) if frame is not None]
        return max(moments)

    def take_new_steps(self) -> list[StepId]:
        """Return the steps that were read since this was asked last."""
        new, self._new_steps = self._new_steps, []
        return new

    def referred(self) -> set[ComponentId]:
        """Return every component that its frames name: all that a kernel at work may still go by."""
        found = set(self.components)
        for place in self._all:
            found.update(place.move.components.values() if place.move is not None else ())
            for frame in place.captured:
                found.update(frame.bound.values())
        for logged in self.runs.values():
            found.update(logged.run.components.values())
        return found

    @property
    def moves(self) -> int:
        """How often its head was moved: each time it may have taken up values that lie elsewhere."""
        return sum(place.move is not None for place in self._all)

    def refresh(self, files: list[Path]) -> bool:
        """Read what was appended to its `files`; return whether anything is new."""
        changed = False
        for number, path in enumerate(files):
            if number == len(self._readers):
                self._readers.append(SegmentReader(path, self._key))
            changed |= self._read(number)
        alive = not self.closed and is_held(self.store, self.session_id)
        changed |= alive != self.alive
        self.alive = alive
        return changed

    def was_rewritten(self, files: list[Path]) -> bool:
        """Return whether files are gone or shorter than what was read of them, as after a recovery or a purge."""
        known = [reader.path for reader in self._readers]
        if known != files[: len(known)]:
            return True
        return any(reader.was_replaced() for reader in self._readers)

    def _read(self, number: int) -> bool:
        reader = self._readers[number]
        if _size(reader.path) == reader.position + reader.torn:
            return False
        changed = False
        try:
            for found in reader.read():
                changed = True
                self._fold(number, found)
        except StoreError as error:
            if str(error) not in self.problems:
                self.problems.append(str(error))
                changed = True
        return changed

    def location(self, spot: _Spot) -> Location:
        """Return where a frame of this session lies."""
        number, offset, previous = spot
        return Location(self._readers[number].path, self.session_id, offset, previous)

    def chunk_spot(self, digest: Digest) -> _Spot | None:
        """Return the frame that holds a chunk; None when this session wrote none of that digest.

        The index is made when it is asked for: who only browses never needs the half million entries of a full store.
        """
        if self._indexed < len(self._payload):
            self._index()
        return self._chunks.get(digest)

    def _index(self) -> None:
        spots, self._indexed = self._payload[self._indexed :], len(self._payload)
        for number, group in itertools.groupby(spots, key=lambda spot: spot[0]):
            with contextlib.suppress(OSError), self._readers[number].path.open("rb", buffering=0) as file:
                for spot in group:
                    with contextlib.suppress(DamagedStoreError):
                        frame = read_header(file, spot[1]).envelope.frame
                        pieces = frame.pieces if isinstance(frame, Chunks) else ()
                        for piece in pieces:
                            self._chunks.setdefault(piece.digest, spot)

    def _fold(self, number: int, found: Scanned) -> None:
        frame = left_of(found.frame)
        if isinstance(found.frame, Purged):  # a forged one is for fsck to find: what it replaced is gone
            self.purged[found.frame.run_id] = found.frame.at
        if isinstance(frame, Chunks):
            if not found.hollow:
                self._payload.append((number, found.offset, found.previous))
        elif isinstance(frame, Captured):
            if frame.components:
                spot = (number, found.offset, found.previous)
                for component in frame.components:
                    self.components.setdefault(component.component_id, spot)
                frame = msgspec.structs.replace(frame, components=())
            self._capture(frame)
        elif isinstance(frame, Cells):
            if not isinstance(found.frame, Purged):  # else only what later ones refer to is left
                self.cells[frame.step_id] = (number, found.offset, found.previous)
            self.sources.update(frame.sources)
        elif frame is not None:
            if not found.trusted:
                self._note_stranger(frame)
            fold = _FOLDS.get(type(frame))
            if fold is not None:
                fold(self, frame)
            if isinstance(found.frame, Purged) and isinstance(frame, StepStarted):
                self.head.purged = Gap(subject="step", kind="purged", reason=_purged_on(found.frame.at))

    def _note_stranger(self, frame: object) -> None:
        if isinstance(frame, SessionStarted):
            self.foreign = True
        elif isinstance(frame, RunLogged):
            self.foreign_runs.add(frame.run.run_id)

    def _started(self, frame: SessionStarted) -> None:
        self.session = frame.session

    def _bound(self, frame: NotebookBound) -> None:
        self.bindings.append(frame)

    def _closed(self, frame: Closed) -> None:
        self.closed = not frame.rolled

    def _step_started(self, frame: StepStarted) -> None:
        parent: Place | None = self.head
        if self.head.step_id != frame.parent_step:
            parent = self.places.get(frame.parent_step) if frame.parent_step else self.beginning
        place = Place(self.session_id, parent)
        place.step_id, place.started = frame.step_id, frame
        self.places[frame.step_id] = self.head = place
        self._all.append(place)
        self._new_steps.append(frame.step_id)

    def _step_ended(self, frame: StepEnded) -> None:
        if place := self.places.get(frame.step_id):
            place.ended = frame
            place.touch()

    def _output(self, frame: Output) -> None:
        if place := self.places.get(frame.step_id):
            place.show(frame)
            place.touch()

    def _recorded(self, frame: Recorded) -> None:
        place = self.places.get(frame.step_id) if frame.step_id else self.beginning
        if place is not None:
            place.record(frame)
            place.touch()

    def _capture(self, frame: Captured) -> None:
        place = self._place_of(frame.step_id)
        if place is None:
            return  # its step was lost with damaged bytes
        place.captured = (*place.captured, frame)
        if place.ended is not None and not frame.late:
            place.saved = True
        place.touch()
        if place.seen:
            # Rare: states were put together before this change of them was found.
            for each in self._all:
                each.remembered, each.seen = None, False

    def _place_of(self, step_id: StepId | None) -> Place | None:
        # After a restore the head is a place of its own, though it bears the name of the step that was restored.
        place: Place | None = self.head
        for _ in range(_NEAR):
            if place is None:
                break
            if place.step_id == step_id:
                return place
            place = place.parent
        return self.places.get(step_id) if step_id else self.beginning

    def _head_moved(self, frame: HeadMoved) -> None:
        # The state comes with the move; what lies above is found by the step's id, in whichever session it is.
        place = Place(self.session_id)
        place.step_id, place.move = frame.step_id, frame
        self.head = place
        self._all.append(place)

    def _run_logged(self, frame: RunLogged) -> None:
        run_id = frame.run.run_id
        place = self.head
        if frame.run.head_step != place.step_id:
            place = self.places.get(frame.run.head_step, place) if frame.run.head_step else self.beginning
        place.runs = (*place.runs, (run_id, place.started is not None and place.ended is None))
        self.runs[run_id] = frame
        self.run_places[run_id] = place


def _purged_on(at: datetime) -> str:
    return f"purged on {at.date().isoformat()}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


_FOLDS: dict[type, Callable[..., None]] = {
    SessionStarted: FoldedSession._started,
    NotebookBound: FoldedSession._bound,
    StepStarted: FoldedSession._step_started,
    StepEnded: FoldedSession._step_ended,
    Output: FoldedSession._output,
    Recorded: FoldedSession._recorded,
    HeadMoved: FoldedSession._head_moved,
    RunLogged: FoldedSession._run_logged,
    Closed: FoldedSession._closed,
}
