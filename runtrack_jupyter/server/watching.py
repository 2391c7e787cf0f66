"""Tells whoever is subscribed what changed in the record; while nobody is, it does nothing."""

import asyncio
import logging
from pathlib import Path
from typing import Protocol

from runtrack_jupyter.errors import RuntrackError
from runtrack_jupyter.model import NotebookId
from runtrack_jupyter.server.messages import Changed, Command, CommandPushed
from runtrack_jupyter.server.notebooks import notebook_at
from runtrack_jupyter.server.reader import Reader
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.segment import segment_files

__all__ = ["Subscriber", "Watcher"]

logger = logging.getLogger("runtrack_jupyter")

_Marks = dict[NotebookId, tuple[int, int]]  # of the runs and of the steps: another number after every change


class Subscriber(Protocol):
    """One open websocket."""

    path: str  # contents path; "" for all notebooks
    file: Path | None

    def tell(self, message: Changed | CommandPushed) -> None:
        """Send a message to the browser."""

    def drop(self) -> None:
        """Close the connection, so that the browser connects again and asks what it missed."""


class Watcher:
    """Looks at the stores once a second while there are subscribers. Used from the event loop only."""

    def __init__(self, reader: Reader, *, every: float = 1.0) -> None:
        self._reader = reader
        self._every = every
        self._subscribers: set[Subscriber] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_watching(self) -> bool:
        """Whether anything is looked at."""
        return self._task is not None

    def add(self, subscriber: Subscriber) -> None:
        """Tell this one too, from the next look on."""
        self._subscribers.add(subscriber)
        if self._task is None:
            self._task = asyncio.create_task(self._watch())
            self._task.add_done_callback(self._ended)

    def remove(self, subscriber: Subscriber) -> None:
        """Stop telling this one; after the last has gone, looking stops at once."""
        self._subscribers.discard(subscriber)
        if not self._subscribers and self._task is not None:
            self._task.cancel()
            self._task = None

    def push(self, command: Command) -> None:
        """Offer a command to the tabs that have its notebook open."""
        for subscriber in [entry for entry in self._subscribers if entry.path == command.path]:
            subscriber.tell(pushed(command))

    async def _watch(self) -> None:
        seen: tuple[int, _Marks] | None = None
        while True:
            try:
                seen = await self._look(seen)
            except (RuntrackError, OSError) as error:
                logger.warning("cannot look at the stores: %s", error)
            await asyncio.sleep(self._every)

    async def _look(self, seen: tuple[int, _Marks] | None) -> tuple[int, _Marks]:
        generation = await self._reader.generation()
        if seen is not None and generation == seen[0]:
            return seen
        marks = await self._reader.ask(_marks)
        if seen is not None:
            await self._tell(seen[1], marks)
        return generation, marks

    async def _tell(self, before: _Marks, now: _Marks) -> None:
        changes = []
        for notebook_id, (runs, steps) in now.items():
            runs_before, steps_before = before.get(notebook_id, (0, 0))
            if (runs, steps) != (runs_before, steps_before):
                changes.append(
                    Changed(notebook_id=notebook_id, runs=runs != runs_before, steps=steps != steps_before)
                )
        if not changes:
            return
        files = {entry.file for entry in self._subscribers if entry.file is not None}
        notebooks = await self._reader.ask(
            lambda history: {file: notebook_at(file, history) for file in files}
        )
        for subscriber in list(self._subscribers):
            for change in changes:
                wanted = None if subscriber.file is None else notebooks.get(subscriber.file)
                if not subscriber.path or wanted == change.notebook_id:
                    subscriber.tell(change)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            return
        logger.error("stopped looking at the stores", exc_info=task.exception())
        self._task = None
        for subscriber in list(self._subscribers):
            subscriber.drop()


def pushed(command: Command) -> CommandPushed:
    """Return the command as it goes over the websocket."""
    return CommandPushed(command_id=command.command_id, kind=command.kind, path=command.path, id=command.id)


def _marks(history: History) -> _Marks:
    """Return for every notebook what tells one state of its runs and steps from another."""
    runs: dict[NotebookId, list[object]] = {}
    for run in history.runs():
        said = (run.message, run.starred, run.labels, run.notes)
        mark = (run.run_id, run.sealed, run.ordinal, len(run.gaps), said)
        runs.setdefault(run.notebook_id, []).append(mark)
    files = {
        session_id: paths for store in history.stores for session_id, paths in segment_files(store).items()
    }
    steps: dict[NotebookId, list[object]] = {}
    for session in history.sessions():
        if session.notebook_id is not None:
            # Segments only grow: another size is another step, output, state or place.
            sizes = tuple(_size(path) for path in files.get(session.session_id, ()))
            alive = history.is_alive(session.session_id)
            steps.setdefault(session.notebook_id, []).append((session.session_id, sizes, alive))
    return {
        notebook_id: (hash(tuple(runs.get(notebook_id, ()))), hash(tuple(steps.get(notebook_id, ()))))
        for notebook_id in {*runs, *steps}
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1  # gone since it was listed
