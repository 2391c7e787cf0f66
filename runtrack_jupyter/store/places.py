"""Places of a session's history: a step, a move of the head, or the beginning; each knows what came before it.

A place's state is the state before it plus what was captured there; a move brings its whole state along. Paths are as
long as people work, so everything here goes up and down them in loops, never by recursion.
"""

from typing import Any, NamedTuple

import msgspec

from runtrack_jupyter.model import (
    STILL_SAVED,
    ComponentId,
    DataFile,
    Gap,
    Measured,
    RunId,
    SessionId,
    Snapshot,
    Step,
    StepId,
    Variable,
)
from runtrack_jupyter.store.frames import Captured, HeadMoved, Output, Recorded, StepEnded, StepStarted

__all__ = ["Place", "State"]

_REMEMBER_EVERY = (
    32  # places between two remembered states: asking for all of n snapshots costs n, not n squared
)

_LOST = Gap(
    subject="variables", kind="lost", reason="the kernel ended before the state after this step was on disk"
)


class State(NamedTuple):
    """The variables of one moment."""

    components: dict[str, ComponentId]
    variables: dict[str, Variable]
    gaps: dict[str, Gap]

    def copy(self) -> "State":
        """Return a state of its own."""
        return State(dict(self.components), dict(self.variables), dict(self.gaps))

    def apply(self, frame: Captured) -> None:
        """Go on from the state before `frame` to the one after it."""
        for root in frame.dropped:
            self.components.pop(root, None)
            self.variables.pop(root, None)
            self.gaps.pop(root, None)
        self.components.update(frame.bound)
        for root in frame.bound:
            self.gaps.pop(root, None)
        for name in frame.deleted:
            self.variables.pop(name, None)
        for variable in frame.variables:
            if variable.set_by is None and frame.step_id is not None:
                variable = msgspec.structs.replace(variable, set_by=frame.step_id)
            self.variables[variable.name] = variable
        for gap in frame.gaps:
            self.gaps[gap.subject] = gap
            if gap.kind not in STILL_SAVED:
                self.components.pop(gap.subject, None)

    def snapshot(self) -> Snapshot:
        """Return it as a record."""
        return Snapshot(
            components=dict(self.components),
            variables=tuple(self.variables.values()),
            gaps=tuple(self.gaps.values()),
        )


class Place:
    """One place; `parent` is None at the beginning of a session and where a move led to another one."""

    __slots__ = (
        "_step",
        "captured",
        "declared",
        "ended",
        "files",
        "move",
        "outputs",
        "parameters",
        "parent",
        "purged",
        "remembered",
        "runs",
        "saved",
        "seen",
        "session_id",
        "started",
        "step_id",
    )

    def __init__(self, session_id: SessionId, parent: "Place | None" = None) -> None:
        self.session_id = session_id
        self.parent = parent
        self.step_id: StepId | None = None
        self.started: StepStarted | None = None
        self.ended: StepEnded | None = None
        self.move: HeadMoved | None = None
        # Tuples where there is mostly nothing or one: a long history has a place for every step of it.
        self.outputs: list[Output] | None = None
        self.captured: tuple[Captured, ...] = ()
        self.purged: Gap | None = None
        self.saved = False  # its state was captured after it ended
        self.declared: tuple[Recorded, ...] = ()
        self.parameters: dict[str, Measured] = {}
        self.files: tuple[DataFile, ...] = ()
        self.runs: tuple[tuple[RunId, bool], ...] = ()  # made here; True: while the step was running
        self.remembered: State | None = None
        self.seen = False  # some remembered state rests on this place
        self._step: tuple[bool, Step] | None = None

    def touch(self) -> None:
        """Forget what was put together before another frame came."""
        self._step = None

    def show(self, frame: Output) -> None:
        """Take up what the step showed."""
        if self.outputs is None:
            self.outputs = [frame]
        else:
            self.outputs.append(frame)

    def record(self, frame: Recorded) -> None:
        """Take up what user code declared in this step."""
        if frame.measured is not None:
            self.declared = (*self.declared, frame)
            if frame.what == "parameter":
                self.parameters[frame.measured.name] = frame.measured
        if frame.file is not None:
            self.files = (*self.files, frame.file)

    def state(self) -> State:
        """Return the state here; not to be changed by the caller."""
        below: list[Place] = []
        place: Place | None = self
        while place is not None and place.remembered is None and place.move is None:
            below.append(place)
            place = place.parent
        state = State({}, {}, {}) if place is None else place._known_state()
        while below:
            place = below.pop()
            place.seen = True
            for frame in place.captured:
                state.apply(frame)
            if len(below) % _REMEMBER_EVERY == _REMEMBER_EVERY - 1:
                place.remembered = state.copy()
        return state

    def _known_state(self) -> State:
        if self.remembered is not None:
            return self.remembered.copy()
        state = State({}, {}, {})
        self.seen = True
        if self.move is not None:
            state.components.update(self.move.components)
            state.variables.update({variable.name: variable for variable in self.move.variables})
            state.gaps.update({gap.subject: gap for gap in self.move.gaps})
        for frame in self.captured:
            state.apply(frame)
        return state

    def step(self, alive: bool) -> Step:
        """Return the record of the step that began here; `alive` says whether more may come."""
        if self._step is None or self._step[0] != alive:
            self._step = (alive, self._made_step(alive))
        return self._step[1]

    def _made_step(self, alive: bool) -> Step:
        started, ended = self.started, self.ended
        if started is None:
            raise AssertionError("a place without a step was asked for one")
        changed, deleted = _changes(self.captured)
        gaps = [gap for frame in self.captured for gap in frame.gaps]
        if self.purged is not None:
            gaps = [self.purged]
        elif not self.saved and not alive:
            gaps.append(_LOST)
        fields: dict[str, Any] = {}
        if ended is not None:
            fields = {
                "status": ended.status,
                "ended_at": ended.ended_at,
                "duration": ended.duration,
                "error": ended.error,
                "names": ended.names,
            }
        elif not alive:
            fields = {"status": "died"}
        count = ended.execution_count if ended is not None else None
        return Step(
            step_id=started.step_id,
            session_id=self.session_id,
            parent_step=started.parent_step,
            sequence=started.sequence,
            source=started.source,
            started_at=started.started_at,
            cell_id=started.cell_id,
            execution_count=started.execution_count if count is None else count,
            outputs=shown_outputs(self.outputs) if self.outputs else (),
            changed=changed,
            deleted=deleted,
            files=self.files,
            measured=tuple(dict.fromkeys(each.measured.name for each in self.declared if each.measured)),
            gaps=tuple(gaps),
            captured=self.saved,
            **fields,
        )


def _changes(frames: tuple[Captured, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if len(frames) == 1:
        return frames[0].changed, frames[0].deleted
    changed: dict[str, None] = {}
    deleted: dict[str, None] = {}
    for frame in frames:
        for name in frame.changed:
            changed[name] = None
            deleted.pop(name, None)
        for name in frame.deleted:
            deleted[name] = None
            changed.pop(name, None)
    return tuple(changed), tuple(deleted)


def shown_outputs(frames: list[Output]) -> tuple[dict[str, Any], ...]:
    """Return a step's nbformat outputs as they stood at the end: joined, replaced and cleared."""
    outputs: list[dict[str, Any]] = []
    texts: list[list[str]] = []  # of the stream outputs, joined at the end: cells may print a million times
    displays: list[str] = []
    for frame in frames:
        if frame.clear:
            outputs, texts, displays = [], [], []
        if frame.output is None:
            continue
        output = dict(frame.output)
        display = frame.replaces or str((output.pop("transient", None) or {}).get("display_id", ""))
        if frame.replaces and frame.replaces in displays:
            for at, known in enumerate(displays):
                if known == frame.replaces:
                    outputs[at] = {
                        **outputs[at],
                        "data": output.get("data"),
                        "metadata": output.get("metadata"),
                    }
            continue
        is_stream = output.get("output_type") == "stream"
        if is_stream and outputs and _continues(outputs[-1], output):
            texts[-1].append(_text(output))
            continue
        outputs.append(output)
        texts.append([_text(output)] if is_stream else [])
        displays.append(display)
    for output, text in zip(outputs, texts, strict=True):
        if text:
            output["text"] = "".join(text)
    return tuple(outputs)


def _continues(last: dict[str, Any], output: dict[str, Any]) -> bool:
    return last.get("output_type") == "stream" and last.get("name") == output.get("name")


def _text(output: dict[str, Any]) -> str:
    text = output.get("text", "")
    return text if isinstance(text, str) else "".join(text)
