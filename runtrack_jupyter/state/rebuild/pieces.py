"""Large plain containers, made again from their pieces."""

from itertools import islice
from typing import Any

from runtrack_jupyter.state.rebuild import Loader

__all__ = ["BOUND", "gathered", "inside"]

BOUND = frozenset({"gathered"})


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
    """Return the object inside `value` at a position on each level; of a dict, among its values."""
    for position in path:
        value = next(islice(value.values(), position, None)) if type(value) is dict else value[position]
    return value
