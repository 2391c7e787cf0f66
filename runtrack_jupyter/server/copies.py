"""A document of the record as a new notebook beside the present one."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.manager import ContentsManager
from ulid import ULID

from runtrack_jupyter.errors import NotFoundError, StoreUnavailableError

__all__ = ["as_fork", "write_copy"]

_MOST_COPIES = 1000


def as_fork(document: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """Return the document as a notebook of its own: a new id, and where it came from."""
    metadata = dict(document.get("metadata", {}))
    marks = dict(metadata.get("runtrack", {}))
    metadata["runtrack"] = {**marks, "id": str(ULID()), "forked_from": origin}
    return {**document, "metadata": metadata}


async def write_copy(
    contents: ContentsManager, document: Mapping[str, Any], *, beside: str, label: str, root: Path | None
) -> str:
    """Write the document as ``<name>-<label>.ipynb`` and return its contents path; no file is ever replaced.

    Raises
    ------
    NotFoundError
        There is no such folder.
    """
    path = await _free_path(contents, beside, label, root)
    model = {"type": "notebook", "format": "json", "content": dict(document)}
    try:
        await ensure_async(contents.save(model, path))  # type: ignore[no-untyped-call]  # Jupyter Server's
    except BaseException:  # a cancelled request must not leave an empty notebook either
        if root is not None:
            (root / path).unlink(missing_ok=True)  # the name that we took; nobody has written to it
        raise
    return path


async def _free_path(contents: ContentsManager, beside: str, label: str, root: Path | None) -> str:
    folder, _, name = beside.rpartition("/")
    stem = f"{folder}/{name}".strip("/").removesuffix(".ipynb")
    for number in range(1, _MOST_COPIES):
        path = f"{stem}-{label}.ipynb" if number == 1 else f"{stem}-{label}-{number}.ipynb"
        is_there = await ensure_async(contents.exists(path))  # type: ignore[no-untyped-call]  # Jupyter Server's
        if not is_there and _take_name(root, path):
            return path
    raise StoreUnavailableError(f"there are {_MOST_COPIES} copies of {beside!r} already")


def _take_name(root: Path | None, path: str) -> bool:
    """Make the file, empty, so that nobody else can between our look and our write; False: somebody was first."""
    if root is None:
        return True  # such a contents manager knows no way to take a name
    try:
        os.close(os.open(root / path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return False
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError("folder", path.rpartition("/")[0]) from error
    except OSError as error:
        raise StoreUnavailableError(f"{path!r} cannot be written: {error.strerror}") from error
    return True
