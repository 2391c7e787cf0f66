"""Every session by its name."""

from collections.abc import Callable

from benchmarks.sessions.session import Session
from benchmarks.sessions.strings import strings
from benchmarks.sessions.trivial import trivial

__all__ = ["SESSIONS"]

SESSIONS: dict[str, Callable[[float], Session]] = {"trivial": trivial, "strings": strings}
