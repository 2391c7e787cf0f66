"""One pass's large containers: found among the values, and cut once, however often they are looked at."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from runtrack_jupyter.state.component import Copies
from runtrack_jupyter.state.kinds.classes import ClassKeys
from runtrack_jupyter.state.kinds.spreads import Picked, Whole
from runtrack_jupyter.state.picks import Picker
from runtrack_jupyter.state.pieces import Spread, is_large, spread
from runtrack_jupyter.state.plain import save

__all__ = ["Cutter", "Place"]

Place = tuple[str, int]
"""A root, and a position directly below it, -1 for itself; or the id of an array inside it."""

_HOLDERS = frozenset({list, tuple, dict})
_FEW = 1 << 10  # more elements are not asked one by one


class Cutter:
    """Cuts containers for one pass; `made` are those that were just loaded from their pieces, by their id."""

    def __init__(self, keys: ClassKeys, copies: Copies, made: Mapping[int, Spread]) -> None:
        self._save = partial(save, keys=keys)
        self._copies = copies
        self._made = made
        self._picker = Picker()
        self._known: dict[int, tuple[object, Spread | None]] = {}  # owners too: no id may mean two of them

    def cut(self, value: Any, owner: object, former: Spread | None) -> Spread | None:
        """Return the pieces of `value`, the elements of `owner`; None where it has none."""
        number = id(owner)
        if number not in self._known:
            made = self._made.get(number) or spread(value, former, self._save, self._copies, owner)
            self._known[number] = owner, made
        return self._known[number][1]

    def among(
        self, roots: tuple[str, ...], values: tuple[Any, ...], former: Mapping[Place, Spread]
    ) -> tuple[dict[Place, Whole], list[Picked]]:
        """Return the large containers among the values, or directly below them, that have pieces.

        Then those that have none of their own, because all their elements are those of one of the others.
        """
        places: dict[int, tuple[Place, Any]] = {}
        for root, value in zip(roots, values, strict=True):
            for number, each in _large_among(value):
                places.setdefault(id(each), ((root, number), each))
        found: dict[Place, Whole] = {}
        picks: list[Picked] = []
        # The longest first: the others may be parts of it.
        for place, each in sorted(places.values(), key=lambda found: -len(found[1])):
            picked = self._picker.picked(each, found.values())
            if picked is not None:
                picks.append(picked)
                continue
            cut = self.cut(each, each, former.get(place))
            if cut is not None:
                found[place] = Whole(each, cut)
        return found, picks


def _large_among(value: Any) -> list[tuple[int, Any]]:
    """Return the containers worth cutting: the value's elements by their position, or itself as number -1."""
    if type(value) in _HOLDERS and len(value) <= _FEW:
        elements = value.values() if type(value) is dict else value
        found = [(number, each) for number, each in enumerate(elements) if is_large(each)]
        if found:
            return found
    return [(-1, value)] if is_large(value) else []
