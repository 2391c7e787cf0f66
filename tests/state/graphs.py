"""A canonical form of everything some names reach: equal forms mean isomorphic graphs, sharing included.

Objects that can change are numbered in the order of a fixed walk; a second visit is the number. What cannot
change is its value. Arrays are the memory of their owner and how they look at it.
"""

import types
from typing import Any

import numpy as np

__all__ = ["form"]

_ATOMS = (int, float, complex, str, bytes, bool, type(None), range, slice)


def form(names: dict[str, Any], visible: list[str]) -> Any:
    """Return the canonical form of the visible names."""
    walk = _Walk(names)
    return [(name, walk.see(names[name])) for name in sorted(visible)]


class _Walk:
    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._numbers: dict[int, int] = {}
        self._alive: list[Any] = []  # ids are only names while their objects live

    def see(self, value: Any) -> Any:
        if type(value) in _ATOMS or isinstance(value, np.generic):
            return (type(value).__name__, repr(value))
        if value is self._namespace:
            return "the namespace"
        if isinstance(value, types.ModuleType):
            return ("module", value.__name__)
        if isinstance(value, types.GenericAlias):
            return ("alias", self.see(value.__origin__), self.see(value.__args__))
        if type(value) in (tuple, frozenset):
            return (type(value).__name__, [self.see(each) for each in value])
        if id(value) in self._numbers:
            return ("again", self._numbers[id(value)])
        self._numbers[id(value)] = len(self._numbers)
        self._alive.append(value)
        return (type(value).__name__, self._numbers[id(value)], self._inside(value))

    def _inside(self, value: Any) -> Any:
        if type(value) is list:
            return [self.see(each) for each in value]
        if type(value) is dict:
            return [(self.see(key), self.see(each)) for key, each in value.items()]
        if type(value) is set:
            return sorted(repr(each) for each in value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.CellType):
            return self.see(value.cell_contents)
        if isinstance(value, types.MethodType):
            return (self.see(value.__func__), self.see(value.__self__))
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, types.BuiltinMethodType):
            return (value.__name__, self.see(value.__self__))
        return (self.see(type(value)), self._slots(value), self.see(getattr(value, "__dict__", None)))

    def _slots(self, value: Any) -> Any:
        names = getattr(type(value), "__slots__", ())
        return [(name, self.see(getattr(value, name))) for name in names if hasattr(value, name)]

    def _array(self, value: Any) -> Any:
        base = value.base
        if base is None:
            elements = [self.see(each) for each in value.reshape(-1).tolist()]
            return (str(value.dtype), value.shape, value.strides, elements)
        offset = value.__array_interface__["data"][0] - base.__array_interface__["data"][0]
        return (str(value.dtype), value.shape, value.strides, offset, self.see(base))

    def _function(self, value: Any) -> Any:
        return (
            value.__qualname__,
            value.__code__.co_code,
            value.__globals__ is self._namespace,
            self.see(value.__defaults__),
            [self.see(cell) for cell in value.__closure__ or ()],
            self.see(value.__dict__),
        )

    def _class(self, value: type) -> Any:
        if value.__module__ != "__main__":
            return value.__qualname__
        own = {
            name: each
            for name, each in vars(value).items()
            if not isinstance(each, types.GetSetDescriptorType)
        }
        # Python 3.11 and later note line numbers and attribute names that no program computes with.
        seen = [(name, self.see(each)) for name, each in own.items() if name not in _NOT_COMPARED]
        return (value.__qualname__, [self.see(base) for base in value.__bases__], seen)


_NOT_COMPARED = {"__doc__", "__module__", "__slotnames__", "__static_attributes__", "__firstlineno__"}
