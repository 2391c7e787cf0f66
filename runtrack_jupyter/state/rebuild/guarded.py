"""Instances made and filled by the classes they are built on, so that no code of their own runs."""

import sys
from collections import deque
from typing import Any

__all__ = ["holder", "set_holder", "set_state", "value"]


def value(kind: type, base: Any, made_of: tuple[Any, ...]) -> Any:
    """Return an instance of a subclass of `int`, `str`, `tuple` …; its attributes follow as state."""
    return base.__new__(kind, *made_of)


def holder(kind: Any, base: Any, made_of: tuple[Any, ...]) -> Any:
    """Return an empty instance of a subclass of `dict`, `list`, `set` …; what it holds follows as state."""
    made = base.__new__(kind)
    if made_of:
        base.__init__(made, *(((), *made_of) if base is deque else made_of))
    return made


def set_holder(target: Any, state: tuple[Any, Any]) -> None:
    """Fill a container, and give it its attributes."""
    content, own = state
    base: Any = next(each for each in type(target).__mro__ if each.__module__ in ("builtins", "collections"))
    if issubclass(base, dict):
        for key, each in content:
            _setitem(base)(target, key, each)
    elif issubclass(base, set):
        set.update(target, content)
    elif base is bytearray:
        bytearray.extend(target, content)
    else:
        base.extend(target, content)
    if own is not None:
        set_state(target, own)


def _setitem(base: Any) -> Any:
    return next(vars(each)["__setitem__"] for each in base.__mro__ if "__setitem__" in vars(each))


def set_state(target: Any, state: Any) -> None:
    """Give an instance its attributes without asking it."""
    if state is ...:
        target.__dict__ = target
        return
    own, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
    if own:
        names = {sys.intern(name) if type(name) is str else name: each for name, each in own.items()}
        object.__getattribute__(target, "__dict__").update(names)
    for name, each in (slots or {}).items():
        object.__setattr__(target, name, each)
