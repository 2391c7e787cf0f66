"""The raw parts of any object: attributes, slots and contents as they lie there, read without running its code."""

import contextlib
import pickle
import types
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from xxhash import xxh3_128_hexdigest

from runtrack_jupyter.state.roundtrip.custom import LEAVES, is_local, side_tables

__all__ = ["Anatomy", "Contents", "detail_of", "is_atom", "is_by_name", "named"]

_LARGEST_ARRAY = 1 << 20  # bytes of memory that is digested

_ATOMS = frozenset({int, float, complex, bool, str, bytes, type(None), type(...), type(NotImplemented)})
_BY_NAME = frozenset(
    {
        types.FunctionType,
        types.BuiltinFunctionType,
        types.ModuleType,
        types.MethodType,
        types.MethodWrapperType,
        types.WrapperDescriptorType,
        types.MethodDescriptorType,
        types.ClassMethodDescriptorType,
        types.GetSetDescriptorType,
        types.MemberDescriptorType,
        types.CodeType,
    }
)
# Cython makes its own types of function in every library.
_OF_CYTHON = frozenset({"cython_function_or_method", "fused_cython_function"})
# Modules whose C types have getters that only read a field.
_PLAIN_GETTERS = frozenset({"datetime", "collections", "functools"})
_OF_EXCEPTIONS = frozenset({"args", "__cause__", "__context__"})


def named(kind: type) -> str:
    """Return what a type is called in a census."""
    return f"{kind.__module__}.{kind.__qualname__}"


def is_atom(value: Any) -> bool:
    """Tell whether a value is a number, text or the like of an exact builtin type."""
    return type(value) in _ATOMS


def is_by_name(value: Any) -> bool:
    """Tell whether a value is a class, function or the like: known by its name, whatever it is otherwise."""
    kind = type(value)  # not `isinstance`, which asks the object for its class: a proxy would wake up
    return kind in _BY_NAME or issubclass(kind, type) or kind.__name__ in _OF_CYTHON


def detail_of(value: Any) -> str:
    """Return what can be said of a value that is not taken apart, beside its type; "" for nothing."""
    kind = type(value)
    if is_by_name(value):
        return _own_name(value)
    if kind is bytearray or (kind.__module__, kind.__qualname__) in LEAVES:
        return xxh3_128_hexdigest(pickle.dumps(value, 5))
    if (kind.__module__, kind.__qualname__) == ("numpy", "ndarray") and not value.dtype.hasobject:
        digest = xxh3_128_hexdigest(value.tobytes()) if value.nbytes <= _LARGEST_ARRAY else ""
        return f"{value.dtype.str}{value.shape}{digest}"
    return ""


def _own_name(value: Any) -> str:
    for place in (value, getattr(value, "__objclass__", None)):
        name = getattr(place, "__qualname__", None) or getattr(place, "__name__", None)
        if isinstance(name, str):
            return name
    return ""


class Contents(msgspec.Struct, gc=False):
    """What a container, or a number or text of a class of its own, holds."""

    kind: str
    shape: str = "ordered"
    items: Sequence[Any] = ()
    atom: Any = None


def _listed(kind: type, shape: str) -> Callable[[Any], Contents]:
    iterate: Callable[[Any], Any] = kind.__iter__  # type: ignore[attr-defined]
    return lambda value: Contents(kind.__name__, shape, tuple(iterate(value)))


def _paired(value: Any) -> Contents:
    return Contents("dict", "pairs", tuple(dict.items(value)))


def _ordered_pairs(value: Any) -> Contents:
    # Its own order, which `dict.items` does not tell; keys are only iterated over, never looked up.
    order = {id(key): number for number, key in enumerate(OrderedDict.__iter__(value))}
    pairs = sorted(dict.items(value), key=lambda pair: order.get(id(pair[0]), 0))
    return Contents("OrderedDict", "pairs", tuple(pairs))


_CONTENTS: dict[type, Callable[[Any], Contents]] = {
    OrderedDict: _ordered_pairs,
    dict: _paired,
    list: _listed(list, "ordered"),
    tuple: _listed(tuple, "ordered"),
    deque: _listed(deque, "ordered"),
    set: _listed(set, "unordered"),
    frozenset: _listed(frozenset, "unordered"),
    str: lambda value: Contents("str", atom=str.__str__(value)),
    int: lambda value: Contents("int", atom=int.__int__(value)),
    float: lambda value: Contents("float", atom=float.__float__(value)),
    bytes: lambda value: Contents("bytes", atom=bytes.__getitem__(value, slice(None))),
    bytearray: lambda value: Contents("bytearray", atom=bytes(bytearray.__getitem__(value, slice(None)))),
}


def _reader_of(kind: type) -> Callable[[Any], Contents] | None:
    for each in kind.__mro__:
        found = _CONTENTS.get(each)
        if found is not None:
            return found
    return None


class Anatomy:
    """Where the parts of instances of one type lie."""

    def __init__(self, kind: type) -> None:
        self._contents = _reader_of(kind)
        self._dict = _dict_descriptor(kind)
        self._members = tuple(_members(kind))
        self._tables = tuple(side_tables(kind)) if is_local(kind) else ()

    def contents(self, value: Any) -> Contents | None:
        """Return what an instance of a builtin type, or of a class made from one, holds in that quality."""
        return None if self._contents is None else self._contents(value)

    def values(self, value: Any) -> Iterable[Any]:
        """Return attributes and slots, and a container's length, without their names."""
        attributes = None if self._dict is None else self._dict.__get__(value)
        if type(attributes) is dict:
            yield from attributes.values()
        for _, member in self._members:
            with contextlib.suppress(AttributeError):
                yield member.__get__(value)
        for _, table in self._tables:
            yield _in_table(table, value)
        if self._contents is not None:
            held = self._contents(value)
            yield held.atom if held.atom is not None else len(held.items)

    def parts(self, value: Any) -> Iterable[tuple[str, Any]]:
        """Yield the name and value of each part but the contents."""
        attributes = None if self._dict is None else self._dict.__get__(value)
        if type(attributes) is dict:
            for name, part in tuple(attributes.items()):
                yield (f".{name}" if type(name) is str else f".{name!a}"), part
        for name, member in self._members:
            try:
                part = member.__get__(value)
            except AttributeError:
                continue  # a slot that is empty
            yield name, part
        for name, table in self._tables:
            held = _in_table(table, value)
            if held:
                yield f"@{name}", held[0]


def _dict_descriptor(kind: type) -> Any:
    for each in kind.__mro__:
        found = each.__dict__.get("__dict__")
        if isinstance(found, (types.GetSetDescriptorType, types.MemberDescriptorType)):
            return found
    return None


def _members(kind: type) -> Iterable[tuple[str, Any]]:
    known: set[str] = set()
    for each in kind.__mro__:
        for name, value in each.__dict__.items():
            if name not in known and _is_field(each, name, value):
                known.add(name)
                yield f"/{name}", value


def _is_field(kind: type, name: str, value: Any) -> bool:
    if isinstance(value, types.MemberDescriptorType):
        return name != "__dict__" and not name.endswith("offset__")  # which tells the type where things lie
    if not isinstance(value, types.GetSetDescriptorType) or name in {"__dict__", "__weakref__"}:
        return False
    if issubclass(kind, BaseException):
        return name in _OF_EXCEPTIONS
    return kind.__module__ in _PLAIN_GETTERS and not name.startswith("__")


def _in_table(table: Any, value: Any) -> tuple[Any, ...]:
    """Return what a table beside the class holds for an object, in a tuple; empty where nothing."""
    if type(table) is dict:
        held = table.get(id(value), table)
        return () if held is table else (held,)
    for reference, held in tuple(table.data.items()):
        if reference() is value:  # by identity: `in` would call the user's `__hash__`
            return (held,)
    return ()
