"""Which notebook of the record lies at a path now."""

from functools import lru_cache
from pathlib import Path

from runtrack_jupyter.model import NotebookId
from runtrack_jupyter.store.history import History
from runtrack_jupyter.tracking.notebookfile import marks_in

__all__ = ["declared_id", "notebook_at"]


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
    return _read(file, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=256)
def _read(file: Path, _modified: int, _size: int) -> NotebookId | None:
    # Notebooks can be large and are asked about often: one look for every time they are saved.
    return marks_in(file).notebook_id
