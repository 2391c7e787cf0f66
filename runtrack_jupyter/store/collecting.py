"""Garbage collection: values that nobody wants back are taken out of a store; the record of what was done stays."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

import msgspec

from runtrack_jupyter.errors import DamagedStoreError, StoreUnavailableError, UntrustedError
from runtrack_jupyter.model import RunId, SessionId, StepId
from runtrack_jupyter.store.goingback import somebody_goes_back, taking_out
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import sync_folder
from runtrack_jupyter.store.lock import store_lock
from runtrack_jupyter.store.moments import Ages, What, can_be_thinned, what_of
from runtrack_jupyter.store.rewriting import PackWriter, read_piece, rubbish, write_hollowed
from runtrack_jupyter.store.surveying import Group, Survey, Taken
from runtrack_jupyter.store.thinned import Thinned, ThinnedLog
from runtrack_jupyter.store.usage import Usage, usage

__all__ = ["Collected", "Rules", "collect", "look"]

_FULL, _ROOM = 0.9, 0.8  # of the limit: from here on values are thinned, down to there
_BATCH = 512 << 20  # bytes written between two looks: others wait for the store lock meanwhile
_LEAST = 64 << 10  # a file is not written anew for less
_FILES = 100_000  # with what is left lying in so many files a small limit would not be kept


class Rules(NamedTuple):
    """What may go. `limit` 0 stands for 20 GB or a tenth of the free disk; `asked` goes whether there is need or not."""

    limit: int = 0
    ages: Ages = Ages()
    asked: frozenset[What] = frozenset()
    least: int = _LEAST
    full: float = _FULL
    room: float = _ROOM


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a store, and what was or would be taken out of it."""

    size: int  # bytes of the store before
    commits: int  # of that, the run repository
    limit: int
    free: int  # bytes of the disk
    freed: int  # bytes of payload
    groups: tuple[Group, ...]  # all there is to free
    runs: tuple[RunId, ...] = ()  # whose values go
    steps: tuple[StepId, ...] = ()
    more: bool = False  # another pass would free more
    busy: bool = False  # somebody restored or named something meanwhile: nothing was done


class _Disturbed(Exception):  # noqa: N818 - no error: somebody else goes first
    """What was looked at is not so any more."""


def look(
    store: Path, key: bytes | None, rules: Rules, *, others: Sequence[Path] = (), now: datetime | None = None
) -> Collected:
    """Return what `collect` would do, all passes together, and change nothing.

    Raises
    ------
    UntrustedError
        There is no key: what belongs to this user cannot be told.
    StoreError
        The store cannot be read.
    """
    history = _read(store, _known(key), others)
    found = usage(store, rules.limit)
    survey = _surveyed(history, store, _known(key), rules, found, now)
    return _collected(survey, found, sum(each.size for each in survey.taken(_least(rules, found))))


def collect(
    store: Path,
    key: bytes | None,
    rules: Rules,
    *,
    others: Sequence[Path] = (),
    now: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Collected:
    """Do one pass: take out what goes, as far as half a gigabyte of writing allows.

    `others` are stores that may refer to payload in this one. Whatever stops it, the store stays whole; what is
    said to be gone may still be there. `progress` is told bytes done and to do.

    Raises
    ------
    UntrustedError
        There is no key: what belongs to this user cannot be told.
    StoreLockedError
        Somebody else is busy with the store.
    StoreUnavailableError
        The store cannot be written: nothing of it is lost.
    """
    key, now = _known(key), now or datetime.now(timezone.utc)
    with store_lock(store):
        for path in rubbish(store):
            path.unlink(missing_ok=True)
        history = _read(store, key, others)
        found = usage(store, rules.limit)
        survey = _surveyed(history, store, key, rules, found, now)
        taken = survey.taken(_least(rules, found))
        batch = _batch(taken, found.free)
        if not batch:
            return _collected(survey, found, 0)
        try:
            _Pass(store, key, history, survey, now).do(batch, progress or _ignore)
        except _Disturbed:
            return msgspec.structs.replace(
                _collected(survey, found, 0), more=True, busy=True, runs=(), steps=()
            )
        except OSError as error:
            raise StoreUnavailableError(f"{store} cannot be tidied: {error.strerror or error}") from error
    done = _collected(survey, found, sum(each.size for each in batch))
    return msgspec.structs.replace(done, more=len(batch) < len(taken))


def _known(key: bytes | None) -> bytes:
    if key is None:
        raise UntrustedError("this user's key is missing: what may be taken out cannot be told")
    return key


def _read(store: Path, key: bytes, others: Sequence[Path]) -> History:
    history = History([store, *others], key, received=False)
    history.refresh()
    if store in history.problems:
        raise StoreUnavailableError(history.problems[store])
    return history


def _surveyed(
    history: History, store: Path, key: bytes, rules: Rules, found: Usage, now: datetime | None
) -> Survey:
    moment = now or datetime.now(timezone.utc)
    survey = Survey(history, store, key, ages=rules.ages, now=moment, asked=rules.asked)
    if found.size > rules.full * found.limit:
        survey.cut_to(found.size - int(rules.room * found.limit))
    return survey


def _collected(survey: Survey, found: Usage, freed: int) -> Collected:
    runs, steps = survey.thinned()
    return Collected(
        size=found.size,
        commits=found.commits,
        limit=found.limit,
        free=found.free,
        freed=freed,
        groups=tuple(survey.groups()),
        runs=tuple(runs),
        steps=tuple(steps),
    )


def _least(rules: Rules, found: Usage) -> int:
    return min(rules.least, found.limit // _FILES)


def _batch(taken: Sequence[Taken], free: int) -> list[Taken]:
    """Return the files of one pass: as many as can be written anew beside the old ones; the quickest come first."""
    batch: list[Taken] = []
    written = 0
    for each in taken:
        written += each.layout.size - each.size
        if batch and written > min(_BATCH, free // 2):
            break
        batch.append(each)
    return batch


def _ignore(_done: int, _all: int) -> None:
    """Be told of progress where nobody else is."""


class _Pass:
    """One pass over some files, in an order that leaves the store whole wherever it is cut short.

    What is wanted elsewhere is durable before the record says that something is gone, and that before it is.
    """

    def __init__(self, store: Path, key: bytes, history: History, survey: Survey, now: datetime) -> None:
        self._store = store
        self._key = key
        self._history = history
        self._survey = survey
        self._now = now
        self._seen = self._situation()
        self._written: list[tuple[Path, Path]] = []
        self._emptied: list[Path] = []

    def do(self, batch: Sequence[Taken], progress: Callable[[int, int], None]) -> None:
        """Take out what goes of these files."""
        pack = PackWriter(self._store, self._key)
        try:
            self._prepare(batch, pack, progress)
            self._undisturbed()
            pack.finish()
            with taking_out(self._store):
                self._undisturbed()
                self._say(batch)
                for partial, path in self._written:
                    partial.replace(path)
                for path in self._emptied:
                    path.unlink()
                sync_folder(batch[0].layout.path.parent)
        finally:
            pack.abandon()
            for partial, _ in self._written:
                partial.unlink(missing_ok=True)

    def _prepare(
        self, batch: Sequence[Taken], pack: PackWriter, progress: Callable[[int, int], None]
    ) -> None:
        total, done = sum(each.layout.size for each in batch), 0
        verified: set[str] = set()
        for each in batch:
            progress(done, total)
            done += each.layout.size
            with contextlib.suppress(DamagedStoreError):  # fsck says so; nothing of that file is touched
                self._verify_copies(each, verified)
                with each.layout.path.open("rb") as file:
                    for piece, at in each.moved:
                        pack.add(piece, read_piece(file, at, piece))
                if each.whole:
                    self._emptied.append(each.layout.path)
                    continue
                self._written.append((write_hollowed(each.layout, frozenset(each.hollow)), each.layout.path))
        progress(total, total)

    def _verify_copies(self, taken: Taken, verified: set[str]) -> None:
        """Look at the copies that stay of what lies twice."""
        for digest in taken.doubled - verified:
            path, at, piece = self._survey.first_place(digest)
            with path.open("rb") as file:
                read_piece(file, at, piece)
            verified.add(digest)

    def _say(self, batch: Sequence[Taken]) -> None:
        paths = {*self._emptied, *(path for _, path in self._written)}
        dropped = {digest for each in batch if each.layout.path in paths for digest in each.dropped}
        log = ThinnedLog(self._store)
        for session_id, components in self._survey.losing(dropped).items():
            log.append(Thinned(session_id=session_id, components=tuple(components), at=self._now))

    # ---- what may have changed meanwhile --------------------------------------------------------------------

    def _situation(self) -> tuple[dict[SessionId, int], set[RunId]]:
        """Return what the survey rests on that others may change: moves of living sessions, and named runs."""
        moves = {
            session.session_id: session.moves
            for session in self._history.folded_sessions()
            if session.moves and not can_be_thinned(session, self._store, self._now)
        }
        runs, _ = self._survey.thinned()
        return moves, {run_id for run_id in runs if what_of(self._history.run(run_id)) == "named"}

    def _undisturbed(self) -> None:
        if any(map(somebody_goes_back, self._history.stores)):
            raise _Disturbed
        self._history.refresh()
        if self._situation() != self._seen:
            raise _Disturbed
