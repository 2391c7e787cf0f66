"""What belongs to a step beside its state: outputs, declared values and files, the cells of the document."""

from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, Literal

import msgspec

from runtrack_jupyter.capture.files import digest_file
from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.model import CellEntry, DataFile, Digest, Measured, NotebookId, Session, StepId
from runtrack_jupyter.store.frames import Cells, NotebookBound, Output, Recorded
from runtrack_jupyter.tracking.position import Position
from runtrack_jupyter.tracking.writer import Writer

__all__ = ["Evidence"]

_REMEMBERED = 10_000  # steps whose outputs may still come
_SMALL = 32 << 20  # bytes; digested in about ten milliseconds


class Evidence:
    """Puts on record what is told of the steps; secrets are cut out before anything is written."""

    def __init__(self, writer: Writer, redactor: Redactor, position: Position, session: Session) -> None:
        self.notebook_id: NotebookId | None = session.notebook_id
        self.notebook_path = session.notebook_path
        self._writer = writer
        self._redactor = redactor
        self._position = position
        self._steps: dict[str, StepId] = {}  # by parent message id
        self._sources: set[Digest] = set()  # on record already
        self._to_be_written: list[Callable[[], DataFile]] = []

    def expect_outputs(self, key: str, step_id: StepId) -> None:
        """Let the outputs of the message `key` belong to a step, also some time after it ended."""
        self._steps[key] = step_id
        while len(self._steps) > _REMEMBERED:
            del self._steps[next(iter(self._steps))]

    def output(
        self, key: str, output: dict[str, Any] | None, *, replaces: str = "", clear: bool = False
    ) -> None:
        """Record one output, as it was shown; of a message that is no step's, nothing."""
        step_id = self._steps.get(key)
        if step_id is None:
            return

        def frame() -> Output:
            shown = None if output is None else self._redactor.output(output)
            return Output(step_id=step_id, output=shown, replaces=replaces, clear=clear)

        self._writer.later(frame)

    def declare(self, what: Literal["parameter", "metric", "label"], measured: Measured) -> None:
        """Record a named value of the step that runs now."""
        step_id = self._position.head_step
        measured = msgspec.structs.replace(measured, step_id=step_id, at=datetime.now(timezone.utc))
        if isinstance(measured.value, str):
            measured = msgspec.structs.replace(measured, value=self._redactor.text(measured.value))
        self._position.note(what, measured)
        self._writer.later(lambda: Recorded(step_id=step_id, what=what, measured=measured))

    def declare_file(self, path: str, direction: Literal["read", "write"], cwd: Path) -> None:
        """Record a data file that user code named.

        What is read is digested as it is now: on the spot when it is small, else in the writer's thread, where a
        change in between is said instead of a digest. What is written is digested when the step ends, because
        ``frame.to_csv(rt.output("a.csv"))`` names the file before it is there.
        """
        step_id = self._position.head_step
        if direction == "write":
            self._to_be_written.append(partial(digest_file, path, direction, cwd=cwd, step_id=step_id))
            return
        now = _stamp(cwd / path)
        if now is None or now[1] <= _SMALL:
            self._record_file(digest_file(path, direction, cwd=cwd, step_id=step_id))
        else:
            self._writer.later(
                lambda: _later(digest_file(path, direction, cwd=cwd, step_id=step_id), now, cwd / path)
            )

    def settle_files(self) -> None:
        """Digest what was named as written: the step has ended, or a run is being made."""
        while self._to_be_written:
            digest = self._to_be_written.pop(0)
            self._writer.later(partial(_recorded_later, digest))

    def _record_file(self, file: DataFile) -> None:
        self._writer.later(lambda: Recorded(step_id=file.step_id, what="file", file=file))

    def bind(self, notebook_id: NotebookId, path: str, *, begun: bool) -> None:
        """Make this the session of a notebook; written at once only when the session has `begun`."""
        if (notebook_id, path) == (self.notebook_id, self.notebook_path):
            return
        self.notebook_id, self.notebook_path = notebook_id, path
        if begun:
            self.write_binding()

    def write_binding(self) -> None:
        """Put on record which notebook this is; headless, the session's own id stands in until there is one."""
        if self.notebook_id is None:
            return
        frame = NotebookBound(
            notebook_id=self.notebook_id, path=self.notebook_path, at=datetime.now(timezone.utc)
        )
        self._writer.later(lambda: frame)

    def cells(
        self, entries: tuple[CellEntry, ...], sources: dict[Digest, str], metadata: dict[str, Any]
    ) -> None:
        """Record which cells the document had when the head step ran."""
        step_id = self._position.head_step
        fresh = {digest: text for digest, text in sources.items() if digest not in self._sources}
        self._sources.update(fresh)

        def frame() -> Cells:
            redacted = {digest: self._redactor.source(text) for digest, text in fresh.items()}
            return Cells(step_id=step_id, cells=entries, sources=redacted, metadata=metadata)

        self._writer.later(frame)


def _recorded_later(digest: Callable[[], DataFile]) -> Recorded:
    file = digest()
    return Recorded(step_id=file.step_id, what="file", file=file)


def _later(file: DataFile, declared: tuple[float, int], path: Path) -> Recorded:
    if _stamp(path) != declared:
        file = msgspec.structs.replace(file, digest=None, reason="it changed before it could be digested")
    return Recorded(step_id=file.step_id, what="file", file=file)


def _stamp(path: Path) -> tuple[float, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime, found.st_size
