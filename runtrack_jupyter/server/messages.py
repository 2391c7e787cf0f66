"""What goes over the wire: one type for every body that `openapi.yaml` describes.

The description is the norm; a test holds these types to it, so that neither can drift. Unlike the records of
`runtrack_jupyter.model`, which leave out what has its default, answers always carry all their keys.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from runtrack_jupyter.lineage.lastruns import CellRan, LastRuns, NameSet
from runtrack_jupyter.lineage.plans import FileNow, Rebuild, RestorePlan, VariableCount
from runtrack_jupyter.model import (
    Digest,
    DocumentOrigin,
    Environment,
    Gap,
    NotebookId,
    Run,
    RunId,
    Scalar,
    SessionId,
    Step,
    StepId,
)
from runtrack_jupyter.store.moments import What

__all__ = [
    "BundleDetail",
    "CellRan",
    "Changed",
    "Claimed",
    "Command",
    "CommandPushed",
    "CopyMade",
    "CopyRequest",
    "DocumentRequest",
    "DocumentRestored",
    "FileNow",
    "FoundRuns",
    "LastRuns",
    "NameSet",
    "NotebookSummary",
    "Notebooks",
    "Now",
    "Origin",
    "Position",
    "Problem",
    "RestorePlan",
    "RunChange",
    "RunDetail",
    "RunSteps",
    "RunsPage",
    "Settings",
    "SettingsChange",
    "Space",
    "SpaceGroup",
    "SpaceRequest",
    "Status",
    "StepDetail",
    "StoreStatus",
    "TakenIn",
    "TrustRequest",
    "VariableCount",
]


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A body that the server sends; all keys are always there."""


class _Request(msgspec.Struct, frozen=True, kw_only=True):
    """A body that the server receives; keys it does not know are ignored, so that clients may be newer."""


class Problem(_Answer, frozen=True):
    """Why a request was refused: `kind` for programs, `message` for people."""

    kind: str
    message: str


class StoreStatus(_Answer, frozen=True):
    """Where the record of a notebook is kept; it may not exist yet."""

    path: str
    exists: bool
    writable: bool


class Status(_Answer, frozen=True):
    """Whether a kernel started now would record, and where."""

    version: str
    format_version: int
    recording: bool
    why_off: str
    store: StoreStatus


class Settings(_Answer, frozen=True):
    """The user's settings, for every notebook, as kernels read them before their first step."""

    enabled: bool
    after_run_all: bool
    record_values: bool


class SettingsChange(_Request, frozen=True, omit_defaults=True):
    """Settings to set; those left out stay as they are."""

    enabled: bool | msgspec.UnsetType = msgspec.UNSET
    after_run_all: bool | msgspec.UnsetType = msgspec.UNSET
    record_values: bool | msgspec.UnsetType = msgspec.UNSET


class NotebookSummary(_Answer, frozen=True):
    """One notebook that has a record. `path` is a contents path, empty when this server cannot open the file."""

    notebook_id: NotebookId
    path: str
    name: str
    run_count: int
    last_run: Run | None
    last_at: datetime | None


class Notebooks(_Answer, frozen=True):
    """The notebooks on record, the latest first."""

    notebooks: tuple[NotebookSummary, ...]


class RunsPage(_Answer, frozen=True):
    """A page of runs, newest first, without their variables; `cursor` asks for the next, null on the last."""

    notebook_id: NotebookId | None
    runs: tuple[Run, ...]
    cursor: str | None
    total: int


class FoundRuns(_Answer, frozen=True):
    """The runs that hold what a search asks for; where none does, the name that was perhaps meant."""

    run_ids: tuple[RunId, ...]
    nearest: str | None


class Origin(_Answer, frozen=True):
    """Where a step that a run rests on is, when it is not one of its own: in the run that holds it, if any does."""

    step_id: StepId
    execution_count: int | None
    run_id: RunId | None
    ordinal: int | None


class RunDetail(_Answer, frozen=True):
    """One run with its context."""

    run: Run
    environment: Environment | None
    data: tuple[FileNow, ...]
    rebuilds: tuple[Rebuild, ...]  # variables that were not saved but can be made again
    origins: tuple[Origin, ...]  # the steps of runs above that set variables, gave values or used files
    parent: Run | None


class RunChange(_Request, frozen=True):
    """What to say of a run; what is null or left out is not said. A label that is null is taken away."""

    message: str | None = None
    labels: dict[str, Scalar] | None = None
    starred: bool | None = None
    note: str | None = None


class SpaceGroup(_Answer, frozen=True):
    """Values that can be freed together; `size` counts what goes when all groups before it have gone too."""

    what: Literal["unreferenced", "duplicates", "steps", "automatic", "unnamed", "named"]
    runs: int
    steps: int
    size: int
    choosable: bool  # it goes or stays as a person says; what does not goes with any other, as nothing is lost with it
    ticked: bool  # nobody asked to keep it


class Space(_Answer, frozen=True):
    """What a store takes of the disk, and what of it can go, sorted by what is best done without first."""

    store: str
    size: int
    limit: int
    free_disk: int
    groups: tuple[SpaceGroup, ...]
    kept: int  # code, outputs, documents, order and digests: they always stay
    freed: int  # by this request


class SpaceRequest(_Request, frozen=True):
    """What to free."""

    free: tuple[What, ...]


class RunSteps(_Answer, frozen=True):
    """The steps of one run, oldest first."""

    steps: tuple[Step, ...]


class StepDetail(_Answer, frozen=True):
    """One step."""

    step: Step


class Position(_Answer, frozen=True):
    """Where a kernel stands in the tree of steps; `steps` are those since `head_run`, oldest first."""

    head_step: StepId | None
    head_run: RunId | None
    steps: tuple[StepId, ...]


class Now(_Answer, frozen=True):
    """The latest session of a notebook, and the steps that no run holds yet, oldest first."""

    notebook_id: NotebookId | None
    session_id: SessionId | None
    alive: bool
    position: Position | None
    steps: tuple[Step, ...]


class DocumentRequest(_Request, frozen=True):
    """The document as it is now, from which secrets are put back; null when there is none."""

    live: dict[str, Any] | None = None


class DocumentRestored(_Answer, frozen=True):
    """A document on record with the secrets that are still known put back; the others are gaps."""

    document: dict[str, Any]
    gaps: tuple[Gap, ...]
    document_origin: DocumentOrigin


class CopyRequest(_Request, frozen=True):
    """Write the document of run or step `id` beside the notebook at contents path `path`."""

    id: str
    path: str


class CopyMade(_Answer, frozen=True):
    """The contents path of the new notebook."""

    path: str


class Command(_Request, frozen=True):
    """Something one browser tab shall do: restore the document of run or step `id` in the notebook at `path`."""

    command_id: str
    kind: Literal["restore-document"]
    path: str
    id: str


class Claimed(_Answer, frozen=True):
    """The command is the caller's to carry out, and nobody else's."""

    command_id: str


class Changed(_Answer, frozen=True, tag_field="type", tag="changed"):
    """Pushed over the websocket: there are new runs or steps of this notebook."""

    notebook_id: NotebookId
    runs: bool
    steps: bool


class CommandPushed(_Answer, frozen=True, tag_field="type", tag="command"):
    """Pushed over the websocket: a command waits to be claimed."""

    command_id: str
    kind: Literal["restore-document"]
    path: str
    id: str


class BundleDetail(_Answer, frozen=True):
    """What a bundle holds, but for its values; nothing of it is trusted."""

    digest: Digest  # names the very content that is shown: trusting it takes this
    signed: bool  # whether it says who made it in a way that can be checked
    known: bool  # its run, or a step of it, is on record here under the same id
    values: int  # roots whose values are in it
    run: Run
    environment: Environment
    data: tuple[FileNow, ...]
    steps: tuple[Step, ...]
    document: dict[str, Any]


class TrustRequest(_Request, frozen=True):
    """Take in the bundle at contents path `path`, if its content still is `digest`."""

    path: str
    digest: Digest


class TakenIn(_Answer, frozen=True):
    """The run as it is on record now."""

    run: Run
