"""The steps that a dead kernel left in no run become one, so that nothing drops out of the history people see."""

from datetime import datetime, timezone
from pathlib import Path

from blake3 import blake3
from ulid import ULID

from runtrack_jupyter.model import Digest, Measured, NotebookId, Run, RunId, SessionId
from runtrack_jupyter.store.frames import RunLogged
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.lastwords import append_last_words
from runtrack_jupyter.store.layout import user_key
from runtrack_jupyter.store.recovery import recover
from runtrack_jupyter.store.wire import encode_record

__all__ = ["left_sessions", "log_leftovers"]


def left_sessions(store: Path, history: History) -> list[SessionId]:
    """Return this user's sessions of a store that ended without their last words, with steps in no run."""
    found = []
    for session in history.sessions():
        folded = history.folded(session.session_id)
        left = folded.store == store and not (folded.alive or folded.closed or folded.foreign)
        if left and history.position(session.session_id)[1]:
            found.append(session.session_id)
    return found


def log_leftovers(store: Path) -> int:
    """Log a run "kernel died" for each of those sessions; return how many were logged.

    What was on disk when the kernel died is what the run holds; a step whose state was not is in it with its gap.

    Raises
    ------
    StoreLockedError, StoreUnavailableError
        The store is busy or cannot be written: the steps stay as they are, for whoever comes next.
    """
    key = user_key(create=False)
    if key is None:
        return 0
    recover(store)
    history = History([store], key, received=False)
    history.refresh()
    logged = 0
    for session_id in left_sessions(store, history):
        frame = RunLogged(run=_run(history, session_id), cwd=history.session(session_id).cwd)
        logged += append_last_words(store, session_id, key, [frame])
    return logged


def _run(history: History, session_id: SessionId) -> Run:
    session, folded = history.session(session_id), history.folded(session_id)
    head_run, steps = history.position(session_id)
    head = history.head(session_id)
    snapshot = history.snapshot_now(session_id)
    declared = [
        frame for step_id in steps if step_id in folded.places for frame in folded.places[step_id].declared
    ]
    last = list(folded.runs.values())[-1:]

    def of(what: str) -> tuple[Measured, ...]:
        return tuple(
            frame.measured for frame in declared if frame.what == what and frame.measured is not None
        )

    return Run(
        run_id=RunId(str(ULID())),
        session_id=session_id,
        notebook_id=session.notebook_id or NotebookId(session_id),
        created_at=datetime.now(timezone.utc),
        author=session.author,
        automatic="kernel died",
        head_step=head,
        steps=steps,
        parent_runs=() if head_run is None else (head_run,),
        previous=Digest(blake3(encode_record(last[0].run)).hexdigest()) if last else None,
        parameters=() if head is None else history.parameters_at(head),
        metrics=of("metric"),
        labels=of("label"),
        components=snapshot.components,
        variables=snapshot.variables,
        gaps=snapshot.gaps,
        status="died" if head is None else history.step(head).status,
    )
