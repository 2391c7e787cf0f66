"""How long a pass waits for code of the user's, and which variables are not asked again so soon."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from runtrack_jupyter.state.deadline import Deadline, TooSlowError
from runtrack_jupyter.state.records import Limits

__all__ = ["Patience", "Rest", "each_of"]

_R = TypeVar("_R")

_SHORTEST, _LONGEST = 60.0, 3600.0  # seconds; each time twice as long as before
_IMPATIENT = 1.0  # seconds for each variable, once the time of a step was spent on ones that were too slow
_FEW = 1000
_GLANCE = 8  # elements of a container by which it is recognised


class Rest(msgspec.Struct, frozen=True, eq=False):
    """Until when a variable that was too slow is left in peace, unless it is another value by then."""

    began: float
    seconds: float
    glance: tuple[int, ...]

    def holds(self, value: Any, *, everything: bool) -> bool:
        """Whether the value is not to be looked at yet; when everything is looked at, it is sooner."""
        over = self.began + (_SHORTEST if everything else self.seconds)
        return time.monotonic() < over and self.glance == _glance(value)

    @classmethod
    def after(cls, former: "Rest | None", value: Any) -> "Rest":
        """Return how long to leave a variable in peace; `former` is how long it was, if it is the same value."""
        seconds = _SHORTEST if former is None else min(2 * former.seconds, _LONGEST)
        return cls(time.monotonic(), seconds, _glance(value))


class Patience:
    """The time of one pass over some variables, or, with `everything`, over all: to be entered, then asked to `run`.

    A cell does not hold up the user longer than the limit for one step. Where everything is looked at, everything
    that can be saved is saved, and only what is too slow costs no more than that.
    """

    def __init__(self, limits: Limits, *, everything: bool = False) -> None:
        self._limits = limits
        self._everything = everything
        self._wasted = 0.0
        self._deadline = Deadline() if everything else Deadline(limits.step_seconds, "step_seconds")

    def __enter__(self) -> "Patience":  # noqa: PYI034 - nothing inherits from it
        self._deadline.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._deadline.__exit__(kind, error, where)

    def run(self, function: Callable[..., _R], *args: Any, more: float = 0) -> _R:
        """Return what `function` returns.

        Raises
        ------
        TooSlowError
            That takes longer than one variable may, and `more` seconds.
        """
        seconds, setting = self._limits.variable_seconds + more, "variable_seconds"
        if self._everything and self._wasted >= self._limits.step_seconds > _IMPATIENT:
            seconds, setting = min(seconds, _IMPATIENT), "step_seconds, which is used up"
        try:
            return self._deadline.call(seconds, setting, function, *args)
        except TooSlowError as error:
            self._wasted += error.seconds
            raise

    def uncounted(self) -> AbstractContextManager[None]:
        """Let the clock stand still while bytes are hashed, copied, written or read: nobody's code runs then."""
        return self._deadline.uncounted()

    def rests(self, rest: Rest | None, value: Any) -> bool:
        """Whether a variable is not to be looked at now."""
        return rest is not None and rest.holds(value, everything=self._everything)


def each_of(value: Any) -> Iterator[Any]:
    """Yield a value, and what it directly holds where it is a small builtin container."""
    yield value
    kind = type(value)
    if (kind is list or kind is tuple or kind is dict or kind is set) and len(value) <= _FEW:
        yield from tuple(value.values() if kind is dict else value)


def _glance(value: Any) -> tuple[int, ...]:
    """Return what tells a builtin container from another that got its address."""
    kind = type(value)
    if kind is dict:
        return (len(value), *map(id, islice(value.values(), _GLANCE)))
    if kind is list or kind is tuple:
        return (len(value), *map(id, value[:_GLANCE]))
    return (id(kind),)
