"""Large plain containers in a stream: a reference to their pieces, which lie beside it."""

from array import array
from typing import TYPE_CHECKING, Any

import msgspec

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.pieces import Spread
from runtrack_jupyter.state.rebuild import pieces as rebuild

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS", "Inside", "Picked", "Whole"]


class Whole(msgspec.Struct, eq=False):
    """Stands for a container that is saved in pieces."""

    value: Any
    spread: Spread


class Inside(msgspec.Struct, eq=False):
    """Stands for an object inside such a container that others refer to as well."""

    whole: Whole
    path: tuple[int, ...]
    value: Any


class Picked(msgspec.Struct, eq=False):
    """Stands for a container whose elements are those of such a container, at these positions."""

    value: Any
    whole: Whole
    kind: str
    positions: "array[int]"


def reduce_whole(pickler: "StatePickler", whole: Whole) -> Any:
    """Reduce the container to its pieces."""
    first = pickler.add_pieces(whole.spread.pieces)
    return rebuild.gathered, (whole.spread.kind, first, whole.spread.counts)


def reduce_inside(_pickler: "StatePickler", inside: Inside) -> Any:
    """Reduce the object to the way to it."""
    return rebuild.inside, (inside.whole, inside.path)


def reduce_picked(pickler: "StatePickler", picked: Picked) -> Any:
    """Reduce the container to the positions of its elements, and its keys."""
    index = pickler.add_buffer(memoryview(picked.positions).cast("B"))
    keys = tuple(picked.value) if picked.kind == "dict" else None
    return rebuild.picked, (picked.whole, index, len(picked.positions), keys)


REDUCERS: Reducers = {
    (Whole.__module__, Whole.__qualname__): reduce_whole,
    (Inside.__module__, Inside.__qualname__): reduce_inside,
    (Picked.__module__, Picked.__qualname__): reduce_picked,
}
