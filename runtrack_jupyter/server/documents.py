"""The document of a run or of a step: as sealed in Git, or made again from the steps where it is not."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.errors import DamagedStoreError, GitError, NotFoundError, StoreError
from runtrack_jupyter.lineage.documents import document_of
from runtrack_jupyter.model import DocumentOrigin, Gap, Run, RunId, Step, StepId
from runtrack_jupyter.server.reading import find, label_of, parent_of
from runtrack_jupyter.server.sealed import sealed_file
from runtrack_jupyter.store.frames import Cells
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import user_key

__all__ = ["DocumentSource", "Found", "filled", "read_document", "saved_document", "source_of"]

logger = logging.getLogger("runtrack_jupyter")


@dataclass(frozen=True, kw_only=True)
class DocumentSource:
    """All that the history knows of a document; what is in Git is read later, without the history's lock."""

    id: str
    label: str  # for the name of a copy
    store: Path
    sealed: Run | None  # the run itself, when its document is in Git
    base: Run | None  # the nearest sealed run above
    steps: tuple[Step, ...]  # all that led there, oldest first
    cells: Cells | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """A document, where it came from, and what is missing of it."""

    document: dict[str, Any]
    origin: DocumentOrigin
    gaps: tuple[Gap, ...] = ()


def source_of(history: History, text: str, *, kind: str = "") -> DocumentSource:
    """Return where the document of a run or step is to be found; `kind` says which of them it must be.

    Raises
    ------
    NotFoundError
        There is no such run or step.
    """
    item = find(history, text, kind=kind)
    if isinstance(item, Run) and item.purged_at is not None:
        raise NotFoundError("notebook (the run was purged)", item.run_id)
    found, head = (item.run_id, item.head_step) if isinstance(item, Run) else (item.step_id, item.step_id)
    return DocumentSource(
        id=found,
        label=label_of(item),
        store=history.store_of(found),
        sealed=item if isinstance(item, Run) and item.sealed else None,
        base=_sealed_above(history, head),
        steps=tuple(history.path_to(head)) if head is not None else (),
        cells=history.cells(found),
    )


def _sealed_above(history: History, head: StepId | None) -> Run | None:
    run = None if head is None else history.since_run(head)[0]
    while run is not None and not run.sealed:
        run = parent_of(history, run)
    return run


def read_document(source: DocumentSource) -> Found:
    """Return the document; runs Git, so call it in a thread and without the history."""
    if source.sealed is not None:
        try:
            document = _from_git(source.store, source.sealed.run_id)
        except (GitError, StoreError, NotFoundError) as error:
            logger.warning("the document of run %s cannot be read: %s", source.id, error)
            gap = Gap(subject="document", kind="lost", reason=f"made again from the steps: {error}")
            return Found(document=_from_steps(source), origin="reconstructed", gaps=(gap,))
        return Found(document=document, origin=source.sealed.document_origin or "reconstructed")
    return Found(document=_from_steps(source), origin="reconstructed")


def filled(
    document: dict[str, Any], live: dict[str, Any] | None, environ: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[Gap, ...]]:
    """Put back the secrets that the server's environment or the live document still holds; the rest are gaps."""
    return Redactor(environ, user_key(create=False)).fill(document, live)


def saved_document(file: Path | None) -> dict[str, Any] | None:
    """Return the notebook in a file; None when there is none that can be read."""
    try:
        return None if file is None else msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError):
        return None


def _from_steps(source: DocumentSource) -> dict[str, Any]:
    base = None
    if source.base is not None:
        try:
            base = _from_git(source.store, source.base.run_id)
        except (GitError, StoreError, NotFoundError) as error:
            logger.info("the document of run %s cannot be built upon: %s", source.base.run_id, error)
    return document_of(source.steps, source.cells, base)


def _from_git(store: Path, run_id: RunId) -> dict[str, Any]:
    data = sealed_file(store, run_id, "notebook.ipynb")
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise DamagedStoreError(f"the document of run {run_id} is damaged: {error}") from error
