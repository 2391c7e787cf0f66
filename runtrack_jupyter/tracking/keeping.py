"""Keeps a store within what it may take of the disk, by itself: in the sealer, which nobody waits for."""

import logging
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from runtrack_jupyter.errors import RuntrackError
from runtrack_jupyter.store.collecting import Collected, Rules, collect
from runtrack_jupyter.store.layout import registered_stores, user_key
from runtrack_jupyter.store.lock import store_lock
from runtrack_jupyter.store.moments import Ages
from runtrack_jupyter.store.repository import RunRepository
from runtrack_jupyter.store.usage import usage
from runtrack_jupyter.tracking.settings import Settings, load_settings

__all__ = ["Keeper", "keep", "other_stores", "pack_runs", "rules_of"]

logger = logging.getLogger("runtrack_jupyter.sealer")

_LOOK_EVERY = 60.0  # seconds between two looks at how much is used
_TIDY_EVERY = 24 * 3600.0  # between two looks at what has become too old
_MOST_PASSES = 100
_MEGABYTE = 1 << 20


def rules_of(settings: Settings) -> Rules:
    """Return what may go by the user's settings."""
    ages = Ages(timedelta(days=settings.steps_days), timedelta(days=settings.automatic_days))
    return Rules(limit=settings.store_megabytes * _MEGABYTE, ages=ages)


def other_stores(store: Path) -> list[Path]:
    """Return this user's other stores: what lies in one may be referred to in another."""
    return [each for each in registered_stores() if each != store]


def keep(
    store: Path,
    key: bytes | None,
    rules: Rules,
    *,
    now: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Collected]:
    """Collect what goes by the rules, pass after pass, and return what each did.

    Raises what `runtrack_jupyter.store.collecting.collect` raises; what was done before that stays done.
    """
    done: list[Collected] = []
    while len(done) < _MOST_PASSES:
        done.append(collect(store, key, rules, others=other_stores(store), now=now, progress=progress))
        if done[-1].busy or not done[-1].more:
            break
    return done


def pack_runs(store: Path) -> int:
    """Let Git store the run repository in less space, and return how many bytes that frees."""
    before = usage(store).commits
    with store_lock(store):
        RunRepository(store).pack()
    return max(0, before - usage(store).commits)


class Keeper:
    """Looks after one store for as long as a sealer lives; its failures are only logged."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._looked = -_LOOK_EVERY

    def look(self, *, ended: bool = False) -> None:
        """Thin values if the store is nearly full; `ended`, when the kernel is gone, also for their age, once a day."""
        if not ended and time.monotonic() - self._looked < _LOOK_EVERY:
            return
        self._looked = time.monotonic()
        try:
            self._look(ended)
        except (RuntrackError, OSError) as error:  # busy, full, read-only: the next sealer tries
            logger.warning("%s is not tidied now: %s", self._store, error)

    def _look(self, ended: bool) -> None:
        rules = rules_of(load_settings())
        found = usage(self._store, rules.limit)
        if found.size <= rules.full * found.limit and not (ended and self._is_due()):
            return
        os.nice(10)  # whoever works goes first
        pack_runs(self._store)
        keep(self._store, user_key(create=False), rules, now=datetime.now(timezone.utc))

    def _is_due(self) -> bool:
        """Return whether a day has passed since somebody looked; from now on, it has not."""
        stamp = self._store / "tidied"
        try:
            if time.time() - stamp.stat().st_mtime < _TIDY_EVERY:
                return False
        except FileNotFoundError:
            pass
        stamp.touch(mode=0o600)
        return True
