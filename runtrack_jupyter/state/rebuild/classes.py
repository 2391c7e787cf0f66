"""Classes of the notebook, made again without running what ran when they were defined."""

import types
from abc import ABCMeta, _abc_init  # type: ignore[attr-defined]  # not in typeshed
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from runtrack_jupyter.state.rebuild import Loader

__all__ = ["BOUND", "known_class", "new_class", "new_enum", "set_class", "set_enum"]

BOUND = frozenset({"known_class", "new_class", "new_enum"})


def known_class(loader: Loader, key: str) -> type:
    """Return the notebook class with that key."""
    return loader.class_of(key)


def new_class(
    loader: Loader,
    key: str,
    metaclass: type,
    name: str,
    bases: tuple[type, ...],
    body: dict[str, Any],
    names: tuple[str, ...],
) -> type:
    """Return a class that has its bases and slots; the rest follows as state.

    `names` are the attributes of its body in their order, which setting them later does not change.
    Neither the metaclass's own ``__new__`` nor ``__init_subclass__`` nor ``__set_name__`` runs: they ran when
    the user defined the class, and what they did is part of the state.
    """
    early = loader.early_class(key)
    if early is not None:
        return early
    with _quiet_bases(bases):
        try:
            empty = {**dict.fromkeys(names), **body}
            made: type = type.__new__(cast("Any", metaclass), name, bases, empty)
        except TypeError:  # metaclasses written in C insist on their own constructor
            made = types.new_class(name, bases, {"metaclass": metaclass}, lambda space: space.update(body))
    if isinstance(made, ABCMeta):
        _abc_init(made)  # all that ABCMeta.__new__ does besides
    loader.made_class(key, made)
    return made


@contextmanager
def _quiet_bases(bases: tuple[type, ...]) -> Iterator[None]:
    """Keep ``__init_subclass__`` of the bases from running, for the moment in which a class is made."""
    found = {each: vars(each).get("__init_subclass__") for base in bases for each in base.__mro__[:-1]}
    loud = {each: hook for each, hook in found.items() if hook is not None}
    changed = []
    try:
        for each in loud:
            with suppress(TypeError):  # a type written in C: it stays as it is
                # Replaced in place, not removed: the order of a class's attributes is part of its state.
                type.__setattr__(each, "__init_subclass__", classmethod(_nothing))
                changed.append(each)
        yield
    finally:
        for each in changed:
            type.__setattr__(each, "__init_subclass__", loud[each])


def _nothing(_cls: type, /, **_arguments: object) -> None:
    """Stand in for ``__init_subclass__``."""


def set_class(target: type, state: tuple[dict[str, Any], list[type]]) -> None:
    """Give a class its attributes in their order, and the virtual subclasses registered with it."""
    attributes, registered = state
    for name, value in attributes.items():
        type.__setattr__(target, name, value)
    for subclass in registered:
        ABCMeta.register(target, subclass)  # type: ignore[arg-type]  # only ABCs have any


def new_enum(
    loader: Loader,
    key: str,
    metaclass: Any,
    name: str,
    bases: tuple[type, ...],
    members: dict[str, Any],
) -> type:
    """Return an enumeration with its members, aliases too; the rest follows as state."""
    early = loader.early_class(key)
    if early is not None:
        return early
    body = metaclass.__prepare__(name, bases)
    for member, value in members.items():
        body[member] = value
    made: type = metaclass.__new__(metaclass, name, bases, body)
    loader.made_class(key, made)
    return made


def set_enum(target: Any, state: tuple[dict[str, Any], dict[str, dict[str, Any]]]) -> None:
    """Give an enumeration its attributes and methods, and its members theirs."""
    attributes, members = state
    for name, value in attributes.items():
        type.__setattr__(target, name, value)
    for member, own in members.items():
        target.__members__[member].__dict__.update(own)
