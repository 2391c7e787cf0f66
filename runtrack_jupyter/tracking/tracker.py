"""The tracker: what a kernel does becomes steps and captures; capture, state and store meet here."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from threading import RLock
from typing import Any

import msgspec
from ulid import ULID

from runtrack_jupyter.capture.names import names_of
from runtrack_jupyter.capture.parameters import injected_parameters
from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.model import (
    Gap,
    Session,
    Step,
    StepId,
    StepStatus,
)
from runtrack_jupyter.state import Capture, StateEngine
from runtrack_jupyter.store.frames import (
    Captured,
    StepEnded,
    StepStarted,
)
from runtrack_jupyter.store.segment import SegmentWriter
from runtrack_jupyter.tracking.evidence import Evidence
from runtrack_jupyter.tracking.looking import Looking
from runtrack_jupyter.tracking.position import Position
from runtrack_jupyter.tracking.roundtrip.watching import RoundTrips
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
        roundtrips: RoundTrips,
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
            on_unsaved=lambda roots: self._looking.refuse(roots),
            idle=lambda: self._rest(segment),
        )
        engine.copies.spill = self.writer.spill if settings.record_values else self.writer.forget_early
        self.evidence = Evidence(self.writer, redactor, self.position, session)
        self._looking = Looking(namespace, engine, self.position, self.writer, redactor, settings, roundtrips)
        self._roundtrips = roundtrips
        self._swept = False  # since the last step
        self._lock = RLock()  # subshells may run cells side by side
        self._open: dict[str, _OpenStep] = {}  # by parent message id

    def _rest(self, segment: SegmentWriter) -> None:
        """Do, in the writer's thread, what is due when nothing was written for a while."""
        segment.beat()
        self.engine.copies.arenas.trim()

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
            self._swept = False
            try:
                self._look_between()
            finally:  # whatever becomes of the look, the step is on record
                step = self._started(key, source, cell_id, execution_count)
                for parameter in injected_parameters(source):
                    self.evidence.declare("parameter", parameter)
        self.notify("step-started", {"step": step})
        return step

    def _look_between(self) -> None:
        """Record what changed since the last step, before the next one is on record."""
        head = self.position.head_step
        if self.sequence == 0:
            self.evidence.write_binding()
            self.writer.run(self._on_begin)
            self._looking.capture(None, head, late=head is not None)
        elif self._looking.pending:
            self._looking.capture(self._looking.take_suspects(), head, late=True)

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
        reach = self._looking.before(code)
        if reach is None:
            self._looking.suspect_reach(None)
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
                suspects = self._looking.suspects_of(ended.names, opened.before)
                capture, pending = self._looking.look(suspects, step_id, late=moved)
                ended = msgspec.structs.replace(ended, expects=len(set(capture.bound.values())))
            finally:
                self.writer.now(ended)  # first: a capture before it would be one in the middle of the cell
                if pending is None:
                    pending = self._looking.abandoned(ended.names, opened.before, step_id)
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

    def leave_running(self, gap: Gap) -> None:
        """End the steps whose cells still run, with a gap: what they do from here on is not recorded."""
        for key, opened in list(self._open.items()):
            step = opened.step
            self.end_step(key, step.source, status="ok", error="", execution_count=step.execution_count)
            self.writer.capture(PendingCapture(step_id=step.step_id, bound={}, gaps=(gap,), late=True))

    # -- state -----------------------------------------------------------------------------------------------

    def suspect(self, code: str) -> None:
        """Look at what this code could have changed before the next step: it ran, but is no step."""
        with self._lock:
            self._looking.suspect(code)

    def capture_all(self) -> Capture:
        """Look at everything. What differs without a cell having run is recorded as a late find."""
        with self._lock:
            opened = next(reversed(self._open.values())) if self._open else None
            here = opened is not None and opened.moves == self.position.moves
            step_id = opened.step.step_id if opened is not None and here else self.position.head_step
            self.evidence.settle_files()
            return self._looking.everything(step_id, late=not here)

    def look_at(self, names: Iterable[str]) -> PendingCapture:
        """Look at names that something other than a cell has bound; what is to be written is the caller's task."""
        with self._lock:
            return self._looking.look(names, self.position.head_step, late=True)[1]

    def sweep(self, seconds: float) -> bool:
        """Look, for about so long, at components that no cell was seen to touch; True when all were seen.

        Called while the kernel is idle, again and again; a late find is "changed between steps i and j".
        """
        with self._lock:
            if self._open or self.sequence == 0:
                return True
            self._swept = self._swept or self._looking.sweep(seconds)
            if not self._swept or not self.writer.at_rest:
                return False
            self._swept = False
            self._roundtrips.start()
            return True

    def close(self) -> None:
        """Look at what is still suspect, and end the session's record in order."""
        with self._lock:
            try:
                if self.sequence and not self._open:
                    self._look_between()
            finally:
                self.writer.close()
                self._roundtrips.close()

    # -- failures, and what the writer's thread tells --------------------------------------------------------

    def report(self, gap: Gap) -> None:
        """Show a problem of ours quietly."""
        self.notify("problem", {"gap": gap})

    def fail(self, gap: Gap) -> None:
        """Put a failure of ours on the record of the step it fell into, and show it quietly."""
        gap = msgspec.structs.replace(gap, subject=f"runtrack: {gap.subject}")
        self.writer.capture(PendingCapture(step_id=self.position.head_step, bound={}, gaps=(gap,), late=True))
        self._looking.fail(gap.subject)
        self.report(gap)

    def _durable(self, captured: Captured) -> None:
        fields = {"step_id": captured.step_id, "changed": captured.changed, "deleted": captured.deleted}
        self.notify("captured", fields | {"gaps": captured.gaps})
