"""All the stores of this user as one history, read in threads and by one thread at a time."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TypeVar

from runtrack_jupyter.errors import RuntrackError, StoreError
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import check_format, registered_stores, resolve_store, user_key

__all__ = ["Library"]

logger = logging.getLogger("runtrack_jupyter")

_THREADS = 4
_TIDY_EVERY = 60.0  # seconds between two looks for what dead kernels left in a store

_Answer = TypeVar("_Answer")


class Library:
    """The one place where the server asks the record; nothing here blocks the event loop."""

    def __init__(self, environ: Mapping[str, str], cwd: Path, tidy: Callable[[Path], object]) -> None:
        self._environ = environ
        self._cwd = cwd
        self._tidy = tidy
        self._tidied: dict[Path, float] = {}
        self._lock = Lock()
        self._stores: list[Path] = []
        self._history: History | None = None
        self._generation = 0
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="runtrack")
        # Sealing runs Git; whoever browses shall not wait for it.
        self._tidying = ThreadPoolExecutor(1, thread_name_prefix="runtrack-tidy")

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

    def tidy_later(self, store: Path) -> None:
        """Seal in the background what dead kernels left in a store; at most once a minute."""
        now = time.monotonic()
        if now - self._tidied.get(store, -_TIDY_EVERY) >= _TIDY_EVERY:
            self._tidied[store] = now
            self._tidying.submit(self._try_to_tidy, store)

    def _try_to_tidy(self, store: Path) -> None:
        try:
            self._tidy(store)
        except (RuntrackError, OSError) as error:
            # Read-only, locked, full: it stays unsealed and can be read all the same.
            logger.warning("could not seal what is left in %s: %s", store, error)

    def _ask(self, question: Callable[[History], _Answer], near: Path | None) -> _Answer:
        with self._lock:
            return question(self._fresh(near))

    def _fresh(self, near: Path | None) -> History:
        home = self.store_of(near)
        check_format(home)
        wanted = dict.fromkeys([*self._stores, *registered_stores(), home])
        stores = [store for store in wanted if store.is_dir() and _is_readable(store)]
        key = user_key(create=False)  # made by the first kernel that records
        if self._history is None or stores != self._stores or key != self._history.key:
            for store in stores:
                if store not in self._stores:
                    self.tidy_later(store)
            self._history = History(stores, key)
            self._stores = stores
            self._generation += 1
        if self._history.refresh():
            self._generation += 1
        return self._history


def _is_readable(store: Path) -> bool:
    try:
        check_format(store)
    except StoreError as error:
        # One store of a newer Runtrack, somewhere, does not make all the others unreadable.
        logger.warning("left out: %s", error)
        return False
    return True
