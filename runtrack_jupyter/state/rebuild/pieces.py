"""Large plain containers, made again from their pieces."""

import sys
from array import array
from collections.abc import Iterable
from itertools import islice
from typing import Any

from runtrack_jupyter.state.rebuild import Loader

__all__ = ["BOUND", "gathered", "inside", "parts_of", "picked"]

BOUND = frozenset({"gathered", "picked"})


def gathered(loader: Loader, kind: str, first: int, counts: tuple[int, ...]) -> Any:
    """Return a list, set or dict of the elements in buffers `first` and following, `counts` in each.

    Each buffer is the pickle of a tuple: elements; of a dict, keys and then values.
    """
    parts = [loader.piece(first + index) for index in range(len(counts))]
    made: Any
    if kind == "dict":
        made = {}
        for part, count in zip(parts, counts, strict=True):
            made.update(zip(part[:count], part[count:], strict=True))
    else:
        made = {"list": list, "set": set}[kind]()
        for part in parts:
            (made.extend if kind == "list" else made.update)(part)
    loader.gathered(made, first, counts)
    return made


def inside(value: Any, path: tuple[int, ...]) -> Any:
    """Return the object inside `value` at a position on each level."""
    for position in path:
        value = next(islice(parts_of(value), position, None))
    return value


def picked(loader: Loader, value: Any, index: int, length: int, keys: tuple[Any, ...] | None) -> Any:
    """Return a list of elements of `value`, or a dict of them by `keys`.

    Buffer `index` holds their positions, little-endian in four bytes each.
    """
    positions = array("I", bytes(length * 4))
    loader.fill(index, memoryview(positions).cast("B"))
    if sys.byteorder == "big":
        positions.byteswap()
    elements = list(map(list(parts_of(value)).__getitem__, positions))
    return elements if keys is None else dict(zip(keys, elements, strict=True))


def parts_of(value: Any) -> Iterable[Any]:
    """Return what a container of plain data holds, in order: of a dict its values, of an instance its `__dict__`."""
    if type(value) is dict:
        return value.values()
    if isinstance(value, (list, tuple)):
        return value
    return (value.__dict__,) if hasattr(value, "__dict__") and not isinstance(value, type) else ()
