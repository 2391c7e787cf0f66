"""Which notebooks are on record, and where each was last."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from runtrack_jupyter.model import NotebookId, Run
from runtrack_jupyter.store.events import PathBound
from runtrack_jupyter.store.folding import FoldedSession

__all__ = ["NotebookEntry", "bindings", "entries"]


class NotebookEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One notebook on record; `path` is where it was last, absolute, "" when it never had one."""

    notebook_id: NotebookId
    path: str
    name: str
    run_count: int
    last_run: Run | None
    last_at: datetime


def bindings(sessions: Iterable[FoldedSession], events: Iterable[PathBound]) -> dict[str, NotebookId]:
    """Return which notebook lay last at each path; of a notebook's paths, the latest comes last."""
    said: list[tuple[datetime, str, NotebookId]] = []
    for session in sessions:
        if session.session is not None and session.session.notebook_path:
            said.append((session.session.started_at, session.session.notebook_path, session.notebook_id))
        said += [(frame.at, frame.path, frame.notebook_id) for frame in session.bindings if frame.path]
    said += [(event.at, event.path, event.notebook_id) for event in events]
    latest: dict[str, NotebookId] = {}
    for _, path, notebook_id in sorted(said):
        latest.pop(path, None)  # said again: it moves to the end
        latest[path] = notebook_id
    return latest


def entries(
    sessions: Collection[FoldedSession], runs: Iterable[Run], paths: Mapping[str, NotebookId]
) -> list[NotebookEntry]:
    """Return the notebooks that anything was done in, the one worked in last first; `runs` come newest first."""
    moments: dict[NotebookId, list[datetime]] = {}
    of_notebook: dict[NotebookId, list[Run]] = {}
    for session in sessions:
        if session.session is not None and (session.places or session.runs):
            moments.setdefault(session.notebook_id, []).append(session.last_at())
    for run in runs:
        moments.setdefault(run.notebook_id, []).append(run.created_at)
        of_notebook.setdefault(run.notebook_id, []).append(run)
    last_path = {notebook_id: path for path, notebook_id in paths.items()}
    found = []
    for notebook_id, times in moments.items():
        own = of_notebook.get(notebook_id, [])
        path = last_path.get(notebook_id, "")
        found.append(
            NotebookEntry(
                notebook_id=notebook_id,
                path=path,
                name=Path(path).name,
                run_count=len(own),
                last_run=own[0] if own else None,
                last_at=max(times),
            )
        )
    return sorted(found, key=lambda entry: entry.last_at, reverse=True)
