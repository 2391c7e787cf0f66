"""Functions, code, modules and references, made again."""

import ctypes
import functools
import importlib
import marshal
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any

__all__ = [
    "attribute",
    "cached",
    "cell",
    "code",
    "fill_cell",
    "function",
    "known_module",
    "module",
    "own_dict",
    "own_module",
    "set_attributes",
    "set_cell",
    "set_function",
    "weak",
    "weak_dead",
]


def code(marshalled: bytes) -> types.CodeType:
    """Return a code object; only the Python version that wrote it can read it."""
    loaded = marshal.loads(marshalled)  # noqa: S302 - as trusted as the pickle it came in
    if not isinstance(loaded, types.CodeType):
        message = f"expected code, found {type(loaded).__name__}"
        raise TypeError(message)
    return loaded


def cell() -> types.CellType:
    """Return an empty closure cell; its contents follow as state, so that cycles close."""
    return types.CellType()


def fill_cell(target: types.CellType, contents: tuple[object]) -> None:
    """Fill a closure cell."""
    (target.cell_contents,) = contents


def set_cell(target: types.CellType, contents: object) -> None:
    """Fill a closure cell, as streams had it before `fill_cell`: contents that are None got lost."""
    target.cell_contents = contents


def function(
    body: types.CodeType,
    space: dict[str, Any] | types.ModuleType,
    name: str,
    closure: tuple[types.CellType, ...] | None,
) -> types.FunctionType:
    """Return a function whose globals are `space`: the live namespace, a module's, or a dict of its own."""
    names = space.__dict__ if isinstance(space, types.ModuleType) else space
    return types.FunctionType(body, names, name, None, closure)


def set_function(target: types.FunctionType, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Give a function its attributes and its ``__dict__``."""
    attributes, own = state
    for name, value in attributes.items():
        setattr(target, name, value)
    target.__dict__.update(own)


def module(name: str) -> types.ModuleType:
    """Import a module by name."""
    return importlib.import_module(name)


def attribute(owner: object, path: str) -> Any:
    """Return what lies at a dotted path below `owner`."""
    for part in path.split("."):
        owner = getattr(owner, part)
    return owner


def cached(function: Callable[..., Any], maxsize: int | None, typed: bool) -> Any:
    """Return a function behind an empty ``lru_cache``: what was cached is computed again."""
    return functools.lru_cache(maxsize, typed)(function)


def set_attributes(target: Any, own: dict[str, Any]) -> None:
    """Give an object its ``__dict__``."""
    target.__dict__.update(own)


def own_dict(target: Any, own: dict[str, Any]) -> None:
    """Give an object this very dict as its ``__dict__``: others hold it too."""
    try:
        target.__dict__ = own
    except AttributeError:  # of a namespace of `types`, for Python code
        ctypes.pythonapi.PyObject_GenericSetDict(ctypes.py_object(target), ctypes.py_object(own), None)


def own_module(name: str) -> types.ModuleType:
    """Return a module that was made by hand and cannot be imported; its names follow as state."""
    return types.ModuleType(name)


def known_module(name: str) -> types.ModuleType:
    """Return a module made by hand that ``import`` finds all the same; its names follow as state."""
    made = sys.modules[name] = types.ModuleType(name)
    return made


def weak(target: object) -> "weakref.ref[Any]":
    """Return a weak reference."""
    return weakref.ref(target)


def weak_dead() -> "weakref.ref[Any]":
    """Return a weak reference to something that is gone."""
    return weakref.ref(type("Gone", (), {})())
