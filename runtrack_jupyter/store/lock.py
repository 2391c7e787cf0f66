"""One lock per store: sealing, garbage collection and purge take turns; writing segments and reading need none."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from runtrack_jupyter.errors import StoreLockedError, StoreUnavailableError

__all__ = ["store_lock"]

_RETRY_EVERY = 0.05

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        # flock, not lockf: the latter lets go as soon as anything in this process closes the file. On NFS both reach
        # the server.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def store_lock(
    store: Path, *, timeout: float = 30.0, sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """Hold the lock of a store; its holder's death gives it back at once.

    Raises
    ------
    StoreLockedError
        Somebody else held it all the time.
    StoreUnavailableError
        The store is not there, cannot be written, or cannot be locked where it lies.
    """
    if not store.is_dir():  # a disk that was unplugged: whoever made the folder anew would be in its way
        raise StoreUnavailableError(f"{store} is not there")
    path = store / "lock"
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be made: {error.strerror}") from error
    try:
        _wait_for(descriptor, path, time.monotonic() + timeout, sleep)
        yield
    finally:
        os.close(descriptor)  # gives the lock back


def _wait_for(descriptor: int, path: Path, deadline: float, sleep: Callable[[float], None]) -> None:
    while True:
        try:
            _try_lock(descriptor)
        except (BlockingIOError, PermissionError):
            if time.monotonic() >= deadline:
                raise StoreLockedError(f"another process holds {path}") from None
            sleep(_RETRY_EVERY)
        except OSError as error:
            raise StoreUnavailableError(f"{path} cannot be locked: {error.strerror}") from error
        else:
            return
