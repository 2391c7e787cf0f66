"""Which stores a command reads, and the runs and steps in them."""

import os
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from runtrack_jupyter.cli.options import Scope
from runtrack_jupyter.cli.wording import many
from runtrack_jupyter.errors import NotFoundError, RuntrackError, StoreError
from runtrack_jupyter.model import NotebookId, Run, RunId, Session, Step, StepId
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import check_format, registered_stores, resolve_store, user_key

__all__ = ["Records", "find", "latest_session", "open_records", "store_of"]


class Records(NamedTuple):
    """What a command looks at."""

    history: History
    store: Path  # of the present folder or notebook; it need not exist
    notebook_id: NotebookId | None  # None: of every notebook in these stores
    scope: Scope


class _Marks(msgspec.Struct):
    id: str = ""


class _Metadata(msgspec.Struct):
    runtrack: _Marks = msgspec.field(default_factory=_Marks)


class _NotebookHead(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


def store_of(scope: Scope) -> Path:
    """Return the store that the options, the environment and the present folder point to."""
    if scope.store is not None:
        return Path(os.path.abspath(scope.store))  # noqa: PTH100 # as the user sees it, links included
    return resolve_store(scope.notebook, Path.cwd(), os.environ)


def open_records(scope: Scope) -> Records:
    """Read the stores that `scope` names; runs that dead kernels left are sealed first.

    A notebook that is not on record in its own store is looked for in every store this user ever used: it may have
    been moved, or a ``git init`` may have moved its store.

    Raises
    ------
    NotFoundError
        There is no such store, or nothing of that notebook is on record.
    """
    store = store_of(scope)
    if scope.store is not None and not store.is_dir():
        raise NotFoundError("store", str(store))
    records = _opened(scope, store, everywhere=scope.everywhere)
    if scope.notebook is None or records.notebook_id is not None:
        return records
    if scope.store is None:
        records = _opened(scope, store, everywhere=True)
    if records.notebook_id is None:
        raise NotFoundError("notebook", str(scope.notebook))
    return records


def _opened(scope: Scope, store: Path, *, everywhere: bool) -> Records:
    stores = [store] if store.is_dir() else []
    if everywhere and scope.store is None:
        stores += [each for each in registered_stores() if each not in stores and _is_readable(each)]
    history = History(stores, user_key(create=False))
    history.refresh()
    for each in stores:
        _seal_what_dead_kernels_left(history, each)
    notebook_id = None if scope.notebook is None else _notebook_id(history, scope.notebook)
    return Records(history, store, notebook_id, scope)


def _is_readable(store: Path) -> bool:
    """Whether a store of the user's list can be read; one that cannot does not stand in the way of the others."""
    try:
        check_format(store)
    except StoreError as error:
        click.echo(f"Note: left out: {error}", err=True)
        return False
    return True


def _seal_what_dead_kernels_left(history: History, store: Path) -> None:
    left = [
        logged
        for logged in history.unsealed(store)
        if not history.is_alive(logged.run.session_id) and not history.is_foreign(logged.run.run_id)
    ]
    if not left:
        return
    from runtrack_jupyter.tracking.sealer import (
        seal_pending,
    )  # GitPython: only where there is something to seal

    try:
        seal_pending(store)
    except RuntrackError as error:  # reading goes on without: they stay as they are
        click.echo(f"Note: {many(len(left), 'run')} of ended kernels cannot be sealed yet: {error}", err=True)
    history.refresh()


def _notebook_id(history: History, notebook: Path) -> NotebookId | None:
    path = Path(os.path.abspath(notebook))  # noqa: PTH100 # as the user sees it, links included
    found = history.notebook_id_for(path) or history.notebook_id_for(path.resolve())
    if found is not None:
        return found
    try:  # moved while nothing looked: the file itself says who it is
        marked = msgspec.json.decode(path.read_bytes(), type=_NotebookHead).metadata.runtrack.id
    except (OSError, msgspec.DecodeError):
        return None
    return next((each.notebook_id for each in history.notebooks() if each.notebook_id == marked), None)


def find(records: Records, text: str) -> tuple[Records, Run | Step]:
    """Return the run or step that `text` names, and the records it is in: if need be those of all known stores.

    Raises
    ------
    NotFoundError, AmbiguousIdError
        There is none, or there are several.
    """
    try:
        return records, _found(records, text)
    except NotFoundError as error:
        scope = records.scope
        if (
            error.kind != NotFoundError.kind
            or scope.store is not None
            or scope.everywhere
            or text.startswith("#")
        ):
            raise
    everywhere = _opened(records.scope, records.store, everywhere=True)
    return everywhere, _found(everywhere, text)


def _found(records: Records, text: str) -> Run | Step:
    name = records.history.resolve(text, records.notebook_id)
    try:
        return records.history.run(RunId(name))
    except NotFoundError:
        return records.history.step(StepId(name))


def latest_session(records: Records, notebook_id: NotebookId | None) -> Session | None:
    """Return the session that was begun last, one whose kernel lives before those of dead ones."""
    history = records.history
    return max(
        history.sessions(notebook_id),
        key=lambda each: (history.is_alive(each.session_id), each.started_at),
        default=None,
    )
