"""Locks, simple queues and thread-local values, made anew."""

import threading
from collections.abc import Iterable
from typing import Any

__all__ = ["local", "queue", "reentrant", "set_local", "set_queue"]


def reentrant(count: int) -> Any:
    """Return a reentrant lock that this thread holds `count` times."""
    made = threading.RLock()
    for _ in range(count):
        made.acquire()
    return made


def queue(kind: Any) -> Any:
    """Return an empty queue."""
    return kind()


def set_queue(target: Any, held: Iterable[Any]) -> None:
    """Put into a queue what was in it."""
    for each in held:
        target.put(each)


def local() -> threading.local:
    """Return thread-local values, none yet."""
    return threading.local()


def set_local(target: threading.local, own: dict[str, Any]) -> None:
    """Give this thread its values."""
    target.__dict__.update(own)
