"""Large containers whose elements are all elements of another one: saved as their positions in it.

The same documents in another order, a part of them, or in groups: what they have in common is saved once, in the
pieces of the container that holds them all.
"""

import sys
from array import array
from collections.abc import Iterable
from itertools import count
from typing import Any

from runtrack_jupyter.state.kinds.spreads import Picked, Whole
from runtrack_jupyter.state.rebuild.pieces import parts_of

__all__ = ["Picker"]

_KINDS: dict[type, str] = {list: "list", dict: "dict"}


class Picker:
    """Finds, for one pass, the containers whose elements are those of another; that one is kept alive by who asks."""

    def __init__(self) -> None:
        self._indexes: dict[int, tuple[Whole, dict[int, int]]] = {}

    def picked(self, value: Any, wholes: Iterable[Whole]) -> Picked | None:
        """Return what stands for `value` when one of `wholes` holds all its elements; of a dict, its values."""
        kind = _KINDS.get(type(value))
        if kind is None:
            return None
        elements = list(parts_of(value))
        for whole in wholes:
            ties = whole.spread.ties
            if whole.spread.kind == "set" or id(elements[0]) not in ties or id(elements[-1]) not in ties:
                continue  # a glance, before millions are looked up
            index = self._index(whole)
            try:
                positions = array("I", map(index.__getitem__, map(id, elements)))
            except KeyError:
                continue
            if sys.byteorder == "big":
                positions.byteswap()
            return Picked(value, whole, kind, positions)
        return None

    def _index(self, whole: Whole) -> dict[int, int]:
        number = id(whole.value)
        if number not in self._indexes:
            self._indexes[number] = whole, dict(zip(map(id, parts_of(whole.value)), count(), strict=False))
        return self._indexes[number][1]
