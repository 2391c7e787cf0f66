"""What came back, compared with the census of what was saved.

Nothing is compared by ``==``, which would run the user's code: types by name, numbers and texts by value, objects
by their parts.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from runtrack_jupyter.state.ledger import NOTHING
from runtrack_jupyter.state.roundtrip.anatomy import Anatomy, Contents, detail_of, is_atom, named
from runtrack_jupyter.state.roundtrip.census import (
    Again,
    Atom,
    Census,
    Entry,
    Items,
    Kind,
    Pairs,
    Ref,
    Sketch,
    Thing,
    Unordered,
    atom_of,
    sketch_of,
)

__all__ = ["Difference", "differences"]


class Difference(msgspec.Struct, frozen=True):
    """One part of a custom object that did not come back as it was.

    `came_back` is the object that came back, to tell harmless differences by. `part` is "" where the object as a
    whole is another one.
    """

    type: str  # of the object that was saved
    part: str
    what: Literal["lost", "added", "changed", "replaced"]
    came_back: Any
    was: Sketch | None = None


def differences(census: Census, memo: Mapping[int, Any]) -> list[Difference]:
    """Compare what was saved with what an unpickler's memo holds now."""
    comparison = _Comparison(memo)
    return [found for entry in census for found in comparison.of(entry)]


class _Comparison:
    """Compares the entries of one census; an object described once is the same object wherever it comes again."""

    def __init__(self, memo: Mapping[int, Any]) -> None:
        self._memo = memo
        self._again: dict[int, Any] = {}

    def of(self, entry: Entry) -> list[Difference]:
        """Return in which parts an object differs."""
        value = self._memo.get(entry.index, NOTHING)
        kind = entry.type
        if named(type(value)) != kind:
            return [Difference(kind, "", "replaced", value)]
        anatomy = Anatomy(type(value))
        parts = dict(anatomy.parts(value))
        found = [
            Difference(kind, part, "lost" if part not in parts else "changed", value, sketch)
            for part, sketch in entry.parts.items()
            if part not in {"[]", "="} and not (part in parts and self._same(sketch, parts[part]))
        ]
        found += [Difference(kind, part, "added", value) for part in parts if part not in entry.parts]
        contents = anatomy.contents(value)
        for part in {"[]", "="} & entry.parts.keys():
            sketch = entry.parts[part]
            if contents is None or not self._holds(sketch, contents):
                found.append(Difference(kind, part, "changed", value, sketch))
        return found

    def _same(self, sketch: Sketch, value: Any) -> bool:
        if isinstance(sketch, Atom):
            return is_atom(value) and atom_of(value) == sketch
        if isinstance(sketch, Ref):
            held = self._memo.get(sketch.number, NOTHING)
            return value is held or sketch_of(value) == sketch_of(held)
        if isinstance(sketch, Again):
            return self._again.get(sketch.number, value) is value
        if isinstance(sketch, Kind):
            return named(type(value)) == sketch.type and sketch.detail in {"", detail_of(value)}
        if sketch.number >= 0:
            self._again[sketch.number] = value
        if isinstance(sketch, Thing):
            return named(type(value)) == sketch.type and self._has(sketch, value)
        if type(value).__name__ != sketch.type:
            return False
        contents = Anatomy(type(value)).contents(value)
        return contents is not None and self._holds(sketch, contents)

    def _has(self, sketch: Thing, value: Any) -> bool:
        anatomy = Anatomy(type(value))
        parts = dict(anatomy.parts(value))
        contents = anatomy.contents(value)
        own = {part for part in sketch.parts if part not in {"[]", "="}}
        return (
            own == parts.keys()
            and all(self._same(sketch.parts[part], parts[part]) for part in own)
            and all(
                contents is not None and self._holds(sketch.parts[part], contents)
                for part in sketch.parts.keys() - own
            )
        )

    def _holds(self, sketch: Sketch, contents: Contents) -> bool:
        items = contents.items
        if isinstance(sketch, Atom):
            return atom_of(contents.atom) == sketch
        if not isinstance(sketch, (Items, Unordered, Pairs)) or len(items) != sketch.length:
            return False
        if isinstance(sketch, Items):
            return all(self._same(was, now) for was, now in zip(sketch.items, items, strict=False))
        if isinstance(sketch, Pairs):
            return all(
                self._same(was[0], now[0]) and self._same(was[1], now[1])
                for was, now in zip(sketch.items, items, strict=False)
            )
        return not sketch.items or self._matched(sketch.items, items)

    def _matched(self, sketches: tuple[Sketch, ...], items: Any) -> bool:
        """Tell whether each element of a set is found again, in whatever order."""
        left = list(items)
        for sketch in sketches:
            for number, value in enumerate(left):
                if self._same(sketch, value):
                    del left[number]
                    break
            else:
                return False
        return True
