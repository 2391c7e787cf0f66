"""Functions, code and modules, as what `rebuild` makes them from again.

A function of the notebook is saved by value, its globals are not: they are the live namespace, which the
pickler holds in its memo before it starts (`pickling`). A function of an importable module is its name.
"""

import marshal
import sys
import types
import weakref
from typing import TYPE_CHECKING, Any

from cloudpickle.cloudpickle import _code_reduce, _lookup_module_and_qualname

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import code as rebuild

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS", "is_importable", "is_importable_object"]

# Version 2 writes no back references. Later versions write them by reference count, which changes from one
# look to the next while the code does not.
_MARSHAL_VERSION = 2


def is_importable(value: Any) -> bool:
    """Tell whether importing a module and taking an attribute gives this very function or class."""
    return _lookup_module_and_qualname(value) is not None


def reduce_function(pickler: "StatePickler", function: types.FunctionType) -> Any:
    """Reduce a function by value, unless it can be imported."""
    if is_importable(function):
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
    return rebuild.cell, (), contents, None, None, rebuild.set_cell


def reduce_module(pickler: "StatePickler", module: types.ModuleType) -> Any:
    """Reduce a module to its name; one that was made by hand, to its names."""
    if module.__dict__ is pickler.namespace:
        return rebuild.module, ("__main__",)
    if sys.modules.get(module.__name__) is module:
        return rebuild.module, (module.__name__,)
    spec = getattr(module, "__spec__", None)
    if spec is not None and spec.origin is not None:
        return rebuild.module, (module.__name__,)  # reloaded or removed from sys.modules since
    pickler.tie(module)
    names = {name: value for name, value in module.__dict__.items() if name != "__builtins__"}
    return rebuild.own_module, (module.__name__,), names, None, None, rebuild.set_attributes


def reduce_cached(_pickler: "StatePickler", wrapper: Any) -> Any:
    """Reduce a function behind an ``lru_cache``; the results it holds cannot be seen from outside."""
    if is_importable_object(wrapper):
        return NotImplemented
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


def reduce_weak(_pickler: "StatePickler", reference: "weakref.ref[Any]") -> Any:
    """Reduce a weak reference to its target; what keeps the target alive is saved where it is."""
    target = reference()
    if target is None:
        return rebuild.weak_dead, ()
    return rebuild.weak, (target,)


REDUCERS: Reducers = {
    ("builtins", "function"): reduce_function,
    ("builtins", "code"): reduce_code,
    ("builtins", "cell"): reduce_cell,
    ("builtins", "module"): reduce_module,
    ("functools", "_lru_cache_wrapper"): reduce_cached,
    ("weakref", "ReferenceType"): reduce_weak,
}
