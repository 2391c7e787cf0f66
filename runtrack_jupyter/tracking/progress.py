"""How far a restore has come, told to the front ends once it has taken long enough for people to wonder."""

import time

from runtrack_jupyter.tracking.tracker import Notify

__all__ = ["Progress"]

_SILENT = 0.5  # seconds in which nothing is said


class Progress:
    """The notices ``restoring`` of one restore."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._began = time.monotonic()
        self._total: int | None = None

    def tell(self, done: int, total: int) -> None:
        """Say how many bytes came of how many."""
        if time.monotonic() - self._began >= _SILENT:
            self._total = total
            self._notify("restoring", {"done": min(done, total - 1), "total": total})

    def end(self) -> None:
        """Say that it is over, if anything was said."""
        if self._total is not None:
            self._notify("restoring", {"done": self._total, "total": self._total})
