"""What a purge leaves of a frame: where it stood, and what others rest on; never what was in it."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from blake3 import blake3

from runtrack_jupyter.model import ComponentId, Digest, Run, RunId, StepId, Variable
from runtrack_jupyter.store.frames import (
    Captured,
    Cells,
    Frame,
    Output,
    Purged,
    Recorded,
    RunLogged,
    StepEnded,
    StepStarted,
)
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.moments import can_be_thinned

__all__ = ["Survivors", "belongs_to", "tombstone"]


class Survivors(NamedTuple):
    """What the states consist of that stay."""

    components: frozenset[ComponentId]
    variables: frozenset[tuple[str, ComponentId | None, str]]
    gaps: frozenset[str]

    @classmethod
    def of(
        cls, history: History, run_id: RunId, steps: Collection[StepId], store: Path, now: datetime
    ) -> "Survivors":
        """Return what all but this run and these steps need."""
        components: set[ComponentId] = set()
        variables: set[tuple[str, ComponentId | None, str]] = set()
        gaps: set[str] = set()
        for session in history.folded_sessions():
            if not can_be_thinned(session, store, now):
                components |= session.referred()
            for each, logged in session.runs.items():
                if each != run_id:
                    components.update(logged.run.components.values())
            ends = [] if session.head.step_id in steps else [session.head]
            for place in (*session.places.values(), *ends):
                if place.step_id not in steps and place.purged is None:
                    state = place.state()
                    components.update(state.components.values())
                    variables.update(map(_words, state.variables.values()))
                    gaps.update(state.gaps)
        return cls(frozenset(components), frozenset(variables), frozenset(gaps))


def _words(variable: Variable) -> tuple[str, ComponentId | None, str]:
    return variable.name, variable.component, variable.preview


class _RunFrame(msgspec.Struct):
    run: msgspec.Raw


def belongs_to(frame: Frame, run_id: RunId, steps: Collection[StepId]) -> bool:
    """Return whether a frame tells of the run, or of one of the steps."""
    if isinstance(frame, RunLogged):
        return frame.run.run_id == run_id
    kinds = (StepStarted, StepEnded, Captured, Cells, Output, Recorded)
    return isinstance(frame, kinds) and frame.step_id in steps


def tombstone(
    frame: Frame,
    run_id: RunId,
    raw: bytes,
    survivors: Survivors,
    sources: Collection[Digest],
    at: datetime,
) -> Purged:
    """Return what stands in the place of a frame whose JSON is `raw`, not signed yet."""
    run_digest = None
    if isinstance(frame, RunLogged):
        run_digest = Digest(blake3(bytes(msgspec.json.decode(raw, type=_RunFrame).run)).hexdigest())
    return Purged(
        run_id=run_id,
        digest=Digest(blake3(raw).hexdigest()),
        at=at,
        run_digest=run_digest,
        kept=_kept(frame, survivors, sources, at),
    )


def _kept(
    frame: Frame, survivors: Survivors, sources: Collection[Digest], at: datetime
) -> StepStarted | StepEnded | Captured | Cells | RunLogged | None:
    match frame:
        case StepStarted():
            return StepStarted(
                step_id=frame.step_id,
                parent_step=frame.parent_step,
                sequence=frame.sequence,
                source="",
                started_at=frame.started_at,
            )
        case StepEnded():
            return StepEnded(
                step_id=frame.step_id, status=frame.status, ended_at=frame.ended_at, duration=frame.duration
            )
        case Captured():
            return _captured(frame, survivors)
        case Cells():
            left = {digest: text for digest, text in frame.sources.items() if digest in sources}
            return Cells(step_id=frame.step_id, cells=(), sources=left) if left else None
        case RunLogged():
            return RunLogged(run=_run(frame.run, at))
    return None


def _captured(frame: Captured, survivors: Survivors) -> Captured:
    """Return what states that stay have from here."""
    there = survivors.components
    return Captured(
        step_id=frame.step_id,
        components=tuple(each for each in frame.components if each.component_id in there),
        bound={root: each for root, each in frame.bound.items() if each in there},
        dropped=frame.dropped,
        variables=tuple(each for each in frame.variables if _words(each) in survivors.variables),
        deleted=frame.deleted,
        gaps=tuple(gap for gap in frame.gaps if gap.subject in survivors.gaps),
        late=frame.late,
        since=frame.since,
    )


def _run(run: Run, at: datetime) -> Run:
    return Run(
        run_id=run.run_id,
        session_id=run.session_id,
        notebook_id=run.notebook_id,
        created_at=run.created_at,
        author=run.author,
        automatic=f"purged on {at.date().isoformat()}",
        head_step=run.head_step,
        steps=run.steps,
        parent_runs=run.parent_runs,
        previous=run.previous,
        status=run.status,
    )
