"""What is looked at and when: what a cell could have changed, what no cell was seen to touch, and what a look found."""

import time
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from runtrack_jupyter.capture.names import compiled_cell, names_of, opaque_among
from runtrack_jupyter.capture.previews import describe
from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.model import Gap, Names, StepId, Variable
from runtrack_jupyter.state import Capture, StateEngine
from runtrack_jupyter.state.atoms import is_plain
from runtrack_jupyter.state.deadline import Deadline, TooSlowError
from runtrack_jupyter.state.unsavable import own_name
from runtrack_jupyter.tracking.position import Position
from runtrack_jupyter.tracking.roundtrip.watching import RoundTrips
from runtrack_jupyter.tracking.settings import Settings
from runtrack_jupyter.tracking.writer import PendingCapture, Writer

__all__ = ["Looking"]

_LONGEST_DESCRIPTION, _LONGEST_DESCRIPTIONS = 1.0, 5.0  # seconds for one, and for all of one look


class Looking:
    """Looks at the namespace through the engine, and knows what is still to be looked at.

    Not locked: the tracker calls it with its own lock held; only `refuse` may come from another thread.
    """

    def __init__(
        self,
        namespace: Mapping[str, Any],
        engine: StateEngine,
        position: Position,
        writer: Writer,
        redactor: Redactor,
        settings: Settings,
        roundtrips: RoundTrips,
    ) -> None:
        self._namespace = namespace
        self._engine = engine
        self._position = position
        self._writer = writer
        self._redactor = redactor
        self._settings = settings
        self._roundtrips = roundtrips
        self._suspects: set[str] = set()  # to be looked at with the next capture
        self._everything_suspect = False
        # Roots whose record on disk is not what the engine takes for recorded: to be handed over again.
        self._unsettled: set[str] = set()
        self._refused: deque[str] = deque()  # likewise, told by the writer's thread
        self._sweep: list[str] = []
        self._failures: set[str] = set()  # gaps about ourselves, which hold until the next look

    # -- what to look at -------------------------------------------------------------------------------------

    @property
    def pending(self) -> bool:
        """Whether something is to be looked at before the next step."""
        return bool(self._suspects) or self._everything_suspect

    def suspect(self, code: str) -> None:
        """Have what this code could have changed looked at with the next capture."""
        self.suspect_reach(self.reach_of(names_of(code)))

    def suspect_reach(self, reach: Iterable[str] | None) -> None:
        """Have these names, or for None everything, looked at with the next capture."""
        if reach is None:
            self._everything_suspect = True
        else:
            self._suspects.update(reach)

    def take_suspects(self) -> set[str] | None:
        """Return what is to be looked at, None for everything; from here on it is the caller's task."""
        suspects, everything = self._suspects, self._everything_suspect
        self._suspects, self._everything_suspect = set(), False
        return None if everything else suspects

    def reach_of(self, names: Names) -> frozenset[str] | None:
        """Return what code with these names can touch; None where that cannot be known."""
        if names.opaque == "syntax":
            return frozenset()  # it did not run
        touched = {*names.read, *names.written, *names.deleted}
        return _reach(names, touched, self._engine.reached_from(touched))

    def before(self, code: str) -> frozenset[str] | None:
        """Return what code that is about to run can touch, None for everything; have what it will change seen."""
        names, compiled = names_of(code), compiled_cell(code)
        if compiled is None:
            return self.reach_of(names)
        touched = {*names.read, *names.written, *names.deleted}
        return _reach(names, touched, self._engine.expect(compiled, touched))

    def suspects_of(self, names: Names, before: frozenset[str]) -> Iterable[str] | None:
        """Return what a cell could have changed that could reach `before` when it began; None for everything."""
        carried = self.take_suspects()
        reach = self.reach_of(names)
        return None if carried is None or reach is None else carried | before | reach | self._come_and_gone()

    def _come_and_gone(self) -> frozenset[str]:
        """Return the names that are new or gone, whoever bound or deleted them."""
        return frozenset(
            self._engine.names() ^ {root for root in self._engine.roots() if not root.startswith("@")}
        )

    # -- looking ---------------------------------------------------------------------------------------------

    def look(
        self, suspects: Iterable[str] | None, step_id: StepId | None, *, late: bool = False
    ) -> tuple[Capture, PendingCapture]:
        """Look, and return what differs together with what is to be written of it; the position takes it up."""
        capture = self._engine.capture(suspects)
        found = self._with_unsettled(capture)
        described = _visible({*found.bound, *(gap.subject for gap in found.gaps)})
        with Deadline(_LONGEST_DESCRIPTIONS) as deadline:
            variables = tuple(self._describe(name, deadline) for name in described)
        keeps_values = self._settings.record_values
        marks = self._roundtrips.take(capture.checks) if keeps_values else ()
        steps = self._position.steps
        pending = PendingCapture(
            step_id=step_id,
            bound=found.bound if keeps_values else {},
            dropped=(*found.dropped, *sorted(self._failures)),
            variables=variables,
            changed=capture.changed,
            deleted=found.deleted,
            gaps=(*found.gaps, *marks) if keeps_values else _values_off(found.bound, found.gaps),
            late=late,
            since=steps[-2] if late and len(steps) > 1 else None,
        )
        self._position.take(variables, settled=found.bound, dropped=found.dropped, gaps=pending.gaps)
        if not keeps_values:
            self._writer.forget(found.bound.values())
        self._unsettled.clear()
        self._failures.clear()
        self.take_findings()
        return msgspec.structs.replace(capture, gaps=(*capture.gaps, *marks)), pending

    def take_findings(self) -> tuple[Gap, ...]:
        """Mark what the round-trip check found of variables that are still as they were."""
        found = self._roundtrips.found(self._engine.live())
        self._position.gaps.update({gap.subject: gap for gap in found})
        return found

    def capture(
        self, suspects: Iterable[str] | None, step_id: StepId | None, *, late: bool = False
    ) -> Capture:
        """Look, and hand what differs to the writer; where nothing does, nothing is written."""
        try:
            capture, pending = self.look(suspects, step_id, late=late)
        except BaseException:  # an interrupt may fall after the engine went on
            self.lose_sight()
            raise
        if pending.bound or pending.dropped or pending.gaps:
            self._writer.capture(pending)
        return capture

    def everything(self, step_id: StepId | None, *, late: bool) -> Capture:
        """Look at everything, and hand what differs to the writer."""
        capture = self.capture(None, step_id, late=late)
        self.take_suspects()  # only now: an interrupt before must not lose them
        self._sweep.clear()
        return capture

    def sweep(self, seconds: float) -> bool:
        """Look, for about so long, at components that no cell was seen to touch; True when all were seen."""
        deadline = time.perf_counter() + seconds
        if not self._sweep:
            self._sweep = [*self._engine.roots(), *self._come_and_gone()]
        while self._sweep and time.perf_counter() < deadline:
            self.capture([self._sweep.pop()], self._position.head_step, late=True)
        return not self._sweep

    def _describe(self, name: str, deadline: Deadline) -> Variable:
        component = self._engine.live().get(name)
        size = 0 if component is None else component.size
        value = self._namespace.get(name)
        try:
            if is_plain(value):
                variable = describe(name, value, size, self._redactor.text)
            else:  # repr, len and properties are code of the user's, or of a library that goes to a database
                variable = deadline.call(
                    _LONGEST_DESCRIPTION, "", describe, name, value, size, self._redactor.text
                )
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - what code of the user's raises, if it is no `Exception`
            words = f"repr failed: {own_name(type(error))}"
            if issubclass(type(error), TooSlowError):
                words = "not described in time"
            variable = Variable(name=name, type=own_name(type(value)), size=size, preview=f"‹{words}›")
        return msgspec.structs.replace(
            variable, set_by=self._position.head_step, rebuilt=self._engine.rebuilt(name)
        )

    # -- where the record fell behind ------------------------------------------------------------------------

    def abandoned(self, names: Names, before: frozenset[str], step_id: StepId | None) -> PendingCapture:
        """Say that a step's state is not known, and look at everything with the next capture."""
        known = {*self._engine.roots(), *names.written}
        touched = {*names.read, *names.written, *names.deleted, *before} & known
        self.lose_sight()
        gaps = tuple(
            Gap(subject=name, kind="interrupted", reason="the capture after this cell was interrupted")
            for name in sorted(touched)
        )
        return PendingCapture(step_id=step_id, bound={}, gaps=gaps)

    def lose_sight(self) -> None:
        """Take nothing for recorded: the engine may have gone on without the record."""
        self._everything_suspect = True
        self._unsettled.update(self._engine.roots(), self._position.variables, self._position.gaps)

    def fail(self, subject: str) -> None:
        """Take back a gap about ourselves with the next look: what was missed is known then."""
        self._failures.add(subject)

    def refuse(self, roots: tuple[str, ...]) -> None:
        """Hand these over again with the next capture: their copies, still in memory, could not be written."""
        self._refused.extend(roots)

    def _with_unsettled(self, capture: Capture) -> Capture:
        """Return what a capture found together with what is to be handed over once more."""
        while self._refused:
            self._unsettled.add(self._refused.popleft())
        if not self._unsettled:
            return capture
        live, gaps = self._engine.live(), {gap.subject: gap for gap in self._engine.gaps()}
        bound = {root: live[root] for root in self._unsettled if root in live}
        again = {root: gaps[root] for root in self._unsettled if root in gaps}
        gone = self._unsettled - live.keys() - gaps.keys()
        return Capture(
            bound={**bound, **capture.bound},
            dropped=tuple(sorted(gone.union(capture.dropped))),
            changed=capture.changed,
            deleted=tuple(sorted({*_visible(gone), *capture.deleted})),
            gaps=tuple({**again, **{gap.subject: gap for gap in capture.gaps}}.values()),
        )


def _reach(names: Names, touched: set[str], reached: frozenset[str]) -> frozenset[str] | None:
    return None if names.opaque or opaque_among(reached) else reached | touched


def _visible(roots: Iterable[str]) -> list[str]:
    return sorted(root for root in roots if not root.startswith("@"))


def _values_off(bound: Iterable[str], gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    off = (Gap(subject=root, kind="off", reason="values are not recorded here") for root in sorted(bound))
    return (*gaps, *off)
