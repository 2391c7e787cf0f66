"""Every session by its name."""

from collections.abc import Callable

from benchmarks.sessions.aliases import aliases
from benchmarks.sessions.arrays import arrays
from benchmarks.sessions.frames import frames
from benchmarks.sessions.loops import loops
from benchmarks.sessions.session import Session
from benchmarks.sessions.strings import strings
from benchmarks.sessions.training import training
from benchmarks.sessions.trivial import trivial

__all__ = ["SESSIONS"]

SESSIONS: dict[str, Callable[[float], Session]] = {
    "trivial": trivial,
    "frames": frames,
    "arrays": arrays,
    "strings": strings,
    "training": training,
    "loops": loops,
    "aliases": aliases,
}
