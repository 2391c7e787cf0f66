"""Plain data, pickled at full speed: what holds nothing that has to be asked how it is saved.

Builtin containers and atoms, dates and numbers of every kind, and instances of ordinary classes: their state is
their `__dict__`, and nobody has changed how they are pickled.
"""

import io
import pickle
import sys
from copyreg import dispatch_table
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from types import BuiltinFunctionType, FunctionType
from typing import Any
from uuid import UUID

from runtrack_jupyter.state.kinds import REDUCERS
from runtrack_jupyter.state.kinds.classes import ClassKeys, reduce_class
from runtrack_jupyter.state.pieces import Needs, NotPlainError, Saved
from runtrack_jupyter.state.roundtrip.custom import is_custom, is_named_tuple
from runtrack_jupyter.state.unsavable import refusal

__all__ = ["PlainPickler", "is_ordinary", "save"]

_SIMPLE = frozenset({complex, date, timedelta, timezone, Decimal, Fraction, UUID})
_MOMENTS = frozenset({datetime, time})
_ZONES = (None, timezone.utc)  # others may be objects of the notebook
_MODULES = (
    "numpy",
    "numpy._core.multiarray",
    "numpy.core.multiarray",
    "runtrack_jupyter.state.rebuild.classes",
)
_NUMBERS = "iufc"  # the kinds of dtype that are numbers
_BY_DEFAULT = ("__reduce_ex__", "__reduce__", "__getstate__", "__getattribute__")
_OWN_WAYS = ("__getnewargs__", "__getnewargs_ex__", "__getattr__", "__slots__")
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement


class PlainPickler(pickle.Pickler):
    """Pickles plain data; raises NotPlainError at the first object that is something else.

    `references` are the keys of the notebook's classes it met.
    """

    def __init__(self, sink: io.BytesIO, keys: ClassKeys) -> None:
        super().__init__(sink, 5)
        self.keys = keys
        self.references: dict[str, None] = {}
        self.modules: set[str] = set()
        self.class_roots: frozenset[int] = frozenset()
        self.instances = False

    def reducer_override(self, value: Any) -> Any:
        """Let through what is plain, and the classes and functions that make it again."""
        kind = type(value)
        if _ordinary[kind]:
            self.instances = True
            return NotImplemented
        if kind in _SIMPLE or (kind in _MOMENTS and value.tzinfo in _ZONES):
            return NotImplemented
        if isinstance(value, type):
            return reduce_class(self, value)  # type: ignore[arg-type]  # it needs no more than we have
        if kind is FunctionType or kind is BuiltinFunctionType:
            if value.__module__ in _MODULES:
                self.modules.add(value.__module__)
                return NotImplemented
        elif _is_number(value, kind):
            return NotImplemented
        raise NotPlainError(kind.__name__)


def save(part: tuple[Any, ...], keys: ClassKeys) -> Saved:
    """Pickle plain data; raises NotPlainError."""
    sink = io.BytesIO()
    pickler = PlainPickler(sink, keys)
    pickler.dump(part)
    needs = Needs(tuple(pickler.references), tuple(sorted(pickler.modules)))
    return Saved(sink.getvalue(), needs, pickler.instances)


def _is_number(value: Any, kind: type) -> bool:
    if kind.__module__ not in ("numpy", "numpy.dtypes"):
        return False
    numpy = sys.modules["numpy"]
    return isinstance(value, numpy.number) or (isinstance(value, numpy.dtype) and value.kind in _NUMBERS)


class _Ordinary(dict[type, bool]):
    """Whether a class is ordinary, decided once; classes of the notebook must be able to die all the same."""

    def __missing__(self, kind: type) -> bool:
        if len(self) > 500:
            self.clear()
        simple = is_ordinary(kind) or _is_plain_tuple(kind)
        ordinary = self[kind] = simple and not is_custom(kind, dispatch_table)
        return ordinary


_ordinary = _Ordinary()


def _is_plain_tuple(kind: type) -> bool:
    """Tell whether a class is a named tuple of which nothing but its elements is saved."""
    if not issubclass(kind, tuple) or kind.__dictoffset__ or not is_named_tuple(kind):
        return False
    return not any((each.__module__, each.__qualname__) in REDUCERS for each in kind.__mro__[:-2])


def is_ordinary(kind: type) -> bool:
    """Tell whether the state of an instance is its `__dict__` and nothing else."""
    if issubclass(kind, Enum):
        return kind.__reduce_ex__ is Enum.__reduce_ex__ and "__reduce__" not in vars(kind)
    bases = kind.__mro__[:-1]
    if not all(each.__flags__ & _HEAP_TYPE for each in bases) or kind.__dictoffset__ == 0:
        return False
    if any(getattr(kind, name, None) is not getattr(object, name, None) for name in _BY_DEFAULT):
        return False
    if any(hasattr(kind, name) for name in _OWN_WAYS) or kind in dispatch_table:
        return False
    known = any((each.__module__, each.__qualname__) in REDUCERS for each in bases)
    return not known and refusal(kind) is None
