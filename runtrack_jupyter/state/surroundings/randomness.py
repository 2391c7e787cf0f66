"""The generators of random numbers that belong to a module."""

import importlib
import marshal
import pickle
import random
import sys
from typing import Any

from runtrack_jupyter.state.surroundings.place import Seen, seen

__all__ = ["NumpyRandom", "Random"]


class Random:
    """The generator of `random`."""

    def __init__(self) -> None:
        self._seen: tuple[Any, Seen] = (None, seen(None))

    def look(self) -> Seen | None:
        """Return its state."""
        state = random.getstate()
        if state != self._seen[0]:
            self._seen = (state, seen(state))
        return self._seen[1]

    def apply(self, value: Any) -> None:
        """Set its state."""
        random.setstate(value)


class NumpyRandom:
    """The generator behind ``numpy.random``."""

    def __init__(self) -> None:
        self._seen = seen(None)

    def look(self) -> Seen | None:
        """Return its state; None before numpy is there."""
        mtrand = sys.modules.get("numpy.random.mtrand")
        if mtrand is None:
            return None
        state = mtrand._rand.get_state(legacy=False)
        key = marshal.dumps(_plain(state), 2)
        if key != self._seen.key:
            self._seen = Seen(key, pickle.dumps(state, 5))
        return self._seen

    def apply(self, value: bytes) -> None:
        """Set its state."""
        importlib.import_module("numpy.random").set_state(pickle.loads(value))


def _plain(state: Any) -> Any:
    if isinstance(state, dict):
        return [(name, _plain(value)) for name, value in state.items()]
    return state.tobytes() if hasattr(state, "tobytes") else state
