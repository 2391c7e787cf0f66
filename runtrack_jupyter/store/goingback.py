"""A restore and garbage collection keep out of each other's way, without a lock.

Each says what it is about to do before it looks whether the other does: a restore takes a lease of its own and waits for
a collector that is just taking payload out; a collector gives up what it was about to take out while somebody restores.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from runtrack_jupyter.model import SessionId
from runtrack_jupyter.store.layout import leases_folder
from runtrack_jupyter.store.leases import Lease, is_held

__all__ = ["going_back", "somebody_goes_back", "taking_out"]

_RESTORING = ".restoring"
_TAKING_OUT = SessionId("gc")
_PATIENCE = 30.0  # renaming files takes milliseconds


@contextlib.contextmanager
def going_back(
    stores: Iterable[Path], session_id: SessionId, *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """Keep what lies in these stores where it is, while a session takes up what another saved.

    To be entered before the stores are read; left when what was taken up is on record.
    """
    stores = [store for store in stores if leases_folder(store).is_dir()]
    leases = [Lease(store, SessionId(session_id + _RESTORING)) for store in stores]
    for lease in leases:
        with contextlib.suppress(OSError):  # a store that cannot be written is not collected either
            lease.take()
    try:
        until = time.monotonic() + _PATIENCE
        while any(is_held(store, _TAKING_OUT) for store in stores) and time.monotonic() < until:
            sleep(0.01)
        yield
    finally:
        for lease in leases:
            lease.release()


@contextlib.contextmanager
def taking_out(store: Path) -> Iterator[None]:
    """Say that payload is being taken out, for whoever is about to go back."""
    lease = Lease(store, _TAKING_OUT)
    lease.take()
    try:
        yield
    finally:
        lease.release()


def somebody_goes_back(store: Path) -> bool:
    """Return whether a session is just taking up what lies in a store."""
    with contextlib.suppress(OSError):
        return any(
            is_held(store, SessionId(path.name))
            for path in leases_folder(store).iterdir()
            if path.suffix == _RESTORING
        )
    return False
