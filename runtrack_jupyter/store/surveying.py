"""What a store's payload is still needed for: the look before anything is taken out."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from runtrack_jupyter.errors import DamagedStoreError, UntrustedError
from runtrack_jupyter.model import ComponentId, Digest, RunId, SessionId, StepId
from runtrack_jupyter.store.folding import FoldedSession
from runtrack_jupyter.store.frames import Piece
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.moments import ORDER, Ages, Moment, What, can_be_thinned, moments_of, spared
from runtrack_jupyter.store.payload import StorePayload
from runtrack_jupyter.store.rewriting import Layout, PayloadFrame, layout_of
from runtrack_jupyter.store.scan import segment_files

__all__ = ["GRACE", "Group", "Survey", "Taken"]

GRACE = timedelta(days=14)  # for payload that nothing refers to: a kernel may have been about to

_NOTHING = -1  # the rank of what no moment needs


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Values that go together, and the bytes that go when all groups before it have gone too."""

    what: What | Literal["unreferenced", "duplicates"]
    runs: int = 0
    steps: int = 0
    size: int = 0


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What of one file goes: frames whose payload is dropped, and chunks of them that move to a pack."""

    layout: Layout
    hollow: tuple[int, ...]
    moved: tuple[tuple[Piece, int], ...]
    dropped: frozenset[Digest]
    doubled: frozenset[Digest]  # of those: that lie elsewhere too
    size: int  # bytes that become free

    @property
    def whole(self) -> bool:
        """Whether nothing is left that the file is for."""
        return self.layout.pack and not self.moved and len(self.hollow) == len(self.layout.frames)


class Survey:
    """One look at a store; whoever acts on it holds the store lock.

    Moments are ranked by what can be done without first; chunks and components have the rank of the last one that
    needs them. Everything below the cut goes.
    """

    def __init__(
        self, history: History, store: Path, key: bytes, *, ages: Ages, now: datetime, asked: Collection[What]
    ) -> None:
        self._history = history
        self._store = store
        self._now = now
        self._payload = StorePayload(history)
        self.moments = moments_of(history, store, ages, now)
        self.moments.sort(key=lambda moment: not self._goes(moment, asked))
        self.sure = sum(self._goes(moment, asked) for moment in self.moments)
        self.cut = self.sure
        self._rank = self._ranked_components()
        self._needed = self._ranked_chunks()
        self.layouts = self._layouts(key)
        self._first = {
            piece.digest: (number, frame.offset)
            for number in reversed(range(len(self.layouts)))
            for frame in reversed(self.layouts[number].frames)
            for piece in frame.pieces
        }

    @staticmethod
    def _goes(moment: Moment, asked: Collection[What]) -> bool:
        return moment.expired or moment.what in asked

    def _ranked_components(self) -> dict[ComponentId, int]:
        rank: dict[ComponentId, int] = {}
        for session in self._thinnable():
            rank.update(dict.fromkeys(session.components, _NOTHING))
        for number, moment in enumerate(self.moments):
            rank.update(dict.fromkeys(moment.needs(), number))
        rank.update(dict.fromkeys(spared(self._history, self._store, self._now), len(self.moments)))
        return rank

    def _ranked_chunks(self) -> dict[Digest, int]:
        needed: dict[Digest, int] = {}
        for component_id, rank in sorted(self._rank.items(), key=lambda item: item[1]):
            needed.update(dict.fromkeys(self._chunks_of(component_id), rank))
        return needed

    def _chunks_of(self, component_id: ComponentId) -> Iterator[Digest]:
        """Yield all payload of a component, its long manifest included."""
        if self._history.is_gone(component_id):
            return
        try:
            manifest = self._payload.manifest(component_id)
        except (DamagedStoreError, UntrustedError):
            return  # it cannot come back, whatever is kept
        yield from self._payload.pieces(component_id)
        for blob in (manifest.stream, *manifest.buffers):
            yield from blob.chunks

    def _thinnable(self) -> list[FoldedSession]:
        return [
            each for each in self._history.folded_sessions() if can_be_thinned(each, self._store, self._now)
        ]

    def _layouts(self, key: bytes) -> list[Layout]:
        files = segment_files(self._store)
        own = (path for each in self._thinnable() for path in files.get(each.session_id, ()))
        return [layout for path in sorted(own) if (layout := layout_of(path, key)) is not None]

    # ---- what goes ------------------------------------------------------------------------------------------

    def is_needed(self, digest: Digest, layout: Layout) -> bool:
        """Return whether a chunk stays."""
        rank = self._needed.get(digest, _NOTHING)
        if rank == _NOTHING:
            return self._now.timestamp() - layout.modified < GRACE.total_seconds()
        return rank >= self.cut

    def groups(self) -> list[Group]:
        """Return what there is to free, in the order in which it is best done without."""
        sizes = dict.fromkeys((*ORDER, "unreferenced", "duplicates"), 0)
        for number, layout, frame in self._frames():
            for piece in frame.pieces:
                rank = self._needed.get(piece.digest, _NOTHING)
                if self._first[piece.digest] != (number, frame.offset):
                    sizes["duplicates"] += piece.length
                elif rank == _NOTHING and not self.is_needed(piece.digest, layout):
                    sizes["unreferenced"] += piece.length
                elif 0 <= rank < len(self.moments):
                    sizes[self.moments[rank].what] += piece.length
        kept = [moment for moment in self.moments if self._keeps(moment)]
        found = [Group(what="unreferenced", size=sizes["unreferenced"])]
        found.append(Group(what="duplicates", size=sizes["duplicates"]))
        for what in ORDER:
            own = [moment for moment in kept if moment.what == what]
            runs = sum(moment.run_id is not None for moment in own)
            found.append(Group(what=what, runs=runs, steps=len(own) - runs, size=sizes[what]))
        return found

    def _keeps(self, moment: Moment) -> bool:
        return any(not self._history.is_gone(component) for component in moment.needs())

    def cut_to(self, size: int) -> None:
        """Move the cut so far up that `size` bytes become free, or to the first named run."""
        sizes = [0] * (len(self.moments) + 1)
        free = 0
        for number, layout, frame in self._frames():
            for piece in frame.pieces:
                rank = self._needed.get(piece.digest, _NOTHING)
                doubled = self._first[piece.digest] != (number, frame.offset)
                if doubled or not self.is_needed(piece.digest, layout):
                    free += piece.length
                elif rank >= 0:
                    sizes[rank] += piece.length
        while free < size and self.cut < len(self.moments) and self.moments[self.cut].what != "named":
            free += sizes[self.cut]
            self.cut += 1

    def _frames(self) -> Iterator[tuple[int, Layout, PayloadFrame]]:
        for number, layout in enumerate(self.layouts):
            for frame in layout.frames:
                yield number, layout, frame

    def taken(self, least: int) -> list[Taken]:
        """Return what goes of each file, where it is at least so many bytes; those that are quickest done first."""
        found = [self._taken_of(number, layout) for number, layout in enumerate(self.layouts)]
        found = [each for each in found if each.hollow and each.size >= least]
        return sorted(found, key=lambda each: each.layout.size - each.size)

    def _taken_of(self, number: int, layout: Layout) -> Taken:
        hollow: list[int] = []
        moved: list[tuple[Piece, int]] = []
        dropped: set[Digest] = set()
        doubled: set[Digest] = set()
        size = 0
        for frame in layout.frames:
            at, kept = frame.payload_offset, []
            for piece in frame.pieces:
                needed = self.is_needed(piece.digest, layout)
                if needed and self._first[piece.digest] == (number, frame.offset):
                    kept.append((piece, at))
                else:
                    (doubled if needed else dropped).add(piece.digest)
                at += piece.length
            if len(kept) < len(frame.pieces):
                hollow.append(frame.offset)
                moved += kept
                size += sum(piece.length for piece in frame.pieces) - sum(piece.length for piece, _ in kept)
        return Taken(
            layout=layout,
            hollow=tuple(hollow),
            moved=tuple(moved),
            dropped=frozenset(dropped),
            doubled=frozenset(doubled),
            size=size,
        )

    def first_place(self, digest: Digest) -> tuple[Path, int, Piece]:
        """Return where the copy of a chunk lies that stays."""
        number, offset = self._first[digest]
        layout = self.layouts[number]
        frame = next(each for each in layout.frames if each.offset == offset)
        at = frame.payload_offset
        for piece in frame.pieces:
            if piece.digest == digest:
                return layout.path, at, piece
            at += piece.length
        raise DamagedStoreError(f"chunk {digest} is not where it was")

    def thinned(self) -> tuple[list[RunId], list[StepId]]:
        """Return the runs and steps below the cut that had values until now."""
        below = [moment for moment in self.moments[: self.cut] if self._keeps(moment)]
        return (
            [moment.run_id for moment in below if moment.run_id is not None],
            [moment.step_id for moment in below if moment.step_id is not None],
        )

    def losing(self, dropped: Collection[Digest]) -> dict[SessionId, list[ComponentId]]:
        """Return the components, by the sessions that saved them, that cannot come back without these chunks."""
        lost = {
            component
            for component, rank in self._rank.items()
            if rank < self.cut and any(digest in dropped for digest in self._chunks_of(component))
        }
        return {
            session.session_id: sorted(lost & session.components.keys())
            for session in self._thinnable()
            if lost & session.components.keys()
        }
