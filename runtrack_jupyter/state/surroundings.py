"""State that is no variable: the generators of `random` and numpy, the working directory, and their like.

Each place is a root with a reserved name. Looking is cheap enough to do after every cell.
"""

import importlib
import os
import pickle
import random
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from runtrack_jupyter.state.ledger import NOTHING

__all__ = ["PLACES", "apply", "surroundings"]


class _Place(NamedTuple):
    """How to look at one place, as a value that compares by content (`NOTHING`: not here), and bring it back."""

    look: Callable[[], Any]
    apply: Callable[[Any], object]


def _numpy_state() -> Any:
    mtrand = sys.modules.get("numpy.random.mtrand")
    return NOTHING if mtrand is None else pickle.dumps(mtrand._rand.get_state(legacy=False), 5)


def _set_numpy_state(state: bytes) -> None:
    importlib.import_module("numpy.random").set_state(pickle.loads(state))


def _cwd() -> Any:
    try:
        return os.getcwd()  # noqa: PTH109 - a str is what is saved
    except FileNotFoundError:  # a directory that is gone: nothing to come back to
        return NOTHING


_TABLE = {
    "@cwd": _Place(_cwd, os.chdir),
    "@rng.numpy": _Place(_numpy_state, _set_numpy_state),
    "@rng.random": _Place(random.getstate, random.setstate),
}

PLACES = frozenset(_TABLE)


def surroundings() -> dict[str, Any]:
    """Return the state of each place, as values that compare by content."""
    looks = ((root, place.look()) for root, place in _TABLE.items())
    return {root: value for root, value in looks if value is not NOTHING}


def apply(root: str, value: Any) -> str:
    """Bring one back; returns why not, or an empty string."""
    try:
        _TABLE[root].apply(value)
    except (OSError, ImportError, ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return ""
