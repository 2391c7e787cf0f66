"""The generators of random numbers that belong to a module: their state is a root of its own."""

import random
import sys
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild.code import attribute

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]


def reduce_shared(_pickler: "StatePickler", generator: Any) -> Any:
    """Reduce the one generator of a module to its place, and leave others to pickle."""
    if generator is getattr(random, "_inst", None):
        return attribute, (random, "_inst")
    mtrand = sys.modules.get("numpy.random.mtrand")
    if mtrand is not None and generator is mtrand._rand:
        return attribute, (mtrand, "_rand")
    return NotImplemented


REDUCERS: Reducers = {
    ("random", "Random"): reduce_shared,
    ("numpy.random.mtrand", "RandomState"): reduce_shared,
}
