"""What an object is, as flat lines of text: two objects are the same when their portraits are.

Nothing is pickled for it. The walk goes through attributes, slots, items, array memory and the readable attributes of
types written in C; objects that can change are numbered in the order of the walk, so that sharing shows.
"""

import hashlib
import re
import sys
import types
import weakref
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from runtrack_jupyter.state.links import Neutral
from tests.objects.looks import LOOKS, WHOLE

__all__ = ["portrait", "without_addresses"]

_ATOMS = (
    int,
    float,
    complex,
    str,
    bytes,
    bool,
    type(None),
    range,
    slice,
    type(Ellipsis),
    type(NotImplemented),
)
_LONGEST = 4000  # lines of one portrait
_DEPTH = 40
_neutral = Neutral()  # the identity of what cannot change is not promised
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{5,}|\bat \d{10,}|id=\d{6,}|c_void_p\(\d+\)|<object object at [^>]*>")
_POINTERS = frozenset({"cffi", "_geom", "ctypes", "data", "base", "flat", "real", "imag", "T", "mT", "lock"})


def without_addresses(text: str) -> str:
    """Return the text with what is another number in every process taken out."""
    return _ADDRESS.sub("0x", text)


def portrait(value: Any, ignored: re.Pattern[str] | None = None) -> list[str]:
    """Return the lines of a value; those whose place matches `ignored` are left out."""
    walk = _Walk(ignored)
    walk.see(value, "")
    return walk.lines


class _Walk:
    def __init__(self, ignored: re.Pattern[str] | None) -> None:
        self.lines: list[str] = []
        self._ignored = ignored
        self._numbers: dict[int, int] = {}
        self._alive: list[Any] = []  # ids are only names while their objects live
        self._memory: dict[int, tuple[int, int]] = {}

    def say(self, place: str, text: str) -> None:
        self.lines.append(f"{place}: {without_addresses(text)[:400]}")

    def see(self, value: Any, place: str) -> None:
        if len(self.lines) > _LONGEST or (self._ignored is not None and self._ignored.search(place)):
            return
        kind = type(value)
        if kind in _ATOMS:
            text = repr(value)
            self.say(place, text if len(text) < 400 else _digest(text.encode()))
            return
        if place.count(".") + place.count("[") > _DEPTH:
            return
        if id(value) in self._numbers and kind not in (tuple, frozenset):
            self.say(place, f"again {self._numbers[id(value)]}")
            return
        if not _neutral[kind]:
            self._numbers[id(value)] = len(self._numbers)
        self._alive.append(value)
        self.say(place, _name(kind))
        try:
            self._inside(value, kind, place)
        except (RecursionError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - looking into anything may raise anything: that is a trait too
            self.say(place, f"! {type(error).__name__}")

    def _inside(self, value: Any, kind: type, place: str) -> None:
        for base in kind.__mro__:
            inside = _INSIDE.get(base)
            if inside is not None:
                inside(self, value, place)
                break
            look = LOOKS.get(f"{base.__module__}.{base.__qualname__}")
            if look is not None:
                look(self, value, place)
                if look in WHOLE:
                    return
                break
        else:
            self._of_c(value, kind, place)
        if not issubclass(kind, (type, types.FunctionType, types.ModuleType)):
            self.attributes(value, place)

    def attributes(self, value: Any, place: str) -> None:
        """See the instance's own attributes and slots."""
        # By name: their order is that of their assignment, which no class lets its user see.
        for name, item in sorted(_own(value).items(), key=lambda pair: str(pair[0])):
            self.see(item, f"{place}.{name}")

    def _of_c(self, value: Any, kind: type, place: str) -> None:
        """See what a type written in C shows: its text, its length and its readable attributes."""
        if _is_plain(kind):
            return
        self.say(place, f"= {_text(value)}")
        for name in sorted(_readable(kind)):
            try:
                item = getattr(value, name)
            except Exception as error:  # noqa: BLE001 - as above
                item = f"! {type(error).__name__}"
            if isinstance(item, (*_ATOMS, list, tuple, dict)) or type(item).__module__ == "numpy":
                self.see(item, f"{place}.{name}")

    def aside(self, value: Any, place: str) -> list[str]:
        """Return the lines of a member of a set: in whatever order they come, they are numbered alike."""
        other = _Walk(self._ignored)
        other._numbers, other._alive = dict(self._numbers), self._alive
        other.see(value, place)
        return other.lines

    def memory(self, start: int, owner: int) -> str:
        """Return where memory lies, relative to what was first seen of the same owner."""
        number, first = self._memory.setdefault(owner, (len(self._memory), start))
        return f"memory {number}{start - first:+d}"


def _own(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        own = None
    if isinstance(own, dict):
        found.update(own)
    for base in type(value).__mro__:
        for slot, member in base.__dict__.items():
            if (
                isinstance(member, types.MemberDescriptorType)
                and slot not in found
                and slot not in _POINTERS
                and not slot.startswith("__")
            ):
                try:
                    found[slot] = member.__get__(value)
                except (AttributeError, NotImplementedError):
                    continue
    return found


def _is_plain(kind: type) -> bool:
    """Tell whether all of an instance lies in its attributes: no base is written in C but `object`."""
    return all(base is object or base.__flags__ & (1 << 9) for base in kind.__mro__)


def _readable(kind: type) -> set[str]:
    names = set()
    for base in kind.__mro__[:-1]:
        for name, member in base.__dict__.items():
            shown = isinstance(member, (types.GetSetDescriptorType, types.MemberDescriptorType, property))
            if shown and not name.startswith("_") and name not in _POINTERS:
                names.add(name)
    return names


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _digest(data: Any) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def _text(value: Any) -> str:
    kind: Any = type(value)
    if kind.__repr__ is object.__repr__:
        return ""
    text = without_addresses(repr(value))
    return text if len(text) < 400 else _digest(text.encode("utf8", "replace"))


def _items(walk: _Walk, value: Any, place: str) -> None:
    for index, item in enumerate(list.__iter__(value) if isinstance(value, list) else iter(value)):
        walk.see(item, f"{place}[{index}]")


def _pairs(walk: _Walk, value: Any, place: str) -> None:
    for index, (key, item) in enumerate(dict.items(value)):
        named = type(key) in (str, int, bool, type(None))
        shown = repr(key) if named else f"#{index}"
        if not named:
            walk.see(key, f"{place}[{shown}]key")
        walk.see(item, f"{place}[{shown}]")
    if isinstance(value, defaultdict):
        walk.see(value.default_factory, f"{place}.default_factory")


def _members(walk: _Walk, value: Any, place: str) -> None:
    portraits = sorted("|".join(walk.aside(item, place)) for item in value)
    walk.say(place, _digest("\n".join(portraits).encode()) if portraits else "empty")


def _array(walk: _Walk, value: Any, place: str) -> None:
    numpy = sys.modules["numpy"]
    array = value.view(numpy.ndarray) if type(value) is not numpy.ndarray else value
    owner = array
    while isinstance(owner.base, numpy.ndarray):
        owner = owner.base
    where = walk.memory(array.__array_interface__["data"][0], id(owner)) if array.nbytes else "no memory"
    steps = [
        step for step, length in zip(array.strides, array.shape, strict=True) if array.size and length > 1
    ]
    walk.say(place, f"{array.dtype!r} {array.shape} {steps} {value.flags.writeable} {where}")
    if array.dtype.hasobject:
        for index, item in enumerate(array.reshape(-1).tolist()):
            walk.see(item, f"{place}[{index}]")
    else:
        walk.say(place, _digest(numpy.ascontiguousarray(array).tobytes()))


def _function(walk: _Walk, value: Any, place: str) -> None:
    walk.say(place, f"{value.__module__}.{value.__qualname__}")
    walk.say(place, _digest(value.__code__.co_code))
    if value.__name__ == "<lambda>" or "<locals>" in value.__qualname__:
        walk.see(value.__defaults__, f"{place}.__defaults__")
        for index, cell in enumerate(value.__closure__ or ()):
            with_contents = [cell.cell_contents] if _is_full(cell) else []
            walk.see(with_contents, f"{place}.cell{index}")


def _is_full(cell: Any) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _method(walk: _Walk, value: Any, place: str) -> None:
    walk.say(place, value.__func__.__qualname__)
    walk.see(value.__self__, f"{place}.__self__")


def _built_in(walk: _Walk, value: Any, place: str) -> None:
    walk.say(place, value.__qualname__)
    if not isinstance(value.__self__, types.ModuleType):
        walk.see(value.__self__, f"{place}.__self__")


def _partial(walk: _Walk, value: Any, place: str) -> None:
    walk.see((value.func, value.args, value.keywords), f"{place}.partial")


def _weak(walk: _Walk, value: Any, place: str) -> None:
    walk.see([value()] if value() is not None else [], f"{place}()")


def _named(walk: _Walk, value: Any, place: str) -> None:
    walk.say(place, f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value.__name__)}")


def _nothing(_walk: _Walk, _value: Any, _place: str) -> None:
    """Leave it at the type: what it is shows in its attributes, or nowhere."""


def _error(walk: _Walk, value: Any, place: str) -> None:
    walk.see(value.args, f"{place}.args")


def _buffer(walk: _Walk, value: Any, place: str) -> None:
    walk.say(place, _digest(bytes(value)))


def _consumed(walk: _Walk, value: Any, place: str) -> None:
    walk.say(place, _text(value) if _text(value) != "" else "an iterator")


def _iterator_kinds() -> Iterator[type]:
    for made in (
        iter([]),
        iter(()),
        iter({}),
        iter(set()),
        iter(""),
        iter(b""),
        iter(range(0)),
        zip(),
        map(int, ()),
    ):
        yield type(made)


_INSIDE: dict[type, Callable[[_Walk, Any, str], None]] = {
    list: _items,
    tuple: _items,
    deque: _items,
    dict: _pairs,
    OrderedDict: _pairs,
    set: _members,
    frozenset: _members,
    bytearray: _buffer,
    types.FunctionType: _function,
    types.MethodType: _method,
    types.BuiltinFunctionType: _built_in,
    types.MethodWrapperType: _built_in,
    types.ModuleType: _named,
    types.MappingProxyType: lambda walk, value, place: _pairs(walk, dict(value), place),
    type: _named,
    partial: _partial,
    weakref.ReferenceType: _weak,
    BaseException: _error,
    **dict.fromkeys(_iterator_kinds(), _consumed),
}


def _plain(kind: Any) -> Callable[[_Walk, Any, str], None]:
    def inside(walk: _Walk, value: Any, place: str) -> None:
        walk.say(place, kind.__repr__(value))

    return inside


_INSIDE.update({kind: _plain(kind) for kind in (int, float, complex, str, bytes)})


def _scalar(walk: _Walk, value: Any, place: str) -> None:
    walk.say(place, f"{value.dtype!r} {value!r}")


LOOKS["numpy.ndarray"] = _array
LOOKS["numpy.generic"] = _scalar
