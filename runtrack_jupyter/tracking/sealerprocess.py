"""The kernel's end of the sealer: start it, tell it of each run, and let it outlive us."""

import contextlib
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from runtrack_jupyter.model import Gap, RunId, SessionId

__all__ = ["SealerProcess"]

logger = logging.getLogger("runtrack_jupyter")


class SealerProcess:
    """A child process that commits runs; it is started with the first run, and again when it has died.

    It reads one run id a line. When the kernel ends, in whatever way, it sees the end of its input, seals what is
    left and ends too.
    """

    def __init__(self, store: Path, session_id: SessionId, on_gap: Callable[[Gap], None]) -> None:
        self._store = store
        self._session_id = session_id
        self._on_gap = on_gap
        self._child: subprocess.Popen[bytes] | None = None

    def seal(self, run_id: RunId) -> None:
        """Ask for a run to be committed; returns at once. A run that cannot be is sealed later from the record."""
        for _ in range(2):  # the second time with a new child, where the first was found dead
            try:
                child = self._running()
                if child.stdin is not None:
                    child.stdin.write(f"{run_id}\n".encode())
                    child.stdin.flush()
                    return
            except OSError as error:
                logger.debug("the sealer did not take run %s: %s", run_id, error)
                self._child = None
        self._on_gap(Gap(subject="sealer", kind="failed", reason="the run is on record, and is sealed later"))

    @property
    def pid(self) -> int | None:
        """The process id of the sealer, None while there is none."""
        return None if self._child is None else self._child.pid

    def close(self) -> None:
        """Let the sealer finish what it has and end by itself."""
        if self._child is not None and self._child.stdin is not None:
            with contextlib.suppress(OSError):
                self._child.stdin.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._child = subprocess.Popen(
            [sys.executable, "-m", "runtrack_jupyter.tracking.sealer", str(self._store), self._session_id],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._store,  # -m looks there first: a folder of ours, where no file of the user's shadows a module
            start_new_session=True,  # Ctrl-C and the end of the kernel's group are not meant for it
        )
        return self._child
