"""Which objects tie variables together: those that are mutable and reached by more than one."""

import gc
import io
import pickle
import sys
from collections.abc import Iterable
from itertools import compress
from operator import itemgetter, not_
from typing import Any, NamedTuple

__all__ = ["Memo", "Neutral", "Ties", "grouped", "meet", "ties"]

Memo = dict[int, tuple[int, Any]]  # a pickler's: id to index and object


_MANY = 4096  # ids from which on a set is compared as a whole


class Ties(NamedTuple):
    """The ids of the mutable objects that some roots reach; those of large containers in sets of their own.

    A large set is the same object as long as its container is as it was: then nothing has to be compared.
    """

    few: frozenset[int] = frozenset()
    many: tuple[frozenset[int], ...] = ()

    @classmethod
    def of(cls, found: frozenset[int], large: Iterable[frozenset[int]]) -> "Ties":
        """Return the ties of one look: what was `found` is large itself where it is."""
        if len(found) < _MANY:
            return cls(found, tuple(large))
        return cls(frozenset(), (found, *large))


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
    ("torch", "dtype"),
    ("torch", "device"),
    ("torch", "layout"),
    ("torch", "memory_format"),
    ("pyarrow.lib", "_PandasConvertible"),
    ("pyarrow.lib", "DataType"),
    ("pyarrow.lib", "Field"),
    ("pyarrow.lib", "Schema"),
    ("pyarrow.lib", "Scalar"),
}


_CYTHON = frozenset({"cython_function_or_method", "fused_cython_function"})


_MUTABLE_AFTER_ALL = {("numpy", "void")}  # looks into the array it was taken from


def _is_neutral(kind: type) -> bool:
    if any((each.__module__, each.__qualname__) in _MUTABLE_AFTER_ALL for each in kind.__mro__):
        return False
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


def ties(memo: Memo, neutral: Neutral, passing: set[int]) -> set[int]:
    """Return the ids of the mutable objects of a pickler's memo.

    Objects that only the memo holds are left out: they were made for this pickling (state dicts, argument
    lists), and their addresses will mean something else in a moment.
    """
    kept, temporary = _sorted_out(memo, neutral, _ONLY_MEMO[0])
    found = set(map(id, kept))
    del kept  # its references would count below
    found -= passing
    if temporary:
        found -= _held_by_temporaries(temporary, memo, _ONLY_MEMO[1])
    return found


def _sorted_out(memo: Memo, neutral: Neutral, only_memo: int) -> tuple[list[Any], list[Any]]:
    """Return the mutable objects that somebody holds, and the containers that nobody holds.

    Each step is one pass in C: a memo may hold millions.
    """
    values = list(map(itemgetter(1), memo.values()))
    kinds = list(map(type, values))
    mutable = {kind for kind in set(kinds) if not neutral[kind]}
    values = list(compress(values, map((mutable | _CONTAINERS).__contains__, kinds)))
    passing = list(map(only_memo.__ge__, map(sys.getrefcount, values)))
    temporary = [value for value in compress(values, passing) if type(value) in _CONTAINERS]
    values = list(compress(values, map(not_, passing)))
    if not mutable >= set(map(type, values)):
        values = list(compress(values, map(mutable.__contains__, map(type, values))))
    return values, temporary


def _held_by_temporaries(temporary: list[Any], memo: Memo, only_memo: int) -> set[int]:
    """Return the ids of what only temporary containers and the memo hold, however deep."""
    held: dict[int, int] = {}
    found: set[int] = set()
    while temporary:
        for value in gc.get_referents(temporary.pop()):
            number = id(value)
            if number in memo and type(value) not in _ATOMS:
                held[number] = held.get(number, 0) + 1
                if sys.getrefcount(value) - held[number] <= only_memo and number not in found:
                    found.add(number)
                    if type(value) in _CONTAINERS:
                        temporary.append(value)
    return found


_CONTAINERS = frozenset({tuple, list, dict})
_ATOMS = frozenset({str, bytes, int, float, bool, type, type(None)})


class _Probe:
    """Pickles as a call whose arguments nobody else holds."""

    def __reduce__(self) -> Any:
        return _discard, ([None],)


def _discard(_value: object) -> None:
    """Be what `_Probe` calls."""


def _calibrate() -> tuple[int, int]:
    """Return how many references the two counts above see of an object that only a memo holds.

    Measured, not written down: versions of Python differ in what a running function itself holds.
    """
    pickler = pickle.Pickler(io.BytesIO(), 5)
    pickler.dump(_Probe())
    memo, neutral, limits = pickler.memo.copy(), Neutral(), range(20)
    # The tuple of arguments is held by the memo alone; the list in it, by the tuple as well.
    first = next(limit for limit in limits if _sorted_out(memo, neutral, limit)[1])
    second = next(
        limit for limit in limits if _held_by_temporaries(_sorted_out(memo, neutral, first)[1], memo, limit)
    )
    return first, second


_ONLY_MEMO = _calibrate()


def grouped(units: Iterable[tuple[int, Ties]]) -> list[list[int]]:
    """Return the connected groups of units, given the objects each reaches (union-find)."""
    parent: dict[int, int] = {}

    def top(unit: int) -> int:
        while parent[unit] != unit:
            parent[unit] = parent[parent[unit]]
            unit = parent[unit]
        return unit

    seen: dict[int, int] = {}
    large: list[tuple[int, frozenset[int]]] = []
    for unit, reached in units:
        parent[unit] = unit
        large.extend((unit, many) for many in reached.many)
        for number in reached.few:
            other = seen.setdefault(number, unit)
            if other != unit:
                parent[top(other)] = top(unit)
    for place, (unit, many) in enumerate(large):
        met = {seen[number] for number in many.intersection(seen)}
        met.update(other for other, others in large[:place] if meet(many, others))
        for other in met:
            parent[top(other)] = top(unit)
    groups: dict[int, list[int]] = {}
    for unit in parent:
        groups.setdefault(top(unit), []).append(unit)
    return list(groups.values())


def meet(one: frozenset[int], other: frozenset[int]) -> bool:
    """Tell whether two sets have an element in common."""
    return one is other or not one.isdisjoint(other)
