"""Documents and environments as they were sealed, or made again from the steps where they were not."""

import os
from pathlib import Path
from typing import Any

import msgspec

from runtrack_jupyter.cli.reading import Records
from runtrack_jupyter.errors import GitError, NotFoundError, StoreError
from runtrack_jupyter.lineage.documents import document_of
from runtrack_jupyter.model import DataFile, DocumentOrigin, Environment, Gap, Run, RunId, Step

__all__ = ["cwd_of", "document", "environment_of", "file_status"]


def document(records: Records, of: Run | Step) -> tuple[dict[str, Any], DocumentOrigin, tuple[Gap, ...]]:
    """Return the notebook of a run or step, where it came from, and what is missing of it."""
    if isinstance(of, Run) and of.purged_at is not None:
        raise NotFoundError("notebook (the run was purged)", of.run_id)
    if isinstance(of, Run) and of.sealed:
        try:
            found = msgspec.json.decode(_read(records, of.run_id, "notebook.ipynb"), type=dict[str, Any])
        except (GitError, StoreError, NotFoundError, msgspec.DecodeError) as error:
            gap = Gap(subject="document", kind="lost", reason=f"it is made again from the steps: {error}")
            return _from_steps(records, of), "reconstructed", (gap,)
        return found, of.document_origin or "reconstructed", ()
    return _from_steps(records, of), "reconstructed", ()


def environment_of(records: Records, run: Run) -> Environment | None:
    """Return what a run ran in; None when it is not on record, or cannot be read."""
    try:
        logged = records.history.logged(run.run_id).environment
    except NotFoundError:
        logged = None  # received: its commit has it
    if logged is not None or not run.sealed:
        return logged
    try:
        data = _read(records, run.run_id, "environment/environment.json")
        return msgspec.json.decode(data, type=Environment)
    except (GitError, StoreError, NotFoundError, msgspec.DecodeError):
        return None


def cwd_of(records: Records, of: Run | Step) -> str:
    """Return the folder that paths of data files start from; "" where it is not on this machine."""
    try:
        logged = records.history.logged(of.run_id).cwd if isinstance(of, Run) else ""
        return logged or records.history.session(of.session_id).cwd
    except NotFoundError:
        return ""


def file_status(file: DataFile, cwd: str) -> Any:
    """Compare one data file with what is on disk now."""
    from runtrack_jupyter.capture.files import status_now

    return status_now(file, cwd) if cwd and os.path.isdir(cwd) else "not-checked"  # noqa: PTH112 # a text from a record


def _from_steps(records: Records, of: Run | Step) -> dict[str, Any]:
    head = of.head_step if isinstance(of, Run) else of.step_id
    if head is None:
        return document_of([])
    history = records.history
    base = None
    above, since = history.since_run(head)
    steps = history.path_to(head)
    if above is not None and above.sealed:
        try:
            base = msgspec.json.decode(_read(records, above.run_id, "notebook.ipynb"), type=dict[str, Any])
            steps = [history.step(step_id) for step_id in since]
        except (GitError, StoreError, NotFoundError, msgspec.DecodeError):
            base = None  # the steps alone, then
    return document_of(steps, history.cells(head), base)


def _read(records: Records, run_id: RunId, path: str) -> bytes:
    from runtrack_jupyter.store.repository import RunRepository  # GitPython: only for what is in Git

    store: Path = records.history.store_of(run_id)
    return RunRepository(store).read(run_id, path)
