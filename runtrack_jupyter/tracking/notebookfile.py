"""What a notebook's file says of itself, without decoding its cells."""

from pathlib import Path
from stat import S_ISREG
from typing import Any

import msgspec

from runtrack_jupyter.model import NotebookId

__all__ = ["Marks", "marks_in"]

_LONGEST_ID = 64


class Marks(msgspec.Struct, frozen=True):
    """``metadata.runtrack`` of a notebook; what it does not say has its default."""

    notebook_id: NotebookId | None = None
    enabled: bool = True


class _Said(msgspec.Struct):
    # Of any type: one that is damaged must not take the other along.
    id: Any = None
    enabled: Any = True


class _Metadata(msgspec.Struct):
    runtrack: _Said = msgspec.field(default_factory=_Said)


class _Head(msgspec.Struct):
    """All that is decoded; cells and outputs are skipped over."""

    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


def marks_in(file: Path) -> Marks:
    """Return what the notebook in `file` says; the defaults where there is no such file or it cannot be read."""
    try:
        if not S_ISREG(file.stat().st_mode):
            return Marks()  # a pipe would keep us waiting for ever
        said = msgspec.json.decode(file.read_bytes(), type=_Head).metadata.runtrack
    except (OSError, ValueError):  # not there, not JSON, or a path that is none
        return Marks()
    named = isinstance(said.id, str) and 0 < len(said.id) <= _LONGEST_ID
    return Marks(notebook_id=NotebookId(said.id) if named else None, enabled=said.enabled is not False)
