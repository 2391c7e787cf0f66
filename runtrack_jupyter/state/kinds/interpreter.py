"""Objects of which the interpreter has exactly one: they are their place, not their content."""

import os
import sys
import types
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.kinds.instances import reduce_ordinary
from runtrack_jupyter.state.rebuild.code import attribute

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS", "standing_for"]

_OF_SYS = (
    "flags",
    "version_info",
    "float_info",
    "hash_info",
    "implementation",
    "int_info",
    "thread_info",
)


_PLAIN_OF_SYS = ("path", "modules", "argv", "meta_path", "path_hooks", "path_importer_cache")


class Place:
    """Stands for a plain container that has a place of its own in the interpreter: pickle would copy it."""

    __slots__ = ("name", "owner")

    def __init__(self, owner: types.ModuleType, name: str) -> None:
        self.owner = owner
        self.name = name


def standing_for(value: Any) -> Any:
    """Return what to save in place of a variable's value: of `sys.path` or a module's names, their place."""
    if type(value) is not list and type(value) is not dict:
        return value
    for name in _PLAIN_OF_SYS:
        if getattr(sys, name, None) is value:
            return Place(sys, name)
    if type(value) is dict and type(value.get("__name__")) is str:
        module = sys.modules.get(value["__name__"])
        if (
            getattr(module, "__dict__", None) is value
            and module is not None
            and module.__name__ != "__main__"
        ):
            return Place(module, "__dict__")
    return value


def reduce_place(_pickler: "StatePickler", place: Place) -> Any:
    """Reduce to where it is."""
    return attribute, (place.owner, place.name)


def reduce_environ(_pickler: "StatePickler", environ: Any) -> Any:
    """Reduce the environment of the process to its place."""
    if environ is os.environ:
        return attribute, (os, "environ")
    if environ is getattr(os, "environb", None):
        return attribute, (os, "environb")
    return NotImplemented


def reduce_namespace(pickler: "StatePickler", value: Any) -> Any:
    """Reduce what `sys` says about this Python to its place, and others with their dict where it is held elsewhere."""
    found = reduce_of_sys(pickler, value)
    return reduce_ordinary(pickler, value) if found is NotImplemented else found


def reduce_of_sys(_pickler: "StatePickler", value: Any) -> Any:
    """Reduce what `sys` says about this Python to its place: another Python says its own."""
    for name in _OF_SYS:
        if getattr(sys, name, None) is value:
            return attribute, (sys, name)
    return NotImplemented


REDUCERS: Reducers = {
    (Place.__module__, Place.__qualname__): reduce_place,
    ("os", "_Environ"): reduce_environ,
    **{("sys", type(getattr(sys, name)).__qualname__): reduce_of_sys for name in _OF_SYS},
    (types.SimpleNamespace.__module__, types.SimpleNamespace.__qualname__): reduce_namespace,
}
