"""Which types say themselves how they are saved: only their objects can come back as something else unnoticed.

What pickle does by default loses nothing: it saves `__dict__` and slots as they are, and puts them back without
running anybody's code. A type is *custom* where somebody's code comes in between.
"""

import enum
import sys
from collections import namedtuple
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType, WrapperDescriptorType
from typing import Any
from weakref import WeakKeyDictionary

__all__ = ["LEAVES", "is_custom", "is_local", "is_named_tuple", "side_tables", "static"]

# Types of Python and numpy whose exact instances come back as they were: tests/state/test_custom.py holds them to it.
LEAVES = frozenset(
    {
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "time"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
        ("decimal", "Decimal"),
        ("fractions", "Fraction"),
        ("pathlib", "PosixPath"),
        ("pathlib", "PurePosixPath"),
        ("pathlib", "PureWindowsPath"),
        ("pathlib", "WindowsPath"),
        ("pathlib._local", "PosixPath"),  # 3.13
        ("pathlib._local", "PurePosixPath"),
        ("pathlib._local", "PureWindowsPath"),
        ("pathlib._local", "WindowsPath"),
        ("re", "Pattern"),
        ("uuid", "UUID"),
        ("zoneinfo", "ZoneInfo"),
    }
)
_PROVEN = LEAVES | {
    ("array", "array"),
    ("builtins", "builtin_function_or_method"),
    ("builtins", "bytearray"),
    ("builtins", "complex"),
    ("builtins", "ellipsis"),
    ("builtins", "getset_descriptor"),
    ("builtins", "mappingproxy"),
    ("builtins", "member_descriptor"),
    ("builtins", "method"),
    ("builtins", "method-wrapper"),
    ("builtins", "method_descriptor"),
    ("builtins", "object"),
    ("builtins", "range"),
    ("builtins", "slice"),
    ("builtins", "wrapper_descriptor"),
    ("collections", "ChainMap"),
    ("collections", "Counter"),
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("collections", "deque"),
    ("datetime", "tzinfo"),
    ("functools", "partial"),
    ("io", "BytesIO"),
    ("io", "StringIO"),
    ("_io", "BytesIO"),
    ("_io", "StringIO"),
    ("_ctypes", "_CData"),
    ("operator", "attrgetter"),
    ("operator", "itemgetter"),
    ("operator", "methodcaller"),
    ("types", "GenericAlias"),
    ("types", "SimpleNamespace"),
    ("types", "UnionType"),
    ("numpy", "dtype"),
    ("numpy", "generic"),
    ("numpy", "ndarray"),
    ("numpy", "ufunc"),
}

# Functions that save everything, whoever inherits them: (module, qualified name).
_EXACT = {
    ("dataclasses", "_dataclass_getstate"),
    ("dataclasses", "_dataclass_setstate"),
    ("enum", "Enum.__reduce_ex__"),
    ("matplotlib.transforms", "TransformNode.__getstate__"),  # a figure has hundreds
    ("matplotlib.transforms", "TransformNode.__setstate__"),
    ("random", "Random.__getstate__"),
    ("random", "Random.__reduce__"),
    ("random", "Random.__setstate__"),
    ("sklearn.base", "BaseEstimator.__getstate__"),
    ("sklearn.base", "BaseEstimator.__setstate__"),
}
_EXACT_PACKAGES = frozenset(
    {"sympy"}
)  # an expression has hundreds, all of them without attributes of the user's
_TABLED = {("copyreg", "pickle_complex"), ("copyreg", "pickle_union")}
_HOOKS = ("__reduce_ex__", "__reduce__", "__getstate__", "__setstate__")
_ARGUMENTS = ("__getnewargs_ex__", "__getnewargs__")
_GETNEWARGS: Any = vars(namedtuple("_Sample", "field"))[
    "__getnewargs__"
].__code__  # of every named tuple, loaded ones included
_MANY = 10_000


def static(kind: type, name: str) -> Any:
    """Return an attribute of a class or its bases as it stands there, without running a descriptor; or None."""
    for each in kind.__mro__:
        if name in each.__dict__:
            return each.__dict__[name]
    return None


def is_custom(kind: type, table: Mapping[type, Any]) -> bool:
    """Tell whether code of somebody decides what of an instance is saved, or how it is made again.

    `table` is the pickler's dispatch table. Exact builtins are not asked about: pickle never asks anybody.
    """
    if any((each.__module__, each.__qualname__) in _PROVEN for each in _exact(kind)):
        return False
    if str(kind.__module__).partition(".")[0] in _EXACT_PACKAGES:
        return False
    if kind in table:
        module, name = _name_of(table[kind])
        return (module, name) not in _TABLED and not module.startswith("cloudpickle.")
    if issubclass(kind, (list, dict)):
        return True  # saved through whatever `__iter__` and `items` say, filled through `append` and `__setitem__`
    if any(_differs(kind, name) for name in _HOOKS):
        return True
    if not isinstance(static(kind, "__getattribute__"), WrapperDescriptorType):
        return True
    if issubclass(kind, tuple) and is_named_tuple(kind):
        return False
    if any(static(kind, name) is not None for name in _ARGUMENTS):
        return True
    if issubclass(kind, enum.Enum):
        return False  # a member is its class and its value
    if not _is_c(static(kind, "__new__")):
        return True
    if _has_slots(kind) and static(kind, "__setattr__") is not object.__setattr__:
        # Default state is put into slots by setting them; a `__setstate__` that is known to be exact is not.
        return static(kind, "__setstate__") is None
    return is_local(kind) and any(True for _ in side_tables(kind))


def _exact(kind: type) -> tuple[type, ...]:
    # numpy has a type for every scalar and dtype, all saved in the same way; so has `ctypes`, also of the user's.
    if type(kind).__module__ == "_ctypes" and not any(
        isinstance(static(kind, name), FunctionType) for name in _HOOKS
    ):
        return kind.__mro__
    return kind.__mro__ if kind.__module__ in {"numpy", "numpy.dtypes"} else (kind,)


def _differs(kind: type, name: str) -> bool:
    found = static(kind, name)
    return found is not None and found is not getattr(object, name, None) and _name_of(found) not in _EXACT


def _name_of(function: Any) -> tuple[str, str]:
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    return (module, name) if isinstance(module, str) and isinstance(name, str) else ("", "")


def _is_c(function: Any) -> bool:
    return isinstance(function, BuiltinFunctionType)


def is_named_tuple(kind: type) -> bool:
    """Tell whether a class is one that `namedtuple` made, or adds nothing that pickle would ask."""
    for each in kind.__mro__:
        if "__new__" in each.__dict__:
            code = getattr(each.__dict__.get("__getnewargs__"), "__code__", None)
            return code == _GETNEWARGS and static(kind, "__iter__") is tuple.__iter__
    return False


def _has_slots(kind: type) -> bool:
    return any(each.__dict__.get("__slots__") for each in kind.__mro__)


# --- whose a class is ---


@lru_cache(maxsize=2048)
def _is_library(module: str) -> bool:
    """Tell whether a module was installed: with Python, or as a package beside it."""
    top = module.partition(".")[0]
    if top == "__main__":
        return False  # the notebook, although the file that began the process was installed
    if top in sys.stdlib_module_names or top in sys.builtin_module_names:
        return True
    found = sys.modules.get(module) or sys.modules.get(top)
    file = getattr(found, "__file__", None)
    if not isinstance(file, str):
        # Made while running, or a package without a file of its own: where it was found tells.
        file = next(iter(getattr(found, "__path__", ())), "")
    parts = Path(file).parts
    return "site-packages" in parts or "dist-packages" in parts


def is_local(kind: type) -> bool:
    """Tell whether a class is the user's: of the notebook, or of a module that was not installed."""
    module: Any = kind.__module__  # a class body may set it to anything
    return not (isinstance(module, str) and _is_library(module))


def side_tables(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the tables beside a class in which its instances may have state: by weak reference, or by id.

    Those of the notebook are variables, or lie in its classes, and are saved there; but ids are others then.
    """
    for each in kind.__mro__:
        if not is_local(each):
            continue
        for name, value in each.__dict__.items():
            if _is_keyed_by_id(value) or (type(value) is WeakKeyDictionary and each.__module__ != "__main__"):
                yield f"{each.__qualname__}.{name}", value
        module = sys.modules.get(each.__module__)
        if each.__module__ != "__main__" and isinstance(module, ModuleType):
            for name, value in tuple(vars(module).items()):
                if type(value) is WeakKeyDictionary or _is_keyed_by_id(value):
                    yield f"{each.__module__}.{name}", value


def _is_keyed_by_id(value: Any) -> bool:
    return type(value) is dict and 0 < len(value) <= _MANY and set(map(type, value)) == {int}
