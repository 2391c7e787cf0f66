"""Going back: restore a run or step, undo the last step. The past stays where it is."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Literal

from runtrack_jupyter.errors import NotFoundError, RestoreError, StoreUnavailableError
from runtrack_jupyter.lineage.trail import Moment
from runtrack_jupyter.model import STILL_SAVED, Gap, Measured, Run, RunId, Snapshot, Step, StepId
from runtrack_jupyter.state import Payload, Restored
from runtrack_jupyter.state.interrupts import Interrupts
from runtrack_jupyter.store.frames import HeadMoved
from runtrack_jupyter.store.goingback import going_back
from runtrack_jupyter.store.history import History
from runtrack_jupyter.tracking.boundary import never_break_the_cell
from runtrack_jupyter.tracking.checkpoint import Checkpoints
from runtrack_jupyter.tracking.moments import moment_at
from runtrack_jupyter.tracking.progress import Progress
from runtrack_jupyter.tracking.rebuilding import Rebuilding, with_reasons
from runtrack_jupyter.tracking.rerunning import Remade
from runtrack_jupyter.tracking.tracker import Tracker
from runtrack_jupyter.tracking.writer import PendingCapture

__all__ = ["Arrival", "Travel"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Arrival:
    """What a restore or undo did; `before` is the run that keeps what was there.

    `rebuilt` maps the variables that were not saved, but made again, to how; `otherwise` those that came back under
    other versions of libraries to what they were made with.
    """

    restored: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    gaps: tuple[Gap, ...]
    rebuilt: Mapping[str, str] = field(default_factory=dict)
    otherwise: Mapping[str, str] = field(default_factory=dict)
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
        said += [f"{name} was {words}." for name, words in self.rebuilt.items()]
        said += [_said(gap) for gap in self.gaps]
        for words in dict.fromkeys(self.otherwise.values()):
            names = [name for name, each in self.otherwise.items() if each == words]
            said.append(f"{', '.join(names[:5])}{', …' if len(names) > 5 else ''} {words}.")
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
    running: bool = False  # in the middle of its head step


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
        self._rebuilding = Rebuilding(tracker, history, payload)
        self._arrivals: dict[str, Arrival] = {}

    def restore(
        self, name: str, *, rebuild: bool | Collection[str] = True, request_id: RunId | None = None
    ) -> Arrival:
        """Bring back the variables of a run or step; what is there now becomes a run first.

        What was not saved is made again where running a few statements without side effects does it; `rebuild`
        names the variables for which that is wanted, or says whether it is at all. Asking again with the same `request_id` returns what was done then.

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
        with self._undisturbed():
            return self._restore(name, rebuild, request_id)

    def _undisturbed(self) -> AbstractContextManager[None]:
        """Let nobody take out what is taken up, until this session's record says that it needs it."""
        return going_back(self._history().stores, self._tracker.session.session_id)

    def _restore(self, name: str, rebuild: bool | Collection[str], request_id: RunId | None) -> Arrival:
        history = self._history()
        found = history.resolve(name, self._tracker.evidence.notebook_id)
        before = self._checkpoints.checkpoint(
            automatic=f"before restoring {_shown(history, found)}", run_id=request_id
        )
        if before.variables and not self._tracker.settings.record_values:
            raise RestoreError("values are not recorded here, so what is here now would be lost")
        # Read again: the checkpoint may have found what changed after the step we go to, and is a run there itself.
        place = _place_of(self._history(), found)
        with Interrupts() as interrupts:
            arrival = replace(self._go(place, "restore", rebuild, interrupts), before=before)
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
        with self._undisturbed(), Interrupts() as interrupts:
            history = self._history()
            undone = history.step(head)
            there = _place_before(history, undone)
            arrival = replace(self._go(there, "undo", rebuild=True, interrupts=interrupts), step=undone)
            if request_id is not None:
                self._arrivals[request_id] = arrival
        return arrival

    def _last_step(self) -> StepId | None:
        # A cell that asks for an undo means the one before it, not itself.
        head, running = self._tracker.position.head_step, self._tracker.running
        return running.parent_step if running is not None and running.step_id == head else head

    def _go(
        self,
        place: _Place,
        reason: Literal["restore", "undo"],
        rebuild: bool | Collection[str],
        interrupts: Interrupts,
    ) -> Arrival:
        tracker = self._tracker
        progress = Progress(tracker.notify)
        try:
            restored = tracker.engine.restore(
                place.snapshot.components, place.snapshot.gaps, self._payload(), progress=progress.tell
            )
        finally:
            progress.end()
        remade = Remade()
        with never_break_the_cell("making values again", tracker.report), interrupts.passing():
            remade = self._rebuilding.fill(self._moment_at(place), restored, rebuild)
        here, pending = self._arrive(place, restored, remade)
        tracker.writer.now(
            HeadMoved(
                step_id=place.head_step,
                at=datetime.now(timezone.utc),
                reason=reason,
                run_id=place.head_run,
                components=here.components,
                variables=here.variables,
                gaps=here.gaps,
            )
        )
        if pending is not None:
            tracker.writer.capture(pending)
        arrival = _arrival(restored, remade)
        fields = {"reason": reason, "restored": restored.loaded, "gaps": arrival.gaps}
        tracker.notify("head-moved", fields | {"position": tracker.position.whereabouts()})
        return arrival

    def _moment_at(self, place: _Place) -> Moment:
        return moment_at(self._history(), place.head_step, place.snapshot, running=place.running)

    def _arrive(
        self, place: _Place, restored: Restored, remade: Remade
    ) -> tuple[Snapshot, PendingCapture | None]:
        """Move the position; return the state there as it is put on record, and what comes on record after it."""
        position = self._tracker.position
        there = {gap.subject: gap for gap in place.snapshot.gaps if gap.subject in remade.as_it_was}
        gone = {gap.subject for gap in restored.gaps if gap.kind not in STILL_SAVED} - there.keys()
        components = {
            root: component for root, component in place.snapshot.components.items() if root not in gone
        }
        variables = tuple(variable for variable in place.snapshot.variables if variable.name not in gone)
        position.move(
            head_step=place.head_step,
            head_run=place.head_run,
            steps=place.steps,
            variables=variables,
            parameters=place.parameters,
        )
        left = {gap.subject: gap for gap in restored.gaps if gap.subject not in remade.values}
        position.gaps = left | there
        pending = self._rebuilding.take_up(place.snapshot, remade)
        saved = frozenset() if pending is None else pending.bound.keys()
        here = Snapshot(
            components=components,
            variables=tuple(each for each in position.variables.values() if each.name not in saved),
            gaps=tuple(position.gaps.values()),
        )
        return here, pending


def _said(gap: Gap) -> str:
    came = "came back, but" if gap.kind in STILL_SAVED else "did not come back:"
    return f"{gap.subject} {came} {gap.reason}."


def _arrival(restored: Restored, remade: Remade) -> Arrival:
    return Arrival(
        restored=restored.loaded,
        kept=restored.kept,
        removed=restored.removed,
        # What stayed as it was did not have to come back.
        gaps=tuple(
            gap
            for gap in with_reasons(restored.gaps, remade)
            if gap.subject not in restored.kept or gap.kind not in STILL_SAVED
        ),
        rebuilt=remade.words,
        otherwise=restored.otherwise,
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
        running=run.status == "running",
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
