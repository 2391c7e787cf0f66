"""Writes the record of a kernel, frame by frame, as a kernel would; and seals its runs, as a sealer would."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

from ulid import ULID

from runtrack_jupyter.capture.environment import environment
from runtrack_jupyter.capture.names import names_of
from runtrack_jupyter.lineage.documents import document_of
from runtrack_jupyter.model import (
    Author,
    CellEntry,
    ComponentId,
    DataFile,
    Digest,
    Environment,
    Gap,
    Measured,
    NotebookId,
    Run,
    RunId,
    Session,
    SessionId,
    StepId,
    StepStatus,
    Variable,
)
from runtrack_jupyter.store.frames import (
    Captured,
    Cells,
    Frame,
    HeadMoved,
    Output,
    Recorded,
    RunLogged,
    StepEnded,
    StepStarted,
)
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import register_store, user_key
from runtrack_jupyter.store.sealing import seal
from runtrack_jupyter.store.segment import SegmentWriter

__all__ = ["Recorder", "ulid"]

_COMPONENT = ComponentId("c0" * 32)


def ulid() -> str:
    """Return a fresh ULID."""
    return str(ULID())


class Recorder:
    """One session of one notebook; `written` is the time on record, which goes on by a second a frame."""

    def __init__(
        self,
        store: Path,
        *,
        notebook: Path | None = None,
        notebook_id: str | None = None,
        cwd: Path | None = None,
        began: datetime = datetime(2026, 3, 1, 9, 0, tzinfo=timezone.utc),
        executable: str = "/usr/bin/python3",
    ) -> None:
        self.store = store
        self.session_id = SessionId(ulid())
        self.notebook_id = NotebookId(notebook_id or ulid())
        self.time = began
        self.head: StepId | None = None
        self.head_run: RunId | None = None
        self.logged: dict[RunId, RunLogged] = {}
        self._pending: list[StepId] = []
        self._count = 0
        key = user_key()
        assert key is not None
        self._key = key
        session = Session(
            session_id=self.session_id,
            started_at=began,
            author=Author(name="ada", host="lab"),
            python="3.11.7",
            executable=executable,
            platform="linux",
            notebook_path="" if notebook is None else str(notebook),
            notebook_id=self.notebook_id,
            cwd="" if cwd is None else str(cwd),
        )
        self._segment = SegmentWriter(store, session, key)

    def step(
        self,
        source: str,
        *,
        outputs: Iterable[dict[str, Any]] = (),
        status: StepStatus = "ok",
        cell_id: str | None = None,
        variables: Iterable[str] = (),
        gaps: Iterable[Gap] = (),
        files: Iterable[DataFile] = (),
        ended: bool = True,
        lost: Iterable[Variable] = (),
    ) -> StepId:
        """Write a whole step, and return its id; `lost` describes the variables that are gaps."""
        step_id = StepId(ulid())
        self._count += 1
        self._write(
            StepStarted(
                step_id=step_id,
                parent_step=self.head,
                sequence=self._count,
                source=source,
                started_at=self._tick(),
                cell_id=cell_id,
                execution_count=self._count,
            )
        )
        for output in outputs:
            self._write(Output(step_id=step_id, output=output))
        for file in files:
            self._write(Recorded(step_id=step_id, what="file", file=file))
        self.head = step_id
        self._pending.append(step_id)
        if ended:
            self._write(
                StepEnded(
                    step_id=step_id,
                    status=status,
                    ended_at=self._tick(),
                    duration=1.0,
                    names=names_of(source),
                )
            )
            self._write(
                Captured(
                    step_id=step_id,
                    bound=dict.fromkeys(variables, _COMPONENT),
                    variables=(*(described(name) for name in variables), *lost),
                    changed=tuple(variables),
                    gaps=tuple(gaps),
                )
            )
        return step_id

    def cells(self, sources: Mapping[str, tuple[str, str]]) -> None:
        """Write the list of cells as a front end tells it: id -> (type, source)."""
        entries = [
            CellEntry(cell_id=cell_id, cell_type=kind, digest=Digest(sha256(source.encode()).hexdigest()))
            for cell_id, (kind, source) in sources.items()
        ]
        texts = {Digest(sha256(source.encode()).hexdigest()): source for _, source in sources.values()}
        self._write(Cells(step_id=self.head, cells=tuple(entries), sources=texts))

    def run(
        self,
        message: str = "",
        *,
        variables: Iterable[str] = (),
        gaps: Iterable[Gap] = (),
        metrics: Mapping[str, float] | None = None,
        logged_environment: Environment | None = None,
        lost: Iterable[Variable] = (),
    ) -> RunId:
        """Write a checkpoint, and return the id of its run."""
        run_id = RunId(ulid())
        run = Run(
            run_id=run_id,
            session_id=self.session_id,
            notebook_id=self.notebook_id,
            created_at=self._tick(),
            author=Author(name="ada", host="lab"),
            message=message,
            head_step=self.head,
            steps=tuple(self._pending),
            parent_runs=() if self.head_run is None else (self.head_run,),
            metrics=tuple(Measured(name=name, value=value) for name, value in (metrics or {}).items()),
            components=dict.fromkeys(variables, _COMPONENT),
            variables=(*(described(name) for name in variables), *lost),
            gaps=tuple(gaps),
        )
        self.logged[run_id] = RunLogged(run=run, environment=logged_environment)
        self._write(self.logged[run_id])
        self.head_run = run_id
        self._pending = []
        return run_id

    def restore(self, step_id: StepId, run_id: RunId | None) -> None:
        """Write that the head moved."""
        self._write(HeadMoved(step_id=step_id, at=self._tick(), reason="restore", run_id=run_id))
        self.head, self.head_run, self._pending = step_id, run_id, []

    def seal(self, run_id: RunId, document: dict[str, Any] | None = None) -> Run:
        """Make the commit of a run."""
        history = History([self.store], self._key)
        history.refresh()
        head = self.logged[run_id].run.head_step
        made = document_of(history.path_to(head) if head is not None else (), history.cells(run_id))
        return seal(
            self.store,
            self.logged[run_id],
            history,
            document=made if document is None else document,
            origin="reconstructed" if document is None else "live",
            environment=environment({}),
            files={},
        )

    def close(self) -> None:
        """End the session in order."""
        self._segment.close()

    @property
    def segment(self) -> Path:
        """The file that is written."""
        return self._segment.path

    def _write(self, frame: Frame) -> None:
        fresh = not self.store.exists()
        self._segment.append(frame)
        if fresh:
            register_store(self.store)

    def _tick(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def described(name: str) -> Variable:
    """Return a variable as it is described on record."""
    return Variable(name=name, type="int", size=100, preview="1", component=_COMPONENT)
