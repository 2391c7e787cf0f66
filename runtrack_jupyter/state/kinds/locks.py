"""Locks and what is built of them: made anew in the same state, unless a thread is in the middle of using them."""

import gc
import re
import threading
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import locks as rebuild
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]


def reduce_lock(pickler: "StatePickler", lock: Any) -> Any:
    """Reduce a lock that nobody holds."""
    if lock.locked():  # by whom cannot be seen: a copy might never be released
        raise CannotSaveError("a lock that is held")
    pickler.note_rebuilt("a new lock")
    return threading.Lock, ()


_HELD = re.compile(r" owner=(\d+) count=(\d+) ")


def reduce_reentrant(pickler: "StatePickler", lock: Any) -> Any:
    """Reduce a reentrant lock that nobody holds but this thread."""
    held = _HELD.search(repr(lock))
    if held is None:
        raise CannotSaveError("a lock")
    owner, count = map(int, held.groups())
    if count and owner != threading.get_ident():
        raise CannotSaveError("a lock that another thread holds")
    pickler.note_rebuilt("a new lock")
    return rebuild.reentrant, (count,)


def reduce_condition(_pickler: "StatePickler", condition: threading.Condition) -> Any:
    """Leave a condition to pickle, unless a thread waits for it."""
    if condition._waiters:  # type: ignore[attr-defined]  # not in typeshed
        raise CannotSaveError("a condition that a thread waits for")
    return NotImplemented


def reduce_queue(pickler: "StatePickler", queue: Any) -> Any:
    """Reduce a simple queue to what is in it, which is seen without taking it out."""
    held = [each for each in gc.get_referents(queue) if each is not type(queue)]
    size = queue.qsize()
    if len(held) == 1 and type(held[0]) is list and len(held[0]) >= size and not _is_ring():
        held = held[0][len(held[0]) - size :]
    if len(held) != size:
        raise CannotSaveError("a queue")
    pickler.note_rebuilt("a new queue")
    return rebuild.queue, (type(queue),), held, None, None, rebuild.set_queue


def _is_ring() -> bool:
    """Tell whether a simple queue of this Python holds its elements itself and not in a list."""
    import _queue

    return not any(type(each) is list for each in gc.get_referents(_queue.SimpleQueue()))


def reduce_local(pickler: "StatePickler", local: Any) -> Any:
    """Reduce thread-local values to those of this thread."""
    if type(local) is not threading.local:
        raise CannotSaveError("thread-local values of a class of its own")
    pickler.note_rebuilt("thread-local values, only those of the main thread")
    return rebuild.local, (), vars(local), None, None, rebuild.set_local


def reduce_thread(_pickler: "StatePickler", thread: threading.Thread) -> Any:
    """Reduce the main thread to its place."""
    if thread is threading.main_thread():
        return threading.main_thread, ()
    raise CannotSaveError("a thread")


def reduce_future(_pickler: "StatePickler", future: Any) -> Any:
    """Leave a future that is done to pickle."""
    if not future.done():
        raise CannotSaveError("a running task")
    return NotImplemented


REDUCERS: Reducers = {
    ("_thread", "lock"): reduce_lock,
    ("_thread", "RLock"): reduce_reentrant,
    ("_thread", "_local"): reduce_local,
    ("threading", "Condition"): reduce_condition,
    ("threading", "Thread"): reduce_thread,
    ("_queue", "SimpleQueue"): reduce_queue,
    ("concurrent.futures._base", "Future"): reduce_future,
}
