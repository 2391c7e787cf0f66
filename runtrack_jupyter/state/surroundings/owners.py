"""What attributes of libraries belong to: modules, classes that can be imported, and objects that a module holds."""

import importlib
import marshal
import operator
import sys
import types
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cloudpickle.cloudpickle import _lookup_module_and_qualname

from runtrack_jupyter.state.kinds.functions import is_imported
from runtrack_jupyter.state.ledger import NOTHING
from runtrack_jupyter.state.surroundings.stores import Stores

__all__ = [
    "Owner",
    "attributes",
    "differing",
    "follow",
    "namespace_of",
    "now",
    "owner_at",
    "owners_of",
    "package_of",
    "put",
    "same",
]

_MOST = 256  # owners that one cell may reach
_IMMUTABLE, _HEAP_TYPE = 1 << 8, 1 << 9  # of `type.__flags__`
_ATOMS = (bool, int, float, complex, str, bytes, type(None))


class Owner(NamedTuple):
    """Something with attributes, and where it is found: below `module` by its dotted `path`, "" for the module."""

    value: Any
    module: str
    path: str

    def place(self, name: str) -> str:
        """Return where one of its attributes is found, in a form that `owner_at` understands."""
        return f"{self.module}:{self.path}.{name}" if self.path else f"{self.module}:{name}"


def owner_at(place: str) -> tuple[Owner, str]:
    """Return the owner and the name that a key means, importing the module; raises where there is none."""
    module, _, path = place.partition(":")
    *below, name = path.split(".")
    value: Any = importlib.import_module(module)
    for part in below:
        value = getattr(value, part)
    return Owner(value, module, ".".join(below)), name


def owners_of(stores: Stores, namespace: Mapping[str, Any]) -> dict[int, Owner]:
    """Return whatever the code mentions that attributes of libraries may belong to, by id."""
    found: dict[int, Owner] = {}
    waiting = [owner for value in _roots(stores, namespace) if (owner := _named(value)) is not None]
    while waiting and len(found) < _MOST:
        owner = waiting.pop()
        if id(owner.value) in found or namespace_of(owner.value) is namespace:
            continue
        found[id(owner.value)] = owner
        own = namespace_of(owner.value)
        for name in stores.mentioned & own.keys():
            below = _below(owner, name, own[name])
            if below is not None:
                waiting.append(below)
    return found


def _roots(stores: Stores, namespace: Mapping[str, Any]) -> Iterable[Any]:
    for name in stores.mentioned & namespace.keys():
        yield namespace[name]
    if stores.blindly:
        yield from [each for each in namespace.values() if issubclass(type(each), types.ModuleType)]
    for name in stores.imported:
        for module in (name, name.partition(".")[0]):
            if module in sys.modules:
                yield sys.modules[module]


def _named(value: Any) -> Owner | None:
    """Return a module, or a class that can be imported, as an owner."""
    kind = type(value)
    if issubclass(kind, types.ModuleType):
        return Owner(value, value.__name__, "") if is_imported(value) else None
    if not issubclass(kind, type) or value.__flags__ & (_HEAP_TYPE | _IMMUTABLE) != _HEAP_TYPE:
        return _singleton(value)
    try:
        found = _lookup_module_and_qualname(value)
    except Exception:  # noqa: BLE001 - metaclasses are anybody's, and asked for names here
        return None
    return None if found is None else Owner(value, found[0].__name__, found[1])


def _singleton(value: Any) -> Owner | None:
    """Return an object that its module has under a name of its own, as configurations of libraries are."""
    if not _may_own(value):
        return None
    module = sys.modules.get(type(value).__module__)
    if module is None or module.__name__ == "__main__":
        return None
    name = next((name for name, each in tuple(vars(module).items()) if each is value), None)
    return None if name is None else Owner(value, module.__name__, name)


def _below(owner: Owner, name: str, value: Any) -> Owner | None:
    kind = type(value)
    if issubclass(kind, (types.ModuleType, type)):
        return _named(value)
    path = f"{owner.path}.{name}" if owner.path else name
    return Owner(value, owner.module, path) if _may_own(value) else None


def _may_own(value: Any) -> bool:
    kind = type(value)
    if kind.__module__ in ("builtins", "functools") or kind.__dictoffset__ == 0:
        return False
    return not issubclass(kind, (types.FunctionType, *_ATOMS))


def namespace_of(value: Any) -> Mapping[str, Any]:
    """Return the `__dict__` of an owner without asking it."""
    try:
        own = vars(value) if issubclass(type(value), type) else object.__getattribute__(value, "__dict__")
    except Exception:  # noqa: BLE001 - somebody's own `__dict__`
        return {}
    return own if isinstance(own, (dict, types.MappingProxyType)) else {}


def follow(path: tuple[str, ...], namespace: Mapping[str, Any]) -> Any:
    """Return what lies at a path of names that code spells out, as far as that is seen without running anything."""
    value = namespace.get(path[0], NOTHING)
    for name in path[1:]:
        value = namespace_of(value).get(name, NOTHING)
    return value


def package_of(value: Any) -> str:
    """Return the package that a value is part of."""
    kind = type(value)
    if issubclass(kind, types.ModuleType):
        name: Any = value.__name__
    else:
        name = value.__module__ if issubclass(kind, (type, types.FunctionType)) else kind.__module__
    return str(name).partition(".")[0]


def attributes(owner: Any, names: frozenset[str] | None) -> dict[str, Any]:
    """Return the attributes of these names, or for None all that lie in the owner itself."""
    own = namespace_of(owner)
    if names is None:
        return dict(own)
    found = {name: own[name] for name in names & own.keys()}
    return found | {name: now(owner, name) for name in names & _computed[type(owner)]}


def differing(owner: Any, names: frozenset[str] | None, former: Mapping[str, Any]) -> list[str]:
    """Return the names of attributes that are no longer what they were."""
    own = namespace_of(owner)
    if names is None:
        if len(own) == len(former) and all(map(operator.is_, own.values(), former.values())):
            return []
        names = frozenset(own)
    there = (names & own.keys()) | former.keys()
    return [name for name in there if not same(now(owner, name), former.get(name, NOTHING))]


def now(owner: Any, name: str) -> Any:
    """Return an attribute as it lies in the owner; `NOTHING` where there is none, or none of its own."""
    if name not in _computed[type(owner)]:
        return namespace_of(owner).get(name, NOTHING)
    try:
        value = getattr(owner, name)
    except Exception:  # noqa: BLE001 - a property of somebody's
        return NOTHING
    return value if isinstance(value, _ATOMS) else NOTHING


class _Computed(dict[type, frozenset[str]]):
    """The attributes that a class takes from its instances, and puts elsewhere."""

    def __missing__(self, kind: type) -> frozenset[str]:
        if len(self) > _MOST:
            self.clear()
        names = self[kind] = frozenset(
            name
            for each in kind.__mro__
            for name, value in vars(each).items()
            if hasattr(type(value), "__set__")
        )
        return names


_computed = _Computed()


def same(one: Any, other: Any) -> bool:
    """Tell whether an attribute is what it was; some numbers and texts are made anew when they are asked for."""
    if one is other:
        return True
    return (
        type(one) is type(other) and type(one) in _ATOMS and marshal.dumps(one, 2) == marshal.dumps(other, 2)
    )


def put(owner: Any, name: str, value: Any) -> None:
    """Set an attribute, or for `NOTHING` remove it."""
    if value is not NOTHING:
        setattr(owner, name, value)
    elif name in namespace_of(owner):
        delattr(owner, name)
