"""Figures of matplotlib: looking at one must not change it."""

import copyreg
import itertools
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]


def reduce_callbacks(_: "StatePickler", registry: Any) -> Any:
    """Save who is told of changes, as matplotlib saves only some of them, and leave the counter as it was.

    Its own way takes a number off it each time, so that no two looks at one figure would be equal. Without all the
    others a colour bar would no longer follow its image. What belongs to a window stays with the window.
    """
    state = registry.__getstate__()
    registry._cid_gen = itertools.count(state["_cid_gen"])
    told = {
        signal: {number: proxy() for number, proxy in proxies.items()}
        for signal, proxies in registry.callbacks.items()
    }
    state["callbacks"] = {
        signal: {number: each for number, each in calls.items() if not _of_a_window(each)}
        for signal, calls in told.items()
    }
    return copyreg.__newobj__, (type(registry),), state  # type: ignore[attr-defined]  # typeshed leaves it out


_WINDOWS = ("matplotlib.backend", "matplotlib.pyplot", "matplotlib_inline", "ipympl")


def _of_a_window(call: Any, depth: int = 3) -> bool:
    """Tell whether a callback is gone, or reaches what shows the figure."""
    if call is None or depth == 0:
        return call is None
    owner = getattr(call, "__self__", None)
    module = getattr(call if owner is None else type(owner), "__module__", None) or ""
    if module.startswith(_WINDOWS):
        return True
    inside = [cell.cell_contents for cell in getattr(call, "__closure__", None) or ()]
    inside += [getattr(call, "func", None), *getattr(call, "args", ())]
    return any(callable(each) and _of_a_window(each, depth - 1) for each in inside)


def reduce_artist(_: "StatePickler", artist: Any) -> Any:
    """Save an artist with whom it tells that it must be drawn again, which matplotlib forgets."""
    make, made_of, state, *rest = artist.__reduce_ex__(5)
    if isinstance(state, dict) and not _of_a_window(artist.stale_callback):
        state["stale_callback"] = artist.stale_callback
    return make, made_of, state, *rest


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
    ("matplotlib.artist", "Artist"): reduce_artist,
    ("matplotlib.figure", "Figure"): reduce_figure,
}
