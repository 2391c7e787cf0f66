"""Questions to the history, answered as the messages that go over the wire."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from runtrack_jupyter.capture.files import FileStatus, status_now
from runtrack_jupyter.errors import NotFoundError, UsageError
from runtrack_jupyter.lineage.lastruns import LastRuns, last_runs
from runtrack_jupyter.lineage.plans import FileNow, rebuilds_of
from runtrack_jupyter.lineage.slices import Found
from runtrack_jupyter.model import DataFile, Environment, NotebookId, Run, RunId, Session, Step, StepId
from runtrack_jupyter.server.messages import (
    Notebooks,
    NotebookSummary,
    Now,
    Origin,
    Position,
    RunDetail,
    RunsPage,
)
from runtrack_jupyter.server.notebooks import notebook_at
from runtrack_jupyter.server.paths import contents_path
from runtrack_jupyter.server.sealed import sealed_environment
from runtrack_jupyter.store.datafiles import data_files
from runtrack_jupyter.store.history import History
from runtrack_jupyter.tracking.moments import slices_at

__all__ = [
    "RunContext",
    "cells_now",
    "cwd_of",
    "file_status",
    "files_now",
    "find",
    "find_run",
    "find_step",
    "label_of",
    "latest_session",
    "listed",
    "logged_environment",
    "notebooks",
    "now",
    "origins_of",
    "parent_of",
    "run_context",
    "run_detail",
    "runs",
    "steps_of",
]

_SHORT = 8  # characters, the last: the first are a clock


def find(history: History, text: str, *, kind: str = "") -> Run | Step:
    """Return the run or step of that id, short id or number; `kind` says which of them it must be.

    Raises
    ------
    NotFoundError, AmbiguousIdError
        Nothing fits, or more than one.
    """
    found = history.resolve(text)
    if kind != "step":
        try:
            return history.run(RunId(found))
        except NotFoundError:
            if kind == "run":
                raise NotFoundError("run", text) from None
    try:
        return history.step(StepId(found))
    except NotFoundError:
        raise NotFoundError("step", text) from None


def find_run(history: History, text: str) -> Run:
    """Return one run."""
    found = find(history, text, kind="run")
    if not isinstance(found, Run):
        raise NotFoundError("run", text)
    return found


def find_step(history: History, text: str) -> Step:
    """Return one step."""
    found = find(history, text, kind="step")
    if not isinstance(found, Step):
        raise NotFoundError("step", text)
    return found


def label_of(item: Run | Step) -> str:
    """Return a word for a run or step that can be part of a file name: ``run12``."""
    if isinstance(item, Step):
        return (
            f"step{item.execution_count}"
            if item.execution_count
            else f"step-{item.step_id[-_SHORT:].lower()}"
        )
    return f"run{item.ordinal}" if item.ordinal is not None else f"run-{item.run_id[-_SHORT:].lower()}"


def listed(run: Run) -> Run:
    """Return a run as it goes into lists: without its variables, which can be many."""
    return msgspec.structs.replace(run, variables=(), components={})


def runs(
    history: History, *, notebook_id: str | None, file: Path | None, cursor: str | None, limit: int
) -> RunsPage:
    """Return a page of the runs of one notebook, newest first; of all, when neither id nor file is given.

    Raises
    ------
    UsageError
        The cursor is none that a page before gave.
    """
    notebook = notebook_at(file, history) if notebook_id is None and file is not None else notebook_id
    if notebook is None and file is not None:
        return RunsPage(notebook_id=None, runs=(), cursor=None, total=0)
    found = history.runs(None if notebook is None else NotebookId(notebook))
    start = 0
    if cursor is not None:
        # The cursor is the last run seen: runs made since then stand before it and shift nothing.
        start = next((number for number, run in enumerate(found, 1) if run.run_id == cursor), 0)
        if not start:
            raise UsageError("that cursor is of another list; begin again without one")
    page = found[start : start + limit]
    more = start + limit < len(found)
    return RunsPage(
        notebook_id=None if notebook is None else NotebookId(notebook),
        runs=tuple(listed(run) for run in page),
        cursor=page[-1].run_id if more else None,
        total=len(found),
    )


def notebooks(history: History, root: Path | None) -> Notebooks:
    """Return the notebooks on record, the one worked in last first."""
    return Notebooks(
        notebooks=tuple(
            NotebookSummary(
                notebook_id=entry.notebook_id,
                path=contents_path(Path(entry.path), root) if entry.path else "",
                name=entry.name,
                run_count=entry.run_count,
                last_run=None if entry.last_run is None else listed(entry.last_run),
                last_at=entry.last_at,
            )
            for entry in history.notebooks()
        )
    )


def now(history: History, file: Path | None) -> Now:
    """Return where the latest kernel of a notebook stands; one that lives goes before one that does not."""
    notebook_id = None if file is None else notebook_at(file, history)
    latest = None if notebook_id is None else latest_session(history, notebook_id)
    if latest is None:
        return Now(notebook_id=notebook_id, session_id=None, alive=False, position=None, steps=())
    head_run, step_ids = history.position(latest.session_id)
    position = Position(head_step=history.head(latest.session_id), head_run=head_run, steps=step_ids)
    return Now(
        notebook_id=notebook_id,
        session_id=latest.session_id,
        alive=history.is_alive(latest.session_id),
        position=position,
        steps=tuple(history.step(step_id) for step_id in step_ids),
    )


def cells_now(history: History, file: Path | None) -> LastRuns:
    """Return how the cells of a notebook ran last, on the way to where its latest kernel stands."""
    notebook_id = None if file is None else notebook_at(file, history)
    latest = None if notebook_id is None else latest_session(history, notebook_id)
    head = None if latest is None else history.head(latest.session_id)
    return last_runs(() if head is None else history.path_to(head))


def latest_session(history: History, notebook_id: NotebookId) -> Session | None:
    """Return the session begun last, of those whose kernel lives if there are any."""
    return max(
        history.sessions(notebook_id),
        key=lambda each: (history.is_alive(each.session_id), each.started_at),
        default=None,
    )


def steps_of(history: History, text: str) -> tuple[Step, ...]:
    """Return the steps of one run, oldest first."""
    return tuple(history.steps(run_id=find_run(history, text).run_id))


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """What the history knows of a run; its environment and files are looked at later, without the lock."""

    run: Run
    parent: Run | None
    files: tuple[DataFile, ...]
    cwd: str
    environment: Environment | None  # as logged; None: it is in the repository
    found: Found
    origins: tuple[Origin, ...]
    store: Path


def run_context(history: History, text: str) -> RunContext:
    """Return what a run's page shows, as far as the history knows it."""
    run = find_run(history, text)
    parent = parent_of(history, run)
    files = data_files(history, run)
    return RunContext(
        run=run,
        parent=None if parent is None else listed(parent),
        files=files,
        cwd=cwd_of(history, run),
        environment=logged_environment(history, run),
        found=slices_at(history, run.run_id),
        origins=origins_of(history, run, files),
        store=history.store_of(run.run_id),
    )


def run_detail(context: RunContext) -> RunDetail:
    """Look at the data files, and return all there is about a run; call it in a thread."""
    return RunDetail(
        run=context.run,
        environment=context.environment or sealed_environment(context.store, context.run),
        data=files_now(context.files, context.cwd),
        rebuilds=rebuilds_of(context.found, lambda file: file_status(file, context.cwd)),
        origins=context.origins,
        parent=context.parent,
    )


def origins_of(history: History, run: Run, files: Iterable[DataFile]) -> tuple[Origin, ...]:
    """Return where the steps are that a run rests on and that are in runs above it."""
    named = [variable.set_by for variable in run.variables]
    named += [entry.step_id for entry in (*run.parameters, *run.metrics)]
    named += [file.step_id for file in files]
    wanted = {step_id for step_id in named if step_id is not None} - set(run.steps)
    if not wanted:
        return ()
    held = {step_id: each for each in history.runs() for step_id in wanted.intersection(each.steps)}
    found = []
    for step_id in sorted(wanted):
        holder = held.get(step_id)
        with contextlib.suppress(NotFoundError):  # a step of a store that is not here
            found.append(
                Origin(
                    step_id=step_id,
                    execution_count=history.step(step_id).execution_count,
                    run_id=None if holder is None else holder.run_id,
                    ordinal=None if holder is None else holder.ordinal,
                )
            )
    return tuple(found)


def files_now(files: Iterable[DataFile], cwd: str) -> tuple[FileNow, ...]:
    """Compare data files with what is on disk now; reads those whose time has changed."""
    return tuple(FileNow(**msgspec.structs.asdict(file), now=file_status(file, cwd)) for file in files)


def file_status(file: DataFile, cwd: str) -> FileStatus:
    """Compare one data file with what is on disk now."""
    return status_now(file, cwd) if cwd else "not-checked"


def cwd_of(history: History, of: Run | Step) -> str:
    """Return the folder that the paths of data files start from; "" where it is not on this machine."""
    try:
        logged = history.logged(of.run_id).cwd if isinstance(of, Run) else ""
        return logged or history.session(of.session_id).cwd
    except NotFoundError:
        return ""  # received from elsewhere: its paths mean nothing here


def logged_environment(history: History, run: Run) -> Environment | None:
    """Return what a run ran in, where its kernel logged that; else it is in the repository."""
    try:
        return history.logged(run.run_id).environment
    except NotFoundError:
        return None


def parent_of(history: History, run: Run) -> Run | None:
    """Return the run that a run comes from, if it comes from one that is here."""
    try:
        return history.run(run.parent_runs[0]) if run.parent_runs else None
    except NotFoundError:
        return None  # purged, or in a store that is away
