"""Classes of the notebook: each is a root of its own, named by a key that stays with the class.

A class is captured by value under ``@class.<key>``; everything else refers to it by that key. Running its cell
again makes another class with another key, and old instances keep the old one, as they do in the notebook.
"""

import sys
import types
import uuid
import weakref
from abc import ABCMeta, _get_dump  # type: ignore[attr-defined]  # typeshed leaves the latter out
from collections.abc import Mapping
from enum import EnumMeta
from itertools import takewhile
from operator import mul
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.enums import bare_member
from runtrack_jupyter.state.kinds.functions import is_importable
from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import classes as rebuild
from runtrack_jupyter.state.rebuild.code import attribute
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["CLASS_PREFIX", "REDUCERS", "ClassKeys"]

CLASS_PREFIX = "@class."

# Of `type.__flags__`: made while the program ran, by Python or by C; made only by C code of its own.
_HEAP_TYPE, _NO_INSTANCES = 1 << 9, 1 << 7

# Made anew by Python, per process, or with the class itself; `__slotnames__` is what pickle notes in a class.
_NOT_STATE = frozenset(
    {
        "__slotnames__",
        "__dict__",
        "__weakref__",
        "_abc_impl",
        "__annotate_func__",
        "__annotations_cache__",
        "__slots__",
    }
)


class ClassKeys:
    """Which key a live class has, without keeping the class alive."""

    def __init__(self) -> None:
        self._by_class: dict[int, tuple[weakref.ref[type], str]] = {}
        self._by_key: dict[str, weakref.ref[type]] = {}

    def key_of(self, cls: type) -> str:
        """Return the key of a class, given at first sight."""
        found = self._by_class.get(id(cls))
        if found is not None and found[0]() is cls:
            return found[1]
        key = uuid.uuid4().hex
        self.assign(key, cls)
        return key

    def assign(self, key: str, cls: type) -> None:
        """Let `key` mean this class from now on; an older class of that key gets another when next seen."""
        former = self.get(key)
        if former is not None:
            self._by_class.pop(id(former), None)
        number = id(cls)

        def forget(_gone: object) -> None:
            self._by_class.pop(number, None)

        reference = weakref.ref(cls, forget)
        self._by_class[number] = (reference, key)
        self._by_key[key] = reference

    def get(self, key: str) -> type | None:
        """Return the live class with that key."""
        reference = self._by_key.get(key)
        return reference() if reference is not None else None

    def drop(self, keys: set[str]) -> None:
        """Forget keys that nothing refers to any more, where their class is gone."""
        for key in keys:
            if self.get(key) is None:
                self._by_key.pop(key, None)


def reduce_class(pickler: "StatePickler", cls: type) -> Any:
    """Reduce a class to its import path, to its key, or, where the stream is to hold it, to what it is."""
    if cls in _BUILT_IN:
        return _BUILT_IN[cls]
    if is_importable(cls):
        pickler.modules.add(cls.__module__)
        return NotImplemented
    if "_ctypes" in (cls.__module__, type(cls).__module__):
        derived = _derived_in_c(cls)
        if derived is not None:
            return derived
    if _is_of_c(cls):
        return _place_in_c(cls)
    key = pickler.keys.key_of(cls)
    if id(cls) not in pickler.class_roots:
        pickler.references[key] = None
        return rebuild.known_class, (key,)
    if isinstance(cls, EnumMeta):
        return _enum_by_value(pickler, key, cls)
    return _class_by_value(key, cls)


def _derived_in_c(cls: Any) -> Any:
    """Reduce a type that `ctypes` makes: arrays and pointers to what they are of, metaclasses to a class."""
    ctypes, element = sys.modules["ctypes"], getattr(cls, "_type_", None)
    if issubclass(cls, type):
        made = (ctypes.Structure, ctypes.Union, ctypes.Array, ctypes._Pointer, ctypes._SimpleCData)
        exemplar = next((each for each in made if type(each) is cls), None)
        return None if exemplar is None else (type, (exemplar,))
    if issubclass(cls, ctypes.Array) and element * cls._length_ is cls:
        return mul, (element, cls._length_)
    if issubclass(cls, ctypes._Pointer) and isinstance(element, type) and ctypes.POINTER(element) is cls:
        return ctypes.POINTER, (element,)
    return None


def _is_of_c(cls: type) -> bool:
    """Tell whether a class was made by C code, which nothing here could make again."""
    make = vars(cls).get("__new__")
    of_c = isinstance(make, types.BuiltinFunctionType) and make.__self__ is cls
    return of_c or cls.__flags__ & (_HEAP_TYPE | _NO_INSTANCES) != _HEAP_TYPE


def _place_in_c(cls: type) -> Any:
    module = sys.modules.get("_" + cls.__module__)  # ``collections._deque_iterator`` lies in ``_collections``
    if module is not None and getattr(module, cls.__qualname__, None) is cls:
        return attribute, (module, cls.__qualname__)
    raise CannotSaveError(f"the class {cls.__qualname__}, which cannot be imported")


def _class_by_value(key: str, cls: type) -> Any:
    own = vars(cls)
    body = {name: own[name] for name in ("__module__", "__qualname__", "__slots__") if name in own}
    slots = own.get("__slots__")
    if slots is not None and not isinstance(slots, (str, tuple, list, dict)):
        body["__slots__"] = tuple(
            name for name, value in own.items() if isinstance(value, types.MemberDescriptorType)
        )
    body.setdefault("__qualname__", cls.__qualname__)
    attributes = _attributes(cls)
    if "__class__" in attributes:  # set later it would change what the class itself is
        body["__class__"] = attributes.pop("__class__")
    made_of = (key, type(cls), cls.__name__, cls.__bases__, body, _names_of_body(own, attributes))
    state = (attributes, _registered(cls))
    return rebuild.new_class, made_of, state, None, None, rebuild.set_class


def _names_of_body(own: Mapping[str, Any], attributes: dict[str, Any]) -> tuple[str, ...]:
    """Return what the class body defined, in order; Python adds its own after that, and others after those."""
    before = takewhile(lambda name: name not in ("__dict__", "__weakref__"), own)
    return tuple(name for name in before if name in attributes)


def _enum_by_value(pickler: "StatePickler", key: str, cls: Any) -> Any:
    """Reduce an enumeration to all that its class holds, in order, and to what its members are made of."""
    pickler.holds_code = True  # what an enumeration keeps about itself differs from Python to Python
    _, (*made_of, names), state, _, _, _ = _class_by_value(key, cls)
    members = {
        name: (bare_member(member), member._value_)
        for name, member in cls._member_map_.items()
        if member._name_ == name
    }
    own = {name: vars(cls._member_map_[name]) for name in members}
    made_of += [names, cls._member_type_, members]
    return rebuild.new_enumeration, tuple(made_of), (*state, own), None, None, rebuild.set_enumeration


def _attributes(cls: type) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(cls).items()
        if name not in _NOT_STATE
        and not (isinstance(value, types.MemberDescriptorType) and value.__objclass__ is cls)
        and type(value).__module__ != "_ctypes"  # the fields of a structure: made anew with `_fields_`
    }


def _registered(cls: type) -> list[type]:
    if not isinstance(cls, ABCMeta):
        return []
    living = [reference() for reference in _get_dump(cls)[0]]
    # The registry is a set: without an order of our own the stream would differ from look to look.
    return sorted(filter(None, living), key=lambda each: (each.__module__, each.__qualname__))


_BUILT_IN: dict[type, Any] = {
    type(None): (type, (None,)),
    type(Ellipsis): (type, (Ellipsis,)),
    type(NotImplemented): (type, (NotImplemented,)),
    **{value: (attribute, (types, name)) for name, value in vars(types).items() if type(value) is type},
}


REDUCERS: Reducers = {("builtins", "type"): reduce_class}
