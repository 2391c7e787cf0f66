"""Making a run's commit: once, under the store lock, with the number that people call it by."""

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec

from runtrack_jupyter.model import DocumentOrigin, Environment, NotebookId, Run, RunId
from runtrack_jupyter.store.datafiles import data_files
from runtrack_jupyter.store.frames import RunLogged
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.lock import store_lock
from runtrack_jupyter.store.ordinals import Ordinals, Sealed
from runtrack_jupyter.store.repository import RunRepository
from runtrack_jupyter.store.tree import run_files

__all__ = ["seal", "unsealed"]

_LONGEST_SUBJECT = 100


def seal(
    store: Path,
    logged: RunLogged,
    history: History,
    *,
    document: Mapping[str, Any],
    origin: DocumentOrigin,
    environment: Environment,
    files: Mapping[str, bytes],
) -> Run:
    """Commit a run with its document and return it with its number; a run that is sealed already stays as it is.

    `document` and `files` have been redacted. `history` covers the store and is refreshed.

    Raises
    ------
    GitError
        Git is missing or refused: the run keeps its number, and is sealed by whoever comes next.
    StoreLockedError
        Another process was busy with the store for too long.
    StoreUnavailableError
        The store cannot be written.
    """
    history.refresh()
    run_id = logged.run.run_id
    steps = history.steps(run_id=run_id)
    repository = RunRepository(store)
    with store_lock(store):
        ordinals = Ordinals(store)
        ordinals.refresh()
        commit = repository.commit_of(run_id)
        if commit is None or run_id not in ordinals.sealed:
            run = history.recorded(run_id)
            number = _number(run, ordinals, history)
            run = msgspec.structs.replace(run, ordinal=number, sealed=True, document_origin=origin)
            if commit is None:
                tree = run_files(
                    run,
                    steps=steps,
                    data=data_files(history, run),
                    document=document,
                    environment=environment,
                    files=files,
                )
                commit = repository.commit(
                    run_id, tree, when=run.created_at, author=run.author, message=_message(run, number)
                )
            else:  # somebody died between the commit and this line
                run = msgspec.json.decode(repository.read(run_id, "run.json"), type=Run)
            ordinals.mark_sealed(_sealed_line(run, commit))
    history.refresh()
    return history.run(run_id)


def unsealed(store: Path, history: History, *, living: bool = False) -> list[RunLogged]:
    """Return the runs of this user that dead kernels left without a commit, oldest first.

    With `living`, also those of kernels that run: their own sealers are at work on them.
    """
    return [
        logged
        for logged in history.unsealed(store)
        if not history.is_foreign(logged.run.run_id)
        and (living or not history.is_alive(logged.run.session_id))
    ]


def _number(run: Run, ordinals: Ordinals, history: History) -> int:
    """Return the run's number in its notebook.

    Runs made before their session was bound to the notebook were numbered as of a notebook of their own: they come
    first.
    """
    for earlier in _sealed_elsewhere(run.notebook_id, ordinals, history):
        ordinals.give(earlier, run.notebook_id, _now())
    return ordinals.give(run.run_id, run.notebook_id, _now())


def _sealed_elsewhere(notebook_id: NotebookId, ordinals: Ordinals, history: History) -> list[RunId]:
    runs = reversed(history.runs(notebook_id))
    return [
        run.run_id
        for run in runs
        if run.run_id in ordinals.numbers and ordinals.ordinal(run.run_id, notebook_id) is None
    ]


def _sealed_line(run: Run, commit: str) -> Sealed:
    return Sealed(
        run_id=run.run_id, commit=commit, document_origin=run.document_origin or "reconstructed", at=_now()
    )


def _message(run: Run, number: int) -> str:
    """Return what ``git log`` shows."""
    said = run.message.strip() or run.automatic.strip()
    first, _, rest = said.partition("\n")
    subject = f"#{number} {first}".rstrip()
    if len(subject) > _LONGEST_SUBJECT:
        subject, rest = f"{subject[: _LONGEST_SUBJECT - 1]}…", said
    facts = [f"Run: {run.run_id}", f"Session: {run.session_id}", f"Notebook: {run.notebook_id}"]
    return "\n\n".join(part for part in (subject, rest.strip(), "\n".join(facts)) if part) + "\n"


def _now() -> datetime:
    return datetime.now(timezone.utc)
