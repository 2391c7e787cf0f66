"""Weak references, proxies and containers; what keeps a target alive is saved where that is."""

import types
import weakref
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import code, weak
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]

_OF_DICTS = frozenset({"data", "_remove", "_pending_removals", "_iterating", "_dirty_len"})


def reduce_reference(_pickler: "StatePickler", reference: Any) -> Any:
    """Reduce a weak reference to its target and what it calls when that is gone."""
    kind, target, callback = type(reference), reference(), reference.__callback__
    if kind is weakref.ref:
        if target is None:
            return code.weak_dead, ()
        return (code.weak, (target,)) if callback is None else (weak.calling, (target, callback))
    if target is None:
        raise CannotSaveError(f"a {kind.__name__} to something that is gone")
    return weak.reference, (kind, target, callback), vars(reference), None, None, code.set_attributes


def reduce_method(_pickler: "StatePickler", reference: "weakref.WeakMethod[Any]") -> Any:
    """Reduce a weak reference to a bound method."""
    method = reference()
    if method is None:
        return weak.dead_method, ()
    outer: Any = reference._alive  # type: ignore[attr-defined]  # not in typeshed
    if not outer:
        return weak.dead_method, ()
    return weak.method, (method, _callback_of_method(reference))


def _callback_of_method(reference: Any) -> Any:
    """Return the callback, which lies in a closure of the standard library."""
    inner = reference.__callback__
    names = inner.__code__.co_freevars if isinstance(inner, types.FunctionType) else ()
    if "callback" not in names:
        raise CannotSaveError("a weak reference to a method")
    return inner.__closure__[names.index("callback")].cell_contents


def reduce_proxy(_pickler: "StatePickler", proxy: Any) -> Any:
    """Reduce a weak proxy to its target."""
    try:
        target = proxy.__sizeof__.__self__  # every attribute of a proxy is its target's
    except ReferenceError:
        return weak.dead_proxy, ()
    except AttributeError as error:
        raise CannotSaveError("a weak proxy of a class") from error
    if weakref.proxy(target) is not proxy:  # there is one without a callback
        raise CannotSaveError("a weak proxy with a callback")
    return weakref.proxy, (target,)


def reduce_dict(_pickler: "StatePickler", holder: Any) -> Any:
    """Reduce a weak dictionary to its living entries and its own attributes."""
    own = {name: value for name, value in vars(holder).items() if name not in _OF_DICTS}
    return weak.container, (type(holder),), (list(holder.items()), own), None, None, weak.set_dict


def reduce_set(_pickler: "StatePickler", holder: Any) -> Any:
    """Reduce a weak set to its living elements and its own attributes."""
    own = {name: value for name, value in vars(holder).items() if name not in _OF_DICTS}
    return weak.container, (type(holder),), (list(holder), own), None, None, weak.set_set


REDUCERS: Reducers = {
    ("weakref", "ReferenceType"): reduce_reference,
    ("weakref", "WeakMethod"): reduce_method,
    ("weakref", "ProxyType"): reduce_proxy,
    ("weakref", "CallableProxyType"): reduce_proxy,
    ("weakref", "WeakValueDictionary"): reduce_dict,
    ("weakref", "WeakKeyDictionary"): reduce_dict,
    ("_weakrefset", "WeakSet"): reduce_set,
}
