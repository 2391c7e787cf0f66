"""Which notebook of the record lies at a path now."""

from functools import lru_cache
from pathlib import Path
from stat import S_ISREG

import msgspec

from runtrack_jupyter.model import NotebookId
from runtrack_jupyter.store.history import History

__all__ = ["declared_id", "notebook_at"]

_LONGEST_ID = 64


class _Marks(msgspec.Struct):
    id: str = ""


class _Metadata(msgspec.Struct):
    runtrack: _Marks = msgspec.field(default_factory=_Marks)


class _Head(msgspec.Struct):
    """All that is decoded of a notebook file; cells and outputs are skipped over."""

    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


def notebook_at(file: Path, history: History) -> NotebookId | None:
    """Return the id of the notebook in `file`; None when it was never recorded and carries no id.

    What the file says of itself goes first, as it moves with the file; else the notebook last recorded there.
    """
    declared = declared_id(file)
    if declared is not None and history.sessions(declared):
        return declared
    return history.notebook_id_for(file) or declared


def declared_id(file: Path) -> NotebookId | None:
    """Return ``metadata.runtrack.id`` of a notebook file; None when there is no such file or no id in it."""
    try:
        found = file.stat()
    except (OSError, ValueError):
        return None
    if not S_ISREG(found.st_mode):
        return None  # a pipe would keep us waiting for ever
    return _read(file, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=256)
def _read(file: Path, _modified: int, _size: int) -> NotebookId | None:
    # Notebooks can be large and are asked about often: one look for every time they are saved.
    try:
        declared = msgspec.json.decode(file.read_bytes(), type=_Head).metadata.runtrack.id
    except (OSError, msgspec.DecodeError):
        return None
    return NotebookId(declared) if 0 < len(declared) <= _LONGEST_ID else None
