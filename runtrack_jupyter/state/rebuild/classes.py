"""Classes of the notebook, made again without running what ran when they were defined."""

import types
from abc import ABCMeta, _abc_init  # type: ignore[attr-defined]  # not in typeshed
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from runtrack_jupyter.state.rebuild import Loader

__all__ = [
    "BOUND",
    "bare_member",
    "known_class",
    "member",
    "new_class",
    "new_enum",
    "new_enumeration",
    "set_class",
    "set_enum",
    "set_enumeration",
]

BOUND = frozenset({"known_class", "new_class", "new_enum", "new_enumeration"})


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
        made = _empty_class(metaclass, name, bases, {**dict.fromkeys(names), **body}, body)
    if isinstance(made, ABCMeta):
        _abc_init(made)  # all that ABCMeta.__new__ does besides
    loader.made_class(key, made)
    return made


def _empty_class(
    metaclass: type, name: str, bases: tuple[type, ...], names: dict[str, Any], body: dict[str, Any]
) -> type:
    if metaclass.__module__ != "_ctypes":  # those need their own constructor
        try:
            return cast("type", type.__new__(cast("Any", metaclass), name, bases, names))
        except TypeError:  # other metaclasses written in C insist on theirs
            pass
    return types.new_class(name, bases, {"metaclass": metaclass}, lambda space: space.update(body))


@contextmanager
def _quiet_bases(bases: tuple[type, ...]) -> Iterator[None]:
    """Keep ``__init_subclass__`` of the bases from running, for the moment in which a class is made."""
    # A base that was itself made a moment ago has None there until its state follows.
    loud = {
        each: vars(each)["__init_subclass__"]
        for base in bases
        for each in base.__mro__[:-1]
        if "__init_subclass__" in vars(each)
    }
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
    # The classes of `ctypes` lay themselves out when `_fields_` is set their way.
    give = setattr if type(target).__module__ == "_ctypes" else type.__setattr__
    for name, value in attributes.items():
        if name != "__module__" or vars(target).get(name) != value:  # setting it drops `__firstlineno__`
            give(target, name, value)
    for subclass in registered:
        ABCMeta.register(target, subclass)  # type: ignore[arg-type]  # only ABCs have any


def new_enumeration(
    loader: Loader,
    key: str,
    metaclass: Any,
    name: str,
    bases: tuple[type, ...],
    body: dict[str, Any],
    names: tuple[str, ...],
    data: type,
    members: dict[str, tuple[tuple[Any, ...], Any]],
) -> type:
    """Return an enumeration that knows its members, made of what `data` makes them of; the rest follows."""
    early = loader.early_class(key)
    if early is not None:
        return early
    with _quiet_bases(bases):
        made: Any = type.__new__(metaclass, name, bases, {**dict.fromkeys(names), **body})
    known = {name: bare_member(made, data, made_of) for name, (made_of, _) in members.items()}
    for each, (_, value) in members.items():
        # Enough for it to be a key of a dict before its state follows.
        known[each].__dict__.update(_value_=value, _name_=each, __objclass__=made)
    type.__setattr__(made, "_member_map_", known)
    loader.made_class(key, made)
    return cast("type", made)


def bare_member(cls: type, data: Any, made_of: tuple[Any, ...]) -> Any:
    """Return a member of an enumeration without its name and value; they follow as state."""
    return data.__new__(cls, *made_of)


def member(cls: Any, name: str) -> Any:
    """Return the member of that name."""
    return cls._member_map_[name]


def set_enumeration(target: Any, state: tuple[dict[str, Any], list[type], dict[str, dict[str, Any]]]) -> None:
    """Give an enumeration all that its class holds, and its members what they hold."""
    attributes, registered, members = state
    known = target._member_map_
    set_class(target, (attributes, registered))
    for name, own in members.items():
        known[name].__dict__.clear()
        known[name].__dict__.update(own)


def new_enum(
    loader: Loader,
    key: str,
    metaclass: Any,
    name: str,
    bases: tuple[type, ...],
    members: dict[str, Any],
) -> type:
    """Return an enumeration with its members, as streams had it before `new_enumeration`."""
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
