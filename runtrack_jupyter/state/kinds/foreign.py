"""Memory that a library borrowed from an array: whose it is can only be told by its address."""

import gc
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

__all__ = ["Lenders"]

_MOST = 100_000  # objects that are searched for arrays
_HEAP_TYPE = (
    1 << 9
)  # of `type.__flags__`: made by a class statement, or by a library that could have used one
_CONTAINERS = frozenset({dict, list, tuple, set})
_CLOSED = (ModuleType, type, FunctionType)  # they lead to everything there is


class Lenders:
    """The arrays of the notebook that own memory, by address; for one pass, within which nothing moves.

    Whoever lends memory to another library mostly keeps the array in a variable: those are found at once. A
    thorough search goes through whatever variables hold, up to a limit; `beyond` says that there was more.
    """

    def __init__(self) -> None:
        self._near: _Index | None = None
        self._all: _Index | None = None
        self.beyond = False

    def owner_of(
        self, namespace: Mapping[str, Any], start: int, size: int, *, thorough: bool = False
    ) -> tuple[Any, int] | None:
        """Return the array that owns the memory, and how far into it; None where none is found."""
        numpy = sys.modules.get("numpy")
        if numpy is None:
            return None
        if self._near is None:
            self._near = _Index(_owners(namespace.values(), numpy))
        found = self._near.at(start, size)
        if found is not None or not thorough:
            return found
        if self._all is None:
            self._all = _Index(_owners(self._reached(namespace), numpy))
        return self._all.at(start, size)

    def _reached(self, namespace: Mapping[str, Any]) -> Iterable[Any]:
        seen = {id(namespace)}
        level = list(namespace.values())
        while level:
            yield from level
            followed = [each for each in level if id(each) not in seen and _is_followed(type(each))]
            seen.update(map(id, followed))
            self.beyond = len(seen) > _MOST
            level = [] if self.beyond else gc.get_referents(*followed)
            self.beyond = self.beyond or len(level) > 10 * _MOST
            if self.beyond:
                return


def _is_followed(kind: type) -> bool:
    if kind in _CONTAINERS:
        return True
    return bool(kind.__flags__ & _HEAP_TYPE) and not issubclass(kind, _CLOSED)


class _Index:
    def __init__(self, arrays: Iterable[Any]) -> None:
        extents = {_start(each): each for each in arrays if not each.dtype.hasobject and each.flags.forc}
        self._starts = sorted(extents)
        self._arrays = [extents[start] for start in self._starts]

    def at(self, start: int, size: int) -> tuple[Any, int] | None:
        place = bisect_right(self._starts, start) - 1
        if place < 0:
            return None
        first, array = self._starts[place], self._arrays[place]
        return (array, start - first) if start + size <= first + array.nbytes else None


def _start(array: Any) -> int:
    start: int = array.__array_interface__["data"][0]
    return start


def _owners(values: Iterable[Any], numpy: Any) -> Iterator[Any]:
    """Yield the arrays that own the memory of those among the values."""
    pandas: Any = sys.modules.get("pandas")
    frames = (pandas.DataFrame, pandas.Series) if hasattr(pandas, "Series") else ()
    for value in tuple(values):
        kind = type(value)
        if issubclass(kind, numpy.ndarray):
            arrays = [value]
        elif issubclass(kind, frames):
            arrays = [block.values for block in value._mgr.blocks if isinstance(block.values, numpy.ndarray)]
        else:
            continue
        for array in arrays:
            while isinstance(array.base, numpy.ndarray):
                array = array.base
            if array.base is None:
                yield array
