"""Which recorder this process has, and how it reaches its front end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

from runtrack_jupyter.errors import NotTrackingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtrack_jupyter.kernel.recorder import Recorder

__all__ = [
    "Watcher",
    "clear_current",
    "current",
    "require_current",
    "set_current",
    "tell_front_end",
    "tell_watchers",
    "watch",
]


class Watcher(Protocol):
    """What in this process wants to know when the history goes on."""

    def heard(self, kind: str) -> None:
        """Take a notice of this kind, on any thread."""


_here: list[
    tuple[Recorder, Callable[[str, dict[str, Any]], bool]]
] = []  # at most one: a process has one shell
_watchers: WeakSet[Watcher] = WeakSet()


def set_current(recorder: Recorder, tell: Callable[[str, dict[str, Any]], bool]) -> None:
    """Make `recorder` the one of this process; `tell` sends a notice and says whether anybody was there."""
    _here[:] = [(recorder, tell)]


def clear_current() -> None:
    """Forget the recorder of this process."""
    _here.clear()


def current() -> Recorder | None:
    """Return the recorder of this process; None where there is no shell that was given one."""
    return _here[0][0] if _here else None


def require_current() -> Recorder:
    """Return the recorder of this process.

    Raises
    ------
    NotTrackingError
        The extension is not loaded here.
    """
    recorder = current()
    if recorder is None:
        raise NotTrackingError("this kernel is not recorded: %load_ext runtrack_jupyter loads the extension")
    return recorder


def tell_front_end(kind: str, fields: dict[str, Any]) -> bool:
    """Send a notice to the front ends of this kernel; False when there is none."""
    return bool(_here) and _here[0][1](kind, fields)


def watch(watcher: Watcher) -> None:
    """Have `watcher` hear every notice for as long as it lives."""
    _watchers.add(watcher)


def tell_watchers(kind: str) -> None:
    """Tell everything in this process that watches."""
    for watcher in tuple(_watchers):
        watcher.heard(kind)
