"""Large plain containers in a stream: a reference to their pieces, which lie beside it."""

from typing import TYPE_CHECKING, Any

import msgspec

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.pieces import Spread
from runtrack_jupyter.state.rebuild import pieces as rebuild

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS", "Inside", "Whole"]


class Whole(msgspec.Struct, eq=False):
    """Stands for a container that is saved in pieces."""

    value: Any
    spread: Spread


class Inside(msgspec.Struct, eq=False):
    """Stands for an object inside such a container that others refer to as well."""

    whole: Whole
    path: tuple[int, ...]
    value: Any


def reduce_whole(pickler: "StatePickler", whole: Whole) -> Any:
    """Reduce the container to its pieces."""
    first = pickler.add_pieces(whole.spread.pieces)
    return rebuild.gathered, (whole.spread.kind, first, whole.spread.counts)


def reduce_inside(_pickler: "StatePickler", inside: Inside) -> Any:
    """Reduce the object to the way to it."""
    return rebuild.inside, (inside.whole, inside.path)


REDUCERS: Reducers = {
    (Whole.__module__, Whole.__qualname__): reduce_whole,
    (Inside.__module__, Inside.__qualname__): reduce_inside,
}
