"""The sealer: commits each run of a kernel to our own Git repository, with its document, redacted.

It runs as a child of the kernel (``python -m runtrack_jupyter.tracking.sealer STORE SESSION``), and knows the same
secrets. `seal_pending` does the same for what dead kernels left.
"""

import logging
import os
import queue
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from threading import Condition, Thread
from typing import Any

import msgspec

from runtrack_jupyter.capture.environment import environment
from runtrack_jupyter.capture.modules import module_sources
from runtrack_jupyter.capture.repository import repository
from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.errors import RuntrackError
from runtrack_jupyter.lineage.documents import document_of
from runtrack_jupyter.model import DocumentOrigin, Environment, Gap, Run, RunId, SessionId
from runtrack_jupyter.store.frames import RunLogged
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import user_key
from runtrack_jupyter.store.sealing import seal, unsealed
from runtrack_jupyter.tracking.handover import listen_for_documents
from runtrack_jupyter.tracking.keeping import Keeper
from runtrack_jupyter.tracking.leftovers import log_leftovers

__all__ = ["main", "seal_pending"]

logger = logging.getLogger("runtrack_jupyter.sealer")

_DOCUMENT_SECONDS = 5.0  # DESIGN: the sealer waits at most so long for a live document


@dataclass(frozen=True, kw_only=True)
class _Context:
    """What a run ran in, as it was when the sealer heard of the run."""

    environment: Environment
    files: Mapping[str, bytes] = field(default_factory=dict)


class _Documents:
    """Live documents on their way to a commit: in memory only."""

    def __init__(self) -> None:
        self._held: dict[RunId, bytes] = {}
        self._arrived = Condition()

    def receive(self, run_id: RunId, document: bytes) -> None:
        """Take a document that the server hands over."""
        with self._arrived:
            self._held[run_id] = document
            self._arrived.notify_all()

    def wait(self, run_id: RunId, seconds: float) -> bytes | None:
        """Return the document of a run; None when it does not come in time."""
        with self._arrived:
            self._arrived.wait_for(lambda: run_id in self._held, timeout=seconds)
            return self._held.pop(run_id, None)


class _Sealer:
    """Seals the runs of one store; each is given its document, its environment and its number."""

    def __init__(self, store: Path) -> None:
        key = user_key()
        self._store = store
        self._redactor = Redactor(os.environ, key)
        self.history = History([store], key)

    def context(self, cwd: str, modules: tuple[str, ...]) -> _Context:
        """Look at the environment and the user's repository, now."""
        folder = cwd or str(self._store.parent)
        found = repository(folder)
        sources, missing = module_sources(modules, found.repository.root if found.repository else folder)
        files = {path: self._redacted(source) for path, source in sources.items()}
        if found.patch:
            files["patch.diff"] = self._redacted(found.patch)
        seen = environment(
            local_modules=tuple(sources), repository=found.repository, gaps=(*found.gaps, *missing)
        )
        return _Context(environment=seen, files=files)

    def _redacted(self, data: bytes) -> bytes:
        return self._redactor.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def seal(self, logged: RunLogged, context: _Context, live: bytes | None) -> Run:
        """Commit one run; `live` is the document as the front end has it."""
        document, origin = self._document(logged.run, live)
        return seal(
            self._store,
            logged,
            self.history,
            document=self._redactor.document(document),
            origin=origin,
            environment=context.environment,
            files=context.files,
        )

    def _document(self, run: Run, live: bytes | None) -> tuple[dict[str, Any], DocumentOrigin]:
        if live is not None:
            return msgspec.json.decode(live), "live"
        steps = self.history.path_to(run.head_step) if run.head_step is not None else []
        cells = self.history.cells(run.head_step) if run.head_step is not None else None
        base = None if cells is not None else self._file(run.session_id)
        return document_of(steps, cells, base), "reconstructed" if base is None else "file"

    def _file(self, session_id: SessionId) -> dict[str, Any] | None:
        path = self.history.session(session_id).notebook_path
        try:
            document: dict[str, Any] = msgspec.json.decode(Path(path).read_bytes()) if path else {}
        except (OSError, msgspec.DecodeError):
            return None
        return document if document.get("nbformat") else None


def seal_pending(store: Path) -> list[Run]:
    """Seal what dead kernels left in a store, steps in no run included, and return the runs.

    Called by whoever opens a store. Live kernels have sealers of their own; their runs are left to those.
    """
    log_leftovers(store)
    sealer = _Sealer(store)
    sealer.history.refresh()
    sealed = []
    for logged in unsealed(store, sealer.history):
        session = sealer.history.session(logged.run.session_id)
        context = sealer.context(logged.cwd, logged.modules)
        if session.executable != sys.executable:
            context = _Context(environment=_unknown_environment(session.python, session.executable))
        try:
            sealed.append(sealer.seal(logged, context, None))
        except RuntrackError as error:
            logger.warning("run %s stays unsealed: %s", logged.run.run_id, error)
    return sealed


def _unknown_environment(python: str, executable: str) -> Environment:
    gap = Gap(
        subject="environment", kind="lost", reason="the kernel ended before its environment was recorded"
    )
    return Environment(
        python=python,
        implementation="",
        executable=executable,
        prefix="",
        platform="",
        machine="",
        processors=0,
        memory=0,
        captured_at=datetime.now(timezone.utc),
        gaps=(gap,),
    )


def main(arguments: list[str]) -> int:
    """Seal what the kernel at the other end of standard input asks for, until it ends."""
    store, session_id = Path(arguments[0]), SessionId(arguments[1])
    documents = _Documents()
    stop_listening = listen_for_documents(session_id, documents.receive)
    sealer, keeper = _Sealer(store), Keeper(store)
    asked: queue.SimpleQueue[tuple[RunLogged, _Context] | None] = queue.SimpleQueue()
    Thread(target=_read_requests, args=(sealer, asked), name="runtrack-requests", daemon=True).start()
    while (request := asked.get()) is not None:
        logged, context = request
        live = documents.wait(logged.run.run_id, _DOCUMENT_SECONDS if logged.front_end else 0)
        _seal_with_patience(sealer, logged, context, live)
        if asked.empty():
            keeper.look()
    stop_listening()
    keeper.look(ended=True)
    return 0


def _read_requests(sealer: _Sealer, asked: "queue.SimpleQueue[tuple[RunLogged, _Context] | None]") -> None:
    # The environment is looked at when the request comes, not when its turn comes.
    try:
        for line in sys.stdin:
            run_id = RunId(line.strip())
            try:
                sealer.history.refresh()
                logged = sealer.history.logged(run_id)
                asked.put((logged, sealer.context(logged.cwd, logged.modules)))
            except (RuntrackError, OSError) as error:  # the next who opens the store seals it
                logger.warning("run %s is not sealed now: %s", run_id, error)
    finally:
        asked.put(None)  # whatever happens: nobody else ends this process


def _seal_with_patience(sealer: _Sealer, logged: RunLogged, context: _Context, live: bytes | None) -> None:
    for pause in (0.2, 1.0, 5.0, 0.0):
        try:
            sealer.seal(logged, context, live)
        except RuntrackError as error:  # a full disk, a held lock: later, or by the next who opens the store
            logger.warning("run %s is not sealed yet: %s", logged.run.run_id, error)
            time.sleep(pause)
        else:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
