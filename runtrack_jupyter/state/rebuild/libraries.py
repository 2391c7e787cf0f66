"""Objects of libraries, made again without the constructors that would ask for more than is known yet."""

import importlib
import io
from collections import defaultdict
from typing import Any

__all__ = ["container", "font", "of_keras", "response", "set_container", "set_with_attributes"]


def container(kind: Any, base: Any) -> Any:
    """Return an empty instance of a subclass of list, dict or set; its items and attributes follow as state."""
    return base.__new__(kind)


def set_container(target: Any, state: tuple[list[Any], dict[str, Any], Any]) -> None:
    """Fill it, by the methods of the builtin type."""
    items, own, factory = state
    if isinstance(target, defaultdict):
        target.default_factory = factory
    target.__dict__.update(own)
    if isinstance(target, dict):
        dict.update(target, items)
    elif isinstance(target, list):
        list.extend(target, items)
    else:
        set.update(target, items)


def response(kind: Any) -> Any:
    """Return an empty response to a request; its attributes follow as state."""
    made = kind.__new__(kind)
    made.raw = None
    return made


def set_with_attributes(target: Any, state: tuple[Any, dict[str, Any]]) -> None:
    """Give an object of C its state, and then its attributes."""
    inside, own = state
    target.__setstate__(inside)
    target.__dict__.update(own)


def of_keras(kind: Any, archive: bytes) -> Any:
    """Return what keras has saved as an archive."""
    return kind._unpickle_model(io.BytesIO(archive))


def font(kind: Any, data: bytes, settings: tuple[Any, ...]) -> Any:
    """Return a font from its bytes."""
    importlib.import_module("PIL.ImageFont")
    return kind(io.BytesIO(data), *settings)
