"""Iterators, wherever they stand: what they go through is saved with them, not copied.

Most of Python's own reduce themselves. Those of `itertools` do so with a warning, and no longer from Python 3.14
on: there, what the garbage collector sees of them tells enough for some; the others are gaps.
"""

import gc
import itertools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Handler, Reducers
from runtrack_jupyter.state.rebuild import iterators as rebuild
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS", "by_referents"]


def _inside(iterator: Any) -> list[Any]:
    """Return what an iterator holds, in the order of its structure in C, which is the same in all versions."""
    kind = type(iterator)
    return [each for each in gc.get_referents(iterator) if each is not kind]


def reduce_of_itertools(_pickler: "StatePickler", iterator: Any) -> Any:
    """Reduce an iterator of `itertools` as it does itself, or by what can be seen of it."""
    if type(iterator).__name__ in _ALWAYS or sys.version_info >= (3, 14):
        return by_referents(iterator)
    with rebuild.unwarned():
        make, made_of, *state = iterator.__reduce__()
    if not state or state[0] is None:
        return make, made_of
    return make, made_of, state[0], None, None, rebuild.set_iterator


def by_referents(iterator: Any) -> Any:
    """Reduce an iterator of `itertools` without its help."""
    name = type(iterator).__name__
    reduce = _BY_REFERENTS.get(name)
    reduced = reduce(iterator, _inside(iterator)) if reduce is not None else None
    if reduced is None:
        raise CannotSaveError(f"an iterator of itertools.{name}")
    return reduced


def _count(iterator: Any, inside: list[Any]) -> Any:
    if len(inside) == 2:
        return itertools.count, tuple(inside)
    return itertools.count, (int(repr(iterator)[len("count(") : -1]),)  # a counter in C, by ones


def _repeat(iterator: Any, inside: list[Any]) -> Any:
    try:
        return itertools.repeat, (inside[0], iterator.__length_hint__())
    except TypeError:  # forever
        return itertools.repeat, (inside[0],)


def _cycle(_iterator: Any, inside: list[Any]) -> Any:
    return (rebuild.cycle, tuple(inside)) if len(inside) == 2 else None


def _chain(_iterator: Any, inside: list[Any]) -> Any:
    return rebuild.chain, tuple(inside)


def _plain(make: Callable[..., Any], *order: int) -> Callable[[Any, list[Any]], Any]:
    def reduce(_iterator: Any, inside: list[Any]) -> Any:
        return (make, tuple(inside[index] for index in order)) if len(inside) == len(order) else None

    return reduce


def _accumulate(_iterator: Any, inside: list[Any]) -> Any:
    *begun, initial = inside
    if len(begun) == 1 or (len(begun) == 2 and not _is_iterator(begun[0])):
        function, source = (None, *begun)[-2:]
        return rebuild.accumulate, (source, function, initial)
    if len(begun) == 2 and not callable(begun[0]):
        return rebuild.accumulate_on, (begun[0], None, begun[1])
    return (rebuild.accumulate_on, (begun[1], begun[0], begun[2])) if len(begun) == 3 else None


def _is_iterator(value: Any) -> bool:
    return hasattr(type(value), "__next__")


def _zip_longest(_iterator: Any, inside: list[Any]) -> Any:
    # A source that ran out is a hole in the tuple: looking at it would crash, and which it was is unknown.
    sources = inside[0]
    if len(gc.get_referents(sources)) < len(sources):
        return None
    return rebuild.zip_longest, (list(sources), inside[-1])


def _pairwise(_iterator: Any, inside: list[Any]) -> Any:
    begun = len(inside) - len(_inside(itertools.pairwise(())))
    if begun < 0:
        return itertools.pairwise, ((),)
    return rebuild.pairwise, (inside[0], inside[1 : 1 + begun])


_ALWAYS = frozenset({"pairwise", "batched"})  # reduce themselves in no version
_BY_REFERENTS: dict[str, Callable[[Any, list[Any]], Any]] = {
    "accumulate": _accumulate,
    "chain": _chain,
    "compress": _plain(itertools.compress, 0, 1),
    "count": _count,
    "cycle": _cycle,
    "filterfalse": _plain(itertools.filterfalse, 1, 0),
    "pairwise": _pairwise,
    "repeat": _repeat,
    "starmap": _plain(itertools.starmap, 1, 0),
    "zip_longest": _zip_longest,
}
_OTHERS = (
    "batched",
    "combinations",
    "combinations_with_replacement",
    "dropwhile",
    "groupby",
    "_grouper",
    "islice",
    "permutations",
    "product",
    "takewhile",
    "_tee",
    "_tee_dataobject",
)


def _over_dict(view: str, *, backwards: bool) -> Handler:
    def reduce(_pickler: "StatePickler", iterator: Any) -> Any:
        inside = [each for each in gc.get_referents(iterator) if isinstance(each, dict)]
        if not inside:
            return rebuild.over_dict, ({}, view, backwards, 0)
        left = iterator.__length_hint__()
        if not left and _refuses(iterator):
            raise CannotSaveError("an iterator over a dict that has changed since")
        return rebuild.over_dict, (inside[0], view, backwards, len(inside[0]) - left)

    return reduce


def _refuses(iterator: Any) -> bool:
    """Tell whether an iterator over a dict would raise; it is copied, and does not move."""
    try:
        iterator.__reduce__()
    except RuntimeError:
        return True
    return False


def reduce_loose(pickler: "StatePickler", _iterator: Any) -> Any:
    """Leave an iterator to pickle, which saves the elements that are left, and not what it goes through."""
    pickler.note_rebuilt("an iterator, over a copy of the elements that were left")
    return NotImplemented


REDUCERS: Reducers = {
    **{("itertools", name): reduce_of_itertools for name in (*_BY_REFERENTS, *_OTHERS)},
    ("builtins", "dict_keyiterator"): _over_dict("keys", backwards=False),
    ("builtins", "dict_valueiterator"): _over_dict("values", backwards=False),
    ("builtins", "dict_itemiterator"): _over_dict("items", backwards=False),
    ("builtins", "dict_reversekeyiterator"): _over_dict("keys", backwards=True),
    ("builtins", "dict_reversevalueiterator"): _over_dict("values", backwards=True),
    ("builtins", "dict_reverseitemiterator"): _over_dict("items", backwards=True),
    ("builtins", "set_iterator"): reduce_loose,
    ("builtins", "odict_iterator"): reduce_loose,
}
