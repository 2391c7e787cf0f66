"""Who is still writing: a lease per living session, so that nobody cuts or seals what a kernel still holds.

A lease names its process. On the same machine a process that is gone is known at once; from elsewhere (a shared home
folder) a lease counts as dead when its heartbeat, the file's modification time, is older than `STALE_AFTER`.
"""

import contextlib
import functools
import os
import sys
import time
from pathlib import Path

import msgspec

from runtrack_jupyter.model import SessionId
from runtrack_jupyter.store.layout import leases_folder

__all__ = ["BEAT_EVERY", "STALE_AFTER", "Lease", "is_held", "process_is_alive"]

BEAT_EVERY = 30.0
STALE_AFTER = 600.0  # generous: clocks of a file server and its clients differ

_STARTED_FIELD = 19  # field 22 of /proc/<pid>/stat, counted after the command's closing parenthesis


class _Holder(msgspec.Struct, frozen=True, omit_defaults=True):
    pid: int
    host: str
    boot: str = ""  # of the running system: after a reboot no process of before is alive
    namespace: str = ""  # containers share host and boot, not process ids
    started: str = ""  # of the process: ids are used again


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


@functools.cache
def _machine() -> tuple[str, str, str]:
    namespace = ""
    with contextlib.suppress(OSError, NotImplementedError):
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115  the text of the link is what is wanted
    return _host(), _read("/proc/sys/kernel/random/boot_id"), namespace


def _host() -> str:
    if sys.platform == "win32":
        return os.environ.get("COMPUTERNAME", "")
    return os.uname().nodename


def _started(pid: int) -> str:
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[_STARTED_FIELD] if len(fields) > _STARTED_FIELD else ""


class Lease:
    """The lease of one session, held by this process."""

    def __init__(self, store: Path, session_id: SessionId) -> None:
        self._path = leases_folder(store) / session_id
        self._beaten = float("-inf")

    def take(self) -> None:
        """Say that this process writes the session; raises OSError where the store cannot be written."""
        host, boot, namespace = _machine()
        pid = os.getpid()
        holder = _Holder(pid, host, boot, namespace, _started(pid))
        partial = self._path.with_name(f"{self._path.name}.{os.urandom(4).hex()}.partial")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
        with os.fdopen(os.open(partial, flags, 0o600), "wb") as file:
            file.write(msgspec.json.encode(holder))
        partial.replace(self._path)
        self._beaten = time.monotonic()

    def beat(self) -> None:
        """Show that the holder lives; cheap when it was shown less than `BEAT_EVERY` seconds ago."""
        now = time.monotonic()
        if now - self._beaten >= BEAT_EVERY:
            self._beaten = now
            with contextlib.suppress(OSError):  # a missed beat is made up for by the next
                try:
                    os.utime(self._path)
                except FileNotFoundError:  # somebody took us for dead, as after a laptop's sleep
                    self.take()

    def release(self) -> None:
        """Say that the session has ended."""
        with contextlib.suppress(OSError):  # the process ends anyway, which says the same
            self._path.unlink()


def is_held(store: Path, session_id: SessionId) -> bool:
    """Return whether somebody still writes this session."""
    path = leases_folder(store) / session_id
    try:
        data = path.read_bytes()
        beaten = path.stat().st_mtime
    except OSError:
        return False
    try:
        holder = msgspec.json.decode(data, type=_Holder)
    except msgspec.DecodeError:
        return False  # it is written whole before it gets its name
    host, boot, namespace = _machine()
    if (holder.host, holder.namespace) == (host, namespace):
        if holder.boot != boot or not process_is_alive(holder.pid):
            return False
        return not holder.started or holder.started == _started(holder.pid)
    return time.time() - beaten < STALE_AFTER


def process_is_alive(pid: int) -> bool:
    """Return whether a process of this machine runs; one that has ended and was not yet waited for does not."""
    if sys.platform == "win32":
        return _windows_process_is_alive(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it is there, but another user's
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1] != ["Z"]


def _windows_process_is_alive(pid: int) -> bool:
    # os.kill(pid, 0) would end the process there.
    import ctypes  # only where it is needed

    query_limited, still_active = 0x1000, 259
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  unknown to type checkers elsewhere
    handle = kernel.OpenProcess(query_limited, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return bool(known) and code.value == still_active
