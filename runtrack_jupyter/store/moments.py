"""Which states a store keeps values for, and in which order they can be done without.

A moment is a state that somebody may want back: after a step, or at a run. Those in a session that is still written, or
that is not this user's, are no moments: all that they refer to stays.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from runtrack_jupyter.model import ComponentId, NotebookId, Run, RunId, SessionId, StepId
from runtrack_jupyter.store.folding import FoldedSession
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.places import Place

__all__ = ["ORDER", "Ages", "Moment", "What", "can_be_thinned", "moments_of", "spared", "what_of"]

What = Literal["steps", "automatic", "unnamed", "named"]

# What goes first. Named runs go only where a person asks for it.
ORDER: tuple[What, ...] = ("steps", "automatic", "unnamed", "named")

_ASLEEP = timedelta(days=1)


class Ages(NamedTuple):
    """How long values are kept that nobody asked for, however much room there is."""

    steps: timedelta = timedelta(days=30)
    automatic: timedelta = timedelta(days=180)


class Moment(NamedTuple):
    """One state, and what becomes of it."""

    what: What
    at: datetime
    run_id: RunId | None
    step_id: StepId | None
    expired: bool
    place: Place | None  # of a step
    components: tuple[ComponentId, ...]  # of a run

    def needs(self) -> Iterable[ComponentId]:
        """Return the components that the state consists of."""
        return self.components if self.place is None else self.place.state().components.values()


def can_be_thinned(session: FoldedSession, store: Path, now: datetime) -> bool:
    """Return whether values may be taken out of a session: it is over, in that store, and this user's.

    One that nobody holds but that did not end in order is over a day later: its kernel may sleep elsewhere.
    """
    if session.store != store or session.alive or session.foreign:
        return False
    return session.closed or (session.session is not None and now - session.last_at() > _ASLEEP)


def what_of(run: Run) -> What:
    """Return what a run is to those who look for something that can go; `run` has all that was said of it."""
    if run.labels or run.starred or run.notes:
        return "named"
    if run.message.strip():
        return "named"
    return "automatic" if run.automatic else "unnamed"


def spared(history: History, store: Path, now: datetime) -> set[ComponentId]:
    """Return the components that stay whatever the rules say."""
    found: set[ComponentId] = set()
    for session in history.folded_sessions():
        if not can_be_thinned(session, store, now):
            found |= session.referred()
    return found


def moments_of(history: History, store: Path, ages: Ages, now: datetime) -> list[Moment]:
    """Return the moments of a store, in the order in which they can be done without."""
    sessions = [each for each in history.folded_sessions() if can_be_thinned(each, store, now)]
    latest = _latest_sessions(history)
    found = [
        moment
        for session in sessions
        for moment in _in_session(history, session, ages, now, latest=session.session_id in latest)
    ]
    found.sort(key=lambda moment: (ORDER.index(moment.what), moment.at))
    return found


def _latest_sessions(history: History) -> set[SessionId]:
    """Return the session in which each notebook was worked in last: what people come back to."""
    latest: dict[NotebookId, FoldedSession] = {}
    for session in history.folded_sessions():
        if session.session is not None and (session.places or session.runs):
            known = latest.get(session.notebook_id)
            if known is None or known.last_at() < session.last_at():
                latest[session.notebook_id] = session
    return {session.session_id for session in latest.values()}


def _in_session(
    history: History, session: FoldedSession, ages: Ages, now: datetime, *, latest: bool
) -> Iterator[Moment]:
    last_run = next(reversed(session.runs), None) if latest else None
    for run_id in session.runs:
        run = history.run(run_id)
        what = what_of(run)
        expired = what == "automatic" and now - run.created_at > ages.automatic
        if run_id == last_run and what == "automatic":
            what, expired = "unnamed", False
        needs = tuple(run.components.values())
        yield Moment(what, run.created_at, run_id, None, expired, None, needs)
    for step_id, place in session.places.items():
        if place.captured and place.started is not None:
            at = place.started.started_at
            yield Moment("steps", at, None, step_id, now - at > ages.steps, place, ())
