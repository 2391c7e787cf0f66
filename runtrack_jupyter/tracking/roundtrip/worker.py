"""The worker: loads one component after the other, and says how each came back.

``python -m runtrack_jupyter.tracking.roundtrip.worker STORE``, started by the checker, which also ends it. What
unpickling runs here is the user's code, without their asking: it may read what it likes, but not write files, start
processes or open connections.
"""

import contextlib
import os
import queue
import sys
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any, BinaryIO, NoReturn

import msgspec

from runtrack_jupyter.errors import RuntrackError
from runtrack_jupyter.state.roundtrip.checking import Outcome, check
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import registered_stores, user_key
from runtrack_jupyter.store.payload import StorePayload
from runtrack_jupyter.tracking.roundtrip.messages import Answer, Job, encode_line

__all__ = ["main"]

_CPU_SECONDS = 120
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = {
    "ftplib.connect": "open a connection",
    "os.chmod": "change a file",
    "os.chown": "change a file",
    "os.exec": "start a process",
    "os.fork": "start a process",
    "os.forkpty": "start a process",
    "os.kill": "end a process",
    "os.link": "write a file",
    "os.mkdir": "make a folder",
    "os.posix_spawn": "start a process",
    "os.remove": "delete a file",
    "os.rename": "rename a file",
    "os.rmdir": "delete a folder",
    "os.spawn": "start a process",
    "os.symlink": "write a file",
    "os.system": "start a process",
    "os.truncate": "change a file",
    "os.utime": "change a file",
    "pty.spawn": "start a process",
    "shutil.rmtree": "delete a folder",
    "socket.bind": "open a connection",
    "socket.connect": "open a connection",
    "socket.sendto": "open a connection",
    "sqlite3.connect": "open a database",
    "subprocess.Popen": "start a process",
    "urllib.Request": "open a connection",
}


class _Guard:
    """Refuses what a check must not do, while it is on, and remembers that it did."""

    def __init__(self) -> None:
        self.refused: dict[str, None] = {}
        self._on = False
        sys.addaudithook(self._hear)

    def __enter__(self) -> None:
        self.refused.clear()
        self._on = True

    def __exit__(self, *_: object) -> None:
        self._on = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._on:
            return
        words = _FORBIDDEN.get(event, "")
        if event == "open" and _writes(*arguments):
            words = "write a file"
        if words:
            self.refused[words] = None
            raise PermissionError(f"a round-trip check does not {words}")


def _writes(path: Any, mode: Any, flags: Any) -> bool:
    if path == os.devnull:
        return False
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITING)


def main(arguments: list[str]) -> NoReturn:
    """Check what comes in on standard input until it ends."""
    jobs, answers = _private_streams()
    sys.dont_write_bytecode = True
    key = user_key(create=False)
    store = Path(arguments[0])
    history = History([store, *registered_stores()], key, received=False)
    payload = StorePayload(history)
    guard = _Guard()
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    Thread(target=_read, args=(jobs, lines), name="runtrack-jobs", daemon=True).start()
    while True:
        job = msgspec.json.decode(lines.get(), type=Job)
        _limit_time()
        answer = _answer(job, history, payload, guard)
        answers.write(encode_line(answer))
        answers.flush()


def _read(jobs: BinaryIO, lines: "queue.SimpleQueue[bytes]") -> None:
    for line in jobs:
        lines.put(line)
    os._exit(0)  # the checker is gone: whatever runs here, nobody waits for it


def _limit_time() -> None:
    """Let the system end this process when it no longer comes to an end, and nobody is left who would."""
    if sys.platform != "win32":
        import resource  # not everywhere

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + _CPU_SECONDS, hard))


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for ourselves: code that is loaded may print, or read."""
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nothing, number)
    os.close(nothing)
    return jobs, answers


def _answer(job: Job, history: History, payload: StorePayload, guard: _Guard) -> Answer:
    _stand_where(job)
    try:
        history.refresh()
        with guard:
            outcome = check(payload, job.component_id, job.classes, job.census)
    except RuntrackError as error:  # the store itself cannot be read: nothing is known of the component
        outcome = Outcome(unknown=str(error))
    return Answer(job.component_id, outcome, tuple(guard.refused), _memory())


def _stand_where(job: Job) -> None:
    """Find modules and files as the kernel does, and be a kernel that has just begun."""
    sys.path[:] = job.modules
    with contextlib.suppress(OSError):
        os.chdir(job.cwd)
    sys.modules["__main__"] = ModuleType("__main__")


def _memory() -> int:
    """Return how many bytes this process takes; 0 where that is not told."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(sys.argv[1:])
