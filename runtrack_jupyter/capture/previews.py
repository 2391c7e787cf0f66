"""A variable as text, made at capture time, so that it is readable without loading its value.

Nothing here runs long or runs the notebook's own code: containers are read a few items deep by the methods of the
builtin types, instances of classes that the notebook (or a module of the project) defines by their attributes, and
`repr` is asked only of library classes, which are remembered when theirs is slow.
"""

import math
import sys
from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from functools import lru_cache
from itertools import islice
from time import perf_counter
from types import BuiltinFunctionType, CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any
from weakref import WeakSet

from runtrack_jupyter.capture.tables import describe_table
from runtrack_jupyter.model import Scalar, Variable

__all__ = ["describe"]

_LONGEST = 200  # characters of a preview
_LONGEST_TEXT = 120  # characters of a text that is worth a column
_WINDOW = 8192  # characters redacted before they are cut to size: half a secret is a secret
_ITEMS = 8  # of a container
_NODES = 60  # of the whole preview
_DEPTH = 3
_SLOW = 0.05  # seconds
_SIZED = 1000  # a container of the standard library with more items than that is not asked for its repr
_NEVER_COUNTED = frozenset(("unittest",))  # a mock remembers that it was asked
_NEVER_ASKED = frozenset(("__main__", "django"))  # a QuerySet goes to the database for its repr

_slow_types: "WeakSet[type]" = WeakSet()


def describe(name: str, value: Any, size: int, redact: Callable[[str], str]) -> Variable:
    """Describe `value`, which takes `size` bytes when saved; secrets are cut out by `redact`. Never raises Exception."""
    kind = type(value)
    if kind is float or kind is int or kind is bool or value is None:
        return Variable(
            name=name, type=kind.__name__, size=size, preview=_number(value), value=_scalar(value)
        )
    if kind is str:
        text = redact(value[:_WINDOW])
        column: Scalar = text if len(value) <= _LONGEST_TEXT else None
        return Variable(name=name, type="str", size=size, preview=_cut(repr(text)), value=column)
    try:
        shown, shape, preview, column = _described(value, _Writer(redact))
        shown, preview = redact(shown), redact(preview)
    except Exception as error:  # noqa: BLE001 # an object of the user's may raise anything when it is looked at
        shown, shape, preview, column = _type_name(kind), "", f"‹repr failed: {type(error).__name__}›", None
    return Variable(name=name, type=shown, shape=shape, size=size, preview=_cut(preview), value=column)


def _described(value: Any, writer: "_Writer") -> tuple[str, str, str, Scalar]:
    table = describe_table(value, writer.items)
    if table is not None:
        return table
    kind = type(value)
    shape = ""
    if issubclass(kind, list | tuple | dict | set | frozenset):
        shape = f"{_length(value):,}"
    return _type_name(kind), shape, writer.write(value, 0), None


def _length(value: Any) -> int:
    # By the builtin's own method: a subclass in the notebook may define another.
    for kind in (dict, list, tuple, set, frozenset):
        if issubclass(type(value), kind):
            return int(kind.__len__(value))
    return 0


def _number(value: Any) -> str:
    if type(value) is int and value.bit_length() > 512:
        return f"‹integer of {value.bit_length():,} bits›"
    return repr(value)


def _scalar(value: Any) -> Scalar:
    if type(value) is float and not math.isfinite(value):
        return None  # JSON has no such number
    if type(value) is int and value.bit_length() > 63:
        return None
    return value  # type: ignore[no-any-return] # one of the four scalar types, as the caller has seen


def _cut(text: str) -> str:
    # One line of printable text, whatever control sequences were in it.
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * _LONGEST]).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _type_name(kind: type) -> str:
    name = kind.__dict__.get("__qualname__", kind.__name__)
    return (name if isinstance(name, str) else kind.__name__).removeprefix("<locals>.")[-80:]


class _Writer:
    """Writes one value within a budget of nodes."""

    __slots__ = ("left", "redact")

    def __init__(self, redact: Callable[[str], str]) -> None:
        self.redact = redact
        self.left = _NODES

    def items(self, values: Iterable[Any]) -> str:
        return ", ".join(self.write(value, 1) for value in islice(values, _ITEMS))

    def write(self, value: Any, depth: int) -> str:
        self.left -= 1
        kind = type(value)
        if kind is int or kind is float or kind is bool or value is None:
            return f"{value:.6g}" if kind is float and depth else _number(value)
        if kind is str:
            text = self.redact(value[:_WINDOW])
            return repr(text if len(text) <= 60 else text[:59] + "…")
        if kind is bytes or kind is bytearray:
            head = self.redact(repr(bytes(value[:2048])))
            return head if len(head) <= 60 else head[:59] + "…"
        if self.left < 0 or depth > _DEPTH:
            return "…"
        if issubclass(kind, dict | list | tuple | set | frozenset):
            return self._container(value, depth)
        return _code(value) or self._object(value, depth)

    def _container(self, value: Any, depth: int) -> str:
        kind, prefix = type(value), ""
        if kind not in (dict, list, tuple, set, frozenset) or kind is frozenset:
            prefix = _type_name(kind)
        count = _length(value)
        more = f", … {count - _ITEMS:,} more" if count > _ITEMS else ""
        if issubclass(kind, dict):
            pairs = islice(dict.items(value), _ITEMS)
            body = ", ".join(
                f"{self.write(key, depth + 1)}: {self.write(item, depth + 1)}" for key, item in pairs
            )
            return _wrapped(prefix, "{" + body + more + "}")
        base = next(base for base in (list, tuple, set, frozenset) if issubclass(kind, base))
        items = [self.write(item, depth + 1) for item in islice(base.__iter__(value), _ITEMS)]
        fields = getattr(kind, "_fields", None)
        if base is tuple and isinstance(fields, tuple) and len(fields) == count:
            named = (f"{field}={item}" for field, item in zip(fields, items, strict=False))
            return f"{prefix}({', '.join(named)}{more})"
        if not count and base in (set, frozenset):
            return f"{prefix or 'set'}()"
        comma = "," if base is tuple and count == 1 else ""
        body = ", ".join(items) + comma + more
        return _wrapped(
            prefix, f"[{body}]" if base is list else f"({body})" if base is tuple else f"{{{body}}}"
        )

    def _object(self, value: Any, depth: int) -> str:
        kind = type(value)
        if kind.__module__ == "datetime" or kind.__name__ == "Timestamp":
            return str(value)
        if issubclass(kind, Enum):
            return f"{_type_name(kind)}.{object.__getattribute__(value, '_name_')}"
        if kind is deque:
            more = f", … {len(value) - _ITEMS:,} more" if len(value) > _ITEMS else ""
            return (
                f"deque([{', '.join(self.write(item, depth + 1) for item in islice(value, _ITEMS))}{more}])"
            )
        if kind not in _slow_types and _is_library(kind) and _asks_little(value):
            started = perf_counter()
            try:
                text = repr(value)[:_WINDOW]
            finally:  # also when it was cut off
                if perf_counter() - started > _SLOW:
                    _slow_types.add(kind)
            return _without_address(self.redact(text))
        # By `object`'s own look-up: no property and no __getattr__ of the notebook runs.
        attributes = _attributes(value)
        body = ", ".join(
            f"{key}={self.write(item, depth + 1)}" for key, item in islice(attributes.items(), _ITEMS)
        )
        more = ", …" if len(attributes) > _ITEMS else ""
        return f"{_type_name(kind)}({body}{more})" if attributes else f"<{_type_name(kind)} object>"


def _wrapped(prefix: str, body: str) -> str:
    return f"{prefix}({body})" if prefix else body


def _attributes(value: Any) -> dict[str, Any]:
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        attributes = {}
    found = dict(attributes) if isinstance(attributes, dict) else {}
    for base in type(value).__mro__:
        for slot, member in base.__dict__.items():
            if isinstance(member, MemberDescriptorType):
                try:
                    found[slot] = member.__get__(value)
                except AttributeError:
                    continue  # a slot that was never set
    return found


def _code(value: Any) -> str:
    """Return functions, classes and modules in one line; "" for anything else."""
    kind = type(value)  # isinstance would ask a proxy for its __class__
    if issubclass(kind, FunctionType):
        code: CodeType = value.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        return f"{value.__qualname__}({', '.join(names)})"
    if issubclass(kind, type):
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        return f"class {_type_name(value)}" + (f"({bases})" if bases else "")
    if issubclass(kind, ModuleType):
        name, version = value.__dict__.get("__name__"), value.__dict__.get("__version__")
        return f"module {name} {version}" if isinstance(version, str) else f"module {name}"
    if issubclass(kind, MethodType) and type(value.__func__) is FunctionType:
        return f"method {value.__func__.__qualname__}"
    if issubclass(kind, BuiltinFunctionType):
        return f"built-in {value.__qualname__}"
    return ""


def _without_address(text: str) -> str:
    """Drop `` at 0x7f…``: it is another one after a restore."""
    start = text.find(" at 0x")
    while start >= 0:
        end = start + 6
        while end < len(text) and text[end] in "0123456789abcdefABCDEF":
            end += 1
        text = text[:start] + text[end:]
        start = text.find(" at 0x")
    return text


def _asks_little(value: Any) -> bool:
    """Whether the repr of a library object can be expected to be short work."""
    top = str(type(value).__module__).partition(".")[0]
    if top not in sys.stdlib_module_names or top in _NEVER_COUNTED or not hasattr(type(value), "__len__"):
        return (
            True  # others are not even asked for their length: a lazy table would read all its files for it
        )
    return len(value) <= _SIZED


def _is_library(kind: type) -> bool:
    """Whether neither the notebook nor the project defines the class or takes part in its repr."""
    return all(_is_library_module(str(base.__module__)) for base in kind.__mro__)


@lru_cache(maxsize=4096)
def _is_library_module(name: str) -> bool:
    top = name.partition(".")[0]
    if top in _NEVER_ASKED:
        return False
    if top in sys.stdlib_module_names or top == "builtins":
        return True
    file = getattr(sys.modules.get(name), "__file__", None)
    return isinstance(file, str) and ("site-packages" in file or "dist-packages" in file)
