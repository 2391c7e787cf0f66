"""The frames of a segment: what a session writes, in the order in which it happened.

A step's record is the fold of its frames (`docs/format.md`). Every frame is one JSON header, tagged by `kind`;
only `Chunks` carries payload bytes after its header.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from runtrack_jupyter.model import (
    CellEntry,
    Component,
    ComponentId,
    DataFile,
    Digest,
    Environment,
    Gap,
    Measured,
    Names,
    NotebookId,
    Run,
    RunId,
    Session,
    StepId,
    StepStatus,
    Variable,
)

__all__ = [
    "Captured",
    "Cells",
    "Chunks",
    "Closed",
    "Frame",
    "HeadMoved",
    "NotebookBound",
    "Output",
    "Piece",
    "Purged",
    "Recorded",
    "RunLogged",
    "SessionStarted",
    "StepEnded",
    "StepStarted",
    "left_of",
]


# Histories hold a hundred thousand of these, and none can be part of a cycle: the collector need not look at them.
class _Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", gc=False):
    """What every frame shares: its JSON header is tagged with `kind`."""


class SessionStarted(_Frame, frozen=True, tag="session-started"):
    """The first frame of a session's every segment file."""

    session: Session


class NotebookBound(_Frame, frozen=True, tag="notebook-bound"):
    """From here on the session belongs to this notebook (also what it recorded before)."""

    notebook_id: NotebookId
    path: str
    at: datetime


class StepStarted(_Frame, frozen=True, tag="step-started"):
    """Written with ``write(2)`` before user code runs."""

    step_id: StepId
    parent_step: StepId | None
    sequence: int
    source: str
    started_at: datetime
    cell_id: str | None = None
    execution_count: int | None = None


class Output(_Frame, frozen=True, tag="output"):
    """One nbformat output of a step, as it was shown.

    `replaces` is the display id it updates. A stream output is appended to the stream output before it.
    `clear` says that the outputs so far were cleared first.
    """

    step_id: StepId
    output: dict[str, Any] | None
    replaces: str = ""
    clear: bool = False


class Recorded(_Frame, frozen=True, tag="recorded"):
    """What user code declared with ``rt.parameter``, ``rt.metric``, ``rt.label``, ``rt.input`` or ``rt.output``."""

    step_id: StepId | None
    what: Literal["parameter", "metric", "label", "file"]
    measured: Measured | None = None
    file: DataFile | None = None


class StepEnded(_Frame, frozen=True, tag="step-ended"):
    """Written in the hook, before the reply."""

    step_id: StepId
    status: StepStatus
    ended_at: datetime
    duration: float
    error: str = ""
    execution_count: int | None = None
    names: Names = Names()
    expects: int = 0  # how many components the `captured` frame will bring


class Piece(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One chunk of payload, named by the digest of its bytes; an array in JSON, as there are very many."""

    digest: Digest
    size: int  # of its bytes, decoded
    stored: int = 0  # bytes of the zstd frame that holds them; 0: they are stored as they are

    @property
    def length(self) -> int:
        """How many bytes of the frame's payload are its own."""
        return self.stored or self.size


class Chunks(_Frame, frozen=True, tag="chunks"):
    """Pieces of payload; their bytes follow the header, one after the other in this order."""

    pieces: tuple[Piece, ...]


class Captured(_Frame, frozen=True, tag="captured"):
    """The state after a step, as what differs from the state after its parent; after its payload.

    `step_id` None is the state found before the first step. `late` is set when a sweep found the change: it
    happened between `since` and `step_id`.
    """

    step_id: StepId | None
    components: tuple[Component, ...] = ()  # manifests this segment has not held yet
    bound: dict[str, ComponentId] = {}  # roots that have another component than before
    dropped: tuple[str, ...] = ()  # roots gone since
    variables: tuple[Variable, ...] = ()  # of the bound names, and of those that became a gap
    changed: tuple[str, ...] = ()  # the visible names among them
    deleted: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()  # each stands until its root is bound or dropped again
    late: bool = False
    since: StepId | None = None


class HeadMoved(_Frame, frozen=True, tag="head-moved"):
    """A restore or undo: the next step's parent is `step_id`, whose state is live now.

    The step may be of another session. The snapshot here is self-contained: `components`, `variables` and
    `gaps` (roots that did not come back) are the state the next step starts from, whatever lies before.
    """

    step_id: StepId | None
    at: datetime
    reason: Literal["restore", "undo"]
    run_id: RunId | None = None  # the nearest run at or above: the parent of the next run
    components: dict[str, ComponentId] = {}
    variables: tuple[Variable, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Cells(_Frame, frozen=True, tag="cells"):
    """The cells of the document when `step_id` ran, as the front end had them; sources not yet in this segment."""

    step_id: StepId | None
    cells: tuple[CellEntry, ...]
    sources: dict[Digest, str] = {}
    metadata: dict[str, Any] = {}


class RunLogged(_Frame, frozen=True, tag="run-logged"):
    """A checkpoint. `run.sealed` is False here; `gaps` and `variables` are as verified at this moment."""

    run: Run
    front_end: bool = False  # a live document will be handed to the sealer
    modules: tuple[str, ...] = ()  # files of the imported local modules
    cwd: str = ""
    environment: Environment | None = None


class Closed(_Frame, frozen=True, tag="closed"):
    """The last frame of a session that ended in order, or of a file that rolled over into the next."""

    frames: int
    rolled: bool = False


class Purged(_Frame, frozen=True, tag="purged"):
    """What stands in the place of a frame that was purged, with the number and the MAC of that frame.

    `digest` is that of the frame's JSON, `run_digest` that of the JSON of the `run` in it. `signature` is this user's, of
    all the rest. `kept` is what later steps rest on: without code, outputs, values or words of the purged run.
    """

    run_id: RunId
    digest: Digest
    at: datetime
    run_digest: Digest | None = None
    kept: "StepStarted | StepEnded | Captured | Cells | RunLogged | None" = None
    signature: str = ""


Frame = (
    SessionStarted
    | NotebookBound
    | StepStarted
    | Output
    | Recorded
    | StepEnded
    | Chunks
    | Captured
    | HeadMoved
    | Cells
    | RunLogged
    | Closed
    | Purged
)


def left_of(frame: Frame | None) -> Frame | None:
    """Return a frame, or what a purge left of it."""
    return frame.kept if isinstance(frame, Purged) else frame
