"""State that is no variable: the generators of `random` and numpy, and the working directory.

Each is a root with a reserved name. Looking is cheap enough to do after every cell.
"""

import contextlib
import importlib
import os
import pickle
import random
import sys
from typing import Any

__all__ = ["CWD", "PLACES", "RANDOM", "apply", "surroundings"]

RANDOM = "@rng.random"
NUMPY = "@rng.numpy"
CWD = "@cwd"
PLACES = frozenset({RANDOM, NUMPY, CWD})


def surroundings() -> dict[str, Any]:
    """Return the state of each, as values that compare by content."""
    found: dict[str, Any] = {RANDOM: random.getstate()}
    mtrand = sys.modules.get("numpy.random.mtrand")
    if mtrand is not None:
        found[NUMPY] = pickle.dumps(mtrand._rand.get_state(legacy=False), 5)
    with contextlib.suppress(FileNotFoundError):  # a directory that is gone: nothing to come back to
        found[CWD] = os.getcwd()  # noqa: PTH109 - a str is what is saved
    return found


def apply(root: str, value: Any) -> str:
    """Bring one back; returns why not, or an empty string."""
    try:
        if root == RANDOM:
            random.setstate(value)
        elif root == NUMPY:
            importlib.import_module("numpy.random").set_state(pickle.loads(value))
        else:
            os.chdir(value)
    except (OSError, ImportError, ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return ""
