"""Puts in order what dead kernels left in a store: in the background, and never in the way of a living sealer."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

from runtrack_jupyter.errors import RuntrackError
from runtrack_jupyter.model import SessionId
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.recovery import recover
from runtrack_jupyter.store.sealing import unsealed
from runtrack_jupyter.tracking.leftovers import left_sessions, log_leftovers

__all__ = ["Tidier", "seal_rest"]

logger = logging.getLogger("runtrack_jupyter")

# A sealer outlives its kernel by seconds, and may hold the live document of the last run: leave it the time.
_SEALERS_TIME = timedelta(seconds=60)
_AGAIN_AFTER = 60.0  # seconds between two attempts at one store

Job = Callable[[Path], object]


class Tidier:
    """Recovers each store once, when it is opened, and seals runs whose kernel and sealer are gone.

    One thread does it all: sealing runs Git, and whoever browses shall not wait for it.
    """

    def __init__(self, recover: Job = recover, seal: Job | None = None, log: Job = log_leftovers) -> None:
        self._recover = recover
        self._log = log
        self._seal = seal_rest if seal is None else seal
        self._opened: set[Path] = set()
        self._tried: dict[Path, float] = {}
        self._logged: frozenset[SessionId] = frozenset()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="runtrack-tidy")

    def look(self, history: History) -> None:
        """See what there is to do in the stores of a history, and return at once."""
        for store in history.stores:
            if store not in self._opened:
                self._opened.add(store)
                self._thread.submit(_attempt, self._recover, store)
            left = frozenset(left_sessions(store, history))
            if left - self._logged:
                self._logged |= left  # once each: one that cannot be logged is left as it is
                self._thread.submit(_attempt, self._log, store)
            now = time.monotonic()
            if now - self._tried.get(store, -_AGAIN_AFTER) >= _AGAIN_AFTER and _is_left(store, history):
                self._tried[store] = now
                self._thread.submit(_attempt, self._seal, store)


def seal_rest(store: Path) -> None:
    """Seal the runs that dead kernels left in a store."""
    # Loaded when there is something to do: what it brings along is no business of a server's start.
    from runtrack_jupyter.tracking.sealer import seal_pending

    seal_pending(store)


def _is_left(store: Path, history: History) -> bool:
    before = datetime.now(timezone.utc) - _SEALERS_TIME
    return any(logged.run.created_at < before for logged in unsealed(store, history))


def _attempt(job: Job, store: Path) -> None:
    try:
        job(store)
    except (RuntrackError, OSError) as error:
        # Read-only, full, busy, no Git: it stays as it is, and can be read all the same.
        logger.warning("could not tidy %s: %s", store, error)
