"""A kernel's side of the record, without a kernel: steps with values, restores, runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from blake3 import blake3
from ulid import ULID

from runtrack_jupyter.model import (
    Author,
    Blob,
    CellEntry,
    Component,
    ComponentId,
    Digest,
    Gap,
    Manifest,
    NotebookId,
    Run,
    RunId,
    Session,
    Snapshot,
    StepId,
    StepStatus,
    Variable,
)
from runtrack_jupyter.store.chunks import chunk_digest
from runtrack_jupyter.store.frames import (
    Captured,
    Cells,
    HeadMoved,
    NotebookBound,
    Output,
    RunLogged,
    StepEnded,
    StepStarted,
)
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import leases_folder
from runtrack_jupyter.store.payload import component_digest
from runtrack_jupyter.store.segment import SegmentWriter
from tests.store.conftest import KEY, at, new_session

_clock = iter(range(1, 1_000_000))


def value_of(text: str) -> tuple[Component, bytes]:
    """Return the component that stands for the value `text`, and its bytes."""
    data = text.encode() * 40
    manifest = Manifest(roots=("x",), stream=Blob(size=len(data), chunks=(chunk_digest(data),)))
    return Component(component_id=component_digest(manifest), manifest=manifest), data


class Kernel:
    """Writes one session as a kernel would; `namespace` is name to value, as of now."""

    def __init__(self, store: Path, *, key: bytes = KEY, roll_at: int = 1 << 30, **fields: object) -> None:
        self.session: Session = new_session(**fields)  # type: ignore[arg-type]  # a test names what it is about
        self._store = store
        self.writer = SegmentWriter(store, self.session, key, roll_at=roll_at)
        self.namespace: dict[str, str] = {}
        self.head: StepId | None = None
        self.head_run: RunId | None = None
        self.steps: list[StepId] = []
        self.previous: Digest | None = None
        self._sequence = 0
        self._known: set[ComponentId] = set()

    def die(self) -> None:
        """Be gone without a last word: nobody holds the lease any more."""
        for lease in leases_folder(self._store).iterdir():
            lease.unlink()

    def begin(self, source: str = "pass") -> StepId:
        """Start a step and leave it running."""
        step_id = StepId(str(ULID()))
        self._sequence += 1
        self.writer.append(
            StepStarted(
                step_id=step_id,
                parent_step=self.head,
                sequence=self._sequence,
                source=source,
                started_at=at(next(_clock)),
                cell_id="c1",
                execution_count=self._sequence,
            )
        )
        self.head = step_id
        self.steps.append(step_id)
        return step_id

    def end(self, *, status: StepStatus = "ok") -> None:
        """End the running step."""
        assert self.head is not None
        self.writer.append(
            StepEnded(step_id=self.head, status=status, ended_at=at(next(_clock)), duration=0.5, expects=1)
        )

    def capture(
        self,
        changes: Mapping[str, str | None],
        *,
        gaps: tuple[Gap, ...] = (),
        late: bool = False,
        step_id: StepId | None = None,
    ) -> None:
        """Save new values (None: deleted) of the head, or of another step."""
        bound, deleted, components = {}, [], {}
        for name, text in changes.items():
            if text is None:
                self.namespace.pop(name, None)
                deleted.append(name)
                continue
            self.namespace[name] = text
            component, data = value_of(text)
            bound[name] = component.component_id
            if component.component_id not in self._known:
                self._known.add(component.component_id)
                components[component.component_id] = component
                self.writer.put(data)
        self.writer.append(
            Captured(
                step_id=step_id or self.head,
                components=tuple(components.values()),
                bound=bound,
                dropped=tuple(deleted),
                variables=tuple(
                    Variable(name=name, type="str", preview=(changes[name] or "")[:200], component=component)
                    for name, component in bound.items()
                ),
                changed=tuple(bound),
                deleted=tuple(deleted),
                gaps=gaps,
                late=late,
            )
        )

    def run_cell(self, source: str = "pass", **changes: str | None) -> StepId:
        """Execute a cell that sets variables (None: deletes them)."""
        step_id = self.begin(source)
        self.end()
        self.capture(changes)
        return step_id

    def show(self, output: dict[str, Any] | None, *, replaces: str = "", clear: bool = False) -> None:
        """Show an output in the running step."""
        assert self.head is not None
        self.writer.append(Output(step_id=self.head, output=output, replaces=replaces, clear=clear))

    def list_cells(self, *sources: str, step_id: StepId | None = None) -> None:
        """Say what cells the document has."""
        digests = [chunk_digest(source.encode()) for source in sources]
        self.writer.append(
            Cells(
                step_id=step_id or self.head,
                cells=tuple(
                    CellEntry(cell_id=f"c{number}", cell_type="code", digest=digest)
                    for number, digest in enumerate(digests)
                ),
                sources=dict(zip(digests, sources, strict=True)),
            )
        )

    def move(
        self,
        step_id: StepId | None,
        snapshot: Snapshot,
        values: Mapping[str, str],
        *,
        run_id: RunId | None = None,
        lost: tuple[str, ...] = (),
        steps: tuple[StepId, ...] = (),
    ) -> None:
        """Go to another place with its `snapshot`, whose values are `values`; the roots in `lost` do not come back."""
        self.namespace = {name: text for name, text in values.items() if name not in lost}
        self.head, self.head_run, self.steps = step_id, run_id, list(steps)
        self.writer.append(
            HeadMoved(
                step_id=step_id,
                at=at(next(_clock)),
                reason="restore",
                run_id=run_id,
                components={root: each for root, each in snapshot.components.items() if root not in lost},
                variables=tuple(each for each in snapshot.variables if each.name not in lost),
                gaps=tuple(Gap(subject=name, kind="missing", reason="not there") for name in lost),
            )
        )

    def checkpoint(self, message: str = "", **fields: object) -> Run:
        """Log a run of the present state."""
        run = Run(
            run_id=RunId(str(ULID())),
            session_id=self.session.session_id,
            notebook_id=self.session.notebook_id or NotebookId(self.session.session_id),
            created_at=at(next(_clock)),
            author=Author(name="Ada Lovelace", host="lab"),
            message=message,
            head_step=self.head,
            steps=tuple(self.steps),
            parent_runs=() if self.head_run is None else (self.head_run,),
            previous=self.previous,
            components={name: value_of(text)[0].component_id for name, text in self.namespace.items()},
            **fields,  # type: ignore[arg-type]  # a test names only what it is about
        )
        self.writer.append(RunLogged(run=run))
        self.previous = Digest(blake3(msgspec.json.encode(run)).hexdigest())
        self.head_run, self.steps = run.run_id, []
        return run

    def bind(self, notebook_id: str, path: str) -> None:
        """Let the session belong to a notebook."""
        self.writer.append(NotebookBound(notebook_id=NotebookId(notebook_id), path=path, at=at(next(_clock))))


def values_in(snapshot: Snapshot) -> dict[str, ComponentId]:
    """Return what a snapshot holds, for comparison."""
    return dict(snapshot.components)


def components_of(values: Mapping[str, str]) -> dict[str, ComponentId]:
    """Return what a snapshot of these values must hold."""
    return {name: value_of(text)[0].component_id for name, text in values.items()}


def read_history(*stores: Path, key: bytes | None = KEY) -> History:
    history = History(stores, key)
    history.refresh()
    return history
