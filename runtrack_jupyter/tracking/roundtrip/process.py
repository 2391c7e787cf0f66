"""The kernel's end of the checker: start it when there is something to check, and hear what it found."""

import contextlib
import logging
import queue
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import msgspec

from runtrack_jupyter.tracking.roundtrip.messages import Found, Job, encode_line

__all__ = ["JOB_SECONDS", "CheckerProcess"]

logger = logging.getLogger("runtrack_jupyter")

JOB_SECONDS = 60.0  # for one component
_PIPE = 1 << 20  # bytes the system holds for a checker that is still starting
_F_SETPIPE_SZ = 1031


class CheckerProcess:
    """A child process that checks components; started with the first, and again when it went to rest.

    Threads of ours write and read: no pipe can make a cell wait. `on_found` is called in one of them.
    """

    def __init__(self, store: Path, on_found: Callable[[Found], None]) -> None:
        self._store = store
        self._on_found = on_found
        self._child: subprocess.Popen[bytes] | None = None
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._sender: Thread | None = None

    def send(self, job: Job) -> None:
        """Have a component checked; returns at once."""
        if self._sender is None:
            self._sender = Thread(target=self._send, name="runtrack-checks", daemon=True)
            self._sender.start()
        self._jobs.put(job)

    @property
    def pid(self) -> int | None:
        """The process id of the checker, None while there is none."""
        return None if self._child is None else self._child.pid

    def close(self, seconds: float) -> None:
        """Leave what is not checked yet to the checker; waits for `seconds` at most until it has been told."""
        if self._sender is not None:
            self._jobs.put(None)
            self._sender.join(seconds)

    def _send(self) -> None:
        while (job := self._jobs.get()) is not None:
            for _ in range(2):  # the second time with a new child, where the first has gone to rest
                if self._write(encode_line(job)):
                    break
        if self._child is not None:
            self._write(b"\n")
            if self._child.stdin is not None:
                with contextlib.suppress(OSError):
                    self._child.stdin.close()

    def _write(self, line: bytes) -> bool:
        try:
            child = self._running()
            if child.stdin is not None:
                child.stdin.write(line)
                child.stdin.flush()
        except (OSError, ValueError) as error:  # ValueError: closed when it was seen to have ended
            logger.debug("the checker did not take a component: %s", error)
            self._child = None
            return False
        return True

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._child = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "runtrack_jupyter.tracking.roundtrip.checker",
                str(self._store),
                str(JOB_SECONDS),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._store,  # as for the sealer: no file of the user's shadows a module of ours
            start_new_session=True,  # Ctrl-C is not meant for it
        )
        _widen(self._child)
        Thread(target=self._hear, args=(self._child,), name="runtrack-findings", daemon=True).start()
        return self._child

    def _hear(self, child: subprocess.Popen[bytes]) -> None:
        if child.stdout is not None:
            with child.stdout as lines:
                for line in lines:
                    with contextlib.suppress(
                        msgspec.DecodeError
                    ):  # a line that was cut off when it was killed
                        self._on_found(msgspec.json.decode(line, type=Found))
        child.wait()
        if child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.close()


def _widen(child: subprocess.Popen[bytes]) -> None:
    if sys.platform == "linux" and child.stdin is not None:
        import fcntl  # not everywhere

        with contextlib.suppress(OSError):
            fcntl.fcntl(child.stdin, _F_SETPIPE_SZ, _PIPE)
