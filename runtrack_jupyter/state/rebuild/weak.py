"""Weak references, proxies and containers, made again."""

import weakref
from collections.abc import Callable
from typing import Any

__all__ = [
    "calling",
    "container",
    "dead_method",
    "dead_proxy",
    "method",
    "reference",
    "set_dict",
    "set_set",
]


class _Gone:
    """Dies as soon as it is made."""

    def method(self) -> None:
        """Be what a dead reference was to."""


def calling(target: object, callback: Callable[[Any], object]) -> "weakref.ref[Any]":
    """Return a weak reference that calls when its target is gone."""
    return weakref.ref(target, callback)


def reference(kind: Any, target: object, callback: Callable[[Any], object] | None) -> Any:
    """Return a weak reference of a class of its own; its attributes follow as state."""
    return weakref.ref.__new__(kind, target, callback)


def method(bound: Any, callback: Callable[[Any], object] | None) -> "weakref.WeakMethod[Any]":
    """Return a weak reference to a bound method."""
    return weakref.WeakMethod(bound, callback)


def dead_method() -> "weakref.WeakMethod[Any]":
    """Return a weak reference to a method of something that is gone."""
    return weakref.WeakMethod(_Gone().method)


def dead_proxy() -> Any:
    """Return a proxy of something that is gone."""
    return weakref.proxy(_Gone())


def container(kind: type) -> Any:
    """Return an empty weak container; what it holds follows as state."""
    return kind()


def set_dict(target: Any, state: tuple[list[tuple[Any, Any]], dict[str, Any]]) -> None:
    """Fill a weak dictionary."""
    entries, own = state
    target.__dict__.update(own)
    target.update(entries)


def set_set(target: Any, state: tuple[list[Any], dict[str, Any]]) -> None:
    """Fill a weak set."""
    elements, own = state
    target.__dict__.update(own)
    target.update(elements)
