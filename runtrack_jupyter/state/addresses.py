"""The addresses of many objects at once: whether they are the same ones is then a comparison of bytes."""

import sys
from array import array
from collections.abc import Callable
from ctypes import c_void_p, sizeof, string_at
from typing import Any

__all__ = ["pointers"]


def _read(objects: tuple[Any, ...]) -> bytes:
    return string_at(id(objects) + tuple.__basicsize__, len(objects) * _WIDTH)


def _collect(objects: tuple[Any, ...]) -> bytes:
    return array("Q", map(id, objects)).tobytes()


_WIDTH = sizeof(c_void_p)


def _choose() -> Callable[[tuple[Any, ...]], bytes]:
    """Return what reads the addresses of a tuple's elements: at memory speed where a trial shows that it is right."""
    trial = (None, "a", 1.5)
    addresses = array("Q", map(id, trial)).tobytes()
    if sys.implementation.name == "cpython" and _WIDTH == 8 and _read(trial) == addresses:
        return _read
    return _collect


pointers = _choose()
"""Return the addresses of a tuple's elements, as bytes."""
