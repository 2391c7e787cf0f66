"""The numbers people see: given to a run once, under the store lock, and never used again."""

from datetime import datetime
from pathlib import Path

import msgspec

from runtrack_jupyter.model import DocumentOrigin, Gap, NotebookId, RunId
from runtrack_jupyter.store.layout import ordinals_file
from runtrack_jupyter.store.lines import LineReader, append_line

__all__ = ["Numbered", "Ordinals", "Sealed"]


class _Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What every line shares."""


class Numbered(_Line, frozen=True, tag="numbered"):
    """The run is `ordinal` in its notebook."""

    run_id: RunId
    notebook_id: NotebookId
    ordinal: int
    at: datetime


class Sealed(_Line, frozen=True, tag="sealed"):
    """The run is a commit; `gaps` are those that sealing added to the ones logged."""

    run_id: RunId
    commit: str
    document_origin: DocumentOrigin
    at: datetime
    gaps: tuple[Gap, ...] = ()


_decoder = msgspec.json.Decoder(Numbered | Sealed)


class Ordinals:
    """The log of one store. Whoever appends holds the store lock and has just called `refresh`."""

    def __init__(self, store: Path) -> None:
        self._reader = LineReader(ordinals_file(store))
        self.numbers: dict[RunId, dict[NotebookId, int]] = {}
        self.sealed: dict[RunId, Sealed] = {}
        self.damaged = 0  # lines that are not what was written
        self.doubled: list[tuple[NotebookId, int]] = []  # numbers given twice, which must not be
        self._last: dict[NotebookId, int] = {}
        self._given: set[tuple[NotebookId, int]] = set()

    def refresh(self) -> bool:
        """Read what was appended; return whether anything was."""
        changed = False
        for line in self._reader.read():
            changed = True
            try:
                self._take(_decoder.decode(line))
            except msgspec.DecodeError:
                self.damaged += 1
        return changed

    def ordinal(self, run_id: RunId, notebook_id: NotebookId) -> int | None:
        """Return the number of a run in a notebook."""
        return self.numbers.get(run_id, {}).get(notebook_id)

    def give(self, run_id: RunId, notebook_id: NotebookId, at: datetime) -> int:
        """Return the number of a run in a notebook; the next one, made durable, if it has none."""
        known = self.ordinal(run_id, notebook_id)
        if known is not None:
            return known
        line = Numbered(
            run_id=run_id, notebook_id=notebook_id, ordinal=self._last.get(notebook_id, 0) + 1, at=at
        )
        append_line(self._reader.path, msgspec.json.encode(line))
        self.refresh()
        return line.ordinal

    def mark_sealed(self, line: Sealed) -> None:
        """Note that a run is a commit."""
        append_line(self._reader.path, msgspec.json.encode(line))
        self.refresh()

    def _take(self, line: Numbered | Sealed) -> None:
        if isinstance(line, Sealed):
            self.sealed[line.run_id] = line
            return
        given = (line.notebook_id, line.ordinal)
        if given in self._given:
            self.doubled.append(given)
        self._given.add(given)
        self.numbers.setdefault(line.run_id, {}).setdefault(line.notebook_id, line.ordinal)
        self._last[line.notebook_id] = max(self._last.get(line.notebook_id, 0), line.ordinal)
