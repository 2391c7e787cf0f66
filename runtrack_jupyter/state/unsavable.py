"""What cannot be saved, said in words for people, before pickle would say it in its own."""

import pickle
from typing import Any

from runtrack_jupyter.model import Gap

__all__ = ["CannotSaveError", "TooLargeError", "gap_for", "refusal"]


class CannotSaveError(Exception):
    """Something in the value cannot be saved; the message names it: ``"a generator"``."""


class TooLargeError(Exception):
    """The value is larger than the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than the limit of {limit / (1 << 30):.3g} GB for one variable")


# By name, so that nothing is imported to recognise it.
_REFUSED = {
    ("builtins", "frame"): "a frame of running code",
    ("builtins", "memoryview"): "a memoryview",
    ("_socket", "socket"): "a socket",
    ("_asyncio", "Future"): "a running task",
    ("_asyncio", "Task"): "a running task",
    ("concurrent.futures._base", "Executor"): "a pool of workers",
    ("multiprocessing.pool", "Pool"): "a pool of workers",
    ("multiprocessing.process", "BaseProcess"): "a process",
    ("subprocess", "Popen"): "a process",
    ("mmap", "mmap"): "a memory-mapped file",
    ("_contextvars", "Context"): "a context",
    ("_contextvars", "ContextVar"): "a context variable",
    ("_contextvars", "Token"): "a context token",
    ("select", "epoll"): "a poll object",
    ("weakref", "finalize"): "a finalizer",
    ("tempfile", "TemporaryDirectory"): "a temporary directory",
    ("tempfile", "_TemporaryFileWrapper"): "a temporary file",
    ("multiprocessing.connection", "_ConnectionBase"): "a connection to a process",
    ("multiprocessing.shared_memory", "SharedMemory"): "shared memory",
    ("multiprocessing.synchronize", "SemLock"): "a lock between processes",
    ("multiprocessing.queues", "Queue"): "a queue between processes",
    ("multiprocessing.queues", "SimpleQueue"): "a queue between processes",
    ("multiprocessing.sharedctypes", "SynchronizedBase"): "a value shared between processes",
    ("multiprocessing.managers", "BaseManager"): "a process",
    ("shelve", "Shelf"): "an open database file",
    ("dbm.dumb", "_Database"): "an open database file",
    ("_dbm", "dbm"): "an open database file",
    ("_gdbm", "gdbm"): "an open database file",
    ("ctypes", "CDLL"): "a C library",
}


def refusal(kind: type) -> str | None:
    """Return what an instance of `kind` is called when it cannot be saved, or None."""
    for each in kind.__mro__:
        name = (each.__module__, each.__qualname__)
        if name in _REFUSED:
            return _REFUSED[name]
    return None


def gap_for(root: str, error: BaseException, token: str) -> Gap:
    """Return the gap that stands for a value whose saving raised `error`."""
    if isinstance(error, TooLargeError):
        return Gap(subject=root, kind="too-large", reason=str(error), token=token)
    return Gap(subject=root, kind="unpicklable", reason=_reason(error), token=token)


def _reason(error: BaseException) -> str:
    if isinstance(error, CannotSaveError):
        return f"{error}: cannot be saved"
    if isinstance(error, RecursionError):
        return "nested too deeply to be saved"
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the exception's class is the user's, and so is its __str__
        text = ""
    first_line = text.strip().split("\n", 1)[0].rstrip(".")[:200]
    if isinstance(error, (pickle.PicklingError, TypeError)) and first_line.startswith(("cannot", "Can't")):
        return first_line
    name: Any = type(error).__name__
    return f"{name} while it was saved: {first_line}" if first_line else f"{name} while it was saved"
