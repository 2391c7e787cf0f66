"""Which objects tie variables together: those that are mutable and reached by more than one."""

import gc
import sys
from collections.abc import Iterable
from typing import Any

__all__ = ["Neutral", "grouped"]

# Types whose instances cannot change, or that are saved by reference. By name, so that nothing is imported.
_NEUTRAL = {
    ("builtins", "NoneType"),
    ("builtins", "bool"),
    ("builtins", "int"),
    ("builtins", "float"),
    ("builtins", "complex"),
    ("builtins", "str"),
    ("builtins", "bytes"),
    ("builtins", "range"),
    ("builtins", "slice"),
    ("builtins", "ellipsis"),
    ("builtins", "NotImplementedType"),
    ("builtins", "type"),
    ("builtins", "module"),
    ("builtins", "code"),
    ("builtins", "builtin_function_or_method"),
    ("builtins", "method"),
    ("builtins", "function"),
    ("builtins", "method_descriptor"),
    ("builtins", "wrapper_descriptor"),
    ("builtins", "method-wrapper"),
    ("builtins", "getset_descriptor"),
    ("builtins", "member_descriptor"),
    ("builtins", "classmethod_descriptor"),
    ("builtins", "property"),
    ("builtins", "staticmethod"),
    ("builtins", "classmethod"),
    ("types", "GenericAlias"),
    ("types", "UnionType"),
    ("enum", "Enum"),
    ("re", "Pattern"),
    ("datetime", "date"),
    ("datetime", "time"),
    ("datetime", "timedelta"),
    ("datetime", "tzinfo"),
    ("decimal", "Decimal"),
    ("fractions", "Fraction"),
    ("uuid", "UUID"),
    ("pathlib", "PurePath"),
    ("weakref", "ReferenceType"),
    ("logging", "Logger"),
    ("numpy", "dtype"),
    ("numpy", "generic"),
    ("numpy", "ufunc"),
    ("pandas", "Index"),
    ("pandas.core.indexes.base", "Index"),
    ("pandas.core.indexes.frozen", "FrozenList"),
    ("pandas", "DateOffset"),
    ("pandas.api.extensions", "ExtensionDtype"),
    ("pandas.core.dtypes.base", "ExtensionDtype"),
    ("numpy", "_ArrayFunctionDispatcher"),
    ("pandas._libs.tslibs.offsets", "BaseOffset"),
    ("pandas._libs.tslibs.period", "_Period"),
    ("pandas._libs.interval", "Interval"),
    ("pandas._libs.missing", "NAType"),
}


_CYTHON = frozenset({"cython_function_or_method", "fused_cython_function"})


def _is_neutral(kind: type) -> bool:
    if issubclass(kind, (tuple, frozenset)):
        # Without a `__dict__` nothing about them can change; what they hold is looked at by itself.
        return kind.__dictoffset__ == 0
    if kind.__name__ in _CYTHON:  # their module carries Cython's version
        return True
    return any((each.__module__, each.__qualname__) in _NEUTRAL for each in kind.__mro__)


class Neutral(dict[type, bool]):
    """Whether instances of a type never tie, decided once per type.

    Classes of the notebook come and go: call `forget` now and then, so that they are not kept alive here.
    """

    def __missing__(self, kind: type) -> bool:
        neutral = self[kind] = _is_neutral(kind)
        return neutral

    def forget(self, kept: int = 500) -> None:
        """Start anew when there are more than `kept` types."""
        if len(self) > kept:
            self.clear()


def ties(memo: dict[int, tuple[int, Any]], neutral: Neutral, passing: set[int]) -> set[int]:
    """Return the ids of the mutable objects of a pickler's memo.

    Objects that only the memo holds are left out: they were made for this pickling (state dicts, argument
    lists), and their addresses will mean something else in a moment.
    """
    count = sys.getrefcount
    found: set[int] = set()
    temporary: list[Any] = []
    for number, (_, value) in memo.items():
        kind = type(value)
        if kind in _CONTAINERS and count(value) <= _ONLY_MEMO:
            temporary.append(value)
        elif not neutral[kind] and count(value) > _ONLY_MEMO:
            found.add(number)
    found -= passing
    if temporary:
        found -= _held_by_temporaries(temporary, memo)
    return found


def _held_by_temporaries(temporary: list[Any], memo: dict[int, tuple[int, Any]]) -> set[int]:
    """Return the ids of what only temporary containers and the memo hold, however deep."""
    held: dict[int, int] = {}
    only_here: set[int] = set()
    while temporary:
        for value in gc.get_referents(temporary.pop()):
            number = id(value)
            if number in memo and type(value) not in _ATOMS:
                held[number] = held.get(number, 0) + 1
                # `value` here stands for the same name in `ties`; one more is the list of referents.
                if sys.getrefcount(value) - 1 - held[number] <= _ONLY_MEMO and number not in only_here:
                    only_here.add(number)
                    if type(value) in _CONTAINERS:
                        temporary.append(value)
    return only_here


_CONTAINERS = frozenset({tuple, list, dict})
_ATOMS = frozenset({str, bytes, int, float, bool, type, type(None)})


def _calibrate() -> int:
    """Return the reference count that `ties` sees for an object that only a memo holds."""
    memo = {0: (0, [None])}
    for _, value in memo.values():
        # One more than here in a real memo: the pickler's own table, of which `memo` is a copy.
        return sys.getrefcount(value) + 1
    raise AssertionError


_ONLY_MEMO = _calibrate()


def grouped(units: Iterable[tuple[int, Iterable[int]]]) -> list[list[int]]:
    """Return the connected groups of units, given the objects each reaches (union-find)."""
    parent: dict[int, int] = {}

    def top(unit: int) -> int:
        while parent[unit] != unit:
            parent[unit] = parent[parent[unit]]
            unit = parent[unit]
        return unit

    seen: dict[int, int] = {}
    for unit, reached in units:
        parent[unit] = unit
        for number in reached:
            other = seen.setdefault(number, unit)
            if other != unit:
                parent[top(other)] = top(unit)
    groups: dict[int, list[int]] = {}
    for unit in parent:
        groups.setdefault(top(unit), []).append(unit)
    return list(groups.values())
