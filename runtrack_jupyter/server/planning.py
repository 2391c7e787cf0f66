"""What a restore would bring back: the record beside what is on this machine now."""

import sys
from dataclasses import dataclass
from pathlib import Path

from runtrack_jupyter.capture.environment import environment
from runtrack_jupyter.lineage.plans import RestorePlan, restore_plan
from runtrack_jupyter.lineage.slices import Found
from runtrack_jupyter.model import DataFile, Environment, Run, Snapshot, Step
from runtrack_jupyter.server.reading import cwd_of, file_status, find, latest_session, logged_environment
from runtrack_jupyter.server.sealed import sealed_environment
from runtrack_jupyter.store.datafiles import data_files
from runtrack_jupyter.store.history import History
from runtrack_jupyter.tracking.moments import slices_at

__all__ = ["PlanContext", "plan", "plan_context"]


@dataclass(frozen=True, kw_only=True)
class PlanContext:
    """What the history knows; files and environments are looked at later, without its lock."""

    of: Run | Step
    snapshot: Snapshot
    files: tuple[DataFile, ...]
    cwd: str
    foreign: bool
    found: Found
    run: Run | None  # itself, or the nearest above: its environment counts
    logged: Environment | None
    store: Path
    executable: str  # of the kernel that would be restored into; "" when there is none


def plan_context(history: History, text: str) -> PlanContext:
    """Return what the history knows of restoring a run or step.

    Raises
    ------
    NotFoundError
        There is no such run or step.
    """
    of = find(history, text)
    found = of.run_id if isinstance(of, Run) else of.step_id
    run = of if isinstance(of, Run) else history.since_run(of.step_id)[0]
    return PlanContext(
        of=of,
        snapshot=history.snapshot(found),
        files=data_files(history, of),
        cwd=cwd_of(history, of),
        foreign=history.is_foreign(found),
        found=slices_at(history, found),
        run=run,
        logged=None if run is None else logged_environment(history, run),
        store=history.store_of(found),
        executable=_living_executable(history, of),
    )


def plan(context: PlanContext) -> RestorePlan:
    """Look at data files and environments and return the plan; call it in a thread."""
    then = context.logged
    if then is None and context.run is not None:
        then = sealed_environment(context.store, context.run)
    # The packages of a kernel are known here only when it runs in the server's own environment.
    now = environment() if then is not None and context.executable == sys.executable else None
    return restore_plan(
        context.of,
        context.snapshot,
        context.files,
        lambda file: file_status(file, context.cwd),
        found=context.found,
        foreign=context.foreign,
        then=then,
        now=now,
    )


def _living_executable(history: History, of: Run | Step) -> str:
    notebook_id = of.notebook_id if isinstance(of, Run) else history.session(of.session_id).notebook_id
    latest = None if notebook_id is None else latest_session(history, notebook_id)
    return "" if latest is None else latest.executable
