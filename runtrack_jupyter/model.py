"""The words of Runtrack as frozen records, without behaviour.

Field names are the JSON keys on disk, over REST and in the browser. Times are aware and in UTC, durations are
seconds, sizes are bytes. Digests are lower-case hexadecimal BLAKE3-256.
"""

from datetime import datetime
from typing import Any, Literal, NamedTuple, NewType

import msgspec

__all__ = [
    "FORMAT_VERSION",
    "STILL_SAVED",
    "Author",
    "Blob",
    "CellEntry",
    "Component",
    "ComponentId",
    "DataFile",
    "Digest",
    "Direction",
    "DocumentOrigin",
    "Environment",
    "Gap",
    "Manifest",
    "Measured",
    "Names",
    "Note",
    "NotebookId",
    "Package",
    "Repository",
    "Run",
    "RunId",
    "Scalar",
    "Session",
    "SessionId",
    "Snapshot",
    "Step",
    "StepId",
    "StepStatus",
    "Variable",
    "Wanted",
]

FORMAT_VERSION = 1

SessionId = NewType("SessionId", str)
StepId = NewType("StepId", str)
RunId = NewType("RunId", str)
NotebookId = NewType("NotebookId", str)
Digest = NewType("Digest", str)
ComponentId = NewType("ComponentId", str)  # the digest of a component's manifest

StepStatus = Literal["running", "ok", "error", "interrupted", "died"]
Direction = Literal["read", "write", "both"]
DocumentOrigin = Literal["live", "file", "reconstructed"]
Scalar = bool | int | float | str | None


# Histories hold a hundred thousand of these, and none can be part of a cycle: the collector need not look at them.
class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A record: values compare by content, and JSON leaves out what has its default."""


class Author(Fact, frozen=True):
    """Who ran it (a PROV agent)."""

    name: str
    host: str = ""


class Gap(Fact, frozen=True):
    """Something that could not be recorded or restored, and why.

    `subject` names it: a variable, a file path, or a part of the record such as ``"environment"``.
    `kind` is stable; `reason` is a sentence for people, without a trailing dot. `token` tells apart, within one
    session, the objects that could not be saved: a restore leaves the very same object alone.

    With the kinds in `STILL_SAVED` the value is saved and comes back, with this beside it.
    """

    subject: str
    kind: Literal[
        "unpicklable",
        "too-large",
        "too-slow",
        "not-kept",
        "failed",
        "interrupted",
        "lost",
        "redacted",
        "off",
        "foreign",
        "missing",
        "version",
        "differs",
        "unchecked",
        "unloadable",
        "thinned",
        "purged",
    ]
    reason: str
    token: str = ""


# It comes back, but not as it was; or nobody knows whether it does.
STILL_SAVED = frozenset({"differs", "unchecked"})


class Names(Fact, frozen=True):
    """The global names that one cell touches, read from its code without running it."""

    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    opaque: str = ""  # why the code cannot be known (``"exec"``, ``"%run"`` …); empty when it can


class Variable(Fact, frozen=True):
    """One name of the namespace at one moment, as text: readable without loading its value."""

    name: str
    type: str
    shape: str = ""  # "30000 × 23"; "" where the type has none
    size: int = 0  # bytes of the saved value
    preview: str = ""  # plain text, at most 200 characters, secrets removed
    value: Scalar = None  # the value itself for numbers, text and booleans short enough to be a column
    component: ComponentId | None = None  # None: see the gap of that name
    set_by: StepId | None = None  # the step that last changed it
    rebuilt: str = ""  # what of it is not saved but made anew by a restore, and how: "a new lock, unlocked"


class Blob(Fact, frozen=True):
    """A run of bytes, cut into content-addressed chunks."""

    size: int
    chunks: tuple[Digest, ...]


class Wanted(NamedTuple):
    """A chunk, and where in some memory its bytes are to go."""

    digest: Digest
    start: int
    size: int


class Manifest(Fact, frozen=True):
    """How to rebuild one component; its digest is the component's id.

    `stream` is the pickle (concatenated dumps that share one memo, one per root, in the order of `roots`).
    `buffers` are the out-of-band buffers in the order the stream asks for them.
    `references` are the class keys the stream refers to without containing them.
    `python` is ``"3.11"`` where the stream contains code objects, which only that version can run; else "".
    `libraries` are those whose classes and functions it names, with their versions: ``"numpy 2.4.6"``.
    """

    roots: tuple[str, ...]
    stream: Blob
    buffers: tuple[Blob, ...] = ()
    references: tuple[str, ...] = ()
    python: str = ""
    libraries: tuple[str, ...] = ()


class Component(Fact, frozen=True):
    """Variables that share mutable objects, saved and restored together.

    A long manifest is not here but in the payload: `pieces` are the chunks of its JSON.
    """

    component_id: ComponentId
    manifest: Manifest | None = None
    pieces: tuple[Digest, ...] = ()


class Snapshot(Fact, frozen=True):
    """All the state of one moment: what a restore goes back to.

    `components` maps every root (a variable, or a reserved key such as ``"@rng.numpy"``) to its component;
    roots that are in `gaps` are in no component. `variables` describes the visible ones.
    """

    components: dict[str, ComponentId] = {}
    variables: tuple[Variable, ...] = ()
    gaps: tuple[Gap, ...] = ()


class DataFile(Fact, frozen=True):
    """A file that a step read or wrote, with its content digest."""

    path: str  # as given, relative to the working directory where it lies below it
    direction: Direction
    digest: Digest | None = None  # None: see `reason`
    size: int = 0
    modified_at: datetime | None = None
    noticed: bool = False  # False: declared with rt.input or rt.output
    reason: str = ""
    step_id: StepId | None = None


class Measured(Fact, frozen=True):
    """A parameter, metric or label: a named value of a run, and the step that gave it."""

    name: str
    value: Scalar
    step_id: StepId | None = None
    at: datetime | None = None


class Note(Fact, frozen=True):
    """What somebody wrote about a run afterwards."""

    text: str
    at: datetime
    author: str = ""


class CellEntry(Fact, frozen=True):
    """One cell of the document at one moment; `source` comes once per digest."""

    cell_id: str
    cell_type: str
    digest: Digest


class Step(Fact, frozen=True):
    """One execution of one cell (a PROV activity)."""

    step_id: StepId
    session_id: SessionId
    parent_step: StepId | None
    sequence: int  # 1 for the first step of its session
    source: str
    started_at: datetime
    cell_id: str | None = None
    execution_count: int | None = None
    status: StepStatus = "running"
    ended_at: datetime | None = None
    duration: float | None = None
    error: str = ""  # "KeyError: 'PAY_0'"
    outputs: tuple[dict[str, Any], ...] = ()  # nbformat outputs, as shown, secrets removed
    names: Names = Names()
    changed: tuple[str, ...] = ()  # variables that have another value than before
    deleted: tuple[str, ...] = ()
    files: tuple[DataFile, ...] = ()
    measured: tuple[str, ...] = ()  # names of the parameters, metrics and labels it gave
    gaps: tuple[Gap, ...] = ()
    captured: bool = False  # its state is on disk


class Session(Fact, frozen=True):
    """The life of one kernel (a PROV activity)."""

    session_id: SessionId
    started_at: datetime
    author: Author
    python: str  # "3.11.7"
    executable: str
    platform: str
    kernel_id: str = ""
    notebook_path: str = ""  # absolute; "" when there is none or it is not known
    notebook_id: NotebookId | None = None
    cwd: str = ""
    runtrack: str = ""  # the version that wrote it
    format_version: int = FORMAT_VERSION


class Package(Fact, frozen=True):
    """One installed distribution."""

    name: str
    version: str
    source: str = ""  # a URL or path for what did not come from an index


class Repository(Fact, frozen=True):
    """The user's Git repository at the moment of the checkpoint; we only read it."""

    root: str
    commit: str | None
    branch: str = ""
    dirty: bool = False
    remote: str = ""  # without credentials
    patch: Digest | None = None  # of patch.diff, which lies beside


class Environment(Fact, frozen=True):
    """What a run ran in (a PROV entity)."""

    python: str
    implementation: str
    executable: str
    prefix: str
    platform: str
    machine: str
    processors: int
    memory: int
    captured_at: datetime
    packages: tuple[Package, ...] = ()
    local_modules: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()  # names of the environment variables, without values
    repository: Repository | None = None
    gaps: tuple[Gap, ...] = ()


class Run(Fact, frozen=True):
    """What a checkpoint seals: a head step and the path to it from the nearest run above."""

    run_id: RunId
    session_id: SessionId
    notebook_id: NotebookId
    created_at: datetime
    author: Author
    message: str = ""
    automatic: str = (
        ""  # why it was made by itself: "after Run All", "before restoring #12", "kernel shutdown"
    )
    head_step: StepId | None = None
    steps: tuple[StepId, ...] = ()  # on the path from the nearest run above to the head, oldest first
    parent_runs: tuple[RunId, ...] = ()
    previous: Digest | None = None  # the digest of the session's previous run, as logged
    parameters: tuple[Measured, ...] = ()
    metrics: tuple[Measured, ...] = ()
    labels: tuple[Measured, ...] = ()
    components: dict[str, ComponentId] = {}  # the whole snapshot: every root, reserved keys included
    variables: tuple[Variable, ...] = ()
    gaps: tuple[Gap, ...] = ()
    status: StepStatus = "ok"  # of its last step
    ordinal: int | None = None  # people's "#12": given by the sealer, None until then
    document_origin: DocumentOrigin | None = None  # None until sealed
    sealed: bool = False
    purged_at: datetime | None = None  # then nothing is left of it but where it stood
    starred: bool = False  # this and the notes are said afterwards, and never in the sealed record
    notes: tuple[Note, ...] = ()  # the oldest first
    format_version: int = FORMAT_VERSION

    def __repr__(self) -> str:
        # A cell that ends in rt.checkpoint("…") shows this: a line, not the whole record.
        name = f"#{self.ordinal}" if self.ordinal is not None else self.run_id[-8:].lower()
        return f"Run {name} · {self.message or self.automatic}".rstrip(" ·")
