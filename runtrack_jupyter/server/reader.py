"""All the stores of this user as one history, read in threads and by one thread at a time."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TypeVar

from runtrack_jupyter.errors import StoreError
from runtrack_jupyter.server.tidying import Tidier
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import check_format, registered_stores, resolve_store, user_key

__all__ = ["Reader"]

logger = logging.getLogger("runtrack_jupyter")

_THREADS = 4

_Answer = TypeVar("_Answer")


class Reader:
    """The one place where the server asks the record; nothing here blocks the event loop."""

    def __init__(self, environ: Mapping[str, str], cwd: Path, tidier: Tidier) -> None:
        self._environ = environ
        self._cwd = cwd
        self._tidier = tidier
        self._lock = Lock()
        self._stores: list[Path] = []
        self._history: History | None = None
        self._generation = 0
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="runtrack")

    async def ask(self, question: Callable[[History], _Answer], *, near: Path | None = None) -> _Answer:
        """Return the answer of the history as it is on disk now; `near` is the notebook that is asked about.

        `question` runs in a thread and must not keep the history.
        """
        return await self.work(lambda: self._ask(question, near))

    async def work(self, job: Callable[[], _Answer]) -> _Answer:
        """Return what `job` returns, run in a thread and without the history: Git, hashing, files."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, job)

    async def generation(self) -> int:
        """Return a number that is another one whenever the record on disk has changed."""
        await self.ask(lambda _history: None)
        return self._generation

    def store_of(self, notebook: Path | None) -> Path:
        """Return where a kernel of that notebook keeps its record; it need not exist."""
        return resolve_store(notebook, self._cwd, self._environ)

    def _ask(self, question: Callable[[History], _Answer], near: Path | None) -> _Answer:
        with self._lock:
            return question(self._fresh(near))

    def _fresh(self, near: Path | None) -> History:
        home = self.store_of(near)
        if near is not None:
            check_format(home)  # whoever asks for this very notebook shall hear why there is nothing
        wanted = dict.fromkeys([*self._stores, *registered_stores(), home])
        stores = [store for store in wanted if store.is_dir() and _is_readable(store)]
        key = user_key(create=False)  # made by the first kernel that records
        if self._history is None or stores != self._stores or key != self._history.key:
            self._history = History(stores, key)
            self._stores = stores
            self._generation += 1
        if self._history.refresh():
            self._generation += 1
        self._tidier.look(self._history)
        return self._history


def _is_readable(store: Path) -> bool:
    try:
        check_format(store)
    except StoreError as error:
        # One store of a newer Runtrack, somewhere, does not make all the others unreadable.
        logger.warning("left out: %s", error)
        return False
    return True
