"""A store with a story, written as kernels and sealers write it: two kernels of one notebook, a branch, an error."""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import nbformat
from blake3 import blake3
from ulid import ULID

from runtrack_jupyter.capture.environment import environment
from runtrack_jupyter.capture.files import digest_file
from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.lineage.documents import document_of
from runtrack_jupyter.model import (
    Author,
    Blob,
    CellEntry,
    Component,
    Digest,
    Gap,
    Manifest,
    Measured,
    Names,
    NotebookId,
    Run,
    RunId,
    Scalar,
    Session,
    SessionId,
    StepId,
    Variable,
)
from runtrack_jupyter.store.frames import (
    Captured,
    Cells,
    HeadMoved,
    NotebookBound,
    Output,
    Recorded,
    RunLogged,
    StepEnded,
    StepStarted,
)
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import register_store, resolve_store, user_key
from runtrack_jupyter.store.payload import component_digest
from runtrack_jupyter.store.sealing import seal
from runtrack_jupyter.store.segment import SegmentWriter, scan

NOW = datetime.now(timezone.utc)


@dataclass
class Teller:
    """Writes one session; every call is something that happens in its kernel."""

    notebook: Path
    started_at: datetime = NOW - timedelta(days=2)
    head: StepId | None = None
    head_run: RunId | None = None
    steps: list[StepId] = field(default_factory=list)  # since the head run
    count: int = 0
    previous: Digest | None = None

    def __post_init__(self) -> None:
        self.store = resolve_store(self.notebook, self.notebook.parent, {})
        key = user_key()
        assert key is not None
        self.key = key
        self.redactor = Redactor(os.environ, key)
        self.session = Session(
            session_id=SessionId(str(ULID())),
            started_at=self.started_at,
            author=Author(name="Maya Okafor", host="lab"),
            python="3.11.7",
            executable="/usr/bin/python3",
            platform="linux",
            kernel_id="5f0c",
            notebook_path=str(self.notebook),
            cwd=str(self.notebook.parent),
        )
        self.writer = SegmentWriter(self.store, self.session, key)
        self.notebook_id = NotebookId(sha256(str(self.notebook).encode()).hexdigest()[:26].upper())
        register_store(self.store)
        self.now = self.started_at
        self.append(NotebookBound(notebook_id=self.notebook_id, path=str(self.notebook), at=self.now))

    def append(self, frame: Any) -> None:
        self.writer.append(frame)

    def step(
        self,
        source: str,
        *,
        cell: str | None = None,
        text: str = "",
        error: str = "",
        changed: dict[str, Scalar] | None = None,
        gaps: tuple[Gap, ...] = (),
        seconds: float = 0.4,
        metric: tuple[str, float] | None = None,
        reads: str = "",
    ) -> StepId:
        """Run a cell."""
        self.count += 1
        step_id = StepId(str(ULID()))
        self.now += timedelta(minutes=7)
        self.append(
            StepStarted(
                step_id=step_id, parent_step=self.head, sequence=self.count, source=self.redactor.source(source),
                started_at=self.now, cell_id=cell, execution_count=self.count,
            )
        )  # fmt: skip
        if text:
            shown = {"output_type": "stream", "name": "stdout", "text": text}
            self.append(Output(step_id=step_id, output=self.redactor.output(shown)))
        if metric:
            measured = Measured(name=metric[0], value=metric[1], step_id=step_id, at=self.now)
            self.append(Recorded(step_id=step_id, what="metric", measured=measured))
        if reads:
            file = digest_file(reads, "read", cwd=self.notebook.parent, step_id=step_id)
            self.append(Recorded(step_id=step_id, what="file", file=file))
        self.append(
            StepEnded(
                step_id=step_id, status="error" if error else "ok", ended_at=self.now + timedelta(seconds=seconds),
                duration=seconds, error=error, execution_count=self.count, names=Names(read=("load",)), expects=1,
            )
        )  # fmt: skip
        self._capture(step_id, changed or {}, gaps)
        self.head = step_id
        self.steps.append(step_id)
        return step_id

    def _capture(self, step_id: StepId, changed: dict[str, Scalar], gaps: tuple[Gap, ...]) -> None:
        components, bound, variables = [], {}, []
        for name, value in changed.items():
            data = f"{name}={value!r}".encode()
            (digest,) = self.writer.put(data)
            manifest = Manifest(roots=(name,), stream=Blob(size=len(data), chunks=(digest,)))
            component_id = component_digest(manifest)
            components.append(Component(component_id=component_id, manifest=manifest))
            bound[name] = component_id
            variables.append(
                Variable(
                    name=name, type=type(value).__name__, size=len(data), preview=repr(value), value=value,
                    component=component_id, set_by=step_id,
                )
            )  # fmt: skip
        variables += [Variable(name=gap.subject, type="Connection", set_by=step_id) for gap in gaps]
        self.append(
            Captured(
                step_id=step_id, components=tuple(components), bound=bound, variables=tuple(variables),
                changed=tuple(each.name for each in variables), gaps=gaps,
            )
        )  # fmt: skip

    def cells(self, *cells: tuple[str, str, str]) -> None:
        """Be told by the front end which cells there are."""
        digests = [Digest(sha256(source.encode()).hexdigest()) for _, _, source in cells]
        entries = tuple(
            CellEntry(cell_id=cell_id, cell_type=kind, digest=digest)
            for (cell_id, kind, _), digest in zip(cells, digests, strict=True)
        )
        sources = {digest: self.redactor.source(cell[2]) for digest, cell in zip(digests, cells, strict=True)}
        self.append(Cells(step_id=self.head, cells=entries, sources=sources))

    def checkpoint(self, message: str = "", *, automatic: str = "", sealed: bool = True) -> Run:
        """Make a run; `sealed` lets a sealer have been at work."""
        history = self.history()
        snapshot = history.snapshot_now(self.session.session_id)
        steps = [history.step(each) for each in self.steps]
        run = Run(
            run_id=RunId(str(ULID())),
            session_id=self.session.session_id,
            notebook_id=self.notebook_id,
            created_at=self.now + timedelta(seconds=2),
            author=self.session.author,
            message=message,
            automatic=automatic,
            head_step=self.head,
            steps=tuple(self.steps),
            parent_runs=(self.head_run,) if self.head_run else (),
            previous=self.previous,
            metrics=self._metrics(),
            parameters=(Measured(name="lr", value=0.1),),
            components=snapshot.components,
            variables=snapshot.variables,
            gaps=snapshot.gaps,
            status=steps[-1].status if steps else "ok",
        )
        logged = RunLogged(run=run, cwd=self.session.cwd)
        self.append(logged)
        self.writer.sync()
        self.head_run, self.steps = run.run_id, []
        self.previous = Digest(blake3(msgspec.json.encode(run)).hexdigest())
        if sealed:
            run = self._seal(logged)
        return run

    def _metrics(self) -> tuple[Measured, ...]:
        frames = (each.frame for each in scan(self.writer.path))
        return tuple(
            frame.measured
            for frame in frames
            if isinstance(frame, Recorded)
            and frame.what == "metric"
            and frame.step_id in self.steps
            and frame.measured
        )

    def _seal(self, logged: RunLogged) -> Run:
        history = self.history()
        assert logged.run.head_step is not None
        document = document_of(history.path_to(logged.run.head_step), history.cells(logged.run.head_step))
        return seal(
            self.store,
            logged,
            history,
            document=document,
            origin="live",
            environment=environment({}),
            files={},
        )

    def back_to(self, run: Run) -> None:
        """Restore a run."""
        self.append(
            HeadMoved(
                step_id=run.head_step, at=self.now, reason="restore", run_id=run.run_id,
                components=run.components, variables=run.variables,
            )
        )  # fmt: skip
        self.head, self.head_run, self.steps = run.head_step, run.run_id, []

    def history(self) -> History:
        self.writer.sync()
        history = History([self.store], self.key)
        history.refresh()
        return history

    def end(self) -> None:
        """End the kernel in order."""
        self.writer.close()


@dataclass
class Story:
    """What was told, for tests to name."""

    notebook: Path
    store: Path
    teller: Teller
    runs: list[Run]
    failed: StepId


def tell(folder: Path, *, end: bool = True) -> Story:
    """Three runs: a baseline, a worse branch that failed, and one from the baseline again; then two more steps."""
    notebook = folder / "credit_scoring.ipynb"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "applications.csv").write_text("a,b\n1,2\n")
    live = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("token = 's3cr3t-token-value'", id="secret")]
    )
    nbformat.write(live, notebook)
    teller = Teller(notebook)
    teller.step(
        "df = load('data/applications.csv')",
        cell="a",
        changed={"df": "30000 rows"},
        reads="data/applications.csv",
    )
    teller.step("token = 's3cr3t-token-value'", cell="secret", changed={"seed": 7})
    con = Gap(subject="con", kind="unpicklable", reason="an open database connection cannot be saved")
    teller.step(
        "accuracy = fit(df)\nprint(accuracy)", cell="b", text="0.8214\n", changed={"accuracy": 0.8213854},
        metric=("accuracy", 0.8213854), gaps=(con,), seconds=83,
    )  # fmt: skip
    teller.cells(
        ("t", "markdown", "# Credit default"), ("a", "code", "df = load('data/applications.csv')"),
        ("secret", "code", "token = 's3cr3t-token-value'"), ("b", "code", "accuracy = fit(df)\nprint(accuracy)"),
    )  # fmt: skip
    first = teller.checkpoint(
        "GBM baseline for review, with a message long enough to be cut at eighty columns"
    )
    teller.step("lr = 0.3", cell="c", changed={"lr": 0.3})
    failed = teller.step("df['PAY_0']", cell="d", error="KeyError: 'PAY_0'")
    second = teller.checkpoint(automatic="after Run All")
    teller.back_to(first)
    teller.step("accuracy = fit(df, 5)", cell="b", changed={"accuracy": 0.7846}, metric=("accuracy", 0.7846))
    third = teller.checkpoint("[red]Depth 5[/red] \x1b[31mtrees")
    teller.step("x = 1", changed={"x": 1})
    teller.step("y = 2", changed={"y": 2})
    if end:
        teller.end()
    else:
        teller.writer.sync()
    return Story(notebook, teller.store, teller, [first, second, third], failed)
