"""The tracker: what a kernel does becomes steps and captures; capture, state and store meet here."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from threading import RLock
from typing import Any

import msgspec
from ulid import ULID

from runtrack_jupyter.capture.names import names_of, opaque_among
from runtrack_jupyter.capture.previews import describe
from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.model import (
    Gap,
    Names,
    Session,
    Step,
    StepId,
    StepStatus,
    Variable,
)
from runtrack_jupyter.state import Capture, StateEngine
from runtrack_jupyter.store.frames import (
    Captured,
    StepEnded,
    StepStarted,
)
from runtrack_jupyter.store.segment import SegmentWriter
from runtrack_jupyter.tracking.evidence import Evidence
from runtrack_jupyter.tracking.position import Position
from runtrack_jupyter.tracking.settings import Settings
from runtrack_jupyter.tracking.writer import PendingCapture, Writer

__all__ = ["Notify", "Tracker"]

logger = logging.getLogger("runtrack_jupyter")

Notify = Callable[[str, dict[str, Any]], bool]  # (type of the notice, its fields) -> somebody was told

_MEGABYTE = 1 << 20


@dataclass
class _OpenStep:
    """A step whose cell is running."""

    step: Step
    clock: float
    before: frozenset[str]  # what the names known so far could reach, looked at before the cell ran
    moves: int  # of the position: more of them when it ends, and the cell itself went back


class Tracker:
    """Records one session. Made when the kernel decides to record; writes nothing before its first step.

    `on_begin` is called once, in the writer's thread, when the first step is on record.

    Its methods are called by the kernel adapter inside the boundary; they may raise, and what they raise becomes
    a gap there.
    """

    def __init__(
        self,
        *,
        namespace: Mapping[str, Any],
        engine: StateEngine,
        segment: SegmentWriter,
        session: Session,
        redactor: Redactor,
        settings: Settings,
        notify: Notify,
        on_begin: Callable[[], None],
    ) -> None:
        self.namespace = namespace
        self.engine = engine
        self.session = session
        self.position = Position()
        self.redactor = redactor
        self.settings = settings
        self.notify = notify
        self._on_begin = on_begin
        self.front_ends = 0
        self.sequence = 0
        self.writer = Writer(
            segment,
            limit=settings.pending_megabytes * _MEGABYTE,
            on_durable=self._durable,
            on_gap=self.report,
            on_unsaved=self._unsaved,
            idle=segment.beat,
        )
        self.evidence = Evidence(self.writer, redactor, self.position, session)
        self._lock = RLock()  # subshells may run cells side by side
        self._open: dict[str, _OpenStep] = {}  # by parent message id
        self._suspects: set[str] = set()  # to be looked at with the next capture
        self._everything_suspect = False
        # Roots whose record on disk is not what the engine takes for recorded: to be handed over again.
        self._unsettled: set[str] = set()
        self._refused: deque[str] = deque()  # likewise, told by the writer's thread
        self._sweep: list[str] = []

    # -- steps -----------------------------------------------------------------------------------------------

    @property
    def running(self) -> Step | None:
        """The step whose cell is running; the latest where subshells run several."""
        return next(reversed(self._open.values())).step if self._open else None

    def begin_step(self, key: str, source: str, *, cell_id: str | None, execution_count: int | None) -> Step:
        """Put a step on record before its code runs.

        Parameters
        ----------
        key
            The id of the message that asked for it: outputs are matched by it.
        source
            The cell as the user wrote it.
        """
        with self._lock:
            try:
                self._look_between()
            finally:  # whatever becomes of the look, the step is on record
                step = self._started(key, source, cell_id, execution_count)
        self.notify("step-started", {"step": step})
        return step

    def _look_between(self) -> None:
        """Record what changed since the last step, before the next one is on record."""
        head = self.position.head_step
        if self.sequence == 0:
            self.evidence.write_binding()
            self.writer.run(self._on_begin)
            self._capture(None, head, late=head is not None)
        elif self._suspects or self._everything_suspect:
            self._capture(self._take_suspects(), head, late=True)

    def _started(self, key: str, source: str, cell_id: str | None, execution_count: int | None) -> Step:
        """Write the first frame of a step and make it the head."""
        self.sequence += 1
        started = StepStarted(
            step_id=StepId(str(ULID())),
            parent_step=self.position.head_step,
            sequence=self.sequence,
            source=self.redactor.text(source),
            started_at=datetime.now(timezone.utc),
            cell_id=cell_id,
            execution_count=execution_count,
        )
        self.writer.now(started)
        step = msgspec.convert(
            msgspec.structs.asdict(started) | {"session_id": self.session.session_id}, Step
        )
        self._open[key] = _OpenStep(step, time.perf_counter(), frozenset(), self.position.moves)
        self.evidence.expect_outputs(key, step.step_id)
        self.position.advance(step.step_id)
        return step

    def is_open(self, key: str) -> bool:
        """Return whether the step that this message started is still running."""
        return key in self._open

    def look_before(self, key: str, code: str) -> None:
        """Note what the cell could reach before it rebinds anything."""
        reach = self._reach_of(names_of(code))
        if reach is None:
            self._everything_suspect = True
        else:
            self._open[key].before = reach

    def end_step(
        self, key: str, code: str, *, status: StepStatus, error: str, execution_count: int | None
    ) -> Step:
        """Look at what the cell changed and put its end on record; also when the look is interrupted."""
        with self._lock:
            opened = self._open.pop(key)
            ended = StepEnded(
                step_id=opened.step.step_id,
                status=status,
                ended_at=datetime.now(timezone.utc),
                duration=time.perf_counter() - opened.clock,
                error=self.redactor.text(error),
                execution_count=execution_count,
            )
            # A cell that went back left its own state behind: what it did then belongs to where it went.
            moved = self.position.moves != opened.moves
            step_id = self.position.head_step if moved else opened.step.step_id
            pending: PendingCapture | None = None
            try:
                self.evidence.settle_files()
                ended = msgspec.structs.replace(ended, names=names_of(code))
                suspects = self._suspects_of(ended.names, opened.before)
                capture, pending = self._look(suspects, step_id, late=moved)
                ended = msgspec.structs.replace(ended, expects=len(set(capture.bound.values())))
            finally:
                self.writer.now(ended)  # first: a capture before it would be one in the middle of the cell
                if pending is None:
                    pending = self._abandoned(ended.names, opened, step_id)
                if moved:
                    self.writer.capture(PendingCapture(step_id=opened.step.step_id, bound={}))
                self.writer.capture(pending)
        step = msgspec.structs.replace(
            opened.step,
            status=status,
            ended_at=ended.ended_at,
            duration=ended.duration,
            error=ended.error,
            execution_count=execution_count,
            names=ended.names,
            changed=capture.changed,
            deleted=capture.deleted,
            gaps=capture.gaps,
        )
        self.notify("step-ended", {"step": step, "position": self.position.whereabouts()})
        return step

    # -- state -----------------------------------------------------------------------------------------------

    def suspect(self, code: str) -> None:
        """Look at what this code could have changed before the next step: it ran, but is no step."""
        with self._lock:
            reach = self._reach_of(names_of(code))
            if reach is None:
                self._everything_suspect = True
            else:
                self._suspects |= reach

    def capture_all(self) -> Capture:
        """Look at everything. What differs without a cell having run is recorded as a late find."""
        with self._lock:
            opened = next(reversed(self._open.values())) if self._open else None
            here = opened is not None and opened.moves == self.position.moves
            step_id = opened.step.step_id if opened is not None and here else self.position.head_step
            self._take_suspects()
            self._sweep.clear()
            self.evidence.settle_files()
            return self._capture(None, step_id, late=not here)

    def sweep(self, seconds: float) -> bool:
        """Look, for about so long, at components that no cell was seen to touch; True when all were seen.

        Called while the kernel is idle, again and again; a late find is "changed between steps i and j".
        """
        with self._lock:
            if self._open or self.sequence == 0:
                return True
            deadline = time.perf_counter() + seconds
            if not self._sweep:
                self._sweep = [*self.engine.roots(), *self._come_and_gone()]
            while self._sweep and time.perf_counter() < deadline:
                self._capture([self._sweep.pop()], self.position.head_step, late=True)
            return not self._sweep

    def _suspects_of(self, names: Names, before: frozenset[str]) -> Iterable[str] | None:
        carried = self._take_suspects()
        reach = self._reach_of(names)
        return None if carried is None or reach is None else carried | before | reach | self._come_and_gone()

    def _come_and_gone(self) -> frozenset[str]:
        """Return the names that are new or gone, whoever bound or deleted them."""
        return frozenset(
            self.namespace.keys() ^ {root for root in self.engine.roots() if not root.startswith("@")}
        )

    def _reach_of(self, names: Names) -> frozenset[str] | None:
        """Return what code with these names can touch; None where that cannot be known."""
        if names.opaque == "syntax":
            return frozenset()  # it did not run
        touched = {*names.read, *names.written, *names.deleted}
        reached = self.engine.reached_from(touched)
        if names.opaque or opaque_among(reached):
            return None
        return reached | touched

    def _take_suspects(self) -> set[str] | None:
        suspects, everything = self._suspects, self._everything_suspect
        self._suspects, self._everything_suspect = set(), False
        return None if everything else suspects

    def _abandoned(self, names: Names, opened: _OpenStep, step_id: StepId | None) -> PendingCapture:
        """Say that this step's state is not known, and look at everything with the next capture."""
        known = {*self.engine.roots(), *names.written}
        touched = {*names.read, *names.written, *names.deleted, *opened.before} & known
        self._lose_sight()
        gaps = tuple(
            Gap(subject=name, kind="interrupted", reason="the capture after this cell was interrupted")
            for name in sorted(touched)
        )
        return PendingCapture(step_id=step_id, bound={}, gaps=gaps)

    def _lose_sight(self) -> None:
        """Take nothing for recorded: the engine may have gone on without the record."""
        self._everything_suspect = True
        self._unsettled.update(self.engine.roots(), self.position.variables, self.position.gaps)

    def _capture(
        self, suspects: Iterable[str] | None, step_id: StepId | None, *, late: bool = False
    ) -> Capture:
        """Look, and hand what differs to the writer; where nothing does, nothing is written."""
        try:
            capture, pending = self._look(suspects, step_id, late=late)
        except BaseException:  # an interrupt may fall after the engine went on
            self._lose_sight()
            raise
        if pending.bound or pending.dropped or pending.gaps:
            self.writer.capture(pending)
        return capture

    def _look(
        self, suspects: Iterable[str] | None, step_id: StepId | None, *, late: bool = False
    ) -> tuple[Capture, PendingCapture]:
        capture = self.engine.capture(suspects)
        found = self._with_unsettled(capture)
        described = self._visible({*found.bound, *(gap.subject for gap in found.gaps)})
        variables = tuple(self._describe(name) for name in described)
        keeps_values = self.settings.record_values
        steps = self.position.steps
        pending = PendingCapture(
            step_id=step_id,
            bound=found.bound if keeps_values else {},
            dropped=found.dropped,
            variables=variables,
            changed=capture.changed,
            deleted=found.deleted,
            gaps=found.gaps if keeps_values else _values_off(found.bound, found.gaps),
            late=late,
            since=steps[-2] if late and len(steps) > 1 else None,
        )
        self.position.take(variables, settled=found.bound, dropped=found.dropped, gaps=pending.gaps)
        if not keeps_values:
            self.writer.forget(found.bound.values())
        self._unsettled.clear()
        return capture, pending

    def _with_unsettled(self, capture: Capture) -> Capture:
        """Return what a capture found together with what is to be handed over once more."""
        while self._refused:
            self._unsettled.add(self._refused.popleft())
        if not self._unsettled:
            return capture
        live, gaps = self.engine.live(), {gap.subject: gap for gap in self.engine.gaps()}
        bound = {root: live[root] for root in self._unsettled if root in live}
        again = {root: gaps[root] for root in self._unsettled if root in gaps}
        gone = self._unsettled - live.keys() - gaps.keys()
        return Capture(
            bound={**bound, **capture.bound},
            dropped=tuple(sorted(gone.union(capture.dropped))),
            changed=capture.changed,
            deleted=tuple(sorted({*self._visible(gone), *capture.deleted})),
            gaps=tuple({**again, **{gap.subject: gap for gap in capture.gaps}}.values()),
        )

    def _visible(self, roots: Iterable[str]) -> list[str]:
        return sorted(root for root in roots if not root.startswith("@"))

    def _describe(self, name: str) -> Variable:
        component = self.engine.live().get(name)
        size = 0 if component is None else component.size
        variable = describe(name, self.namespace.get(name), size, self.redactor.text)
        return msgspec.structs.replace(
            variable, set_by=self.position.head_step, rebuilt=self.engine.rebuilt(name)
        )

    def close(self) -> None:
        """Look at what is still suspect, and end the session's record in order."""
        with self._lock:
            try:
                if self.sequence and not self._open:
                    self._look_between()
            finally:
                self.writer.close()

    # -- failures, and what the writer's thread tells --------------------------------------------------------

    def report(self, gap: Gap) -> None:
        """Show a problem of ours quietly."""
        self.notify("problem", {"gap": gap})

    def fail(self, gap: Gap) -> None:
        """Put a failure of ours on the record of the step it fell into, and show it quietly."""
        gap = msgspec.structs.replace(gap, subject=f"runtrack: {gap.subject}")
        self.writer.capture(PendingCapture(step_id=self.position.head_step, bound={}, gaps=(gap,), late=True))
        self.report(gap)

    def _durable(self, captured: Captured) -> None:
        fields = {"step_id": captured.step_id, "changed": captured.changed, "deleted": captured.deleted}
        self.notify("captured", fields | {"gaps": captured.gaps})

    def _unsaved(self, roots: tuple[str, ...]) -> None:
        self._refused.extend(roots)  # the copies are still in memory: the next capture hands them over again


def _values_off(bound: Iterable[str], gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    off = (Gap(subject=root, kind="off", reason="values are not recorded here") for root in sorted(bound))
    return (*gaps, *off)
