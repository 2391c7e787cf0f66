"""Instances of classes whose own code would run, and get in the way, while pickle makes them again.

Pickle makes an instance empty and then asks it things (``__setstate__``, which ends in a ``__getattr__`` that
knows nothing yet), fills it by methods that the class may have made its own (``__setitem__``, ``append``), or
calls a constructor that wants other arguments. Such instances are made and filled by what they are built on.
"""

import contextlib
import copyreg
import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Handler
from runtrack_jupyter.state.rebuild import guarded as rebuild
from runtrack_jupyter.state.rebuild.code import attribute

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["handler_for"]

_VALUES: frozenset[Any] = frozenset({int, float, complex, str, bytes, tuple, frozenset})
_HOLDERS: frozenset[Any] = frozenset({defaultdict, OrderedDict, Counter, dict, list, set, deque, bytearray})
_BASES = _VALUES | _HOLDERS
# What pickle would run of a class: where one of these is the class's own, its instances come here.
_RUN = ("__new__", "__init__", "__setitem__", "append", "extend", "add", "items", "__iter__", "__getattr__")
_OWN_WAYS = (
    "__reduce__",
    "__reduce_ex__",
    "__getnewargs__",
    "__getnewargs_ex__",
    "__getstate__",
    "__setstate__",
)


def handler_for(kind: type) -> Handler | None:
    """Return what reduces instances of `kind`; None where pickle does it right."""
    if kind is Counter:
        return _reduce_counter
    if kind in _BASES or any(_own(kind, name) for name in _OWN_WAYS):
        return None
    base = next((each for each in kind.__mro__ if each in _BASES), None)
    if base in _HOLDERS:
        return _reduce_holder(base) if _loses(kind, base) else None
    if base in _VALUES:
        return _reduce_value(base) if any(_own(kind, name) for name in _RUN) else None
    if _own(kind, "__getattr__") or _own(kind, "__getattribute__"):
        return _reduce_guarded
    return _reduce_singleton if _singletons(kind) else None


def _singletons(kind: type) -> list[str]:
    """Return under which names the module of a class has instances of it, where only identity compares."""
    module = sys.modules.get(kind.__module__)
    if module is None or module.__name__ in ("__main__", "builtins") or _compares(kind):
        return []
    return [name for name, value in tuple(vars(module).items()) if type(value) is kind]


def _compares(kind: Any) -> bool:
    return kind.__eq__ is not object.__eq__


def _reduce_singleton(_pickler: "StatePickler", value: Any) -> Any:
    """Reduce what a module has exactly one of (``dataclasses.MISSING``) to its place there."""
    for name in _singletons(type(value)):
        if getattr(sys.modules[type(value).__module__], name, None) is value:
            return attribute, (sys.modules[type(value).__module__], name)
    return NotImplemented


def _own(kind: type, name: str) -> bool:
    """Tell whether a class written in Python, other than the containers below, defines `name`."""
    for each in kind.__mro__:
        if name in vars(each):
            return each not in _HOLDERS and isinstance(vars(each)[name], (types.FunctionType, staticmethod))
    return False


def _loses(kind: type, base: Any) -> bool:
    # The first two are called with what they are to hold, and defaultdict and Counter forget their attributes.
    # A dict may be its own `__dict__`, which pickle makes two of.
    held_twice = issubclass(base, dict) and kind.__dictoffset__ != 0
    return base in (set, bytearray) or held_twice or any(_own(kind, name) for name in _RUN)


def _reduce_value(base: Any) -> Handler:
    def reduce(_pickler: "StatePickler", value: Any) -> Any:
        plain = (
            tuple.__iter__(value)
            if base is tuple
            else frozenset.__iter__(value)
            if base is frozenset
            else None
        )
        made_of = base.__getnewargs__(value) if plain is None else (base(plain),)
        return rebuild.value, (type(value), base, made_of), _state(value), None, None, rebuild.set_state

    return reduce


def _reduce_holder(base: Any) -> Handler:
    def reduce(_pickler: "StatePickler", value: Any) -> Any:
        made_of = (
            (value.maxlen,) if base is deque else (value.default_factory,) if base is defaultdict else ()
        )
        state = (_content(base, value), _state(value))
        return rebuild.holder, (type(value), base, made_of), state, None, None, rebuild.set_holder

    return reduce


def _content(base: Any, value: Any) -> Any:
    if base is bytearray:
        return bytes(value)
    inside: Iterable[Any] = base.items(value) if issubclass(base, dict) else base.__iter__(value)
    return list(inside)


def _reduce_counter(_pickler: "StatePickler", value: Any) -> Any:
    # As a dict: its own way forgets its attributes.
    return copyreg.__newobj__, (Counter,), vars(value) or None, None, iter(value.items())  # type: ignore[attr-defined]


def _reduce_guarded(_pickler: "StatePickler", value: Any) -> Any:
    kind: Any = type(value)
    if kind.__reduce_ex__ is object.__reduce_ex__ and kind.__reduce__ is object.__reduce__:
        make = copyreg.__newobj__  # type: ignore[attr-defined]  # typeshed leaves it out
        return make, (kind,), _state(value), None, None, rebuild.set_state
    reduced = value.__reduce_ex__(5)
    if not isinstance(reduced, tuple) or len(reduced) < 3 or reduced[2] is None or len(reduced) > 5:
        return reduced
    padded = (*reduced, None, None)[:5]
    return *padded, rebuild.set_state


def _state(value: Any) -> Any:
    """Return what lies in `__dict__` and slots, as pickle would have it; ``...`` where it is the value itself."""
    own = object.__getattribute__(value, "__dict__") if type(value).__dictoffset__ else None
    if own is value:
        return ...
    names = copyreg._slotnames(type(value))  # type: ignore[attr-defined]  # not in typeshed
    slots = {}
    for name in names:
        with contextlib.suppress(AttributeError):  # an empty slot
            slots[name] = object.__getattribute__(value, name)
    return (own, slots) if slots else own or None
