"""The comm "runtrack": notices to front ends that have said hello, and what those tell us of the document.

Nothing is sent before a front end has opened the comm: nbclient logs an error for each message it does not know.
Its messages may arrive on a subshell's thread, in the middle of a cell, so nothing here touches live variables.
"""

import logging
from threading import Lock
from typing import Any, Protocol

import msgspec

from runtrack_jupyter.model import CellEntry, Digest, NotebookId

__all__ = ["TARGET", "FrontEnds", "Told"]

logger = logging.getLogger("runtrack_jupyter")

TARGET = "runtrack"


class _CellMessage(msgspec.Struct):
    """A cell as the front end describes it; `source` comes once per comm and digest."""

    cell_id: str
    cell_type: str
    digest: str
    source: str | None = None


class _Message(msgspec.Struct):
    """What a front end sends."""

    type: str
    notebook_id: str = ""
    path: str = ""
    cells: list[_CellMessage] = []
    metadata: dict[str, Any] = {}


class Told(Protocol):
    """Who is told what front ends say; they may say it on a subshell's thread."""

    def status(self) -> dict[str, Any]:
        """Return what a front end is greeted with."""

    def bind(self, notebook_id: NotebookId, path: str) -> None:
        """Take the identity of the notebook."""

    def cells(
        self, entries: tuple[CellEntry, ...], sources: dict[Digest, str], metadata: dict[str, Any]
    ) -> None:
        """Take the cells that the document has now."""

    def count_front_ends(self, count: int) -> None:
        """Take the number of front ends."""


class FrontEnds:
    """The open comms of one kernel."""

    def __init__(self, manager: Any, told: Told) -> None:
        self._manager = manager
        self._told = told
        self._comms: dict[str, Any] = {}
        self._lock = Lock()
        manager.register_target(TARGET, self._opened)

    def notify(self, kind: str, fields: dict[str, Any]) -> bool:
        """Tell every front end, from any thread; False when there is none. One that is gone is forgotten."""
        if not self._comms:
            return False
        data = {"type": kind, **msgspec.to_builtins(fields)}
        for comm_id, comm in list(self._comms.items()):
            try:
                comm.send(data)
            except Exception:
                logger.debug("a front end could not be told of %s", kind, exc_info=True)
                self._closed(comm_id)
        return bool(self._comms)

    def close(self) -> None:
        """Stop listening, and let the front ends know."""
        self._manager.unregister_target(TARGET, self._opened)
        for comm in list(self._comms.values()):
            comm.close()
        self._comms.clear()

    def _opened(self, comm: Any, message: dict[str, Any]) -> None:
        with self._lock:
            self._comms[comm.comm_id] = comm
        comm.on_msg(self._received)
        comm.on_close(lambda _message: self._closed(comm.comm_id))
        self._told.count_front_ends(len(self._comms))
        opening = message["content"].get("data") or {}
        self._bind(opening.get("notebook_id") or "", opening.get("path") or "")
        comm.send({"type": "hello", **msgspec.to_builtins(self._told.status())})

    def _closed(self, comm_id: str) -> None:
        with self._lock:
            self._comms.pop(comm_id, None)
        self._told.count_front_ends(len(self._comms))

    def _received(self, message: dict[str, Any]) -> None:
        try:
            told = msgspec.convert(message["content"]["data"], _Message)
        except msgspec.ValidationError as error:
            logger.debug("a front end sent what is not understood: %s", error)
            return
        if told.type == "bind":
            self._bind(told.notebook_id, told.path)
        elif told.type == "cells":
            entries = tuple(
                CellEntry(cell_id=cell.cell_id, cell_type=cell.cell_type, digest=Digest(cell.digest))
                for cell in told.cells
            )
            sources = {Digest(cell.digest): cell.source for cell in told.cells if cell.source is not None}
            self._told.cells(entries, sources, told.metadata)
        elif told.type == "bye":
            self._closed(message["content"]["comm_id"])

    def _bind(self, notebook_id: str, path: str) -> None:
        if notebook_id:
            self._told.bind(NotebookId(notebook_id), path)
