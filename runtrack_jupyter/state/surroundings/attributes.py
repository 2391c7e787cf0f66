"""Attributes of libraries that cells have changed: ``np.my = 1``, ``json.dumps = mine``, ``SomeLib.Class.way = f``.

Comparing all that a library holds would find what the library does to itself, and cost milliseconds. So it is
the code of a cell, with that of the functions it reaches, that says before it runs which attributes to remember;
whatever differs afterwards is state, each attribute a root of its own.
"""

import contextlib
import marshal
import sys
import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from runtrack_jupyter.model import Gap
from runtrack_jupyter.state.ledger import NOTHING
from runtrack_jupyter.state.surroundings.owners import (
    Owner,
    attributes,
    differing,
    follow,
    namespace_of,
    now,
    owner_at,
    owners_of,
    package_of,
    put,
    same,
)
from runtrack_jupyter.state.surroundings.place import Seen
from runtrack_jupyter.state.surroundings.stores import NO_STORES, Stores

__all__ = ["ATTRIBUTE_PREFIX", "Attributes"]

ATTRIBUTE_PREFIX = "@attribute."

_UNKNOWN = object()  # what an attribute was before is not known
# Recorded as surroundings of their own, exchanged by the kernel around each cell, or nobody's to bring back.
_ELSEWHERE = frozenset(
    {
        "builtins:input",
        "getpass:getpass",
        "sys:path",
        "sys:modules",
        "os:environ",
        "warnings:filters",
        "decimal:DefaultContext",
        "sys:exc_info",
        "sys:last_exc",
        "sys:last_traceback",
        "sys:last_type",
        "sys:last_value",
    }
)
_OPTIONS = frozenset({("pandas", "options"), ("matplotlib", "rcParams")})  # places of their own


class _Changed(NamedTuple):
    """An attribute that was seen to differ from what it was at `first`: `NOTHING` where there was none."""

    owner: Owner
    name: str
    first: Any

    @property
    def now(self) -> Any:
        return now(self.owner.value, self.name)

    @property
    def still(self) -> bool:
        """Whether it differs, and not because its module was loaded again."""
        value = self.now
        return not same(value, self.first) and not _is_its_own(self.owner.value, self.name, value)


class _Watch(NamedTuple):
    """How some attributes were before a cell; all of them where `names` is None."""

    owner: Owner
    names: frozenset[str] | None
    first: dict[str, Any]

    def changes(self) -> Iterator[tuple[str, Any]]:
        """Yield the names that differ, and what they were."""
        for name in differing(self.owner.value, self.names, self.first):
            yield name, self.first.get(name, NOTHING)


class Attributes:
    """What cells did to libraries, and what was there before."""

    def __init__(self) -> None:
        self._changed: dict[str, _Changed] = {}  # by module, path and name
        self._watches: list[_Watch] = []
        self._expected: Stores = NO_STORES
        self._namespace: Mapping[str, Any] = {}
        self._refused: dict[str, str] = {}

    # --- around a cell ---

    def expect(self, stores: Stores, namespace: Mapping[str, Any]) -> None:
        """Be told what the next cell may store, before it does."""
        self._changed = {place: each for place, each in self._changed.items() if each.still}
        self._watches, self._expected, self._namespace = [], stores, namespace
        if stores:
            names = None if stores.blindly else stores.attributes
            self._watches = [
                _Watch(owner, names, attributes(owner.value, names))
                for owner in self._owners(stores).values()
            ]

    def _owners(self, stores: Stores) -> dict[int, Owner]:
        known = {id(each.owner.value): each.owner for each in self._changed.values()}
        found = owners_of(stores, self._namespace)
        return {number: known.get(number, owner) for number, owner in found.items()}

    def _settle(self) -> None:
        """Find what the cell changed, also in what it imported."""
        stores = self._expected
        for watch in self._watches:
            for name, first in watch.changes():
                value, place = now(watch.owner.value, name), watch.owner.place(name)
                if name in stores.attributes or _is_of_a_user(name, value):
                    self._note(place, _Changed(watch.owner, name, first))
        if stores:
            self._settle_imports(stores)

    def _note(self, place: str, change: _Changed) -> None:
        if place not in _ELSEWHERE:
            self._changed.setdefault(place, change)

    def _settle_imports(self, stores: Stores) -> None:
        watched = {id(each.owner.value) for each in self._watches}
        owners = self._owners(stores)
        spelt_out = {(id(follow(path[:-1], self._namespace)), path[-1]) for path in stores.paths}
        for number, owner in owners.items():
            if number in watched:
                continue
            for name in stores.attributes & namespace_of(owner.value).keys():
                value = now(owner.value, name)
                if (number, name) in spelt_out or _is_of_the_notebook(value, self._namespace):
                    first = _UNKNOWN if _mentions(owner, name) else NOTHING
                    self._note(owner.place(name), _Changed(owner, name, first))
        for path in stores.paths:
            self._refuse(path, owners)

    def _refuse(self, path: tuple[str, ...], owners: Mapping[int, Owner]) -> None:
        """Note what a cell stored in a library where nobody sees it."""
        first = follow(path[:1], self._namespace)
        if not issubclass(type(first), types.ModuleType) or id(first) not in owners or len(path) < 3:
            return
        holder = follow(path[:-1], self._namespace)
        if id(holder) not in owners and (first.__name__, path[1]) not in _OPTIONS:
            words = ".".join((first.__name__, *path[1:]))
            self._refused[words] = f"a cell changed {words}, which cannot be saved: it stays as it is"

    # --- as a place ---

    def look(self) -> dict[str, Seen]:
        """Return each attribute that is not what it was, by its root; of a removed one, an empty tuple."""
        self._settle()
        found = {}
        for place, each in self._changed.items():
            if each.still:
                value = each.now
                content = () if value is NOTHING else (value,)
                found[ATTRIBUTE_PREFIX + place] = Seen(marshal.dumps(id(value), 2), content, plain=False)
        return found

    def gaps(self) -> list[Gap]:
        """Return what was changed and cannot be saved."""
        return [
            Gap(subject=ATTRIBUTE_PREFIX + place, kind="unpicklable", reason=words)
            for place, words in self._refused.items()
        ]

    def touched(self, values: Iterable[Any]) -> Collection[str]:
        """Return the roots of attributes that code may have changed which could reach `values`."""
        changed = [place for place, each in self._changed.items() if each.still]
        if not changed:
            return ()
        packages = {package_of(value) for value in values}
        return [ATTRIBUTE_PREFIX + place for place in changed if _package(place) in packages]

    def apply(self, root: str, content: tuple[Any, ...]) -> str:
        """Set an attribute, or remove it; returns why not, or an empty string."""
        place = root[len(ATTRIBUTE_PREFIX) :]
        try:
            known = self._changed.get(place)
            if known is None:
                owner, name = owner_at(place)
                known = self._changed[place] = _Changed(owner, name, now(owner.value, name))
            put(known.owner.value, known.name, content[0] if content else NOTHING)
        except Exception as error:  # noqa: BLE001 - modules run when imported, and `__setattr__` is anybody's
            return f"{type(error).__name__}: {error}"
        return ""

    def revert(self, but: Collection[str]) -> dict[str, str]:
        """Put back what was there at first, except for the roots `but`; returns why not, by root."""
        failed = {}
        for place, each in self._changed.items():
            root = ATTRIBUTE_PREFIX + place
            if root in but or not each.still:
                continue
            if each.first is _UNKNOWN:
                failed[root] = (
                    "what it was before the notebook changed it is not known, and it stays as it is"
                )
                continue
            try:
                put(each.owner.value, each.name, each.first)
            except Exception as error:  # noqa: BLE001 - `__setattr__` is anybody's
                failed[root] = f"{type(error).__name__}: {error}"
        return failed

    @contextlib.contextmanager
    def at_first(self) -> Iterator[None]:
        """Have libraries as they were: names in what is saved mean what an import gives elsewhere."""
        changed = [each for each in self._changed.values() if each.first is not _UNKNOWN and each.still]
        if not changed:
            yield
            return
        now = [each.now for each in changed]
        try:
            _put_all(changed, [each.first for each in changed])
            yield
        finally:
            try:
                _put_all(changed, now)
            except KeyboardInterrupt:
                _put_all(changed, now)  # once more, from the beginning: never in between
                raise


def _put_all(changed: list[_Changed], values: list[Any]) -> None:
    for each, value in zip(changed, values, strict=True):
        with contextlib.suppress(Exception):  # `__setattr__` is anybody's: it stays as it is
            put(each.owner.value, each.name, value)


def _package(place: str) -> str:
    return place.partition(":")[0].partition(".")[0]


def _is_its_own(owner: Any, name: str, value: Any) -> bool:
    """Tell whether a module has this from its own code: it was loaded again."""
    if not issubclass(type(owner), types.ModuleType):
        return False
    if type(value) is types.FunctionType:
        return value.__globals__ is vars(owner) and value.__code__.co_name == name
    return issubclass(type(value), type) and value.__module__ == owner.__name__ and value.__name__ == name


def _is_of_a_user(name: str, value: Any) -> bool:
    """Tell whether a change that no code names is one of a user's, and not a library's own business."""
    return not name.startswith("_") and not issubclass(type(value), types.ModuleType)


def _is_of_the_notebook(value: Any, namespace: Mapping[str, Any]) -> bool:
    value = getattr(value, "__func__", value) if isinstance(value, (staticmethod, classmethod)) else value
    value = value.fget if isinstance(value, property) else value
    if type(value) is types.FunctionType:
        return value.__globals__ is namespace
    return issubclass(type(value), type) and value.__module__ == namespace.get("__name__")


def _mentions(owner: Owner, name: str) -> bool:
    """Tell whether the module's code has this name anywhere; True where its code cannot be read."""
    spec = getattr(sys.modules.get(owner.module), "__spec__", None)
    get_code = getattr(getattr(spec, "loader", None), "get_code", None)
    try:
        code = None if get_code is None else get_code(owner.module)
    except Exception:  # noqa: BLE001 - loaders are anybody's
        code = None
    return code is None or _mentions_in(code, name)


def _mentions_in(code: types.CodeType, name: str) -> bool:
    if name in code.co_names or name in code.co_consts or "*" in code.co_consts:
        return True
    return ("*",) in code.co_consts or any(
        _mentions_in(each, name) for each in code.co_consts if isinstance(each, types.CodeType)
    )
