"""Figures of matplotlib: looking at one must not change it."""

import copyreg
import itertools
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]


def reduce_callbacks(_: "StatePickler", registry: Any) -> Any:
    """Save the callbacks of a figure as matplotlib does, and leave them as they were.

    Its own way takes a number off a counter each time, so that no two looks at one figure would be equal.
    """
    state = registry.__getstate__()
    registry._cid_gen = itertools.count(state["_cid_gen"])
    return copyreg.__newobj__, (type(registry),), state  # type: ignore[attr-defined]  # typeshed leaves it out


REDUCERS: Reducers = {("matplotlib.cbook", "CallbackRegistry"): reduce_callbacks}
