"""Going back: restore a run or step, undo the last step. The past stays where it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Literal

from runtrack_jupyter.errors import NotFoundError, RestoreError, StoreUnavailableError
from runtrack_jupyter.model import Gap, Measured, Run, RunId, Snapshot, Step, StepId
from runtrack_jupyter.state import Payload, Restored
from runtrack_jupyter.store.frames import HeadMoved
from runtrack_jupyter.store.history import History
from runtrack_jupyter.tracking.checkpoint import Checkpoints
from runtrack_jupyter.tracking.tracker import Tracker

__all__ = ["Arrival", "Travel"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Arrival:
    """What a restore or undo did; `before` is the run that keeps what was there."""

    restored: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    gaps: tuple[Gap, ...]
    before: Run | None = None
    step: Step | None = None  # the step that an undo took back

    def with_gap(self, gap: Gap) -> "Arrival":
        """Return this with one more thing that did not come back."""
        return replace(self, gaps=(*self.gaps, gap))

    def __str__(self) -> str:
        """Say in a sentence or two what came back and what did not."""
        said = [
            f"{len(self.restored)} restored, {len(self.kept)} already as they were, {len(self.removed)} removed."
        ]
        said += [f"{gap.subject} did not come back: {gap.reason}." for gap in self.gaps]
        if self.before is not None:
            said.append(f"What was here is kept as run {self.before.run_id[-8:].lower()}.")
        return "\n".join(said)

    __repr__ = __str__


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A place in the history as the position needs it."""

    snapshot: Snapshot
    head_step: StepId | None
    head_run: RunId | None
    steps: tuple[StepId, ...]
    parameters: tuple[Measured, ...]


class Travel:
    """Moves one session through its history.

    `history` reads the stores anew at each call, `payload` reads values whose record this user made.
    """

    def __init__(
        self,
        tracker: Tracker,
        checkpoints: Checkpoints,
        history: Callable[[], History],
        payload: Callable[[], Payload],
    ) -> None:
        self._tracker = tracker
        self._checkpoints = checkpoints
        self._history = history
        self._payload = payload
        self._arrivals: dict[str, Arrival] = {}

    def restore(self, name: str, *, request_id: RunId | None = None) -> Arrival:
        """Bring back the variables of a run or step; what is there now becomes a run first.

        Asking again with the same `request_id` returns what was done then.

        Raises
        ------
        NotFoundError
            No run or step of that name is on record.
        RestoreError
            Nothing was changed.
        StoreUnavailableError
            What is there now cannot be kept; nothing was changed.
        """
        if request_id is not None and request_id in self._arrivals:
            return self._arrivals[request_id]
        self._tracker.writer.flush()
        history = self._history()
        found = history.resolve(name, self._tracker.evidence.notebook_id)
        before = self._checkpoints.checkpoint(
            automatic=f"before restoring {_shown(history, found)}", run_id=request_id
        )
        if before.variables and not self._tracker.settings.record_values:
            raise RestoreError("values are not recorded here, so what is here now would be lost")
        # Read again: the checkpoint may have found what changed after the step we go to, and is a run there itself.
        place = _place_of(self._history(), found)
        restored = self._go(place, "restore")
        arrival = _arrival(restored, before=before)
        if request_id is not None:
            self._arrivals[request_id] = arrival
        return arrival

    def undo(self, *, request_id: str | None = None) -> Arrival:
        """Put the variables back to what they were before the last step; files that it wrote stay.

        Raises
        ------
        RestoreError
            There is no step to undo, or the state before it is not on record.
        StoreUnavailableError
            The record cannot be brought up to date; nothing was changed.
        """
        if request_id is not None and request_id in self._arrivals:
            return self._arrivals[request_id]
        if not self._tracker.settings.record_values:
            raise RestoreError("values are not recorded here, so there are none to go back to")
        head = self._last_step()
        if head is None:
            raise RestoreError("there is no step to undo")
        self._tracker.capture_all()
        if not self._tracker.writer.flush():
            raise StoreUnavailableError("nothing was undone: the store cannot be written")
        history = self._history()
        undone = history.step(head)
        restored = self._go(_place_before(history, undone), "undo")
        arrival = _arrival(restored, step=undone)
        if request_id is not None:
            self._arrivals[request_id] = arrival
        return arrival

    def _last_step(self) -> StepId | None:
        # A cell that asks for an undo means the one before it, not itself.
        head, running = self._tracker.position.head_step, self._tracker.running
        return running.parent_step if running is not None and running.step_id == head else head

    def _go(self, place: _Place, reason: Literal["restore", "undo"]) -> Restored:
        tracker = self._tracker
        restored = tracker.engine.restore(place.snapshot.components, place.snapshot.gaps, self._payload())
        gone = {gap.subject for gap in restored.gaps}
        components = {
            root: component for root, component in place.snapshot.components.items() if root not in gone
        }
        variables = tuple(variable for variable in place.snapshot.variables if variable.name not in gone)
        tracker.position.move(
            head_step=place.head_step,
            head_run=place.head_run,
            steps=place.steps,
            variables=variables,
            parameters=place.parameters,
        )
        tracker.position.gaps = {gap.subject: gap for gap in restored.gaps}
        tracker.writer.now(
            HeadMoved(
                step_id=place.head_step,
                at=datetime.now(timezone.utc),
                reason=reason,
                run_id=place.head_run,
                components=components,
                variables=variables,
                gaps=restored.gaps,
            )
        )
        fields = {"reason": reason, "restored": restored.loaded, "gaps": restored.gaps}
        tracker.notify("head-moved", fields | {"position": tracker.position.whereabouts()})
        return restored


def _arrival(restored: Restored, *, before: Run | None = None, step: Step | None = None) -> Arrival:
    return Arrival(
        restored=restored.loaded,
        kept=restored.kept,
        removed=restored.removed,
        gaps=restored.gaps,
        before=before,
        step=step,
    )


def _shown(history: History, found: str) -> str:
    try:
        run = history.run(RunId(found))
    except NotFoundError:
        step = history.step(StepId(found))
        return f"step [{step.execution_count}]" if step.execution_count else f"step {found[-8:].lower()}"
    return f"#{run.ordinal}" if run.ordinal is not None else found[-8:].lower()


def _place_of(history: History, found: str) -> _Place:
    try:
        run = history.run(RunId(found))
    except NotFoundError:
        return _place_at(history, StepId(found))
    return _Place(
        snapshot=history.snapshot(run.run_id),
        head_step=run.head_step,
        head_run=run.run_id,
        steps=(),
        parameters=run.parameters,
    )


def _place_before(history: History, step: Step) -> _Place:
    # Not the state of the parent as such: after a restore of it, something may have changed before this step.
    snapshot = history.snapshot_before(step.step_id)
    if step.parent_step is not None:
        return replace(_place_at(history, step.parent_step), snapshot=snapshot)
    return _Place(snapshot=snapshot, head_step=None, head_run=None, steps=(), parameters=())


def _place_at(history: History, step_id: StepId) -> _Place:
    run, steps = history.since_run(step_id)
    return _Place(
        snapshot=history.snapshot(step_id),
        head_step=step_id,
        head_run=None if run is None else run.run_id,
        steps=steps,
        parameters=history.parameters_at(step_id),
    )
