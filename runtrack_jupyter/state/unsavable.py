"""What cannot be saved, said in words for people, before pickle would say it in its own."""

import pickle
from typing import Literal, NamedTuple

from runtrack_jupyter.state.deadline import TooSlowError

__all__ = ["CannotSaveError", "Failure", "TooLargeError", "failure_of", "own_name", "refusal"]


class CannotSaveError(Exception):
    """Something in the value cannot be saved; the message names it: ``"a generator"``."""


class TooLargeError(Exception):
    """The value is larger than the limit for one variable, or for what one step changes together."""

    def __init__(self, limit: int, *, of_step: bool = False) -> None:
        size = f"the limit of {limit / (1 << 30):.3g} GB"
        super().__init__(
            f"what the cell changed is together larger than {size} for one step"
            if of_step
            else f"larger than {size} for one variable"
        )


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


def own_name(kind: type) -> str:
    """Return the name a class was given, whatever its metaclass says."""
    return str(_NAME.__get__(kind))


_NAME = type.__dict__["__name__"]


def refusal(kind: type) -> str | None:
    """Return what an instance of `kind` is called when it cannot be saved, or None."""
    for each in kind.__mro__:
        name = (each.__module__, each.__qualname__)
        if name in _REFUSED:
            return _REFUSED[name]
    return None


class Failure(NamedTuple):
    """Why a value cannot be saved, in words; nothing of the error is kept. `rests`: it is not tried again at once."""

    kind: Literal["unpicklable", "too-large", "too-slow"]
    reason: str
    rests: bool = False


def failure_of(error: BaseException) -> Failure:
    """Say why saving a value raised `error`; runs the `__str__` of the user's exceptions."""
    kind = type(error)  # `isinstance` would ask the exception for its class
    if issubclass(kind, TooLargeError):
        return Failure("too-large", str(error))
    if issubclass(kind, TooSlowError):
        others = getattr(error, "setting", "") == "step_seconds"  # which took the time
        return Failure("too-slow", f"not saved: {error}", rests=not others)
    return Failure("unpicklable", _reason(error, kind))


def _reason(error: BaseException, kind: type) -> str:
    if issubclass(kind, CannotSaveError):
        return f"{error}: cannot be saved"
    if issubclass(kind, RecursionError):
        return "nested too deeply to be saved"
    try:
        text = str(error)
    except (KeyboardInterrupt, TooSlowError):
        raise
    except BaseException:  # noqa: BLE001 - the exception's class is the user's, and so is its __str__
        text = ""
    first_line = text.strip().split("\n", 1)[0].rstrip(".")[:200]
    if issubclass(kind, (pickle.PicklingError, TypeError)) and first_line.startswith(("cannot", "Can't")):
        return first_line
    name = own_name(kind)
    return f"{name} while it was saved: {first_line}" if first_line else f"{name} while it was saved"
