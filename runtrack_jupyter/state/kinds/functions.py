"""Functions, code and modules, as what `rebuild` makes them from again.

A function of the notebook is saved by value, its globals are not: they are the live namespace, which the
pickler holds in its memo before it starts (`pickling`). A function of an importable module is its name.
"""

import gc
import marshal
import sys
import types
from typing import TYPE_CHECKING, Any

from cloudpickle.cloudpickle import _code_reduce, _lookup_module_and_qualname

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import code as rebuild

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS", "is_importable", "is_importable_object", "is_imported"]

# Version 2 writes no back references. Later versions write them by reference count, which changes from one
# look to the next while the code does not.
_MARSHAL_VERSION = 2


def is_importable(value: Any) -> bool:
    """Tell whether importing a module and taking an attribute gives this very function or class."""
    return _lookup_module_and_qualname(value) is not None


def reduce_function(pickler: "StatePickler", function: types.FunctionType) -> Any:
    """Reduce a function by value, unless it can be imported."""
    if is_importable(function):
        pickler.modules.add(function.__module__)
        return NotImplemented
    pickler.note_function(function)
    attributes: dict[str, Any] = {
        "__qualname__": function.__qualname__,
        "__module__": function.__module__,
        "__doc__": function.__doc__,
        "__defaults__": function.__defaults__,
        "__kwdefaults__": function.__kwdefaults__,
    }
    if sys.version_info >= (3, 14):
        # Annotations are evaluated when somebody asks; asking here could raise, or run user code.
        attributes["__annotate__"] = function.__annotate__
    else:
        attributes["__annotations__"] = function.__annotations__
    if sys.version_info >= (3, 12):
        attributes["__type_params__"] = function.__type_params__
    made_of = (function.__code__, _space_of(pickler, function), function.__name__, function.__closure__)
    state = (attributes, function.__dict__)
    return rebuild.function, made_of, state, None, None, rebuild.set_function


def _space_of(pickler: "StatePickler", function: types.FunctionType) -> Any:
    names = function.__globals__
    if names is pickler.namespace:
        return names
    module = sys.modules.get(names.get("__name__", ""))
    if module is not None and getattr(module, "__dict__", None) is names and module.__name__ != "__main__":
        return module
    for holder in gc.get_referrers(names):  # slow, and rare: a module made by hand, or by none at all
        if isinstance(holder, types.ModuleType) and holder.__dict__ is names:
            return holder
    return names


def reduce_code(pickler: "StatePickler", code: types.CodeType) -> Any:
    """Reduce a code object to its marshalled form, which only this version of Python can read."""
    pickler.holds_code = True
    try:
        return rebuild.code, (marshal.dumps(code, _MARSHAL_VERSION),)
    except ValueError:  # constants that marshal does not know, put there by code that rewrites code
        return _code_reduce(code)


def reduce_cell(_pickler: "StatePickler", cell: types.CellType) -> Any:
    """Reduce a closure cell, contents as state: a function may well be in its own cell."""
    try:
        contents = cell.cell_contents
    except ValueError:
        return rebuild.cell, ()
    # In a tuple: pickle takes a state that is None for no state, and the cell would come back empty.
    return rebuild.cell, (), (contents,), None, None, rebuild.fill_cell


def reduce_module(pickler: "StatePickler", module: types.ModuleType) -> Any:
    """Reduce a module to its name; one that was made by hand, to its names."""
    if module.__dict__ is pickler.namespace:
        return rebuild.module, ("__main__",)
    name, spec = module.__name__, getattr(module, "__spec__", None)
    known = sys.modules.get(name) is module
    if is_imported(module) or (spec is not None and spec.origin is not None):
        return rebuild.module, (name,)  # maybe reloaded or removed from sys.modules since
    pickler.tie(module)
    own = {name: value for name, value in module.__dict__.items() if name != "__builtins__"}
    make = rebuild.known_module if known else rebuild.own_module
    return make, (name,), own, None, None, rebuild.set_attributes


def is_imported(module: types.ModuleType) -> bool:
    """Tell whether importing its name gives this module, and would in another process."""
    if sys.modules.get(module.__name__) is not module:
        return False
    names = vars(module)
    found_by = (names.get(each) for each in ("__spec__", "__loader__", "__file__", "__path__"))
    return any(found_by) or "." in module.__name__ or "__spec__" not in names


def reduce_cached(pickler: "StatePickler", wrapper: Any) -> Any:
    """Reduce a function behind an ``lru_cache``; the results it holds cannot be seen from outside."""
    if is_importable_object(wrapper):
        return NotImplemented
    pickler.note_rebuilt("an empty cache of results")
    settings = wrapper.cache_parameters()
    made_of = (wrapper.__wrapped__, settings["maxsize"], settings["typed"])
    return rebuild.cached, made_of, vars(wrapper), None, None, rebuild.set_attributes


def is_importable_object(value: Any) -> bool:
    """Tell whether a callable is an attribute of an importable module other than the notebook."""
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    if module is None or module.__name__ == "__main__":
        return False
    try:
        return rebuild.attribute(module, value.__qualname__) is value
    except AttributeError:
        return False


REDUCERS: Reducers = {
    ("builtins", "function"): reduce_function,
    ("builtins", "code"): reduce_code,
    ("builtins", "cell"): reduce_cell,
    ("builtins", "module"): reduce_module,
    ("functools", "_lru_cache_wrapper"): reduce_cached,
}
