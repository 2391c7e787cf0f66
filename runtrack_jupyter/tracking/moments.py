"""Moments of the history, as the questions of `lineage` want them."""

from runtrack_jupyter.errors import NotFoundError
from runtrack_jupyter.lineage.slices import Found, find_slices
from runtrack_jupyter.lineage.trail import Moment
from runtrack_jupyter.model import STILL_SAVED, RunId, Snapshot, Step, StepId
from runtrack_jupyter.store.history import History

__all__ = ["moment_at", "moment_of", "slices_at"]


def slices_at(history: History, found: RunId | StepId) -> Found:
    """Return how the gaps of a run or step can be made again; of what somebody else recorded, nothing can.

    Raises
    ------
    NotFoundError
        It is not on record.
    """
    snapshot = history.snapshot(found)
    names = [gap.subject for gap in snapshot.gaps if gap.kind not in STILL_SAVED and gap.subject[:1] != "@"]
    if not names or history.is_foreign(found):
        return Found(refused={})
    return find_slices(moment_of(history, found), names)


def moment_of(history: History, found: RunId | StepId) -> Moment:
    """Return the moment of a run or right after a step; of one that was received, without its steps.

    Raises
    ------
    NotFoundError
        It is not on record.
    """
    snapshot = history.snapshot(found)
    try:
        run = history.run(RunId(found))
    except NotFoundError:
        return moment_at(history, StepId(found), snapshot)
    return moment_at(history, run.head_step, snapshot, running=run.status == "running")


def moment_at(history: History, head: StepId | None, snapshot: Snapshot, *, running: bool = False) -> Moment:
    """Return the moment with this state, to which the steps up to `head` led."""
    steps = _path(history, head)
    return Moment(
        steps=steps,
        snapshot=snapshot,
        before=history.snapshot_before,
        after=history.snapshot,
        running=running,
        foreign=frozenset(step.step_id for step in steps if history.is_foreign(step.step_id)),
    )


def _path(history: History, head: StepId | None) -> list[Step]:
    try:
        return history.path_to(head) if head is not None else []
    except NotFoundError:
        return []  # received from elsewhere: its steps came without what led to them
