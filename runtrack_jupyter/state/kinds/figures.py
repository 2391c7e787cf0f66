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


def reduce_figure(_: "StatePickler", figure: Any) -> Any:
    """Save a figure without the wish to be shown by pyplot: making it again must open no window.

    Which figures pyplot shows, and which is the current one, is state of its own.
    """
    make, made_of, state, *rest = figure.__reduce_ex__(5)
    if isinstance(state, dict):
        state.pop("_restore_to_pylab", None)
    return make, made_of, state, *rest


REDUCERS: Reducers = {
    ("matplotlib.cbook", "CallbackRegistry"): reduce_callbacks,
    ("matplotlib.figure", "Figure"): reduce_figure,
}
